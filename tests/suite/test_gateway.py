"""A gateway's own word, 502 or 504, is not the service's answer: it fails nothing, and nothing passes for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.execution.run import run
from interop_harness.plan import Options, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import load_credentials

PROFILE = "open-referral-uk"


def rows(status: int, when: Callable[[int, SandboxRequest], bool], *only: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """Verdict and requirements of a run in which some requests get a bare status in place of the right answer."""
    right, number = handler(PROFILE, now=CLOCK), 0

    def answer(request: SandboxRequest) -> SandboxResponse:
        nonlocal number
        number += 1
        return SandboxResponse(status, (), b"") if when(number, request) else right(request)

    plan = make_plan(load(PROFILE), reference_plan(load(PROFILE)).implementation, Options(only=only))
    credentials = load_credentials(plan.implementation, {})
    inner = InProcessTransport(answer)
    report = run(plan, credentials, credentials.redactor(), workers=1, inner=inner, clock=lambda: CLOCK).report
    return report["verdict"], {row["id"]: row for row in report["requirements"]}


def failing(found: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, row in found.items() if row["verdict"] == "fail"]


@pytest.mark.parametrize("status", [502, 504])
def half_of_the_records(number: int, request: SandboxRequest) -> bool:
    """Always the same ones, of those that the list names."""
    return request.path.startswith("/services/") and request.path[-1] in "02468ace"


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_speaks_now_and_then_fails_no_row(status: int) -> None:
    verdict, found = rows(status, lambda number, request: number % 9 == 0)
    assert failing(found) == []
    assert verdict == "inconclusive"
    blamed = {row["attribution"] for row in found.values() if f"answered {status}" in (row["reason"] or "")}
    assert blamed == {"the network"}


def test_a_gateway_s_word_for_whatever_is_unknown_is_no_refusal_of_it_either() -> None:
    verdict, found = rows(502, lambda number, request: handler(PROFILE, now=CLOCK)(request).status == 404)
    assert failing(found) == []
    assert found["ORUK-getService-unknown-id"]["verdict"] == "inconclusive"
    assert verdict == "inconclusive"


def test_a_gateway_that_says_so_three_times_running_fails_the_row_about_statuses_and_no_other() -> None:
    """Whoever asks an operation that is never reached is not served, whatever stands before it."""
    verdict, found = rows(502, lambda number, request: request.path == "/taxonomies")
    assert failing(found) == ["ORUK-listTaxonomies-status"]
    (finding,) = found["ORUK-listTaxonomies-status"]["findings"]
    assert "502" in finding["observed"] and finding["observed"].endswith("three times running")
    assert verdict == "not-conformant"


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_asks_to_come_back_later_fails_no_row_however_often_it_does(status: int) -> None:
    _, found = rows(status, lambda number, request: request.path == "/taxonomies", "ORUK-listTaxonomies", "ORUK-FIELD")
    assert failing(found) == []


@pytest.mark.parametrize("status", [500, 502, 504])
def test_records_that_cannot_be_read_fail_where_the_service_itself_says_so(status: int) -> None:
    _, found = rows(status, half_of_the_records, "ORUK-REF-01")
    row = found["ORUK-REF-01"]
    if status == 500:
        assert row["verdict"] == "fail"
    else:
        assert (row["verdict"], row["attribution"]) == ("inconclusive", "the network")
