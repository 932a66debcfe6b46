"""From case results to requirement verdicts, and from those to the verdict of each class, each layer and the run.

One pure function a step; the run's rule (DESIGN's "of the run") is :func:`decide` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interop_harness.plan import Plan
from interop_harness.requirement import Level, Outcome, Requirement, Verdict
from interop_harness.suite.judgement import CaseResult

_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.INCONCLUSIVE,
    Outcome.PASS,
    Outcome.OBSERVED,
    Outcome.DECLARED,
    Outcome.NOT_APPLICABLE,
    Outcome.NOT_TESTED,
)


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The verdict of one requirement, with the cases it rests on."""

    requirement: Requirement
    outcome: Outcome
    reason: str
    cases: tuple[CaseResult, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with the sentences that explain it."""

    verdict: Verdict
    reasons: tuple[str, ...]


def requirement_results(plan: Plan, results: Sequence[CaseResult]) -> list[RequirementResult]:
    """One result for every requirement of the profile, sorted by id. None is left out, whatever happened."""
    excluded = {row.requirement: row for row in plan.exclusions}
    by_requirement: dict[str, list[CaseResult]] = {}
    for result in results:
        by_requirement.setdefault(result.case.requirement, []).append(result)
    found = []
    for row in sorted(plan.requirements, key=lambda row: row.id):
        cases = tuple(by_requirement.get(row.id, ()))
        if cases:
            outcome = combine(case.outcome for case in cases)
            reason = next((case.reason for case in cases if case.outcome is outcome and case.reason), "")
        elif row.id in excluded:
            outcome, reason = Outcome(excluded[row.id].outcome), excluded[row.id].reason
        else:
            outcome, reason = Outcome.ERROR, "The plan has no case for this requirement and no reason why."
        found.append(RequirementResult(row, outcome, reason, cases))
    return found


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """The verdict of a requirement from its cases: the first of these that any case has.

    A breach that was seen stands whatever else went wrong; after that, what was not established counts for
    more than what was.
    """
    seen = set(outcomes)
    return next((outcome for outcome in _WORST_FIRST if outcome in seen), Outcome.ERROR)


def decide(
    rows: Sequence[RequirementResult],
    *,
    claimed: frozenset[str],
    complete: bool,
    as_planned: bool,
    selection: bool,
    unanswered: Sequence[str] = (),
    unasked: int = 0,
) -> Decision:
    """The verdict over some requirements: the first rule that matches.

    ``claimed`` are the classes that count, ``unanswered`` the mandatory operations that never answered with
    success, ``as_planned`` whether the executed cases are exactly the plan's.
    """
    musts = [
        row for row in rows if row.requirement.level is Level.MUST and row.requirement.conformance_class in claimed
    ]
    failed = [row for row in musts if row.outcome is Outcome.FAIL]
    if failed:
        return Decision(Verdict.NOT_CONFORMANT, tuple(f"{row.requirement.id} failed." for row in failed))
    errors = [
        row for row in rows if any(case.outcome is Outcome.ERROR for case in row.cases) or row.outcome is Outcome.ERROR
    ]
    if errors:
        return Decision(Verdict.ERROR, tuple(f"{row.requirement.id}: {row.reason}" for row in errors))
    # What casts doubt on the record itself comes first: it explains the rest, of which a report tells only so much.
    doubts = ["The run was interrupted; its record is incomplete."] if not complete else []
    if not as_planned:
        doubts.append("The executed cases are not exactly the plan's.")
    if unasked:
        doubts.append(f"The evidence holds {unasked} exchanges that the plan does not imply.")
    doubts += [
        f"{row.requirement.id} could not be judged: {row.reason}"
        for row in musts
        if row.outcome is Outcome.INCONCLUSIVE
    ]
    doubts += [f"{operation} was never answered with success." for operation in unanswered]
    if selection:
        doubts.append("Only a selection was run.")
    if not any(row.outcome is Outcome.PASS for row in musts):
        doubts.append("No requirement at level MUST was seen to pass.")
    if doubts:
        return Decision(Verdict.INCONCLUSIVE, tuple(doubts))
    passed = sum(row.outcome is Outcome.PASS for row in musts)
    return Decision(Verdict.CONFORMANT, (f"All {passed} judged requirements at level MUST passed.",))


def class_verdict(rows: Sequence[RequirementResult], conformance_class: str) -> Verdict:
    """The verdict of one class alone: its MUSTs and nothing else."""
    own = [row for row in rows if row.requirement.conformance_class == conformance_class]
    return _musts_verdict(own)


def layer_verdict(rows: Sequence[RequirementResult], layer: str) -> Verdict:
    """The verdict of one layer of an ``extends`` chain: shown beside the profile's, never changing it."""
    return _musts_verdict([row for row in rows if row.requirement.layer == layer])


def _musts_verdict(rows: Sequence[RequirementResult]) -> Verdict:
    outcomes = {row.outcome for row in rows if row.requirement.level is Level.MUST}
    for outcome, verdict in (
        (Outcome.FAIL, Verdict.NOT_CONFORMANT),
        (Outcome.ERROR, Verdict.ERROR),
        (Outcome.INCONCLUSIVE, Verdict.INCONCLUSIVE),
    ):
        if outcome in outcomes:
            return verdict
    passed = any(row.outcome is Outcome.PASS for row in rows)
    return Verdict.CONFORMANT if passed else Verdict.INCONCLUSIVE
