"""Does a list keep to the span of time that is asked for, and to the identifiers that are asked for?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from interop_harness.checks.formats import moment
from interop_harness.checks.values import Value, filled
from interop_harness.evidence import Exchange, Finding
from interop_harness.profile.openapi import find

SHOWN = 5
GRACE = timedelta(minutes=5)
"""Two clocks, and the time that a run takes."""

Moments = Mapping[str, tuple[datetime, Value]]


def moments(records: Sequence[tuple[str, Value]], member: str) -> Moments:
    """Record id → its moment at a member and where that stands; what is no moment with a zone is left out."""
    found = {}
    for identifier, record in records:
        for value in filled([record], member)[:1]:
            when = moment(value.value.strip()) if isinstance(value.value, str) else None
            # The first and the last year are no moments to reckon with: a zone or a day more leads out of the calendar.
            if identifier and when is not None and when.tzinfo is not None and 1 < when.year < 9999:
                found[identifier] = (when.astimezone(UTC), value)
    return found


def written(when: datetime, offset_minutes: int = 0) -> str:
    """A moment as RFC 3339 writes it, with what fraction it has; in UTC, or so many minutes ahead of it."""
    here = when.astimezone(timezone(timedelta(minutes=offset_minutes)))
    return here.isoformat().replace("+00:00", "Z")


def outside(found: Moments, start: datetime, end: datetime, asked: str) -> Iterator[Finding]:
    """Records whose moment lies before or after the span."""
    shown = 0
    for identifier, (when, place) in found.items():
        if not start <= when <= end and shown < SHOWN:
            shown += 1
            expected = f"moments from {written(start)} to {written(end)} for {asked}"
            yield Finding(expected, f"record {identifier} of {written(when)}", place.exchange, place.pointer)


def lost(
    known: Moments, returned: Mapping[str, Any], start: datetime | None, end: datetime | None, exchange: Exchange
) -> Iterator[Finding]:
    """Known records of the span that did not come back; of all of them, where no span was asked for."""
    inside, span = list(known), ""
    if start is not None and end is not None:
        inside = [identifier for identifier, (when, _) in known.items() if start <= when <= end]
        span = f" from {written(start)} to {written(end)}"
    gone = [identifier for identifier in inside if identifier not in returned]
    if gone:
        target = exchange.request.target
        expected = f"all {len(inside)} known records{span} for {target}"
        more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
        yield Finding(expected, f"without {', '.join(gone[:SHOWN])}{more}", exchange.id)


def not_included(identifier: str, when: datetime, end: str, exchange: Exchange) -> Finding:
    """The record at the very end of a span did not come back."""
    expected = f"record {identifier}, whose moment {written(when)} is the {end} of {exchange.request.target}"
    return Finding(expected, "a list without it", exchange.id)


def too_many(count: int, most: int, exchange: Exchange) -> Iterator[Finding]:
    """A list holds no more records than the standard lets it."""
    if count > most:
        yield Finding(f"at most {most} records", f"{count} records", exchange.id)


def exactly(asked: Sequence[str], came: Sequence[str], exchange: Exchange) -> Iterator[Finding]:
    """The records asked for by their identifiers come back, and no others."""
    gone = [name for name in asked if name not in came]
    extra = [name for name in came if name not in asked]
    target = exchange.request.target
    if gone:
        yield Finding(f"the record(s) {', '.join(gone[:SHOWN])} for {target}", "a list without them", exchange.id)
    if extra:
        yield Finding(f"only the {len(asked)} records asked for", f"{', '.join(extra[:SHOWN])} too", exchange.id)


def union(asked: Sequence[str], found: Mapping[str, str], exchange: Exchange) -> Iterator[Finding]:
    """Several values at once return what has any of them: nothing else, and something of each."""
    values = {value.casefold() for value in asked}
    wrong = [identifier for identifier, value in found.items() if value.casefold() not in values]
    target = exchange.request.target
    if wrong:
        expected = f"only records with {' or '.join(asked)} for {target}"
        yield Finding(expected, f"record {wrong[0]} with {found[wrong[0]]}", exchange.id)
    present = {value.casefold() for value in found.values()}
    for value in asked:
        if value.casefold() not in present:
            yield Finding(f"a record with {value} for {target}", f"{len(found)} records without one", exchange.id)


def text(record: Any, pointer: str) -> str:
    """What stands at a member, as it would be asked for; empty where nothing does."""
    found = find(record, pointer)
    return "" if found is None or isinstance(found, (bool, list, Mapping)) else str(found).strip()


def unlike(wanted: Mapping[str, str], records: Sequence[tuple[str, Value]], exchange: Exchange) -> Iterator[Finding]:
    """Records with another value than was asked for at one of the members; that one lacks any is judged elsewhere."""
    shown = 0
    for identifier, record in records:
        for pointer, value in wanted.items():
            found = text(record.value, pointer)
            if found and found.casefold() != value.casefold() and shown < SHOWN:
                shown += 1
                expected = f"only records with {value} at {pointer} for {exchange.request.target}"
                yield Finding(expected, f"record {identifier} with {found}", exchange.id, f"{record.pointer}{pointer}")


def between(before: set[str], came: set[str], after: set[str], exchange: Exchange) -> Iterator[Finding]:
    """A list holds what was there before, and nothing that is not there after: others may be at work meanwhile."""
    target = exchange.request.target
    gone, extra = sorted(before & after - came), sorted(came - before - after)
    if gone:
        names = ", ".join(gone[:SHOWN])
        yield Finding(
            f"the {len(before & after)} records of the plain list for {target}", f"without {names}", exchange.id
        )
    if extra:
        names = ", ".join(extra[:SHOWN])
        yield Finding(f"only records of the plain list for {target}", f"{names} too", exchange.id)


def refused_empty(exchange: Exchange) -> Iterator[Finding]:
    """An empty parameter is not refused."""
    yield Finding(f"the plain list for {exchange.request.target}", exchange.describe(), exchange.id)


def refused_question(exchange: Exchange) -> Finding:
    """The finding for a question that the standard allows and that is answered with an error."""
    return Finding(f"a list for {exchange.request.target}", exchange.describe(), exchange.id)
