"""A content encoding reads the same however its bytes are cut: where a chunk ends says nothing."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.transport import LiveTransport
from interop_harness.transport.bodies import read_body
from interop_harness.transport.failures import Trouble

from .runs import SHORT, reference, whole_run
from .server import KEEP, Asked, bare, serving


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def stored(data: bytes) -> bytes:
    """A bare stream that packs nothing: it begins with other bytes."""
    packer = zlib.compressobj(0, wbits=-15)
    return packer.compress(data) + packer.flush()


TEXT = b'{"some": "text", "and": [1, 2, 3]}'
ONE, TWO, NONE = gzip.compress(TEXT[:9]), gzip.compress(TEXT[9:]), gzip.compress(b"")
BODIES: dict[str, tuple[str, bytes, bytes | str]] = {
    "one member": ("gzip", gzip.compress(TEXT), TEXT),
    "two members": ("gzip", ONE + TWO, TEXT),
    "an empty member between": ("gzip", ONE + NONE + TWO, TEXT),
    "zeros behind": ("gzip", ONE + TWO + b"\0" * 9, TEXT),
    "text behind": ("gzip", ONE + TWO + b"padding", TEXT),
    "half a name behind": ("gzip", ONE + TWO + b"\x1f", TEXT),
    "half a name and more behind": ("gzip", ONE + TWO + b"\x1fx", TEXT),
    "a member behind padding": ("gzip", ONE + b"\0" + TWO, TEXT[:9]),
    "a second member of nonsense": ("gzip", ONE + gzip.compress(b"}}}"), TEXT[:9] + b"}}}"),
    "a second member that is cut": ("gzip", ONE + TWO[:-5], "ends before"),
    "a second member that is a head": ("gzip", ONE + TWO[:10], "ends before"),
    "a second member that is half a head": ("gzip", ONE + TWO[:3], "ends before"),
    "a second member that is broken": ("gzip", ONE + b"\x1f\x8b no such thing", "is not what"),
    "a second member of a wrong sum": ("gzip", ONE + TWO[:-8] + b"\0" * 8, "is not what"),
    "twice": ("gzip, gzip", gzip.compress(ONE) + gzip.compress(TWO), TEXT),
    "zlib": ("deflate", zlib.compress(TEXT), TEXT),
    "zlib that is cut": ("deflate", zlib.compress(TEXT)[:-1], "ends before"),
    "zlib of a wrong sum": ("deflate", zlib.compress(TEXT)[:-4] + b"\0" * 4, "is not what"),
    "bare": ("deflate", bare_deflate(TEXT), TEXT),
    "bare, stored": ("deflate", stored(TEXT), TEXT),
    "bare, nothing": ("deflate", bare_deflate(b""), b""),
    "bare, more behind": ("deflate", bare_deflate(TEXT) + b"more", TEXT),
    "one byte": ("deflate", b"\x4b", "ends before"),
    "bare within gzip": ("deflate, gzip", gzip.compress(bare_deflate(TEXT)), TEXT),
}


def read(pieces: list[bytes], encoding: str, limit: int = 1000) -> bytes | str:
    try:
        return read_body(pieces, encoding, limit)[0]
    except Trouble as trouble:
        return trouble.message


@pytest.mark.parametrize(("encoding", "body", "expected"), BODIES.values(), ids=BODIES)
def test_wherever_it_is_cut(encoding: str, body: bytes, expected: bytes | str) -> None:
    pairs = [(first, second) for first in range(len(body)) for second in range(first, len(body))]
    cuts = [[body[:first], body[first:second], body[second:]] for first, second in pairs]
    for pieces in [[body], [body[at : at + 1] for at in range(len(body))], *cuts]:
        found = read(pieces, encoding)
        assert (expected in found) if isinstance(expected, str) and isinstance(found, str) else found == expected


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("limit", [len(TEXT) - 1, len(TEXT)])
def test_the_bound_is_the_same_too(encoding: str, limit: int) -> None:
    body = ONE + TWO if encoding == "gzip" else bare_deflate(TEXT)
    for at in range(len(body)):
        found = read([body[:at], body[at:]], encoding, limit)
        assert found == TEXT if limit == len(TEXT) else "larger than" in str(found)


def in_chunks(name: bytes, *pieces: bytes) -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces,)) + b"0\r\n\r\n"
    return bare(b"HTTP/1.1 200 OK", b"Content-Encoding: " + name, b"Transfer-Encoding: chunked", body=chunks)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (in_chunks(b"gzip", ONE, TWO), TEXT),
        (in_chunks(b"gzip", ONE, TWO[:1], TWO[1:]), TEXT),
        (in_chunks(b"gzip", ONE, TWO[:-1]), None),
        (in_chunks(b"deflate", bare_deflate(TEXT)[:1], bare_deflate(TEXT)[1:]), TEXT),
    ],
    ids=["a member a chunk", "a member in two", "one that is cut", "bare deflate"],
)
def test_in_chunks(said: bytes, expected: bytes | None) -> None:
    def behave(asked: Asked) -> object:
        asked.say(said)
        return KEEP

    with serving(behave) as server, LiveTransport(server.target()) as transport:
        exchange = transport.send(Request("GET", "/"))
    if expected is None:
        assert exchange.failure is not None and exchange.failure.kind is FailureKind.DECODING
    else:
        assert exchange.response is not None and exchange.response.body == expected, exchange.failure


@pytest.mark.parametrize(("hidden", "verdict"), [(b"", "conformant"), (b"}}} nonsense", "not-conformant")])
def test_a_member_a_chunk_is_read_by_a_run(hidden: bytes, verdict: str) -> None:
    say = reference()

    def behave(asked: Asked) -> object:
        head, _, body = say(asked).partition(b"\r\n\r\n")
        if len(body) < 200:
            asked.say(head + b"\r\n\r\n" + body)
            return KEEP
        lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(b"content-length")]
        pieces = [gzip.compress(body), gzip.compress(hidden)] if hidden else [gzip.compress(body[:99])]
        pieces += [] if hidden else [gzip.compress(body[99:])]
        asked.say(in_chunks(b"gzip", *pieces).replace(b"\r\n", b"\r\n" + b"\r\n".join(lines) + b"\r\n", 1))
        return KEEP

    with serving(behave) as server:
        ended = whole_run(server, limits=replace(SHORT, timeout=10))
    assert ended.verdict == verdict, ended.told()
