"""Do values come from the code lists that a standard publishes, held as data in the profile?

A value that differs from a code only in capitals, spaces, slashes, hyphens or underscores is named as such: it is the
usual mistake, and cheap to repair. For waste services; Blue Badge codes and FHIR's required bindings ask the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from interop_harness.checks.values import Value
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show
from interop_harness.profile.openapi import find

SHOWN = 8
"""Codes named in a finding; a long list is named and counted."""


def codes_of(lists: Mapping[str, Sequence[str]], names: Sequence[str]) -> list[str]:
    """The codes of one or several lists. Raises InternalError for a list that the profile does not hold."""
    for name in names:
        if name not in lists:
            raise InternalError(
                "codelist-unknown", f"The profile holds no code list {name!r}.", f"It holds {sorted(lists)}."
            )
    return list(dict.fromkeys(str(code) for name in names for code in lists[name]))


def folded(text: str) -> str:
    """A code without what people vary: capitals, and the spaces, slashes, hyphens and underscores between words."""
    return re.sub(r"[\s_/\-]+", " ", text).strip().casefold()


def members(found: Iterable[Value], codes: Sequence[str], name: str, *, exact: bool) -> Iterator[Finding]:
    """Values are codes of a list: letter for letter when ``exact``, else capitals and separators put aside."""
    near: dict[str, str] = {}
    for code in codes:
        near.setdefault(folded(code), code)
    known = set(codes)
    for each in found:
        if each.value in known if isinstance(each.value, str) else False:
            continue
        close = near.get(folded(each.value)) if isinstance(each.value, str) else None
        if close is None:
            yield Finding(f"a code of {name} ({_told(codes)})", show(each.value), each.exchange, each.pointer)
        elif exact:
            observed = f"{show(each.value)}, which differs from it in {_difference(each.value, close)}"
            yield Finding(f"{show(close)}, as {name} writes it", observed, each.exchange, each.pointer)


def _difference(text: str, code: str) -> str:
    if text.casefold() == code.casefold():
        return "capitals only"
    if text.count("/") != code.count("/"):
        return "spaces, slashes, hyphens or underscores only"
    return "spaces, hyphens or underscores only" if text.strip() != code else "spaces around it only"


def _told(codes: Sequence[str]) -> str:
    named = ", ".join(show(code, 40) for code in codes[:SHOWN])
    return named if len(codes) <= SHOWN else f"{named} and {len(codes) - SHOWN} more"


def served(found: Iterable[Value], own: Iterable[Value], where: str) -> Iterator[Finding]:
    """Values are among those that the supplier's own list of codes serves."""
    known = {str(value.value).strip().casefold() for value in own}
    for each in found:
        if not isinstance(each.value, (str, int)) or str(each.value).strip().casefold() not in known:
            yield Finding(f"a value that {where} lists", show(each.value), each.exchange, each.pointer)


def short(found: Iterable[Value], characters: int) -> Iterator[Finding]:
    """Codes fit the screens that they are made for."""
    for each in found:
        if isinstance(each.value, str) and len(each.value) > characters:
            observed = f"{len(each.value)} characters: {show(each.value)}"
            yield Finding(f"at most {characters} characters", observed, each.exchange, each.pointer)


def by_group(entries: Iterable[Value], code: str, group: str) -> dict[str, set[str]]:
    """The codes that a supplier's own list holds, by the group that each entry names."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        here, there = find(entry.value, code), find(entry.value, group)
        if isinstance(here, str) and isinstance(there, str):
            found.setdefault(there, set()).add(here)
    return found


def complete(
    groups: Mapping[str, set[str]], codes: Sequence[str], within: str, place: tuple[str, str], also: Sequence[str] = ()
) -> Iterator[Finding]:
    """One group, the one named or any, holds every code of a list. ``place``: the exchange, and where the list is.

    ``also``: other names that published documents give the same group.
    """
    exchange, pointer = place
    named = [groups[name] for name in (within, *also) if name in groups] or [set[str]()]
    held = named if within else list(groups.values())
    lacking = min(([code for code in codes if code not in one] for one in held), key=len, default=list(codes))
    if lacking:
        where = f"the group {within}" if within else "one group"
        told = ", ".join(show(code, 40) for code in lacking[:SHOWN])
        yield Finding(f"{_told(codes)} in {where}", f"no {told}", exchange, pointer)


def absent(
    groups: Mapping[str, set[str]], codes: Sequence[str], within: str, place: tuple[str, str]
) -> Iterator[Finding]:
    """A group does not hold codes that were withdrawn, whatever their capitals and the blanks around them."""
    held = {held.strip().casefold(): held for held in sorted(groups.get(within, set()))}
    for code in codes:
        if code.casefold() in held:
            yield Finding(f"no {show(code)} in the group {within}", show(held[code.casefold()]), *place)
