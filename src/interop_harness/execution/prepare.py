"""From words (a profile's name, a target, claims) to a plan and the credentials for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from interop_harness.errors import UsageError
from interop_harness.evidence import Redactor, Secret
from interop_harness.evidence.redaction import is_word, too_common
from interop_harness.generation.draws import draw_inputs
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import load_target
from interop_harness.plan import Options, Plan, derive_seed, make_plan
from interop_harness.profile import Profile, load
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
    refuse_common(credentials.secrets, plan)
    return plan, Secrets(credentials, credentials.redactor())


def refuse_common(secrets: Iterable[Secret], plan: Plan) -> None:
    """Raise TargetError when a secret stands in what every report of this plan says, wherever its profile came from.

    The profile may lie in a folder of its own, beside those that are installed.
    """
    known = [(secret, alone) for secret in secrets if not (alone := Redactor([secret])).short]
    if not known:
        return
    profile = plan.profile
    said = repr(
        (plan.as_json(), profile.title, profile.publisher, profile.classes, profile.documents, plan.requirements)
    )
    interface = b""
    for secret, alone in known:
        found = alone.holds(said.encode("utf-8", "surrogatepass"))
        if not found and is_word(secret.value):
            interface = interface or _interface(profile)
            found = alone.holds(interface)
        if found:
            raise too_common(secret.name, f"the profile {profile.name} itself")


def _interface(profile: Profile) -> bytes:
    """The text of the interface that answers are in, and of what the profile says about it."""
    text = repr((profile.openapi.document, profile.parameters, profile.errata, profile.written))
    return text.encode("utf-8", "surrogatepass")
