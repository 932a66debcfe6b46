"""Pages: each check passes a supplier that keeps the rule and finds the one thing that breaks it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.checks.miniature import PAGE, directory, judged, outcome, reply, said, things

LIST = {"operation": "listThings"}
SIZES = {**LIST, "sizes": [1, 5]}
FAMILIES = [
    ("members", LIST),
    ("size", LIST),
    ("empty", LIST),
    ("first_page", LIST),
    ("last_page", LIST),
    ("total_pages", LIST),
    ("page_number", LIST),
    ("total_items", LIST),
    ("no_duplicates", LIST),
    ("size_honoured", SIZES),
    ("size_capped", SIZES),
    ("stable_order", LIST),
    ("default_page", LIST),
    ("not_empty", LIST),
]


def setting(**changes: Any):
    """A page member always has this value; a callable is given the members, the page number and the page size."""

    def change(members, number, size):
        return {
            name: changes[name](members, number, size) if callable(changes.get(name)) else changes.get(name, value)
            for name, value in members.items()
        }

    return directory(page=change)


def short(count: int, **changes: Any):
    return directory(things(count), **changes)


@pytest.mark.parametrize(("family", "arguments"), FAMILIES, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("count", [120, 30, 3], ids=lambda count: f"{count} records")
def test_a_supplier_that_keeps_the_rule_passes(family, arguments, count):
    assert outcome(judged(f"pagination.{family}", short(count), arguments)) == "pass"


DEFECTS = [
    ("members", LIST, setting(empty=None), "/empty"),
    ("size", LIST, setting(size=lambda m, n, s: s), "20"),
    ("empty", LIST, setting(empty=True), "false"),
    ("empty", LIST, setting(empty=False), "nothing in the result"),
    ("first_page", LIST, setting(first_page=True), "false on page 2"),
    ("first_page", LIST, setting(first_page=False), "true on page 1"),
    ("last_page", LIST, setting(last_page=True), "false on page 1"),
    ("last_page", LIST, setting(last_page=False), "true on page 3 of 3"),
    ("last_page", LIST, setting(last_page=lambda m, n, s: n >= m["total_pages"] - 1), "false on page 2"),
    ("total_pages", LIST, setting(total_pages=lambda m, n, s: m["total_items"] // s), "3 (120 at 50 a page)"),
    ("total_pages", LIST, setting(total_pages=5), "24 (120 at 5 a page)"),
    ("page_number", LIST, setting(page_number=lambda m, n, s: n - 1), "1, the page asked for | 0"),
    ("page_number", LIST, setting(page_number=1), "2, the page asked for | 1"),
    ("total_items", LIST, setting(total_items=119), "120, the number of records on 3 pages | 119"),
    ("total_items", LIST, setting(total_items=lambda m, n, s: m["size"]), "| 50"),
    ("total_items", LIST, directory(window=lambda shown, n, s: shown[1:] if n == 2 else shown), "119, the number"),
    ("no_duplicates", LIST, directory(window=lambda shown, n, s: [things()[0], *shown[1:]]), "on page 1"),
    ("size_honoured", SIZES, directory(window=lambda shown, n, s: shown[: max(s - 1, 1)]), "5 on page 1"),
    ("size_capped", SIZES, directory(window=lambda shown, n, s: things()[:25]), "at most 1"),
    ("default_page", LIST, directory(things(3), page=lambda m, n, s: m | {"page_number": 0}), "1 when no page"),
    ("not_empty", LIST, short(0), "at least one record"),
]


@pytest.mark.parametrize(
    ("family", "arguments", "handler", "words"), DEFECTS, ids=[f"{row[0]}-{n}" for n, row in enumerate(DEFECTS)]
)
def test_one_defect_is_found(family, arguments, handler, words):
    result = judged(f"pagination.{family}", handler, arguments)
    assert outcome(result) == "fail"
    assert words in said(result)


@pytest.mark.parametrize("family", ["first_page", "last_page", "page_number", "no_duplicates"])
def test_a_short_list_is_read_again_in_smaller_pages(family):
    defects = {
        "first_page": {"page": lambda m, n, s: m | {"first_page": True}},
        "last_page": {"page": lambda m, n, s: m | {"last_page": n >= m["total_pages"] - 1}},
        "page_number": {"page": lambda m, n, s: m | {"page_number": 1}},
        "no_duplicates": {"window": lambda shown, n, s: [things(7)[0], *shown[1:]]},
    }
    assert outcome(judged(f"pagination.{family}", short(7, **defects[family]), LIST)) == "fail"


def test_order_that_changes_is_found():
    turn = itertools.count()

    def window(shown, number, size):
        return shown[::-1] if next(turn) % 2 else shown

    result = judged("pagination.stable_order", directory(things(40), window=window), LIST)
    assert outcome(result) == "fail"
    assert "another order" in said(result)


def test_a_default_page_other_than_the_first_is_found():
    def answer(request, response):
        return handler(request, "2") if "page" not in dict(request.query) else response

    def handler(request, page):
        from dataclasses import replace

        return directory()(replace(request, query=(*request.query, ("page", page))))

    result = judged("pagination.default_page", directory(answer=answer), LIST)
    assert outcome(result) == "fail"


# --- right blame -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", PAGE)
def test_a_missing_member_fails_members_and_nothing_else(missing):
    handler = directory(page=lambda members, n, s: {k: v for k, v in members.items() if k != missing})
    for family, arguments in FAMILIES:
        expected = {"fail"} if family == "members" else {"pass", "inconclusive"}
        assert outcome(judged(f"pagination.{family}", handler, arguments)) in expected, family


@pytest.mark.parametrize(
    ("owner", "handler"),
    [
        ("total_pages", setting(total_pages=lambda m, n, s: m["total_pages"] + 1)),
        ("total_pages", setting(total_pages=lambda m, n, s: m["total_pages"] - 1)),
        ("page_number", setting(page_number=lambda m, n, s: n - 1)),
        ("first_page", setting(first_page=True)),
        ("last_page", setting(last_page=False)),
        ("size", setting(size=lambda m, n, s: s)),
        ("no_duplicates", directory(window=lambda shown, n, s: [things()[0], *shown[1:]])),
    ],
)
def test_one_defect_is_not_found_under_other_names(owner, handler):
    failed = [f for f, a in FAMILIES if outcome(judged(f"pagination.{f}", handler, a)) == "fail"]
    assert set(failed) - {"default_page"} == {owner}


def test_a_page_parameter_that_is_ignored_is_not_blamed_on_the_marks():
    handler = directory(window=lambda shown, n, s: things()[:s])
    assert outcome(judged("pagination.no_duplicates", handler, LIST)) == "fail"
    assert outcome(judged("pagination.first_page", handler, LIST)) == "pass"


def test_an_empty_list_fails_nothing_that_needs_records():
    for family, arguments in FAMILIES:
        found = outcome(judged(f"pagination.{family}", short(0), arguments))
        assert found == ("fail" if family == "not_empty" else found)
        assert found in {"pass", "inconclusive"} or family == "not_empty"
    assert outcome(judged("pagination.empty", short(0, page=lambda m, n, s: m | {"empty": False}), LIST)) == "fail"


# --- data that moves, lists that are long ------------------------------------------------------------------


def test_a_total_that_changes_once_is_read_again():
    calls = itertools.count()

    def page(members, number, size):
        return members | {"total_items": 119} if next(calls) == 0 else members

    assert outcome(judged("pagination.total_items", directory(page=page), LIST)) == "pass"


def test_a_total_that_keeps_changing_is_inconclusive():
    calls = itertools.count()
    handler = directory(page=lambda members, number, size: members | {"total_items": 120 + next(calls)})
    result = judged("pagination.total_items", handler, LIST)
    assert outcome(result) == "inconclusive"
    assert "kept changing" in result.reason


def test_a_long_list_is_sampled_and_its_total_bounded():
    many = [{"id": f"{n}", "name": f"{n}"} for n in range(3000)]
    result = judged("pagination.total_items", directory(many), LIST)
    assert (outcome(result), result.sampled) == ("pass", (("pages of things", 20, 60),))
    wrong = judged("pagination.total_items", directory(many, page=lambda m, n, s: m | {"total_items": 5000}), LIST)
    assert outcome(wrong) == "fail"
    assert "from 1000 (seen on 20 of 60 pages) to 3000" in said(wrong)


def test_a_throttled_list_is_inconclusive():
    result = judged("pagination.size", directory(answer=lambda *_: reply({}, 429)), LIST)
    assert outcome(result) == "inconclusive"
    assert result.blocked_by


def test_a_list_without_pages_is_judged_where_that_makes_sense():
    kinds = {"operation": "listKinds"}
    assert outcome(judged("pagination.no_duplicates", None, kinds)) == "pass"
    assert outcome(judged("pagination.not_empty", None, kinds)) == "pass"
    for family in ("size", "first_page", "last_page", "total_pages", "page_number", "total_items", "default_page"):
        assert outcome(judged(f"pagination.{family}", None, kinds)) == "not-applicable", family


# --- what is only recorded ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "arguments", "words"),
    [
        ("beyond_end", {}, "200 with 0 records"),
        ("out_of_range", {"pages": [0, -1], "sizes": [0]}, "page=-1: 400 application/json"),
        ("large_size", {"size": 1000}, "200 with 100 records"),
    ],
)
def test_undefined_behaviour_is_recorded(family, arguments, words):
    result = judged(f"pagination.{family}", None, {**LIST, **arguments}, observe=True)
    assert outcome(result) == "observed"
    assert words in "\n".join(result.observations)
