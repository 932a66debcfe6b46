"""What is said before a run that would come to nothing: the service is busy, or it could not be signed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from interop_harness.implementation import load_target

from .certificates import authority, make, server_context
from .server import KEEP, Asked, answer, serving

HOUR = b"Retry-After: 3600"


def interop(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (b"503 Busy", (), "is overloaded or down."),
        (b"503 Busy", (HOUR,), "is overloaded or down, and asks for 3600 seconds without requests."),
        (b"429 Slow", (HOUR,), "limits how often it is asked, and asks for 3600 seconds without requests: set"),
    ],
)
def test_doctor_does_not_call_a_busy_service_fit_for_a_test(
    status: bytes, headers: tuple[bytes, ...], words: str, tmp_path: Path
) -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"{}", *headers, status=status))
        return KEEP

    with serving(behave) as server:
        (tmp_path / "t.yaml").write_text(f"base_url: {server.url}\nlimits: {{max_attempts: 1}}\n")
        done = interop(tmp_path, "doctor", "t.yaml")
        found = json.loads(interop(tmp_path, "doctor", "t.yaml", "--json").stdout)
    assert done.returncode == 4, done.stdout
    told = " ".join(done.stdout.split())
    assert words in told and "cannot be tested yet: http." in told
    assert "A gateway answers in place of the service" not in told
    assert found["testable"] is False


def test_one_that_is_busy_for_a_moment_can_be_tested(tmp_path: Path) -> None:
    def behave(asked: Asked) -> object:
        busy = asked.number == 1
        asked.say(answer(b"{}", b"Retry-After: 0", status=b"503 Busy") if busy else answer())
        return KEEP

    with serving(behave) as server:
        assert interop(tmp_path, "doctor", server.url).returncode == 0


@pytest.mark.parametrize(
    ("url", "environment", "said"),
    [
        ("https://localhost:1", "test", True),
        ("https://127.0.0.1:1", "production", True),
        ("https://localhost:1", "development", False),
        ("http://localhost:1", "development", False),
        ("https://directory.example", "test", False),
    ],
)
def test_what_cannot_be_signed(url: str, environment: str, said: bool, tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(f"base_url: {url}\nenvironment: {environment}\nauthorised_by: me\n")
    assert bool(load_target(str(tmp_path / "t.yaml")).unsignable) is said


def test_that_it_cannot_be_signed_is_said_before_the_run(tmp_path: Path) -> None:
    authority().write(tmp_path, "authority")
    context = server_context(make("good", authority()), tmp_path)
    told = "the target file calls it test: no certificate says that, so the run cannot be signed."
    with serving(lambda asked: asked.say(answer()), tls=context) as server:
        for environment in ("test", "development"):
            (tmp_path / "t.yaml").write_text(
                f"base_url: {server.url}\nenvironment: {environment}\nca_file: authority.pem\n"
            )
            looked = interop(tmp_path, "doctor", "t.yaml")
            words = ("--target", "t.yaml", "--out", environment, "-q", "--max-requests", "1")
            run = interop(tmp_path, "run", "open-referral-uk", *words)
            for done, said in ((looked, looked.stdout), (run, run.stderr)):
                assert (told in " ".join(said.split())) is (environment == "test"), (done.stdout, done.stderr)
