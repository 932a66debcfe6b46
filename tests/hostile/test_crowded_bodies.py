"""A body that is small to send and very large to read is not read; a large page of an honest service is."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from interop_harness.evidence import FailureKind, Request
from interop_harness.implementation import Limits
from interop_harness.transport import LiveTransport
from interop_harness.transport.bodies import MOST_CONTAINERS
from tests.execution import processes

from .server import KEEP, Asked, answer, serving


def nested(objects: int, deep: int = 40) -> bytes:
    """Objects of one member each, so many within one another: hardly a comma among them."""
    chain = b'{"ab":' * deep + b"1" + b"}" * deep
    return b'{"total_items":1,"contents":[' + b",".join([chain] * (objects // deep)) + b"]}"


CROWDED = {
    "objects deep within others": nested(60_000),
    "objects": nested(MOST_CONTAINERS + 80, deep=2),
    "arrays": b"[" + b"[[]]," * (MOST_CONTAINERS // 2 + 1) + b"1]",
    "behind a byte order mark": b"\xef\xbb\xbf \n" + nested(60_000),
    "behind many blanks": b" " * 200 + nested(60_000),
}


def says(body: bytes):  # type: ignore[no-untyped-def]
    def behave(asked: Asked) -> object:
        asked.say(answer(body))
        return KEEP

    return behave


@pytest.mark.parametrize("name", CROWDED)
def test_it_is_not_read_and_it_is_said_why(name: str) -> None:
    with serving(says(CROWDED[name])) as server, LiveTransport(server.target(Limits())) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.TOO_LARGE
    assert "more objects and arrays, or deeper ones" in exchange.failure.message


def test_a_run_that_meets_nothing_else_ends_soon_and_says_so(tmp_path: Path) -> None:
    began = time.monotonic()
    with serving(says(nested(280_000))) as server:
        done = processes.run(
            *(processes.PROFILE, "--target", server.url, "--out", str(tmp_path / "run"), "-q", "--max-time", "15")
        )
    assert done.returncode == 4, done.stderr
    assert time.monotonic() - began < 40
    report = processes.report(tmp_path / "run")
    assert any("more objects and arrays, or deeper ones" in str(row["reason"]) for row in report["requirements"])


def test_a_page_of_ten_thousand_records_is_read() -> None:
    record = {f"member_{number}": number for number in range(25)}
    record |= {f"inner_{number}": {"id": number, "name": "{[[[ ' {"} for number in range(12)}  # type: ignore[misc]
    body = json.dumps({"contents": [record] * 10_000}).encode()
    with serving(says(body)) as server, LiveTransport(server.target(Limits())) as transport:
        assert transport.send(Request("GET", "/")).ok


def test_what_is_no_json_is_not_counted() -> None:
    with serving(says(b"<p>" + b"{" * (MOST_CONTAINERS + 1))) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("GET", "/")).ok


def test_what_is_too_deep_for_any_reader_is_an_answer_to_be_judged() -> None:
    with serving(says(b"[" * 100_000)) as server, LiveTransport(server.target()) as transport:
        assert transport.send(Request("GET", "/")).ok
