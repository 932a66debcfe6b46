"""What was sent against what was read back, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from interop_harness.checks import roundtrip
from interop_harness.errors import InternalError
from interop_harness.evidence import Exchange, Failure, FailureKind, Request, Response

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
EXCHANGE = Exchange(Request("POST", "/things"), Response(201, (), b"{}"))
SENT: dict[str, str | list[str]] = {
    "text": "Tŷ\r\n two   words",
    "lat": "53.8",
    "email": "who@example.org",
    "many": ["1"],
}


def compared(rule: dict[str, Any], record: Any) -> list[str]:
    return [found.observed for found in roundtrip.compared([rule], SENT, record, (EXCHANGE, "/0"), NOW)]


@pytest.mark.parametrize(
    ("rule", "record", "ok"),
    [
        ({"sent": "text", "at": "/t"}, {"t": "Tŷ\n two words "}, True),
        ({"sent": "text", "at": "/t"}, {"t": "Ty\n two words"}, False),
        ({"sent": "text", "at": "/t"}, {"t": None}, False),
        ({"sent": "text", "at": "/t"}, {}, False),
        ({"sent": "text", "at": "/t", "as": "contains"}, {"t": "1, TŶ\n two words, UK"}, True),
        ({"sent": "lat", "at": "/n", "as": "number", "tolerance": "0.01"}, {"n": 53.805}, True),
        ({"sent": "lat", "at": "/n", "as": "number", "tolerance": "0.01"}, {"n": "53.9"}, False),
        ({"sent": "lat", "at": "/n", "as": "number"}, {"n": "north"}, False),
        ({"value": "open", "at": "/s"}, {"s": "open"}, True),
        ({"value": "open", "at": "/s"}, {"s": "closed"}, False),
        ({"sent": "never", "at": "/s"}, {}, True),
        ({"at": "/d", "within_minutes": 15}, {"d": "2026-11-02T13:05:00+01:00"}, True),
        ({"at": "/d", "within_minutes": 15}, {"d": "2026-11-02T13:05:00Z"}, False),
        ({"at": "/d", "within_minutes": 15}, {"d": "2026-11-02T12:00:00"}, False),
        ({"at": "/d", "within_minutes": 15}, {}, False),
    ],
)
def test_what_is_read_back(rule: dict[str, Any], record: Any, ok: bool) -> None:
    assert (compared(rule, record) == []) is ok


def test_a_comparison_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(InternalError, match="no comparison"):
        compared({"sent": "text", "at": "/t", "as": "smell"}, {"t": "x"})


@pytest.mark.parametrize(
    ("body", "present", "absent", "count"),
    [
        ([{"id": "1"}], ["/0/id"], ["/0/token"], 0),
        ([{"id": "1", "token": ""}], ["/0/id"], ["/0/token"], 0),
        ([{"id": None, "token": "t"}], ["/0/id"], ["/0/token"], 2),
        ([], ["/0/id"], [], 1),
        ("text", ["/0/id"], [], 1),
    ],
)
def test_what_the_answer_names(body: Any, present: list[str], absent: list[str], count: int) -> None:
    assert len(list(roundtrip.answer(EXCHANGE, body, present, absent))) == count


@pytest.mark.parametrize(("body", "count"), [({"a": 1}, 0), ({"a": 1, "b": 2}, 1), ({}, 1)])
def test_exactly_one_of_two(body: Any, count: int) -> None:
    assert len(list(roundtrip.one_of(EXCHANGE, body, ["/a", "/b"]))) == count


def test_personal_details_are_found_wherever_they_stand() -> None:
    (found,) = roundtrip.exposed(["email", "many", "missing"], SENT, "<note>From WHO@example.org</note>", EXCHANGE)
    assert (found.expected, found.observed) == ("no trace of the email that was submitted", "the email")
    assert not list(roundtrip.exposed(["email"], SENT, "<note/>", EXCHANGE))


def test_the_ledger_says_what_was_created_and_how_it_goes() -> None:
    line = roundtrip.ledger(EXCHANGE, ["id 7"], "Ask the supplier.")
    assert line == f"ledger: POST /things (exchange {EXCHANGE.id}) created id 7; not removed. Ask the supplier."


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (Exchange(Request("POST", "/things"), Response(400, (), b"")), ""),
        (Exchange(Request("POST", "/things"), Response(502, (), b"")), "may have created something: 502"),
        (Exchange(Request("POST", "/things"), Response(303, (), b"")), "may have created something"),
        (
            Exchange(Request("POST", "/things"), failure=Failure(FailureKind.TIMEOUT, "no answer within 30 s")),
            "may have created something: no answer within 30 s",
        ),
    ],
)
def test_the_ledger_names_what_may_have_been_created(exchange: Exchange, words: str) -> None:
    line = roundtrip.ledger(exchange, [], "")
    assert words in line
    assert bool(line) is bool(words)
