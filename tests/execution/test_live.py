"""The live pass: who may read at once, and what it leaves in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.execution import live
from interop_harness.execution.record import make_context
from interop_harness.plan import Case, Plan
from interop_harness.profile import load


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
