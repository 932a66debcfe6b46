"""The pytest gate runs the same suite: it looks where a run looks, and asks no faster than the target file allows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from interop_harness.evidence import Secret
from interop_harness.execution.gate import Gate
from tests.hostile.runs import reference
from tests.hostile.server import KEEP, Asked, answer, bare, serving

from . import processes


class Slow:
    """Answers everything but its root, and knows how many requests were under way at once."""

    def __init__(self, root: Callable[[Asked], object]) -> None:
        self.root, self.lock = root, threading.Lock()
        self.now = self.peak = self.count = 0

    def __call__(self, asked: Asked) -> object:
        if asked.target == "/":
            return self.root(asked)
        with self.lock:
            self.now += 1
            self.count += 1
            self.peak = max(self.peak, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        asked.say(answer(b"[]"))
        return KEEP


def target(folder: Path, url: str, limits: str) -> str:
    path = folder / "target.yaml"
    path.write_text(f"base_url: {url}\nlimits: {{{limits}}}\n")
    return str(path)


def test_a_service_that_drops_requests_for_its_root_is_tested(tmp_path: Path) -> None:
    service = Slow(Asked.reset)
    with serving(service) as server, Gate(processes.PROFILE, target(tmp_path, server.url, "workers: 4")) as gate:
        processes.wait_until(lambda: service.count > 5, 10)
    assert {probe.name: probe.ok for probe in gate._probes}["http"] is True


@pytest.mark.parametrize(
    ("stated", "said", "most"),
    [("workers: 1", None, 1), ("timeout: 5", None, 4), ("workers: 1", 3, 3)],
    ids=["the target file says", "nobody says", "the command line says"],
)
def test_no_more_requests_at_once_than_for_a_run(stated: str, said: int | None, most: int, tmp_path: Path) -> None:
    service = Slow(lambda asked: asked.say(answer()))
    with (
        serving(service) as server,
        Gate(processes.PROFILE, target(tmp_path, server.url, stated), workers=said) as gate,
    ):
        processes.wait_until(lambda: service.count > 30, 20)
    assert service.peak <= most
    assert gate._workers == most


def test_the_option_leaves_it_to_the_target_file() -> None:
    from interop_harness.plugin import pytest_addoption

    parser = pytest.Parser(_ispytest=True)
    pytest_addoption(parser)
    assert parser.parse([]).interop_workers is None


# --- a token too short to be looked for ---------------------------------------------------------------------------

LONG, SHORT_ONE = "issued-first-0123456789/+", "t0k"


class Issuing:
    """The reference supplier, closed to strangers: it stops taking its first token after so many answers."""

    def __init__(self, *tokens: str, after: int = 10) -> None:
        self.say, self.tokens, self.after = reference(), tokens, after
        self.issued: list[str] = []
        self.used: list[str] = []

    def __call__(self, asked: Asked) -> object:
        if asked.target.endswith("/token"):
            self.issued.append(self.tokens[min(len(self.issued), len(self.tokens) - 1)])
            asked.say(answer(json.dumps({"access_token": self.issued[-1], "token_type": "Bearer"}).encode()))
            return KEEP
        given = (asked.header("authorization") or "").removeprefix("Bearer ")
        self.used.append(given)
        if given == LONG and self.used.count(LONG) > self.after:
            asked.say(bare(b"HTTP/1.1 401 Unauthorized", b"Content-Length: 0"))
            return KEEP
        head, _, body = self.say(asked).partition(b"\r\n\r\n")
        asked.say(head + f"\r\nContent-Type: [{given}]\r\n\r\n".encode() + body)
        return KEEP


def session(folder: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The gate in a pytest session of its own, far from this project's settings."""
    stated = folder / "target.yaml"
    stated.write_text(
        f"base_url: {url}\nauth:\n  kind: oauth2-client-credentials\n  token_url: {url}/token\n"
        "  client_id: me\n  client_secret_env: INTEROP_SECRET\n"
    )
    command = [sys.executable, "-m", "pytest", "--pyargs", "interop_harness.conformance", "-p", "no:cacheprovider"]
    command += ["--interop-profile", processes.PROFILE, "--interop-target", str(stated), *words]
    environ = {**os.environ, "INTEROP_SECRET": "client-secret-0123456789"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environ, timeout=120)


def test_a_token_that_is_too_short_ends_the_session(tmp_path: Path) -> None:
    """As it ends a run: what was answered to it is neither judged nor written, since it could be shown."""
    service, run = Issuing(LONG, SHORT_ONE), tmp_path / "run"
    with serving(service) as server:
        done = session(tmp_path, server.url, "--interop-out", str(run), "-q")
    assert service.issued[:2] == [LONG, SHORT_ONE]
    assert done.returncode == 4, done.stdout[-2000:]
    said = " ".join((done.stdout + done.stderr).split())
    assert "fewer than eight characters" in said and "token-short" in said
    assert said.count("token-short") == 1 and "INTERNALERROR" not in said
    assert "[t0k]" not in said
    assert list(run.iterdir()) == []
    assert service.used.count(SHORT_ONE) <= 8, "nothing more is asked with it than was under way"


def test_a_token_that_is_too_short_before_anything_is_asked(tmp_path: Path) -> None:
    """The preflight names it, as in a run; every MUST fails for it, and the record can be kept: nothing was asked."""
    service, run = Issuing(SHORT_ONE), tmp_path / "run"
    with serving(service) as server:
        done = session(tmp_path, server.url, "--interop-out", str(run), "-q", "-x")
    assert done.returncode == 1 and "fewer than eight characters" in " ".join(done.stdout.split())
    assert not service.used
    assert sorted(path.name for path in run.iterdir()) == ["evidence.jsonl.gz", "report.json"]


def test_a_token_that_is_too_short_for_what_was_judged_last(tmp_path: Path) -> None:
    """It came with nothing left to judge: there is no case to say it, and still nothing is written."""
    with (
        serving(Issuing("")) as server,
        pytest.raises(pytest.exit.Exception, match="token-short") as caught,
        Gate(processes.PROFILE, server.url, out=tmp_path / "run") as gate,
    ):
        gate._secrets.redactor.add(Secret(SHORT_ONE, "access_token"))
    assert caught.value.returncode == 4
    assert list((tmp_path / "run").iterdir()) == []


def test_a_directory_that_vanished_is_said_in_a_sentence(tmp_path: Path) -> None:
    """And not as a bug of the harness, which pytest takes every other exception at its end for."""
    run = tmp_path / "run"
    with (
        serving(Slow(lambda asked: asked.say(answer()))) as server,
        pytest.raises(pytest.exit.Exception, match="file-unwritable") as caught,
        Gate(processes.PROFILE, server.url, out=run),
    ):
        shutil.rmtree(run)
    assert caught.value.returncode == 2
