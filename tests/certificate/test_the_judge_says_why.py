"""Before a certificate is signed another process judges again: what it says where it cannot."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interop_harness.cli import app, commands, sign
from interop_harness.errors import EvidenceError, ProfileError, SigningError, UsageError
from interop_harness.execution.directory import EVIDENCE, REPORT
from interop_harness.execution.run import run
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.transport.credentials import Credentials


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of very little, whose record is whole."""
    from interop_harness.assurance.selftest import CLOCK, reference_plan
    from interop_harness.plan import Options

    plan = reference_plan(load("open-referral-uk"), options=Options(only=("ORUK-PAGE-02",)))
    inner = InProcessTransport(handler("open-referral-uk", now=CLOCK))
    credentials = Credentials()
    outcome = run(plan, credentials, credentials.redactor(), inner=inner, clock=lambda: CLOCK)
    folder = tmp_path_factory.mktemp("judged") / "run"
    folder.mkdir()
    (folder / EVIDENCE).write_bytes(outcome.evidence_gz)
    (folder / REPORT).write_bytes(outcome.report_bytes)
    return folder


def checked(*words: str) -> tuple[Any, str]:
    if not app.registered_commands:
        commands.register(app)
    result = CliRunner().invoke(app, ["replay", *words, "--check", "--json"])
    return result.exception, result.stdout


def test_a_check_says_what_came_of_it_for_a_program(directory: Path) -> None:
    error, said = checked(str(directory))
    assert error is None or isinstance(error, SystemExit)
    assert json.loads(said) == {
        "code": "",
        "message": "The report is exactly what the evidence gives.",
        "hint": "",
        "exit": 0,
    }


@pytest.mark.parametrize(("folder", "code"), [("", "report-differs"), ("elsewhere", "profile-unknown")])
def test_a_check_that_fails_says_its_code(folder: str, code: str, directory: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / EVIDENCE).write_bytes((directory / EVIDENCE).read_bytes())
    (tmp_path / REPORT).write_bytes(b"{}")
    error, said = checked(str(tmp_path), *(("--profile-folder", str(tmp_path / folder)) if folder else ()))
    assert isinstance(error, EvidenceError | ProfileError), error
    told = json.loads(said)
    assert (told["code"], told["message"], told["exit"]) == (error.code, error.message, error.exit_code)
    assert told["code"] == code


def test_a_profile_that_does_not_load_is_not_one_that_is_not_here(directory: Path, tmp_path: Path) -> None:
    """However its folder is called: the code is what counts, not what else is said."""
    broken = tmp_path / "profile-unknown"
    broken.mkdir()
    (broken / "profile.yaml").write_text("format: another\nid: open-referral-uk\nversion: '3.0'\n")
    with pytest.raises(UsageError) as caught:
        sign.replay_without_key(directory, str(broken))
    assert isinstance(caught.value, SigningError) and caught.value.code == "replay-differs"
    assert "profile-format" in caught.value.hint
    (broken / "profile.yaml").unlink()
    with pytest.raises(UsageError) as caught:
        sign.replay_without_key(directory, str(broken))
    assert isinstance(caught.value, ProfileError) and caught.value.code == "profile-unknown"
    sign.replay_without_key(directory)


@pytest.mark.parametrize("said", [b"", b"profile-unknown", b"[]", b"null", b'{"code": ["profile-unknown"]}', b"\xff"])
def test_a_judge_that_says_nothing_readable(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.CompletedProcess([], 2, said, b"Error: profile-unknown")
    monkeypatch.setattr(sign.subprocess, "run", lambda *given, **more: done)
    with pytest.raises(SigningError) as caught:
        sign.replay_without_key(Path())
    assert caught.value.code == "replay-differs"
