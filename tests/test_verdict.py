"""The rules of section "verdict": one table for the run, one for a requirement."""

from __future__ import annotations

import pytest

from interop_harness.plan import Case
from interop_harness.requirement import Level, Outcome, Requirement, Source, Verdict
from interop_harness.suite.judgement import CaseResult
from interop_harness.verdict import RequirementResult, class_verdict, combine, decide

O = Outcome  # noqa: E741 - the table reads better


def row(
    level: str, outcome: Outcome, conformance_class: str = "basic", *, identifier: str = "T-A-01"
) -> RequirementResult:
    requirement = Requirement(
        identifier, Level(level), conformance_class, "statement", Source("d", "c", "u"), "stated", "t"
    )
    case = CaseResult(Case(identifier, identifier, "f.f", "title"), outcome, reason="because")
    return RequirementResult(requirement, outcome, "because", (case,))


PASS = row("MUST", O.PASS)

TABLE = [
    ("one MUST passes", [PASS], {}, "conformant"),
    ("a MUST fails", [PASS, row("MUST", O.FAIL)], {}, "not-conformant"),
    ("a MUST fails beside an error", [row("MUST", O.ERROR), row("MUST", O.FAIL)], {}, "not-conformant"),
    ("a MUST fails in an interrupted run", [row("MUST", O.FAIL)], {"complete": False}, "not-conformant"),
    ("a MUST fails in a selection", [row("MUST", O.FAIL)], {"selection": True}, "not-conformant"),
    ("an error of ours", [PASS, row("SHOULD", O.ERROR)], {}, "error"),
    ("a MUST is inconclusive", [PASS, row("MUST", O.INCONCLUSIVE)], {}, "inconclusive"),
    ("a SHOULD is inconclusive", [PASS, row("SHOULD", O.INCONCLUSIVE)], {}, "conformant"),
    ("a SHOULD fails", [PASS, row("SHOULD", O.FAIL)], {}, "conformant"),
    ("a MAY fails", [PASS, row("MAY", O.FAIL)], {}, "conformant"),
    ("a MUST of a class not claimed fails", [PASS, row("MUST", O.FAIL, "extra")], {}, "conformant"),
    ("nothing at all", [], {}, "inconclusive"),
    ("everything not applicable", [row("MUST", O.NOT_APPLICABLE)], {}, "inconclusive"),
    ("everything only observed", [row("MUST", O.OBSERVED)], {}, "inconclusive"),
    ("only a SHOULD passes", [row("SHOULD", O.PASS)], {}, "inconclusive"),
    ("not tested beside a pass", [PASS, row("MUST", O.NOT_TESTED)], {}, "conformant"),
    ("declared yes beside a pass", [PASS, row("MUST", O.DECLARED)], {}, "conformant"),
    ("interrupted", [PASS], {"complete": False}, "inconclusive"),
    ("a selection", [PASS], {"selection": True}, "inconclusive"),
    ("cases are not the plan's", [PASS], {"as_planned": False}, "inconclusive"),
    ("an operation never answered", [PASS], {"unanswered": ["GET /x"]}, "inconclusive"),
    ("evidence holds more than the plan implies", [PASS], {"unasked": 1}, "inconclusive"),
]


@pytest.mark.parametrize(
    ("rows", "state", "verdict"), [entry[1:] for entry in TABLE], ids=[entry[0] for entry in TABLE]
)
def test_the_first_rule_that_matches_decides(rows, state, verdict) -> None:
    given = {"complete": True, "as_planned": True, "selection": False, **state}
    decision = decide(rows, claimed=frozenset({"basic"}), **given)
    assert decision.verdict == verdict
    assert decision.reasons, "a verdict without a reason cannot be acted on"


def test_exit_codes_are_the_documented_ones() -> None:
    assert {verdict.value: verdict.exit_code for verdict in Verdict} == {
        "conformant": 0,
        "not-conformant": 1,
        "error": 3,
        "inconclusive": 4,
    }


@pytest.mark.parametrize(
    ("outcomes", "combined"),
    [
        ([O.PASS, O.FAIL, O.ERROR], O.FAIL),
        ([O.PASS, O.ERROR, O.INCONCLUSIVE], O.ERROR),
        ([O.PASS, O.INCONCLUSIVE], O.INCONCLUSIVE),
        ([O.PASS, O.NOT_APPLICABLE], O.PASS),
        ([O.NOT_APPLICABLE, O.NOT_APPLICABLE], O.NOT_APPLICABLE),
        ([O.OBSERVED, O.PASS], O.PASS),
        ([], O.ERROR),
    ],
)
def test_a_requirement_takes_the_worst_of_its_cases(outcomes, combined) -> None:
    assert combine(outcomes) is combined


def test_a_class_without_a_pass_is_not_conformant_by_silence() -> None:
    assert class_verdict([row("MUST", O.NOT_APPLICABLE)], "basic") is Verdict.INCONCLUSIVE
    assert class_verdict([PASS], "basic") is Verdict.CONFORMANT
    assert class_verdict([PASS, row("MUST", O.FAIL)], "basic") is Verdict.NOT_CONFORMANT


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"complete": False}, "interrupted"),
        ({"as_planned": False}, "not exactly the plan's"),
        ({"unasked": 2}, "does not imply"),
    ],
)
def test_doubt_about_the_record_is_told_before_what_it_may_explain(state, told) -> None:
    """A report tells only so many reasons: after an interruption there may be hundreds, and this one counts."""
    given = {"complete": True, "as_planned": True, "selection": False, **state}
    decision = decide([row("MUST", O.INCONCLUSIVE)] * 40, claimed=frozenset({"basic"}), **given)
    assert told in decision.reasons[0]
