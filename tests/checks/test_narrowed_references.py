"""Filtered lists and single records: ids that lead somewhere, and one record says the same in both."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop_harness.plan import Case
from tests.checks.miniature import directory, judged, outcome, reply, said, things

LIST = {"operation": "listThings"}
ASKING = Case("MINI-2", "MINI-2", "filters.kept_across_pages", "A case.", {**LIST, "parameters": ["word"], "size": 5})
RESOLVE = {**LIST, "item": "getThing"}
AGREE = {**RESOLVE, "members": ["id", "name", "open"]}
EQUAL = {**LIST, "left": "/kind_id", "right": "/kind/id"}
FAMILIES = [
    ("narrowed_ids_resolve", RESOLVE),
    ("narrowed_agree", AGREE),
    ("narrowed_unique_ids", LIST),
    ("narrowed_equal", EQUAL),
]
GONE = "00000000-0000-4000-8000-00000000dead"


def named() -> list[dict[str, Any]]:
    """Things of two names: each name leaves more than one page of them."""
    return [{**thing, "name": ("Heron" if n % 3 else "Otter")} for n, thing in enumerate(things(60))]


def filtered(change, *, everywhere=False, settled=0):
    """A directory whose filtered lists are changed, each record by ``change``, until asked ``settled`` times."""
    seen: dict[str, int] = {}

    def answer(request, response):
        if request.path != "/things" or response.status != 200:
            return response
        if "word" not in dict(request.query) and not everywhere:
            return response
        seen[request.raw_query] = seen.get(request.raw_query, 0) + 1
        if settled and seen[request.raw_query] > settled:
            return response
        body = json.loads(response.body)
        body["contents"] = [change(record) for record in body["contents"]]
        return reply(body)

    return directory(named(), answer=answer)


def found(family, handler=None, more=(ASKING,)):
    return judged(f"references.{family}", handler or directory(named()), dict(FAMILIES)[family], more=more)


@pytest.mark.parametrize("family", dict(FAMILIES))
def test_a_supplier_that_keeps_the_rule_passes(family):
    assert outcome(found(family)) == "pass"


@pytest.mark.parametrize("family", dict(FAMILIES))
def test_where_nothing_further_is_asked_the_rule_does_not_apply(family):
    assert outcome(found(family, more=())) == "not-applicable"


def test_a_record_that_only_a_filtered_list_holds_is_read_too():
    result = found("narrowed_ids_resolve", filtered(lambda record: {**record, "id": GONE}))
    assert outcome(result) == "fail"
    assert f"for {GONE}" in said(result)


def test_a_record_that_the_list_has_lost_meanwhile_accuses_nobody():
    assert outcome(found("narrowed_ids_resolve", filtered(lambda r: {**r, "id": GONE}, settled=1))) == "pass"


@pytest.mark.parametrize("member", ["name", "open"])
def test_what_a_filtered_list_says_of_a_record_is_compared(member):
    others = {"name": "Kestrel", "open": "never"}
    result = found("narrowed_agree", filtered(lambda record: {**record, member: others[member]}))
    assert outcome(result) == "fail"
    assert member in said(result)
    assert len(result.findings) == 3  # read again, and that is enough


def test_a_record_that_changed_meanwhile_accuses_nobody():
    assert outcome(found("narrowed_agree", filtered(lambda r: {**r, "name": "Kestrel"}, settled=1))) == "pass"


def test_what_the_plain_list_says_too_is_for_other_cases():
    everywhere = filtered(lambda record: {**record, "open": "never"}, everywhere=True)
    assert outcome(found("narrowed_agree", everywhere)) == "pass"


def test_a_record_that_stands_twice_on_a_filtered_page_is_found():
    one = things(1)[0]["id"]
    result = found("narrowed_unique_ids", filtered(lambda record: {**record, "id": one}))
    assert outcome(result) == "fail"
    assert "the same id" in said(result)


def test_another_record_that_is_nested_in_a_filtered_list_is_found():
    result = found("narrowed_equal", filtered(lambda record: {**record, "kind": {**record["kind"], "id": GONE}}))
    assert outcome(result) == "fail"
    assert GONE in said(result)


def test_members_of_which_one_is_missing_are_not_compared():
    only = filtered(lambda record: {key: value for key, value in record.items() if key != "kind"})
    assert outcome(found("narrowed_equal", only)) == "not-applicable"


def test_what_python_takes_for_equal_is_another_value():
    def written(record):
        return {**record, "open": 1 if record["open"] is True else record["open"]}

    result = found("narrowed_agree", filtered(written))
    assert outcome(result) == "fail"
    assert "open" in said(result)


def test_one_number_may_be_written_in_two_ways():
    records = [{**thing, "open": 1} for thing in named()]

    def answer(request, response):
        body = json.loads(response.body)
        if "word" in dict(request.query) and response.status == 200:
            body["contents"] = [{**record, "open": 1.0} for record in body["contents"]]
        return reply(body, response.status)

    assert outcome(found("narrowed_agree", directory(records, answer=answer))) == "pass"
