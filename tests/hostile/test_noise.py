"""Seeded noise: whatever bytes come, an exchange or one of our own errors, never another exception."""

from __future__ import annotations

import gzip
import random
import string
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Request
from interop_harness.evidence.lines import encode, read_evidence, write_evidence
from interop_harness.implementation import parse_target
from interop_harness.transport import LiveTransport
from interop_harness.transport.failures import Trouble
from interop_harness.transport.redirects import follow

from .server import SHORT, Asked, answer, bare, serving

SEEDS = [
    answer(b'{"a": [1, 2, 3]}'),
    answer(gzip.compress(b'{"a": [1, 2, 3]}'), b"Content-Encoding: gzip"),
    bare(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked", body=b"5\r\n[1,2]\r\n0\r\nX: y\r\n\r\n"),
    answer(b"", b"Location: /elsewhere?a=b", status=b"302 Found"),
    answer(b"", b"Retry-After: 0", status=b"503 Busy"),
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"{}", b"Date: Thu, 01 Jan 2026 00:00:00 GMT"),
]
PIECES = [b"\0", b"\r", b"\n", b"\r\n\r\n", b"\xff", b"\x1b[31m", b" ", b":", b"HTTP/1.1 200 OK\r\n", b"-1", b"9" * 30]


def mangled(source: bytes, chance: random.Random) -> bytes:
    data = bytearray(source)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        way = chance.randrange(4)
        if way == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif way == 1:
            data[at:at] = chance.choice(PIECES)
        elif way == 2:
            del data[at : at + chance.randint(1, 8)]
        else:
            data[at : at + 4] = data[:at][-4:]
    return bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_mangled_answers(seed: int) -> None:
    chance = random.Random(seed)

    def behave(asked: Asked) -> None:
        asked.say(mangled(SEEDS[seed], chance))

    limits = replace(SHORT, timeout=0.3, max_attempts=1)
    with serving(behave) as server, LiveTransport(server.target(limits)) as transport:
        exchanges = [transport.send(Request("GET", f"/{number}")) for number in range(80)]
    assert sum(exchange.response is not None for exchange in exchanges) > 1, "some noise is harmless"
    packed, _ = write_evidence(encode({}, [], exchanges, complete=True))
    assert len(read_evidence(packed).exchanges) == 80


def test_mangled_redirects() -> None:
    chance = random.Random(7)
    alphabet = string.printable + "é\u202e\ud800@[]://\\"
    starts = ["http://127.0.0.1:8080/", "/a/b", "//", "http://[::1]/", "https:", "?", "file:", "\\\\"]
    for _ in range(5000):
        location = chance.choice(starts) + "".join(chance.choices(alphabet, k=chance.randint(0, 12)))
        header = location.encode("utf-8", "surrogatepass").decode("latin-1")
        try:
            found = follow("http://127.0.0.1:8080/base", "/base/x?y=z", 302, header, hops=[], most=5)
        except Trouble as trouble:
            assert trouble.message.isprintable()
        else:
            assert found.startswith("/") and found.isascii() and " " not in found and "\n" not in found


TARGET = """\
supplier: Example
base_url: http://127.0.0.1:8080/a
auth: {kind: bearer, token_env: INTEROP_TOKEN}
claims: {basic: true}
facts: {a: [1, {b: "c"}]}
limits: {timeout: 5}
"""


def test_mangled_target_files() -> None:
    chance = random.Random(11)
    read = 0
    for _ in range(1500):
        text = mangled(TARGET.encode(), chance).decode("latin-1")
        try:
            parse_target(text, "target.yaml", Path())
            read += 1
        except TargetError as error:
            assert error.message
    assert read > 15
