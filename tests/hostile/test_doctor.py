"""``interop doctor`` and odd servers: it ends soon, says what it saw on lines that can be read, and never breaks."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from .server import KEEP, Asked, Behave, answer, bare, serving

PATIENCE = 20.0
"""Seconds for a process of its own on a busy machine; ``--timeout`` is one."""


@dataclass(frozen=True)
class Row:
    name: str
    behave: Behave
    exit: int
    says: str
    on_connect: Callable[[socket.socket], bool] | None = None


def says(*pieces: bytes) -> Behave:
    def behave(asked: Asked) -> object:
        asked.say(*pieces)
        return KEEP

    return behave


def then_hang(piece: bytes) -> Behave:
    def behave(asked: Asked) -> None:
        asked.say(piece)
        asked.hang()

    return behave


def greets(conn: socket.socket) -> bool:
    conn.sendall(answer(b"", status=b"421 Before it was asked"))
    time.sleep(0.2)
    return False


ROWS = [
    Row("answers before it is asked", says(answer()), 0, "421", greets),
    Row(
        "interim answers without an end", then_hang(b"HTTP/1.1 102 Processing\r\n\r\n" * 500), 4, "not complete within"
    ),
    Row(
        "a media type of fifty thousand letters",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Type: " + b"a/" * 25_000, b"Content-Length: 0")),
        0,
        "answers 200 a/a/a/",
    ),
    Row(
        "a media type that obeys nobody",
        says(bare(b"HTTP/1.1 200 OK", b"Content-Type: text/\x1b[2J\x1b[31m", b"Content-Length: 0")),
        0,
        "answers 200",
    ),
    Row("a date of five thousand digits", says(answer(b"{}", b"Date: " + b"9" * 5000)), 0, "is not a date"),
    Row(
        "the last moment of all", says(answer(b"{}", b"Date: Fri, 31 Dec 9999 23:59:59 -2359")), 0, "days ahead of ours"
    ),
    Row("a time zone beyond any", says(answer(b"{}", b"Date: Fri, 1 Jan 2021 00:00:00 +99999999")), 0, "is not a date"),
    Row("a frame of HTTP/2", says(b"\0\0\x12\x04\0\0\0\0\0" + b"\0" * 18), 4, "not valid HTTP"),
    Row("status 999", says(answer(status=b"999 Odd")), 0, "answers 999"),
    Row("a header of a megabyte", says(bare(b"HTTP/1.1 200 OK", b"X: " + b"a" * 1_000_000)), 0, "larger than 100 KiB"),
    Row("markup in a status line", says(b"HTTP/1.1 <b>[red]</b>\r\n\r\n"), 4, "not valid HTTP"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_doctor_makes_of_it(row: Row, form: str) -> None:
    with serving(row.behave, on_connect=row.on_connect) as server:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "interop_harness", "doctor", server.url, "--timeout", "1"]
            + (["--json"] if form == "json" else []),
            capture_output=True,
            timeout=PATIENCE * 2,
        )
        took = time.monotonic() - began
    told = done.stdout.decode()
    assert done.returncode == row.exit, told + done.stderr.decode()
    assert not done.stderr and took < PATIENCE
    if form == "json":
        found = json.loads(told)
        assert found["testable"] is (row.exit == 0)
        told = "\n".join(probe["summary"] for probe in found["probes"])
    else:
        assert b"\x1b" not in done.stdout
    assert row.says in told
    assert max(len(line) for line in told.splitlines()) < 1000
