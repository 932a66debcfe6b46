"""A TLS connection that ends without its closure alert: an answer that ends with it is incomplete (RFC 9112, 8)."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import Auth, load_target
from interop_harness.preflight import preflight
from interop_harness.transport import LiveTransport, load_credentials, sockets
from interop_harness.transport.credentials import Credentials, TokenSource
from tests.transport.test_proxy import tunnel

from .certificates import authority, make, server_context
from .server import KEEP, SHORT, Asked, answer, bare, serving, with_limits

BODY = b'{"whole": "' + b"x" * 500 + b'"}'
OPEN = bare(b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Connection: close", body=BODY)
CHUNKS = bare(
    b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", b"Connection: close", body=b"%x\r\n%s\r\n0\r\n\r\n" % (513, BODY)
)
PACKED = bare(b"HTTP/1.1 200 OK", b"Content-Encoding: gzip", b"Connection: close", body=gzip.compress(BODY))
OLD = bare(b"HTTP/1.0 200 OK", b"Content-Type: application/json", body=BODY)


SAID = ["whole", "cut", "HTTP/1.0", "gzip", "gzip that is cut"]


def drop(asked: Asked) -> None:
    """End the connection, but not TLS: as a balancer does that gives up, or anybody in between."""
    time.sleep(0.02)
    socket.socket.shutdown(asked.conn, socket.SHUT_RDWR)


def end(asked: Asked) -> None:
    asked.conn.unwrap()  # type: ignore[attr-defined]


def trusting(folder: Path, url: str, proxy: str = ""):
    ca_file, _ = authority().write(folder, "authority")
    stated = replace(load_target(url), ca_file=ca_file, proxy=proxy)
    return with_limits(stated, replace(SHORT, timeout=2, connect_timeout=1))


def context(folder: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    made = server_context(make("good", authority()), folder)
    made.maximum_version = newest
    return made


def says(said: bytes, ending: Callable[[Asked], None], times: int = 1_000):
    """What is said to /, the first so many times; all else is answered well."""
    left = [times]

    def behave(asked: Asked) -> object:
        if asked.target != "/" or not left[0]:
            asked.say(answer())
            return KEEP
        left[0] -= 1
        asked.say(said)
        ending(asked)
        return None

    return behave


@pytest.mark.parametrize("proxied", [False, True], ids=["directly", "through a proxy"])
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("said", [OPEN, OPEN[:-200], OLD, PACKED, PACKED[:-9]], ids=SAID)
def test_an_answer_that_ends_with_the_connection_is_incomplete(
    said: bytes, newest: ssl.TLSVersion, proxied: bool, tmp_path: Path
) -> None:
    with serving(says(said, drop), tls=context(tmp_path, newest)) as server, serving(tunnel) as proxy:
        stated = trusting(tmp_path, server.url, proxy.url if proxied else "")
        with LiveTransport(stated, load_credentials(stated, {})) as transport:
            assert transport.send(Request("GET", "/well")).ok
            exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.RESET
    assert "without TLS's closure alert" in exchange.failure.message
    assert exchange.attempts == 2


def test_it_is_asked_for_again(tmp_path: Path) -> None:
    with (
        serving(says(OPEN[:-200], drop, 1), tls=context(tmp_path)) as server,
        LiveTransport(trusting(tmp_path, server.url)) as transport,
    ):
        assert transport.send(Request("GET", "/well")).ok
        exchange = transport.send(Request("GET", "/"))
    assert exchange.ok and exchange.attempts == 2


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (OPEN, end),
        (OLD, end),
        (PACKED, end),
        (CHUNKS, drop),
        (answer(BODY, b"Connection: close"), drop),
        (answer(BODY), drop),
    ],
    ids=["open", "HTTP/1.0", "gzip", "chunks", "length", "length, kept"],
)
def test_what_is_whole_is_whole(
    said: bytes, ending: Callable[[Asked], None], newest: ssl.TLSVersion, tmp_path: Path
) -> None:
    with (
        serving(says(said, ending), tls=context(tmp_path, newest)) as server,
        LiveTransport(trusting(tmp_path, server.url)) as transport,
    ):
        exchange = transport.send(Request("GET", "/"))
        time.sleep(0.05)
        assert transport.send(Request("GET", "/well")).ok
    assert exchange.response is not None and exchange.response.body == BODY, exchange.failure
    assert exchange.attempts == 1


def test_one_that_idled_costs_no_attempt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sockets, "IDLE", 0.0)

    def behave(asked: Asked) -> object:
        if asked.number == 2:
            # It was closed as the request was on its way.
            socket.socket.shutdown(asked.conn, socket.SHUT_RDWR)
            return None
        asked.say(answer())
        return KEEP

    with (
        serving(behave, tls=context(tmp_path)) as server,
        LiveTransport(trusting(tmp_path, server.url)) as transport,
    ):
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(3)]
    assert [(one.ok, one.attempts) for one in exchanges] == [(True, 1)] * 3
    assert len(server.asked) == 4


def test_no_answer_at_all_is_told_as_before(tmp_path: Path) -> None:
    with (
        serving(says(b"", drop), tls=context(tmp_path)) as server,
        LiveTransport(trusting(tmp_path, server.url)) as transport,
    ):
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None
    assert exchange.failure.message == "The server closed the connection without an answer."


def test_the_preflight_sees_it_too(tmp_path: Path) -> None:
    with serving(says(OPEN, drop), tls=context(tmp_path)) as server:
        stated = trusting(tmp_path, server.url)
        with LiveTransport(stated) as transport:
            (http,) = [probe for probe in preflight(stated, transport) if probe.name == "http"]
    assert http.ok is False and "without TLS's closure alert" in http.summary


def test_a_token_that_may_be_cut_off_is_not_used(tmp_path: Path) -> None:
    token = b'{"access_token": "canary-canary-canary", "token_type": "Bearer"}'
    said = bare(b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Connection: close", body=token)
    with serving(says(said, drop), tls=context(tmp_path)) as server:
        auth = Auth("oauth2-client-credentials", token_url=f"{server.url}/")
        credentials = Credentials(tokens=TokenSource(auth, "client", "s3cr3t-s3cr3t"))
        with LiveTransport(trusting(tmp_path, server.url), credentials) as transport:
            exchange = transport.send(Request("GET", "/well"))
    assert exchange.failure is not None and "without TLS's closure alert" in exchange.failure.message
