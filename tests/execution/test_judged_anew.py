"""An interrupted run is judged by its record alone: what was read while the record grew is read once more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution import run as running
from interop_harness.execution.live import LivePass
from interop_harness.execution.run import replay
from interop_harness.plan import Case, Plan
from interop_harness.profile import load
from interop_harness.requirement import Outcome
from interop_harness.sandbox import handler
from interop_harness.suite import Context
from interop_harness.suite.beside import asked_by
from interop_harness.suite.judgement import CaseResult
from interop_harness.suite.supplier import Supplier

from . import processes

REACHED = 40
"""So many cases have asked when Ctrl-C comes."""


def test_what_was_read_of_a_record_that_ended_short_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """One case wants to know what another asks, whose turn never comes. Over the whole record that is an error of ours;
    over one that ended before it, nothing but what was not asked: as whoever has the evidence alone will judge it.
    """
    plan = reference_plan(load(processes.PROFILE))
    reached, before = {case.id for case in plan.cases[:REACHED]}, list[CaseResult]()
    drive, judge_all = LivePass._drive, running._judge

    def driven(live: LivePass, case: Case) -> None:
        if case.id in reached:
            drive(live, case)

    def judged(
        plan: Plan, context: Context, wait: Callable[[Case], None] | None, told: Callable[[CaseResult], None] | None
    ) -> list[CaseResult]:
        if wait is None:
            return judge_all(plan, context, wait, told)
        for case in plan.cases[:REACHED]:
            wait(case)
        for late in reversed(plan.cases):  # the last of all may ask nothing that was not asked already
            asked_by(Supplier(plan.cases[0], context), late)
            if context.results[late.id].outcome is Outcome.ERROR:
                before.append(context.results[late.id])
                raise KeyboardInterrupt
        raise AssertionError("everything was asked before the end")

    monkeypatch.setattr(LivePass, "_drive", driven)
    monkeypatch.setattr(running, "_judge", judged)
    outcome = run_in_process(plan, handler(processes.PROFILE, now=CLOCK))
    monkeypatch.undo()
    (early,) = before
    assert "The evidence holds no answer to" in early.reason, "it was read of what is not in the record"
    assert outcome.interrupted and outcome.exchanges
    (after,) = [result for result in outcome.results if result.case.id == early.case.id]
    assert after.outcome is not Outcome.ERROR, after.reason
    assert outcome.report["summary"]["MUST"]["error"] == outcome.report["summary"]["SHOULD"]["error"] == 0
    assert replay(outcome.evidence_gz, load).report == outcome.report
