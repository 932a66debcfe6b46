"""How the tests verify: the made-up council's store, the fixed clock, and what an attack says of itself."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from interop_harness.certificate.statement import Assurance
from interop_harness.errors import VerificationError
from interop_harness.trust import TrustStore
from interop_harness.verification import Expectations, VerificationResult, verify
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, data_of


def expectations(**members: Any) -> Expectations:
    days = members.pop("max_age_days", None)
    if days is not None:
        members["max_age"] = timedelta(days=days)
    if "assurance" in members:
        members["assurance"] = Assurance(members["assurance"])
    if "classes" in members:
        members["classes"] = tuple(members["classes"])
    return Expectations(**members)


@cache
def usual_store() -> TrustStore:
    trust: TrustStore = made.store()
    return trust


def check(data: bytes, *, hours: int = 0, trust: Any = None, expect: Any = None, **more: Any) -> VerificationResult:
    now = made.NOW + timedelta(hours=hours)
    return verify(data, trust=trust or usual_store(), now=now, expect=expectations(**(expect or {})), **more)


def refusal(data: bytes, **more: Any) -> VerificationError:
    """The refusal of ``data``; anything else than a refusal fails the test."""
    try:
        result = check(data, **more)
    except VerificationError as error:
        return error
    raise AssertionError(f"accepted: {result.code}")


def assert_refused(name: str) -> VerificationError:
    """The named attack comes back with the exit code and the reason it must."""
    attack = ATTACKS[name]
    error = refusal(data_of(name), hours=attack.hours, expect=attack.expect, evidence=attack.evidence)
    assert (error.exit_code, error.code) == (attack.exit, attack.code), (name, error.message)
    return error
