"""The coverage matrix: requirements without a case, cases without a requirement, checks that no fault trips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from interop_harness.assurance.selftest import reference_plan
from interop_harness.detection import told
from interop_harness.execution.record import suite_sha256
from interop_harness.plan import Options
from interop_harness.profile import Profile
from interop_harness.suite.functions import families


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered, what has a stated reason not to be, and what has neither."""

    profile: str
    rows: tuple[tuple[str, str, str], ...]
    """(requirement, level, how it is covered)"""
    without_case: tuple[str, ...]
    unknown_families: tuple[str, ...]
    without_fault: tuple[str, ...]
    unknown_faults: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not (self.without_case or self.unknown_families or self.unknown_faults)

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "requirements": [list(row) for row in self.rows],
            "without_case": list(self.without_case),
            "unknown_families": list(self.unknown_families),
            "families_without_fault": list(self.without_fault),
            "unknown_faults": list(self.unknown_faults),
            "complete": self.complete,
        }

    def text(self) -> str:
        lines = [f"{level:<7} {identifier:<44} {how}" for identifier, level, how in self.rows]
        tested = sum("case" in how.split(":")[0] for _, _, how in self.rows)
        lines.append(f"\n{self.profile}: {len(self.rows)} requirements, {tested} with cases")
        for title, names in (
            ("Requirements without a case and without a reason", self.without_case),
            ("Cases of a check family that the suite does not have", self.unknown_families),
            ("Faults that name a requirement the profile does not have", self.unknown_faults),
            ("Check families that no named fault trips", self.without_fault),
        ):
            if names:
                lines.append(f"{title}: {', '.join(names)}")
        return "\n".join(lines)


def coverage_of(profile: Profile) -> Coverage:
    """Pair the requirements with cases, reasons and faults."""
    from interop_harness.sandbox import faults, has_supplier

    plan = reference_plan(profile, options=Options(allow_writes=True))
    reasons = {row.requirement: row for row in plan.exclusions}
    counts: dict[str, list[str]] = {}
    for case in plan.cases:
        counts.setdefault(case.requirement, []).append(case.family)
    rows, missing = [], []
    for row in plan.requirements:
        if row.id in counts:
            how = f"{len(counts[row.id])} cases: {', '.join(sorted(set(counts[row.id])))}"
        elif row.id in reasons:
            how = f"{reasons[row.id].outcome}: {reasons[row.id].reason}"
        else:
            how = "NOTHING"
            missing.append(row.id)
        rows.append((row.id, row.level.value, how))
    known = set(families())
    records = faults(profile.id) if has_supplier(profile.id) else []
    tripped = {family for fault in records for family in counts.get(fault.must_fail, [])}
    judged = {
        family
        for row in plan.requirements
        if row.layer in profile.binding and not row.observe
        for family in counts.get(row.id, [])
    }
    identifiers = {row.id for row in plan.requirements}
    return Coverage(
        profile.name,
        tuple(rows),
        tuple(missing),
        tuple(sorted({case.family for case in plan.cases} - known)),
        tuple(sorted(judged - tripped)),
        tuple(sorted(f"{fault.name}: {fault.must_fail}" for fault in records if fault.must_fail not in identifiers)),
    )


def describe(profile: Profile) -> dict[str, Any]:
    """A profile in short, for ``profiles show``."""
    return {
        "profile": profile.name,
        "title": profile.title,
        "publisher": profile.publisher,
        "status": profile.status,
        "standard": ", ".join(str(value) for value in profile.standard.values()),
        "licence": profile.licence,
        "digest": profile.sha256,
        "extends": ", ".join(f"{layer.id} {layer.version}" for layer in profile.layers[1:]) or "nothing",
        "operations": len(profile.operations),
        "requirements": len(profile.requirements),
        "classes": [
            f"{entry.id}{' (mandatory)' if entry.mandatory else ''}: {entry.title}"
            for entry in profile.classes
            if entry.layer == profile.id
        ],
        "precedence": profile.precedence,
        "errata": [f"{entry.get('id')}: {entry.get('problem')}" for entry in profile.errata],
        "detection": told(profile.detection, suite=suite_sha256(), profile=profile.sha256, version=profile.version),
    }
