"""--max-requests over several resumes: every request counts, also those that no exchange tells of."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from interop_harness.errors import EvidenceError
from interop_harness.execution.journal import JOURNAL
from interop_harness.execution.resume import read_journal
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.sandbox.server import serving

from . import processes

LIMIT = 60
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@POSIX
def test_preflight_and_tokens_of_every_resume_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner, counted = handler(processes.PROFILE), processes.Counted()

    def answer(request: SandboxRequest) -> SandboxResponse:
        number = counted.add(request)
        if request.path == "/token":
            token = {"access_token": f"tok-{number:04d}-abcdefghijkl", "token_type": "Bearer", "expires_in": 1}
            return SandboxResponse(200, (("Content-Type", "application/json"),), json.dumps(token).encode())
        return inner(request)

    monkeypatch.setenv("INTEROP_CS", "secret-of-nobody-0001")
    run = tmp_path / "run"
    with serving(answer, delay_ms=40) as url:
        (tmp_path / "target.yaml").write_text(
            f"base_url: {url}\nauth: {{kind: oauth2-client-credentials, token_url: '{url}/token', client_id: h, "
            "client_secret_env: INTEROP_CS}\n"
        )
        more = ("--target", str(tmp_path / "target.yaml"), "--workers", "1", "--quiet")
        process = processes.start(
            processes.PROFILE, *more, "--out", str(run), "--max-requests", str(LIMIT), "--seed", "5" * 64
        )
        for _ in range(3):
            counted.wait_for(len(counted.requests) + 12)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            assert process.returncode == 130
            assert read_journal(run).spent >= 2
            process = processes.start("--resume", str(run), *more)
        _, told = process.communicate(timeout=60)
    assert process.returncode in (1, 4), told
    # What Ctrl-C cut off is not in the journal: one request at most each time.
    assert LIMIT <= len(counted.requests) <= LIMIT + 3


@pytest.mark.parametrize("said", [{}, {"requests": 0}, {"requests": "1"}, {"requests": True}, {"requests": -5}])
def test_a_damaged_count_is_refused(said: dict, tmp_path: Path) -> None:
    header = {"type": "header", "format": "interop-journal/1", "run": {"started": "2026-01-01T00:00:00Z"}}
    lines = [header, {"type": "spent", "requests": 2}, {"type": "spent", "requests": 1}]
    (tmp_path / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_journal(tmp_path).spent == 3
    with (tmp_path / JOURNAL).open("a") as journal:
        journal.write(json.dumps({"type": "spent", **said}) + "\n")
    with pytest.raises(EvidenceError):
        read_journal(tmp_path)
