"""A run's threads stay on one processor, and leave it to others who want it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from interop_harness.assurance.selftest import reference_plan
from interop_harness.execution import processor
from interop_harness.execution.processor import OneProcessor
from interop_harness.execution.run import run
from interop_harness.profile import load
from interop_harness.transport.credentials import Credentials
from tests.hostile.server import KEEP, Asked, answer, serving

BUSY = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nprint(flush=True)\nwhile True: pass"


@pytest.fixture(autouse=True)
def several() -> Iterator[set[int]]:
    """The processors that this process may use: each test leaves them as they were."""
    if not hasattr(os, "sched_getaffinity") or len(everywhere := os.sched_getaffinity(0)) < 2:
        pytest.skip("this needs Linux and two processors")
    yield everywhere
    os.sched_setaffinity(0, everywhere)


def in_a_thread() -> set[int]:
    """Where a thread that is begun now may run."""
    found: list[set[int]] = []
    thread = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
    thread.start()
    thread.join()
    return found[0]


def test_threads_begun_within_stay_on_one_processor(several: set[int]) -> None:
    with OneProcessor():
        kept = os.sched_getaffinity(0)
        assert len(kept) == 1 and in_a_thread() == kept
    assert os.sched_getaffinity(0) == several == in_a_thread()


def test_a_thread_that_outlives_the_run_is_free(several: set[int]) -> None:
    done = threading.Event()
    with OneProcessor():
        thread = threading.Thread(target=done.wait)
        thread.start()
        assert len(os.sched_getaffinity(thread.native_id or 0)) == 1
    assert os.sched_getaffinity(thread.native_id or 0) == several
    done.set()
    thread.join()


def test_a_processor_that_others_want_is_left(several: set[int]) -> None:
    with OneProcessor() as kept:
        (here,) = os.sched_getaffinity(0)
        words = [sys.executable, "-c", BUSY, str(here)]
        rivals = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(3)]
        try:
            for rival in rivals:
                assert rival.stdout is not None and rival.stdout.readline()
            until = time.monotonic() + 60
            while os.sched_getaffinity(0) != several and time.monotonic() < until:
                kept.look()
        finally:
            for rival in rivals:
                rival.kill()
                rival.communicate()
        assert os.sched_getaffinity(0) == several == in_a_thread()


@pytest.mark.parametrize(
    ("ran", "waited", "left"),
    [
        pytest.param(0.1, 0.0, False, id="it waits for the service"),
        pytest.param(1.0, 3.0, False, id="its own threads wait for each other"),
        pytest.param(0.9, 0.2, False, id="somebody had it for a moment"),
        pytest.param(0.5, 0.5, True, id="half of it was another's"),
        pytest.param(0.1, 2.0, True, id="nearly all of it was others'"),
    ],
)
def test_what_counts_as_wanted(
    several: set[int], ran: float, waited: float, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shares of a second: for which this process ran, and for which its threads waited, together."""
    now = [0.0]
    monkeypatch.setattr(processor, "_waited", lambda: now[0] * waited)
    monkeypatch.setattr(processor, "time", SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: now[0] * ran))
    with OneProcessor() as kept:
        now[0] = 1.0
        kept.look()
        assert (os.sched_getaffinity(0) == several) is left


@pytest.mark.parametrize("trouble", [OSError, ValueError, IndexError])
def test_where_the_system_does_not_tell_nothing_is_done(
    several: set[int], trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> float:
        raise trouble

    monkeypatch.setattr(processor, "_waited", silent)
    with OneProcessor() as kept:
        assert os.sched_getaffinity(0) == several
        kept.look()
    assert os.sched_getaffinity(0) == several


@pytest.mark.parametrize("trouble", [ProcessLookupError, PermissionError, ValueError])
def test_a_look_that_fails_ends_nothing(
    several: set[int], trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> float:
        raise trouble

    with OneProcessor() as kept:
        monkeypatch.setattr(processor, "_waited", silent)
        monkeypatch.setattr(processor, "LOOK_EVERY", 0.0)
        kept.look()
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == several


def test_threads_that_end_while_they_are_looked_at_are_left_out(
    several: set[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Between the list of threads and the look at one of them it may have ended."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "schedstat").write_text("5 3000000000 1\n")
    monkeypatch.setattr(processor, "_threads", lambda: iter([tmp_path / "1", tmp_path / "2"]))
    assert processor._waited() == 3.0


def test_a_run_keeps_to_one_processor_and_lets_it_go(several: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    plan, seen = reference_plan(load("blue-badge-eligibility")), list[int]()

    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}"))
        return KEEP

    monkeypatch.setattr(processor, "LOOK_EVERY", float("inf"))
    with serving(behave) as server:
        plan = replace(plan, implementation=server.target())
        credentials = Credentials()
        redactor = credentials.redactor()
        run(plan, credentials, redactor, on_exchange=lambda _: seen.append(len(os.sched_getaffinity(0))))
    assert set(seen) == {1}
    assert os.sched_getaffinity(0) == several
