"""Are dates and times in ISO 8601 form? Only whole values that can be nothing but a date are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from interop_harness.checks.formats import DATE, DATE_TIME
from interop_harness.checks.values import Value, texts
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

MONTH = (
    r"(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?"
    r"|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)"
)
CLOCK = r"([ ,T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?( ?(z|gmt|bst|utc|[+-]\d{2}:?\d{2}))?)?"
DAY = r"(0?[1-9]|[12]\d|3[01])"
YEAR = r"(19|20)\d{2}"
WEEKDAY = r"((mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,? +)?"
OTHER = re.compile(
    "|".join(
        (
            rf"{DAY}([/.-]){DAY}([/.-]){YEAR}{CLOCK}",
            rf"{YEAR}[/.]{DAY}[/.]{DAY}{CLOCK}",
            rf"{WEEKDAY}{DAY}(st|nd|rd|th)?[ -]{MONTH}\.?,?[ -]{YEAR}{CLOCK}",
            rf"{WEEKDAY}{MONTH}\.? {DAY}(st|nd|rd|th)?,? {YEAR}{CLOCK}",
            rf"{YEAR}-(1[3-9]|2\d|3[01])-(0[1-9]|1[0-2]){CLOCK}",
            rf"{YEAR}-(\d-\d{{1,2}}|\d\d-\d){CLOCK}",
        )
    ),
    re.IGNORECASE | re.ASCII,
)
"""31/12/2030, 12.31.2030, 2030/12/31, 31 December 2030, Tue, 31 Dec 2030 09:30:00 GMT, 2030-31-12, 2030-1-5."""
SHORTEST, LONGEST = 6, 60


def dated(body: Any) -> list[tuple[str, str]]:
    """The dates in an answer, each with its pointer."""
    return texts(body, is_date) if isinstance(body, (dict, list)) else []


@lru_cache(maxsize=16_384)
def is_date(text: str) -> bool:
    """Whether a text is a date, or a date and time, in any of the forms that are known here."""
    if not SHORTEST <= len(text) <= LONGEST:
        return False
    return bool(DATE.match(text) or DATE_TIME.match(text) or OTHER.fullmatch(text.strip()))


def judged(found: Iterable[Value], rule: str) -> Iterator[Finding]:
    """``no-other-forms``: no date in another form than ISO 8601. ``zone``: a date with a time says its zone."""
    if rule not in {"no-other-forms", "zone"}:
        raise InternalError("date-rule", f"There is no rule {rule!r} for dates.")
    for each in found:
        if rule == "no-other-forms" and OTHER.fullmatch(each.value.strip()):
            expected = "a date as in ISO 8601, such as 2030-12-31"
            yield Finding(expected, show(each.value), each.exchange, each.pointer)
        elif rule == "zone":
            moment = DATE_TIME.match(each.value)
            if moment is not None and not moment["zone"]:
                expected = "a date and time with its zone, such as 2030-12-31T09:30:00Z"
                yield Finding(expected, show(each.value), each.exchange, each.pointer)
