"""Where is a record, by what it says itself: at a place that was asked for, or at one that must stay away?

For waste services (properties, buildings, streets); whatever is asked for by a place that contains others is alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interop_harness.checks.keyed import places, same
from interop_harness.checks.values import Value, filled
from interop_harness.evidence import Finding

Known = Mapping[str, Value]
"""Records by their ids."""


def at_place(records: Known, member: str, place: str) -> dict[str, Value]:
    """The records that say at a member, by its address or by its number, that they are at the place."""
    return {
        name: record
        for name, record in records.items()
        if any(same(found, place) for found in places([(name, record)], member))
    }


def saying(records: Known, member: str, wanted: str) -> dict[str, Value]:
    """The records that say the wanted value at a member."""
    return {
        name: record
        for name, record in records.items()
        if any(same(found.value, wanted) for found in filled([record], member))
    }


def elsewhere(records: Known, member: str, other: str, asked: str) -> Iterator[Finding]:
    """What is known to be elsewhere does not come, neither under its id nor under its number at a member."""
    for name, record in records.items():
        if same(name, other) or any(same(found.value, other) for found in filled([record], member)):
            yield Finding(f"a list without {other} for {asked}", f"record {name}", record.exchange, record.pointer)
