"""Two accounts of one record: what contradicts, and what is only written otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.checks import accounts
from interop_harness.checks.values import Value
from interop_harness.evidence import Finding


def contradictions(listed: Any, detail: Any) -> list[Finding]:
    sides = (Value("x", "/0", {"id": "1", "it": listed}), Value("y", "", {"id": "1", "it": detail}))
    return list(accounts.contradict(*sides, ["it"]))


@pytest.mark.parametrize(
    ("listed", "detail"),
    [
        ("Torn.", "Quite another"),
        ({"name": "Amara", "email": "a@example.org"}, {"name": "Tobias"}),
        ({"postcode": "HM1 4TQ"}, {"postcode": "HM9 9ZZ"}),
        ([{"id": "a", "status": "in use"}], [{"id": "a", "status": "damaged"}]),
        ([{"id": "a"}], [{"id": "b"}]),
        ([{"id": "a"}], []),
        ([{"@id": "/features/a"}], [{"@id": "/features/b"}]),
        ([{"name": "assisted", "value": "yes"}], [{"name": "assisted", "value": "no"}]),
        ([{"value": "yes"}], [{"value": "no"}]),
        ([140, 240], [240]),
        ("https://a.example.org/images/1.jpg", "https://a.example.org/images/2.jpg"),
        ("/sites/1", "https://a.example.org/sites/2"),
        ("2026-11-19T07:00:00Z", "2031-01-01"),
        (False, True),
        (52.861204, 53.861204),
        ("1", "12"),
    ],
)
def test_what_cannot_both_be_so_is_found(listed: Any, detail: Any) -> None:
    (finding,) = contradictions(listed, detail)
    assert finding.exchange == "y"
    assert finding.pointer.startswith("/it")
    assert "as in the list (exchange x at /0/it" in finding.expected


@pytest.mark.parametrize(
    ("listed", "detail"),
    [
        ("Torn.", None),
        (None, "Torn."),
        ("", "Torn."),
        ("Torn.", ""),
        ([], [{"id": "a"}]),
        ({"name": "Amara"}, {"email": "a@example.org"}),
        ({"name": "Amara", "@type": "Person"}, {"name": "Amara", "@type": "Customer"}),
        ({"name": "A*** W***"}, {"name": "Amara Wexcombe"}),
        ("Torn on one…", "Torn on one side."),
        ("Torn on one...", "Torn on one side."),
        ("HM1 4TQ", "hm14tq"),
        (7, "7"),
        ("52.861", 52.861),
        (52.8612, 52.861204),
        (18, 18.0),
        ("2026-11-19", "2026-11-19T07:00:00+00:00"),
        ("2026-06-30", "2026-06-29T23:30:00Z"),
        ("2026-06-30T00:30:00+01:00", "2026-06-29T23:30:00Z"),
        ("2026-06-30T07:00", "2026-06-30T07:00:00+01:00"),
        ("/images/1.jpg", "https://a.example.org/images/1.jpg?signature=77"),
        ("grey", {"id": "grey", "name": "Grey bin"}),
        ({"name": "glass"}, [{"name": "glass"}]),
        ([{"id": "a"}, {"id": "b"}], [{"id": "b", "status": "in use"}, {"id": "a"}]),
        ([{"id": "a"}], [{"@id": "https://a.example.org/features/a"}]),
        ([{"id": "a"}], [{"status": "in use"}]),
        ([{"name": "glass"}], [{"name": "Glass"}, {"name": "paper"}]),
        ([{"id": "a", "x": 1}, {"id": "a", "x": 2}], [{"id": "a", "x": 2}, {"id": "a", "x": 1}]),
        ([240, 140], [140, 240, 360]),
        (["a"] * 300, ["b"]),
    ],
)
def test_what_is_absent_or_written_otherwise_accuses_nobody(listed: Any, detail: Any) -> None:
    assert contradictions(listed, detail) == []


def test_of_another_record_nothing_is_compared() -> None:
    sides = (Value("x", "/0", {"id": "1", "it": "one"}), Value("y", "", {"id": "2", "it": "two"}))
    assert not list(accounts.contradict(*sides, ["it"]))


def test_few_of_many_contradictions_are_named() -> None:
    many = {f"m{number}": "one" for number in range(9)}
    assert len(contradictions(many, dict.fromkeys(many, "two"))) == accounts.SHOWN


def test_depth_is_bounded() -> None:
    deep: Any = "one"
    other: Any = "two"
    for _ in range(40):
        deep, other = {"in": deep}, {"in": other}
    assert contradictions(deep, other) == []
