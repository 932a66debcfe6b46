"""What may not be sent any more is refused at once, however slow the rate: a limit ends a run when it is reached."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import Auth
from interop_harness.transport import LiveTransport
from interop_harness.transport.credentials import Credentials, TokenSource
from tests.execution import processes

from .server import KEEP, SHORT, Asked, answer, serving

OK = answer()
MANY = [Request("GET", f"/{number}") for number in range(100)]
TIME, NUMBER = "Not sent: --max-time 1 was reached.", "Not sent: --max-requests 3 was reached."


def says(*answers: bytes):
    """The answers in turn, the last of them for good."""

    def behave(asked: Asked) -> object:
        asked.say(answers[min(asked.number, len(answers)) - 1])
        return KEEP

    return behave


def told(exchanges) -> set[str]:
    failures = [exchange.failure for exchange in exchanges if exchange.failure is not None]
    assert {failure.kind for failure in failures} == {FailureKind.LIMIT}
    return {failure.message for failure in failures}


@pytest.mark.parametrize("workers", [1, 32])
@pytest.mark.parametrize(
    ("rate", "limit", "most", "why"),
    [
        (4.0, {"max_seconds": 1.0}, 4, TIME),
        (0.05, {"max_seconds": 1.0}, 1, TIME),
        (5.0, {"max_requests": 3}, 3, NUMBER),
        (0.5, {"max_requests": 1}, 1, "Not sent: --max-requests 1 was reached."),
    ],
)
def test_a_limit_ends_a_slow_run(workers: int, rate: float, limit: dict[str, float], most: int, why: str) -> None:
    with (
        serving(says(OK)) as server,
        LiveTransport(server.target(), rate=rate, workers=workers, **limit) as transport,  # type: ignore[arg-type]
        ThreadPoolExecutor(workers) as pool,
    ):
        began = time.monotonic()
        exchanges = list(pool.map(transport.send, MANY))
        took = time.monotonic() - began
    sent = len(server.asked)
    assert sent == sum(exchange.ok for exchange in exchanges)
    assert sent == most if "max_requests" in limit else 1 <= sent <= most
    assert told(exchanges) == {why}
    assert took < len(MANY) / rate / 2, "at the rate it would have been twice that, and more"


def test_a_turn_that_is_not_taken_is_not_lost_for_others() -> None:
    """A busy token endpoint's refusal gives back what was counted: as many are sent as may be."""
    busy = [answer(b"{}", status=b"503 Busy")] * SHORT.max_attempts
    with serving(says(*busy, OK)) as server:
        auth = Auth("oauth2-client-credentials", token_url=f"{server.url}/token")
        credentials = Credentials(tokens=TokenSource(auth, "client", "s3cr3t-s3cr3t"))
        allowed = SHORT.max_attempts + 2
        with LiveTransport(server.target(), credentials, max_requests=allowed) as transport:
            assert not transport.send(Request("GET", "/first")).sent
            others = [transport.send(Request("GET", f"/{number}", auth="none")) for number in range(3)]
    assert [exchange.ok for exchange in others] == [True, True, False]
    assert len(server.asked) == allowed


def test_the_next_turn_is_as_soon_as_if_those_refused_had_not_asked() -> None:
    slow = answer(b"{}", b"Retry-After: 2", status=b"429 Slow down")
    limits = replace(SHORT, max_wait=0.2)
    with serving(says(slow, OK)) as server, LiveTransport(server.target(limits), rate=2) as transport:
        assert transport.send(Request("GET", "/first")).status == 429
        began = time.monotonic()
        assert not any(transport.send(request).sent for request in MANY[:10])
        time.sleep(max(0.0, began + 2.05 - time.monotonic()))
        assert transport.send(Request("GET", "/later")).ok
        assert time.monotonic() - began < 4.5, "each of ten would have waited for half a second to be refused"


@pytest.mark.parametrize(
    "first",
    [
        answer(b"{}", b"Retry-After: 0", status=b"429 Slow down"),
        answer(b"{}", b"Retry-After: 0", status=b"503 Busy"),
        answer(b"", b"Location: /on", status=b"302 Found"),
    ],
    ids=["429", "503", "redirect"],
)
def test_what_comes_next_of_an_exchange_waits_no_longer_either(first: bytes) -> None:
    with serving(says(first, OK)) as server, LiveTransport(server.target(), rate=0.1, max_seconds=1) as transport:
        began = time.monotonic()
        exchange = transport.send(Request("GET", "/first"))
        assert time.monotonic() - began < 5
    assert len(server.asked) == 1
    assert told([exchange]) == {TIME}


def test_nor_does_a_form_for_a_token() -> None:
    with serving(says(OK)) as server:
        auth = Auth("oauth2-client-credentials", token_url=f"{server.url}/token")
        credentials = Credentials(tokens=TokenSource(auth, "client", "s3cr3t-s3cr3t"))
        with LiveTransport(server.target(), credentials, rate=0.1, max_seconds=1) as transport:
            began = time.monotonic()
            exchange = transport.send(Request("GET", "/first"))
            assert time.monotonic() - began < 5
    assert not server.asked
    assert told([exchange]) == {TIME}


def test_a_whole_run_ends_within_the_time_it_was_given(tmp_path: Path) -> None:
    with processes.supplier() as (url, counted):
        began = time.monotonic()
        words = ("--out", str(tmp_path / "run"), "-q", "--rate", "2", "--workers", "8", "--max-time", "2")
        done = processes.run(processes.PROFILE, "--target", url, *words)
        took = time.monotonic() - began
    assert done.returncode == 4, done.stderr
    assert len(counted.requests) <= 5
    assert took < 20, "three hundred requests at this rate are two and a half minutes"
    assert processes.report(tmp_path / "run")["plan"]["selection"] == ["--max-time 2"]
