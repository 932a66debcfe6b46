"""Dates as the days they may mean: a year is all its days, a moment near midnight may be the day before or after."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from interop_harness.checks.formats import moment

Span = tuple[date, date]
"""The first and the last day."""
PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z", re.ASCII)
DAY = timedelta(days=1)


def span(value: Any) -> Span | None:
    """The days of a date, of a part of one (``2030``, ``2030-06``), of a moment, or of a start with an end."""
    if isinstance(value, Mapping):
        start, end = span(value.get("start")), span(value.get("end"))
        if start is None and end is None:
            return None
        return (start[0] if start else date.min, end[1] if end else date.max)
    if not isinstance(value, str):
        return None
    found = PARTIAL.match(value)
    try:
        if found is None:
            when = moment(value)
            day = when.date() if when is not None else None
            # Whose day it is depends on a zone that the question does not name.
            return (day - DAY, day + DAY) if day is not None else None
        year, month, number = (int(part) if part else 0 for part in found.groups())
        if not month:
            return date(year, 1, 1), date(year, 12, 31)
        if not number:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, number), date(year, month, number)
    except (ValueError, OverflowError):
        return None


def moved(text: str, days: int) -> str:
    """A whole date so many days on; a part of a date stays as it is."""
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return text


def outside(found: Span, asked: Span, prefix: str) -> bool:
    """Whether no day of ``found`` answers a question for ``asked``: ``ge`` from its first day, ``le`` to its last."""
    if prefix == "ge":
        return found[1] < asked[0]
    if prefix == "le":
        return found[0] > asked[1]
    return found[1] < asked[0] or found[0] > asked[1]


def sure(value: Any) -> bool:
    """Whether a record with this value surely answers a question for the day that it names, in any zone nearby."""
    if isinstance(value, Mapping):
        return False
    when = moment(value) if isinstance(value, str) else None
    if when is None:
        return span(value) is not None
    return 2 <= when.hour < 22
