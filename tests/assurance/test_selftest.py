"""The proof of the harness is itself proven: what is judged in part equals what is judged whole."""

from __future__ import annotations

import pytest

from interop_harness.assurance.incremental import Baseline
from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process, selftest
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import faults, handler

PROFILE = load("open-referral-uk")


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    plan = reference_plan(PROFILE, options=Options(allow_writes=True))
    return Baseline(plan, handler(PROFILE.id, now=CLOCK), CLOCK)


@pytest.mark.parametrize("name", [fault.name for fault in faults(PROFILE.id)][::61])
def test_a_fault_judged_in_part_has_the_verdicts_of_a_complete_run(baseline: Baseline, name: str) -> None:
    plan = reference_plan(PROFILE, options=Options(allow_writes=True))
    whole = run_in_process(plan, handler(PROFILE.id, [name], now=CLOCK))
    part = baseline.judge(handler(PROFILE.id, [name], now=CLOCK))
    assert part.verdicts == {row["id"]: row["verdict"] for row in whole.report["requirements"]}
    assert part.verdict.value == whole.report["verdict"]


def test_the_clean_supplier_again_needs_nothing_judged_anew(baseline: Baseline) -> None:
    again = baseline.judge(handler(PROFILE.id, now=CLOCK))
    assert again.verdicts == baseline.clean.verdicts
    # Cases without exchanges (probes only) are always judged; nothing else may be.
    assert again.rejudged == sum(not result.exchanges for result in baseline.clean.results.values())


def test_a_fault_that_nothing_catches_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that finds nothing any more must show as a missed fault, not as a pass."""
    from interop_harness.checks import pagination

    monkeypatch.setattr(pagination, "size", lambda *args, **more: iter(()))
    result = selftest(PROFILE, only=["page-size-is-per-page"])
    assert not result.ok
    assert not result.faults[0].caught
