"""TLS that must be refused, and TLS that must work."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import FailureKind, Probe, Request
from interop_harness.implementation import Auth, Implementation, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from interop_harness.transport.probing import plain_port

from .certificates import Pair, authority, make, server_context
from .server import SHORT, Asked, answer, bare, serving

OK = answer()
K = FailureKind


def trusting(url: str, folder: Path, *, host: str = "") -> Implementation:
    """A target that trusts the test authority."""
    ca_file, _ = authority().write(folder, "authority")
    address = url.replace("127.0.0.1", host) if host else url
    return replace(load_target(address), ca_file=ca_file, limits=replace(SHORT, timeout=2, connect_timeout=1))


def ask(target: Implementation, *, host: str = "") -> tuple[str, list[Probe]]:
    """What a request gives ("ok" or the failure's kind and sentence), and what the preflight sees."""
    with LiveTransport(target, load_credentials(target)) as transport:
        exchange = transport.send(Request("GET", "/"))
        probes = preflight(target, transport)
    if exchange.failure is None:
        return "ok", probes
    assert exchange.failure.kind is K.TLS, exchange.failure
    return exchange.failure.message, probes


CASES: list[tuple[str, Callable[[], Pair], str]] = [
    ("good", lambda: make("good", authority()), "ok"),
    ("expired", lambda: make("old", authority(), ends=timedelta(hours=-1)), "has expired"),
    ("not yet valid", lambda: make("new", authority(), starts=timedelta(hours=1)), "not valid yet"),
    ("self-signed", lambda: make("self"), "self-signed"),
    ("wrong address", lambda: make("other", authority(), addresses=("10.0.0.1",)), "for another address"),
    ("unknown authority", lambda: make("foreign", make("Foreign authority", authority=True)), "not trusted"),
    ("made for clients", lambda: make("client", authority(), client=True), "not meant for servers"),
]


@pytest.mark.parametrize(("pair", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_certificates(pair: Callable[[], Pair], expected: str, tmp_path: Path) -> None:
    context = server_context(pair(), tmp_path)
    with serving(lambda asked: asked.say(OK), tls=context) as server:
        said, probes = ask(trusting(server.url, tmp_path))
    assert expected in said
    (tls,) = [probe for probe in probes if probe.name == "tls"]
    assert tls.ok is (expected == "ok")
    assert len(tls.facts["sha256"]) == 64 and len(tls.facts["spki_sha256"]) == 64
    assert tls.facts["protocol"] == "TLSv1.3"
    assert isinstance(tls.facts["days_left"], int)
    stopper = unreachable(probes)
    if expected == "ok":
        assert stopper is None
    else:
        assert stopper is tls and tls.hint, "the certificate is described although it is refused"


def test_wrong_name(tmp_path: Path) -> None:
    context = server_context(make("other", authority(), names=("other.example",), addresses=()), tmp_path)
    with serving(lambda asked: asked.say(OK), tls=context) as server:
        said, _ = ask(trusting(server.url, tmp_path, host="localhost"))
    assert "another name" in said


def test_an_authority_that_is_not_named_is_not_trusted(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with serving(lambda asked: asked.say(OK), tls=context) as server, LiveTransport(server.target()) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is K.TLS


def test_only_old_versions(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with serving(lambda asked: asked.say(OK), tls=context) as server:
        said, probes = ask(trusting(server.url, tmp_path))
    assert "no TLS version from 1.2 on" in said
    (legacy,) = [probe for probe in probes if probe.name == "tls-legacy"]
    assert legacy.ok in (False, None), "accepted, or this OpenSSL cannot offer it"


def test_old_versions_are_seen_to_be_refused(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with serving(lambda asked: asked.say(OK), tls=context) as server:
        _, probes = ask(trusting(server.url, tmp_path))
    (legacy,) = [probe for probe in probes if probe.name == "tls-legacy"]
    assert legacy.ok in (True, None)


def test_a_name_is_sent(tmp_path: Path) -> None:
    asked_for: list[str | None] = []
    context = server_context(make("good", authority()), tmp_path)

    def named(sock: ssl.SSLObject, name: str | None, over: ssl.SSLContext) -> int | None:
        asked_for.append(name)
        return None if name == "localhost" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = named
    with serving(lambda asked: asked.say(OK), tls=context) as server:
        assert ask(trusting(server.url, tmp_path, host="localhost"))[0] == "ok"
        assert "does not know the name" in ask(trusting(server.url, tmp_path))[0]
    assert asked_for[0] == "localhost"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (lambda conn: conn.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak TLS"),
        (lambda conn: conn.sendall(bytes(range(256))), "TLS"),
        (lambda conn: conn.recv(10), "closed the connection during the TLS handshake"),
        (lambda conn: time.sleep(60), "not complete within the time allowed"),
    ],
    ids=["plain HTTP", "noise", "closes", "hangs"],
)
def test_what_is_not_tls(first: Callable[[socket.socket], object], expected: str, tmp_path: Path) -> None:
    def take(conn: socket.socket) -> bool:
        first(conn)
        return True

    with serving(lambda asked: None, on_connect=take) as server:
        target = trusting(server.url.replace("http:", "https:"), tmp_path)
        began = time.monotonic()
        with LiveTransport(target) as transport:
            exchange = transport.send(Request("GET", "/"))
        took = time.monotonic() - began
    assert exchange.failure is not None
    assert exchange.failure.kind is K.TLS, exchange.failure
    assert expected in exchange.failure.message
    assert took < 20


@pytest.fixture
def mutual(tmp_path: Path) -> ssl.SSLContext:
    return server_context(make("good", authority()), tmp_path, client_authority=authority())


def client_auth(folder: Path, pair: Pair, password: bytes | None = None) -> Auth:
    certificate, key = pair.write(folder, "client", password)
    return Auth(kind="client-certificate", certificate_file=certificate, key_file=key)


def test_a_client_certificate_is_shown(mutual: ssl.SSLContext, tmp_path: Path) -> None:
    auth = client_auth(tmp_path, make("client", authority(), client=True))
    with serving(lambda asked: asked.say(OK), tls=mutual) as server:
        target = replace(trusting(server.url, tmp_path), auth=auth)
        said, probes = ask(target)
        assert said == "ok"
        assert unreachable(probes) is None
        with LiveTransport(target, load_credentials(target)) as transport:
            anonymous = transport.send(Request("GET", "/", auth="none"))
    assert anonymous.failure is not None, "an anonymous request must not show the certificate"
    assert anonymous.failure.message == "The server requires a client certificate."


def test_a_client_certificate_is_missing(mutual: ssl.SSLContext, tmp_path: Path) -> None:
    with serving(lambda asked: asked.say(OK), tls=mutual) as server:
        said, probes = ask(trusting(server.url, tmp_path))
    assert said == "The server requires a client certificate."
    stopper = unreachable(probes)
    assert stopper is not None


def test_a_client_certificate_of_a_stranger(mutual: ssl.SSLContext, tmp_path: Path) -> None:
    auth = client_auth(tmp_path, make("client", make("Foreign authority", authority=True), client=True))
    with serving(lambda asked: asked.say(OK), tls=mutual) as server:
        said, _ = ask(replace(trusting(server.url, tmp_path), auth=auth))
    assert "client certificate" in said


def test_an_encrypted_key_without_its_password_does_not_ask(tmp_path: Path) -> None:
    auth = client_auth(tmp_path, make("client", authority(), client=True), b"correct horse")
    target = replace(trusting("https://127.0.0.1:1", tmp_path), auth=auth)
    with pytest.raises(TargetError) as caught, LiveTransport(target, load_credentials(target)):
        pass
    assert caught.value.code == "target-client-certificate"


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "nonsense.pem").write_text("nonsense")
    for name in ("nonsense.pem", "absent.pem"):
        target = replace(load_target("https://127.0.0.1:1"), ca_file=tmp_path / name)
        with pytest.raises(TargetError) as caught:
            LiveTransport(target)
        assert caught.value.code == "target-ca-file"


def test_credentials_never_follow_a_redirect_to_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_TOKEN", "canary-canary-canary")
    with serving(lambda asked: asked.say(OK)) as plain:

        def behave(asked: Asked) -> None:
            asked.say(answer(b"", b"Location: " + plain.url.encode(), status=b"302 Found"))

        with serving(behave, tls=server_context(make("good", authority()), tmp_path)) as server:
            (tmp_path / "target.yaml").write_text(
                f"base_url: {server.url}\nauth: {{kind: bearer, token_env: INTEROP_TOKEN}}\nca_file: authority.pem\n"
            )
            authority().write(tmp_path, "authority")
            target = load_target(str(tmp_path / "target.yaml"))
            with LiveTransport(target, load_credentials(target)) as transport:
                exchange = transport.send(Request("GET", "/"))
            assert server.asked[0].header("authorization") == "Bearer canary-canary-canary"
    assert not plain.asked and not plain.connections
    assert exchange.failure is not None
    assert exchange.failure.kind is K.REDIRECT
    assert "plain HTTP" in exchange.failure.message


@pytest.mark.parametrize(
    ("said", "ok"),
    [
        (answer(b"", b"Location: https://127.0.0.1/", status=b"301 Moved"), True),
        (answer(b"", b"Location: http://127.0.0.1/x", status=b"301 Moved"), False),
        (answer(b"{}"), False),
        (answer(b"", status=b"403 Forbidden"), True),
        (b"noise\r\n\r\n", True),
        (b"", True),
        (b"HTTP/1.1 " + b"2" * 5000 + b" Ok\r\n\r\n", True),
        (b"220 200 ready\r\n\r\n", True),
        (answer(b"{}").replace(b"\r\n", b"\n"), False),
        (bare(b"HTTP/1.1 301", b"LOCATION: https://127.0.0.1/"), True),
    ],
    ids=[
        *("to https", "to http", "served", "forbidden", "noise", "closed"),
        *("a number of thousands of digits", "another protocol", "served by lines that end in LF", "no reason phrase"),
    ],
)
def test_the_plain_http_port(said: bytes, ok: bool) -> None:
    with serving(lambda asked: asked.say(said)) as server, LiveTransport(server.target()) as transport:
        probe = plain_port(server.target(), transport, server.port)
        assert server.asked[0].header("authorization") is None
    assert probe.ok is ok
    assert probe.name == "http-plain"
