"""Mutants of who may ask: there are some for each way of asking, and the right requirement catches them."""

from __future__ import annotations

import pytest

from interop_harness.assurance.assay.trial import Found

from .test_assay import WASTE, of

BADGE, CARE, DIRECTORY = "blue-badge-eligibility", "shared-care-record", "open-referral-uk"


@pytest.mark.parametrize(
    ("profile", "name", "row"),
    [
        (BADGE, "findReferenceData.head-open-to-all.every", "BBE-HTTP-01"),
        (CARE, "searchPatient.head-open-to-all.every", "SCR-ACC-01"),
        (CARE, "searchPatient.origin-403.every", "SCR-ACC-02"),
        (CARE, "searchPatient.origin-500.every", "SCR-ACC-02"),
        (DIRECTORY, "listServices.origin-403.every", "ORUK-OPEN-02"),
        (DIRECTORY, "getService.origin-500.every", "ORUK-OPEN-03"),
        (DIRECTORY, "listServices.later-pages.key-asked-for-401.every", "ORUK-OPEN-01"),
        (DIRECTORY, "listTaxonomies.later-pages.key-asked-for-403.every", "ORUK-OPEN-01"),
        (DIRECTORY, "listServices.filtered.key-asked-for-401.every", "ORUK-OPEN-01"),
        (DIRECTORY, "listServiceAtLocations.filtered.key-asked-for-403.every", "ORUK-OPEN-01"),
        (WASTE, "listTasks.filtered.key-asked-for-401.every", "GOV-OPEN-01"),
    ],
)
def test_who_may_ask_is_judged_beyond_the_plain_answer(profile: str, name: str, row: str) -> None:
    here = of(profile)
    trial = here.try_one(name)
    assert trial.found is Found.CAUGHT, trial
    assert row in trial.failed and row in trial.breaks
    assert not trial.accused


def test_there_is_no_mutant_of_pages_or_filters_where_a_list_has_none() -> None:
    names = of(DIRECTORY).mutants
    assert not [name for name in names if name.startswith(("getApiDetails.later-pages", "getApiDetails.filtered"))]
    assert not [name for name in of(BADGE).mutants if name.startswith("checkEligibility.head-")]
