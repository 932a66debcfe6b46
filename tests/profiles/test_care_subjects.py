"""Whose a record is where it is read by its id, and what an id brings that is cut short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.run import replay
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.shared_care_record.store import CLINICAL

from .test_care_references import NHS, referring
from .test_shared_care_record import ID, changed, judged, verdicts, wrong

FIRST, OTHER = "p-104117", "p-205001"
Read = Callable[[dict[str, Any]], None]
FIRSTS = ("SCR-ALL-01", "SCR-IMM-01", "SCR-MAD-01", "SCR-MDI-01", "SCR-MRE-01", "SCR-MST-01")


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


@pytest.fixture(scope="module")
def supplier() -> Handler:
    return handler(ID, now=CLOCK)


def holder(record: dict[str, Any]) -> str:
    return next((member for member in ("patient", "subject") if member in record), "")


def reading(supplier: Handler, read: Read, inside: bool = False, listed: bool = True) -> Handler:
    """Lists refer to patients without addresses (``listed``), and what is read by its id refers to them otherwise."""

    def change(body: dict[str, Any], request: SandboxRequest) -> None:
        if request.path.count("/") == 2:
            if holder(body):
                read(body)
        elif listed:
            referring(inside)(body, request)

    return changed(supplier, change)


def numbered(number: str, system: str = NHS) -> Read:
    def read(record: dict[str, Any]) -> None:
        record[holder(record)] = {"type": "Patient", "identifier": {"system": system, "value": number}}

    return read


def addressed(reference: str) -> Read:
    def read(record: dict[str, Any]) -> None:
        record[holder(record)] = {"reference": reference}

    return read


def displayed(record: dict[str, Any]) -> None:
    record[holder(record)] = {"display": "Somebody"}


@pytest.mark.parametrize(
    "read",
    [numbered("9990001197"), addressed(f"Patient/{OTHER}"), displayed],
    ids=["number", "address", "display"],
)
@pytest.mark.parametrize("inside", [True, False])
def test_another_patient_s_record_read_by_its_id_is_caught(
    inside: bool, read: Read, profile: Profile, supplier: Handler
) -> None:
    found = judged(profile, reading(supplier, read, inside), "SCR-CAP-16", "SCR-IMM-01")
    assert found == {"SCR-CAP-16": "fail", "SCR-IMM-01": "pass"}


def test_another_number_where_the_list_has_an_address_is_caught(profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), reading(supplier, numbered("9990001197"), listed=False))
    assert wrong(outcome) == {"SCR-CAP-16": "fail"}
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize(
    "read",
    [
        numbered("9990001006"),
        numbered("999 000 1006"),
        numbered("77", "urn:of-nobody-known"),
        addressed(f"Patient/{FIRST}"),
        addressed("https://trust.example.org/fhir/Patient/77"),
    ],
    ids=["same number", "number in groups", "another system", "address", "address elsewhere"],
)
def test_the_same_patient_may_be_named_otherwise_there(read: Read, profile: Profile, supplier: Handler) -> None:
    assert judged(profile, reading(supplier, read), "SCR-CAP-16") == {"SCR-CAP-16": "pass"}


def test_a_shortened_record_may_leave_out_whose_it_is(profile: Profile, supplier: Handler) -> None:
    def read(record: dict[str, Any]) -> None:
        displayed(record)
        record["meta"] = {"tag": [{"code": "SUBSETTED"}]}

    assert judged(profile, reading(supplier, read), "SCR-CAP-16") == {"SCR-CAP-16": "pass"}


def beginning(supplier: Handler, kinds: tuple[str, ...] = CLINICAL) -> Handler:
    """``patient`` finds everybody whose id begins so."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        found = next((one for one in (FIRST, OTHER) if one.startswith(dict(request.query).get("patient", "-"))), "")
        if request.path.removeprefix("/") not in kinds or not found:
            return supplier(request)
        query = tuple((name, found if name == "patient" else value) for name, value in request.query)
        return supplier(replace(request, query=query))

    return handle


def test_a_patient_who_is_found_by_the_beginning_of_an_id_is_caught(profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), beginning(supplier))
    assert set(wrong(outcome)) <= set(FIRSTS) and len(wrong(outcome)) == 1
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("kind", CLINICAL)
def test_each_list_is_asked_for_the_beginning_where_it_is_the_only_one(
    kind: str, profile: Profile, supplier: Handler
) -> None:
    row = dict(zip(CLINICAL, FIRSTS, strict=True))[kind]
    assert judged(profile, beginning(supplier, (kind,)), row) == {row: "fail"}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_id_that_is_cut_short_may_be_refused(status: int, profile: Profile, supplier: Handler) -> None:
    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        return replace(answer, status=status) if dict(request.query).get("patient") == FIRST[:-1] else answer

    outcome = run_in_process(reference_plan(profile), handle)
    assert {verdicts(outcome)[row] for row in FIRSTS} == {"pass"}


def test_somebody_may_have_the_shorter_id(profile: Profile, supplier: Handler) -> None:
    """Whose records come then are those of that person, as they say."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        query = tuple((name, OTHER if value == FIRST[:-1] else value) for name, value in request.query)
        answer = supplier(replace(request, query=query))
        return (
            replace(answer, body=answer.body.replace(OTHER.encode(), FIRST[:-1].encode()))
            if query != request.query
            else answer
        )

    assert set(judged(profile, handle, *FIRSTS).values()) == {"pass"}


def test_a_record_of_somebody_else_asked_for_by_its_id_is_caught(profile: Profile, supplier: Handler) -> None:
    """patient does nothing where _id is there, too: whose own ids alone are asked for never notices."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        asked = dict(request.query)
        if "_id" not in asked or "patient" not in asked:
            return supplier(request)
        answers = []
        for whose in (asked["patient"], FIRST, OTHER):
            query = tuple((name, whose if name == "patient" else value) for name, value in request.query)
            answers.append(supplier(replace(request, query=query)))
        return next((answer for answer in answers if b'"mode":"match"' in answer.body), answers[0])

    found = set(wrong(run_in_process(reference_plan(profile), handle)))
    assert set(FIRSTS) <= found


def forgetting(supplier: Handler, when: Callable[[dict[str, str]], bool]) -> Handler:
    """The state is passed over in some requests."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        kept = tuple(pair for pair in request.query if pair[0] not in ("status", "clinical-status"))
        return supplier(replace(request, query=kept) if when(dict(request.query)) else request)

    return handle


@pytest.mark.parametrize("name", ["page", "_count"])
def test_a_state_that_is_forgotten_on_the_next_page_is_caught(name: str, profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), forgetting(supplier, lambda asked: name in asked))
    (row,) = wrong(outcome)
    assert row.endswith("-04")
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_a_service_that_refuses_sizes_is_not_accused_of_forgetting(profile: Profile, supplier: Handler) -> None:
    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        return replace(answer, status=400) if {"_count", "status"} <= set(dict(request.query)) else answer

    rows = [row.replace("-01", "-04") for row in FIRSTS]
    assert "fail" not in judged(profile, handle, *rows).values()
