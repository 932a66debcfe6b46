"""A token endpoint that limits how often it is asked, or is down for a moment: never the client's doing."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import Attribution, FailureKind, Request
from interop_harness.execution.record import barred
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from tests.hostile.server import KEEP, Asked, answer, serving

from .test_credentials import CANARY, OAUTH, Login, target

LIMITS = "limits: {max_wait: 1, wait_budget: 4}"


class Busy(Login):
    """Answers ``first`` to as many of the first requests for a token."""

    def __init__(self, first: bytes, times: int) -> None:
        super().__init__()
        self.first, self.times, self.asked_at = first, times, list[float]()

    def __call__(self, asked: Asked) -> object:
        if asked.target.startswith("/token"):
            self.asked_at.append(time.monotonic())
            if len(self.asked_at) <= self.times:
                asked.say(self.first)
                return KEEP
        return super().__call__(asked)


def busy(status: bytes, *headers: bytes) -> bytes:
    return answer(b'{"error":"slow_down"}', *headers, status=status)


def signed_in(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, **more: object) -> LiveTransport:
    monkeypatch.setenv("INTEROP_CANARY", CANARY)
    found = target(folder, url, OAUTH.format(url=url, more=""), LIMITS)
    found = replace(found, limits=replace(found.limits, **more))  # type: ignore[arg-type]
    return LiveTransport(found, load_credentials(found), workers=4)


@pytest.mark.parametrize("status", [b"429 Slow Down", b"503 Busy"])
def test_it_is_asked_again_when_it_says(status: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Busy(busy(status, b"Retry-After: 1"), 1)
    with serving(service) as server, signed_in(tmp_path, server.url, monkeypatch) as transport:
        probes = preflight(transport.implementation, transport)
        exchange = transport.send(Request("GET", "/1"))
    assert unreachable(probes) is None
    assert exchange.ok, exchange.failure
    first, second = service.asked_at
    assert second - first >= 0.95, "not before the second that it asked for"


@pytest.mark.parametrize("status", [b"429 Slow Down", b"503 Busy"])
def test_one_that_stays_busy_is_not_our_configuration(
    status: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Busy(busy(status, b"Retry-After: 0"), 1000)
    with serving(service) as server, signed_in(tmp_path, server.url, monkeypatch) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(4)]
        anonymous = transport.send(Request("GET", "/", auth="none"))
        probes = preflight(transport.implementation, transport)
    for exchange in exchanges:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.TIMEOUT
        assert f"the token endpoint answers {status[:3].decode()}" in exchange.failure.message
        assert exchange.concern is Attribution.SERVICE
        assert not exchange.sent
    assert anonymous.status == 401, "what needs no token is asked all the same"
    assert len(service.asked_at) == 3, "the attempts of one request, and no more for a while"
    stopper = unreachable(probes)
    assert stopper is not None and stopper.name == "credentials"
    assert "test again later" in stopper.hint and "secret" not in stopper.hint
    assert barred(stopper)(Request("GET", "/")).concern is Attribution.SERVICE


def test_a_long_wait_ends_the_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interop_harness.transport.credentials.REMEMBER_FAILURE", 0.05)
    service = Busy(busy(b"429 Slow Down", b"Retry-After: 3600"), 1000)
    with serving(service) as server, signed_in(tmp_path, server.url, monkeypatch) as transport:
        first = transport.send(Request("GET", "/1"))
        time.sleep(0.1)
        others = [transport.send(Request("GET", "/2")), transport.send(Request("GET", "/3", auth="none"))]
        asked = len(server.asked)
    assert first.failure is not None and "asks for 3600 seconds" in first.failure.message
    for other in others:
        assert other.failure is not None and other.concern is Attribution.SERVICE
        assert other.failure.message.startswith("Not sent: the token endpoint asks for 3600 seconds")
    assert asked == 1


def test_an_overloaded_one_is_left_alone_as_long_as_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interop_harness.transport.credentials.REMEMBER_FAILURE", 0.05)
    service = Busy(busy(b"503 Busy", b"Retry-After: 3600"), 1000)
    with serving(service) as server, signed_in(tmp_path, server.url, monkeypatch) as transport:
        for number in range(3):
            assert transport.send(Request("GET", f"/{number}")).concern is Attribution.SERVICE
            time.sleep(0.1)
    assert len(service.asked_at) == 1


def test_a_limit_of_ours_says_nothing_of_the_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", CANARY)
    service = Login()
    service.expires_in = 0
    with serving(service) as server:
        found = target(tmp_path, server.url, OAUTH.format(url=server.url, more=""))
        with LiveTransport(found, load_credentials(found), max_requests=2) as transport:
            assert transport.send(Request("GET", "/1")).ok
            over = transport.send(Request("GET", "/2"))
    assert over.failure is not None and over.failure.kind is FailureKind.LIMIT
    assert over.failure.message == "Not sent: --max-requests 2 was reached."
