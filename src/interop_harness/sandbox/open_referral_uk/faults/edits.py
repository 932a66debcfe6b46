"""The small vocabulary in which faults are written: which records, which member, what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from interop_harness.sandbox.fault import Fault
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.open_referral_uk.settings import Edit, Pick, Settings
from interop_harness.sandbox.open_referral_uk.store import Record

SupplierFault = Fault[Settings]
Change = Callable[[Record], Any]
Both = ("listed", "detailed")
NOWHERE = "0b5f8c1e-6d1a-4b8e-9c57-2f6f2f0f7a11"
"""A well-formed UUID that no record has."""


def catalogue(faults: Iterable[SupplierFault]) -> dict[str, SupplierFault]:
    return {fault.name: fault for fault in faults}


def switch(name: str, change: Callable[[Settings], Any]) -> SupplierFault:
    return Fault(name, switch=change)


def wrap(name: str, wrapper: Callable[[Handler], Handler]) -> SupplierFault:
    return Fault(name, wrap=wrapper)


def answers(
    name: str,
    when: Callable[[SandboxRequest, SandboxResponse], bool],
    change: Callable[[SandboxRequest, SandboxResponse], SandboxResponse],
) -> SupplierFault:
    """A fault that changes some answers on their way out."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(request, answer) if when(request, answer) else answer

        return handle

    return wrap(name, wrapper)


def records(
    name: str, collection: str, views: Iterable[str], change: Change, pick: Pick | None = None
) -> SupplierFault:
    """A fault in the records themselves, as they are listed, as they are read by id, or both."""
    edits = [Edit(collection, view, change, pick or every) for view in views]
    return switch(name, lambda settings: settings.edits.extend(edits))


def services(name: str, views: Iterable[str], change: Change, pick: Pick | None = None) -> SupplierFault:
    return records(name, "services", views, change, pick)


def terms(name: str, views: Iterable[str], change: Change, pick: Pick | None = None) -> SupplierFault:
    return records(name, "taxonomy_terms", views, change, pick)


def links(name: str, views: Iterable[str], change: Change, pick: Pick | None = None) -> SupplierFault:
    return records(name, "service_at_locations", views, change, pick)


# which records


def every(position: int, total: int, record: Record) -> bool:
    return True


def last(position: int, total: int, record: Record) -> bool:
    return position == total - 1


def middle(position: int, total: int, record: Record) -> bool:
    return position == total // 2


def minimal(position: int, total: int, record: Record) -> bool:
    """Services with nothing but the compulsory members; no other collection mentions them."""
    return record.keys() <= {"id", "organization_id", "name", "status", "organization"}


def ageless(position: int, total: int, record: Record) -> bool:
    """Services that no age filter returns: they state no age."""
    return "description" in record and "minimum_age" not in record and "maximum_age" not in record


def some(share: int) -> Pick:
    """One record in so many, by its place, never the first."""
    return lambda position, total, record: position % share == share - 1


def holding(path: str, share: int = 1) -> Pick:
    """Records that have a value at a path; with a share, one in so many of them by id."""

    def pick(position: int, total: int, record: Record) -> bool:
        return any(True for _ in _holders(record, path, present=True)) and int(record["id"][:4], 16) % share == 0

    return pick


# what becomes of a member; a path is written a/*/b, the star standing for every item of a list


def _holders(record: Any, path: str, *, present: bool) -> Iterator[tuple[Record, str]]:
    """Every object that holds (or, when not present, may get) the last name of the path."""
    head, _, rest = path.partition("/")
    if head == "*":
        for item in record if isinstance(record, list) else ():
            yield from _holders(item, rest, present=present)
    elif isinstance(record, dict) and rest:
        if head in record:
            yield from _holders(record[head], rest, present=present)
    elif isinstance(record, dict) and (head in record or not present):
        yield record, head


def put(path: str, value: Any) -> Change:
    """Give the member a value, whether it was there or not."""

    def change(record: Record) -> None:
        for holder, name in list(_holders(record, path, present=False)):
            holder[name] = value

    return change


def replace(path: str, value: Any) -> Change:
    """Give the member another value where it is there."""
    return alter(path, lambda old: value)


def alter(path: str, function: Callable[[Any], Any]) -> Change:
    def change(record: Record) -> None:
        for holder, name in list(_holders(record, path, present=True)):
            holder[name] = function(holder[name])

    return change


def drop(*paths: str) -> Change:
    def change(record: Record) -> None:
        for path in paths:
            for holder, name in list(_holders(record, path, present=True)):
                del holder[name]

    return change


def swap(path: str, other: str) -> Change:
    """Exchange two members of one object; ``other`` is the second member's name."""

    def change(record: Record) -> None:
        for holder, name in list(_holders(record, path, present=True)):
            if other in holder:
                holder[name], holder[other] = holder[other], holder[name]

    return change


def also(*changes: Change) -> Change:
    def change(record: Record) -> None:
        for each in changes:
            each(record)

    return change
