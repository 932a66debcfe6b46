"""Mutants that are told apart, noted, blamed: what an assay says of them, and what it says it of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from interop_harness.assurance.assay import running
from interop_harness.assurance.assay.notes import Notes
from interop_harness.assurance.assay.trial import Found
from interop_harness.profile import load

from .test_assay import WASTE


def test_notes_of_a_mutant_that_is_another_now_or_was_idle_are_not_believed(tmp_path: Path) -> None:
    profile, path = load(WASTE), tmp_path / "notes"
    running.assay(profile, count=3, whole=False, notes=Notes(path, profile, "0"))
    noted = Notes(path, profile, "0")
    keys = sorted(noted.trials)
    spoilt = {"breaks": ("LWS-NONE",), "description": "another change", "found": Found.UNCHANGED}
    for key, (name, value) in zip(keys, spoilt.items(), strict=True):
        noted.trials[key] = dataclasses.replace(noted.trials[key], failed=("STALE",), **{name: value})
    made = running.assay(profile, count=3, whole=False, notes=noted)
    assert not [trial.id for trial in made.trials if "STALE" in trial.failed]
    assert made.as_json() == running.assay(profile, count=3, whole=False).as_json()
