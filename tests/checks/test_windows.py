"""Spans of time and lists of identifiers: what belongs there, what is lost, what came uninvited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interop_harness.checks import windows
from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request, Response

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
EXCHANGE = Exchange(Request("GET", "/things?from=a"), Response(200, (), b"[]"))


def moments(**texts: object) -> windows.Moments:
    return windows.moments([(name, Value("x", f"/{name}", {"at": text})) for name, text in texts.items()], "/at")


def test_only_moments_with_a_zone_are_compared() -> None:
    found = moments(
        a="2026-11-02T12:00:00Z", b="2026-11-02T13:00:00+01:00", c="2026-11-02T12:00:00", d="soon", e=5, f=None
    )
    assert {name: when for name, (when, _) in found.items()} == {"a": NOON, "b": NOON}


@pytest.mark.parametrize("offset", [0, 330, -210])
def test_a_moment_is_written_the_same_in_every_zone(offset: int) -> None:
    assert datetime.fromisoformat(windows.written(NOON, offset)) == NOON


def test_a_fraction_of_a_second_is_kept() -> None:
    assert windows.written(NOON) == "2026-11-02T12:00:00Z"
    assert windows.written(NOON + timedelta(milliseconds=250)) == "2026-11-02T12:00:00.250000Z"


def test_records_outside_a_span_are_found() -> None:
    found = moments(a="2026-11-01T12:00:00Z", b="2026-11-02T12:00:00Z", c="2026-11-03T12:00:00Z")
    wrong = list(windows.outside(found, NOON, NOON + timedelta(hours=1), "it"))
    assert [one.pointer for one in wrong] == ["/a/at", "/c/at"]


def test_known_records_of_a_span_that_did_not_come_are_found() -> None:
    known = moments(a="2026-11-02T12:00:00Z", b="2026-11-02T12:30:00Z", c="2026-11-03T12:00:00Z")
    (lost,) = windows.lost(known, {"a": 1}, NOON, NOON + timedelta(hours=1), EXCHANGE)
    assert lost.observed == "without b"
    assert not list(windows.lost(known, {"a": 1, "b": 1}, NOON, NOON + timedelta(hours=1), EXCHANGE))


@pytest.mark.parametrize(
    ("came", "count"), [(["a", "b"], 0), (["b", "a"], 0), (["a"], 1), (["a", "b", "c"], 1), (["c"], 2)]
)
def test_lists_of_identifiers_are_exact(came: list[str], count: int) -> None:
    assert len(list(windows.exactly(["a", "b"], came, EXCHANGE))) == count


@pytest.mark.parametrize(
    ("found", "count"),
    [({"1": "a", "2": "B"}, 0), ({"1": "a"}, 1), ({"1": "a", "2": "b", "3": "c"}, 1), ({}, 2)],
)
def test_several_values_bring_what_has_any_of_them(found: dict[str, str], count: int) -> None:
    assert len(list(windows.union(["a", "b"], found, EXCHANGE))) == count


@pytest.mark.parametrize(
    ("before", "came", "after", "count"),
    [
        ("ab", "ab", "ab", 0),
        ("ab", "abc", "abc", 0),  # one was added meanwhile
        ("abc", "ab", "ab", 0),  # one was removed meanwhile
        ("ab", "a", "ab", 1),
        ("ab", "abx", "ab", 1),
    ],
)
def test_a_list_lies_between_what_was_and_what_is(before: str, came: str, after: str, count: int) -> None:
    assert len(list(windows.between(set(before), set(came), set(after), EXCHANGE))) == count


def test_a_question_that_is_answered_with_an_error_is_named() -> None:
    assert windows.refused_question(EXCHANGE).expected == "a list for /things?from=a"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"])
def test_a_moment_at_the_edge_of_the_calendar_is_no_moment_to_reckon_with(text: str) -> None:
    assert moments(a=text, b="2026-01-01T00:00:00Z").keys() == {"b"}
