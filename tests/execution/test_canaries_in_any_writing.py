"""No credential reaches a file however the service's software wrote it: which characters are escaped is its choice."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus

import httpx
import pytest

from interop_harness.assurance.selftest import CLOCK
from interop_harness.errors import InternalError
from interop_harness.evidence import Redactor, Secret
from interop_harness.evidence.exchange import Exchange, Request, Response
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.execution.prepare import Secrets
from interop_harness.implementation import Auth, Reference
from interop_harness.preflight import preflight
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.transport import LiveTransport
from interop_harness.transport.credentials import load_credentials

from . import processes
from .test_canaries import everything_written, small_plan

CANARY = "Kq7!v'(x)*~/w&<z>=+;:@$,#p?J9%m"
NON_ASCII = "pässwörd-çanary-Ω-42"


def _escaped(special: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(letter if letter.isalnum() else special(letter) for letter in text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WRITINGS: dict[str, Callable[[str], str]] = {
    "encodeURIComponent": lambda text: quote(text, safe="!'()*~"),
    "encodeURI": lambda text: quote(text, safe="!'()*~;/?:@&=+$,#"),
    "url-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "htmlspecialchars": lambda text: html.escape(text).replace("&#x27;", "&#039;"),
    "decimal": _escaped(lambda letter: f"&#{ord(letter):05};"),
    "hexadecimal": _escaped(lambda letter: f"&#X{ord(letter):04X};"),
    "System.Text.Json": _escaped(lambda letter: f"\\u{ord(letter):04X}" if letter in "+&<>'" else letter),
    "Gson": _escaped(lambda letter: f"\\u{ord(letter):04x}" if letter in "=&<>'" else letter),
    "ECMAScript": _escaped(lambda letter: f"\\u{{{ord(letter):x}}}"),
    "json_encode": lambda text: text.replace("/", "\\/"),
    "only the first": lambda text: f"\\u{ord(text[0]):04x}{text[1:]}",
    "mixed": lambda text: f"%{ord(text[0]):02x}{text[1:4]}\\u{ord(text[4]):04X}&#{ord(text[5])};{text[6:].swapcase()}",
    "base64 by json_encode": lambda text: _base64(text).replace("/", "\\/"),
    "base64 in a URL": lambda text: quote(_base64(text), safe=""),
    "title": str.title,
}


def readings(data: bytes) -> set[str]:
    """The text, and what a reader makes of it who undoes what software writes: other means than those under test."""
    found, text = set(), data.decode("utf-8", "replace")
    for _ in range(4):
        text = re.sub(
            r"\\+u\{?([0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}\})", lambda match: chr(int(match[1].strip("}"), 16)), text
        )
        text = html.unescape(text).replace("\\", "")
        found |= {text.lower(), unquote(text).lower(), unquote_plus(text).lower()}
        text = unquote(text)
    return found


def assert_nowhere(files: dict[str, bytes], secret: str) -> None:
    forms = [secret, quote(secret, safe=""), *(_base64(secret).rstrip("="), secret.encode().hex())]
    forms.append(secret.encode().decode("latin-1"))
    for name, data in files.items():
        for text in readings(data):
            for form in forms:
                at = text.find(form.lower())
                assert at < 0, (name, text[max(0, at - 60) : at + 60])


class Writing(httpx.BaseTransport):
    """The reference supplier, saying the given texts exactly as they are given."""

    def __init__(
        self,
        body: list[str] = (),  # type: ignore[assignment]
        headers: list[tuple[bytes, bytes]] = (),  # type: ignore[assignment]
        reason: bytes = b"",
        token: str = "",
    ) -> None:
        self._inner = InProcessTransport(handler(processes.PROFILE, now=CLOCK))
        self._body, self._headers, self._reason, self._token = body, headers, reason, token
        self.said = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": self._token, "token_type": "Bearer"})
        came = self._inner.handle_request(request)
        content = came.read()
        if self._body and b'"contents"' in content[:4000]:
            value = json.loads(content)
            for record in value["contents"]:
                record["description"] = record["status"] = "@@@"
            content = json.dumps(value).encode().replace(b"@@@", " ".join(self._body).encode())
            json.loads(content)
            self.said += 1
        headers = [(name, value) for name, value in came.headers.raw if name.lower() != b"content-length"]
        extensions = {"reason_phrase": self._reason} if self._reason else {}
        return httpx.Response(
            came.status_code, headers=[*headers, *self._headers], content=content, extensions=extensions
        )


def header_auth() -> Auth:
    return Auth("api-key", "header", "X-Partner", references={"value": Reference(env="INTEROP_KEY")})


def basic_auth() -> Auth:
    return Auth("basic", references={"username": Reference(value="harness"), "password": Reference(env="INTEROP_KEY")})


def written(auth: Auth, secret: str, inner: httpx.BaseTransport, folder: Path) -> dict[str, bytes]:
    plan = small_plan(auth)
    credentials = load_credentials(plan.implementation, {"INTEROP_KEY": secret})
    return everything_written(plan, Secrets(credentials, credentials.redactor()), inner, folder)


def as_json_text(text: str) -> str:
    """Fit to stand in a JSON string: a backslash that begins no escape of JSON is doubled."""
    return re.sub(r"\\(?!u[0-9A-Fa-f]{4}|/)", r"\\\\", text)


def test_no_file_holds_a_secret_in_any_writing_of_a_body(tmp_path: Path) -> None:
    inner = Writing([as_json_text(write(CANARY)) for write in WRITINGS.values()])
    files = written(header_auth(), CANARY, inner, tmp_path)
    assert inner.said and JOURNAL in files and b"[redacted]" in files["evidence"]
    assert_nowhere(files, CANARY)


def test_no_file_holds_a_secret_in_any_writing_of_a_header(tmp_path: Path) -> None:
    said = [(f"X-Said-{at}".encode(), write(CANARY).encode()) for at, write in enumerate(WRITINGS.values())]
    files = written(header_auth(), CANARY, Writing(headers=said, reason=CANARY.encode()), tmp_path)
    assert b"[redacted]" in files["evidence"]
    assert_nowhere(files, CANARY)


def test_a_header_s_name_may_be_a_secret(tmp_path: Path) -> None:
    name = "c4n4ry-partner-key-77"
    files = written(header_auth(), name, Writing(headers=[(f"X-{name}".encode(), b"1")]), tmp_path)
    assert b'["X-[redacted]","1"]' in files["evidence"]
    assert_nowhere(files, name)


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_what_is_no_ascii_is_found_in_headers_and_reason(charset: str, tmp_path: Path) -> None:
    secret = NON_ASCII if charset == "utf-8" else NON_ASCII.replace("Ω", "ÿ")
    said = secret.encode(charset)
    body = [json.dumps(secret)[1:-1], quote(secret), secret, html.escape(secret), secret.upper()]
    inner = Writing(body, [(b"X-Said", said), (b"X-Quoted", quote(said).encode())], reason=b"Hello " + said)
    files = written(basic_auth(), secret, inner, tmp_path)
    assert b'["X-Said","[redacted]"]' in files["evidence"] and b"Hello [redacted]" in files["evidence"]
    assert_nowhere(files, secret)


@pytest.mark.parametrize("name", WRITINGS)
def test_what_is_redacted_at_the_door_is_what_is_looked_for_at_the_end(name: str) -> None:
    redactor = Redactor([Secret(CANARY, "one")])
    for said in (WRITINGS[name](CANARY), json.dumps(WRITINGS[name](CANARY))):
        whole = f'{{"a": "before {said} after"}}'.encode()
        assert redactor.data(whole) in (
            b'{"a": "before [redacted] after"}',
            b'{"a": "before "[redacted]" after"}',
            # The last characters of base64 are its own.
            *(b'{"a": "before [redacted]' + end + b' after"}' for end in (b"=", b"==", b"%3D", b"%3D%3D")),
        ) or name.startswith("base64")
        assert not redactor.holds(redactor.data(whole))
        for cut in range(0, len(whole), 3):
            with pytest.raises(InternalError, match="was not written"):
                redactor.refuse_leak([whole[:cut], whole[cut:]], "a file")


def test_the_journal_refuses_what_is_escaped(tmp_path: Path) -> None:
    """Learnt after it was said: the line is looked through before it is written."""
    journal = Journal(tmp_path, Redactor([Secret(CANARY, "one")]))
    body = b'{"a": "' + WRITINGS["System.Text.Json"](CANARY).encode() + b'"}'
    assert not journal.exchange(Exchange(Request("GET", "/x"), Response(200, (), body), None, 1, "", 0))
    assert isinstance(journal.trouble, InternalError)
    journal.close()
    assert (tmp_path / JOURNAL).read_bytes() == b""


def test_json_stays_json() -> None:
    redactor = Redactor([Secret('"quoted/secret\\value"', "one")])
    for value in ('"quoted/secret\\value"', 'x"quoted/secret\\value"x', '\\"quoted/secret\\value"n'):
        for write in (json.dumps, lambda text: json.dumps(text).replace("/", "\\/"), lambda text: json.dumps([text])):
            told = redactor.data(write(value).encode())
            json.loads(told)
            assert b"[redacted]" in told and b"secret" not in told


def test_looking_is_quick_whatever_is_said() -> None:
    redactor = Redactor([Secret(CANARY, "one"), Secret("another-secret-0123456789", "two")])
    began = time.process_time()
    for piece in (
        b'{"name": "An ordinary text", "of": [1, 2]}',
        b"\\",
        b"%25",
        b"&#0",
        b"&amp;",
        b"Kq7!v'(x)*~/",
        b"\\u00",
    ):
        data = piece * (1024 * 1024 // len(piece))
        assert redactor.data(data) == data
    assert time.process_time() - began < 5


def test_an_access_token_that_is_short_is_said_to_be(tmp_path: Path) -> None:
    auth = Auth(
        "oauth2-client-credentials",
        token_url="http://127.0.0.1/token",
        references={"client_id": Reference(value="me"), "client_secret": Reference(env="INTEROP_KEY")},
    )
    files = written(auth, "client-secret-0123456789", Writing(token="tok"), tmp_path)
    assert b"Shorter than eight characters, so only redacted where it is expected: access_token." in files["evidence"]


def test_a_proxy_s_refusal_that_says_its_password_back(tmp_path: Path) -> None:
    plan = small_plan(Auth())
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            while True:
                try:
                    sock, _ = listening.accept()
                except OSError:
                    return
                with sock:
                    head = sock.recv(65536)
                    said = b" ".join(head.splitlines())
                    sock.sendall(b"HTTP/1.1 403 " + said + b"\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        port = listening.getsockname()[1]
        implementation = replace(
            plan.implementation, base_url="https://service.example.org", proxy=f"http://127.0.0.1:{port}"
        )
        credentials = load_credentials(implementation, {"INTEROP_PROXY_CREDENTIALS": "user:proxy-password-123456"})
        with LiveTransport(implementation, credentials) as transport:
            probes = preflight(implementation, transport)
    told = "".join(json.dumps(probe.as_json()) for probe in probes)
    assert "refused the connection" in told and "[redacted]" in told
    assert base64.b64encode(b"user:proxy-password-123456").decode()[:30] not in told


def test_a_secret_that_is_short_without_its_escapes() -> None:
    secret = "Y{Y;%b9é"
    assert Redactor([Secret(secret, "one")]).data(json.dumps(secret).encode()) == b'"[redacted]"'
