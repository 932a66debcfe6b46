"""The service's clock is not told from an answer that a cache kept for a while (RFC 9111, 4.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from interop_harness.evidence import Probe
from interop_harness.preflight import preflight
from interop_harness.transport import LiveTransport
from tests.hostile.server import KEEP, Asked, answer, serving


def ago(seconds: float) -> bytes:
    return b"Date: " + format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True).encode()


def clock(behave: object) -> tuple[Probe, int]:
    """What is told of the clock, and how many requests that took."""
    with serving(behave) as server, LiveTransport(server.target()) as transport:  # type: ignore[arg-type]
        probes = {probe.name: probe for probe in preflight(server.target(), transport)}
    return probes["clock"], len(server.asked)


def says(*headers: bytes) -> object:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", *headers))
        return KEEP

    return behave


def test_an_old_answer_of_a_cache_says_nothing_of_the_services_clock() -> None:
    found, asked = clock(says(ago(3600), b"Age: 3600"))
    assert found.ok is None
    assert found.summary == (
        "The answer is a cache's (Age: 3600), so the service's own clock could not be seen. "
        "With that age its date agrees with our clock."
    )
    assert asked == 2 and not found.hint


@pytest.mark.parametrize(
    ("date", "age", "words"),
    [
        # A cache counts at least as much as the date is behind its own clock: with 0 it has not counted.
        (3600, b"0", "60 minutes behind our clock"),
        (3600, b"none", "60 minutes behind our clock"),
        (3000, b"7200", "70 minutes ahead of our clock"),
    ],
)
def test_an_age_that_does_not_explain_the_date_accuses_nobody(date: int, age: bytes, words: str) -> None:
    found, _ = clock(says(ago(date), b"Age: " + age))
    assert found.ok is None and found.summary.endswith(f"With that age its date is {words}.")
    assert "this machine's clock" in found.hint


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (3600, False)])
def test_an_answer_that_no_cache_kept_is_preferred(seconds: int, ok: bool) -> None:
    def behave(asked: Asked) -> object:
        fresh = asked.header("cache-control") == "no-cache"
        asked.say(answer(b"{}", *((ago(seconds),) if fresh else (ago(7200), b"Age: 7200"))))
        return KEEP

    found, asked = clock(behave)
    assert found.ok is ok and asked == 2
    assert found.summary == (
        "The clocks agree to within 1 s." if ok else "The service's clock is 60 minutes behind ours."
    )


def test_one_that_cannot_be_asked_again_is_not_told() -> None:
    def behave(asked: Asked) -> object:
        if asked.number > 1:
            return None
        asked.say(answer(b"{}", ago(3600), b"Age: 3600"))
        return KEEP

    found, _ = clock(behave)
    assert found.ok is None and "could not be seen" in found.summary


@pytest.mark.parametrize("age", [(), (b"Age: 0",), (b"Age: 7200",)])
def test_where_the_date_is_of_now_nothing_more_is_asked(age: tuple[bytes, ...]) -> None:
    found, asked = clock(says(ago(0), *age))
    assert found.ok is True and asked == 1


@pytest.mark.parametrize("age", [(), (b"Age: 0",), (b"Age: 60",)])
def test_a_date_to_come_is_told_behind_a_cache_too(age: tuple[bytes, ...]) -> None:
    found, asked = clock(says(ago(-7200), *age))
    assert found.ok is False and asked == 1
    assert found.summary == "The service's clock is 2 hours ahead of ours."


def test_a_date_that_is_none_is_told_behind_a_cache_too() -> None:
    found, asked = clock(says(b"Date: yesterday", b"Age: 10"))
    assert found.ok is False and asked == 1
