"""What no run would have read is not read from evidence either, whoever made the file; what a run records is."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from interop_harness.errors import EvidenceError
from interop_harness.evidence import Exchange, FailureKind, Redactor, Request, Response, Secret, read_evidence
from interop_harness.evidence.crowd import MOST_CONTAINERS, MOST_LEVELS, crowd
from interop_harness.evidence.lines import encode, line
from interop_harness.execution.sweeping import sweep
from interop_harness.implementation import load_target
from interop_harness.transport import LiveTransport

NUMBER = "4815162342108"
"""A key of digits alone, which a service may repeat as a number: its mask is no number any more."""


def nested(objects: int, deep: int) -> bytes:
    chain = b'{"ab":' * deep + b"1" + b"}" * deep
    return b"[" + b",".join([chain] * (objects // deep)) + b"]"


def evidence_of(body: bytes) -> bytes:
    exchange = Exchange(Request("GET", "/"), Response(200, (("Content-Type", "application/json"),), body))
    return b"".join(encode({}, [], [exchange], complete=True))


CROWDED = {
    "objects": nested(MOST_CONTAINERS + 10, deep=2),
    "objects deep within others": nested(60_000, deep=40),
    "arrays": b"[" + b"[]," * MOST_CONTAINERS + b"1]",
    "behind a byte order mark": b"\xef\xbb\xbf" + nested(60_000, deep=40),
}
READ = {
    "as many objects as a run reads": b"[" + b",".join([b"{}"] * (MOST_CONTAINERS - 1)) + b"]",
    "as deep as a run reads": nested(40_000, deep=40),
    "deeper than anybody reads": b"[" * 60_000,
    "brackets in texts": json.dumps(["[" * (MOST_CONTAINERS + 1)]).encode(),
    "no JSON": b"<p>" + b"[" * (MOST_CONTAINERS + 1),
}


@pytest.mark.parametrize("name", CROWDED)
def test_evidence_with_a_body_that_a_run_refuses_is_refused(name: str) -> None:
    with pytest.raises(EvidenceError, match="more objects and arrays, or deeper ones") as refused:
        read_evidence(evidence_of(CROWDED[name]))
    assert refused.value.code == "evidence-crowded"
    assert "line 2 " in str(refused.value)


@pytest.mark.parametrize("name", READ)
def test_evidence_with_a_body_that_a_run_records_is_read(name: str) -> None:
    (exchange,) = read_evidence(evidence_of(READ[name])).exchanges.values()
    assert exchange.response is not None and exchange.response.body == READ[name]


@pytest.mark.parametrize("name", [*CROWDED, *READ])
def test_a_run_and_a_reader_have_the_same_bounds(name: str) -> None:
    body = {**CROWDED, **READ}[name]
    inner = httpx.MockTransport(lambda asked: httpx.Response(200, content=body))
    with LiveTransport(load_target("http://127.0.0.1:1"), inner=inner) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert (exchange.failure is not None) == (name in CROWDED) == bool(crowd(body))


def numbers() -> bytes:
    """Within the bounds as it came, and beyond them once each number is masked."""
    return b"[" + b",".join([b"{}," + NUMBER.encode()] * (MOST_CONTAINERS // 2 + 1)) + b"]"


def test_what_is_beyond_the_bounds_once_it_is_redacted_is_not_recorded() -> None:
    assert not crowd(numbers())
    redactor = Redactor([Secret(NUMBER, "key")])
    assert crowd(redactor.data(numbers()))
    inner = httpx.MockTransport(lambda asked: httpx.Response(200, content=numbers()))
    target = load_target("http://127.0.0.1:1")
    with LiveTransport(target, redactor=redactor, inner=inner) as transport:
        exchange = transport.send(Request("GET", "/"))
    assert exchange.failure is not None and exchange.failure.kind is FailureKind.TOO_LARGE
    read_evidence(b"".join(encode({}, [], [exchange], complete=True)))


def test_nor_is_it_kept_when_the_secret_is_learnt_late(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    few, many = (Exchange(Request("GET", target), Response(200, (), body)) for target, body in BODIES.items())
    journal.write_bytes(line({"type": "header"}) + line(few.as_json()) + line(many.as_json()))
    assert sweep(journal, Redactor([Secret(NUMBER, "key")])).journal == "rewritten"
    kept = journal.read_bytes()
    assert b'"/few"' in kept and b'"/many"' not in kept and NUMBER.encode() not in kept


BODIES = {"/few": f"[{NUMBER}]".encode(), "/many": numbers()}


def test_a_large_page_of_an_honest_service_is_far_within_the_bounds() -> None:
    """Five thousand records of a dozen objects each, and the deepest of them six levels deep."""
    record = {f"inner_{number}": {"a": {"b": [{"c": number}]}} for number in range(4)}
    body = json.dumps({"contents": [record] * 5_000}).encode()
    assert body.count(b"{") + body.count(b"[") > MOST_CONTAINERS // 3
    assert MOST_LEVELS > 3 * MOST_CONTAINERS
    assert not crowd(body)
