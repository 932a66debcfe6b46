"""Dates as a search reads them: a prefix, a part of a date, and whether a record's date or period answers it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

Prefix = str
PREFIXED = re.compile(r"(eq|ge|le)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?\Z", re.ASCII)


class BadDateError(Exception):
    """A text that is no date."""


def read_date(text: str) -> tuple[Prefix, tuple[date, date]]:
    """The prefix (eq when there is none) and the days that a text names. Raises BadDateError."""
    found = PREFIXED.match(text)
    if found is None:
        raise BadDateError(text)
    try:
        return found[1] or "eq", _days(int(found[2]), int(found[3] or 0), int(found[4] or 0))
    except ValueError as error:
        raise BadDateError(text) from error


def _days(year: int, month: int, day: int) -> tuple[date, date]:
    if not month:
        return date(year, 1, 1), date(year, 12, 31)
    if not day:
        first = date(year, month, 1)
        return first, date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def answers_date(prefix: Prefix, asked: tuple[date, date], value: Any) -> bool:
    """Whether a record's value answers the question; a record without one does not."""
    if not value:
        return False
    if isinstance(value, Mapping):
        first, last = read_date(value["start"])[1][0], read_date(value["end"])[1][1]
    else:
        first, last = read_date(value)[1]
    if prefix == "ge":
        return last >= asked[0]
    if prefix == "le":
        return first <= asked[1]
    return asked[0] <= first and last <= asked[1]


def year_of(days: tuple[date, date]) -> tuple[date, date]:
    """The whole year of some days."""
    return date(days[0].year, 1, 1), date(days[1].year, 12, 31)
