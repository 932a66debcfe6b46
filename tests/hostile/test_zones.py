"""An IPv6 address of a zone (RFC 6874): it is asked over that interface, and nobody else is told of it."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import load_target
from interop_harness.preflight import preflight
from interop_harness.transport import LiveTransport
from interop_harness.transport.resolving import without_zone

from .certificates import authority, make, server_context
from .server import KEEP, SHORT, Asked, answer, serving, with_limits

LOOPBACK = next((name for number, name in socket.if_nameindex() if name.startswith("lo")), "")


def works() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return bool(LOOPBACK)


needs_ipv6 = pytest.mark.skipif(not works(), reason="no IPv6 here")


def ok(asked: Asked) -> object:
    asked.say(answer())
    return KEEP


def zoned(url: str, zone: str):
    return with_limits(load_target(url.replace("::1", f"::1%25{zone}")), SHORT)


@needs_ipv6
@pytest.mark.parametrize("by", ["name", "number"])
def test_it_is_asked_and_the_zone_is_not_sent(by: str) -> None:
    zone = LOOPBACK if by == "name" else str(socket.if_nametoindex(LOOPBACK))
    with serving(ok, host="::1") as server, LiveTransport(zoned(server.url, zone)) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.ok, exchange.failure
    assert server.asked[0].header("host") == f"[::1]:{server.port}"


@needs_ipv6
def test_over_tls_the_certificate_is_the_address(tmp_path: Path) -> None:
    context = server_context(make("good", authority(), addresses=("::1",)), tmp_path)
    ca_file, _ = authority().write(tmp_path, "authority")
    with serving(ok, host="::1", tls=context) as server:
        stated = replace(zoned(server.url, LOOPBACK), ca_file=ca_file)
        with LiveTransport(stated) as transport:
            exchange = transport.send(Request("GET", "/"))
            (tls,) = [probe for probe in preflight(stated, transport) if probe.name == "tls"]
    assert exchange.ok, exchange.failure
    assert tls.ok, tls


@needs_ipv6
def test_a_redirect_to_the_address_without_it_is_to_the_same_host() -> None:
    def behave(asked: Asked) -> object:
        to = f"Location: http://{asked.header('host')}/on".encode()
        asked.say(answer() if asked.target == "/on" else answer(b"", to, status=b"302 Found"))
        return KEEP

    with serving(behave, host="::1") as server, LiveTransport(zoned(server.url, LOOPBACK)) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.ok, exchange.failure


def test_one_that_is_not_here_is_told_as_that() -> None:
    stated = zoned("http://[::1]:1", "nowhere0")
    with LiveTransport(stated) as transport:
        exchange = transport.send(Request("GET", "/"))
        (dns,) = [probe for probe in preflight(stated, transport) if probe.name == "dns"]
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.DNS
    told = "The address ::1 is of the zone nowhere0, which is no network interface of this machine."
    assert exchange.failure.message == told == dns.summary
    assert "interface" in dns.hint


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("fe80::1%25eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "[fe80::1]:80"),
        ("[fe80::1%eth0]", "[fe80::1]"),
        ("[::1]:80", "[::1]:80"),
        ("ex%41mple.org:80", "ex%41mple.org:80"),
        ("example.org", "example.org"),
    ],
)
def test_what_is_left_of_an_address(host: str, expected: str) -> None:
    assert without_zone(host) == expected
