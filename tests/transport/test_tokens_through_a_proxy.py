"""A token endpoint that a proxy keeps us from: the proxy's doing, and no fault of the credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import Attribution, FailureKind, Request
from interop_harness.execution.record import barred
from interop_harness.implementation import load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from interop_harness.transport.credentials import NoWay
from interop_harness.transport.proxies import way_in
from tests.hostile.certificates import authority, make, server_context
from tests.hostile.server import KEEP, SHORT, Asked, answer, serving, with_limits

from .test_proxy import tunnel

SECRET = "canary-of-the-token-endpoint"
TARGET = """\
base_url: http://127.0.0.1:1
proxy: {proxy}
auth: {{kind: oauth2-client-credentials, token_url: '{token}', client_id: harness, client_secret_env: INTEROP_CANARY}}
"""
ASKS = answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")


def to_connect(behave: Callable[[Asked], object]) -> Callable[[Asked], object]:
    """A proxy that forwards plain HTTP, as if it were the service, and does this with everything else."""

    def either(asked: Asked) -> object:
        if not asked.head.startswith(b"CONNECT ") and "/token" not in asked.target:
            asked.say(answer())
            return KEEP
        return behave(asked)

    return either


def stated(folder: Path, proxy: str, token: str, monkeypatch: pytest.MonkeyPatch) -> LiveTransport:
    monkeypatch.setenv("INTEROP_CANARY", SECRET)
    (folder / "target.yaml").write_text(TARGET.format(proxy=proxy, token=token))
    found = with_limits(load_target(str(folder / "target.yaml")), replace(SHORT, timeout=1, connect_timeout=1))
    return LiveTransport(found, load_credentials(found))


REFUSALS: dict[str, Callable[[Asked], object]] = {
    "403": lambda asked: asked.say(answer(status=b"403 Forbidden")),
    "407": lambda asked: asked.say(ASKS),
    "502": lambda asked: asked.say(answer(status=b"502 No Such Host")),
    "silence": lambda asked: asked.hang(),
    "a reset": lambda asked: asked.reset(),
    "a close": lambda asked: None,
    "noise": lambda asked: asked.say(b"SSH-2.0-OpenSSH\r\n\r\n"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_proxy_that_gives_no_way_to_it(refusal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        serving(to_connect(REFUSALS[refusal])) as proxy,
        stated(tmp_path, proxy.url, "https://127.0.0.1:2/token", monkeypatch) as transport,
    ):
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(3)]
        anonymous = transport.send(Request("GET", "/", auth="none"))
        probes = preflight(transport.implementation, transport)
    for exchange in exchanges:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY, exchange.failure
        assert exchange.failure.message.startswith("No access token was obtained: The proxy ")
        assert exchange.concern is Attribution.NETWORK
        assert exchange.attempts == 0, "it was not sent, and is asked for again when the run goes on"
    assert anonymous.ok, "what needs no token is asked all the same"
    assert len([asked for asked in proxy.asked if asked.head.startswith(b"CONNECT ")]) == 1, "it is left alone a while"
    stopper = unreachable(probes)
    assert stopper is not None and "secret" not in stopper.hint
    assert barred(stopper)(Request("GET", "/")).concern is Attribution.NETWORK
    (told,) = [probe for probe in probes if probe.name == "credentials"]
    assert "proxy" in told.hint.lower() and "limits.rate" not in told.hint


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://proxy.invalid:3128"])
def test_a_proxy_that_is_not_there(proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stated(tmp_path, proxy, "https://127.0.0.1:2/token", monkeypatch) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY
    assert f"The proxy {proxy} could not be reached." in exchange.failure.message
    assert exchange.concern is Attribution.NETWORK


def test_a_proxy_that_asks_for_its_password_over_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        serving(to_connect(lambda asked: asked.say(ASKS))) as proxy,
        stated(tmp_path, proxy.url, "http://127.0.0.1:2/token", monkeypatch) as transport,
    ):
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY, exchange.failure
    assert "407" in exchange.failure.message


def test_a_certificate_that_may_be_the_proxy_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with (
        serving(lambda asked: asked.say(answer()), tls=context) as endpoint,
        serving(to_connect(tunnel)) as proxy,
        stated(tmp_path, proxy.url, f"{endpoint.url}/token", monkeypatch) as transport,
    ):
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY, exchange.failure
    assert "may have put its own certificate" in exchange.failure.message


def test_what_the_endpoint_does_behind_a_tunnel_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = server_context(make("good", authority()), tmp_path)
    ca_file, _ = authority().write(tmp_path, "authority")
    refusal = answer(b'{"error": "invalid_client"}', status=b"401 No")
    with serving(lambda asked: asked.say(refusal), tls=context) as endpoint, serving(to_connect(tunnel)) as proxy:
        with stated(tmp_path, proxy.url, f"{endpoint.url}/token", monkeypatch) as before:
            found = replace(before.implementation, ca_file=ca_file)
        with LiveTransport(found, load_credentials(found)) as transport:
            exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.CREDENTIALS, exchange.failure
    assert "401 invalid_client" in exchange.failure.message


def test_what_is_advised_where_no_token_came_is_about_the_proxy() -> None:
    for why, words in (
        ("The proxy http://p:1 could not be reached. Nothing listens.", "Check the proxy's address"),
        ("The proxy refused the connection: 407 Proxy Authentication Required.", "INTEROP_PROXY_CREDENTIALS"),
        (
            "Seen through the proxy http://p:1, which may have put its own certificate in place of the service's. "
            "The server's certificate has expired.",
            "NO_PROXY=login.example",
        ),
    ):
        assert words in way_in(NoWay(why).message, "login.example")
