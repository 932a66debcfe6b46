"""A requirement explained from the profile and the suite: the words are theirs, nothing is made up here."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from interop_harness.errors import UsageError
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import Implementation
from interop_harness.plan import Options, make_plan
from interop_harness.profile import Profile, installed, load
from interop_harness.requirement import Requirement
from interop_harness.suite.functions import function_of


def explain(identifier: str, profile: str = "") -> dict[str, Any]:
    """Clause, reason, test and fix of one requirement. Raises UsageError naming the closest ids."""
    known: list[str] = []
    for found in [load(profile)] if profile else [load(str(folder)) for folder in installed()]:
        for row in found.requirements:
            if row.id == identifier and (profile or row.layer == found.id):
                return _explained(found, row)
            known.append(row.id)
    close = difflib.get_close_matches(identifier, known, 3)
    hint = f"Did you mean {', '.join(close)}?" if close else "interop plan PROFILE lists them all."
    raise UsageError("requirement-unknown", f"There is no requirement {identifier!r}.", hint)


def _explained(profile: Profile, row: Requirement) -> dict[str, Any]:
    document = profile.documents.get(row.source.document, {})
    source = f"{document.get('title', row.source.document)}: {row.source.clause}\n{row.source.url}"
    if row.basis == "derived":
        source += "\nDerived: it follows from stated definitions."
    errata = [
        f"{entry.get('id')}: {entry.get('problem')} Reading taken: {entry.get('reading')}"
        for entry in profile.errata
        if row.id in (entry.get("requirements") or [])
    ]
    return {
        "id": row.id,
        "profile": profile.name,
        "level": row.level.value,
        "class": row.conformance_class,
        "statement": row.statement,
        "source": source,
        "why": row.why,
        "tested": tested(profile, row),
        "fix": row.fix,
        "errata": "\n".join(errata),
    }


def tested(profile: Profile, row: Requirement) -> str:
    """How a requirement is tested, from its test functions' own sentences."""
    if row.not_tested:
        return f"Not tested: {row.not_tested}"
    if row.declared:
        return f"The supplier answers: {row.declared}"
    families = frozenset(str(check["family"]) for check in row.checks) or _generated_families(profile, row)
    lines = []
    for family in sorted(families):
        sentence = inspect.cleandoc(function_of(family).__doc__ or "")
        lines.append(f"{family}: {' '.join(sentence.split())}")
    if row.observe:
        lines.append("The standard leaves this open: what happens is recorded, never judged.")
    return "\n".join(lines)


def _generated_families(profile: Profile, row: Requirement) -> frozenset[str]:
    return _planned_families(profile).get(row.id, frozenset())


_PLANNED: dict[str, Mapping[str, frozenset[str]]] = {}


def _planned_families(profile: Profile) -> Mapping[str, frozenset[str]]:
    """Requirement → the families of its cases, with every class claimed; kept by the profile's digest."""
    if profile.sha256 not in _PLANNED:
        claims = {entry.id: True for entry in profile.classes}
        target = Implementation(base_url="http://127.0.0.1", claims=claims, environment="development")
        plan = make_plan(profile, target, Options(allow_writes=True), inputs=inputs_of(profile))
        found: dict[str, set[str]] = {}
        for case in plan.cases:
            found.setdefault(case.requirement, set()).add(case.family)
        _PLANNED[profile.sha256] = {name: frozenset(families) for name, families in found.items()}
    return _PLANNED[profile.sha256]
