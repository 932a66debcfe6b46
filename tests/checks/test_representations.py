"""One content in two formats: what counts as the same, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.checks import representations
from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request, Response

EXCHANGE = Exchange(Request("GET", "/things.xml"), Response(404, (("Content-Type", "text/xml"),), b"<x/>"))


def differing(left: Any, right: Any) -> list[str]:
    return [pointer for pointer, _, _ in representations.differences(left, right)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, "true"),
        (5, "5"),
        (1.50, "1.5"),
        ("1.50", "1.5"),
        (None, ""),
        ([], None),
        ({"a": None}, {}),
        ({"a": "x", "b": []}, {"a": "x"}),
        (" text\r\nmore ", "text\nmore"),
        ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00+01:00"),
        ([{"url": "a", "formats": ["x", "y"]}, {"url": "b"}], [{"url": "b"}, {"formats": ["y", "x"], "url": "a"}]),
        ([1, "2026-01-01T10:00:00Z"], ["2026-01-01T11:00:00+01:00", "1"]),
        (["0001-01-01T00:00:00+14:00", "b"], ["b", "0001-01-01T00:00:00+14:00"]),
    ],
)
def test_the_same_written_differently_is_the_same(left: Any, right: Any) -> None:
    assert differing(left, right) == []
    assert differing(right, left) == []


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        ("001", 1, [""]),
        ("true", False, [""]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["/a/b/1"]),
        ({"a": [1]}, {"a": [1, 2]}, ["/a"]),
        ({"a": ["x", "x", "y"]}, {"a": ["x", "y", "y"]}, ["/a/1"]),
        ({"a": [{"b": "x", "c": "1"}, {"b": "y"}]}, {"a": [{"b": "y", "c": "1"}, {"b": "x"}]}, ["/a/0/b", "/a/1/b"]),
        ({"a/b": "x"}, {}, ["/a~1b"]),
        ({}, {"new": "x"}, ["/new"]),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00+01:00", [""]),
        ("2026-01-01T10:00:00", "2026-01-01T10:00:00Z", [""]),
    ],
)
def test_a_difference_is_found_where_it_stands(left: Any, right: Any, where: list[str]) -> None:
    assert differing(left, right) == where


def test_depth_ends_the_comparison() -> None:
    one: Any = "a"
    other: Any = "b"
    for _ in range(500):
        one, other = [one], [other]
    assert differing(one, other) == []


def test_the_finding_names_both_places() -> None:
    left, right = Value("aaa", "/0", {"name": "x"}), Value("bbb", "/1", {"name": None})
    (found,) = representations.same(left, right, "/things.xml", "/things.json")
    assert found.expected == "'x', as in /things.xml (exchange aaa at /0/name)"
    assert (found.observed, found.exchange, found.pointer) == ("nothing in /things.json", "bbb", "/1/name")


@pytest.mark.parametrize(
    ("declared", "encoding", "observed"),
    [
        (True, "utf-8", None),
        (True, "UTF-8", None),
        (True, None, "no encoding"),
        (False, None, "none"),
        (True, "x", "x"),
    ],
)
def test_the_declaration_names_utf_8(declared: bool, encoding: str | None, observed: str | None) -> None:
    found = [one.observed for one in representations.declaration(EXCHANGE, declared, encoding)]
    assert found == ([] if observed is None else [observed])


@pytest.mark.parametrize(
    ("names", "namespaces", "count"),
    [(["a"], [], 0), (["a", "x:b"], [], 1), (["a"], ["urn:known"], 0), (["a"], ["urn:other"], 1)],
)
def test_names_are_plain(names: list[str], namespaces: list[str], count: int) -> None:
    assert len(list(representations.plain_names(EXCHANGE, names, namespaces, "urn:known"))) == count


@pytest.mark.parametrize(("expect", "count"), [([404], 0), ([4], 0), ([400], 1), ([400, 403], 1)])
def test_refusals(expect: list[int], count: int) -> None:
    assert len(list(representations.refusal(EXCHANGE, expect, "it"))) == count
