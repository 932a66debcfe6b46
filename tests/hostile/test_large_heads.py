"""How large the head of an answer may be does not depend on how its bytes arrive."""

from __future__ import annotations

import time

import pytest
from httpcore._sync.http11 import HTTP11Connection

from interop_harness.evidence import FailureKind, Request
from interop_harness.transport import LiveTransport
from interop_harness.transport.answering import MOST_HEAD

from .server import KEEP, Asked, serving

LENGTH = b"Content-Length: 2"


def head(size: int) -> bytes:
    """The head of an answer, of exactly so many bytes."""
    start, end = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\nX-Long: ", b"\r\n\r\n"
    return start + b"a" * (size - len(start) - len(end)) + end


def many(size: int) -> bytes:
    """The same of many lines."""
    start, line = b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n", b"X-Line: " + b"a" * 40 + b"\r\n"
    lines = line * ((size - len(start) - 100) // len(line))
    rest = b"X-Rest: " + b"a" * (size - len(start) - len(lines) - 12) + b"\r\n\r\n"
    return start + lines + rest


@pytest.mark.parametrize("piece", [10**6, 50_000, 3_000])
@pytest.mark.parametrize("made", [head, many])
@pytest.mark.parametrize("size", [90_000, MOST_HEAD, MOST_HEAD + 1, 120_000, 160_000, 300_000])
def test_the_bound_is_one(size: int, made, piece: int) -> None:
    said = made(size) + b"{}"
    assert said.index(b"\r\n\r\n") + 4 == size

    def behave(asked: Asked) -> object:
        pieces = [said[at : at + piece] for at in range(0, len(said), piece)]
        for one in pieces:
            asked.say(one)
            time.sleep(0.001)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        exchange = transport.send(Request("GET", "/"))
    if size <= MOST_HEAD:
        assert exchange.ok, exchange.failure
    else:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.TOO_LARGE
        assert exchange.failure.message == "The headers of the answer are larger than 100 KiB."


def test_it_is_what_h11_is_told() -> None:
    assert MOST_HEAD == HTTP11Connection.MAX_INCOMPLETE_EVENT_SIZE
