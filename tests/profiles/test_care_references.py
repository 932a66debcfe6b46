"""Shared care records whose references have no address: R4 knows contained and logical ones beside the literal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.plan import Options
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest

from .test_shared_care_record import ID, Change, changed, judged, verdicts, wrong

ROWS = ("SCR-IMM-01", "SCR-MDI-01")
NHS = "https://fhir.nhs.uk/Id/nhs-number"
NUMBERS = {"Patient/p-104117": "9990001006", "Patient/p-205001": "9990001197"}


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


@pytest.fixture(scope="module")
def supplier() -> Handler:
    return handler(ID, now=CLOCK)


def referring(inside: bool, number: str = "", system: str = NHS) -> Change:
    """Every record refers to its patient so; ``number``: another one than the patient's."""

    def change(record: dict[str, Any]) -> None:
        for member in {"patient", "subject"} & set(record):
            value = NUMBERS.get(record[member]["reference"])
            carried = {"system": system, "value": number or value}
            if value and inside:
                record["contained"] = [{"resourceType": "Patient", "id": "Pat1", "identifier": [carried]}]
                record[member] = {"reference": "#Pat1"}
            elif value:
                record[member] = {"type": "Patient", "identifier": carried}

    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        for record in [body, *(entry["resource"] for entry in body.get("entry", ()))]:
            change(record)

    return on


@pytest.mark.parametrize("inside", [True, False])
def test_a_patient_who_is_contained_or_named_by_number_alone_conforms(
    inside: bool, profile: Profile, supplier: Handler
) -> None:
    assert not wrong(run_in_process(reference_plan(profile), changed(supplier, referring(inside))))


@pytest.mark.parametrize("inside", [True, False])
def test_another_nhs_number_is_another_patient(inside: bool, profile: Profile, supplier: Handler) -> None:
    found = judged(profile, changed(supplier, referring(inside, "9990001197")), *ROWS)
    assert set(found.values()) == {"fail"}


@pytest.mark.parametrize("inside", [True, False])
def test_an_identifier_that_cannot_be_compared_leaves_the_row_open(
    inside: bool, profile: Profile, supplier: Handler
) -> None:
    found = judged(profile, changed(supplier, referring(inside, system="urn:of-nobody-known")), *ROWS)
    assert set(found.values()) == {"inconclusive"}


def test_a_shortened_record_of_the_patient_does_not_list_every_number(profile: Profile, supplier: Handler) -> None:
    def shortened(body: dict[str, Any], request: SandboxRequest) -> None:
        referring(False, "NM-7", "https://northmere.example.org/Id/record-number")(body, request)
        for entry in body.get("entry", ()):
            if entry["resource"]["resourceType"] == "Patient":
                entry["resource"]["meta"] = {"tag": [{"code": "SUBSETTED"}]}

    assert set(judged(profile, changed(supplier, shortened), *ROWS).values()) == {"inconclusive"}


def test_who_is_not_known_has_no_records_however_they_refer(profile: Profile, supplier: Handler) -> None:
    """Asked for a patient whom nobody knows, a record with the number of another is that other one's."""

    def answering(request: SandboxRequest) -> Any:
        query = tuple((name, "p-104117" if value == "no-such-record-0" else value) for name, value in request.query)
        return changed(supplier, referring(False))(replace(request, query=query))

    outcome = run_in_process(reference_plan(profile, options=Options(only=("SCR-IMM-01",))), answering)
    assert verdicts(outcome)["SCR-IMM-01"] == "fail"
