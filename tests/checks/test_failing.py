"""Services that answer the plain request and fail at the next: that breaks the document, unless it passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from interop_harness.plan import Case
from interop_harness.requirement import Outcome
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from tests.checks.miniature import directory, judged, reply, things

LIST = {"operation": "listThings"}
ITEM = {"operation": "getThing"}


def later(request: SandboxRequest) -> bool:
    return request.path == "/things" and dict(request.query).get("page", "1") != "1"


def fourth(request: SandboxRequest) -> bool:
    return request.path == f"/things/{things()[40]['id']}"


def failing(when: Callable[[SandboxRequest], bool], status: int, times: int = 99) -> Handler:
    """The directory, which answers so to some requests, each so many times."""
    seen: Counter[tuple[str, str]] = Counter()

    def answer(request: SandboxRequest, response: SandboxResponse) -> SandboxResponse:
        if not when(request) or response.status >= 300:
            return response
        asked = (request.path, request.raw_query)
        seen[asked] += 1
        return replace(reply({"error": "no"}), status=status) if seen[asked] <= times else response

    return directory(answer=answer)


@pytest.mark.parametrize("status", [500, 501, 599, 999, 304, 404, 410, 418, 400])
def test_a_later_page_that_is_there_and_never_served_is_a_breach(status: int) -> None:
    result = judged("responses.status", failing(later, status), LIST)
    assert result.outcome is Outcome.FAIL
    assert {finding.expected for finding in result.findings} == {"status 200"}
    assert str(status) in result.findings[0].observed
    assert len(result.findings) <= 3


@pytest.mark.parametrize("status", [500, 999, 304])
def test_so_is_a_record_that_the_service_fails_at(status: int) -> None:
    assert judged("responses.status", failing(fourth, status), ITEM).outcome is Outcome.FAIL


@pytest.mark.parametrize("status", [404, 410])
def test_a_record_that_is_gone_is_another_rule_s(status: int) -> None:
    assert judged("responses.status", failing(fourth, status), ITEM).outcome is Outcome.PASS


@pytest.mark.parametrize("status", [401, 403, 408, 421, 425, 429, 502, 503, 504])
def test_who_is_turned_away_or_not_heard_accuses_nobody(status: int) -> None:
    assert judged("responses.status", failing(later, status), LIST).outcome is not Outcome.FAIL


@pytest.mark.parametrize("status", [500, 404])
def test_what_passes_is_no_breach(status: int) -> None:
    result = judged("responses.status", failing(later, status, times=1), LIST)
    assert result.outcome is Outcome.PASS
    if status == 500:
        assert any("500" in told and "did not when it was asked again" in told for told in result.observations)


def test_a_page_of_a_list_that_has_shrunk_meanwhile_may_be_refused() -> None:
    many, few = directory(), directory(things(10))
    asked = Counter[str]()

    def handle(request: SandboxRequest) -> SandboxResponse:
        if request.path != "/things":
            return many(request)
        asked["all"] += 1
        if asked["all"] <= 2:  # the plain list and the first page
            return many(request)
        return replace(reply({"error": "no such page"}), status=404) if later(request) else few(request)

    assert judged("responses.status", handle, LIST).outcome is Outcome.PASS


def test_filters_of_the_run_s_other_cases_are_looked_at() -> None:

    def filtered(request: SandboxRequest) -> bool:
        return request.path == "/things" and "word" in dict(request.query)

    case = Case("F", "F", "filters.witness", "A filter.", {**LIST, "parameter": "word", "from": "/name"})
    assert judged("responses.status", failing(filtered, 500), LIST, more=[case]).outcome is Outcome.FAIL
    assert judged("responses.status", failing(filtered, 400), LIST, more=[case]).outcome is Outcome.PASS


def test_a_value_that_nobody_need_understand_is_another_rule_s() -> None:
    def wrong(request: SandboxRequest) -> bool:
        return request.path == "/things" and bool({("word", "!"), ("page", "+1")} & set(request.query))

    word = {**LIST, "parameter": "word", "value": "!", "description": "no word"}
    asking = Case("V", "V", "inputs.parameters", "The same word, by another case.", word)
    page = Case("P", "P", "inputs.parameters", "No page.", {**word, "parameter": "page", "value": "+1"})
    invalid = Case("I", "I", "inputs.invalid", "A wrong word.", word)
    assert judged("responses.status", failing(wrong, 500), LIST, more=[asking]).outcome is Outcome.FAIL
    assert judged("responses.status", failing(wrong, 500), LIST, more=[asking, invalid]).outcome is Outcome.PASS
    assert judged("responses.status", failing(wrong, 500), LIST, more=[page]).outcome is Outcome.PASS
