"""Whole runs where what lies between us and the service is odd: TLS, names, addresses, proxies, redirects."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interop_harness.evidence import FailureKind
from interop_harness.implementation import Auth, Reference
from tests.transport.test_proxy import tunnel

from .certificates import authority, make, server_context
from .runs import SHORT, Ended, finished, reference, well
from .server import KEEP, Asked, answer, serving
from .test_verdicts import CONFIGURATION, FAIL, NETWORK, OPEN, SERVICE, Row, check

PATIENT = replace(SHORT, timeout=5, connect_timeout=2)
HTTPS_IS_A_MUST = "ORUK-OPEN-07"


def at(url: str, environ: Mapping[str, str] | None = None, **changes: Any) -> Ended:
    """A whole run against an address, with the environment given and no other."""
    return finished(url, environ={} if environ is None else environ, **{"limits": PATIENT, **changes})


def musts_failed(ended: Ended) -> set[str]:
    return {row["id"] for row in ended.rows("fail") if row["level"] == "MUST" and row["layer"] == "open-referral-uk"}


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(authority().certificate_pem())
    return path


# --- TLS ------------------------------------------------------------------------------------------------------------


def test_tls_1_0_only(ca: Path, tmp_path: Path) -> None:
    context = server_context(make("old", authority()), tmp_path)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with serving(well, tls=context) as server:
        ended = at(server.url, environment="test", ca_file=ca)
        assert not server.asked, "nothing is said over a connection that anybody may read"
    check(ended, Row("TLS 1.0", OPEN, SERVICE, "no TLS version from 1.2 on"))
    if any(probe["name"] == "tls-legacy" and probe["ok"] is False for probe in ended.report["run"]["preflight"]):
        assert "GOV-TLS-03" in {row["id"] for row in ended.rows("fail")}, "where this machine can see it, it is said"
    assert "Switch TLS 1.2 or 1.3 on." in hints(ended)


def test_a_server_that_asks_for_its_name(ca: Path, tmp_path: Path) -> None:
    """By its name it is conformant; by its address alone no handshake is to be had, and that is said."""
    context = server_context(make("named", authority()), tmp_path)

    def named(sock: ssl.SSLObject, name: str | None, over: ssl.SSLContext) -> int | None:
        return None if name == "localhost" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = named
    with serving(well, tls=context) as server:
        right = at(server.url.replace("127.0.0.1", "localhost"), environment="test", ca_file=ca)
        wrong = at(server.url, environment="test", ca_file=ca)
    assert right.verdict == "conformant", right.report["reasons"]
    assert wrong.verdict in (FAIL, OPEN)
    assert "does not know the name" in wrong.told()
    assert not wrong.rows("error")


def test_ipv6_only() -> None:
    try:
        with serving(well, host="::1") as server:
            ended = at(server.url)
    except OSError:
        pytest.skip("no IPv6 here")
    assert ended.verdict == "conformant", ended.report["reasons"]
    assert ended.report["implementation"]["base_url"].startswith("http://[::1]:")


def test_a_service_on_ipv6_whose_name_has_an_ipv4_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with serving(well, host="::1") as server:
            found = [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1)),
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", server.port, 0, 0)),
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: found)
            ended = at(f"http://localhost:{server.port}")
    except OSError:
        pytest.skip("no IPv6 here")
    assert ended.verdict == "conformant", ended.report["reasons"]


# --- proxies --------------------------------------------------------------------------------------------------------


FAR = "http://directory.example"
REFUSAL = answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")
_SAY = reference()


def forwarding(asked: Asked) -> object:
    """A proxy that answers in the service's place; the service itself is in nobody's name server."""
    assert asked.target.startswith(FAR), asked.target
    asked.say(_SAY(replace(asked, head=asked.head.replace(FAR.encode(), b"", 1))))
    return KEEP


def asks_first(asked: Asked) -> object:
    if not asked.header("proxy-authorization"):
        asked.say(REFUSAL)
        return KEEP
    return forwarding(asked)


@pytest.mark.parametrize("how", ["the target file", "the environment variable HTTPS_PROXY"])
def test_a_proxy_that_needs_authentication(how: str) -> None:
    with serving(lambda asked: asked.say(REFUSAL)) as proxy:
        named = {"proxy": proxy.url} if how == "the target file" else {}
        environ = {} if named else {"HTTPS_PROXY": proxy.url}
        ended = at("https://directory.example", environ, environment="test", authorised_by="me", **named)
        assert proxy.asked
    check(ended, Row("407", OPEN, NETWORK, "407"))
    assert f"named by {how}" in ended.told()
    assert "INTEROP_PROXY_CREDENTIALS" in hints(ended)
    assert not musts_failed(ended), "whose fault it is not, nobody is blamed for"


def test_a_proxy_that_needs_authentication_for_plain_http() -> None:
    """What the address itself shows still counts; nothing else does."""
    with serving(lambda asked: asked.say(REFUSAL)) as proxy:
        ended = at(FAR, proxy=proxy.url, environment="test", authorised_by="me")
    assert musts_failed(ended) == {HTTPS_IS_A_MUST}
    assert "407" in ended.told()


def test_a_proxy_that_is_told_who_asks() -> None:
    environ = {"INTEROP_PROXY_CREDENTIALS": "canary:s3cr3t-proxy-password"}
    with serving(asks_first) as proxy:
        ended = at(FAR, environ, proxy=proxy.url, environment="test", authorised_by="me")
    assert musts_failed(ended) == {HTTPS_IS_A_MUST}, "all else is well"
    assert b"s3cr3t" not in ended.outcome.evidence_gz + ended.outcome.report_bytes


def test_http_proxy_is_set_and_used_for_what_is_elsewhere() -> None:
    with serving(forwarding) as proxy:
        ended = at(FAR, {"HTTP_PROXY": proxy.url}, environment="test", authorised_by="me")
        assert proxy.asked
    assert f"Requests go through the proxy {proxy.url}, named by the environment variable HTTP_PROXY." in ended.told()
    assert musts_failed(ended) == {HTTPS_IS_A_MUST}


def test_a_proxy_is_named_and_nothing_listens_there() -> None:
    environ = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    ended = at("https://directory.example", environ, environment="test", authorised_by="me")
    check(ended, Row("dead proxy", OPEN, NETWORK, "No connection to the proxy at 127.0.0.1, port 9"))


def test_http_proxy_does_not_concern_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(well) as server:
        ended = at(server.url, dict(os.environ))
    assert ended.verdict == "conformant", ended.report["reasons"]


def test_https_by_a_tunnel(ca: Path, tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with serving(well, tls=context) as server, serving(tunnel) as proxy:
        ended = at(server.url, proxy=proxy.url, environment="test", ca_file=ca)
        assert proxy.asked and all(one.head.startswith(b"CONNECT ") for one in proxy.asked)
    assert ended.verdict == "conformant", ended.report["reasons"]


# --- redirects out of reach -----------------------------------------------------------------------------------------


def sends_to(place: str) -> Callable[[Asked], object]:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"", b"Location: " + place.encode(), status=b"302 Found"))
        return KEEP

    return behave


@contextmanager
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``public.example`` is here, whatever the name servers say."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *more: object, **named: object) -> object:
        return real("127.0.0.1" if host == "public.example" else host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "192.168.1.1", "[fd00::1]"])
def test_a_public_address_that_sends_to_a_private_one(inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with public(monkeypatch), serving(sends_to(f"http://{inner}/latest/meta-data")) as outside:
        ended = at(f"http://public.example:{outside.port}", environment="test", authorised_by="the owner")
    check(ended, Row("private", FAIL, SERVICE, "another host"))
    assert inner.strip("[]") in ended.told()


def test_credentials_stay_behind_when_a_redirect_leaves_https(ca: Path, tmp_path: Path) -> None:
    secret = "canary-canary-canary"
    auth = Auth("bearer", references={"token": Reference(env="INTEROP_TOKEN")})
    context = server_context(make("good", authority()), tmp_path)
    with serving(well) as plain:
        with serving(sends_to(f"{plain.url}/services"), tls=context) as server:
            ended = at(server.url, {"INTEROP_TOKEN": secret}, environment="test", ca_file=ca, auth=auth)
            assert server.asked[0].header("authorization") == f"Bearer {secret}"
        assert not plain.asked and not plain.connections
    check(ended, Row("to plain HTTP", FAIL, SERVICE, "plain HTTP"))
    assert secret.encode() not in ended.outcome.report_bytes


def test_a_file_is_not_read() -> None:
    with serving(sends_to("file:///etc/hostname")) as server:
        ended = at(server.url)
    check(ended, Row("file:", FAIL, SERVICE, "something that is not HTTP (file:///etc/hostname)"))
    kinds = {one.failure.kind for one in ended.outcome.exchanges.values() if one.failure}
    assert kinds == {FailureKind.REDIRECT}


# --- names ----------------------------------------------------------------------------------------------------------


def test_a_name_server_that_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*given: object, **named: object) -> object:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    ended = at("https://directory.example", environment="production", authorised_by="me")
    check(ended, Row("name server", OPEN, CONFIGURATION, "directory.example"))
    assert not musts_failed(ended)
    assert "name servers" in hints(ended)


def hints(ended: Ended) -> str:
    return "\n".join(str(probe["hint"]) for probe in ended.report["run"]["preflight"])
