"""A token endpoint that a proxy keeps us from: the proxy's doing, and no fault of the credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.evidence import Attribution, FailureKind, Request
from interop_harness.execution.record import barred
from interop_harness.implementation import Auth, Implementation, Reference, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from interop_harness.transport.credentials import NoWay
from interop_harness.transport.failures import Trouble
from interop_harness.transport.proxies import Proxy, unsecured, way_in
from tests.hostile.certificates import authority, make, server_context
from tests.hostile.server import KEEP, SHORT, Asked, answer, serving, with_limits

from .test_credentials_in_clear_text import own_address
from .test_proxy import tunnel

SECRET = "canary-of-the-token-endpoint"
TARGET = """\
base_url: {base}
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


def stated(
    folder: Path, proxy: str, token: str, monkeypatch: pytest.MonkeyPatch, base: str = "http://127.0.0.1:1"
) -> LiveTransport:
    monkeypatch.setenv("INTEROP_CANARY", SECRET)
    (folder / "target.yaml").write_text(TARGET.format(base=base, proxy=proxy, token=token))
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
    with stated(tmp_path, proxy, "https://127.0.0.1:2/token", monkeypatch, "https://127.0.0.1:1") as transport:
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


# --- each of the two has its own way ---------------------------------------------------------------------------------


AUTH = Auth(
    kind="oauth2-client-credentials",
    references={"client_id": Reference(value="harness"), "client_secret": Reference(env="INTEROP_CANARY")},
)


def asking(base_url: str, token_url: str, **more: object) -> Implementation:
    found = Implementation(base_url, auth=replace(AUTH, token_url=token_url), **more)  # type: ignore[arg-type]
    return with_limits(found, replace(SHORT, timeout=5, connect_timeout=5))


def told_of_the_proxy(transport: LiveTransport) -> str:
    return preflight(transport.implementation, transport)[0].summary


@pytest.mark.parametrize(
    ("excluded", "asked_for", "said"),
    [
        ("", ["login.example:443", "api.example:443"], ""),
        ("login.example", ["api.example:443"], "The token endpoint is asked directly."),
        ("api.example", ["login.example:443"], "Only the token endpoint is asked through a proxy"),
        ("api.example,.login.example", [], "No proxy is used."),
    ],
)
def test_no_proxy_names_the_one_or_the_other(excluded: str, asked_for: list[str], said: str) -> None:
    with serving(lambda asked: asked.say(answer(status=b"502 No"))) as proxy:
        target = asking("https://api.example", "https://login.example/t")
        environ = {"INTEROP_CANARY": SECRET, "HTTPS_PROXY": proxy.url, "NO_PROXY": excluded}
        with LiveTransport(target, load_credentials(target, environ)) as transport:
            with pytest.raises(Trouble):
                transport.obtain_token()
            transport.send(Request("GET", "/", auth="none"))
            assert [asked.target for asked in proxy.asked] == asked_for
            assert said in told_of_the_proxy(transport)


def test_a_service_on_this_machine_and_a_token_endpoint_elsewhere() -> None:
    """A secret of the proxy that only the token endpoint is behind is a secret as well."""
    login = "canary:s3cr3t-proxy-password"
    with serving(lambda asked: asked.say(answer(status=b"502 No"))) as proxy, serving(to_connect(print)) as service:
        target = asking(service.url, "https://login.example/t")
        environ = {"INTEROP_CANARY": SECRET, "HTTPS_PROXY": proxy.url, "INTEROP_PROXY_CREDENTIALS": login}
        credentials = load_credentials(target, environ)
        with LiveTransport(target, credentials) as transport:
            assert transport.send(Request("GET", "/", auth="none")).ok
            exchange = transport.send(Request("GET", "/"))
        assert [asked.target for asked in proxy.asked] == ["login.example:443"]
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY
    assert credentials.redactor().text("s3cr3t-proxy-password") == "[redacted]"


def test_a_token_endpoint_that_answers_407_itself_is_not_taken_for_a_proxy() -> None:
    """The service is behind a proxy, and the token endpoint on this machine is not."""
    with serving(lambda asked: asked.say(ASKS)) as endpoint:
        target = asking("https://api.example", f"{endpoint.url}/t")
        environ = {"INTEROP_CANARY": SECRET, "HTTPS_PROXY": "http://127.0.0.1:1"}
        with LiveTransport(target, load_credentials(target, environ)) as transport, pytest.raises(Trouble) as caught:
            transport.obtain_token()
    assert caught.value.kind is FailureKind.CREDENTIALS
    assert "answered 407" in caught.value.message


def test_a_token_obtained_directly_goes_to_the_service_through_its_tunnel(tmp_path: Path) -> None:
    """Two ways at once, both with the authority of the target file, and what is kept alive on each is used again."""
    own = own_address()
    ca_file, _ = authority().write(tmp_path, "authority")
    context = server_context(make("good", authority(), addresses=(own, "127.0.0.1")), tmp_path)
    issued = answer(b'{"access_token": "canary-token-0001", "token_type": "Bearer"}')

    def says(what: bytes) -> Callable[[Asked], object]:
        def say(asked: Asked) -> object:
            asked.say(what)
            return KEEP

        return say

    with (
        serving(says(answer()), host=own, tls=context) as service,
        serving(says(issued), tls=context) as endpoint,
        serving(tunnel) as proxy,
    ):
        target = asking(service.url, f"{endpoint.url}/t", ca_file=ca_file)
        environ = {"INTEROP_CANARY": SECRET, "HTTPS_PROXY": proxy.url}
        with LiveTransport(target, load_credentials(target, environ)) as transport:
            exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(3)]
        assert [asked.target for asked in proxy.asked] == [service.url.removeprefix("https://")]
        assert [asked.target for asked in endpoint.asked] == ["/t"]
        assert {asked.header("authorization") for asked in service.asked} == {"Bearer canary-token-0001"}
    assert all(exchange.ok for exchange in exchanges), exchanges


# --- what is advised -------------------------------------------------------------------------------------------------


def test_no_proxy_is_not_advised_where_the_target_file_names_the_proxy() -> None:
    stated = Proxy("http://p:1", "the target file")
    named = Proxy("http://p:1", "the environment variable HTTPS_PROXY")
    for certificate in (True, False):
        message = unsecured("http://p:1", Trouble(FailureKind.TLS, "It ended."), certificate=certificate).message
        assert "NO_PROXY=api.example" in way_in(message, "api.example", named)
        hint = way_in(message, "api.example", stated)
        assert "take proxy out of the target file" in hint and "NO_PROXY" not in hint


@pytest.mark.parametrize("whose", ["the service", "the token endpoint"])
def test_what_a_certificate_behind_a_stated_proxy_is_advised(
    whose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTEROP_CANARY", SECRET)
    context = server_context(make("good", authority()), tmp_path)
    with serving(lambda asked: asked.say(answer()), tls=context) as far, serving(to_connect(tunnel)) as proxy:
        base = far.url if whose == "the service" else "http://127.0.0.1:1"
        target = asking(base, f"{far.url}/t", proxy=proxy.url)
        with LiveTransport(target, load_credentials(target)) as transport:
            stopper = unreachable(preflight(target, transport))
    assert stopper is not None and stopper.name == ("proxy" if whose == "the service" else "credentials")
    assert "take proxy out of the target file" in stopper.hint and "NO_PROXY" not in stopper.hint


@pytest.mark.parametrize(
    ("certificate", "through", "advised"),
    [
        ("self-signed", "no proxy", "name your own in ca_file"),
        ("untrusted", "no proxy", "a private authority goes into ca_file"),
        ("another name", "no proxy", "or use its name in auth.token_url"),
        ("asks for ours", "no proxy", "Add certificate_file and key_file to auth"),
        ("asks for ours", "a tunnel", "Add certificate_file and key_file to auth"),
    ],
)
def test_a_token_endpoint_whose_tls_is_not_well(
    certificate: str, through: str, advised: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has looked at the client's id and secret yet: they are not what to check."""
    monkeypatch.setenv("INTEROP_CANARY", SECRET)
    ca_file, _ = authority().write(tmp_path, "authority")
    addresses = ("127.0.0.2",) if certificate == "another name" else ("127.0.0.1",)
    one = make("shown", None if certificate == "self-signed" else authority(), addresses=addresses)
    asks = authority() if certificate == "asks for ours" else None
    context = server_context(one, tmp_path, client_authority=asks)
    trusts = ca_file if certificate in ("another name", "asks for ours") else None
    with serving(lambda asked: asked.say(answer()), tls=context) as endpoint, serving(to_connect(tunnel)) as service:
        proxy = service.url if through == "a tunnel" else None
        target = asking(service.url, f"{endpoint.url}/t", ca_file=trusts, proxy=proxy)
        with LiveTransport(target, load_credentials(target)) as transport:
            for _ in range(2):  # and the second time, when the trouble is only remembered
                stopper = unreachable(preflight(target, transport))
                assert stopper is not None and stopper.name == "credentials"
                assert advised in stopper.hint, stopper
                assert "secret" not in stopper.hint and "base_url" not in stopper.hint
    assert barred(stopper)(Request("GET", "/")).concern is Attribution.CONFIGURATION
