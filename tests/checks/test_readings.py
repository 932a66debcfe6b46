"""What is read by id against what the list showed: another's record is found, another way of writing is not."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.checks import readings
from interop_harness.checks.values import Value

STATED = {
    "same": ["/resourceType", "/id"],
    "subjects": {"kind": "Patient", "members": ["/patient/reference", "/subject/reference"]},
    "shortened": {"/meta/tag/*/code": "SUBSETTED"},
}
RULE = readings.Sameness.of(STATED, {"each": "/identifier/*", "members": ["/system", "/value"]})
ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a1", "patient": {"reference": "Patient/p1"}}
NUMBER, OTHER = {"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "1"}
PERSON = {"resourceType": "Patient", "id": "p1", "identifier": [NUMBER, OTHER]}
SHORT = {"meta": {"tag": [{"code": "SUBSETTED"}]}}


def wrong(shown: dict[str, Any], read: dict[str, Any]) -> list[str]:
    found = readings.differs("/x/1", Value("list", "/entry/0/resource", shown), Value("read", "", read), RULE)
    return [f"{finding.pointer} {finding.observed}" for finding in found]


@pytest.mark.parametrize(
    "read",
    [
        ALLERGY,
        {**ALLERGY, "patient": {"reference": "https://host/fhir/Patient/p1/_history/3"}},
        {**ALLERGY, "patient": {"reference": "urn:uuid:0d9d1c0e-5c5b-4a57-9f0c-7a3f6a1f2b11"}},
        {**ALLERGY, "patient": {"identifier": NUMBER}},
        {**ALLERGY, "meta": {"versionId": "2"}, "text": {"status": "generated"}},
        {"resourceType": "AllergyIntolerance", "id": "a1", **SHORT},
    ],
    ids=["the same", "absolute", "urn", "by identifier", "with more", "shortened"],
)
def test_the_same_record_written_otherwise_is_the_same(read: dict[str, Any]) -> None:
    assert not wrong(ALLERGY, read)


@pytest.mark.parametrize(
    ("read", "observed"),
    [
        ({**ALLERGY, "id": "a2"}, "/id 'a2'"),
        ({**ALLERGY, "resourceType": "Immunization"}, "/resourceType 'Immunization'"),
        ({**ALLERGY, "patient": {"reference": "Patient/p2"}}, "/patient/reference 'Patient/p2'"),
        ({**ALLERGY, **SHORT, "patient": {"reference": "Patient/p2"}}, "/patient/reference 'Patient/p2'"),
        ({"resourceType": "AllergyIntolerance", "id": "a1"}, " nothing at /patient/reference"),
        ({"resourceType": "AllergyIntolerance", "patient": ALLERGY["patient"]}, " nothing at /id"),
    ],
)
def test_another_record_is_found(read: dict[str, Any], observed: str) -> None:
    assert wrong(ALLERGY, read) == [observed]


def test_a_person_has_the_same_identifiers_in_any_order() -> None:
    assert not wrong(PERSON, {**PERSON, "identifier": [OTHER, NUMBER, {"system": "urn:c", "value": "9"}]})
    assert not wrong({**PERSON, "identifier": [NUMBER, {"value": "2"}]}, PERSON), "half an identifier is not compared"
    assert not wrong(PERSON, {"resourceType": "Patient", "id": "p1", **SHORT})
    assert wrong(PERSON, {**PERSON, "identifier": [{"system": "urn:a", "value": "2"}, OTHER]}) == [" urn:a|2; urn:b|1"]
    assert wrong(PERSON, {"resourceType": "Patient", "id": "p1"}) == [" nothing at /identifier/*"]


def test_what_is_no_object_is_no_record() -> None:
    assert not list(readings.readable("/x/1", {}, "read"))
    assert [finding.observed for finding in readings.readable("/x/1", None, "read")] == ["no JSON object"]
    assert list(readings.readable("/x/1", [], "read"))
