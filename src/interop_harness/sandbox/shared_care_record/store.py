"""The dataset as FHIR resources, and what each search parameter looks at in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from interop_harness.profile import read_yaml

Resource = dict[str, Any]
NHS = "https://fhir.nhs.uk/Id/nhs-number"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
ACCESS = "https://fhir.hl7.org.uk/uk-core-access/"
CLINICAL = (
    "AllergyIntolerance",
    "Immunization",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
)
DATES: Mapping[str, Mapping[str, str]] = {
    "Patient": {"birthdate": "birthDate"},
    "AllergyIntolerance": {"date": "recordedDate", "last-date": "lastOccurrence"},
    "Immunization": {"date": "occurrenceDateTime"},
    "MedicationAdministration": {"effective-time": "effective"},
    "MedicationDispense": {"whenprepared": "whenPrepared"},
    "MedicationRequest": {"authoredon": "authoredOn"},
    "MedicationStatement": {"effective": "effective"},
}
"""Resource type → date parameter → the member it looks at; ``effective`` is a moment or a period."""
TOKENS: Mapping[str, tuple[str, ...]] = {
    "Patient": ("_id", "identifier", "gender"),
    "AllergyIntolerance": ("_id", "patient", "clinical-status"),
    **dict.fromkeys(CLINICAL[1:], ("_id", "patient", "status")),
}
STRINGS: Mapping[str, tuple[str, ...]] = {"Patient": ("family", "given", "name")}


def parameters(kind: str) -> dict[str, str]:
    """The search parameters of a resource type with the type of each."""
    found = {name: "reference" if name == "patient" else "token" for name in TOKENS[kind]}
    found.update(dict.fromkeys(DATES[kind], "date"))
    found.update(dict.fromkeys(STRINGS.get(kind, ()), "string"))
    return found


@dataclass(frozen=True)
class Store:
    """Resources by type, and who may ask."""

    resources: Mapping[str, list[Resource]]
    client: tuple[str, str]
    key: str


def owner(resource: Resource) -> str:
    """The id of the patient that a record belongs to."""
    reference = resource.get("patient") or resource.get("subject") or {}
    return str(reference.get("reference", "")).rpartition("/")[2]


@lru_cache(maxsize=4)
def load(path: Path) -> Store:
    """The dataset of a file. It is shared between suppliers: nobody may change it."""
    content = read_yaml(path)
    resources = {"Patient": [_patient(row, content["systems"]) for row in content["patients"]]}
    for kind, rows in content["records"].items():
        resources[kind] = [_MAKERS.get(kind, _medication)(kind, row) for row in rows]
    return Store(resources, (content["client"]["id"], content["client"]["secret"]), content["key"])


def _patient(row: Mapping[str, Any], systems: Mapping[str, str]) -> Resource:
    numbers = [(NHS, row.get("nhs")), *((system, row.get(name)) for name, system in systems.items())]
    name: Resource = {"use": "official", "family": row["family"], "given": list(row["given"])}
    if "prefix" in row:
        name["prefix"] = [row["prefix"]]
    made: Resource = {
        "resourceType": "Patient",
        "id": row["id"],
        "meta": {"profile": [f"{UK_CORE}Patient", f"{ACCESS}StructureDefinition/UKCoreAccessPatientIndexPatient"]},
        "identifier": [{"system": system, "value": value} for system, value in numbers if value],
        "name": [name],
        "gender": row["gender"],
        "birthDate": row["born"],
    }
    if "phone" in row:
        made["telecom"] = [{"system": "phone", "value": row["phone"]}]
    if "town" in row:
        made["address"] = [{"use": "home", "city": row["town"]}]
    return made


def _coded(text: str) -> Resource:
    return {"text": text}


def _base(kind: str, row: Mapping[str, Any]) -> Resource:
    return {"resourceType": kind, "id": row["id"], "meta": {"profile": [f"{UK_CORE}{kind}"]}}


def _allergy(kind: str, row: Mapping[str, Any]) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    made = {
        **_base(kind, row),
        "clinicalStatus": {"coding": [{"system": system, "code": row["status"]}]},
        "code": _coded(row["what"]),
        "patient": {"reference": f"Patient/{row['patient']}"},
        "recordedDate": row["recorded"],
    }
    return {**made, "lastOccurrence": row["last"]} if "last" in row else made


def _immunization(kind: str, row: Mapping[str, Any]) -> Resource:
    return {
        **_base(kind, row),
        "status": row["status"],
        "vaccineCode": _coded(row["what"]),
        "patient": {"reference": f"Patient/{row['patient']}"},
        "occurrenceDateTime": row["date"],
    }


def _medication(kind: str, row: Mapping[str, Any]) -> Resource:
    made = {
        **_base(kind, row),
        "status": row["status"],
        "medicationCodeableConcept": _coded(row["what"]),
        "subject": {"reference": f"Patient/{row['patient']}"},
    }
    if kind == "MedicationRequest":
        made["intent"] = "order"
    member = next(iter(DATES[kind].values()))
    if "start" in row:
        made[f"{member}Period"] = {"start": row["start"], "end": row["end"]}
    else:
        made[f"{member}DateTime" if member == "effective" else member] = row["date"]
    return made


_MAKERS: Mapping[str, Callable[[str, Mapping[str, Any]], Resource]] = {
    "AllergyIntolerance": _allergy,
    "Immunization": _immunization,
}


def names(resource: Resource, parameter: str, parts: Set[str]) -> Iterable[str]:
    """The texts that a search by name looks at: one part, or for ``name`` those of ``parts``."""
    wanted = parts if parameter == "name" else {parameter}
    for name in resource.get("name", ()):
        for part in ("family", "given", "prefix"):
            value = name.get(part, ())
            if part in wanted:
                yield from [value] if isinstance(value, str) else value


def codes(resource: Resource, parameter: str) -> list[tuple[str, str]]:
    """The tokens of a resource for a parameter, each with its system."""
    if parameter == "identifier":
        return [(entry["system"], entry["value"]) for entry in resource["identifier"]]
    if parameter == "clinical-status":
        return [(entry["system"], entry["code"]) for entry in resource["clinicalStatus"]["coding"]]
    return [("", str(resource["id" if parameter == "_id" else parameter]))]


def dated(resource: Resource, kind: str, parameter: str) -> Any:
    """The value that a date parameter looks at, or None."""
    member = DATES[kind][parameter]
    return resource.get(member) or resource.get(f"{member}DateTime") or resource.get(f"{member}Period")
