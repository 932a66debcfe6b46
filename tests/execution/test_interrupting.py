"""Ctrl-C ends a run soon, whatever the service keeps it waiting for, and at whatever moment it comes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.execution.live import LivePass
from interop_harness.execution.resume import read_journal
from interop_harness.execution.run import replay
from interop_harness.profile import load
from tests.hostile.runs import SHORT, plan_for, run, well
from tests.hostile.server import Asked, Server, serving

from . import processes

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals")
BOUND = 25
"""Seconds. One answer that is waited for takes thirty, and hundreds are left."""


@contextmanager
def silent(after: int) -> Iterator[tuple[Server, threading.Event]]:
    """A service that answers so many requests and keeps everybody waiting from then on, which the event tells."""
    waiting, over = threading.Event(), threading.Event()

    def behave(asked: Asked) -> object:
        if asked.number <= after:
            return well(asked)
        waiting.set()
        over.wait(120)
        return None

    with serving(behave) as server:
        try:
            yield server, waiting
        finally:
            over.set()


def interrupted(process: subprocess.Popen[str]) -> str:
    """Send Ctrl-C; what the process said on its standard error by its end."""
    process.send_signal(signal.SIGINT)
    try:
        _, told = process.communicate(timeout=BOUND)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 130, told
    assert "Traceback" not in told
    return told


@POSIX
def test_in_the_preflight(tmp_path: Path) -> None:
    with silent(after=0) as (server, waiting):
        process = processes.start(processes.PROFILE, "--target", server.url, "--out", str(tmp_path / "run"), "--quiet")
        assert waiting.wait(60)
        told = interrupted(process)
    assert "nothing was judged" in told and "--resume" in told
    assert not (tmp_path / "run" / "report.json").exists(), "nothing was tested, so there is nothing to report"
    assert dict(read_journal(tmp_path / "run").exchanges) == {}, "there is a journal to go on from"


@POSIX
def test_while_hundreds_of_requests_are_left(tmp_path: Path) -> None:
    with silent(after=40) as (server, waiting):
        process = processes.start(processes.PROFILE, "--target", server.url, "--out", str(tmp_path / "run"), "--quiet")
        assert waiting.wait(60)
        told = interrupted(process)
    assert f"Go on with: interop run --resume {tmp_path / 'run'}\n" in told
    report = processes.report(tmp_path / "run")
    assert report["run"]["complete"] is False
    assert report["verdict"] == "inconclusive"


def test_just_as_the_live_pass_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between starting the threads and watching them: they must not be waited for until the service has answered."""
    begin = LivePass.__enter__

    def interrupt(live: LivePass) -> LivePass:
        begin(live)
        raise KeyboardInterrupt

    monkeypatch.setattr(LivePass, "__enter__", interrupt)
    with silent(after=1) as (server, _):
        plan = plan_for(server.url, limits=replace(SHORT, timeout=60, give_up_after=1000))
        done: list[object] = []
        thread = threading.Thread(target=lambda: done.append(ended(plan)), daemon=True)
        thread.start()
        thread.join(BOUND)
        assert done, "the run waited for answers"
    assert done[0].interrupted  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError])
def test_whatever_ends_the_judging(kind: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    from interop_harness.execution import run as running

    judge, calls = running._judge, []

    def once(*given: object) -> object:
        calls.append(given)
        if len(calls) == 1:
            raise kind
        return judge(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_judge", once)
    with silent(after=1) as (server, _):
        plan = plan_for(server.url, limits=replace(SHORT, timeout=60, give_up_after=1000))
        done: list[object] = []
        thread = threading.Thread(target=lambda: done.append(ended(plan)), daemon=True)
        thread.start()
        thread.join(BOUND)
        assert done, "the run waited for answers"
    assert isinstance(done[0], RuntimeError) if kind is RuntimeError else done[0].interrupted  # type: ignore[attr-defined]


def ended(plan: object) -> object:
    from interop_harness.transport.credentials import Credentials

    try:
        return run(plan, Credentials(), Credentials().redactor(), workers=8)  # type: ignore[arg-type]
    except RuntimeError as error:
        return error


@POSIX
def test_what_was_recorded_is_judged_anew(tmp_path: Path) -> None:
    """As whoever has nothing but the evidence will judge it: every case, and none by what was read before it ended."""
    run = tmp_path / "run"
    with processes.supplier(delay_ms=30) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "--quiet")
        counted.wait_for(150)
        interrupted(process)
    found, evidence = processes.report(run), (run / "evidence.jsonl.gz").read_bytes()
    assert found["run"]["complete"] is False
    assert {row["verdict"] for row in found["requirements"]} >= {"pass", "inconclusive"}, "some of it was seen"
    assert found == replay(evidence, load).report
