"""408 as a server gives a connection up: not the answer to the request that it crossed (RFC 9110, 15.5.9)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.transport import LiveTransport, sockets

from .runs import SHORT, well, whole_run
from .server import KEEP, Asked, answer, serving

GONE = answer(b"", b"Connection: close", status=b"408 Request Time-out")
FIRST, SECOND = Request("GET", "/first"), Request("GET", "/second")


def gives_up(said: bytes = answer()):
    """Answers one request a connection, and gives it up on the second: the two crossed on their way."""
    seen: set[object] = set()

    def behave(asked: Asked) -> object:
        if asked.conn in seen:
            asked.say(GONE)
            return None
        seen.add(asked.conn)
        asked.say(said)
        return KEEP

    return behave


@pytest.mark.parametrize(
    "request_", [SECOND, Request("HEAD", "/second"), Request("POST", "/second", repeatable=True)], ids=str
)
def test_what_may_be_sent_again_is_asked_on_a_connection_of_its_own(request_: Request) -> None:
    spent: list[int] = []
    with (
        serving(gives_up()) as server,
        LiveTransport(server.target(), on_spent=lambda: spent.append(1)) as transport,
    ):
        transport.send(FIRST)
        exchange = transport.send(request_)
    assert exchange.ok and exchange.attempts == 1, exchange
    assert [asked.target for asked in server.asked] == ["/first", "/second", "/second"]
    assert server.connections == 2
    assert len(spent) == 1, "what is no attempt counts beside it"


def test_one_that_is_redirected_counts_too() -> None:
    def behave(asked: Asked) -> object:
        if asked.target == "/on":
            # The redirect leaves the connection open, and this comes over it again.
            asked.say(GONE if asked.number < 3 else answer())
            return None if asked.number < 3 else KEEP
        asked.say(answer(b"", b"Location: /on", status=b"302 Found"))
        return KEEP

    spent: list[int] = []
    with serving(behave) as server, LiveTransport(server.target(), on_spent=lambda: spent.append(1)) as transport:
        exchange = transport.send(FIRST)
    assert exchange.ok and exchange.attempts == 1
    assert len(server.asked) == 4 == len(spent) + exchange.attempts


def test_one_on_a_new_connection_is_the_answer() -> None:
    with serving(lambda asked: asked.say(GONE)) as server, LiveTransport(server.target()) as transport:
        assert transport.send(FIRST).status == 408
    assert len(server.asked) == 1


def test_one_that_comes_again_is_the_answer() -> None:
    def behave(asked: Asked) -> object:
        asked.say(GONE if asked.target == "/second" else answer())
        return None if asked.target == "/second" else KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        transport.send(FIRST)
        exchange = transport.send(SECOND)
    assert exchange.status == 408 and exchange.attempts == 1
    assert len(server.asked) == 3


@pytest.mark.parametrize("idle", [0.0, 1.0])
def test_what_is_not_safe_is_not_sent_again(idle: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no answer where the connection had idled; where it had not, the server read it and answers it."""
    monkeypatch.setattr(sockets, "IDLE", idle)
    with serving(gives_up()) as server, LiveTransport(server.target()) as transport:
        transport.send(FIRST)
        exchange = transport.send(Request("POST", "/second"))
    assert len(server.asked) == 2
    if idle:
        assert exchange.status == 408
    else:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.RESET
        assert "408" in exchange.failure.message


def test_it_counts_towards_the_limit() -> None:
    with serving(gives_up()) as server, LiveTransport(server.target(), max_requests=2) as transport:
        transport.send(FIRST)
        exchange = transport.send(SECOND)
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.LIMIT
    assert len(server.asked) == 2


def test_an_honest_service_behind_a_balancer_that_does_it_is_conformant() -> None:
    served: dict[object, int] = {}

    def behave(asked: Asked) -> object:
        served[asked.conn] = served.get(asked.conn, 0) + 1
        if served[asked.conn] % 5 == 0:
            asked.say(GONE)
            time.sleep(0.01)
            return None
        return well(asked)

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=10))
    assert ended.verdict == "conformant", ended.told()
    assert sum(1 for one in served.values() if one >= 5) > 5
