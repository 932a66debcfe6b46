"""A run that is cut off loses what was under way and nothing else; resumed, it ends in the very same report."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

from . import killing, processes

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals")
FEW = ("--seed", "5" * 64, "--only", "ORUK-PAGE", "--only", "ORUK-listServices", "--only", "ORUK-REF")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, int]:
    return killing.undisturbed(tmp_path_factory.mktemp("whole") / "run", *FEW)


@POSIX
@pytest.mark.parametrize("number", range(5))
def test_killed_at_a_random_moment_and_resumed(number: int, whole: tuple[dict, int], tmp_path: Path) -> None:
    wanted, requests = whole
    at = random.Random(number).randint(2, requests - 1)
    killing.kill_and_resume(tmp_path / "run", at, wanted, *FEW)


@POSIX
def test_killed_twice(whole: tuple[dict, int], tmp_path: Path) -> None:
    wanted, requests = whole
    run = tmp_path / "run"
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), *FEW)
        counted.wait_for(requests // 3)
        processes.kill(process)
        before = len(processes.journalled(run))
        process = processes.start("--resume", str(run))
        counted.wait_for(len(counted.requests) + requests // 3)
        processes.kill(process)
        assert len(processes.journalled(run)) > before
        done = processes.run("--resume", str(run), "--quiet")
        assert done.returncode == 4, done.stderr
        assert killing._anywhere(processes.without_run(processes.report(run)), url) == wanted


@POSIX
def test_ctrl_c_keeps_what_was_recorded_and_marks_it_incomplete(whole: tuple[dict, int], tmp_path: Path) -> None:
    wanted, requests = whole
    run = tmp_path / "run"
    with processes.supplier(delay_ms=5) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "--quiet", *FEW)
        counted.wait_for(requests // 2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 130, told
        assert "Traceback" not in told
        found = processes.report(run)
        assert found["run"]["complete"] is False
        assert found["verdict"] == "inconclusive"
        assert found["run"]["exchanges"] >= requests // 2 - killing.WORKERS - killing.PREFLIGHT
        assert "interrupted" in " ".join(found["reasons"])
        assert "does not imply" not in " ".join(found["reasons"])
        replayed = processes.subprocess.run(
            [sys.executable, "-m", "interop_harness", "replay", str(run), "--check"],
            capture_output=True,
            check=False,
            text=True,
        )
        assert replayed.returncode == 0, replayed.stderr
        done = processes.run("--resume", str(run), "--quiet")
        assert done.returncode == 4, done.stderr
        assert processes.report(run)["run"]["complete"] is True
        assert killing._anywhere(processes.without_run(processes.report(run)), url) == wanted


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a run that was killed, against a supplier that is gone."""
    run = tmp_path_factory.mktemp("cut") / "run"
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "--quiet", *FEW)
        counted.wait_for(20)
        processes.kill(process)
    return run


def copied(cut_off: Path, tmp_path: Path) -> Path:
    return shutil.copytree(cut_off, tmp_path / "run")


def test_a_new_run_does_not_overwrite_one_that_was_cut_off(cut_off: Path) -> None:
    done = processes.run(processes.PROFILE, "--target", "http://127.0.0.1:9", "--out", str(cut_off))
    assert done.returncode == 2
    assert "--resume" in done.stderr and "directory-taken" in done.stderr


def test_a_service_that_is_gone_keeps_the_journal(cut_off: Path, tmp_path: Path) -> None:
    run = copied(cut_off, tmp_path)
    before = (run / "journal.jsonl").read_bytes()
    done = processes.run("--resume", str(run))
    assert done.returncode == 4
    assert "resume-unreachable" in done.stderr
    assert len((run / "journal.jsonl").read_bytes()) <= len(before)
    assert len(processes.journalled(run)) == len(processes.journalled(cut_off))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--only", "ORUK-PAGE"), "options-contradict"),
        (("--challenge", "a" * 30), "options-contradict"),
        (("--out", "elsewhere"), "options-contradict"),
        (("--target", "http://127.0.0.1:1"), "resume-target"),
        (("gov-api-baseline",), "resume-profile"),
    ],
)
def test_a_run_is_resumed_as_it_was_begun(cut_off: Path, words: tuple[str, ...], code: str) -> None:
    done = processes.run(*words, "--resume", str(cut_off))
    assert done.returncode == 2, done.stderr
    assert code in done.stderr


def edit(run: Path, change) -> None:
    path = run / "journal.jsonl"
    lines = [json.loads(line) for line in path.read_bytes().splitlines() if line.endswith(b"}")]
    change(lines)
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


@pytest.mark.parametrize(
    ("change", "exit_code", "code"),
    [
        (lambda lines: lines.pop(0), 3, "journal-header"),
        (lambda lines: lines[0].update(format="interop-journal/9"), 3, "journal-header"),
        (lambda lines: lines[0]["plan"]["cases"].pop(), 3, "evidence-plan-differs"),
        (lambda lines: lines[0]["suite"].update(sha256="0" * 64), 2, "resume-suite"),
        (lambda lines: lines[0].update(target_needed=True), 2, "resume-target"),
        (lambda lines: lines[-1].update(id="0" * 12), 3, "journal-damaged"),
        (lambda lines: lines[-1].update(type="odd"), 3, "journal-damaged"),
        (lambda lines: lines.clear(), 2, "resume-nothing"),
    ],
)
def test_a_journal_that_is_not_what_a_run_wrote(
    cut_off: Path, tmp_path: Path, change, exit_code: int, code: str
) -> None:
    run = copied(cut_off, tmp_path)
    edit(run, change)
    done = processes.run("--resume", str(run))
    assert done.returncode == exit_code, done.stderr
    assert code in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("noise", [b"\xff\xfe\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n"])
def test_noise_within_a_journal(cut_off: Path, tmp_path: Path, noise: bytes) -> None:
    run = copied(cut_off, tmp_path)
    path = run / "journal.jsonl"
    data = path.read_bytes()
    path.write_bytes(data[: data.rfind(b"\n") + 1] + noise)
    done = processes.run("--resume", str(run))
    assert done.returncode == 3, done.stderr
    assert "journal-damaged" in done.stderr and "Traceback" not in done.stderr


def test_there_is_nothing_to_resume(tmp_path: Path) -> None:
    done = processes.run("--resume", str(tmp_path))
    assert done.returncode == 2
    assert "resume-nothing" in done.stderr
