"""Proxies: which one is used, what it is told, and what happens when it refuses."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import Implementation, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from interop_harness.transport.proxies import Proxy, proxy_for
from tests.hostile.certificates import authority, make, server_context
from tests.hostile.server import KEEP, SHORT, Asked, answer, serving, with_limits

OK = answer(b'"by proxy"')
LOGIN = "canary:s3cr3t-proxy-password"


def through(url: str, target: str = "http://127.0.0.1:1") -> Implementation:
    return with_limits(replace(load_target(target), proxy=url), SHORT)


def tunnel(asked: Asked) -> None:
    """What a CONNECT proxy does."""
    host, _, port = asked.target.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), 2) as far, contextlib.suppress(OSError):
        asked.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        while True:
            ready, _, _ = select.select([far, asked.conn], [], [], 2)
            for sock in ready:
                data = sock.recv(65536)
                if not data:
                    return
                (asked.conn if sock is far else far).sendall(data)


def test_plain_http_is_forwarded_whole() -> None:
    def behave(asked: Asked) -> object:
        asked.say(OK)
        return KEEP

    with serving(behave) as proxy:
        target = through(proxy.url)
        with LiveTransport(target, load_credentials(target, {})) as transport:
            exchange = transport.send(Request("GET", "/x?a=%zz"))
            probes = {probe.name: probe for probe in preflight(target, transport)}
        assert proxy.asked[0].target == "http://127.0.0.1:1/x?a=%zz"
    assert exchange.ok
    assert probes["proxy"].summary == f"Requests go through the proxy {proxy.url}, named by the target file."


def test_https_is_tunnelled_with_credentials_that_are_never_shown(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    ca_file, _ = authority().write(tmp_path, "authority")

    def behave(asked: Asked) -> object:
        asked.say(OK)
        return KEEP

    with serving(tunnel) as proxy, serving(behave, tls=context) as server:
        target = replace(through(proxy.url, server.url), ca_file=ca_file)
        credentials = load_credentials(target, {"INTEROP_PROXY_CREDENTIALS": LOGIN})
        with LiveTransport(target, credentials) as transport:
            exchange = transport.send(Request("GET", "/x"))
            for number in range(5):
                assert transport.send(Request("GET", f"/{number}")).ok
            assert len(proxy.asked) == 1, "the tunnel is kept"
            probes = preflight(target, transport)
        assert proxy.asked[0].head.startswith(b"CONNECT 127.0.0.1:")
        assert proxy.asked[0].header("proxy-authorization") == f"Basic {base64.b64encode(LOGIN.encode()).decode()}"
        assert server.asked[0].header("proxy-authorization") is None
        assert server.asked[0].target == "/x"
    assert exchange.ok, exchange.failure
    assert unreachable(probes) is None
    assert {probe.name: probe.ok for probe in probes}["tls"] is True
    assert "s3cr3t" not in repr(probes) + repr(credentials)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_credentials(scheme: str, tmp_path: Path) -> None:
    refusal = answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")
    with serving(lambda asked: asked.say(refusal)) as proxy:
        target = through(proxy.url, f"{scheme}://127.0.0.1:1")
        with LiveTransport(target, load_credentials(target, {})) as transport:
            exchange = transport.send(Request("GET", "/"))
            stopper = unreachable(preflight(target, transport))
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.PROXY
    assert "407" in exchange.failure.message
    assert stopper is not None
    assert "INTEROP_PROXY_CREDENTIALS" in stopper.hint


def test_a_proxy_that_drops_the_connection_it_refused_on_is_told_as_one_that_refuses() -> None:
    """It has answered, so a reset is worth a second attempt: else the cause would go unsaid."""
    refusal = answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")
    seen: set[int] = set()

    def behave(asked: Asked) -> object:
        if id(asked.conn) in seen:
            asked.reset()
            return None
        seen.add(id(asked.conn))
        asked.say(refusal)
        return KEEP

    with serving(behave) as proxy:
        target = through(proxy.url, "http://127.0.0.1:1")
        with LiveTransport(target, load_credentials(target, {})) as transport:
            exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(3)]
    assert [exchange.failure and exchange.failure.kind for exchange in exchanges] == [FailureKind.PROXY] * 3


def test_a_proxy_that_is_not_there() -> None:
    target = through("http://127.0.0.1:1", "http://127.0.0.1:2")
    with LiveTransport(target, load_credentials(target, {})) as transport:
        exchange = transport.send(Request("GET", "/"))
        stopper = unreachable(preflight(target, transport))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.CONNECT
    assert stopper is not None and "proxy" in stopper.summary
    assert "the proxy named by the target file" in stopper.hint


def test_a_proxy_whose_name_does_not_resolve() -> None:
    with LiveTransport(FAR, load_credentials(FAR, {"HTTPS_PROXY": "http://proxy.invalid:3128"})) as transport:
        stopper = unreachable(preflight(FAR, transport))
    assert stopper is not None and stopper.name == "dns"
    assert "the proxy named by the environment variable HTTPS_PROXY" in stopper.hint, "api.example.org is not at fault"


FAR = load_target("https://api.example.org", authorised_by="me")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "http://small:1", "HTTPS_PROXY": "http://p:3128"}, "http://small:1"),
        ({"HTTP_PROXY": "http://p:3128"}, None),
        ({"ALL_PROXY": "p:3128"}, "http://p:3128"),
        ({"HTTPS_PROXY": "p"}, "http://p:80"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "localhost, .example.org"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example.org:443"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example.org:8443"}, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample.org"}, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ""}, "http://p:1"),
    ],
)
def test_the_environment_names_a_proxy(environ: dict[str, str], expected: str | None) -> None:
    found = proxy_for(FAR, environ)
    assert (found.url if found else None) == expected


def test_networks_and_loopback_are_excluded() -> None:
    near = load_target("http://10.1.2.3", authorised_by="me")
    assert proxy_for(near, {"HTTP_PROXY": "http://p:1"}) is not None
    assert proxy_for(near, {"HTTP_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}) is None
    assert proxy_for(near, {"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}) is None
    assert proxy_for(load_target("http://localhost"), {"HTTP_PROXY": "http://p:1"}) is None


def test_credentials_of_the_environment_are_secrets() -> None:
    environ = {"HTTPS_PROXY": "http://user:p%40ss-w0rd-canary@p:1"}
    proxy = proxy_for(FAR, environ)
    assert proxy == Proxy("http://p:1", "the environment variable HTTPS_PROXY", "user", "p@ss-w0rd-canary")
    assert "canary" not in repr(proxy)
    credentials = load_credentials(FAR, environ)
    assert credentials.redactor().text("p@ss-w0rd-canary") == "[redacted]"


@pytest.mark.parametrize("value", ["socks5://p:1", "http://", "ftp://p", "http://p:99999", "http://a b"])
def test_a_variable_that_names_no_http_proxy(value: str) -> None:
    with pytest.raises(TargetError) as caught:
        proxy_for(FAR, {"HTTPS_PROXY": value})
    assert "HTTPS_PROXY" in str(caught.value)


def test_a_407_within_a_tunnel_is_the_service_s(tmp_path: Path) -> None:
    """Only the service can have said it: it counts as its answer, and not as the proxy's refusal."""
    context = server_context(make("good", authority()), tmp_path)
    ca_file, _ = authority().write(tmp_path, "authority")
    refusal = answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")
    with serving(tunnel) as proxy, serving(lambda asked: asked.say(refusal), tls=context) as server:
        target = replace(through(proxy.url, server.url), ca_file=ca_file)
        with LiveTransport(target, load_credentials(target, {})) as transport:
            exchange = transport.send(Request("GET", "/x"))
    assert exchange.status == 407, exchange.failure
