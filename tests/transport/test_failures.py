"""Every exception of the HTTP stack has a kind and a plain sentence; none is missed."""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Iterator

import h11
import httpcore
import httpx
import idna
import pytest

from interop_harness.errors import InternalError
from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import load_target
from interop_harness.transport import LiveTransport
from interop_harness.transport.failures import Trouble, classify

K = FailureKind


def family(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


def exceptions_of(module: object) -> list[type[BaseException]]:
    """What a module publishes, and everything derived from it anywhere in its own package."""
    name = module.__name__  # type: ignore[attr-defined]
    published = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__.partition(".")[0] == name
    ]
    found = {derived for one in published for derived in family(one)}
    return sorted((one for one in found if one.__module__.startswith(name)), key=lambda one: one.__name__)


def build(kind: type[BaseException]) -> BaseException:
    request = httpx.Request("GET", "http://x")
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("said", request=request, response=httpx.Response(500, request=request))
    for arguments in (("said",), (), ("said", request)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise AssertionError(kind)


STACK = [
    kind
    for module in (httpx, httpcore, h11, idna)
    for kind in exceptions_of(module)
    if kind is not h11.ProtocolError  # abstract: only its two children can be raised
]


def test_the_walk_finds_the_tree() -> None:
    names = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in STACK}
    assert {
        *("httpx.ReadTimeout", "httpx.InvalidURL", "httpx.TooManyRedirects", "httpx.CookieConflict"),
        *("httpx.StreamConsumed", "httpcore.ProxyError", "httpcore.ReadError", "h11.RemoteProtocolError"),
        *("h11.LocalProtocolError", "idna.IDNAError"),
    } <= names
    assert len(STACK) >= 45


@pytest.mark.parametrize("kind", STACK, ids=lambda kind: f"{kind.__module__.partition('.')[0]}.{kind.__name__}")
def test_each_is_a_failure_with_a_sentence(kind: type[BaseException]) -> None:
    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise build(kind)

    with LiveTransport(load_target("http://127.0.0.1"), inner=Broken()) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None
    message = exchange.failure.message
    assert message[0].isupper() and message.endswith(".") and len(message) > 15
    assert kind.__name__ not in message or kind is httpcore.ConnectionNotAvailable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout("x"), K.CONNECT),
        (httpx.ReadTimeout("x"), K.TIMEOUT),
        (httpx.WriteTimeout("x"), K.TIMEOUT),
        (httpx.PoolTimeout("x"), K.TIMEOUT),
        (httpx.ConnectError("x"), K.CONNECT),
        (httpx.ReadError("x"), K.RESET),
        (httpx.CloseError("x"), K.RESET),
        (httpx.ProxyError("407 Proxy Authentication Required"), K.PROXY),
        (httpx.TooManyRedirects("x"), K.REDIRECT),
        (httpx.DecodingError("x"), K.DECODING),
        (httpx.UnsupportedProtocol("x"), K.PROTOCOL),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), K.RESET),
        (zlib.error("x"), K.DECODING),
        (socket.gaierror(-2, "x"), K.DNS),
        (ConnectionRefusedError(111, "x"), K.CONNECT),
        (ConnectionResetError(104, "x"), K.RESET),
        (BrokenPipeError(32, "x"), K.RESET),
        (TimeoutError("x"), K.TIMEOUT),
        (OSError(101, "unreachable"), K.CONNECT),
        (OSError(9, "bad descriptor"), K.RESET),
        (ssl.SSLError("x"), K.TLS),
        (ssl.SSLCertVerificationError("x"), K.TLS),
        (ssl.CertificateError("x"), K.TLS),
        (ssl.SSLEOFError("x"), K.RESET),
        (h11.RemoteProtocolError("illegal status line: \x1b[31m\u202e", 400), K.PROTOCOL),
        (h11.RemoteProtocolError("Receive buffer too long", 431), K.TOO_LARGE),
    ],
    ids=repr,
)
def test_kinds(error: Exception, kind: FailureKind) -> None:
    trouble = classify(error)
    assert trouble is not None
    assert trouble.kind is kind
    assert trouble.message.isascii() and trouble.message.isprintable()


def test_a_cause_is_more_telling_than_its_wrapper() -> None:
    wrapped = httpx.ConnectError("x")
    wrapped.__cause__ = httpcore.ConnectError(ssl.SSLCertVerificationError("x"))
    assert (trouble := classify(wrapped)) is not None and trouble.kind is K.TLS
    outer = httpcore.ReadError("x")
    outer.__cause__ = Trouble(K.STOPPED, "The run was stopped.")
    assert (trouble := classify(outer)) is not None and trouble.kind is K.STOPPED


def test_a_circle_of_causes_ends() -> None:
    one, two = httpx.ReadError("1"), httpx.ReadError("2")
    one.__cause__, two.__cause__ = two, one
    assert (trouble := classify(one)) is not None and trouble.kind is K.RESET


@pytest.mark.parametrize("error", [KeyError("x"), AttributeError("x"), ZeroDivisionError(), RecursionError("x")])
def test_what_no_http_stack_raises_is_our_own_fault(error: Exception) -> None:
    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise error

    assert classify(error) is None
    with LiveTransport(load_target("http://127.0.0.1"), inner=Broken()) as transport:
        with pytest.raises(InternalError):
            transport.send(Request("GET", "/"))
        assert not transport.exchanges
