"""What is nested in records: known by its own address or id, and whose it is when something else is asked for, too.

For the collections inside waste services; the tickets inside an account, or the visits inside a case, are nested alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from interop_harness.checks.values import Value
from interop_harness.evidence import Finding

COUNTED = 3
"""Digits of a number that may tell the place in an answer, and no record."""
SHOWN = 3
"""Records named for one mistake; the others are the same one."""


def named(found: Iterable[Value]) -> dict[str, Value]:
    """Nested records by the end of their address, or by their id: what has neither, or a small number, is left out."""
    known: dict[str, Value] = {}
    for each in found:
        record = each.value if isinstance(each.value, Mapping) else {}
        address, name = record.get("@id"), record.get("id")
        if isinstance(address, str) and of_a_kind(address):
            continue
        if isinstance(address, str) and address.strip("/"):
            known["/".join(address.rstrip("/").split("/")[-2:])] = each
        elif isinstance(name, (str, int)) and not isinstance(name, bool) and not _counted(str(name)):
            known[str(name)] = each
    return known


def of_a_kind(address: str) -> bool:
    """Whether an address is one among types (``/feature-types/…``): it tells a kind, and nothing that anybody has."""
    return address.rstrip("/").rpartition("/")[0].endswith("-types")


def _counted(name: str) -> bool:
    return not name or (name.isdecimal() and len(name) <= COUNTED)


def apart(others: Set[str], shown: Mapping[str, Value], asked: str, instead: str) -> Iterator[Finding]:
    """Nothing is shown that another thing has, with which this one has nothing in common."""
    for name in sorted(others & shown.keys())[:SHOWN]:
        expected = f"nothing for {asked} that {instead} has, which has nothing in common with it"
        yield Finding(expected, f"{name} in both", shown[name].exchange, shown[name].pointer)
