"""What pytest is given to judge: one small item a case, of the modules that the plan needs, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.errors import InternalError
from interop_harness.execution import judging
from interop_harness.execution.record import make_context
from interop_harness.plan import Plan
from interop_harness.profile import load
from interop_harness.requirement import Outcome
from interop_harness.suite import functions
from interop_harness.suite.judgement import CaseResult

PROFILE = "blue-badge-eligibility"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return reference_plan(load(PROFILE))


def judged(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[CaseResult]]:
    """The cases in the order in which they were judged, by a judge that only looks, and the results."""
    seen: list[str] = []

    def judge(function: Any, case: Any, context: Any, *, observe: bool) -> CaseResult:
        assert function.__name__ == f"test_{case.family.partition('.')[2]}"
        seen.append(case.id)
        return CaseResult(case, Outcome.PASS)

    monkeypatch.setattr(judging, "judge", judge)
    context = make_context(plan, lambda request: pytest.fail("nothing is sent"), (), datetime.now(UTC), judging=True)
    return seen, judging.judge_all(plan, context)


def test_each_case_is_judged_once_in_the_plan_s_order(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, results = judged(plan, monkeypatch)
    assert seen == [case.id for case in plan.cases] == [result.case.id for result in results]


def test_no_item_has_parameters_or_fixtures(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost as much as judging does, each time."""

    def made(*args: object, **more: object) -> None:
        raise AssertionError("an item of pytest's own")

    monkeypatch.setattr(pytest.Function, "__init__", made)
    assert {result.outcome for result in judged(plan, monkeypatch)[1]} == {Outcome.PASS}


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The suite's modules in a folder of their own, which is taken for the suite: a test may change them."""
    folder = tmp_path / "copied_suite"
    folder.mkdir()
    for file in functions.conformance_folder().glob("*.py"):
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(functions, "PACKAGE", folder.name)
    functions._module.cache_clear()
    yield folder
    functions._module.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


def test_nothing_else_that_lies_in_the_suite_s_folder_is_loaded(
    plan: Plan, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = "import sys\nsys.suite_trap = True\ndef test_trap(case): pass\n"
    (copied / "test_unneeded.py").write_text(trap)
    (copied / "conftest.py").write_text(trap)
    (copied / "below").mkdir()
    for case in plan.cases:
        (copied / "below" / f"test_{case.family.partition('.')[0]}.py").write_text(trap)
    seen, results = judged(plan, monkeypatch)
    assert not hasattr(sys, "suite_trap")
    assert len(seen) == len(plan.cases) == len(results)
    assert f"{copied.name}.test_{plan.cases[0].family.partition('.')[0]}" in sys.modules


def test_a_family_that_the_suite_does_not_have_is_an_error_and_not_a_pass(
    plan: Plan, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = plan.cases[0].family.partition(".")[0]
    (copied / f"test_{missing}.py").unlink()
    for result in judged(plan, monkeypatch)[1]:
        wanted = Outcome.ERROR if result.case.family.startswith(f"{missing}.") else Outcome.PASS
        assert result.outcome is wanted, result.case.id


@pytest.mark.parametrize("text", ["def test_(:\n", "import nothing_of_this_name\n", "raise OSError('gone')\n"])
def test_a_suite_that_does_not_load_judges_nothing(
    plan: Plan, copied: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    broken = plan.cases[0].family.partition(".")[0]
    (copied / f"test_{broken}.py").write_text(text)
    with pytest.raises(InternalError, match="does not load") as refused:
        judged(plan, monkeypatch)
    assert refused.value.code == "suite-broken"
