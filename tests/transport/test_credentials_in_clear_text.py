"""Over plain HTTP credentials stay on this machine: a proxy elsewhere is sent none, whoever named it."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Request
from interop_harness.implementation import load_target, nearby
from interop_harness.transport import Credentials, LiveTransport, load_credentials
from interop_harness.transport.credentials import TokenSource
from interop_harness.transport.failures import Trouble
from interop_harness.transport.proxies import Proxy
from tests.hostile.server import KEEP, SHORT, Asked, answer, serving, with_limits

SECRET = "canary-in-clear-text"
ELSEWHERE = "http://192.0.2.77:3128"
TOKEN = b'{"access_token": "canary-token-0001", "token_type": "Bearer", "expires_in": 600}'
BEARER = "auth: {kind: bearer, token_env: INTEROP_CANARY}"
OAUTH = (
    "auth: {{kind: oauth2-client-credentials, token_url: '{}', client_id: harness, client_secret_env: INTEROP_CANARY}}"
)
NEAR, FAR = "http://127.0.0.1:1", "https://api.example.org"
ALLOWED = "authorised_by: me\nenvironment: test\n"


@pytest.fixture(autouse=True)
def canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", SECRET)


def own_address() -> str:
    """An address of this machine that is no loopback address, so that it stands for another machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            # A datagram socket is connected without a byte sent.
            sock.connect(("192.0.2.1", 9))
            found = str(sock.getsockname()[0])
        except OSError:
            pytest.skip("this machine has no address but loopback")
    if ipaddress.ip_address(found).is_loopback:
        pytest.skip("this machine has no address but loopback")
    return found


def written(folder: Path, *lines: str) -> str:
    (folder / "target.yaml").write_text("\n".join([*lines, ""]))
    return str(folder / "target.yaml")


def issues(asked: Asked) -> object:
    asked.say(answer(TOKEN))
    return KEEP


IN_CLEAR = {
    "a token, to a service on this machine": ("base_url: " + NEAR, BEARER, "base_url"),
    "a client's secret, to a token endpoint on this machine": (
        f"base_url: {FAR}\n{ALLOWED}",
        OAUTH.format("http://127.0.0.1:2/t"),
        "auth.token_url",
    ),
    "the token that was issued over TLS": ("base_url: " + NEAR, OAUTH.format("https://login.example/t"), "base_url"),
}


@pytest.mark.parametrize("proxy", [ELSEWHERE, "https://192.0.2.77:443", "http://proxy.example:3128"])
@pytest.mark.parametrize("case", IN_CLEAR)
def test_a_proxy_elsewhere_would_read_them(case: str, proxy: str, tmp_path: Path) -> None:
    address, auth, named = IN_CLEAR[case]
    with pytest.raises(TargetError) as caught:
        load_target(written(tmp_path, address, auth, f"proxy: {proxy}"))
    assert caught.value.code == "target-credentials-in-clear"
    assert named in caught.value.message and proxy in caught.value.message
    assert "Take proxy out of the target file" in caught.value.hint


@pytest.mark.parametrize(
    "lines",
    [
        ("base_url: " + NEAR, BEARER, "proxy: http://127.0.0.1:3128"),
        ("base_url: " + NEAR, BEARER, "proxy: http://localhost:3128"),
        ("base_url: " + NEAR, BEARER, "proxy: http://[::1]:3128"),
        ("base_url: " + NEAR, f"proxy: {ELSEWHERE}"),
        (f"base_url: {FAR}\n{ALLOWED}", BEARER, f"proxy: {ELSEWHERE}"),
        (f"base_url: {FAR}\n{ALLOWED}", OAUTH.format("https://login.example/t"), f"proxy: {ELSEWHERE}"),
        (f"base_url: {FAR}\n{ALLOWED}", OAUTH.format("http://127.0.0.1:2/t")),
    ],
)
def test_what_nobody_else_can_read_is_allowed(lines: tuple[str, ...], tmp_path: Path) -> None:
    target = load_target(written(tmp_path, *lines))
    assert load_credentials(target) is not None


def test_a_target_that_got_its_proxy_later_is_refused_as_well(tmp_path: Path) -> None:
    target = load_target(written(tmp_path, "base_url: " + NEAR, BEARER))
    with pytest.raises(TargetError) as caught:
        load_credentials(replace(target, proxy=ELSEWHERE))
    assert caught.value.code == "target-credentials-in-clear"


def test_nothing_is_sent_to_a_proxy_on_another_machine_that_the_target_file_names(tmp_path: Path) -> None:
    with serving(issues, host=own_address()) as proxy, serving(issues) as endpoint:
        for lines in (
            (f"base_url: {endpoint.url}", BEARER),
            (f"base_url: {FAR}\n{ALLOWED}", OAUTH.format(f"{endpoint.url}/t")),
        ):
            with pytest.raises(TargetError):
                target = load_target(written(tmp_path, *lines, f"proxy: {proxy.url}"))
                with LiveTransport(target, load_credentials(target)) as transport:
                    transport.send(Request("GET", "/"))
        assert not proxy.connections and not endpoint.connections


@pytest.mark.parametrize("excluded", [{}, {"NO_PROXY": "127.0.0.1,localhost"}], ids=["", "NO_PROXY"])
def test_a_token_endpoint_on_this_machine_is_asked_without_the_environment_s_proxy(
    excluded: dict[str, str], tmp_path: Path
) -> None:
    refuses = answer(status=b"502 No")
    with serving(lambda asked: asked.say(refuses), host=own_address()) as proxy, serving(issues) as endpoint:
        text = written(tmp_path, f"base_url: {FAR}\n{ALLOWED}", OAUTH.format(f"{endpoint.url}/t"))
        target = with_limits(load_target(text), replace(SHORT, timeout=5, connect_timeout=5))
        environ = {"INTEROP_CANARY": SECRET, "HTTPS_PROXY": proxy.url, "HTTP_PROXY": proxy.url, **excluded}
        with LiveTransport(target, load_credentials(target, environ)) as transport:
            transport.obtain_token()
            assert [asked.target for asked in endpoint.asked] == ["/t"]
            assert not proxy.connections
            transport.send(Request("GET", "/"))
        assert [asked.target for asked in proxy.asked] == ["api.example.org:443"], "that is the way to the service"
        assert all(b"canary" not in asked.head + asked.body for asked in proxy.asked)


def test_a_form_that_a_proxy_elsewhere_would_read_is_not_sent(tmp_path: Path) -> None:
    """Credentials that nobody looked at as the target was read: they are looked at as they are to be sent."""
    with serving(issues) as endpoint:
        target = load_target(written(tmp_path, "base_url: " + NEAR, OAUTH.format(f"{endpoint.url}/t")))
        tokens = TokenSource(target.auth, "harness", SECRET, Proxy(ELSEWHERE, "the target file"))
        with (
            LiveTransport(with_limits(target, SHORT), Credentials(tokens=tokens)) as transport,
            pytest.raises(Trouble, match="a proxy elsewhere would read"),
        ):
            transport.obtain_token()


def test_which_proxies_are_nearby() -> None:
    assert all(nearby(f"http://{host}:1") for host in ("127.0.0.1", "127.8.8.8", "localhost", "[::1]"))
    assert not any(nearby(f"http://{host}:1") for host in ("192.0.2.2", "10.0.0.1", "proxy", "[fd00::2]", "0.0.0.0"))
