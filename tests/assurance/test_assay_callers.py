"""Mutants that know their examiner: each is caught by the requirement about other clients that it is made for."""

from __future__ import annotations

import json

import pytest

from interop_harness.assurance.assay.callers import otherwise
from interop_harness.assurance.assay.trial import Found
from interop_harness.sandbox.message import SandboxResponse

from .test_assay import WASTE, of

CARE = "shared-care-record"
FAMILIES = ("user-agent", "header-order", "header-set")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("profile", "kind"), [(WASTE, "told-otherwise"), (CARE, "told-otherwise"), (CARE, "remembered")]
)
def test_other_texts_and_addresses_not_asked_for_yet_are_caught(profile: str, kind: str, family: str) -> None:
    trial = of(profile).try_one(f"clients.{family}.{kind}.every")
    assert trial.found is Found.CAUGHT and trial.failed, trial
    assert all(name.startswith("GOV-CLIENT") for name in trial.failed)


def test_where_no_list_takes_a_size_nothing_is_remembered() -> None:
    assert not [name for name in of(WASTE).mutants if name.startswith("clients.") and ".remembered." in name]


def test_other_texts_are_of_the_same_kind() -> None:
    told = {"id": "abc", "at": "2026-11-02", "link": "https://example.org/", "n": 1, "list": [{"name": "Day centre"}]}
    changed = json.loads(otherwise(SandboxResponse(200, (), json.dumps(told).encode())).body)
    assert changed == {**told, "list": [{"name": "Day centre (withheld)"}]}
    xml = SandboxResponse(200, (), b"<a><id>12</id><name>Day centre</name></a>")
    assert otherwise(xml).body == b"<a><id>12</id><name>Day centre (withheld)</name></a>"
    page = SandboxResponse(200, (), b"not JSON")
    assert otherwise(page) == page
