"""Are dates due or past when they say so? Days are counted where people live, on the clock that the run was given.

A moment with a zone belongs to the local day it falls on there; one without a zone, and a bare date, are taken as
local already. The local zone comes from the rows, so both clock changes of a year are the zone database's business.

For household waste collections; a FHIR profile's appointments and a list's not_before dates ask the same questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interop_harness.checks import formats
from interop_harness.checks.values import Value, filled
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

MIDNIGHT = timedelta(minutes=10)
"""So near to midnight the supplier's clock may show another day than ours; a date one day off then proves nothing."""

YEARS = (1900, 2999)
"""Days of other years are passed over when a window is chosen: they stand for "unknown" or "for ever"."""
RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII)
FORMS = {
    "iso8601": "a date or a date and time as in ISO 8601",
    "rfc3339": "a date, or a date and time with seconds and zone, as in RFC 3339 (2030-01-31T07:00:00Z)",
}


@dataclass(frozen=True, slots=True)
class Today:
    """The day it is in a zone, and how near its ends are."""

    zone: ZoneInfo
    now: datetime
    margin: timedelta = MIDNIGHT

    @classmethod
    def of(cls, now: datetime, zone: str) -> Today:
        """Raises InternalError when the zone is not known here: our trouble, never the supplier's."""
        try:
            return cls(ZoneInfo(zone), now.astimezone(ZoneInfo(zone)))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InternalError("zone-unknown", f"The time zone {zone!r} is not known on this machine.") from error

    def exact(self) -> Today:
        """The same day, without allowing for clocks that differ."""
        return replace(self, margin=timedelta(0))

    @property
    def day(self) -> date:
        return self.now.date()

    @property
    def earliest(self) -> date:
        """The day on a clock that is a little slow; the wall clock is shifted, whatever the zone does meanwhile."""
        return (self.now.replace(tzinfo=None) - self.margin).date()

    @property
    def latest(self) -> date:
        """The day on a clock that is a little fast."""
        return (self.now.replace(tzinfo=None) + self.margin).date()

    def local_day(self, text: object) -> date | None:
        """The local day of a date or moment; None when the value is neither, which a check of its form says."""
        if not isinstance(text, str):
            return None
        if formats.real_date(text):
            return date.fromisoformat(text)
        moment = formats.moment(text)
        if moment is None:
            return None
        try:
            return moment.astimezone(self.zone).date() if moment.tzinfo is not None else moment.date()
        except (OverflowError, ValueError):
            return None


def written(found: Iterable[Value], form: str) -> Iterator[Finding]:
    """Dates are written in a form: ``iso8601``, or ``rfc3339`` with seconds and a zone wherever there is a time."""
    if form not in FORMS:
        raise InternalError("schedule-form", f"There is no form of dates {form!r}.", f"Known: {', '.join(FORMS)}.")
    for each in found:
        text = each.value
        right = isinstance(text, str) and (formats.real_date(text) or _moment(text, form))
        if not right:
            yield Finding(FORMS[form], show(text), each.exchange, each.pointer)


def _moment(text: str, form: str) -> bool:
    if formats.moment(text) is None:
        return False
    return form == "iso8601" or RFC3339.match(text) is not None


def due(found: Iterable[Value], today: Today, until: str = "") -> Iterator[Finding]:
    """Dates are today or later; ``until`` names the member beside a date that says how long it lasts."""
    for each, day in _days(found, today):
        holder = each.parent if isinstance(each.parent, Mapping) else {}
        last = today.local_day(holder.get(until))
        if day < today.earliest and (last is None or last < today.earliest):
            yield Finding(f"{today.day} or later: it is due", _told(each, day, today), each.exchange, each.pointer)


def past(found: Iterable[Value], today: Today) -> Iterator[Finding]:
    """Dates are today or earlier."""
    for each, day in _days(found, today):
        if day > today.latest:
            yield Finding(f"{today.day} or earlier: it is past", _told(each, day, today), each.exchange, each.pointer)


def window(days: Iterable[date]) -> tuple[date, date] | None:
    """The days around one of those given, so that others lie outside: on both sides where that can be, else on one."""
    every = sorted(day for day in set(days) if YEARS[0] <= day.year <= YEARS[1])
    best: tuple[int, date, date] | None = None
    for day in every[len(every) // 2 :] + every[: len(every) // 2]:
        first, last = day - timedelta(days=1), day + timedelta(days=1)
        sides = (every[0] < first) + (every[-1] > last)
        if sides and (best is None or sides > best[0]):
            best = (sides, first, last)
    return best and (best[1], best[2])


def inside(found: Iterable[Value], today: Today, first: date, last: date, asked: str) -> Iterator[Finding]:
    """Dates lie within a window that was asked for, both ends included: standards differ on whether they belong."""
    for each, day in _days(found, today):
        if not first <= day <= last:
            expected = f"a date from {first} to {last} for {asked}"
            yield Finding(expected, _told(each, day, today), each.exchange, each.pointer)


def same(name: str, member: str, listed: date, there: date, exchange: str) -> Iterator[Finding]:
    """The list and the record's own address give one day."""
    if listed != there:
        yield Finding(f"{listed} at {member} of record {name}, as in the list", str(there), exchange)


def known(found: Iterable[Value]) -> dict[str, Value]:
    """Records by the end of their own address, or by their id where they have none: what has neither is left out."""
    named = {}
    for each in found:
        record = each.value if isinstance(each.value, Mapping) else {}
        address, name = record.get("@id"), record.get("id")
        if isinstance(address, str) and address:
            named["/".join(["@", *address.rstrip("/").split("/")[-2:]])] = each
        elif isinstance(name, (str, int)) and not isinstance(name, bool) and name != "":
            named[str(name)] = each
    return named


def two_days(here: Mapping[str, Value], there: Mapping[str, Value], member: str, today: Today) -> Iterator[Finding]:
    """What is in both has the same day at a member in both.

    An id alone may be a number of that list's own: it counts where both have one name, too. No two names are one thing.
    """
    for key in sorted(here.keys() & there.keys()):
        one, other = here[key], there[key]
        names = [{str(found.value) for found in filled([record], "/name")} for record in (one, other)]
        alike = names[0] == names[1] != set() or (key.startswith("@") and not all(names))
        days = [list(_days(filled([record], member), today)) for record in (one, other)]
        if not alike or not all(days):
            continue
        (value, day), (_, listed) = days[0][0], days[1][0]
        if day != listed:
            expected = f"{listed}, as {member} of that record says in the other list (exchange {other.exchange})"
            yield Finding(expected, _told(value, day, today), value.exchange, value.pointer)


def numbered(found: Iterable[Value], tasks: Mapping[str, Value], member: str, today: Today) -> set[str]:
    """The ids of nested records that are known to be tasks of a list: none unless every one of them is one.

    Records that are nested need no id of their own, so that a number in them may be a place, a week or a code. Where
    each is a task of the same number, name and day, and one number at least is no place, they are the tasks' ids.
    """
    records = list(found)
    names = [_number(each.value) for each in records]
    if len(set(names)) < 2 or not all(
        name and name in tasks and _one_task(each, tasks[name], member, today)
        for name, each in zip(names, records, strict=True)
    ):
        return set()
    # Compared as text: Python refuses to read a number of thousands of digits.
    most = str(len(records))
    return {name for name in names if (len(name.lstrip("0")), name.lstrip("0")) > (len(most), most)}


def anothers(
    shown: Iterable[Value], own: Set[str], tasks: Mapping[str, Value], named: Set[str], member: str, today: Today
) -> Iterator[Finding]:
    """What is shown for one thing is no task of another's. ``own``: ids of the other's; ``named``: tasks of the one."""
    for each in shown:
        name = _number(each.value)
        if name in own - named and _one_task(each, tasks[name], member, today):
            expected = f"no task of another property, which has nothing in common (exchange {tasks[name].exchange})"
            yield Finding(expected, f"task {name}", each.exchange, each.pointer)


def _number(record: object) -> str:
    """The id of a nested record that is a number and nothing more: it has no address."""
    if not isinstance(record, Mapping) or record.get("@id"):
        return ""
    name = record.get("id")
    text = str(name) if isinstance(name, (str, int)) and not isinstance(name, bool) else ""
    return text if text.isascii() and text.isdecimal() else ""


def _one_task(nested: Value, task: Value, member: str, today: Today) -> bool:
    """Whether a nested record has the day and the name of a task."""
    names = [{str(found.value) for found in filled([record], "/name")} for record in (nested, task)]
    days = [{day for _, day in _days(filled([record], member), today)} for record in (nested, task)]
    return names[0] == names[1] and days[0] == days[1] != set()


def lost(names: Iterable[str], asked: str, exchange: str) -> Iterator[Finding]:
    """What has a date within the window comes back when the window is asked for."""
    for name in names:
        yield Finding(f"record {name} for {asked}: it has a date within", "no such date came back", exchange)


def some(found: Iterable[Value], member: str, asked: str, exchange: str) -> Iterator[Finding]:
    """At least one value stands there."""
    if not any(not each.blank for each in found):
        yield Finding(f"at least one date at {member} for {asked}", "none", exchange)


def _days(found: Iterable[Value], today: Today) -> Iterator[tuple[Value, date]]:
    for each in found:
        day = today.local_day(each.value)
        if day is not None:
            yield each, day


def _told(each: Value, day: date, today: Today) -> str:
    text = show(each.value)
    return text if each.value == day.isoformat() else f"{text}, which is {day} in {today.zone.key}"
