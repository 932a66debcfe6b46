"""What is advised when there is no room: a way that works."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
from pathlib import Path

from . import processes

FEW = ("--only", "ORUK-getApiDetails")


def room(kibibytes: int):  # type: ignore[no-untyped-def]
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kibibytes * 1024, kibibytes * 1024))

    return limited


ENVIRON = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def test_before_the_first_line_is_written_the_directory_is_to_be_removed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with processes.supplier() as (url, counted):
        words = (processes.PROFILE, "--target", url, "--out", str(run), "-q", *FEW)
        done = processes.run(*words, preexec_fn=room(2), env=ENVIRON)
        assert done.returncode == 2 and "journal-unwritable" in done.stderr, done.stderr
        assert not counted.requests
        assert "--resume" not in done.stderr, "no run that began is there to go on with"
        assert re.search(rf"Remove\s+{re.escape(str(run))},", done.stderr), done.stderr
        shutil.rmtree(run)
        assert processes.run(*words).returncode == 4


def test_when_the_last_files_do_not_fit_resuming_is_advised_and_works(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with processes.supplier() as (url, _):
        words = (processes.PROFILE, "--target", url, "--out", str(run), "-q", *FEW)
        done = processes.run(*words, preexec_fn=room(60), env=ENVIRON)
        assert done.returncode == 2 and "file-unwritable" in done.stderr, done.stderr
        advised = re.search(r"interop\s+run\s+--resume\s+(\S+)", done.stderr)
        assert advised is not None and advised[1] == str(run), done.stderr
        again = processes.run("--resume", str(run), "-q")
    assert again.returncode == 4, again.stderr
    assert processes.report(run)["run"]["complete"] is True
