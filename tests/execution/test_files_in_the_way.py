"""What stands where a run writes or reads, and is no file of its own: left as it is, never waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from . import processes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="named pipes, links and devices")
NOBODY = "http://127.0.0.1:9"


def interop(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,  # type: ignore[call-overload]
    )


def refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for text in says:
        assert text in done.stderr
    assert len(done.stderr) < 1500, "a name of thousands of characters is not repeated"


# --- the lock file ------------------------------------------------------------------------------------------------

BESIDE: dict[str, Callable[[Path, Path], object]] = {
    "a symbolic link": lambda lock, victim: lock.symlink_to(victim),
    "a link to nothing": lambda lock, victim: lock.symlink_to(victim.with_name("nothing")),
    "a second name": lambda lock, victim: lock.hardlink_to(victim),
    "a pipe": lambda lock, victim: os.mkfifo(lock),
    "a device": lambda lock, victim: lock.symlink_to("/dev/full"),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_lock_file_that_no_run_made(kind: str, tmp_path: Path) -> None:
    directory, victim = tmp_path / "run", tmp_path / "victim"
    directory.mkdir()
    victim.write_text("precious\n", encoding="utf-8")
    BESIDE[kind](directory / "run.lock", victim)
    refused(processes.run(processes.PROFILE, "--target", NOBODY, "--out", str(directory)), "run.lock", "No run made it")
    assert victim.read_text(encoding="utf-8") == "precious\n"
    assert os.path.lexists(directory / "run.lock"), "it is left as it is"
    assert not (tmp_path / "nothing").exists()
