"""Suppliers whose references have no address accuse nobody, and mutants of them are caught."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop_harness.assurance.assay import alarms
from interop_harness.assurance.assay.alarms import judge_variant
from interop_harness.assurance.assay.variety import PROPERTIES, Variant
from interop_harness.sandbox import profile_folder
from interop_harness.sandbox.message import SandboxRequest

from .test_assay import of

CARE = "shared-care-record"


@pytest.mark.parametrize("way", ["to one who is contained", "by an identifier alone"])
def test_a_reference_without_an_address_accuses_nobody(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    here = of(CARE)
    apply = next(entry for entry in PROPERTIES if entry.name == "references").ways[way](here.ground, "seed")
    assert apply is not None
    query, headers = (("patient", "p-104117"),), (("authorization", "Bearer northmere-published-key"),)
    answer = apply(here.supplier())(SandboxRequest("GET", "/Immunization", query, headers))
    record: dict[str, Any] = json.loads(answer.body)["entry"][0]["resource"]
    told = record["contained"][0]["identifier"][0] if "contained" in record else record["patient"]["identifier"]
    assert told["value"] == "9990001006" and not str(record["patient"].get("reference")).startswith("Patient/")
    monkeypatch.setattr(alarms, "variant", lambda ground, number, seed: Variant(number, (("references", way),), ()))
    judged = judge_variant(str(profile_folder(CARE)), 0, "s")
    assert (judged.must, judged.should, judged.crash) == ((), (), "") and judged.told == f"references: {way}"


@pytest.mark.parametrize("kind", ["contained-of-another", "identified-as-another"])
def test_the_identifier_of_somebody_else_is_caught(kind: str) -> None:
    trial = of(CARE).try_one(f"searchImmunization.patient.{kind}.every")
    assert trial.failed == ("SCR-IMM-01",)
