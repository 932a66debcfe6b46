"""Are property and street references written as their registers number them?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from interop_harness.checks.values import Value, below, filled
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

DIGITS: Mapping[str, int] = {"uprn": 12, "usrn": 8}
"""Kind of reference → the most digits it has."""


def mentioned(names: Iterable[str]) -> bool:
    """Whether a member of one of these names holds a reference."""
    return any(name.casefold() in DIGITS for name in names)


def named(records: Iterable[Value]) -> list[tuple[str, Value]]:
    """Members called uprn or usrn, wherever they stand, with the kind their name says."""
    return [
        (name.casefold(), found)
        for record in records
        for name, found in below(record)
        if name.casefold() in DIGITS and not found.blank and not isinstance(found.value, (list, Mapping))
    ]


def typed(containers: Iterable[Value], value: str, kind: str) -> list[tuple[str, Value]]:
    """Values beside a member that says what kind of reference they are."""
    found = []
    for holder in containers:
        kinds = [str(each.value).strip().casefold() for each in filled([holder], kind)]
        found += [(kinds[0], each) for each in filled([holder], value) if kinds and kinds[0] in DIGITS]
    return found


def well_written(references: Iterable[tuple[str, Value]]) -> Iterator[Finding]:
    """A reference is digits only, and no more than its register uses."""
    for kind, found in references:
        text = str(found.value).strip() if isinstance(found.value, (str, int)) else ""
        if isinstance(found.value, bool) or not re.fullmatch(rf"\d{{1,{DIGITS[kind]}}}", text, re.ASCII):
            expected = f"up to {DIGITS[kind]} digits for a {kind.upper()}"
            yield Finding(expected, show(found.value), found.exchange, found.pointer)


def mistakable(records: Iterable[tuple[str, Value]], kind: str, member: str) -> Iterator[Finding]:
    """A record without a reference of its own has an id that cannot be taken for one."""
    for identifier, record in records:
        if not filled([record], member) and re.fullmatch(rf"\d{{1,{DIGITS[kind]}}}", identifier, re.ASCII):
            expected = f"an id that is no possible {kind.upper()}, for a record without {member}"
            yield Finding(expected, show(identifier), record.exchange, record.pointer)
