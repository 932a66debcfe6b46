"""A case asks once in a pass: in its turn, or before, where another case wants to know what it rests on."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.evidence import Finding
from interop_harness.plan import Case, Options, Plan
from interop_harness.requirement import Outcome
from interop_harness.suite import Context, Supplier
from interop_harness.suite.body import Bodies
from interop_harness.suite.judgement import asked, drive, judge
from tests.checks.library import NOW
from tests.checks.miniature import implementation, profile

CASE = Case("MINI-1", "MINI-1", "mini.one", "A case.", {})


def context(*, judging: bool) -> Context:
    plan = Plan(profile(), implementation(), Options(), "", "seed", (), (CASE,), ())
    nobody: Any = None
    return Context(plan, nobody, {}, NOW, nobody, Bodies(), judging=judging)


@pytest.mark.parametrize("first", ["another case", "its own turn"])
def test_a_case_is_judged_once_whoever_comes_first(first: str) -> None:
    calls: list[str] = []

    def function(case: Case, supplier: Supplier) -> None:
        calls.append(case.id)
        supplier.looked += 1
        supplier.expect([Finding("one", "two", "")])

    here = context(judging=True)
    if first == "another case":
        assert asked(function, CASE, here) == []
    found = judge(function, CASE, here, observe=False)
    assert asked(function, CASE, here) == []
    assert calls == ["MINI-1"]
    assert found.outcome is Outcome.FAIL and len(found.findings) == 1
    observed = judge(function, CASE, here, observe=True)
    assert calls == ["MINI-1"]
    assert observed.outcome is Outcome.OBSERVED and not observed.findings
    assert observed.observations == ("two (compared with: one)",)


def test_a_case_is_driven_once_though_it_fails() -> None:
    calls: list[str] = []

    def function(case: Case, supplier: Supplier) -> None:
        calls.append(case.id)
        raise ValueError("of the case's own")

    here = context(judging=False)
    drive(function, CASE, here)
    assert asked(function, CASE, here) == []
    assert calls == ["MINI-1"]


def test_each_pass_asks_anew() -> None:
    calls: list[str] = []

    def function(case: Case, supplier: Supplier) -> None:
        calls.append(case.id)

    drive(function, CASE, context(judging=False))
    judge(function, CASE, context(judging=True), observe=False)
    assert calls == ["MINI-1", "MINI-1"]
