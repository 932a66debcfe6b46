"""A token that the service said before it was issued ends a pytest session: nothing judged after it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop_harness.evidence import Secret
from interop_harness.execution.gate import Gate
from tests.hostile.runs import reference
from tests.hostile.server import KEEP, Asked, answer, bare, serving

from . import processes
from .test_gate import session

FIRST, SECOND = "issued-first-0123456789/+", "issued-second-9876543210/+"


class Saying:
    """Issues a second token after so many answers, and has said it in a header of those before."""

    def __init__(self, after: int, *, says: bool = True) -> None:
        self.say, self.after, self.says = reference(), after, says
        self.used: list[str] = []
        self.issued = 0

    def __call__(self, asked: Asked) -> object:
        if asked.target.endswith("/token"):
            self.issued += 1
            token = FIRST if self.issued == 1 else SECOND
            asked.say(answer(json.dumps({"access_token": token, "token_type": "Bearer"}).encode()))
            return KEEP
        given = (asked.header("authorization") or "").removeprefix("Bearer ")
        self.used.append(given)
        if given == FIRST and self.used.count(FIRST) > self.after:
            asked.say(bare(b"HTTP/1.1 401 Unauthorized", b"Content-Length: 0"))
            return KEEP
        head, _, body = self.say(asked).partition(b"\r\n\r\n")
        more = f"\r\nContent-Type: text/{SECOND}" if self.says else ""
        asked.say(head + f"{more}\r\n\r\n".encode() + body)
        return KEEP


def test_a_token_that_was_said_before_it_was_issued_ends_the_session(tmp_path: Path) -> None:
    service, run = Saying(10), tmp_path / "run"
    with serving(service) as server:
        done = session(tmp_path, server.url, "--interop-out", str(run), "-q")
    assert service.issued >= 2
    assert done.returncode == 4, done.stdout[-2000:]
    said = " ".join((done.stdout + done.stderr).split())
    assert said.count("secret-late") == 1 and "access_token" in said and "INTERNALERROR" not in said
    assert "bug" not in said
    assert list(run.iterdir()) == []


def test_a_second_token_that_nobody_said_ends_nothing(tmp_path: Path) -> None:
    service, run = Saying(10, says=False), tmp_path / "run"
    with serving(service) as server:
        done = session(tmp_path, server.url, "--interop-out", str(run), "-q")
    assert service.issued >= 2
    assert done.returncode in (0, 1), done.stdout[-2000:]
    assert sorted(path.name for path in run.iterdir()) == ["evidence.jsonl.gz", "report.json"]


def test_one_that_comes_after_the_last_case(tmp_path: Path) -> None:
    """There is no case to say it, and still nothing is written."""
    service = Saying(10_000)
    with (
        serving(service) as server,
        pytest.raises(pytest.exit.Exception, match="secret-late") as caught,
        Gate(processes.PROFILE, server.url, out=tmp_path / "run") as gate,
    ):
        processes.wait_until(lambda: len(gate._transport.exchanges) > 5)
        gate._secrets.redactor.add(Secret(SECOND, "access_token"))
    assert caught.value.returncode == 4
    assert list((tmp_path / "run").iterdir()) == []


def test_one_that_is_a_common_word_is_said_to_be(tmp_path: Path) -> None:
    with (
        serving(Saying(10_000)) as server,
        pytest.raises(pytest.exit.Exception, match="credential-common") as caught,
        Gate(processes.PROFILE, server.url, out=tmp_path / "run") as gate,
    ):
        processes.wait_until(lambda: len(gate._transport.exchanges) > 5)
        gate._secrets.redactor.add(Secret("services", "access_token"))
    assert caught.value.returncode == 2
