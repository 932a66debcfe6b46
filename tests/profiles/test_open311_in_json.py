"""Open311 GeoReport: what holds for requests.xml holds for requests.json, and questions that clients usually send."""

from __future__ import annotations

import pytest

from interop_harness.profile import Profile, load
from interop_harness.sandbox.message import Handler
from interop_harness.sandbox.open311_georeport.settings import Settings
from tests.profiles.test_open311_georeport import ID, failed, planned, ran, row, supplier


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def wrong(profile: Profile, handler: Handler) -> set[str]:
    """The rows of this profile that fail over a supplier."""
    outcome = ran(planned(profile), handler)
    return {one for one in failed(outcome) if row(outcome, one)["verdict"] == "fail"}


@pytest.mark.parametrize(
    ("lax", "rows"),
    [
        ("key", {"O311-SUB-21"}),
        ("wrong-key", {"O311-SUB-22"}),
        ("code", {"O311-SUB-23"}),
        ("place", {"O311-SUB-24"}),
    ],
)
def test_what_json_takes_in_is_checked_as_well(profile: Profile, lax: str, rows: set[str]) -> None:
    assert wrong(profile, supplier(Settings(careless={lax}))) == rows
