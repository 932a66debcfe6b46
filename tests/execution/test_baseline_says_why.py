"""A baseline says why it is not met, and a service that was not reached is not one that failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interop_harness.assurance.selftest import reference_plan, run_in_process
from interop_harness.execution.baseline import settle
from interop_harness.execution.run import Outcome
from interop_harness.plan import Plan
from interop_harness.profile import load
from interop_harness.requirement import Level
from interop_harness.requirement import Outcome as Found
from interop_harness.sandbox import handler

from . import processes
from .test_baseline import BROKEN, CLOCK, known


@pytest.fixture(scope="module")
def plan() -> Plan:
    return reference_plan(load(processes.PROFILE))


@pytest.fixture(scope="module")
def well(plan: Plan) -> Outcome:
    return run_in_process(plan, handler(processes.PROFILE, now=CLOCK))


def with_outcome(outcome: Outcome, found: Found, *requirements: str) -> Outcome:
    """The same run, but for what came of these; of all where none is named."""
    results = [
        replace(result, outcome=found) if not requirements or result.case.requirement in requirements else result
        for result in outcome.results
    ]
    return replace(outcome, results=results)


@pytest.mark.parametrize("own", [True, False], ids=["of the profile", "of a layer judged apart"])
def test_a_failed_should_is_named(own: bool, plan: Plan, well: Outcome) -> None:
    tried = {result.case.requirement for result in well.results}
    layers = plan.profile.binding
    name = next(
        row.id
        for row in plan.requirements
        if row.level is Level.SHOULD and (row.layer in layers) is own and row.id in tried and "CLIENT" not in row.id
    )
    failed = with_outcome(well, Found.FAIL, name)
    found = settle(plan, failed, (), fail_on="should")
    assert (found.exit, found.sentences) == (1, (f"{name} fails and is not in the baseline.",))
    assert settle(plan, failed, known(name), fail_on="should").exit == 0
    assert settle(plan, failed, ()).exit == 0


def test_a_day_that_has_passed_is_no_failure_of_what_was_not_judged(plan: Plan, well: Outcome) -> None:
    unreached = with_outcome(well, Found.INCONCLUSIVE)
    found = settle(plan, unreached, known(BROKEN, expires="2026-11-01"))
    assert found.exit == 4
    (sentence,) = found.sentences
    assert sentence.startswith(f"{BROKEN} could not be judged, and the baseline let it pass until 2026-11-01")
    failing = with_outcome(unreached, Found.FAIL, BROKEN)
    assert settle(plan, failing, known(BROKEN, expires="2026-11-01")).exit == 1
