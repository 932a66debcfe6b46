"""What counts as a refusal of old TLS, or of plain HTTP: what the service itself was seen to do, and no more."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import Probe
from interop_harness.implementation import Implementation, load_target
from interop_harness.preflight import preflight
from interop_harness.transport import LiveTransport, load_credentials, probing
from interop_harness.transport.probing import plain_port
from tests.transport.test_proxy import tunnel

from .certificates import authority, make, server_context
from .server import SHORT, Asked, answer, serving

pytestmark = pytest.mark.skipif(not (ssl.HAS_TLSv1 and ssl.HAS_TLSv1_1), reason="OpenSSL without old TLS")
HELLO = b"\x16\x03\x01\x00\x04\x02\x00\x00\x00"


def old(conn: socket.socket) -> bool:
    """Whether the hello that has come offers TLS 1.1 at most."""
    until = time.monotonic() + 2
    while len(data := conn.recv(11, socket.MSG_PEEK)) < 11 and data and time.monotonic() < until:
        time.sleep(0.01)
    return data[9:11] == b"\x03\x02"


def ending(*pieces: bytes) -> Callable[[socket.socket], object]:
    """Reads the hello, says something, and closes in good order."""

    def end(conn: socket.socket) -> None:
        conn.recv(65536)
        for piece in pieces:
            conn.sendall(piece)

    return end


def seen(target: Implementation) -> Probe:
    with LiveTransport(target, load_credentials(target)) as transport:
        probes = preflight(target, transport)
    (legacy,) = [probe for probe in probes if probe.name == "tls-legacy"]
    return legacy


def trusting(url: str, folder: Path) -> Implementation:
    ca_file, _ = authority().write(folder, "authority")
    return replace(load_target(url), ca_file=ca_file, limits=SHORT)


@pytest.mark.parametrize(
    ("says", "ok", "words"),
    [
        (ending(b"\x15\x03\x01\x00\x02\x02\x46"), True, "are refused."),
        (ending(), True, "the connection is closed"),
        (lambda conn: time.sleep(1.5), None, "no answer came within 0.4 seconds"),
        (ending(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), None, "neither a refusal nor a whole handshake"),
        (ending(HELLO), None, "neither a refusal nor a whole handshake"),
    ],
    ids=["an alert", "closed", "silence", "HTTP", "a handshake that breaks off"],
)
def test_what_is_a_refusal(
    says: Callable[[socket.socket], object], ok: bool | None, words: str, tmp_path: Path
) -> None:
    def take(conn: socket.socket) -> bool:
        if old(conn):
            says(conn)
            return True
        return False

    context = server_context(make("good", authority()), tmp_path)
    with serving(lambda asked: asked.say(answer()), tls=context, on_connect=take) as server:
        probe = seen(trusting(server.url, tmp_path))
    assert (probe.ok, words in probe.summary) == (ok, True), probe.summary


@pytest.mark.parametrize(
    "says",
    [ending(b"\x15\x03\x01\x00\x02\x02\x46"), ending(), lambda conn: time.sleep(1)],
    ids=["alert", "ends", "hangs"],
)
def test_where_no_handshake_goes_well_nothing_is_seen_of_old_ones(
    says: Callable[[socket.socket], object], tmp_path: Path
) -> None:
    def take(conn: socket.socket) -> bool:
        says(conn)
        return True

    with serving(lambda asked: None, on_connect=take) as server:
        probe = seen(trusting(server.url.replace("http:", "https:"), tmp_path))
    assert probe.ok is None, probe.summary


@pytest.mark.parametrize("number", [1, 2], ids=["every connection", "the second connection"])
@pytest.mark.parametrize("status", [b"502 Bad Gateway", b"407 Who Are You"])
def test_a_proxy_that_refuses_is_not_the_service(number: int, status: bytes, tmp_path: Path) -> None:
    def behave(asked: Asked) -> None:
        if number in (1, asked.number):
            asked.say(answer(b"", status=status))
        else:
            tunnel(asked)

    context = server_context(make("good", authority()), tmp_path)
    with contextlib.suppress(ssl.SSLError), pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with serving(behave) as proxy, serving(lambda asked: asked.say(answer()), tls=context) as server:
        probe = seen(replace(trusting(server.url, tmp_path), proxy=proxy.url))
    assert probe.ok is None
    assert "The proxy refused the connection" in probe.summary


def test_a_handshake_that_lacks_our_certificate_refuses_no_version(tmp_path: Path) -> None:
    """Without it the handshake breaks off behind the server's hello, which took the old version."""
    context = server_context(make("good", authority()), tmp_path, client_authority=authority())
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with serving(lambda asked: asked.say(answer()), tls=context) as server:
        assert seen(trusting(server.url, tmp_path)).ok is None


# --- the plain-HTTP port ------------------------------------------------------------------------------------------


def test_a_port_that_drops_attempts_was_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def dropped(*_: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(probing, "connect", dropped)
    target = load_target("http://127.0.0.1:1")
    with LiveTransport(target) as transport:
        probe = plain_port(target, transport, 80)
    assert probe.ok is None and "a firewall drops such attempts" in probe.summary


def test_a_port_that_takes_connections_and_says_nothing_was_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "PROBE_SECONDS", 0.3)
    with serving(lambda asked: asked.hang()) as server, LiveTransport(server.target()) as transport:
        probe = plain_port(server.target(), transport, server.port)
    assert probe.ok is None and "gave no answer within 0.3 seconds" in probe.summary


def test_a_port_that_is_closed_was_seen_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda asked: None) as server:
        target = server.target()
    with LiveTransport(target) as transport:
        probe = plain_port(target, transport, server.port)
    assert probe.ok is True and "is closed" in probe.summary
