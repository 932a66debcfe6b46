"""Over a hundred things a server can do to a client, each with the outcome and the time allowed.

A row names the behaviour, what the server does with a request, and what ``send`` must give: a kind of failure, or a
check of the answer. Whatever happens, a second request to a well-behaved address must still work.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from interop_harness.evidence import Exchange, FailureKind, Request
from interop_harness.evidence.lines import encode, read_evidence, write_evidence
from interop_harness.implementation import Limits
from interop_harness.transport import LiveTransport

from .server import KEEP, SHORT, Asked, Behave, answer, bare, serving

OK = answer()
JSON = b"Content-Type: application/json"
K = FailureKind


PATIENT = replace(SHORT, timeout=10)
NOTICED = 0.5
"""Seconds: what ends within them was noticed, and not waited for."""
TRIES = 3
"""Who shares this machine may hold one of them up; what is slow by itself is slow each time."""


@dataclass(frozen=True)
class Row:
    name: str
    behave: Behave
    expect: FailureKind | tuple[FailureKind, ...] | int | Callable[[Exchange], object]
    seconds: float = NOTICED
    """Time within which send must return."""
    method: str = "GET"
    body: bytes = b""
    attempts: int | None = None

    @property
    def limits(self) -> Limits:
        """A row that waits for the time-out has the lab's short one."""
        return PATIENT if self.seconds == NOTICED else SHORT


def says(*pieces: bytes, keep: bool = False, every: float = 0.0) -> Behave:
    def behave(asked: Asked) -> object:
        asked.say(*pieces, every=every)
        return KEEP if keep else None

    return behave


def chunked(*pieces: bytes) -> bytes:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return bare(b"HTTP/1.1 200 OK", JSON, b"Transfer-Encoding: chunked", body=framed + b"0\r\n\r\n")


def in_chunks(body: bytes, coding: bytes = b"chunked") -> bytes:
    """Chunks written by hand."""
    return bare(b"HTTP/1.1 200 OK", JSON, b"Transfer-Encoding: " + coding, body=body)


def encoded(name: bytes, body: bytes) -> bytes:
    return answer(body, b"Content-Encoding: " + name)


def body_is(expected: bytes) -> Callable[[Exchange], object]:
    def check(exchange: Exchange) -> None:
        assert exchange.response is not None, exchange.failure
        assert exchange.status == 200
        assert exchange.response.body == expected

    return check


def without(text: bytes) -> Callable[[Exchange], object]:
    def check(exchange: Exchange) -> None:
        assert exchange.ok, exchange.failure
        assert text not in json.dumps(exchange.as_json()).encode()

    return check


def redirect(location: bytes, status: bytes = b"302 Found") -> bytes:
    return answer(b"", b"Location: " + location, status=status)


def then_hang(*pieces: bytes) -> Behave:
    def behave(asked: Asked) -> None:
        asked.say(*pieces)
        asked.hang()

    return behave


def then_reset(*pieces: bytes) -> Behave:
    def behave(asked: Asked) -> None:
        asked.say(*pieces)
        time.sleep(0.02)
        asked.reset()

    return behave


def endless(head: bytes, piece: bytes) -> Behave:
    def behave(asked: Asked) -> None:
        asked.say(head)
        while True:
            asked.say(piece)

    return behave


def drip(data: bytes) -> Behave:
    def behave(asked: Asked) -> None:
        for byte in data:
            asked.say(bytes([byte]))
            time.sleep(0.03)
        asked.hang()

    return behave


def hops(count: int) -> Behave:
    def behave(asked: Asked) -> object:
        number = int(asked.target.rpartition("-")[2]) if "-" in asked.target else 0
        asked.say(redirect(b"/hop-%d" % (number + 1)) if number < count else OK)
        return KEEP

    return behave


def busy(*answers: bytes) -> Behave:
    def behave(asked: Asked) -> object:
        asked.say(answers[min(asked.number, len(answers)) - 1])
        return KEEP

    return behave


def redirected(count: int) -> Callable[[Exchange], object]:
    def check(exchange: Exchange) -> None:
        assert exchange.status == 200
        assert exchange.response is not None
        assert len(exchange.response.redirects) == count

    return check


def header_is(name: str, value: str) -> Callable[[Exchange], object]:
    def check(exchange: Exchange) -> None:
        assert exchange.response is not None, exchange.failure
        assert exchange.response.header(name) == value

    return check


def http_date(seconds: float) -> bytes:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True).encode()


DEEP = b"[" * 10_000 + b"]" * 10_000
BOMB = gzip.compress(b"\0" * (8 * 1024 * 1024))
HUGE_HEADER = b"X-Long: " + b"a" * 60_000 + b"\r\n"
SLOW = 1.1
"""The 0.6 seconds of the lab's time-out, and the time to notice."""

ROWS = [
    # Connections that end badly.
    Row("closes without an answer", says(), K.RESET),
    Row("resets without an answer", then_reset(), K.RESET),
    Row("resets within the headers", then_reset(b"HTTP/1.1 200 OK\r\nContent-Ty"), K.RESET),
    Row("closes within the status line", says(b"HTTP/1."), K.RESET),
    Row("closes within the headers", says(b"HTTP/1.1 200 OK\r\nContent-Ty"), K.RESET),
    Row("resets within the body", then_reset(answer(b"x" * 100)[:-50]), K.RESET),
    Row("closes within the body", says(answer(b"x" * 100)[:-50]), K.PROTOCOL),
    Row("closes within a chunk", says(chunked(b"x" * 100)[:-60]), K.PROTOCOL),
    Row("closes before the last chunk", says(chunked(b"x" * 100)[:-5]), K.PROTOCOL),
    # Time.
    Row("hangs before the headers", then_hang(), K.TIMEOUT, SLOW),
    Row("hangs within the headers", then_hang(b"HTTP/1.1 200 OK\r\nA: "), K.TIMEOUT, SLOW),
    Row("hangs before the body", then_hang(answer(b"x" * 100)[:-100]), K.TIMEOUT, SLOW),
    Row("hangs within a chunk", then_hang(chunked(b"x" * 100)[:-60]), K.TIMEOUT, SLOW),
    Row("drips the headers", drip(OK), K.TIMEOUT, SLOW),
    Row("drips the body", drip(answer(b"x" * 500)), K.TIMEOUT, SLOW),
    Row("drips chunks", drip(chunked(*[b"x"] * 100)), K.TIMEOUT, SLOW),
    Row("drips early hints", says(*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 60, every=0.03), K.TIMEOUT, SLOW),
    # Size.
    Row("endless body until close", endless(bare(b"HTTP/1.1 200 OK", JSON), b" " * 65536), K.TOO_LARGE),
    Row(
        "endless chunks",
        endless(bare(b"HTTP/1.1 200 OK", JSON, b"Transfer-Encoding: chunked"), b"10000\r\n" + b" " * 65536 + b"\r\n"),
        K.TOO_LARGE,
    ),
    Row(
        "endless chunks of one byte",
        endless(bare(b"HTTP/1.1 200 OK", JSON, b"Transfer-Encoding: chunked"), b"1\r\n \r\n" * 1000),
        (K.TOO_LARGE, K.TIMEOUT),
        SLOW,
    ),
    Row("endless headers", endless(b"HTTP/1.1 200 OK\r\n", b"X-Many: again\r\n" * 1000), K.TOO_LARGE),
    Row("one endless header", endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 65536), K.TOO_LARGE),
    Row("endless status line", endless(b"HTTP/1.1 200 ", b"a" * 65536), (K.TOO_LARGE, K.PROTOCOL)),
    Row(
        "endless early hints",
        endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
        (K.TOO_LARGE, K.TIMEOUT),
        SLOW,
    ),
    Row("endless trailers", endless(chunked(b"{}")[:-2], b"X-Many: again\r\n" * 1000), K.TOO_LARGE),
    Row(
        "a chunk with an endless extension", endless(chunked()[:-5] + b"2;a=", b"a" * 65536), (K.TOO_LARGE, K.PROTOCOL)
    ),
    Row("announces a gigabyte", then_hang(bare(b"HTTP/1.1 200 OK", b"Content-Length: 1073741824")), K.TOO_LARGE),
    Row(
        "announces more than any integer",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: " + b"9" * 40)),
        (K.TOO_LARGE, K.PROTOCOL),
    ),
    Row("an array of many megabytes", says(answer(b"[" + b"1," * 1_000_000 + b"1]")), K.TOO_LARGE),
    Row("a large header", says(bare(b"HTTP/1.1 200 OK", HUGE_HEADER, body=b"{}")), 200),
    Row("two large headers", says(bare(b"HTTP/1.1 200 OK", HUGE_HEADER + HUGE_HEADER, body=b"{}")), K.TOO_LARGE),
    # Lengths and framing.
    Row(
        "Content-Length too short",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: 2", body=b"{}surplus"), keep=True),
        body_is(b"{}"),
    ),
    Row("a second answer after the first", says(OK + answer(b'"not asked for"'), keep=True), body_is(b"{}")),
    Row("negative Content-Length", says(bare(b"HTTP/1.1 200 OK", b"Content-Length: -5", body=b"{}")), K.PROTOCOL),
    Row("Content-Length in words", says(bare(b"HTTP/1.1 200 OK", b"Content-Length: two", body=b"{}")), K.PROTOCOL),
    Row(
        "two Content-Lengths that differ",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: 2", b"Content-Length: 3", body=b"{}")),
        K.PROTOCOL,
    ),
    Row(
        "two Content-Lengths that agree",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: 2", b"Content-Length: 2", body=b"{}")),
        body_is(b"{}"),
    ),
    Row(
        "chunk size in words",
        says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"two\r\n{}\r\n0\r\n\r\n")),
        K.PROTOCOL,
    ),
    Row(
        "chunk longer than it says",
        says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"1\r\n{}\r\n0\r\n\r\n")),
        K.PROTOCOL,
    ),
    Row(
        "negative chunk size",
        says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"-2\r\n{}\r\n0\r\n\r\n")),
        K.PROTOCOL,
    ),
    Row(
        "chunk size beyond any integer",
        says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"f" * 40 + b"\r\n{}")),
        K.PROTOCOL,
    ),
    Row(
        "unknown Transfer-Encoding", says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: gzip", body=b"{}")), K.PROTOCOL
    ),
    Row(
        "length and chunks at once",
        says(
            bare(b"HTTP/1.1 200 OK", b"Content-Length: 9", b"Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n")
        ),
        body_is(b"{}"),
    ),
    Row(
        "chunks with extensions and trailers",
        says(bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n")),
        body_is(b"{}"),
    ),
    Row("no length, ends by closing", says(bare(b"HTTP/1.1 200 OK", JSON, body=b"{}")), body_is(b"{}")),
    # Content encoding.
    Row("gzip", says(encoded(b"gzip", gzip.compress(b"{}"))), body_is(b"{}")),
    Row("gzip of two members", says(encoded(b"gzip", gzip.compress(b"{") + gzip.compress(b"}"))), body_is(b"{}")),
    Row("gzip with padding", says(encoded(b"x-gzip", gzip.compress(b"{}") + b"\0" * 100)), body_is(b"{}")),
    Row("gzip twice", says(encoded(b"gzip, gzip", gzip.compress(gzip.compress(b"{}")))), body_is(b"{}")),
    Row("deflate", says(encoded(b"deflate", zlib.compress(b"{}"))), body_is(b"{}")),
    Row("deflate without its wrapper", says(encoded(b"deflate", zlib.compress(b"{}")[2:-4])), body_is(b"{}")),
    Row("gzip named, nothing there", says(encoded(b"gzip", b"")), body_is(b"")),
    Row("gzip named, plain text there", says(encoded(b"gzip", b"{}")), K.DECODING),
    Row("gzip cut short", says(encoded(b"gzip", gzip.compress(b"x" * 5000)[:-12])), K.DECODING),
    Row("gzip with a wrong checksum", says(encoded(b"gzip", gzip.compress(b"{}")[:-8] + b"\0" * 8)), K.DECODING),
    Row("gzip bomb", says(encoded(b"gzip", BOMB)), K.TOO_LARGE),
    Row("gzip bomb within a gzip", says(encoded(b"gzip, gzip", gzip.compress(BOMB))), K.TOO_LARGE),
    Row("deflate bomb", says(encoded(b"deflate", zlib.compress(b"\0" * 8_000_000))), K.TOO_LARGE),
    Row("brotli, though not offered", says(encoded(b"br", b"\x0b\x01\x80{}\x03")), K.DECODING),
    Row("an encoding that does not exist", says(encoded(b"\x1b[31mrot13", b"{}")), (K.DECODING, K.PROTOCOL)),
    Row("ten encodings", says(encoded(b", ".join([b"gzip"] * 10), b"{}")), K.DECODING),
    # What stands in the body is for the checks; here it must survive as it came.
    Row(
        "wrong charset",
        says(
            bare(
                b"HTTP/1.1 200 OK", b"Content-Type: application/json; charset=utf-16", b"Content-Length: 2", body=b"{}"
            )
        ),
        body_is(b"{}"),
    ),
    Row("no media type", says(bare(b"HTTP/1.1 200 OK", b"Content-Length: 2", body=b"{}")), body_is(b"{}")),
    Row("byte order mark", says(answer(b"\xef\xbb\xbf{}")), body_is(b"\xef\xbb\xbf{}")),
    Row("NUL bytes", says(answer(b'{"a":"\0"}\0')), body_is(b'{"a":"\0"}\0')),
    Row("bytes that are not UTF-8", says(answer(b'"\xff\xfe\xe9"')), body_is(b'"\xff\xfe\xe9"')),
    Row("lone surrogates, escaped", says(answer(b'"\\ud800"')), body_is(b'"\\ud800"')),
    Row("lone surrogates, encoded", says(answer(b'"\xed\xa0\x80"')), body_is(b'"\xed\xa0\x80"')),
    Row("duplicate keys", says(answer(b'{"a":1,"a":2}')), body_is(b'{"a":1,"a":2}')),
    Row("JSON ten thousand deep", says(answer(DEEP)), body_is(DEEP)),
    Row("numbers beyond a double", says(answer(b"[1e999,-1e999,123456789012345678901234567890]")), 200),
    Row("NaN and Infinity", says(answer(b"[NaN,Infinity]")), body_is(b"[NaN,Infinity]")),
    Row(
        "HTML with status 200",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Type: text/html", b"Content-Length: 6", body=b"<html>")),
        200,
    ),
    Row("script, markup, escapes, right-to-left", says(answer("<script>[red]\x1b[31m\u202e".encode())), 200),
    Row("a body with HEAD", says(answer(b"{}"), keep=True), body_is(b""), method="HEAD"),
    # Redirects.
    Row("redirects to itself", says(redirect(b"/x"), keep=True), K.REDIRECT),
    Row("redirects in a circle", busy(*[redirect(b"/a"), redirect(b"/b")] * 10), K.REDIRECT),
    Row("redirects five times", hops(5), redirected(5)),
    Row("redirects six times", hops(6), K.REDIRECT),
    Row("redirects to another host", says(redirect(b"http://another.example/x")), K.REDIRECT),
    Row("redirects to another port", says(redirect(b"http://127.0.0.1:1/x")), K.REDIRECT),
    Row("redirects to a private address", says(redirect(b"http://169.254.169.254/latest/meta-data/")), K.REDIRECT),
    Row("redirects by //", says(redirect(b"//another.example/x")), K.REDIRECT),
    Row("redirects to file:", says(redirect(b"file:///etc/passwd")), K.REDIRECT),
    Row("redirects to javascript:", says(redirect(b"javascript:alert(1)")), K.REDIRECT),
    Row("redirects to data:", says(redirect(b"data:application/json,{}")), K.REDIRECT),
    Row("redirects to an unreadable address", says(redirect(b"http://[::1")), K.REDIRECT),
    Row("redirects to an unreadable port", says(redirect(b"http://127.0.0.1:99999999/")), K.REDIRECT),
    Row("redirects with a user name", says(redirect(b"http://u:p@127.0.0.1/")), K.REDIRECT),
    Row("redirects nowhere", says(bare(b"HTTP/1.1 302 Found", b"Content-Length: 0")), 302),
    Row("redirects to an empty place", says(redirect(b"")), 302),
    Row("redirects within the origin, relatively", busy(redirect(b"y?z=%zz"), OK), redirected(1)),
    Row("redirects in letters beyond ASCII", busy(redirect("/é".encode()), OK), redirected(1)),
    Row("redirects a POST", says(redirect(b"/y", b"307 Temporary Redirect")), 307, method="POST", body=b"{}"),
    Row("300 with a Location", says(redirect(b"/y", b"300 Multiple Choices")), 300),
    # Statuses.
    Row("100 Continue first", says(b"HTTP/1.1 100 Continue\r\n\r\n", OK), body_is(b"{}")),
    Row("103 Early Hints first", says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", OK), body_is(b"{}")),
    Row("101 Switching Protocols", says(bare(b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket")), K.PROTOCOL),
    Row("204 with a body", says(answer(b"{}", status=b"204 No Content"), keep=True), 204),
    Row("304 unasked", says(answer(b"", status=b"304 Not Modified"), keep=True), 304),
    Row("407 without a proxy", says(answer(status=b"407 Proxy Authentication Required")), 407),
    Row("421", says(answer(status=b"421 Misdirected Request")), 421),
    Row("425", says(answer(status=b"425 Too Early")), 425),
    Row("status 99", says(bare(b"HTTP/1.1 99 Odd", b"Content-Length: 0")), K.PROTOCOL),
    Row("status 600", says(bare(b"HTTP/1.1 600 Odd", b"Content-Length: 0")), 600),
    Row("status 1000", says(bare(b"HTTP/1.1 1000 Odd", b"Content-Length: 0")), K.PROTOCOL),
    Row("status in words", says(bare(b"HTTP/1.1 OK 200", b"Content-Length: 0")), K.PROTOCOL),
    Row("no reason phrase", says(bare(b"HTTP/1.1 200", b"Content-Length: 2", body=b"{}")), body_is(b"{}")),
    Row("HTTP/1.0", says(answer(version=b"HTTP/1.0")), 200),
    Row("HTTP/0.9", says(b"{}"), K.PROTOCOL),
    Row("HTTP/2 in a status line", says(answer(version=b"HTTP/2")), K.PROTOCOL),
    Row("HTTP/9.9", says(answer(version=b"HTTP/9.9")), K.PROTOCOL),
    Row("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n"), K.PROTOCOL),
    Row("ICY", says(b"ICY 200 OK\r\n\r\n"), K.PROTOCOL),
    Row("escape sequences in the status line", says(b"\x1b[31mHTTP/1.1 200 OK\r\n\r\n"), K.PROTOCOL),
    Row("binary noise", says(bytes(range(256)) * 10), K.PROTOCOL),
    # Headers.
    Row("a header without a colon", says(bare(b"HTTP/1.1 200 OK", b"Nonsense", b"Content-Length: 0")), K.PROTOCOL),
    Row("a header name with a space", says(bare(b"HTTP/1.1 200 OK", b"X Y: z", b"Content-Length: 0")), K.PROTOCOL),
    Row("a header value with NUL", says(bare(b"HTTP/1.1 200 OK", b"X: \0", b"Content-Length: 0")), K.PROTOCOL),
    Row("a header value with escapes", says(answer(b"{}", b"X-Esc: \x1b[31m")), header_is("x-esc", "\x1b[31m")),
    Row("a header value beyond ASCII", says(answer(b"{}", "X-Name: Zoë".encode())), header_is("x-name", "ZoÃ«")),
    Row("a header over two lines", says(answer(b"{}", b"X-Fold: a\r\n b")), header_is("x-fold", "a b")),
    Row("a header twice", says(answer(b"{}", b"X: 1", b"x: 2")), header_is("X", "1, 2")),
    Row("lines that end in LF alone", says(OK.replace(b"\r\n", b"\n")), body_is(b"{}")),
    Row("an injected header", says(answer(b"{}", b"X: a\rSet-Cookie: b=c")), (K.PROTOCOL, K.RESET)),
    Row("cookies", says(answer(b"{}", b"Set-Cookie: s=secretsession")), header_is("set-cookie", "[redacted]")),
    # Busy.
    Row("429 without Retry-After, always", says(answer(status=b"429 Too Many"), keep=True), 429, 1.5, attempts=3),
    Row("429 with seconds, then well", busy(answer(b"", b"Retry-After: 0", status=b"429 Wait"), OK), 200, attempts=2),
    Row("429 always", says(answer(b"", b"Retry-After: 0", status=b"429 Wait"), keep=True), 429, attempts=3),
    Row("429 for an hour", says(answer(b"", b"Retry-After: 3600", status=b"429 Wait"), keep=True), 429, attempts=1),
    Row(
        "429 until a date gone by",
        busy(answer(b"", b"Retry-After: " + http_date(-60), status=b"429 Wait"), OK),
        200,
        attempts=2,
    ),
    Row(
        "429 until a date far off",
        says(answer(b"", b"Retry-After: " + http_date(9999), status=b"429 Wait"), keep=True),
        429,
        attempts=1,
    ),
    Row(
        "429 with a negative wait",
        says(answer(b"", b"Retry-After: -1", status=b"429 Wait"), keep=True),
        429,
        1.5,
        attempts=3,
    ),
    Row(
        "429 with a wait beyond any integer",
        says(answer(b"", b"Retry-After: " + b"9" * 50, status=b"429 Wait"), keep=True),
        429,
        attempts=1,
    ),
    Row("503 once", busy(answer(b"", b"Retry-After: 0", status=b"503 Busy"), OK), 200, attempts=2),
    Row(
        "503 for a POST",
        says(answer(b"", b"Retry-After: 0", status=b"503 Busy"), keep=True),
        503,
        method="POST",
        attempts=1,
    ),
    Row(
        "answers before it has read",
        says(answer(b"", status=b"413 Too Large")),
        413,
        method="POST",
        body=b"x" * 100_000,
    ),
    # What no client asked for, and odd ways to write what it did.
    Row("two thousand interim answers", says(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000, OK), body_is(b"{}"), 1.5),
    Row("an interim answer with a body", says(b"HTTP/1.1 103 Hints\r\nContent-Length: 2\r\n\r\n{}", OK), K.PROTOCOL),
    Row("a header of a megabyte", says(bare(b"HTTP/1.1 200 OK", b"X: " + b"a" * 1_000_000, body=b"{}")), K.TOO_LARGE),
    Row("five thousand headers", says(answer(b"{}", *[b"X%d: y" % at for at in range(5000)])), body_is(b"{}"), 1.5),
    Row("a reason of fifty thousand letters", says(answer(status=b"200 " + b"a" * 50_000)), body_is(b"{}")),
    Row(
        "a media type of fifty thousand letters",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Type: " + b"a/" * 25_000)),
        200,
    ),
    Row("blank lines first", says(b"\r\n\r\n" + OK), K.PROTOCOL),
    Row("a continuation line first", says(bare(b"HTTP/1.1 200 OK", b" Content-Length: 2", body=b"{}")), K.PROTOCOL),
    Row("a space before the colon", says(bare(b"HTTP/1.1 200 OK", b"Content-Length : 2", body=b"{}")), K.PROTOCOL),
    Row("a quotation mark in a chunk's extension", says(in_chunks(b'2;a="b;c\r\n{}\r\n0\r\n\r\n')), body_is(b"{}")),
    Row("chunks in lines that end in LF alone", says(in_chunks(b"2\n{}\n0\n\n")), K.PROTOCOL),
    Row("a chunk's size as C writes it", says(in_chunks(b"0x2\r\n{}\r\n0\r\n\r\n")), K.PROTOCOL),
    Row("a chunk's size with zeros before it", says(in_chunks(b"0000002\r\n{}\r\n0\r\n\r\n")), body_is(b"{}")),
    Row(
        "a length and a cookie behind the chunks",
        says(in_chunks(b"2\r\n{}\r\n0\r\nContent-Length: 9\r\nX-Late: secret\r\n\r\n")),
        without(b"secret"),
    ),
    Row("chunked, chunked", says(in_chunks(b"2\r\n{}\r\n0\r\n\r\n", b"chunked, chunked")), K.PROTOCOL),
    Row("gzip, chunked", says(in_chunks(b"2\r\n{}\r\n0\r\n\r\n", b"gzip, chunked")), K.PROTOCOL),
    Row("identity, and a length", says(in_chunks(b"{}", b"identity\r\nContent-Length: 2")), K.PROTOCOL),
    Row(
        "length and chunks, and an answer behind the chunks",
        says(in_chunks(b"0\r\n\r\n" + answer(b'"smuggled"'), b"chunked\r\nContent-Length: 200"), keep=True),
        body_is(b""),
    ),
    Row("Content-Length with a sign", says(bare(b"HTTP/1.1 200 OK", b"Content-Length: +2", body=b"{}")), K.PROTOCOL),
    Row("Content-Length in other digits", says(bare(b"HTTP/1.1 200 OK", "Content-Length: ٢".encode())), K.PROTOCOL),
    Row(
        "Content-Length of thousands of zeros",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: " + b"0" * 5000 + b"2", body=b"{}")),
        K.PROTOCOL,
    ),
    Row(
        "a list of one Content-Length",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Length: 2, 2", body=b"{}")),
        body_is(b"{}"),
    ),
    Row(
        "Content-Encoding in two lines",
        says(encoded(b"gzip\r\nContent-Encoding: gzip", gzip.compress(gzip.compress(b"{}")))),
        body_is(b"{}"),
    ),
    Row(
        "Content-Type in two lines",
        says(answer(b"{}", b"Content-Type: text/html")),
        header_is("content-type", "application/json, text/html"),
    ),
    Row("says that it closes, and does not", says(answer(b"{}", b"Connection: close"), keep=True), body_is(b"{}")),
    Row("says that it stays, and closes", says(answer(b"{}", b"Connection: keep-alive")), body_is(b"{}")),
    Row("205 with a body", says(answer(status=b"205 Reset Content"), keep=True), 205),
    Row("206 unasked", says(answer(b"{}", b"Content-Range: bytes 0-1/9", status=b"206 Partial"), keep=True), 206),
    Row("status 999", says(answer(status=b"999 Odd"), keep=True), 999),
    Row("status 000", says(answer(status=b"000 Odd")), K.PROTOCOL),
    Row("the preface of HTTP/2", says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), K.PROTOCOL),
    Row("a frame of HTTP/2", says(b"\0\0\x12\x04\0\0\0\0\0" + b"\0" * 18), K.PROTOCOL),
    Row(
        "two Locations",
        busy(answer(b"", b"Location: /y", b"Location: http://evil.example/", status=b"302 X"), OK),
        redirected(1),
    ),
    Row("redirects by \\", says(redirect(b"/\\evil.example/"), keep=True), K.REDIRECT),
    Row(
        "redirects to an address in wide digits",
        says(redirect("http://\uff11\uff12\uff17.0.0.1:1/".encode())),
        K.REDIRECT,
    ),
    Row(
        "503 for no number of seconds", says(answer(b"", b"Retry-After: nan", status=b"503 Busy"), keep=True), 503, 1.5
    ),
    Row(
        "429 until the end of time",
        says(answer(b"", b"Retry-After: Fri, 31 Dec 9999 23:59:59 -2359", status=b"429 X"), keep=True),
        429,
        attempts=1,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_outcome_is_the_expected_one_and_in_time(row: Row) -> None:
    took: list[float] = []
    while len(took) < TRIES and (not took or took[-1] >= row.seconds):
        with serving(row.behave) as server, LiveTransport(server.target(row.limits)) as transport:
            began = time.monotonic()
            exchange = transport.send(Request(row.method, "/x", body=row.body))
            took.append(time.monotonic() - began)
        as_expected(row, exchange)
    assert took[-1] < row.seconds, took


def as_expected(row: Row, exchange: Exchange) -> None:
    expect = row.expect
    if isinstance(expect, FailureKind):
        expect = (expect,)
    if isinstance(expect, int):
        assert exchange.status == expect, exchange.describe()
    elif isinstance(expect, tuple):
        assert exchange.failure is not None, exchange.describe()
        assert exchange.failure.kind in expect, exchange.failure
    else:
        expect(exchange)
    if row.attempts is not None:
        assert exchange.attempts == row.attempts
    if exchange.failure is not None:
        message = exchange.failure.message
        assert message.isprintable() and message.isascii() and message.endswith("."), message
        assert len(message) < 400
    # Whatever came can be written down and read back.
    packed, _ = write_evidence(encode({}, [], [exchange], complete=True))
    (again,) = read_evidence(packed).exchanges.values()
    assert again.as_json() == exchange.as_json()
    json.dumps(exchange.as_json())


def test_there_are_more_than_a_hundred_behaviours() -> None:
    assert len(ROWS) > 100
    assert len({row.name for row in ROWS}) == len(ROWS)
