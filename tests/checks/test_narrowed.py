"""Filtered pages: each rule passes a supplier that keeps it and finds what is wrong on filtered pages only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop_harness.plan import Case
from tests.checks.miniature import PAGE, directory, judged, outcome, reply, said, things

LIST = {"operation": "listThings"}
PLAIN = Case(
    "MINI-5",
    "MINI-5",
    "inputs.parameters",
    "A case.",
    {**LIST, "parameter": "word", "value": "Heron", "valid": True, "description": "a word"},
)
ASKING = Case("MINI-2", "MINI-2", "filters.kept_across_pages", "A case.", {**LIST, "parameters": ["word"], "size": 5})
SEEKING = Case(
    "MINI-3", "MINI-3", "filters.excludes", "A case.", {**LIST, "parameter": "word", "impossible": "nothing at all"}
)
FAMILIES = (
    *("members", "size", "empty", "first_page", "last_page", "total_pages", "page_number", "total_items"),
    *("size_capped", "required", "populated", "no_duplicates"),
)
MEMBERS = {**LIST, "members": ["name"]}


def named() -> list[dict[str, Any]]:
    """Things of two names: each name leaves more than one page of them."""
    return [{**thing, "name": ("Heron" if n % 3 else "Otter")} for n, thing in enumerate(things(120))]


def filtered(change, *, plainly: bool = False):
    """A directory whose filtered pages (or those without a filter) are changed: ``change(body, query)``."""

    def answer(request, response):
        query = dict(request.query)
        if request.path != "/things" or ("word" in query) == plainly or response.status != 200:
            return response
        body = json.loads(response.body)
        return reply(change(body, query) or body)

    return directory(named(), answer=answer)


def narrowed(family: str, handler=None, more=(ASKING, SEEKING)):
    arguments = MEMBERS if family in {"required", "populated"} else LIST
    return judged(f"narrowed.{family}", handler or directory(named()), arguments, more=more)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_supplier_that_keeps_the_rule_passes(family):
    assert outcome(narrowed(family)) == "pass"


@pytest.mark.parametrize("family", FAMILIES)
def test_where_nothing_further_is_asked_the_rule_does_not_apply(family):
    assert outcome(narrowed(family, more=())) == "not-applicable"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_wrong_without_a_filter_is_for_other_cases(family):
    def worse(body, query):
        return {"contents": [*body["contents"], {}], **{name: 999 for name in PAGE if name != "total_pages"}}

    assert outcome(narrowed(family, filtered(worse, plainly=True))) in {"pass", "not-applicable"}


def put(**values: Any):
    return lambda body, query: {**body, **values}


def records(change):
    return lambda body, query: {**body, "contents": [change(record) for record in body["contents"]]}


def whole_list(body, query):
    """The records of page 1, whatever size was asked for."""
    found = [thing for thing in named() if thing["name"] == query["word"]][:50]
    return {**body, "contents": found, "size": len(found)}


def page_1_again(body, query):
    """Later pages begin as page 1 does."""
    first = next(thing for thing in named() if thing["name"] == query["word"])
    later = body["contents"] and query.get("page", "1") != "1"
    return {**body, "contents": [first, *body["contents"][1:]]} if later else body


DEFECTS = [
    ("members", lambda body, query: {name: body[name] for name in body if name != "first_page"}, "/first_page"),
    ("size", put(size=999), "the number of records on this page | 999"),
    ("empty", put(empty=True), "false"),
    ("empty", put(empty=False), "there is nothing in the result"),
    ("first_page", lambda body, query: {**body, "first_page": not body["first_page"]}, "true on page 1"),
    ("last_page", lambda body, query: {**body, "last_page": not body["last_page"]}, "false on page 1"),
    ("last_page", put(last_page=False), "true on page"),
    ("total_pages", lambda body, query: {**body, "total_pages": body["total_pages"] + 1}, " a page"),
    ("page_number", put(page_number=7), "1, the page asked for | 7"),
    ("total_items", put(total_items=110, total_pages=3), "| 110"),
    ("total_items", lambda body, query: body if body["contents"] else {**body, "total_items": 120}, "0, the number"),
    ("size_capped", whole_list, "at most 5 on a page"),
    ("no_duplicates", page_1_again, "on one page only"),
    ("required", records(lambda record: {"id": record["id"]}), "name"),
    ("populated", records(lambda record: {**record, "name": " "}), "name"),
]


@pytest.mark.parametrize(("family", "change", "words"), DEFECTS, ids=[f"{row[0]}-{n}" for n, row in enumerate(DEFECTS)])
def test_what_is_wrong_on_filtered_pages_only_is_found(family, change, words):
    result = narrowed(family, filtered(change))
    assert outcome(result) == "fail"
    assert words in said(result)


def test_the_schema_holds_on_filtered_pages():
    def answer(request, response):
        return reply([]) if "word" in dict(request.query) and dict(request.query).get("page") == "2" else response

    handler = directory(named(), answer=answer)
    assert outcome(judged("responses.schema", handler, LIST)) == "pass"
    result = judged("responses.schema", handler, LIST, more=[ASKING])
    assert outcome(result) == "fail"
    assert "object" in said(result)


def test_pages_of_results_that_changed_meanwhile_accuse_nobody():
    """A record more, and there is one page more: page 1 was right to call itself the last when it was asked for."""

    def grown(body, query):
        if query.get("page") == "2":
            return {**body, "total_items": body["total_items"] + 1}
        return {**body, "last_page": True}

    assert outcome(narrowed("last_page", filtered(grown), more=[ASKING])) == "pass"
    assert outcome(narrowed("total_items", filtered(grown), more=[ASKING])) == "pass"


def test_which_page_comes_where_none_is_asked_for_is_another_rules_matter():
    """A SHOULD says that it is page 1: whoever gives page 2 does not count its pages wrongly."""

    def second(body, query):
        return body if "page" in query else {**body, "page_number": 2, "first_page": False}

    assert outcome(narrowed("page_number", filtered(second), more=[PLAIN])) == "not-applicable"
    assert outcome(narrowed("first_page", filtered(second), more=[PLAIN, ASKING])) == "pass"


def test_a_record_that_moved_to_the_next_page_meanwhile_accuses_nobody():
    seen: set[str] = set()

    def once(body, query):
        first_time = str(sorted(query.items())) not in seen
        seen.add(str(sorted(query.items())))
        return page_1_again(body, query) if first_time else body

    result = narrowed("no_duplicates", filtered(once))
    assert outcome(result) == "pass"
    assert any("read again" in line for line in result.observations)


def test_few_results_are_read_again():
    seen: list[str] = []

    def count(body, query):
        seen.append(str(sorted(query.items())))
        return page_1_again(body, query)

    assert outcome(narrowed("no_duplicates", filtered(count), more=(ASKING,))) == "fail"
    assert len(seen) - len(set(seen)) <= 24
