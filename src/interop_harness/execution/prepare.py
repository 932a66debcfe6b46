"""From words (a profile's name, a target, claims) to a plan and the credentials for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from interop_harness.errors import UsageError
from interop_harness.evidence import Redactor
from interop_harness.generation.draws import draw_inputs
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import load_target
from interop_harness.plan import Options, Plan, derive_seed, make_plan
from interop_harness.profile import load
from interop_harness.transport.credentials import Credentials, load_credentials


@dataclass(frozen=True, slots=True)
class Secrets:
    """Credentials with the redactor that knows them."""

    credentials: Credentials
    redactor: Redactor


def prepare(
    profile: str,
    target: str,
    *,
    claims: Sequence[str] = (),
    authorised_by: str = "",
    timeout: float | None = None,
    challenge: str = "",
    options: Mapping[str, Any] | None = None,
) -> tuple[Plan, Secrets]:
    """Load profile and target and make the plan. Raises UsageError before anything is sent."""
    found = load(profile)
    implementation = load_target(target, claims=claims, authorised_by=authorised_by or None)
    if timeout is not None:
        implementation = replace(implementation, limits=replace(implementation.limits, timeout=timeout))
    if challenge and not re.fullmatch(r"[0-9A-Za-z_-]{22,128}", challenge):
        raise UsageError(
            "challenge-weak", "A challenge has 22 to 128 letters and digits.", "interop challenge new makes one."
        )
    drawn = draw_inputs(found, derive_seed(found, implementation, challenge)) if challenge else None
    chosen = Options.from_json(options or {})
    plan = make_plan(found, implementation, chosen, challenge=challenge, inputs=inputs_of(found), drawn=drawn)
    credentials = load_credentials(implementation)
    return plan, Secrets(credentials, credentials.redactor())
