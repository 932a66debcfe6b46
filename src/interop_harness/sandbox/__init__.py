"""Reference suppliers: conforming implementations of a profile that can be started with named faults."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import ModuleType

from interop_harness.errors import ProfileError, UsageError

from .fault import FaultRecord, read_records
from .message import Handler

SUPPLIERS = {
    "blue-badge-eligibility": "1.0",
    "local-waste-services": "0.1",
    "open-referral-uk": "3.0",
    "open311-georeport": "2.0",
    "shared-care-record": "0.1",
}
"""Profiles that have a reference supplier, and the version each one implements."""


def handler(profile_id: str, faults: Sequence[str] = (), *, now: datetime | None = None) -> Handler:
    """The reference supplier of a profile, with the named faults. ``now`` fixes the clock it shows."""
    built: Handler = _supplier(profile_id).build(profile_folder(profile_id), tuple(faults), now)
    return built


def has_supplier(profile_id: str) -> bool:
    """Whether a reference supplier of the profile exists."""
    return profile_id in SUPPLIERS


def faults(profile_id: str) -> tuple[FaultRecord, ...]:
    """The named faults of a profile, as its ``faults.yaml`` lists them."""
    _supplier(profile_id)
    return read_records(profile_folder(profile_id) / "faults.yaml")


@cache
def profile_folder(profile_id: str) -> Path:
    """The folder of the profile version that the reference supplier implements."""
    package = Path(__file__).resolve().parent.parent
    for root in (package / "profiles", package.parent.parent / "profiles"):
        folder = root / profile_id / SUPPLIERS[profile_id]
        if folder.is_dir():
            return folder
    raise ProfileError("profile-missing", f"The files of the profile {profile_id} are not installed.")


def _supplier(profile_id: str) -> ModuleType:
    if profile_id not in SUPPLIERS:
        close = difflib.get_close_matches(profile_id, list(SUPPLIERS), n=3, cutoff=0.4) or sorted(SUPPLIERS)
        raise UsageError(
            "supplier-unknown",
            f"There is no reference supplier for {profile_id!r}.",
            f"Did you mean: {', '.join(close)}?",
        )
    return importlib.import_module(f"{__name__}.{profile_id.replace('-', '_')}")


__all__ = ["SUPPLIERS", "FaultRecord", "Handler", "faults", "handler", "has_supplier", "profile_folder"]
