"""Mutants that are wrong beside a further parameter only: the row whose clause they break catches them."""

from __future__ import annotations

import pytest

from interop_harness.assurance.assay.trial import Found

from .test_assay import DIRECTORY, of


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("listServiceAtLocations.contents.location.latitude.off-the-globe.every.beside", "ORUK-FIELD-13"),
        ("listServices.contents.assured_date.slashes.every.beside", "ORUK-FORM-02"),
        ("listServices.repeated-beside.every", "ORUK-PAGE-09"),
        ("listServiceAtLocations.repeated-beside.every", "ORUK-PAGE-29"),
        ("listServices.with-origin.cors-missing-beside.every", "ORUK-OPEN-02"),
        ("listServices.without-origin.cors-missing-beside.every", "ORUK-OPEN-05"),
        ("listServices.without-origin.cors-missing-later.every", "ORUK-OPEN-05"),
    ],
)
def test_what_is_wrong_beside_a_further_parameter_only_is_caught(name: str, row: str) -> None:
    trial = of(DIRECTORY).try_one(name)
    assert trial.found is Found.CAUGHT, trial
    assert row in trial.failed and row in trial.breaks
