"""Conforming suppliers that differ in how answers cross a socket: none of these ways may fail a MUST.

The variants of the assay are judged in one process, where nothing is chunked, slow or HTTP/1.0; these few are not.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.execution.run import run
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, parse_query, respond
from interop_harness.transport.credentials import load_credentials

PIECE = 700
"""Bytes of a chunk: several to most bodies, split wherever it falls, within a letter too."""


class Answering(BaseHTTPRequestHandler):
    """A server that writes the very bytes of a way to answer; its ways are the class's attributes."""

    supplier: Handler
    chunked = slow = packed = closing = False
    asked: list[str]

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        headers = tuple((name, value) for name, value in self.headers.items())
        body = self.rfile.read(length)
        request = SandboxRequest(self.command, unquote(path), parse_query(query), headers, body, query)
        self.asked.append(self.path)
        answer = respond(self.supplier, request).without_header("content-length")
        content = answer.body
        if self.packed and content and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, 1)
            answer = answer.with_header("Content-Encoding", "gzip").with_header("Vary", "Accept-Encoding")
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        whole = self.protocol_version == "HTTP/1.1" and not self.chunked
        if self.chunked and not bodiless:
            self.send_header("Transfer-Encoding", "chunked")
        elif whole and not bodiless:
            self.send_header("Content-Length", str(len(content)))
        if self.closing:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if not bodiless:
            self._send(content)

    def _send(self, content: bytes) -> None:
        pieces = [content[at : at + PIECE] for at in range(0, len(content), PIECE)] if self.chunked else [content]
        if self.slow:
            middle = len(content) // 2
            pieces = [content[:middle], content[middle:]]
        for piece in pieces:
            if self.chunked and piece:
                self.wfile.write(f"{len(piece):x};part=1\r\n".encode() + piece + b"\r\n")
            else:
                self.wfile.write(piece)
            if self.slow:
                self.wfile.flush()
                time.sleep(0.005)
        if self.chunked:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def served(profile: str, version: str, **ways: bool) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    members = {"supplier": staticmethod(handler(profile, now=CLOCK)), "asked": asked, "protocol_version": version}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Way", (Answering,), {**members, **ways}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.mark.parametrize("profile", ["local-waste-services", "blue-badge-eligibility"])
@pytest.mark.parametrize(
    ("version", "ways"),
    [
        ("HTTP/1.1", {"chunked": True}),
        ("HTTP/1.1", {"chunked": True, "packed": True}),
        ("HTTP/1.0", {}),
        ("HTTP/1.1", {"slow": True}),
        ("HTTP/1.1", {"closing": True, "packed": True}),
    ],
    ids=["chunked", "chunked and compressed", "HTTP 1.0", "slow", "one answer a connection, compressed"],
)
def test_no_must_fails_over_how_answers_cross_a_socket(profile: str, version: str, ways: dict[str, bool]) -> None:
    with served(profile, version, **ways) as (url, asked):
        plan = reference_plan(load(profile), options=Options(allow_writes=True), base_url=url)
        credentials = load_credentials(plan.implementation, {})
        outcome = run(plan, credentials, credentials.redactor(), workers=4, clock=lambda: CLOCK)
    wrong = [
        (row["id"], row["verdict"], row["reason"], row["findings"][:1])
        for row in outcome.report["requirements"]
        if row["level"] == "MUST" and row["verdict"] in {"fail", "error", "inconclusive"}
    ]
    assert not wrong
    assert outcome.report["verdict"] == "conformant", outcome.report["reasons"]
    assert len(asked) > 20
