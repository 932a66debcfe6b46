"""What cases that run beside one another read alike is read by one of them, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.execution import live
from interop_harness.execution.readings import Readings
from interop_harness.execution.record import make_context
from interop_harness.plan import Case
from interop_harness.profile import load

SECONDS = 10


def beside_one_another(*works: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"


def test_the_first_reads_and_the_others_wait() -> None:
    readings, read, found = Readings(), list[int](), list[str]()
    begun = threading.Event()

    def case(number: int) -> None:
        kept = readings.get("pages")
        if kept is None:
            read.append(number)
            begun.wait(0.2)
            kept = readings["pages"] = "the pages"
        found.append(kept)
        readings.release()

    beside_one_another(*(lambda number=number: case(number) for number in range(20)))  # type: ignore[misc]
    assert len(read) == 1 and found == ["the pages"] * 20


def test_where_the_reader_s_case_ends_without_the_next_one_reads() -> None:
    readings, read = Readings(), list[int]()
    first = threading.Event()

    def fails() -> None:
        assert readings.get("pages") is None
        first.set()
        read.append(1)
        readings.release()

    def waits() -> None:
        first.wait(SECONDS)
        if readings.get("pages") is None:
            read.append(2)
            readings["pages"] = "the pages"

    beside_one_another(fails, waits, waits)
    assert read == [1, 2]


@pytest.mark.parametrize("count", [2, 3, 7])
def test_nobody_waits_in_a_circle(count: int) -> None:
    """Each has begun to read something, gave it up, and then looks for what the next one has begun."""
    readings, all_begun, ended = Readings(), threading.Barrier(count), list[int]()

    def case(number: int) -> None:
        assert readings.get(number) is None
        all_begun.wait(SECONDS)
        readings.get((number + 1) % count)
        ended.append(number)
        readings.release()

    beside_one_another(*(lambda number=number: case(number) for number in range(count)))  # type: ignore[misc]
    assert sorted(ended) == list(range(count))


def test_whoever_reads_may_look_for_it_again() -> None:
    readings = Readings()
    assert readings.get("pages") is None is readings.get("pages")


@pytest.mark.parametrize("fails", [False, True])
def test_the_cases_of_a_live_pass_read_together(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time tries where reading fails, each in turn; otherwise one does, for all."""
    plan = reference_plan(load("blue-badge-eligibility"))
    context = make_context(plan, lambda request: pytest.fail("nothing is sent"), (), datetime.now(UTC), judging=False)
    under_way, most, reads = set[str](), list[int](), list[str]()

    def drive(function: object, case: Case, context: object) -> None:
        if context.readings.get("pages") is None:  # type: ignore[attr-defined]
            under_way.add(case.id)
            reads.append(case.id)
            most.append(len(under_way))
            threading.Event().wait(0.01)
            under_way.discard(case.id)
            if fails:
                raise ValueError("no list")
            context.readings["pages"] = "the pages"  # type: ignore[attr-defined]

    monkeypatch.setattr(live, "drive", drive)
    with live.LivePass(plan, lambda pool: context, 8) as found:
        for case in plan.cases:
            found.wait(case)
    assert max(most) == 1
    assert len(reads) == (len(plan.cases) if fails else 1)
