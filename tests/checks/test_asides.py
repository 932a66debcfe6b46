"""What holds for any answer holds for filtered lists, too: members of records, and the header for other sites."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from interop_harness.plan import Case
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.suite.functions import function_of
from tests.checks.miniature import directory, judged, outcome, reply, said, things

LIST = {"operation": "listThings"}
ASKING = Case("MINI-2", "MINI-2", "filters.kept_across_pages", "A case.", {**LIST, "parameters": ["word"], "size": 5})
ORIGIN = "https://directory.example.org"
HEADER = "Access-Control-Allow-Origin"
POINT = {"latitude": "north", "longitude": "east", "bounds": "world"}
DEFECTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("coordinates", POINT, {"north": 95.5}),
    ("format", {"member": "/checked", "format": "date"}, {"checked": "1/6/2030"}),
    ("range", {"members": ["/low"], "minimum": 0, "maximum": 130}, {"low": 999}),
    ("order", {"first": "low", "second": "high", "kind": "number"}, {"low": 9}),
    ("depends", {"member": "north", "requires": ["east"]}, {"east": ...}),
    ("kind", {"member": "/low", "kind": "number"}, {"low": "one"}),
    ("one_of", {"member": "/state", "values": ["lent", "kept"]}, {"state": "lost"}),
    ("no_empty_values", {}, {"note": None}),
    ("identity", {"key": "/kind_id", "nested": "/kind/id"}, {"kind_id": ..., "kind": ...}),
    ("parent_child_ids", {"pairs": [{"child": "/rows/*/thing_id", "parent": "/id"}]}, {"rows": [{"thing_id": "x"}]}),
    ("unique_nested_ids", {"members": ["/rows/*/id"]}, {"rows": [{"id": "1"}, {"id": "1"}]}),
    ("recent", {"member": "checked", "days": 92}, {"checked": "2020-01-01"}),
    ("not_future", {"member": "checked", "format": "date"}, {"checked": "2099-01-01"}),
]


def named() -> list[dict[str, Any]]:
    """Things of two names, all in order: each name leaves more than one page of them."""
    more = {"north": 52.5, "east": -1.5, "low": 1, "high": 5, "checked": "2026-10-15", "state": "lent"}
    return [
        {**thing, **more, "name": ("Heron" if n % 3 else "Otter"), "rows": [{"id": "1", "thing_id": thing["id"]}]}
        for n, thing in enumerate(things(60))
    ]


def with_filter(request: SandboxRequest) -> bool:
    return "word" in dict(request.query)


def told_wrongly(members: dict[str, Any], *, when: Callable[[SandboxRequest], bool] = with_filter) -> Handler:
    """A directory whose records say something else on the lists that ``when`` picks; ``...`` leaves a member out."""

    def answer(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        if request.path != "/things" or response.status != 200 or not when(request):
            return response
        body = json.loads(response.body)
        changed = [{**record, **members} for record in body["contents"]]
        body["contents"] = [{k: v for k, v in record.items() if v is not ...} for record in changed]
        return reply(body)

    return directory(named(), answer=answer)


@pytest.mark.parametrize(("family", "arguments", "members"), DEFECTS, ids=[row[0] for row in DEFECTS])
def test_members_of_records_are_judged_on_filtered_lists(
    family: str, arguments: dict[str, Any], members: dict[str, Any]
) -> None:
    family, arguments = f"fields.{family}", {**LIST, **arguments}
    assert outcome(judged(family, directory(named()), arguments, more=[ASKING])) == "pass"
    result = judged(family, told_wrongly(members), arguments, more=[ASKING])
    assert outcome(result) == "fail"
    assert all(finding.pointer.startswith("/contents/") for finding in result.findings)
    assert outcome(judged(family, told_wrongly(members), arguments)) == "pass"  # for nobody asks so


def test_what_all_lists_say_is_told_once() -> None:
    """A record that is wrong wherever it comes is one finding: a filter that brings it again adds nothing."""
    records = named()
    records[-1]["north"] = 95.5
    result = judged("fields.coordinates", directory(records), {**LIST, **POINT}, more=[ASKING])
    assert len(result.findings) == 1


def test_what_any_list_has_is_looked_at_though_the_plain_list_lacks_it() -> None:
    result = judged("fields.range", told_wrongly({"age": 999}), {**LIST, "members": ["/age"], "maximum": 130})
    assert outcome(result) == "not-applicable"
    asked = {**LIST, "members": ["/age"], "maximum": 130}
    assert outcome(judged("fields.range", told_wrongly({"age": 999}), asked, more=[ASKING])) == "fail"


def test_members_of_records_are_judged_where_the_list_is_asked_for_plainly() -> None:
    """The rule reads pages of fifty; without a size, something else may answer."""
    wrong = told_wrongly({"north": 95.5}, when=lambda request: not request.query)
    assert outcome(judged("fields.coordinates", wrong, {**LIST, **POINT})) == "fail"


def test_members_of_records_are_judged_on_the_last_of_small_pages() -> None:
    """A list that fits on one page is asked for in small ones, too."""
    few = named()[:12]

    def answer(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        if request.path != "/things" or dict(request.query).get("page", "1") == "1" or response.status != 200:
            return response
        body = json.loads(response.body)
        return reply({**body, "contents": [{**record, "north": 95.5} for record in body["contents"]]})

    assert outcome(judged("fields.coordinates", directory(few, answer=answer), {**LIST, **POINT})) == "fail"


def test_a_record_that_is_nested_without_end_breaks_nothing() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert function_of("fields.kind").__globals__["as_written"](deep) == b"too deep"


# --- the header for other sites ---


def hidden(picks: Callable[[SandboxRequest], bool]) -> Handler:
    """A directory whose answers come without the header where ``picks`` says so."""
    return directory(
        named(), answer=lambda request, response: response.without_header(HEADER) if picks(request) else response
    )


def one_record(request: SandboxRequest) -> bool:
    return request.path == f"/things/{named()[-1]['id']}"


@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_the_header_is_looked_for_on_filtered_lists(origin: str | None) -> None:
    arguments = {"answer": "success", "origin": origin}
    assert outcome(judged("openaccess.cors", directory(named()), arguments, more=[ASKING])) == "pass"
    result = judged("openaccess.cors", hidden(with_filter), arguments, more=[ASKING])
    assert outcome(result) == "fail"
    assert "no such header" in said(result) and "word=" in said(result)


@pytest.mark.parametrize(
    ("kind", "picks", "where"),
    [
        ("success", lambda request: dict(request.query).get("page", "1") != "1", "page="),
        ("detail", one_record, "/things/"),
    ],
    ids=["later pages", "one record"],
)
def test_without_an_origin_every_answer_of_the_kind_is_looked_at(
    kind: str, picks: Callable[[SandboxRequest], bool], where: str
) -> None:
    result = judged("openaccess.cors", hidden(picks), {"answer": kind, "origin": None})
    assert outcome(result) == "fail"
    assert where in said(result)


def test_without_an_origin_nothing_is_asked_for_the_header_s_sake_and_with_one_few_lists() -> None:
    seen: list[tuple[str, str, bool]] = []

    def count(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        seen.append((request.path, request.raw_query, bool(request.header("origin"))))
        return response

    handler = directory(named(), answer=count)
    judged("openaccess.cors", handler, {"answer": "success", "origin": None}, more=[ASKING])
    assert not [one for one in seen if one[2]] and len(set(seen)) == len(seen)
    seen.clear()
    judged("openaccess.cors", handler, {"answer": "success", "origin": ORIGIN}, more=[ASKING])
    assert len([one for one in seen if one[2] and one[1]]) == 1


@pytest.mark.parametrize("status", [403, 500])
def test_a_filtered_list_that_is_kept_from_other_sites_is_found(status: int) -> None:
    def answer(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        return reply({"error": "no"}, status) if with_filter(request) and request.header("origin") else response

    handler = directory(named(), answer=answer)
    result = judged("openaccess.cors", handler, {"answer": "success", "origin": ORIGIN}, more=[ASKING])
    assert outcome(result) == "fail"
    assert "word=" in said(result)


@pytest.mark.parametrize("status", [429, 503])
def test_a_filtered_list_that_is_busy_is_not_said_to_keep_anybody_out(status: int) -> None:
    def answer(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        return reply({}, status) if with_filter(request) and request.header("origin") else response

    handler = directory(named(), answer=answer)
    result = judged("openaccess.cors", handler, {"answer": "success", "origin": ORIGIN}, more=[ASKING])
    assert outcome(result) == "pass"
