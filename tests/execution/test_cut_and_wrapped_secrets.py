"""A credential that a cut shortens, or that stands in broken lines, reaches no file either."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import string
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from interop_harness.errors import InternalError
from interop_harness.evidence import Redactor, Secret
from interop_harness.transport.failures import classify, printable
from interop_harness.transport.redirects import follow

from .test_canaries_in_any_writing import Writing, header_auth, written

_LETTERS = string.ascii_letters + string.digits
LONG = "".join(random.Random(7).choices(_LETTERS, k=400))


def told(text: str, secret: str = LONG) -> str:
    return Redactor([Secret(secret, "token")]).text(text)


def refused(location: str) -> str:
    with pytest.raises(Exception, match="not followed") as caught:
        follow("http://a.example", "/x", 302, location, hops=[], most=5)
    trouble = classify(caught.value)
    assert trouble is not None
    return trouble.message


class Answering(httpx.BaseTransport):
    def __init__(self, location: str = "", coding: str = "", broken: str = "") -> None:
        self._location, self._coding, self._broken = location, coding, broken

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._broken:
            raise httpx.RemoteProtocolError(f"illegal header line: bytearray(b'{self._broken}')")
        if self._coding:
            return httpx.Response(200, headers={"Content-Encoding": self._coding}, stream=httpx.ByteStream(b"{}"))
        return httpx.Response(302, headers={"Location": self._location})


@pytest.mark.parametrize(
    "answer",
    [
        Answering(location=f"http://evil.example/?t={LONG}"),
        Answering(location=f"http://evil.example/?t={quote(''.join(f'%{ord(c):02x}' for c in LONG))}"),
        Answering(location=f"http://evil.example/?t={base64.b64encode(b'x' + LONG.encode()).decode()}"),
        Answering(coding=f"x{LONG}"),
        Answering(broken=f"Bad Header {LONG}"),
    ],
    ids=["redirect", "escaped", "base64", "coding", "not HTTP"],
)
def test_the_beginning_of_a_long_token_reaches_no_file(answer: Answering, tmp_path: Path) -> None:
    files = written(header_auth(), LONG, answer, tmp_path)
    assert any(b"[redacted]..." in data for data in files.values())
    core = base64.b64encode(b"x" + LONG.encode())[2:14]
    escaped = "".join(f"%25{ord(c):02x}" for c in LONG[:8]).encode()
    for name, data in files.items():
        for piece in (LONG[:8].encode(), core, escaped):
            assert piece.lower() not in data.lower(), name


@pytest.mark.parametrize("pad", range(60, 125))
def test_wherever_the_cut_falls(pad: int) -> None:
    for writing in (LONG, "".join(f"%{ord(c):02x}" for c in LONG), "".join(f"\\u{ord(c):04x}" for c in LONG)):
        whole = told(refused(f"http://evil.example/{'p' * pad}/{writing}"))
        shown = whole.partition("/p")[2].partition("...")[0].strip("p/")
        size = len(writing) // len(LONG)
        assert shown == "[redacted]" or len(shown) < 8 * size + size, shown


def test_half_of_a_short_secret_is_taken_too() -> None:
    assert told("to another host (http://e.example/ab7Xq...), which", "ab7Xq9Lm2") == (
        "to another host (http://e.example/[redacted]...), which"
    )


def test_a_cut_is_always_shown() -> None:
    assert printable("x" * 301) == "x" * 297 + "..."
    assert printable("x" * 300) == "x" * 300
    assert printable("a" + "\t" * 5000 + "b") == "a..."
    assert printable("x" * 300)[:60] == "x" * 57 + "..."
    assert printable("x" * 60)[:60] == "x" * 60


def test_a_secret_shown_without_its_letters_that_are_not_ascii() -> None:
    secret = "pässwörd-çanary-Ω-42"
    wire = secret.encode().decode("latin-1")
    assert "canary" not in told(f"({printable(wire)})", secret)
    assert told(f"({printable(wire)})", secret) == "([redacted])"


def test_what_is_no_beginning_stays() -> None:
    text = f"See {LONG[1:30]}... and {LONG[:5]}..."
    assert told(text) == text


@contextmanager
def echoing() -> Iterator[int]:
    """A service that redirects everybody to another host, with the caller's token in the address."""

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").rpartition(" ")[2]
            self.send_response(302)
            self.send_header("Location", f"http://evil.example/?t={token}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_neither_a_file_nor_the_console_shows_it(command: str, tmp_path: Path) -> None:
    with echoing() as port:
        target = tmp_path / "target.yaml"
        target.write_text(
            f"base_url: http://127.0.0.1:{port}\nauth: {{kind: bearer, token_env: INTEROP_TOKEN}}\n", encoding="utf-8"
        )
        words = ["doctor", str(target)]
        if command == "run":
            words = ["run", "open-referral-uk", "--target", str(target), "--out", str(tmp_path / "out")]
        done = subprocess.run(
            [sys.executable, "-m", "interop_harness", *words],
            capture_output=True,
            timeout=120,
            check=False,
            env={**os.environ, "INTEROP_TOKEN": LONG},
        )
    assert b"evil.example/?t=[redacted]..." in done.stdout + done.stderr
    written_files = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert bool(written_files) == (command == "run")
    for data in (done.stdout, done.stderr, *written_files):
        assert LONG[:8].encode() not in (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)


WRAPPED: dict[str, Callable[[bytes], str]] = {
    "encodebytes": lambda data: base64.encodebytes(data).decode(),
    "PEM": lambda data: _lines(data, 64, "\r\n"),
    "PEM in JSON": lambda data: json.dumps(_lines(data, 64, "\r\n")),
    "JSON in JSON": lambda data: json.dumps(json.dumps(_lines(data, 76, "\n"))),
    "JSON of PHP": lambda data: json.dumps(_lines(data, 76, "\r\n")).replace("/", "\\/"),
    "in a URL": lambda data: quote(_lines(data, 76, "\n")),
    "escapes": lambda data: _lines(data, 60, "\\u000D\\u000a"),
    "indented": lambda data: _lines(data, 40, "\n      "),
    "folded header": lambda data: _lines(data, 72, "\r\n\t"),
    "URL alphabet": lambda data: _lines(data, 76, "\n").replace("+", "-").replace("/", "_"),
    "hexadecimal in groups": lambda data: data.hex(" "),
    "hexadecimal in lines": lambda data: "\n".join(textwrap.wrap(data.hex(), 32)),
}


def _lines(data: bytes, width: int, end: str) -> str:
    text = base64.b64encode(data).decode()
    return end.join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize("writing", WRAPPED)
@pytest.mark.parametrize("before", [0, 1, 2, 50, 51, 52, 53])
def test_broken_lines_do_not_hide_a_secret(writing: str, before: int) -> None:
    for secret in (LONG, LONG[:60], "Kq7!v'(x)*~/w&<z>=+;:@$,#p?J9%m>>>???"):
        packed = WRAPPED[writing](b"y" * before + secret.encode() + b"zz")
        redactor = Redactor([Secret(secret, "token")])
        whole = f'{{"debug": "{packed}", "and": "nothing else"}}'
        assert redactor.holds(whole.encode())
        told = redactor.text(whole)
        assert not redactor.holds(told.encode())
        assert "[redacted]" in told
        assert told.startswith('{"debug": "')
        assert told.endswith(', "and": "nothing else"}')
        redactor.refuse_leak(told.encode(), "a file")
        # But for what the neighbours' bits are mixed with, all of it is gone.
        rest = packed[8:-8].strip()
        for at in range(len(packed) // 4, len(packed) * 3 // 4 - 12, 5):
            assert before > 10 or not rest[at : at + 12].isalnum() or rest[at : at + 12] not in told
        with pytest.raises(InternalError):
            redactor.refuse_leak(whole.encode(), "a file")


def test_a_token_in_broken_lines_reaches_no_file(tmp_path: Path) -> None:
    packed = json.dumps(base64.encodebytes(b"Bearer " + LONG.encode()).decode())[1:-1]
    files = written(header_auth(), LONG, Writing(body=[packed]), tmp_path)
    core = base64.b64encode(b"Bearer " + LONG.encode()).decode()
    for name, data in files.items():
        for at in range(16, 400, 4):
            assert core[at : at + 20].encode() not in data, name


def test_ordinary_text_in_lines_stays_and_costs_little() -> None:
    redactor = Redactor([Secret(LONG, "token")])
    text = b'{"text": "' + b"\\n \\r\\n %0a \\u000a word " * 400_000 + b'"}'
    started = time.process_time()
    assert redactor.data(text) == text
    assert time.process_time() - started < 10
    echoed = base64.encodebytes(LONG.encode()) + b"Ab " * 2_000_000
    tracemalloc.start()
    assert len(redactor.data(echoed)) < len(echoed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(echoed)


def test_a_body_of_escapes_that_echoes_the_token_takes_memory_in_proportion() -> None:
    redactor = Redactor([Secret(LONG, "token")])
    body = b'{"x": "' + b"%41%62%7a" * 200_000 + LONG.encode() + b"%63" * 200_000 + b'"}'
    tracemalloc.start()
    told = redactor.data(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told == body.replace(LONG.encode(), b"[redacted]")
    assert peak < 20 * len(body)
