"""Parsed bodies, and what was made of them, are kept within a bound: nothing is made twice, or kept for ever."""

from __future__ import annotations

import json

import pytest

from interop_harness.evidence import Exchange, Request, Response
from interop_harness.suite import body as module
from interop_harness.suite.body import Bodies


def answer(number: int, size: int = 10) -> Exchange:
    body = json.dumps({"number": number, "text": "x" * size}).encode()
    return Exchange(Request("GET", f"/{number}"), Response(200, (("Content-Type", "application/json"),), body))


def test_what_follows_from_a_body_is_made_once():
    bodies, exchange, made = Bodies(), answer(1), []
    bodies.json(exchange)
    for _ in range(3):
        assert bodies.derived(exchange, "length", lambda: made.append(1) or len(made)) == 1
    assert bodies.derived(exchange, "other", lambda: "more") == "more"


def test_what_is_raised_is_not_kept():
    bodies, exchange = Bodies(), answer(1)
    bodies.json(exchange)
    with pytest.raises(LookupError):
        bodies.derived(exchange, "length", lambda: {}["none"])
    assert bodies.derived(exchange, "length", lambda: 7) == 7


def test_it_goes_with_the_body(monkeypatch):
    monkeypatch.setattr(module, "KEEP_BYTES", 500)
    monkeypatch.setattr(module, "KEEP_OF_MANY", 500)
    bodies, first, made = Bodies(), answer(1, 200), []

    def make():
        made.append(1)
        return len(made)

    bodies.json(first)
    assert bodies.derived(first, "count", make) == 1
    for number in range(2, 6):
        bodies.json(answer(number, 200))
    bodies.json(first)
    assert bodies.derived(first, "count", make) == 2
    assert sum(entry.size for entry in bodies._kept.values()) == bodies._size <= 500


def test_a_body_read_twice_counts_once():
    bodies, exchange = Bodies(), answer(1)
    bodies.json(exchange)
    assert bodies.read(exchange, lambda _: "never") == {"number": 1, "text": "x" * 10}
    assert bodies._size == len(exchange.response.body)


def test_once_not_all_can_be_kept_less_is(monkeypatch):
    monkeypatch.setattr(module, "KEEP_BYTES", 1000)
    monkeypatch.setattr(module, "KEEP_OF_MANY", 300)
    bodies = Bodies()
    for number in range(4):
        bodies.json(answer(number, 200))
    assert bodies._size == 900, "all of them are kept while they fit"
    for number in range(4, 9):
        bodies.json(answer(number, 200))
        assert bodies._size <= 300


def test_the_reason_reads_as_a_sentence():
    with pytest.raises(ValueError, match="Unterminated string starting at line 1 column 2"):
        module.parse(b'["abc')
