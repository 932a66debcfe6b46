"""A token endpoint that gives no token: whose trouble that is, and what to look at; not always the client's secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interop_harness.evidence import Attribution, FailureKind, Probe, Request
from interop_harness.execution.record import barred
from interop_harness.implementation import Auth, Implementation, Reference
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from tests.hostile.server import KEEP, SHORT, Asked, answer, serving, with_limits

SECRET = "canary-of-the-token-endpoint"
NOBODY = "http://127.0.0.1:9"


def asking(base_url: str, token_url: str) -> LiveTransport:
    references = {"client_id": Reference(value="harness"), "client_secret": Reference(env="INTEROP_CANARY")}
    auth = Auth(kind="oauth2-client-credentials", token_url=token_url, references=references)
    found = with_limits(Implementation(base_url, auth=auth), replace(SHORT, timeout=1, connect_timeout=1))
    return LiveTransport(found, load_credentials(found, {"INTEROP_CANARY": SECRET}))


def well(asked: Asked) -> object:
    asked.say(answer())
    return KEEP


def seen(token_url: str) -> Probe:
    """What is said of the credentials, the second time, when the trouble is only remembered, as the first."""
    with serving(well) as service, asking(service.url, token_url) as transport:
        told = [unreachable(preflight(transport.implementation, transport)) for _ in range(2)]
        exchange = transport.send(Request("GET", "/"))
        anonymous = transport.send(Request("GET", "/", auth="none"))
    first = told[0]
    assert first is not None and first.name == "credentials" and told[1] == first
    assert exchange.failure is not None and exchange.failure.message == first.summary
    assert exchange.concern is barred(first)(Request("GET", "/")).concern, "told alike before the run and within it"
    assert not exchange.sent and anonymous.ok
    return first


@pytest.mark.parametrize(
    ("token_url", "whose", "told", "advised"),
    [
        (
            "https://login.invalid/acme/token?key=1",
            Attribution.CONFIGURATION,
            "The name login.invalid does not resolve.",
            ("your configuration", "spelling of the host in auth.token_url (https://login.invalid)"),
        ),
        (
            f"{NOBODY}/acme/token?key=1",
            Attribution.NETWORK,
            "The connection was refused",
            ("the network", f"host and port in auth.token_url ({NOBODY})"),
        ),
    ],
    ids=["no such name", "nobody there"],
)
def test_one_that_is_not_reached(token_url: str, whose: Attribution, told: str, advised: tuple[str, ...]) -> None:
    probe = seen(token_url)
    assert told in probe.summary and all(words in probe.hint for words in advised), probe
    assert "secret" not in probe.hint and "base_url" not in probe.hint, "nobody has looked at them yet"
    assert "acme" not in probe.hint and "key" not in probe.hint, "the tenant's part of the address is kept to itself"
    assert barred(probe)(Request("GET", "/")).concern is whose


@pytest.mark.parametrize(
    ("does", "advised"),
    [
        (lambda asked: asked.hang(), "raise limits.timeout"),
        (lambda asked: asked.reset(), "drops them"),
        (lambda asked: asked.say(b"SSH-2.0-OpenSSH\r\n\r\n"), "does not speak HTTP"),
        (lambda asked: asked.say(answer(b"{}", status=b"404 No")), "is where tokens are issued"),
        (lambda asked: asked.say(answer(b"{}")), "is where tokens are issued"),
        (lambda asked: asked.say(answer(b"<html>")), "is where tokens are issued"),
        (lambda asked: asked.say(answer(b"{}", status=b"500 No")), "see its log"),
    ],
    ids=["silence", "a reset", "noise", "404", "no token", "a page", "500"],
)
def test_one_that_never_looked_at_the_client(does: object, advised: str) -> None:
    with serving(does) as endpoint:  # type: ignore[arg-type]
        probe = seen(f"{endpoint.url}/token")
        assert advised in probe.hint and f"auth.token_url ({endpoint.url})" in probe.hint, probe
    assert "secret" not in probe.hint and "base_url" not in probe.hint
    # What a service does that breaks off is a finding in some rows: none of this is the service's.
    assert barred(probe)(Request("GET", "/")).failure.kind is FailureKind.CREDENTIALS  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [b"400 No", b"401 No", b"403 No"])
def test_one_that_refuses_the_client(status: bytes) -> None:
    with serving(lambda asked: asked.say(answer(b'{"error": "invalid_client"}', status=status))) as endpoint:
        probe = seen(f"{endpoint.url}/token")
    assert "the client's id and secret" in probe.hint and f"auth.token_url ({endpoint.url})" in probe.hint
    assert barred(probe)(Request("GET", "/")).concern is Attribution.CONFIGURATION


def test_one_whose_tls_is_not_well_is_named() -> None:
    with serving(well) as endpoint:
        url = endpoint.url.replace("http:", "https:")
        probe = seen(f"{url}/token")
    assert f"This is about auth.token_url ({url}). " in probe.hint and "port" in probe.hint, probe
    assert "secret" not in probe.hint and "base_url" not in probe.hint
    assert barred(probe)(Request("GET", "/")).concern is Attribution.CONFIGURATION
