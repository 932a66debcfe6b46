"""Streams that cannot be written and Ctrl-C at the wrong moment: no traceback, and never the code of a finding."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.execution import processes

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
FILES = {"report.json", "report.html", "evidence.jsonl.gz", "junit.xml", "summary.md"}
NOBODY = ("--target", "http://127.0.0.1:9")


def shell(words: list[str], redirected: str, **more: str) -> subprocess.CompletedProcess[str]:
    line = f"{shlex.join([sys.executable, '-m', 'interop_harness', *words])} {redirected}"
    return subprocess.run(
        ["/bin/bash", "-c", line],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **more},
    )


@pytest.mark.parametrize("redirected", [">/dev/full", ">&-", ">/dev/full 2>&-", ">&- 2>/dev/full"])
def test_a_run_whose_summary_cannot_be_printed_writes_its_files(redirected: str, tmp_path: Path) -> None:
    done = shell(["run", "open-referral-uk", *NOBODY, "--out", str(tmp_path / "run")], redirected)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "2>" in redirected or "Standard output cannot be written" in done.stderr
    assert {file.name for file in (tmp_path / "run").iterdir()} == FILES


@pytest.mark.parametrize(
    "command", [["doctor", NOBODY[1]], ["--version"], ["profiles", "list"], ["--help"], ["verify"]]
)
@pytest.mark.parametrize("redirected", [">/dev/full", ">&-"])
def test_no_other_command_ends_as_if_it_had_found_something(command: list[str], redirected: str) -> None:
    done = shell(command, redirected)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-"])
def test_progress_that_cannot_be_written_stops_no_run(redirected: str, tmp_path: Path) -> None:
    with processes.supplier() as (url, _):
        done = shell(["run", "open-referral-uk", "--target", url, "--out", str(tmp_path / "run")], redirected)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("CONFORMANT")
    assert {file.name for file in (tmp_path / "run").iterdir()} == FILES


def test_a_reader_that_goes_away_changes_no_exit_code() -> None:
    done = shell(["doctor", NOBODY[1]], "| head -c 1; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stdout, done.stderr) == (4, "h", "")


def interrupting(module: str, folder: Path) -> None:
    """Whoever has the folder in PYTHONPATH gets Ctrl-C as it begins to load the module."""
    hook = f"""
import os, signal, sys

class Hook:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Hook())
"""
    (folder / "sitecustomize.py").write_text(hook, encoding="utf-8")


@pytest.mark.parametrize(
    "module", ["typer", "interop_harness.cli.commands", "interop_harness.cli.run", "interop_harness.plan"]
)
def test_ctrl_c_while_modules_are_loaded(module: str, tmp_path: Path) -> None:
    interrupting(module, tmp_path)
    done = shell(["run", "open-referral-uk", *NOBODY, "--out", str(tmp_path / "run")], "", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, "\nInterrupted.\n")
    assert not (tmp_path / "run").exists()


def test_a_fault_of_the_harness_is_told_as_one(tmp_path: Path) -> None:
    hook = """
import sys

class Hook:
    def find_spec(self, name, path=None, target=None):
        if name == "interop_harness.preflight":
            raise ZeroDivisionError("made up")

sys.meta_path.insert(0, Hook())
"""
    (tmp_path / "sitecustomize.py").write_text(hook, encoding="utf-8")
    done = shell(["doctor", NOBODY[1]], "", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert "made up" in done.stderr and "a fault of the test harness" in done.stderr


def test_ctrl_c_while_the_files_are_rendered_says_how_to_go_on(tmp_path: Path) -> None:
    interrupting("interop_harness.rendering.html", tmp_path)
    directory = tmp_path / "run"
    with processes.supplier() as (url, counted):
        words = ["run", "open-referral-uk", "--target", url, "--out", str(directory), "-q"]
        done = shell(words, "", PYTHONPATH=str(tmp_path))
        assert done.returncode == 130
        assert "Interrupted before all files were written" in done.stderr
        assert f"interop run --resume {directory}" in done.stderr
        assert [file.name for file in directory.iterdir()] == ["journal.jsonl"]
        asked = len(counted.requests)
        done = shell(["run", "--resume", str(directory), "-q"], "")
        assert done.returncode == 0, done.stderr
        assert len(counted.requests) - asked < 10, "only the preflight looks again"
    assert {file.name for file in directory.iterdir()} == FILES


@pytest.mark.parametrize("place", ["nonexistent/x", "/dev/full", "pipe", "a" * 5000, "."])
def test_a_step_summary_that_cannot_be_written_is_a_warning(place: str, tmp_path: Path) -> None:
    if place == "pipe":
        os.mkfifo(tmp_path / place)
    place = str(tmp_path / place)
    with processes.supplier() as (url, _):
        words = ["run", "open-referral-uk", "--target", url, "--out", str(tmp_path / "run"), "-q"]
        done = shell(words, "", GITHUB_STEP_SUMMARY=place)
    assert done.returncode == 0, done.stderr
    assert "Warning: the summary was not appended to GITHUB_STEP_SUMMARY" in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr) < 2000
    assert {file.name for file in (tmp_path / "run").iterdir()} == FILES
