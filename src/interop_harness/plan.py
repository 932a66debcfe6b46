"""What a run will do: a profile, a statement and a seed make ordered cases. Pure, and the same everywhere.

The plan is stored in the evidence and recomputed from the profile when the evidence is judged again, so a
plan that was thinned out before a run is noticed by anyone who replays it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interop_harness.errors import UsageError
from interop_harness.implementation import Implementation
from interop_harness.profile import Operation, Profile
from interop_harness.requirement import Requirement

SEED_LABEL = "interop-harness seed v1"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing tried: the test function that tries it (``family``), its arguments, the requirement it verifies."""

    id: str
    requirement: str
    family: str
    title: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "requirement": self.requirement,
            "family": self.family,
            "title": self.title,
            "arguments": dict(self.arguments),
        }


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose that changes which cases run or how much they read."""

    exhaustive: bool = False
    allow_writes: bool = False
    only: tuple[str, ...] = ()
    seed: str = ""
    """Set only for debugging: a run with a chosen seed cannot be signed."""
    max_requests: int = 0
    """0 is no limit; a run that reaches a limit counts as a selection."""

    def as_json(self) -> dict[str, Any]:
        return {
            "exhaustive": self.exhaustive,
            "allow_writes": self.allow_writes,
            "only": list(self.only),
            "seed": self.seed,
            "max_requests": self.max_requests,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Options:
        return cls(
            exhaustive=value.get("exhaustive") is True,
            allow_writes=value.get("allow_writes") is True,
            only=tuple(str(item) for item in value.get("only", [])),
            seed=str(value.get("seed", "")),
            max_requests=int(value.get("max_requests", 0)),
        )


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A requirement that no case will try, and why: not claimed, not for this environment, no machine can."""

    requirement: str
    outcome: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """The ordered cases of a run, and the requirements left out with their reasons."""

    profile: Profile
    implementation: Implementation
    options: Options
    challenge: str
    seed: str
    requirements: tuple[Requirement, ...]
    cases: tuple[Case, ...]
    exclusions: tuple[Exclusion, ...]
    drawn: Mapping[str, Any] = field(default_factory=dict)
    """Inputs drawn freshly for a challenge, beside the profile's compiled ones."""

    @property
    def selection(self) -> bool:
        """True when not everything the profile asks is tried: such a run is never conformant."""
        return bool(self.options.only)

    @property
    def sha256(self) -> str:
        """The digest of everything that decides what is sent and judged."""
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": {"id": self.profile.id, "version": self.profile.version, "sha256": self.profile.sha256},
            "implementation": self.implementation.as_json(),
            "options": self.options.as_json(),
            "challenge": self.challenge,
            "seed": self.seed,
            "cases": [case.as_json() for case in self.cases],
            "exclusions": [[row.requirement, row.outcome, row.reason] for row in self.exclusions],
            "drawn": dict(self.drawn),
        }

    def claimed(self, conformance_class: str) -> bool:
        """Whether the class counts: mandatory, or claimed by the supplier."""
        found = self.profile.conformance_class(conformance_class)
        return found is not None and (found.mandatory or self.implementation.claims.get(conformance_class) is True)


def make_plan(
    profile: Profile,
    implementation: Implementation,
    options: Options | None = None,
    *,
    challenge: str = "",
    inputs: Mapping[str, Any] | None = None,
    drawn: Mapping[str, Any] | None = None,
) -> Plan:
    """Pair a profile with what a supplier claims. ``inputs`` are the compiled values for each operation.

    Raises UsageError when a claimed class or a selected requirement does not exist.
    """
    options = options or Options()
    _check_claims(profile, implementation)
    requirements = profile.requirements
    _check_selection(requirements, options)
    compiled = inputs if inputs is not None else (profile.inputs or {})
    cases: list[Case] = []
    exclusions: list[Exclusion] = []
    plan = Plan(profile, implementation, options, challenge, "", requirements, (), ())
    made = {row.id: row for row in profile.generated_requirements()}
    generated = _generated_cases(profile, compiled, drawn or {})
    for row in requirements:
        exclusion = _exclude(row, plan)
        if exclusion is not None:
            exclusions.append(exclusion)
            continue
        row_cases = generated.get(row.id, ()) if row.id in made else tuple(_written_cases(row))
        if not row_cases:
            reason = "The interface offers nothing to try here: no value could be generated."
            exclusions.append(Exclusion(row.id, "not-applicable", reason))
        cases.extend(row_cases)
    return Plan(
        profile,
        implementation,
        options,
        challenge,
        options.seed or derive_seed(profile, implementation, challenge),
        requirements,
        tuple(cases),
        tuple(exclusions),
        drawn or {},
    )


def derive_seed(profile: Profile, implementation: Implementation, challenge: str) -> str:
    """The seed is not the supplier's to choose: the challenge decides it, else profile and target alone."""
    text = challenge or f"{profile.sha256}\n{implementation.base_url}"
    return hashlib.sha256(f"{SEED_LABEL}\n{text}".encode()).hexdigest()


def _check_claims(profile: Profile, implementation: Implementation) -> None:
    known = {entry.id: entry for entry in profile.classes}
    for claim, value in implementation.claims.items():
        if claim not in known:
            raise UsageError(
                "claim-unknown",
                f"{profile.name} has no conformance class {claim!r}.",
                f"Classes: {', '.join(sorted(known))}.",
            )
        if known[claim].mandatory and not value:
            raise UsageError("claim-mandatory", f"The class {claim!r} of {profile.name} cannot be unclaimed.")
    declarable = {row.id for row in profile.requirements if row.declared}
    for identifier in implementation.declarations:
        if identifier not in declarable:
            raise UsageError("declaration-unknown", f"{profile.name} asks for no declaration {identifier!r}.")


def _check_selection(requirements: tuple[Requirement, ...], options: Options) -> None:
    for wanted in options.only:
        if not any(_selected(row.id, (wanted,)) for row in requirements):
            raise UsageError(
                "only-unknown", f"No requirement is called {wanted!r}.", "interop plan PROFILE lists them all."
            )


def _selected(identifier: str, only: tuple[str, ...]) -> bool:
    return not only or any(identifier == wanted or identifier.startswith(f"{wanted}-") for wanted in only)


def _exclude(row: Requirement, plan: Plan) -> Exclusion | None:
    conformance_class = plan.profile.conformance_class(row.conformance_class)
    if row.not_applicable:
        return Exclusion(row.id, "not-applicable", row.not_applicable)
    if row.not_tested:
        return Exclusion(row.id, "not-tested", row.not_tested)
    if not plan.claimed(row.conformance_class):
        title = conformance_class.title if conformance_class else row.conformance_class
        claim = plan.implementation.claims.get(row.conformance_class)
        said = "the supplier states that it is not implemented" if claim is False else "not claimed"
        return Exclusion(row.id, "not-applicable", f"{title}: {said}.")
    lacking = [needed for needed in row.needs_classes if not plan.claimed(needed)]
    if lacking:
        return Exclusion(row.id, "not-applicable", f"The class {lacking[0]} is not claimed.")
    if row.declared:
        answer = plan.implementation.declarations.get(row.id)
        if answer is None:
            return Exclusion(row.id, "not-tested", f"The supplier has not answered: {row.declared}")
        if not answer:
            return Exclusion(row.id, "fail", f"The supplier answered no: {row.declared}")
        return Exclusion(row.id, "declared", f"The supplier answered yes: {row.declared}")
    environment = plan.implementation.environment
    if environment in row.skip_environments:
        return Exclusion(row.id, "not-applicable", f"{environment} endpoint")
    if not _selected(row.id, plan.options.only):
        return Exclusion(row.id, "inconclusive", "Left out by the selection.")
    return None


def _written_cases(row: Requirement) -> Iterator[Case]:
    for number, check in enumerate(row.checks, 1):
        arguments = {key: value for key, value in check.items() if key != "family"}
        suffix = "" if len(row.checks) == 1 else f".{number}"
        yield Case(f"{row.id}{suffix}", row.id, str(check["family"]), row.statement, arguments)


def _generated_cases(
    profile: Profile, compiled: Mapping[str, Any], drawn: Mapping[str, Any]
) -> Mapping[str, tuple[Case, ...]]:
    found: dict[str, tuple[Case, ...]] = {}
    for operation in profile.operations.values():
        for aspect in profile.generated:
            identifier = f"{profile.prefix}-{operation.id}-{aspect}"
            values = [
                value
                for source in (compiled, drawn)
                for value in source.get("operations", {}).get(operation.id, {}).get(aspect, [])
            ]
            found[identifier] = tuple(_aspect_cases(profile, operation, aspect, identifier, values))
    return found


def _aspect_cases(
    profile: Profile, operation: Operation, aspect: str, identifier: str, values: list[Mapping[str, Any]]
) -> Iterator[Case]:
    call = f"{operation.method} {operation.path}"
    base: dict[str, Any] = {"operation": operation.id}
    expect = profile.generated[aspect].expect
    if expect is not None:
        base["expect"] = expect
    if aspect in {"parameters", "invalid"}:
        word = "accepts" if aspect == "parameters" else "withstands"
        for number, value in enumerate(values, 1):
            title = f"{call} {word} {value['parameter']}: {value['description']}."
            yield Case(f"{identifier}.{number}", identifier, f"inputs.{aspect}", title, {**base, **value})
        return
    family = {
        "status": "responses.status",
        "media-type": "responses.media_type",
        "schema": "responses.schema",
        "unknown-id": "errors.unknown_id",
    }[aspect]
    yield Case(identifier, identifier, family, f"{call}: {aspect.replace('-', ' ')}.", base)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spare space: the bytes that digests are taken over."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
