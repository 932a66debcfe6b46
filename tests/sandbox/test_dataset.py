"""The fictional directory: large enough, valid, complete at both ends, and nobody real."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from interop_harness.errors import ProfileError
from interop_harness.sandbox import profile_folder
from interop_harness.sandbox.open_referral_uk.store import load

from .supplier import COLLECTIONS, PROFILE, clean, details, listed

DATASET = profile_folder(PROFILE) / "dataset"
FILES = sorted(path.name for path in DATASET.glob("*.json"))


def _table(name: str) -> list[Any]:
    return list(json.loads((DATASET / f"{name}.json").read_text("utf-8")))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, key)
        if not value:
            yield name, value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, name)
        if not value:
            yield name, value
    else:
        yield name, value


def _everything() -> Iterator[tuple[str, Any]]:
    for collection in COLLECTIONS:
        yield from _leaves(list(details(collection).values()))


def test_size() -> None:
    assert len(_table("services")) >= 150
    assert len(_table("organizations")) >= 40
    assert len(_table("locations")) >= 80
    assert len(_table("taxonomies")) == 2
    assert {term["taxonomy_id"] for term in _table("taxonomy_terms")} == {row["id"] for row in _table("taxonomies")}
    assert all(any(each.get(member) for each in _table("services")) for member in ("schedules", "funding"))


def _schema(name: str) -> Any:
    """A schema of the profile's document as JSON Schema: nullable members may also be null."""
    document = yaml.safe_load((profile_folder(PROFILE) / "openapi.yaml").read_text("utf-8"))

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        made = {key: plain(value) for key, value in node.items() if key != "nullable"}
        return {"anyOf": [{"type": "null"}, made]} if node.get("nullable") is True else made

    return {"$ref": f"#/components/schemas/{name}", "components": plain(document["components"])}


@pytest.mark.parametrize(
    ("collection", "single", "view"),
    [
        ("services", "ServiceSummary", "listed"),
        ("services", "Service", "detailed"),
        ("taxonomies", "Taxonomy", "listed"),
        ("taxonomies", "Taxonomy", "detailed"),
        ("taxonomy_terms", "TaxonomyTerm", "detailed"),
        ("service_at_locations", "ServiceAtLocationSummary", "listed"),
        ("service_at_locations", "ServiceAtLocation", "detailed"),
    ],
)
def test_records_are_valid(collection: str, single: str, view: str) -> None:
    validator = jsonschema_rs.Draft202012Validator(_schema(single), validate_formats=True)
    records = listed(clean(), collection) if view == "listed" else details(collection).values()
    problems = [(record["id"], str(error)) for record in records for error in validator.iter_errors(record)]
    assert problems == []


def test_the_validator_is_awake() -> None:
    validator = jsonschema_rs.Draft202012Validator(_schema("Service"), validate_formats=True)
    assert not validator.is_valid({"id": "1", "name": "x", "status": "active"})
    assert not validator.is_valid({"id": str(uuid.uuid4()), "name": "x", "status": "open"})


def test_ids_are_uuids_and_lead_somewhere() -> None:
    for name, value in _everything():
        if name == "id" or name.endswith("_id"):
            assert str(uuid.UUID(value)) == value
            assert uuid.UUID(value).variant == uuid.RFC_4122
    known = {name: {row["id"] for row in _table(name)} for name in ("services", "locations", "taxonomies")}
    for link in _table("service_at_locations"):
        assert link["service_id"] in known["services"]
        assert link["location_id"] in known["locations"]
    organizations = {row["id"] for row in _table("organizations")}
    assert {row["organization_id"] for row in _table("services")} <= organizations
    assert {row.get("parent_organization_id", row["id"]) for row in _table("organizations")} <= organizations
    terms = {row["id"]: row for row in _table("taxonomy_terms")}
    assert all(row.get("parent_id", key) in terms for key, row in terms.items())


def test_nested_ids_are_unique() -> None:
    for service in details("services").values():
        for member in ("schedules", "service_areas", "languages", "funding", "cost_options", "contacts", "attributes"):
            found = [row["id"] for row in service.get(member, ())]
            assert len(found) == len(set(found))


def test_no_value_is_null_or_empty() -> None:
    assert [name for name, value in _everything() if value is None or value in ("", [], {})] == []


def _members(schema: Any, components: Any, prefix: str = "") -> Iterator[str]:
    """Every member that a schema names, through references."""
    if "$ref" in schema:
        yield from _members(components[schema["$ref"].rsplit("/", 1)[1]], components, prefix)
    for part in schema.get("allOf", ()):
        yield from _members(part, components, prefix)
    for name, child in schema.get("properties", {}).items():
        yield f"{prefix}{name}"
        yield from _members(child, components, f"{prefix}{name}/")
    if "items" in schema:
        yield from _members(schema["items"], components, prefix)


def _held(value: Any, prefix: str = "") -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for key, child in item.items():
                yield f"{prefix}{key}"
                yield from _held(child, f"{prefix}{key}/")


def test_some_services_have_everything_and_some_nothing_optional() -> None:
    components = yaml.safe_load((profile_folder(PROFILE) / "openapi.yaml").read_text("utf-8"))["components"]["schemas"]
    named = set(_members(components["Service"], components))
    full = [record for record in details("services").values() if named <= set(_held(record))]
    assert len(full) >= 5
    bare = [record for record in listed(clean(), "services") if len(record) == 4]
    assert len(bare) >= 5
    assert {"id", "name", "description"} in [set(row) for row in _table("organizations")]
    assert {"id", "location_type"} in [set(row) for row in _table("locations")]
    assert {"id", "name", "description"} in [set(row) for row in details("taxonomies").values()] or any(
        "uri" not in row for row in details("taxonomies").values()
    )


def test_nobody_is_real() -> None:
    text = "".join((DATASET / name).read_text("utf-8") for name in FILES)
    hosts = set(re.findall(r"(?:https?://|@)([A-Za-z0-9.-]+)", text))
    assert all(host == "example.org" or host.endswith(".example.org") for host in hosts), hosts
    drama = re.compile(r"(01632 960\d{3}|\+44 1632 960\d{3}|020 7946 0\d{3}|0808 157 0\d{3})\Z")
    numbers = [value for name, value in _everything() if name == "number"]
    assert len(numbers) > 50
    assert all(drama.match(number) for number in numbers)


def test_postcodes_and_coordinates() -> None:
    shape = re.compile(r"HM\d{1,2} \d[ABD-HJLNP-UW-Z]{2}\Z")
    table = {row["postcode"]: row for row in _table("postcodes")}
    assert all(shape.match(code) for code in table)
    for location in _table("locations"):
        if location["location_type"] == "physical":
            place = table[location["addresses"][0]["postal_code"]]
            assert abs(place["latitude"] - location["latitude"]) < 0.0003
            assert abs(place["longitude"] - location["longitude"]) < 0.0004


def test_dates_and_times() -> None:
    forms = {
        "last_modified": r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|\+01:00)\Z",
        "assured_date": r"2026-\d\d-\d\d\Z",
        "opens_at": r"\d\d:\d\dZ\Z",
        "closes_at": r"\d\d:\d\dZ\Z",
        "byday": r"(-?\d)?(MO|TU|WE|TH|FR|SA|SU)(,(-?\d)?(MO|TU|WE|TH|FR|SA|SU))*\Z",
    }
    for name, value in _everything():
        if name in forms:
            assert re.match(forms[name], value), (name, value)
    for service in details("services").values():
        assert service.get("minimum_age", 0) <= service.get("maximum_age", 130)
        assert "fees" not in service or "cost_options" in service
        for row in service.get("schedules", ()):
            assert row["opens_at"] < row["closes_at"]
            assert row["freq"] == "MONTHLY" or row["byday"].isalpha() or "," in row["byday"]


def test_text_outside_ascii_is_there() -> None:
    assert any(not str(value).isascii() for _, value in _everything())


def test_the_generator_writes_what_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DATASET))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = importlib.util.spec_from_file_location("dataset_generator", DATASET / "generate.py")
    assert spec is not None and spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    generator.main(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATASET / name).read_bytes(), name


def test_damaged_dataset_is_a_profile_error(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"taxonomies\.json"):
        load(tmp_path, date(2026, 11, 2))
