"""References: identifiers lead somewhere, and one record says the same wherever it stands."""

from __future__ import annotations

import itertools
import json

import pytest

from interop_harness.checks.references import same_value
from interop_harness.plan import Options
from tests.checks.miniature import KINDS, directory, judged, outcome, reply, said, things, uuid

THINGS = {"operation": "listThings", "item": "getThing"}
AGREE = {**THINGS, "members": ["id", "name", "open"]}
DETAIL = {"operation": "getThing", "list": "listThings", "id": "/id"}
EQUAL = {"operation": "listThings", "left": "/kind_id", "right": "/kind/id"}
EQUAL_ITEM = {**EQUAL, "operation": "getThing"}
KEY = {"operation": "listThings", "pointer": "/kind_id", "target": "getKind"}
KEY_ITEM = {**KEY, "operation": "getThing", "pointer": "/kind/id"}
OWN_KEY = {"operation": "listThings", "pointer": "/parent_id", "target": "getThing"}
CYCLES = {"operation": "listThings", "id": "/id", "parent": "/parent_id"}
NESTED = {"operation": "getThing", "nested": "/kind", "target": "getKind", "members": ["id", "name"]}
UNIQUE = {"operation": "listThings"}
FAMILIES = [
    ("list_ids_resolve", THINGS),
    ("list_ids_resolve", {"operation": "listKinds", "item": "getKind"}),
    ("list_detail_agree", AGREE),
    ("detail_id", DETAIL),
    ("member_equals", EQUAL),
    ("member_equals", EQUAL_ITEM),
    ("unique_ids", UNIQUE),
    ("foreign_key", KEY),
    ("foreign_key", KEY_ITEM),
    ("foreign_key", OWN_KEY),
    ("no_cycles", CYCLES),
    ("nested_agrees", NESTED),
]


def changed(number: int, **members):
    """The things, one of them changed: ``...`` takes a member away."""
    found = things()
    found[number] = {key: value for key, value in {**found[number], **members}.items() if value is not ...}
    return found


def lost(identifier: str, status: int = 404):
    return directory(
        answer=lambda request, response: reply({}, status) if request.path.endswith(f"/{identifier}") else response
    )


@pytest.mark.parametrize(("family", "arguments"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_a_supplier_that_keeps_the_rule_passes(family, arguments):
    assert outcome(judged(f"references.{family}", None, arguments)) == "pass"


DEFECTS = [
    ("list_ids_resolve", THINGS, lost(uuid(1, 1)), "/contents/0 of exchange"),
    ("list_ids_resolve", THINGS, lost(uuid(1, 120), 500), "500"),
    ("list_detail_agree", AGREE, directory(detail=lambda record: record | {"name": "Other"}), "'Thing 1', as in the"),
    ("list_detail_agree", AGREE, directory(detail=lambda record: record | {"open": 1}), "/open"),
    ("detail_id", DETAIL, directory(detail=lambda record: record | {"id": uuid(1, 7)}), "which was asked for"),
    ("member_equals", EQUAL, directory(changed(4, kind_id=uuid(2, 9))), "/contents/4/kind_id"),
    ("member_equals", EQUAL_ITEM, directory(detail=lambda record: record | {"kind_id": uuid(2, 9)}), "/kind_id"),
    ("unique_ids", UNIQUE, directory(window=lambda shown, n, s: [*shown[:-1], shown[0]]), "/contents/0 too"),
    ("foreign_key", KEY, directory(changed(4, kind_id=uuid(2, 9))), f"{uuid(2, 9)}, which stands at /contents/4"),
    ("foreign_key", KEY_ITEM, lost(KINDS[0]["id"]), "a record at /kinds/{id}"),
    ("foreign_key", OWN_KEY, directory(changed(119, parent_id=uuid(1, 999))), uuid(1, 999)),
    ("no_cycles", CYCLES, directory(changed(0, parent_id=uuid(1, 5))), f"{uuid(1, 5)} → {uuid(1, 2)}"),
    ("no_cycles", CYCLES, directory(changed(6, parent_id=uuid(1, 7))), f"{uuid(1, 7)} → {uuid(1, 7)}"),
    ("nested_agrees", NESTED, directory(changed(0, kind=KINDS[1] | {"name": "Old"})), "/kind/name"),
]


@pytest.mark.parametrize(
    ("family", "arguments", "handler", "words"), DEFECTS, ids=[f"{row[0]}-{n}" for n, row in enumerate(DEFECTS)]
)
def test_one_defect_is_found(family, arguments, handler, words):
    result = judged(f"references.{family}", handler, arguments)
    assert outcome(result) == "fail"
    assert words in said(result)


def test_another_record_at_an_address_is_blamed_once():
    other = directory(detail=lambda record: things()[6])
    result = judged("references.list_detail_agree", other, {**THINGS, "members": ["name", "kind_id"]})
    assert outcome(result) == "pass"
    assert outcome(judged("references.detail_id", other, DETAIL)) == "fail"


def test_members_that_only_one_side_gives_are_not_compared():
    bare = directory(detail=lambda record: {"id": record["id"]})
    assert outcome(judged("references.list_detail_agree", bare, AGREE)) == "pass"


def test_a_record_that_changes_during_the_run_is_read_again():
    asked = itertools.count()

    def answer(request, response):
        if request.path == f"/things/{uuid(1, 1)}" and next(asked) == 0:
            return reply(things()[0] | {"name": "Newer"})
        return response

    result = judged("references.list_detail_agree", directory(answer=answer), AGREE)
    assert outcome(result) == "pass"
    assert result.observations == (f"The record {uuid(1, 1)} changed while it was read.",)


@pytest.mark.parametrize(
    ("family", "arguments"),
    [("member_equals", EQUAL), ("foreign_key", KEY), ("no_cycles", CYCLES), ("nested_agrees", NESTED)],
)
def test_what_no_record_gives_is_not_asked(family, arguments):
    bare = directory([{"id": uuid(1, n), "name": "x"} for n in range(1, 4)])
    assert outcome(judged(f"references.{family}", bare, arguments)) == "not-applicable"


@pytest.mark.parametrize(("family", "arguments"), [row for row in FAMILIES if "Kinds" not in row[1]["operation"]])
def test_an_empty_list_is_inconclusive(family, arguments):
    assert outcome(judged(f"references.{family}", directory([]), arguments)) == "inconclusive"


@pytest.mark.parametrize("family", ["list_ids_resolve", "foreign_key"])
def test_a_throttled_record_is_inconclusive_and_others_are_still_judged(family):
    arguments = THINGS if family == "list_ids_resolve" else OWN_KEY
    busy = judged(f"references.{family}", lost(uuid(1, 2), 429), arguments)
    assert (outcome(busy), bool(busy.blocked_by)) == ("inconclusive", True)

    def answer(request, response):
        statuses = {uuid(1, 2): 429, uuid(1, 3): 404}
        status = statuses.get(request.path.rpartition("/")[2])
        return reply({}, status) if status else response

    assert outcome(judged(f"references.{family}", directory(answer=answer), arguments)) == "fail"


def test_identifiers_beyond_the_sample_are_told():
    found = [record | {"kind_id": uuid(2, 100 + n)} for n, record in enumerate(things(150))]
    present = {record["kind_id"] for record in found}

    def answer(request, response):
        name = request.path.rpartition("/")[2]
        return reply({"id": name, "name": "Kind"}) if name in present else response

    result = judged("references.foreign_key", directory(found, answer=answer), KEY)
    assert outcome(result) == "pass"
    assert ("/kind_id of /things", 100, 150) in result.sampled
    every = judged("references.foreign_key", directory(found, answer=answer), KEY, options=Options(exhaustive=True))
    assert ("/kind_id of /things", 100, 150) not in every.sampled


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:00Z", False),
        ("2026-01-01", "2026-01-02", False),
        (uuid(1, 10), uuid(1, 10).upper(), True),
        ("Name", "name", False),
        (json.loads('{"a": [1]}'), {"a": [1]}, True),
    ],
)
def test_values_are_the_same_when_they_mean_the_same(left, right, same):
    assert same_value(left, right) is same


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ([True], [1], False),
        ({"open": {"now": False}}, {"open": {"now": 0}}, False),
        ([1, 2.0], [1.0, 2], True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": 1}, {"b": 1}, False),
    ],
)
def test_values_are_compared_as_json_however_deep(left, right, same):
    assert same_value(left, right) is same
