"""Secrets: read from where the target says, sent where they belong, found nowhere else."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Exchange, FailureKind, Request
from interop_harness.evidence.lines import encode, write_evidence
from interop_harness.evidence.redaction import disguises
from interop_harness.implementation import Implementation, load_target
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport, load_credentials
from tests.hostile.certificates import authority, make, server_context
from tests.hostile.server import KEEP, Asked, Server, answer, serving

CANARY = 'c4n4ry/+=&"s3cr3t~' + "x" * 20
PLAIN = "c4n4ry-pl41n-s3cr3t-0123456789"


def target(folder: Path, url: str, auth: str, more: str = "") -> Implementation:
    path = folder / "target.yaml"
    path.write_text(f"base_url: {url}\nauth:\n{auth}\n{more}\n")
    return load_target(str(path))


def everything_written(exchanges: list[Exchange], implementation: Implementation, transport: LiveTransport) -> bytes:
    """All that a run keeps: evidence, target, preflight, and the printed form of every object."""
    probes = preflight(implementation, transport)
    exchanges = [*exchanges, *transport.exchanges.values()]
    unique = {exchange.request.key: exchange for exchange in exchanges}
    lines = list(encode(implementation.as_json(), probes, unique.values(), complete=True))
    write_evidence(lines)
    spoken = [repr(transport.credentials), repr(transport.credentials.secrets), repr(implementation), repr(probes)]
    return b"".join(lines) + "\n".join(spoken).encode()


def mirror(asked: Asked) -> object:
    """Everything that came, sent back: in the body as JSON, in a header, in a Location."""
    said = {
        "head": asked.head.decode("latin-1"),
        "clear": asked.header("authorization") or asked.header("x-secret") or asked.target,
        "base64": base64.b64encode(asked.head).decode(),
        "urlsafe": base64.urlsafe_b64encode(b"!" + asked.head).decode(),
        "quoted": quote(asked.head.decode("latin-1"), safe=""),
    }
    echo = (asked.header("x-secret") or asked.header("authorization") or asked.target).encode("latin-1")
    asked.say(answer(json.dumps(said).encode(), b"X-Echo: " + echo, b"Link: <" + asked.target.encode() + b">"))
    return KEEP


KINDS: list[tuple[str, str, str]] = [
    ("header", "  kind: api-key\n  in: header\n  name: X-Secret\n  value_env: INTEROP_CANARY", PLAIN),
    ("header with marks", "  kind: api-key\n  in: header\n  name: X-Secret\n  value_env: INTEROP_CANARY", CANARY),
    ("query", "  kind: api-key\n  in: query\n  name: key\n  value_env: INTEROP_CANARY", CANARY),
    ("bearer", "  kind: bearer\n  token_env: INTEROP_CANARY", PLAIN),
    ("bearer from a file", "  kind: bearer\n  token_file: secret.txt", PLAIN),
    ("basic", "  kind: basic\n  username: somebody\n  password_env: INTEROP_CANARY", CANARY),
]


@pytest.mark.parametrize(("auth", "secret"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_no_credential_survives_an_echo(
    auth: str, secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTEROP_CANARY", secret)
    (tmp_path / "secret.txt").write_text(secret + "\n")
    with serving(mirror) as server:
        implementation = target(tmp_path, server.url, auth)
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            exchange = transport.send(Request("GET", "/x?a=b"))
            anonymous = transport.send(Request("GET", "/x?a=b", auth="none"))
            written = everything_written([exchange, anonymous], implementation, transport)
        sent, unsent = server.asked[0], server.asked[1]
    assert exchange.ok and anonymous.ok
    assert b"[redacted]" in exchange.response.body  # type: ignore[union-attr]
    heads = [disguise for disguise in disguises(secret) if disguise in sent.head]
    in_basic = base64.b64encode(f"somebody:{secret}".encode()) in sent.head
    assert heads or in_basic, "the credential was sent"
    assert not any(disguise in unsent.head for disguise in disguises(secret)), "and only where it was meant to be"
    for disguise in disguises(secret):
        assert disguise not in written, disguise
    transport.redactor.refuse_leak(written, "the run")


def test_a_key_may_go_with_submitted_forms_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", CANARY)
    form = (("Content-Type", "application/x-www-form-urlencoded"),)

    def echo(asked: Asked) -> object:
        asked.say(answer(asked.body))
        return KEEP

    with serving(echo) as server:
        implementation = target(
            tmp_path, server.url, "  kind: api-key\n  in: form\n  name: k\n  value_env: INTEROP_CANARY"
        )
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            sent = transport.send(Request("POST", "/", form, b"a=b"))
            transport.send(Request("POST", "/", form, b"a=b", auth="none"))
            transport.send(Request("GET", "/"))
            written = everything_written([], implementation, transport)
    bodies = [parse_qs(asked.body.decode()) for asked in server.asked]
    assert bodies[:3] == [{"a": ["b"], "k": [CANARY]}, {"a": ["b"]}, {}]
    assert sent.request.body == b"a=b"
    for disguise in disguises(CANARY):
        assert disguise not in written


def test_a_short_secret_is_said_to_be_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", "k3y")
    with serving(mirror) as server:
        implementation = target(tmp_path, server.url, KINDS[2][1])
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            exchange = transport.send(Request("GET", "/x"))
            probes = {probe.name: probe for probe in preflight(implementation, transport)}
    assert b"key=k3y" not in exchange.response.body  # type: ignore[union-attr]
    assert "eight characters" in probes["credentials"].hint


def test_a_private_key_is_looked_for_and_never_written(tmp_path: Path) -> None:
    pair = make("client", authority(), client=True)
    certificate, key = pair.write(tmp_path, "client")
    authority().write(tmp_path, "authority")
    context = server_context(make("good", authority()), tmp_path, client_authority=authority())
    pem = key.read_text()

    def leaky(asked: Asked) -> object:
        asked.say(answer(json.dumps({"clear": pem, "one line": "".join(pem.split("\n")[1:-2])}).encode()))
        return KEEP

    with serving(leaky, tls=context) as server:
        auth = f"  kind: client-certificate\n  certificate_file: {certificate.name}\n  key_file: {key.name}"
        implementation = target(tmp_path, server.url, auth, "ca_file: authority.pem")
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            exchange = transport.send(Request("GET", "/"))
            written = everything_written([exchange], implementation, transport)
    assert exchange.ok, exchange.failure
    lines = pem.split("\n")[1:-2]
    assert lines[1].encode() not in written
    assert "".join(lines).encode() not in written


def test_a_secret_in_a_request_is_redacted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", PLAIN)
    with serving(mirror) as server:
        implementation = target(tmp_path, server.url, KINDS[3][1])
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            request = Request("POST", f"/x?token={PLAIN}", (("X-Other", PLAIN),), PLAIN.encode())
            exchange = transport.send(request)
            assert transport.send(request) is exchange, "still sent once"
            assert len(server.asked) == 1
            written = everything_written([], implementation, transport)
    assert PLAIN.encode() not in written
    assert list(transport.exchanges) == [exchange.request.key]


# --- references -------------------------------------------------------------------------------------------------

BEARER = "base_url: http://127.0.0.1:1\nauth: {kind: bearer, %s}\n"


def resolve(folder: Path, reference: str, environ: dict[str, str] | None = None) -> object:
    path = folder / "target.yaml"
    path.write_text(BEARER % reference)
    return load_credentials(load_target(str(path)), environ or {})


@pytest.mark.parametrize(
    ("reference", "environ", "code"),
    [
        ("token_env: INTEROP_A", {}, "credential-missing"),
        ("token_env: INTEROP_A", {"INTEROP_A": ""}, "credential-missing"),
        ("token_env: INTEROP_A", {"INTEROP_A": "a\nX-Injected: b"}, "credential-unusable"),
        ("token_env: INTEROP_A", {"INTEROP_A": "a\x1bb"}, "credential-unusable"),
        ("token_env: INTEROP_A", {"INTEROP_A": "Zoë"}, "credential-unusable"),
        ("token_env: INTEROP_A", {"INTEROP_A": " a"}, "credential-unusable"),
        ("token_file: absent", {}, "credential-missing"),
        ("token_file: .", {}, "credential-missing"),
        ("token_file: empty", {}, "credential-unusable"),
        ("token_file: binary", {}, "credential-missing"),
        ("token_file: large", {}, "credential-unusable"),
    ],
)
def test_references_that_lead_nowhere(reference: str, environ: dict[str, str], code: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text("a" * 70_000)
    with pytest.raises(TargetError) as caught:
        resolve(tmp_path, reference, environ)
    assert caught.value.code == code
    assert "Injected" not in str(caught.value)


# --- OAuth 2.0 client credentials ---------------------------------------------------------------------------------


class Login:
    """A token endpoint and the service that accepts its tokens, on one port."""

    def __init__(self) -> None:
        self.issued = 0
        self.expires_in: object = 3600
        self.revoked: set[str] = set()
        self.token_answer: Callable[[Asked], bytes] | None = None
        self.forms: list[dict[str, list[str]]] = []
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> object:
        if asked.target.startswith("/token"):
            self.forms.append(parse_qs(asked.body.decode()))
            self.forms[-1]["authorization"] = [asked.header("authorization") or ""]
            if self.token_answer is not None:
                asked.say(self.token_answer(asked))
                return KEEP
            with self.lock:
                self.issued += 1
                token = f"canary-token-{self.issued:04d}-abcdefgh"
            body = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
            time.sleep(0.02)
            asked.say(answer(json.dumps(body).encode()))
            return KEEP
        token = (asked.header("authorization") or "").removeprefix("Bearer ")
        if not token.startswith("canary-token-") or token in self.revoked:
            asked.say(answer(b"{}", status=b"401 Unauthorized"))
        else:
            asked.say(answer(json.dumps({"echo": token}).encode()))
        return KEEP


OAUTH = (
    "  kind: oauth2-client-credentials\n  token_url: {url}/token?tenant=a\n  scope: read write\n"
    "  client_id: harness\n  client_secret_env: INTEROP_CANARY\n{more}"
)


@pytest.fixture
def login() -> Iterator[tuple[Login, Server]]:
    service = Login()
    with serving(service) as server:
        yield service, server


def signed_in(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch, more: str = "", limits: str = ""
) -> LiveTransport:
    monkeypatch.setenv("INTEROP_CANARY", CANARY)
    implementation = target(folder, server.url, OAUTH.format(url=server.url, more=more), limits)
    return LiveTransport(implementation, load_credentials(implementation), workers=8)


def test_one_token_serves_all_threads(
    login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    with signed_in(tmp_path, server, monkeypatch) as transport, ThreadPoolExecutor(8) as pool:
        exchanges = list(pool.map(lambda n: transport.send(Request("GET", f"/{n}")), range(40)))
        written = everything_written(exchanges, transport.implementation, transport)
    assert all(exchange.ok and exchange.attempts == 1 for exchange in exchanges)
    assert service.issued == 1
    (form,) = service.forms
    assert form["grant_type"] == ["client_credentials"] and form["scope"] == ["read write"]
    assert "client_secret" not in form
    pair = base64.b64decode(form["authorization"][0].removeprefix("Basic ")).decode()
    assert pair == f"harness:{quote(CANARY, safe='~')}".replace("%7E", "~")
    assert b"canary-token" not in written, "a token obtained during the run is a secret too"
    for disguise in disguises(CANARY):
        assert disguise not in written


def test_the_client_may_sign_in_in_the_body(
    login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    with signed_in(tmp_path, server, monkeypatch, "  client_authentication: body") as transport:
        assert transport.send(Request("GET", "/")).ok
    assert service.forms[0]["client_secret"] == [CANARY]
    assert service.forms[0]["authorization"] == [""]


def test_a_token_is_renewed_when_it_expires(
    login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    monkeypatch.setattr("interop_harness.transport.credentials.SHORT_LIFE", 0.1)
    service.expires_in = 0.2
    with signed_in(tmp_path, server, monkeypatch) as transport:
        first = transport.send(Request("GET", "/1"))
        time.sleep(0.25)
        second = transport.send(Request("GET", "/2"))
    assert first.ok and second.ok and second.attempts == 1
    assert service.issued == 2


def test_a_token_is_renewed_once_when_it_is_refused(
    login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    with signed_in(tmp_path, server, monkeypatch) as transport:
        assert transport.send(Request("GET", "/1")).attempts == 1
        service.revoked.add("canary-token-0001-abcdefgh")
        with ThreadPoolExecutor(8) as pool:
            exchanges = list(pool.map(lambda n: transport.send(Request("GET", f"/a{n}")), range(16)))
        assert all(exchange.ok for exchange in exchanges)
        assert {exchange.attempts for exchange in exchanges} <= {1, 2}
        assert service.issued == 2, "the threads share the renewal"
        service.revoked.update(f"canary-token-{n:04d}-abcdefgh" for n in range(100))
        refused = transport.send(Request("GET", "/2"))
    assert (refused.status, refused.attempts) == (401, 2)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(b'{"error":"invalid_client"}', status=b"401 No"), "401 invalid_client"),
        (answer(b'{"error":"<script>"}', status=b"400 No"), "answered 400."),
        (answer(b"<html>"), "without a JSON object"),
        (answer(b"[]"), "without a JSON object"),
        (answer(b"[" * 100_000), "JSON object"),
        (answer(b"{}"), "no usable access_token"),
        (answer(b'{"access_token":"a b"}'), "no usable access_token"),
        (answer(b'{"access_token":"a\\r\\nX: y"}'), "no usable access_token"),
        (answer(b'{"access_token":"abc","token_type":"mac"}'), "type mac"),
        (answer(b"", b"Location: /elsewhere", status=b"302 Found"), "answered 302"),
        (b"noise\r\n\r\n", "no answer"),
        (answer(b" " * 3_000_000), "no answer"),
    ],
)
def test_a_token_endpoint_that_does_not_give_a_token(
    said: bytes, words: str, login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    service.token_answer = lambda asked: said
    with signed_in(tmp_path, server, monkeypatch) as transport:
        exchanges = [transport.send(Request("GET", f"/{n}")) for n in range(5)]
        probes = preflight(transport.implementation, transport)
    for exchange in exchanges:
        assert exchange.failure is not None
        assert exchange.failure.kind is FailureKind.CREDENTIALS
        assert words in exchange.failure.message, exchange.failure.message
    assert len(service.forms) <= 2, "an endpoint that failed is not asked for every request"
    stopper = unreachable(probes)
    assert stopper is not None and stopper.name == "credentials" and stopper.hint


def test_an_anonymous_request_asks_for_no_token(
    login: tuple[Login, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, server = login
    with signed_in(tmp_path, server, monkeypatch) as transport:
        assert transport.send(Request("GET", "/", auth="none")).status == 401
    assert service.issued == 0


def test_own_authorization_takes_the_place_of_the_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEROP_CANARY", PLAIN)
    with serving(mirror) as server:
        implementation = target(tmp_path, server.url, KINDS[3][1])
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            transport.send(Request("GET", "/", (("authorization", "Bearer wrong"),)))
    assert server.asked[0].head.lower().count(b"authorization:") == 1
    assert server.asked[0].header("authorization") == "Bearer wrong"
