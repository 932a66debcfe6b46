"""A proxy's tunnel: what fails before the service was shown to be at its end is the proxy's, and nobody's breach."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.evidence import Attribution, FailureKind, Probe, Request
from interop_harness.execution.run import Outcome, run
from interop_harness.implementation import Implementation, load_target
from interop_harness.plan import Options, make_plan
from interop_harness.preflight import preflight, unreachable
from interop_harness.profile import load
from interop_harness.transport import LiveTransport, load_credentials
from tests.transport.test_proxy import tunnel

from .certificates import Pair, authority, make, server_context
from .server import KEEP, SHORT, Asked, Behave, answer, serving, with_limits

OPENED = b"HTTP/1.1 200 Connection established\r\n"
ROWS = ("ORUK-OPEN-07", "GOV-TLS")


def ok(asked: Asked) -> object:
    asked.say(answer(b'{"by": "service"}'))
    return KEEP


def drip(asked: Asked) -> None:
    asked.say(OPENED)
    for _ in range(30):
        asked.say(b"X-More: b\r\n")
        time.sleep(0.1)


def endless(asked: Asked) -> None:
    asked.say(OPENED)
    for _ in range(1000):
        asked.say(b"X-More: b\r\n" * 1000)


def cut(asked: Asked) -> None:
    asked.say(OPENED)


def opened_and(then: Callable[[Asked], object]) -> Behave:
    def behave(asked: Asked) -> None:
        asked.say(OPENED + b"\r\n")
        then(asked)

    return behave


BEFORE: dict[str, Behave] = {
    "silence": lambda asked: asked.hang(),
    "reset": lambda asked: asked.reset(),
    "close": lambda asked: None,
    "garbage": lambda asked: asked.say(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "drip": drip,
    "endless": endless,
    "cut": cut,
}
WITHIN: dict[str, Behave] = {
    "reset": opened_and(lambda asked: asked.reset()),
    "close": opened_and(lambda asked: None),
    "garbage": opened_and(lambda asked: asked.say(b"no TLS at all")),
}


def target(folder: Path, url: str, proxy: str = "") -> Implementation:
    ca_file, _ = authority().write(folder, "authority")
    stated = replace(load_target(url), ca_file=ca_file, proxy=proxy, environment="test", authorised_by="me")
    return with_limits(stated, replace(SHORT, timeout=2, connect_timeout=1))


def looked(stated: Implementation) -> tuple[Any, dict[str, Probe], Probe | None]:
    """What a request comes to, the probes by name, and the one that bars a run."""
    with LiveTransport(stated, load_credentials(stated, {})) as transport:
        exchange = transport.send(Request("GET", "/x"))
        probes = preflight(stated, transport)
    return exchange, {probe.name: probe for probe in probes}, unreachable(probes)


def judged(stated: Implementation) -> tuple[Outcome, dict[str, dict[str, Any]]]:
    plan = make_plan(load("open-referral-uk"), stated, Options(only=ROWS))
    credentials = load_credentials(stated, {})
    outcome = run(plan, credentials, credentials.redactor(), workers=1)
    return outcome, {row["id"]: row for row in outcome.report["requirements"]}


@pytest.mark.parametrize(
    "behave",
    [*BEFORE.values(), *WITHIN.values()],
    ids=[*(f"{name} for an answer to CONNECT" for name in BEFORE), *(f"{name} in the handshake" for name in WITHIN)],
)
def test_a_proxy_that_gives_no_tunnel_is_told_as_the_proxy(behave: Behave, tmp_path: Path) -> None:
    with serving(behave) as proxy:
        exchange, _, stopper = looked(target(tmp_path, "https://127.0.0.1:1", proxy.url))
    assert exchange.failure is not None
    assert exchange.failure.kind is FailureKind.PROXY, exchange.failure
    assert proxy.url in exchange.failure.message
    assert exchange.concern is Attribution.NETWORK
    assert stopper is not None and stopper.name == "proxy"
    assert stopper.facts["kind"] == "proxy" and proxy.url in stopper.summary
    assert "proxy" in stopper.hint


def test_a_proxy_that_breaks_off_midway_is_told_as_the_proxy(tmp_path: Path) -> None:
    """The first tunnel stands, the service closes it with its answer, and the next one is refused a way."""
    context = server_context(make("good", authority()), tmp_path)
    seen = 0

    def behave(asked: Asked) -> object:
        nonlocal seen
        seen += 1
        return tunnel(asked) if seen == 1 else asked.reset()

    def closing(asked: Asked) -> None:
        asked.say(answer(b"{}", b"Connection: close"))

    with serving(behave) as proxy, serving(closing, tls=context) as server:
        stated = target(tmp_path, server.url, proxy.url)
        with LiveTransport(stated, load_credentials(stated, {})) as transport:
            first, second = transport.send(Request("GET", "/1")), transport.send(Request("GET", "/2"))
    assert first.ok, first.failure
    assert second.failure is not None and second.failure.kind is FailureKind.PROXY, second.failure
    assert second.attempts == 2, "it is asked again, as over any connection that broke"


@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        (lambda asked: None, FailureKind.RESET),
        (lambda asked: asked.say(b"SSH-2.0-OpenSSH\r\n\r\n"), FailureKind.PROTOCOL),
        (lambda asked: asked.hang(), FailureKind.TIMEOUT),
    ],
    ids=["close", "garbage", "silence"],
)
def test_a_service_behind_a_tunnel_that_stands_answers_for_itself(
    behave: Behave, kind: FailureKind, tmp_path: Path
) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with serving(tunnel) as proxy, serving(behave, tls=context) as server:
        stated = target(tmp_path, server.url, proxy.url)
        with LiveTransport(stated, load_credentials(stated, {})) as transport:
            exchange = transport.send(Request("GET", "/x"))
    assert exchange.failure is not None and exchange.failure.kind is kind, exchange.failure


def untrusted() -> Pair:
    return make("mitm", make("Corporate authority", authority=True))


def test_a_certificate_that_a_proxy_may_have_put_there_fails_nothing(tmp_path: Path) -> None:
    good = server_context(make("good", authority()), tmp_path)
    with (
        serving(ok, tls=server_context(untrusted(), tmp_path)) as interceptor,
        serving(ok, tls=good) as server,
    ):

        def intercept(asked: Asked) -> None:
            tunnel(replace_target(asked, interceptor.url))

        with serving(intercept) as proxy:
            stated = target(tmp_path, server.url, proxy.url)
            exchange, probes, stopper = looked(stated)
            outcome, rows = judged(stated)
        assert not server.connections
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY
    assert stopper is not None and stopper.name == "proxy"
    assert "ca_file" in stopper.hint and "take proxy out of the target file" in stopper.hint
    assert stopper.facts["issuer"] == "CN=Corporate authority", "whose certificate it was can be read"
    assert probes["tls-legacy"].ok is None
    assert outcome.report["verdict"] == "inconclusive"
    for name in ("ORUK-OPEN-07", "GOV-TLS-01", "GOV-TLS-02", "GOV-TLS-03", "GOV-TLS-05", "GOV-TLS-06"):
        assert (rows[name]["verdict"], rows[name]["attribution"]) == ("inconclusive", "the network"), rows[name]
        assert proxy.url in rows[name]["reason"]


def test_the_same_certificate_without_a_proxy_fails_as_before(tmp_path: Path) -> None:
    with serving(ok, tls=server_context(untrusted(), tmp_path)) as server:
        outcome, rows = judged(target(tmp_path, server.url))
    assert outcome.report["verdict"] == "not-conformant"
    assert {name for name, row in rows.items() if row["verdict"] == "fail"} >= {"ORUK-OPEN-07", "GOV-TLS-05"}


@pytest.mark.parametrize(
    ("proxied", "public", "verdict"),
    [(False, False, "fail"), (True, False, "inconclusive"), (True, True, "fail")],
    ids=["no proxy", "vouched for by ca_file alone", "vouched for by a public authority"],
)
def test_days_of_a_certificate_that_may_be_the_proxy_s_are_not_held_against_the_service(
    proxied: bool, public: bool, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_soon = server_context(make("soon", authority(), ends=timedelta(days=3)), tmp_path)
    if public:
        public_file, _ = authority().write(tmp_path, "public")
        monkeypatch.setattr("certifi.where", lambda: str(public_file))
    with serving(tunnel) as proxy, serving(ok, tls=ends_soon) as server:
        stated = target(tmp_path, server.url, proxy.url if proxied else "")
        _, rows = judged(stated)
    row = rows["GOV-TLS-06"]
    assert row["verdict"] == verdict, row
    assert rows["GOV-TLS-05"]["verdict"] == "pass"
    if verdict == "inconclusive":
        assert row["attribution"] == "the network" and proxy.url in row["reason"]


def test_a_tls_version_that_may_be_the_proxy_s_is_not_held_against_the_service(tmp_path: Path) -> None:
    context = server_context(make("good", authority()), tmp_path)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with serving(tunnel) as proxy, serving(ok, tls=context) as server:
        _, probes, _ = looked(target(tmp_path, server.url, proxy.url))
        _, alone = judged(target(tmp_path, server.url))
        _, rows = judged(target(tmp_path, server.url, proxy.url))
    if probes["tls-legacy"].ok is None:
        pytest.skip("this OpenSSL cannot offer an old version")
    assert alone["GOV-TLS-04"]["verdict"] == "fail"
    assert (rows["GOV-TLS-04"]["verdict"], rows["GOV-TLS-04"]["attribution"]) == ("inconclusive", "the network")


def replace_target(asked: Asked, url: str) -> Asked:
    """The same CONNECT, led somewhere else."""
    asked.head = asked.head.replace(asked.target.encode(), url.rpartition("/")[2].encode())
    return asked


def test_the_tls_of_the_proxy_itself_is_not_the_service_s(tmp_path: Path) -> None:
    with serving(ok, tls=server_context(untrusted(), tmp_path)) as proxy:
        stated = target(tmp_path, "http://127.0.0.1:1", proxy.url)
        exchange, _, stopper = looked(stated)
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.PROXY, exchange.failure
    assert f"The proxy {proxy.url} could not be spoken to over TLS" in exchange.failure.message
    assert stopper is not None and "service" not in stopper.hint
