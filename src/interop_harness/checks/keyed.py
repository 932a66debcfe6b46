"""Lists that are asked for one thing that the target file names: a property, a street, a person.

Where a list is too long to be read without a filter, no witness can be taken from it; what the supplier's facts name
takes its place. For waste services (properties and streets); a FHIR profile asks the same of patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from interop_harness.checks.values import Value, at, filled
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

SHOWN = 3
"""Records named for one mistake; the others are the same one."""

SITE = re.compile(r"(?:^|/)sites/([^/?#]+)/?(?:[?#].*)?\Z")
UPRN = re.compile(r"[0-9]{1,12}\Z")
Listed = Sequence[tuple[str, Value]]
"""Records as they came: each one's id (empty when it has none) and the record."""


def belonging(records: Listed, member: str, wanted: Sequence[str], asked: str) -> Iterator[Finding]:
    """Every record that says what it belongs to says what was asked for, or what is stated to belong to that."""
    named, same = 0, {_plain(value) for value in wanted}
    for _, record in records:
        for found in filled([record], member):
            if _plain(found.value) not in same and named < SHOWN:
                named += 1
                expected = f"{' or '.join(wanted)} at {member} of every record for {asked}"
                yield Finding(expected, show(found.value), found.exchange, found.pointer)


def _plain(value: object) -> str:
    """A reference without what people vary in writing it: the space of a postcode, the leading zeros of a UPRN."""
    text = "".join(str(value).split()).casefold()
    return (text.lstrip("0") or "0") if text.isdigit() else text


def same(left: object, right: object) -> bool:
    """Whether two references are one, in whichever way they are written."""
    return _plain(left) == _plain(right)


def stating(records: Listed, member: str) -> bool:
    """Whether any record says what it belongs to, so that there is something to judge."""
    return any(filled([record], member) for _, record in records)


def lacking(records: Listed, member: str) -> list[tuple[str, Value]]:
    """The records that say nothing at a member."""
    return [(name, record) for name, record in records if all(found.blank for found in at([record], member))]


def apart(one: Listed, other: Listed, asked: str, instead: str) -> Iterator[Finding]:
    """What belongs to one thing alone does not come for another."""
    known = {name for name, _ in one if name}
    shared = [(name, record) for name, record in other if name in known]
    for name, record in shared[:SHOWN]:
        expected = f"other records for {instead} than for {asked}, which has nothing in common with it"
        yield Finding(expected, f"record {name} in both", record.exchange, record.pointer)


def places(records: Listed, member: str) -> dict[str, Value]:
    """The properties that records say they are at: the UPRN in a site's address, or that of a place itself."""
    found: dict[str, Value] = {}
    for place in filled([record for _, record in records], member):
        inner = place.value if isinstance(place.value, Mapping) else {"@id": place.value}
        address = SITE.search(str(inner.get("@id") or ""))
        name = str(inner.get("uprn") or (address[1] if address else ""))
        if UPRN.match(name):
            found.setdefault(name, place)
    return found


def unrelated(mine: object, other: object, name: str) -> bool:
    """Whether a site is known to be another property, neither the building of this one, in it, nor beside it in one."""
    if not isinstance(mine, Mapping) or not isinstance(other, Mapping) or not same(other.get("uprn"), name):
        return False
    own, above = mine.get("uprn"), [site.get("parent_uprn") for site in (mine, other)]
    if not own or same(own, name):
        return False
    shared = bool(above[0]) and bool(above[1]) and same(*above)
    return not (shared or (above[0] and same(above[0], name)) or (above[1] and same(above[1], own)))


def elsewhere(known: Mapping[str, Value], others: Set[str], wanted: str, asked: str) -> Iterator[Finding]:
    """No record is at a property that has nothing to do with the one asked for."""
    for name in [name for name in known if name in others][:SHOWN]:
        place = known[name]
        yield Finding(f"records at {wanted} for {asked}", f"one at {name}", place.exchange, place.pointer)


def superset(narrow: Listed, wide: Mapping[str, Value], asked: str, wider: str, exchange: str) -> Iterator[Finding]:
    """Whatever one question brings, the wider question brings too."""
    missing = [name for name, _ in narrow if name and name not in wide]
    for name in missing[:SHOWN]:
        observed = f"{len(wide)} record(s), that one not among them"
        expected = f"record {name} for {wider}" + ("" if name == asked else f", as for {asked}")
        yield Finding(expected, observed, exchange)


def more(narrow: Listed, wide: Iterable[str], asked: str, wider: str, exchange: str) -> Iterator[Finding]:
    """The wider question brings something that the narrow one does not."""
    known = {name for name, _ in narrow}
    if not any(name not in known for name in wide):
        yield Finding(f"more records for {wider} than for {asked}", "none besides those", exchange)


def told(exchange_words: str, count: int | None) -> str:
    """How a value that nothing has was answered, in a few words."""
    if count is None:
        return exchange_words
    return "an empty list" if count == 0 else f"a list of {count}"
