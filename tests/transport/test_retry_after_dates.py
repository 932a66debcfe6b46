"""A date in Retry-After is written by the service's clock, and read by that clock too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from interop_harness.evidence import Request
from interop_harness.transport import LiveTransport
from interop_harness.transport.pacing import moment, retry_after_seconds
from tests.hostile.server import answer, serving

from .test_busy_token_endpoint import Busy, signed_in
from .test_live import TARGET, Answers

OURS = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, TWO = timedelta(hours=1), timedelta(seconds=2)


def http_date(when: datetime) -> str:
    return format_datetime(when, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("skew", [HOUR, -HOUR, timedelta()], ids=["ahead", "behind", "as ours"])
def test_the_distance_between_the_two_dates_is_waited_for(skew: timedelta, status: int) -> None:
    waits: list[float] = []
    theirs = OURS + skew
    busy = httpx.Response(status, headers={"Date": http_date(theirs), "Retry-After": http_date(theirs + TWO)})
    with LiveTransport(
        TARGET, inner=Answers(busy, httpx.Response(200)), sleep=waits.append, clock=lambda: OURS
    ) as transport:
        exchange = transport.send(Request("GET", "/"))
        after = transport.send(Request("GET", "/2"))
    assert (exchange.status, exchange.attempts, after.status) == (200, 2, 200)
    assert waits and all(1.5 < wait <= 2 for wait in waits)


@pytest.mark.parametrize(
    ("date", "age", "seconds"),
    [
        (None, None, 2.0),
        ("soon", None, 2.0),
        ("", None, 2.0),
        ("Thu, 32 Jan 2026 00:00:00 GMT", None, 2.0),
        (http_date(OURS - HOUR), None, 3602.0),
        # A cache kept the answer for an hour: it is as old.
        (http_date(OURS - HOUR), "3600", 2.0),
        (http_date(OURS - HOUR), "long", 3602.0),
        (http_date(OURS - HOUR), "9" * 40, 0.0),
        (http_date(OURS + HOUR), None, 0.0),
        ("Thu, 01 Jan 2026 00:00:00 -0000", None, 2.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", "999999999", 2.0),
    ],
)
def test_by_which_clock(date: str | None, age: str | None, seconds: float) -> None:
    assert retry_after_seconds(http_date(OURS + TWO), moment(date, age, OURS)) == seconds
    assert retry_after_seconds("7", moment(date, age, OURS)) == 7.0


def test_a_token_endpoint_has_a_clock_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = datetime.now(UTC) + HOUR
    dates = (f"Date: {http_date(theirs)}".encode(), f"Retry-After: {http_date(theirs + timedelta(seconds=1))}".encode())
    service = Busy(answer(b"{}", *dates, status=b"429 Wait"), 1)
    with serving(service) as server, signed_in(tmp_path, server.url, monkeypatch) as transport:
        exchange = transport.send(Request("GET", "/1"))
    assert exchange.ok, exchange.failure
    first, second = service.asked_at
    assert 0.9 <= second - first < 5
