"""Access: closed without credentials, a challenge with the 401, versions by media type."""

from __future__ import annotations

from interop_harness.checks import access, openaccess
from interop_harness.evidence import Exchange, Request, Response


def exchange_of(status: int, *headers: tuple[str, str]) -> Exchange:
    return Exchange(Request("GET", "/codes", auth="none"), Response(status, headers, b""))


def test_closed() -> None:
    assert not list(openaccess.closed(exchange_of(401), [401]))
    assert not list(openaccess.closed(exchange_of(403)))
    assert list(openaccess.closed(exchange_of(200), [401]))
    assert list(openaccess.closed(exchange_of(200)))
    assert list(openaccess.closed(exchange_of(403), [401]))


def test_challenge() -> None:
    assert not list(access.challenge(exchange_of(401, ("WWW-Authenticate", "Bearer"))))
    assert list(access.challenge(exchange_of(401)))
    assert not list(access.challenge(exchange_of(200)))


def test_accept() -> None:
    assert not list(access.accept(exchange_of(406), [406], "no Accept"))
    assert list(access.accept(exchange_of(200), [406], "no Accept"))
