"""What a service, or the user, asks for about how often it is asked is kept: counted by a real server."""

from __future__ import annotations

import threading
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
HOUR = answer(b"{}", b"Retry-After: 3600", status=b"429 Slow down")
TOLD = "the service asks for 3600 seconds without requests (429)"


# --- Retry-After --------------------------------------------------------------------------------------------------


def test_a_run_sends_nothing_more_once_it_is_asked_to_wait_for_longer_than_it_does(tmp_path: Path) -> None:
    from interop_harness.sandbox.message import SandboxResponse

    def change(number: int, request: object, found: SandboxResponse) -> SandboxResponse:
        return found if number < 30 else SandboxResponse(429, (("Retry-After", "3600"),), b"")

    with processes.supplier(change=change) as (url, counted):
        done = processes.run(processes.PROFILE, "--target", url, "--out", str(tmp_path / "run"), "-q")
        assert done.returncode == 4, done.stderr
        # What the other three workers had under way already could not be called back.
        assert len(counted.requests) <= 29 + 4
    report = processes.report(tmp_path / "run")
    assert report["run"]["unsent"] > 100
    held = [row for row in report["requirements"] if TOLD in str(row["reason"])]
    assert held and {row["verdict"] for row in held} <= {"inconclusive", "fail"}
    assert {row["attribution"] for row in held if row["verdict"] == "inconclusive"} == {"your service"}
    assert report["plan"]["selection"] is None, "the service limited the run, and not the user"


@pytest.mark.parametrize("first", [Request("GET", "/first"), Request("POST", "/first")], ids=["GET", "POST"])
def test_what_is_given_up_says_what_was_asked_for(first: Request) -> None:
    def behave(asked: Asked) -> object:
        asked.say(HOUR)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        exchanges = [transport.send(one) for one in (first, *(Request("GET", f"/{number}") for number in range(5)))]
    assert len(server.asked) == 1
    assert exchanges[0].status == 429
    for exchange in exchanges[1:]:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.TIMEOUT
        assert TOLD in exchange.failure.message and "limits.max_wait" in exchange.failure.message
        assert not exchange.sent


def test_when_the_time_asked_for_is_over_requests_are_sent_again() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", b"Retry-After: 1", status=b"429 Slow down") if asked.number == 1 else OK)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target(replace(SHORT, max_wait=0.25))) as transport:
        assert transport.send(Request("GET", "/1")).status == 429
        assert not transport.send(Request("GET", "/2")).sent
        time.sleep(1.05)
        assert transport.send(Request("GET", "/3")).ok
    assert [one.target for one in server.asked] == ["/1", "/3"]


def test_another_answer_than_429_holds_nobody_back() -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", b"Retry-After: 3600", status=b"503 Busy"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        assert [transport.send(Request("GET", f"/{number}")).status for number in range(3)] == [503] * 3
    assert len(server.asked) == 3


# --- the rate -----------------------------------------------------------------------------------------------------


def test_redirects_are_no_faster_than_the_rate() -> None:
    times: list[float] = []

    def behave(asked: Asked) -> object:
        times.append(time.monotonic())
        here = asked.target
        to = b"Location: " + here.encode() + b"/on"
        asked.say(OK if here.count("/on") == 3 else answer(b"", to, status=b"302 Found"))
        return KEEP

    with serving(behave) as server, LiveTransport(server.target(), rate=4) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(2)]
    assert [len(one.response.redirects) for one in exchanges if one.response] == [3, 3]
    assert len(times) == 8
    # The exchange takes longer than SHORT.timeout: what the harness waits is neither the service's time nor its fault.
    assert times[-1] - times[0] > 7 * 0.25 - 0.1
    assert all(one.elapsed_ms < 400 for one in exchanges), [one.elapsed_ms for one in exchanges]


def test_requests_for_a_token_are_no_faster_than_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interop_harness.transport.credentials.SHORT_LIFE", 0.0)
    times: list[float] = []

    def behave(asked: Asked) -> object:
        times.append(time.monotonic())
        token = b'{"access_token": "canary-%d-canary", "token_type": "Bearer", "expires_in": 0}' % asked.number
        asked.say(answer(token) if asked.head.startswith(b"POST /token") else OK)
        return KEEP

    with serving(behave) as server:
        auth = Auth("oauth2-client-credentials", token_url=f"{server.url}/token")
        credentials = Credentials(tokens=TokenSource(auth, "client", "s3cr3t-s3cr3t"))
        began = time.monotonic()
        with LiveTransport(server.target(), credentials, rate=5) as transport:
            assert all(transport.send(Request("GET", f"/{number}")).ok for number in range(3))
    assert len(times) == 6
    # A token and what it was asked for may go together: there are as many turns as there are requests.
    assert times[-1] - began > 5 * 0.2 - 0.1


def test_a_redirect_is_not_followed_after_a_429_that_asks_for_a_longer_wait() -> None:
    """One request is being sent on while another is told to stay away."""
    told = threading.Event()

    def behave(asked: Asked) -> object:
        if asked.target == "/away":
            asked.say(HOUR)
        else:
            told.wait(5)
            asked.say(answer(b"", b"Location: /next", status=b"302 Found"))
        return KEEP

    limits = replace(SHORT, timeout=10)
    with serving(behave) as server, LiveTransport(server.target(limits)) as transport, ThreadPoolExecutor(1) as pool:
        redirected = pool.submit(transport.send, Request("GET", "/moved"))
        while not server.asked:
            time.sleep(0.01)
        assert transport.send(Request("GET", "/away")).status == 429
        told.set()
        exchange = redirected.result(5)
    assert exchange.failure is not None and TOLD in exchange.failure.message
    assert "/next" not in [one.target for one in server.asked]
