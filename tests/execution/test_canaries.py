"""No credential reaches a file: each kind, echoed by the service in every way, looked for in all that a run writes."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus

import httpx
import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.cli import running
from interop_harness.errors import InternalError
from interop_harness.evidence import Redactor, Secret
from interop_harness.evidence.lines import write_evidence
from interop_harness.execution.directory import EVIDENCE, write_files
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.execution.prepare import Secrets
from interop_harness.execution.run import run
from interop_harness.execution.sweeping import MADE_AT_THE_END
from interop_harness.implementation import Auth, Reference
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.transport.credentials import load_credentials
from tests.hostile.certificates import authority, make

from . import processes

CANARY = 'Canary/"&+ <\\é>?=%7'
"""With everything that some way of writing writes differently."""
PLAIN = "Canary/&+<b>?=%7-end"
"""What an HTTP header can carry."""


def disguised(secret: str) -> list[bytes]:
    """Written here once more, and not taken from the code under test."""
    clear = secret.encode()
    forms = {clear, quote(secret, safe="").encode(), quote(secret).encode(), quote_plus(secret).encode()}
    forms |= {json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode()}
    forms |= {html.escape(secret).encode(), base64.b64encode(clear).rstrip(b"=")}
    forms |= {base64.urlsafe_b64encode(clear).rstrip(b"=")}
    forms |= {form.encode() for form in (*every_character_escaped(secret), secret.lower(), secret.upper())}
    return [form for form in forms if len(form) >= 8]


def every_character_escaped(text: str) -> list[str]:
    """As software writes that escapes more than it must."""
    return [
        "".join(f"%{byte:02x}" for byte in text.encode()),
        "".join(f"%{byte:02X}" for byte in text.encode()),
        "".join(f"\\u{ord(letter):04x}" for letter in text),
        "".join(f"\\u{ord(letter):04X}" for letter in text),
        text.encode().hex(),
        text.encode().hex().upper(),
    ]


class Echoing(httpx.BaseTransport):
    """The reference supplier, saying back all that it was sent and the secrets it was told."""

    def __init__(self, secrets: list[str], token: str = "") -> None:
        self._inner = InProcessTransport(handler(processes.PROFILE, now=CLOCK))
        self._secrets = secrets
        self._token = token
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        sent = f"{request.url.raw_path.decode()} {dict(request.headers)} {body.decode('latin-1')}"
        self.seen.append(sent)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": self._token, "token_type": "Bearer", "expires_in": 900})
        answer = self._inner.handle_request(request)
        content = answer.read()
        said = [*self._secrets, sent]
        if "contents" in content[:4000].decode("latin-1"):
            value = json.loads(content)
            for record in value.get("contents", [])[:3]:
                record["description"] = " ".join(said)
                record["said"] = [base64.b64encode(text.encode()).decode() for text in said]
                record["quoted"] = [quote(text, safe="") for text in said]
                record["escaped"] = [form for text in self._secrets for form in every_character_escaped(text)]
                record["cases"] = [form for text in self._secrets for form in (text.lower(), text.upper())]
            content = json.dumps(value).encode()
        elif answer.status_code >= 400:
            content = json.dumps({"message": said}, ensure_ascii=False).encode()
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]
        for number, text in enumerate(said):
            headers.append((f"X-Said-{number}", quote(text)))
            headers.append((f"X-Base-{number}", base64.b64encode(text.encode()).decode()))
        headers.append(("Set-Cookie", f"session={quote(said[0])}; Path=/"))
        return httpx.Response(answer.status_code, headers=headers, content=content)


KINDS: dict[str, tuple[Callable[[], Auth], dict[str, str], str]] = {
    "header": (
        lambda: Auth("api-key", "header", "X-Partner", references={"value": Reference(env="INTEROP_KEY")}),
        {"INTEROP_KEY": PLAIN},
        PLAIN,
    ),
    "query": (
        lambda: Auth("api-key", "query", "key", references={"value": Reference(env="INTEROP_KEY")}),
        {"INTEROP_KEY": CANARY},
        CANARY,
    ),
    "bearer": (
        lambda: Auth("bearer", references={"token": Reference(env="INTEROP_TOKEN")}),
        {"INTEROP_TOKEN": PLAIN},
        PLAIN,
    ),
    "basic": (
        lambda: Auth(
            "basic", references={"username": Reference(value="harness"), "password": Reference(env="INTEROP_PASSWORD")}
        ),
        {"INTEROP_PASSWORD": CANARY},
        CANARY,
    ),
    "client secret": (
        lambda: Auth(
            "oauth2-client-credentials",
            token_url="http://127.0.0.1/token",
            references={"client_id": Reference(value="harness"), "client_secret": Reference(env="INTEROP_SECRET")},
        ),
        {"INTEROP_SECRET": CANARY},
        CANARY,
    ),
}


def small_plan(auth: Auth) -> Plan:
    profile = load(processes.PROFILE)
    stated = reference_plan(profile).implementation
    only = ("ORUK-PAGE", "ORUK-listServices", "ORUK-OPEN", "GOV-ERR", "ORUK-ERR", "ORUK-REF")
    return make_plan(profile, replace(stated, auth=auth), Options(only=only), inputs=profile.inputs)


def everything_written(plan: Plan, secrets: Secrets, inner: httpx.BaseTransport, folder: Path) -> dict[str, bytes]:
    """A run with its journal, and each file of its directory unpacked."""
    journal = Journal(folder, secrets.redactor)
    outcome = run(plan, secrets.credentials, secrets.redactor, inner=inner, clock=lambda: CLOCK, journal=journal)
    journal.close()
    running.write(folder, outcome, secrets)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    files["evidence"] = gzip.decompress(files["evidence.jsonl.gz"])
    return files


def _sent_as(kind: str, secret: str) -> str:
    """A client's secret is form-encoded before it is base64 (RFC 6749, 2.3.1)."""
    return quote_plus(secret) if kind == "client secret" else secret


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_holds_a_credential(kind: str, tmp_path: Path) -> None:
    make_auth, environ, secret = KINDS[kind]
    plan = small_plan(make_auth())
    credentials = load_credentials(plan.implementation, environ)
    token = "issued-token-" + "t" * 20
    inner = Echoing([secret, *([token] if kind == "client secret" else [])], token)
    files = everything_written(plan, Secrets(credentials, credentials.redactor()), inner, tmp_path)
    # It was really sent: else finding nothing would prove nothing.
    sent = "\n".join(inner.seen)
    assert any(form.decode("latin-1") in sent or quote_plus(secret) in sent for form in disguised(secret)) or (
        base64.b64encode(f"harness:{_sent_as(kind, secret)}".encode()).decode() in sent
    )
    assert {"report.json", "report.html", "junit.xml", "summary.md", JOURNAL, "evidence"} <= set(files)
    assert b"[redacted]" in files["evidence"]
    wanted = [*disguised(secret), *(disguised(token) if kind == "client secret" else [])]
    if kind == "basic":
        wanted.append(base64.b64encode(f"harness:{secret}".encode()))
    for name, data in files.items():
        for form in wanted:
            at = data.find(form)
            assert at < 0, (name, form, data[max(0, at - 60) : at + 60])


def test_a_private_key_is_in_no_file(tmp_path: Path) -> None:
    certificate, key = make("client", authority(), client=True).write(tmp_path, "client")
    auth = Auth("client-certificate", certificate_file=certificate, key_file=key)
    plan = small_plan(auth)
    credentials = load_credentials(plan.implementation, {})
    lines = key.read_text().splitlines()[1:-1]
    folder = tmp_path / "run"
    folder.mkdir()
    files = everything_written(plan, Secrets(credentials, credentials.redactor()), Echoing(["".join(lines)]), folder)
    for name, data in files.items():
        assert "".join(lines).encode() not in data and lines[1].encode() not in data, name


class Cookies(httpx.BaseTransport):
    """The reference supplier, setting a cookie with each answer that nobody told us of before."""

    def __init__(self, value: str) -> None:
        self._inner = InProcessTransport(handler(processes.PROFILE, now=CLOCK))
        self._value = value
        self.answers = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert "cookie" not in request.headers, "a cookie is never sent back"
        answer = self._inner.handle_request(request)
        self.answers += 1
        cookie = ("Set-Cookie", f"session={self._value}; Path=/; HttpOnly")
        return httpx.Response(answer.status_code, headers=[*answer.headers.items(), cookie], content=answer.read())


def test_a_cookie_is_in_no_file(tmp_path: Path) -> None:
    plan = small_plan(Auth())
    credentials = load_credentials(plan.implementation, {})
    inner = Cookies(quote(CANARY, safe=""))
    files = everything_written(plan, Secrets(credentials, credentials.redactor()), inner, tmp_path)
    assert inner.answers
    assert b'["Set-Cookie","[redacted]"]' in files["evidence"] or b'["set-cookie","[redacted]"]' in files["evidence"]
    for name, data in files.items():
        assert not [form for form in disguised(CANARY) if form in data], name


def test_a_proxy_password_is_in_no_file(tmp_path: Path) -> None:
    plan = small_plan(Auth())
    implementation = replace(plan.implementation, proxy="http://127.0.0.1:3128")
    credentials = load_credentials(implementation, {"INTEROP_PROXY_CREDENTIALS": f"user:{CANARY}"})
    files = everything_written(plan, Secrets(credentials, credentials.redactor()), Echoing([CANARY]), tmp_path)
    for name, data in files.items():
        assert not [form for form in disguised(CANARY) if form in data], name


def test_a_run_that_would_write_a_secret_refuses(tmp_path: Path) -> None:
    """A secret learnt after an exchange was kept: the last scan stops it."""

    plan = small_plan(Auth())
    credentials = load_credentials(plan.implementation, {})
    secrets = Secrets(credentials, credentials.redactor())
    outcome = run(plan, credentials, secrets.redactor, inner=Echoing(["leaked-and-learnt-late"]), clock=lambda: CLOCK)
    secrets.redactor.add(Secret("leaked-and-learnt-late", "token"))
    with pytest.raises(InternalError) as caught:
        running.write(tmp_path, outcome, secrets)
    assert caught.value.code == "secret-leak" and "leaked" not in str(caught.value)
    assert not list(tmp_path.iterdir()), "nothing at all is written"


def test_query_values_in_the_targets_of_parse_qs_are_what_was_meant() -> None:
    """The canary survives a query string: the disguises are of the right thing."""
    assert parse_qs(f"key={quote_plus(CANARY)}")["key"] == [CANARY]


def test_redacting_while_learning() -> None:
    """Threads that redact meanwhile see the old secrets or the new ones, never half a list."""
    import threading

    redactor = Redactor([Secret("the-first-secret", "one")])
    stop, wrong = threading.Event(), []

    def redact() -> None:
        while not stop.is_set():
            if b"the-first-secret" in redactor.data(b"x the-first-secret y"):
                wrong.append(1)

    threads = [threading.Thread(target=redact) for _ in range(4)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for number in range(200):
        redactor.add(Secret(f"another-secret-{number:04}", "more"))
        if time.monotonic() - began > 2:
            break
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert redactor.data(b"another-secret-0000") == b"[redacted]"


@pytest.mark.parametrize("cut", range(1, 16))
def test_a_secret_that_lies_across_two_pieces_is_seen(cut: int) -> None:
    redactor, text = Redactor([Secret("the-first-secret", "one")]), b"a the-first-secret b"
    with pytest.raises(InternalError, match="was not written"):
        redactor.refuse_leak([text[: 2 + cut], text[2 + cut :]], "a file")
    redactor.refuse_leak([text[: 2 + cut], b"\n", text[2 + cut :]], "a file")


def test_packed_evidence_is_looked_through(tmp_path: Path) -> None:
    redactor = Redactor([Secret("the-first-secret", "one")])
    packed, _ = write_evidence([b"x" * 200_000, b"the-first-secret", b"y" * 200_000])
    assert b"the-first-secret" not in packed
    with pytest.raises(InternalError, match=r"evidence\.jsonl\.gz would hold a credential"):
        write_files(tmp_path, {EVIDENCE: packed, "other": b"fine"}, redactor)
    assert list(tmp_path.iterdir()) == []
    write_files(tmp_path, {EVIDENCE: write_evidence([b"fine"])[0]}, redactor)


@pytest.mark.parametrize("secret", [PLAIN, CANARY], ids=["plain", "odd"])
def test_a_secret_is_known_in_every_escape(secret: str) -> None:
    redactor = Redactor([Secret(secret, "one")])
    for form in (*every_character_escaped(secret), secret.lower(), secret.upper()):
        assert redactor.data(b'{"a": "' + form.encode() + b'"}') == b'{"a": "[redacted]"}', form


def test_a_secret_learnt_late_is_looked_for_in_every_file_that_a_run_writes(tmp_path: Path) -> None:
    plan = small_plan(Auth())
    credentials = load_credentials(plan.implementation, {})
    files = everything_written(plan, Secrets(credentials, credentials.redactor()), Echoing([]), tmp_path)
    assert set(MADE_AT_THE_END) == set(files) - {"evidence", JOURNAL}
