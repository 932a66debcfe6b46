"""Known failures of a pipeline: each with a reason, an owner and a day on which it stops being an excuse.

A baseline changes the exit code of one command, never a verdict: the report says what failed all the same, and a
run with a baseline is marked so that it is never signed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from interop_harness.errors import EvidenceError, UsageError
from interop_harness.evidence import Evidence
from interop_harness.execution.run import Outcome
from interop_harness.plan import Plan, canonical
from interop_harness.profile.yaml_reader import parse_yaml
from interop_harness.regular import read_regular
from interop_harness.report import run_decision
from interop_harness.requirement import Level
from interop_harness.requirement import Outcome as Found
from interop_harness.verdict import requirement_results

FORMAT = "interop-baseline/1"
MAX_FILE = 1024 * 1024
_MEMBERS = ("requirement", "reason", "owner", "expires")
_UNKNOWN_STILL = (Found.FAIL, Found.INCONCLUSIVE, Found.ERROR)


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One requirement that is known to fail, why, whose work it is to mend it, and by when."""

    requirement: str
    reason: str
    owner: str
    expires: date
    """The last day on which it is let pass."""

    def as_json(self) -> dict[str, str]:
        return {
            "requirement": self.requirement,
            "reason": self.reason,
            "owner": self.owner,
            "expires": self.expires.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run comes to beside its baseline: an exit code, and the sentences that explain it."""

    exit: int
    sentences: tuple[str, ...]


def read_baseline(path: Path, plan: Plan) -> tuple[KnownFailure, ...]:
    """The known failures in a file. Raises UsageError for anything that is not one."""
    try:
        data = read_regular(path, MAX_FILE)
    except OSError as error:
        raise UsageError("baseline-file", f"{path} cannot be read: {error.strerror}.") from error
    tree = parse_yaml(data, path.name, family=UsageError, code="baseline-file")
    if not isinstance(tree, Mapping) or set(tree) != {"format", "known_failures"} or tree["format"] != FORMAT:
        raise UsageError(
            "baseline-format",
            f"{path} is no baseline.",
            f"It holds two members: format: {FORMAT} and known_failures: a list (docs/running.md).",
        )
    return _entries(path, tree["known_failures"], plan)


def kept_baseline(known: Sequence[KnownFailure]) -> dict[str, Any]:
    """The known failures as a journal keeps them, in whatever order the file had them."""
    rows = [entry.as_json() for entry in sorted(known, key=lambda entry: entry.requirement)]
    return {"sha256": hashlib.sha256(canonical(rows)).hexdigest(), "known_failures": rows}


def baseline_kept(kept: Any, path: Path, plan: Plan) -> tuple[KnownFailure, ...]:
    """The known failures that a journal kept. Raises EvidenceError where it kept something else."""
    try:
        found = _entries(path, kept["known_failures"], plan)
        if kept_baseline(found) == kept:
            return found
    except (UsageError, KeyError, TypeError) as error:
        raise EvidenceError("journal-damaged", f"{path} holds no known failures that a run was begun with.") from error
    raise EvidenceError("journal-damaged", f"{path}: the known failures are not those of the digest beside them.")


def _entries(path: Path, rows: Any, plan: Plan) -> tuple[KnownFailure, ...]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise UsageError("baseline-format", f"known_failures of {path} must be a list.")
    known = {row.id for row in plan.requirements}
    found: dict[str, KnownFailure] = {}
    for number, row in enumerate(rows, 1):
        entry = _entry(path, number, row)
        if entry.requirement not in known:
            raise UsageError(
                "baseline-requirement", f"{path}: {plan.profile.name} has no requirement {entry.requirement!r}."
            )
        if entry.requirement in found:
            raise UsageError("baseline-requirement", f"{path} names {entry.requirement} twice.")
        found[entry.requirement] = entry
    return tuple(found.values())


def _entry(path: Path, number: int, row: Any) -> KnownFailure:
    where = f"{path}, known failure {number}"
    if not isinstance(row, Mapping) or set(row) != set(_MEMBERS):
        raise UsageError("baseline-entry", f"{where} must have exactly these members: {', '.join(_MEMBERS)}.")
    texts = {name: row[name] for name in _MEMBERS[:3]}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > 500:
            raise UsageError("baseline-entry", f"{where}: {name} must be a line of text, 500 characters at most.")
    written = str(row["expires"])
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            raise ValueError(written)
        expires = date.fromisoformat(written)
    except ValueError as error:
        raise UsageError("baseline-entry", f"{where}: expires must be a day, written 2026-12-31.") from error
    return KnownFailure(texts["requirement"], texts["reason"], texts["owner"], expires)


def settle(plan: Plan, outcome: Outcome, baseline: Sequence[KnownFailure], *, fail_on: str = "must") -> Settled:
    """The exit code with the known failures let pass: 0 only if nothing else is wrong, and all of them still fail."""
    today = date.fromisoformat(str(outcome.report["run"]["started"])[:10])
    rows = requirement_results(plan, outcome.results)
    outcomes = {row.requirement.id: row.outcome for row in rows}
    excused, sentences = set(), []
    strict = late = False
    for entry in sorted(baseline, key=lambda entry: entry.requirement):
        name = entry.requirement
        if outcomes[name] not in _UNKNOWN_STILL:
            strict = True
            sentences.append(f"{name} no longer fails ({outcomes[name].value}): take it out of the baseline.")
        elif entry.expires < today and outcomes[name] is not Found.FAIL:
            late = True
            sentences.append(
                f"{name} could not be judged, and the baseline let it pass until {entry.expires} "
                f"({entry.owner}: {entry.reason})"
            )
        elif entry.expires < today:
            strict = True
            sentences.append(f"{name}: the baseline let it pass until {entry.expires} ({entry.owner}: {entry.reason})")
        elif outcomes[name] is Found.FAIL:
            excused.add(name)
            sentences.append(f"{name} fails as known until {entry.expires} ({entry.owner}: {entry.reason})")
    left = [replace(row, outcome=Found.OBSERVED) if row.requirement.id in excused else row for row in rows]
    evidence = Evidence({}, (), outcome.exchanges, complete=not outcome.interrupted)
    code = run_decision(plan, evidence, outcome.results, left, outcome.unasked).verdict.exit_code
    should = [row for row in left if row.requirement.level is Level.SHOULD and row.outcome is Found.FAIL]
    # A day that has passed is no breach that was seen: what could not be judged stays 4.
    if code in (0, 4) and (strict or (code == 0 and (late or (fail_on == "should" and should)))):
        code = 1
    new = [
        row.requirement.id
        for row in left
        if row.outcome is Found.FAIL
        and (
            (row.requirement.level is Level.MUST and row.requirement.layer in plan.profile.binding)
            or (fail_on == "should" and row in should)
        )
    ]
    known = {entry.requirement for entry in baseline}
    sentences += [f"{name} fails and is not in the baseline." for name in new if name not in known]
    return Settled(code, tuple(sentences))
