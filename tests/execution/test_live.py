"""The live pass: who may read at once, and what it leaves in memory."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.execution import judging, live
from interop_harness.execution.record import make_context
from interop_harness.plan import Case, Plan
from interop_harness.profile import load
from interop_harness.requirement import Outcome
from interop_harness.suite import functions
from interop_harness.suite.functions import PACKAGE
from interop_harness.suite.judgement import CaseResult


@pytest.fixture(scope="module")
def plan() -> Plan:
    return reference_plan(load("blue-badge-eligibility"))


def driven(plan: Plan, monkeypatch: pytest.MonkeyPatch, much: Callable[[], bool]) -> tuple[list[str], list[int], Any]:
    """The cases driven, how many that are no chain were under way as each began, and the context."""
    lock, ran, together = threading.Lock(), list[str](), list[int]()
    reading = 0

    def drive(function: object, case: Case, context: object) -> None:
        nonlocal reading
        reader = not case.family.startswith(live.CHAINS)
        with lock:
            reading += reader
            ran.append(case.id)
            together.append(reading)
        time.sleep(0.002)
        with lock:
            reading -= reader

    monkeypatch.setattr(live, "drive", drive)
    context = make_context(plan, lambda request: pytest.fail("nothing is sent"), (), datetime.now(UTC), judging=False)
    context.readings["pages"] = "a list, parsed"
    with live.LivePass(plan, lambda pool: context, 8, much=much) as found:
        for case in plan.cases:
            found.wait(case)
    return ran, together, context


@pytest.mark.parametrize("much", [False, True])
def test_few_cases_read_at_once_when_the_answers_are_much(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, much: bool
) -> None:
    ran, together, _ = driven(plan, monkeypatch, lambda: much)
    assert sorted(ran) == sorted(case.id for case in plan.cases)
    assert (max(together) <= live.FEW) is much


def test_a_chain_waits_for_no_reader(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one that reads for seconds would keep the network idle."""
    monkeypatch.setattr(live, "FEW", 0)
    chains = [case for case in plan.cases if case.family.startswith(live.CHAINS)]
    done = threading.Event()
    ran: list[str] = []

    def drive(function: object, case: Case, context: object) -> None:
        ran.append(case.id)
        if len(ran) == len(chains):
            done.set()

    monkeypatch.setattr(live, "drive", drive)
    context = make_context(plan, lambda request: pytest.fail("nothing is sent"), (), datetime.now(UTC), judging=False)
    held = True
    with live.LivePass(plan, lambda pool: context, 8, much=lambda: held) as found:
        assert done.wait(10)
        assert set(ran) == {case.id for case in chains}
        held = False
        with found._turns:
            found._turns.notify_all()
        for case in plan.cases:
            found.wait(case)
    assert len(ran) == len(plan.cases)


def test_what_the_cases_read_is_let_go_at_the_end(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, context = driven(plan, monkeypatch, lambda: False)
    assert context.readings == {}


def test_a_module_that_a_live_case_is_importing_is_waited_for(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there of it already is not taken for all there is, which would miss its functions."""
    names = {f"{PACKAGE}.test_{case.family.partition('.')[0]}" for case in plan.cases}
    missing = sorted(names)[0]
    importing, go_on = threading.Event(), threading.Event()
    ready = importlib.import_module(missing)

    class Slow(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name: str, path: object, target: object = None) -> object:
            return importlib.machinery.ModuleSpec(name, self) if name == missing else None

        def exec_module(self, module: object) -> None:
            importing.set()
            go_on.wait(10)
            vars(module).update({name: value for name, value in vars(ready).items() if not name.startswith("__")})

    monkeypatch.setattr(judging, "judge", lambda function, case, context, observe: CaseResult(case, Outcome.PASS))
    monkeypatch.setattr(sys, "meta_path", [Slow(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, missing)
    functions._module.cache_clear()
    thread = threading.Thread(target=importlib.import_module, args=(missing,))
    thread.start()
    assert importing.wait(10)
    threading.Timer(0.2, go_on.set).start()
    context = make_context(plan, lambda request: pytest.fail("nothing is sent"), (), datetime.now(UTC), judging=True)
    results = judging.judge_all(plan, context)
    thread.join(10)
    functions._module.cache_clear()
    assert {result.outcome for result in results} == {Outcome.PASS}
