"""Where a journal cannot be written, and who may write it."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from interop_harness.errors import InternalError, UsageError
from interop_harness.evidence import Exchange, Redactor, Request, Response, Secret
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.execution.lock import LOCK, DirectoryLock

from . import processes

FEW = ("--only", "ORUK-PAGE", "--only", "ORUK-REF")


def exchange(number: int, body: bytes = b"{}") -> Exchange:
    return Exchange(Request("GET", f"/{number}"), Response(200, (), body), sent_at="now")


# --- two runs -----------------------------------------------------------------------------------------------------


def test_two_runs_into_one_directory(tmp_path: Path) -> None:
    with processes.supplier(delay_ms=300) as (url, counted):
        words = ("--out", str(tmp_path / "run"), "-q")
        first = processes.start(processes.PROFILE, "--target", url, *words, "--workers", "1")
        counted.wait_for(8)  # the first few belong to the preflight, which comes before the journal
        second = processes.run(processes.PROFILE, "--target", url, *words)
        third = processes.run("--resume", str(tmp_path / "run"), "-q")
        processes.kill(first, signal.SIGINT)
    for refused in (second, third):
        assert refused.returncode == 2
        assert "directory-in-use" in refused.stderr
        assert f"process {first.pid}" in refused.stderr
    assert first.returncode == 130
    assert not (tmp_path / "run" / LOCK).exists()


def test_a_lock_whose_owner_is_dead_is_taken_over(tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], stdout=subprocess.PIPE, text=True, check=True
    )
    (tmp_path / LOCK).write_text(dead.stdout)
    with DirectoryLock(tmp_path):
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"
    assert not (tmp_path / LOCK).exists()


@pytest.mark.parametrize("text", ["", "1\n", "no number", "9" * 100, "own"])
def test_what_a_lock_file_says_does_not_hold_anybody_up(tmp_path: Path, text: str) -> None:
    """Another process may have the number by now: only the system's lock counts."""
    text = f"{os.getpid()}\n" if text == "own" else text  # not in the name: test processes have to agree on it
    (tmp_path / LOCK).write_text(text)
    with DirectoryLock(tmp_path), pytest.raises(UsageError, match="Another run"), DirectoryLock(tmp_path):
        pass


def test_the_lock_of_a_process_that_was_killed_is_gone(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from interop_harness.execution.lock import DirectoryLock\n"
        "with DirectoryLock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    with pytest.raises(UsageError) as caught, DirectoryLock(tmp_path):
        pass
    assert caught.value.code == "directory-in-use" and str(process.pid) in caught.value.message
    processes.kill(process)
    assert (tmp_path / LOCK).exists()
    with DirectoryLock(tmp_path):
        pass


# --- no room, no right, no directory ------------------------------------------------------------------------------


def limited() -> None:
    """A file may grow to 200 KiB: what a full disk looks like to a process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 * 1024, 200 * 1024))


def test_a_full_disk_while_exchanges_are_recorded(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with processes.supplier() as (url, _):
        done = processes.run(
            processes.PROFILE, "--target", url, "--out", str(run), "-q", preexec_fn=limited, env=bytecode_elsewhere()
        )
        assert done.returncode == 2, done.stderr
        assert "journal-unwritable" in done.stderr and "--resume" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (run / "report.json").exists()
        kept = len(processes.journalled(run))
        assert kept
        again = processes.run("--resume", str(run), "-q")
        assert again.returncode == 0, again.stderr
        assert processes.report(run)["run"]["resumed"] == kept


def bytecode_elsewhere() -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_full_disk_at_the_end(tmp_path: Path) -> None:
    """The last files do not fit; the journal does, and the run can be ended later without asking anything again."""
    run = tmp_path / "run"
    with processes.supplier() as (url, counted):
        done = processes.run(
            *(processes.PROFILE, "--target", url, "--out", str(run), "-q", "--only", "ORUK-getApiDetails"),
            preexec_fn=limited_small,
            env=bytecode_elsewhere(),
        )
        assert done.returncode == 2, done.stderr
        assert "cannot be written" in done.stderr and "Traceback" not in done.stderr
        asked = len(counted.requests)
        again = processes.run("--resume", str(run), "-q")
        assert again.returncode == 4, again.stderr
        assert len(counted.requests) - asked <= max(1, asked)
        assert processes.report(run)["run"]["complete"] is True


def limited_small() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60 * 1024, 60 * 1024))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"), reason="needs root")
def test_a_tiny_disk(tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(tiny)], capture_output=True, check=False
    ).returncode:
        pytest.skip("cannot mount here")
    try:
        with processes.supplier() as (url, _):
            done = processes.run(processes.PROFILE, "--target", url, "--out", str(tiny / "run"), "-q", *FEW)
        assert done.returncode == 2, done.stderr
        assert "No space left on device" in done.stderr
    finally:
        subprocess.run(["umount", str(tiny)], check=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"), reason="needs root")
def test_a_read_only_disk(tmp_path: Path) -> None:
    fixed = tmp_path / "fixed"
    fixed.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(fixed)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount here")
    try:
        done = processes.run(processes.PROFILE, "--target", "http://127.0.0.1:9", "--out", str(fixed / "run"), "-q")
        assert done.returncode == 2
        assert "directory-unwritable" in done.stderr and "Read-only" in done.stderr
    finally:
        subprocess.run(["umount", str(fixed)], check=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o555)
    done = processes.run(processes.PROFILE, "--target", "http://127.0.0.1:9", "--out", str(tmp_path / "run"), "-q")
    assert done.returncode == 2
    assert "directory-unwritable" in done.stderr


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way")
    done = processes.run(processes.PROFILE, "--target", "http://127.0.0.1:9", "--out", str(tmp_path / "run"), "-q")
    assert done.returncode == 2
    assert "directory-unwritable" in done.stderr


def test_a_directory_that_vanishes(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with processes.supplier(delay_ms=30) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "-q", "--workers", "1")
        counted.wait_for(5)
        shutil.rmtree(run)
        _, told = process.communicate(timeout=60)
        asked = len(counted.requests)
    assert process.returncode == 2, told
    assert "journal-unwritable" in told and "No such file" in told and "Traceback" not in told
    assert asked < 190, "the run stopped when it noticed, not at its end"


def test_trouble_is_kept_and_not_raised(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Redactor([Secret("correct-horse-battery", "token")]))
    assert journal.exchange(exchange(1))
    assert not journal.exchange(exchange(2, b'{"echo":"correct-horse-battery"}'))
    assert isinstance(journal.trouble, InternalError) and journal.trouble.code == "secret-leak"
    assert not journal.exchange(exchange(3)), "nothing is written after trouble"
    journal.close()
    assert (tmp_path / JOURNAL).read_bytes().count(b"\n") == 1
    assert b"horse" not in (tmp_path / JOURNAL).read_bytes()


def test_a_journal_is_never_written_over(tmp_path: Path) -> None:
    Journal(tmp_path, Redactor()).close()
    with pytest.raises(UsageError):
        Journal(tmp_path, Redactor())
