"""A credential that the service said before it was issued to us is in no file, however the run ends."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from interop_harness.errors import HarnessError
from interop_harness.evidence import Exchange, Probe, Redactor, Request, Response, Secret
from interop_harness.execution import sweeping
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.execution.resume import read_journal
from tests.hostile.runs import reference
from tests.hostile.server import KEEP, Asked, answer, bare, serving

from . import processes
from .test_canaries_in_any_writing import assert_nowhere

FIRST, SECOND = "issued-first-0123456789/+", "issued-second-9876543210/+"
WORDS = ("--only", "ORUK-PAGE", "--only", "ORUK-listServices", "--workers", "2", "-q")
ENVIRON = {"INTEROP_SECRET": "client-secret-0123456789"}


class Service:
    """Issues a second token after so many answers, and has said it in each answer before."""

    def __init__(self, after: int, *, hang: bool = False) -> None:
        self._say, self._after, self._hang = reference(), after, hang
        self._lock = threading.Lock()
        self.answers = 0
        self.issued = 0
        self.second = threading.Event()

    def __call__(self, asked: Asked) -> object:
        if asked.target.endswith("/token"):
            self.issued += 1
            token = FIRST if self.issued == 1 else SECOND
            asked.say(answer(json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 900}).encode()))
            if token == SECOND:
                self.second.set()
            return KEEP
        with self._lock:
            self.answers += 1
            late = self.answers > self._after
        if late and asked.header("authorization") == f"Bearer {FIRST}":
            asked.say(bare(b"HTTP/1.1 401 Unauthorized", b"Content-Length: 0"))
            return KEEP
        if self.second.is_set() and self._hang:
            asked.hang()
            return None
        head, _, body = self._say(asked).partition(b"\r\n\r\n")
        asked.say(head + f"\r\nX-Next: {SECOND}\r\n\r\n".encode() + body)
        return KEEP


def target(folder: Path, url: str) -> str:
    path = folder / "target.yaml"
    path.write_text(
        f"base_url: {url}\nauth:\n  kind: oauth2-client-credentials\n  token_url: {url}/token\n"
        "  client_id: me\n  client_secret_env: INTEROP_SECRET\n"
    )
    return str(path)


def files(run: Path) -> dict[str, bytes]:
    """Every file, whatever its name begins with, unpacked."""
    return {
        path.name: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in run.iterdir()
    }


def test_a_token_that_was_said_before_it_was_issued(tmp_path: Path) -> None:
    run, service = tmp_path / "run", Service(10)
    with serving(service) as server:
        words = ("--target", target(tmp_path, server.url))
        done = processes.run(processes.PROFILE, *words, "--out", str(run), *WORDS, env={**os.environ, **ENVIRON})
        assert done.returncode == 4, done.stderr
        said = " ".join(done.stderr.split())
        assert "secret-late" in said and "--resume" in said and "access_token" in said and "bug" not in said
        assert SECOND not in done.stderr
        left = files(run)
        assert len(processes.journalled(run)) >= 8 and b'"[redacted]"' in left[JOURNAL]
        assert_nowhere(left, SECOND)
        kept, answers = len(processes.journalled(run)), service.answers
        service.second.clear()
        again = processes.run("--resume", str(run), *words, "-q", env={**os.environ, **ENVIRON})
        assert again.returncode in (0, 1, 4), again.stderr
        assert processes.report(run)["run"]["complete"] is True, again.stderr
        assert processes.report(run)["run"]["resumed"] == kept
        assert service.answers > answers
    left = files(run)
    assert JOURNAL not in left and {"report.json", "report.html", "evidence.jsonl.gz"} <= set(left)
    assert_nowhere(left, SECOND)
    assert_nowhere(left, FIRST)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("end", ["SIGKILL", "SIGINT"])
def test_a_run_that_is_ended_after_it_learnt(end: str, tmp_path: Path) -> None:
    import signal
    import time

    run, service = tmp_path / "run", Service(10, hang=True)
    with serving(service) as server:
        words = ("--target", target(tmp_path, server.url), "--out", str(run), *WORDS)
        process = processes.start(processes.PROFILE, *words, env={**os.environ, **ENVIRON})
        assert service.second.wait(30)
        time.sleep(1)
        processes.kill(process, getattr(signal, end))
    left = files(run)
    assert len(processes.journalled(run)) >= 8
    assert_nowhere(left, SECOND)


# --- the parts ------------------------------------------------------------------------------------------------------

BODY = json.dumps({"next": SECOND, "other": 'a "quoted" text'}).encode()


def journal_with(folder: Path, redactor: Redactor) -> Journal:
    journal = Journal(folder, redactor)
    (folder / JOURNAL).write_bytes(
        b'{"type":"header","format":"interop-journal/1","run":{"started":"2026-01-01T00:00:00Z"}}\n'
    )
    assert journal.probes([Probe("http", True, f"It says {SECOND}."), Probe("dns", True, "fine")])
    assert journal.exchange(Exchange(Request("GET", "/1"), Response(200, (), b"{}"), sent_at="now"))
    said = Response(200, (("X-Next", SECOND),), BODY, reason=SECOND, redirects=((302, f"/?{SECOND}"),))
    assert journal.exchange(Exchange(Request("GET", f"/2?after={SECOND}"), said, sent_at="now"))
    assert journal.exchange(Exchange(Request("GET", "/3"), Response(200, (), b"\xff" + BODY), sent_at="now"))
    return journal


def test_what_was_written_becomes_what_it_had_been(tmp_path: Path) -> None:
    redactor = Redactor()
    journal = journal_with(tmp_path, redactor)
    for name in sweeping.MADE_AT_THE_END[2:]:
        (tmp_path / name).write_text(f"of an interruption: {SECOND}" if name == "report.html" else "fine")
    (tmp_path / "evidence.jsonl.gz").write_bytes(gzip.compress(BODY))
    redactor.add(Secret(SECOND, "access_token"))
    assert_nowhere(files(tmp_path), SECOND)
    assert journal.trouble is not None and journal.trouble.code == "secret-late"
    assert "access_token" in journal.trouble.message
    journal.close()
    assert {path.name for path in tmp_path.iterdir()} == {JOURNAL, "junit.xml", "summary.md"}
    told = read_journal(tmp_path)
    assert [probe.summary for probe in told.probes] == ["It says [redacted].", "fine"]
    assert sorted(exchange.request.target for exchange in told.exchanges.values()) == [
        "/1",
        "/2?after=[redacted]",
        "/3",
    ]
    second = next(exchange for exchange in told.exchanges.values() if exchange.request.target.startswith("/2"))
    assert second.response is not None and second.response.body == redactor.data(BODY)
    assert json.loads(second.response.body)["other"] == 'a "quoted" text'
    assert second.response.redirects == ((302, "/?[redacted]"),) and second.response.reason == "[redacted]"


def test_a_token_issued_again_is_no_news(tmp_path: Path) -> None:
    redactor = Redactor([Secret(SECOND, "access_token")])
    journal, seen = Journal(tmp_path, redactor), []
    redactor.learnt = seen.append
    redactor.add(Secret(SECOND, "access_token"))
    assert not seen
    redactor.add(Secret(FIRST, "access_token"))
    assert [secret.value for secret in seen] == [FIRST]
    journal.close()


def no_room(path: Path, pieces: object) -> None:
    raise OSError(28, "No space left on device")


def nothing_goes(path: object, *words: object, **more: object) -> None:
    raise OSError(30, "Read-only file system")


def test_where_there_is_no_room_the_rest_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor()
    journal = journal_with(tmp_path, redactor)
    monkeypatch.setattr(sweeping, "replace_file", no_room)
    redactor.add(Secret("/1", "too short to be known"))
    assert journal.trouble is None
    redactor.add(Secret(SECOND, "access_token"))
    journal.close()
    assert_nowhere(files(tmp_path), SECOND)
    assert not read_journal(tmp_path).probes


def test_a_directory_that_cannot_be_freed_is_said_to_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = Redactor()
    journal = journal_with(tmp_path, redactor)
    monkeypatch.setattr(sweeping, "replace_file", no_room)
    monkeypatch.setattr(sweeping.os, "truncate", nothing_goes)
    monkeypatch.setattr(Path, "unlink", nothing_goes)
    redactor.add(Secret(SECOND, "access_token"))
    trouble: HarnessError | None = journal.trouble
    assert trouble is not None and trouble.code == "secret-stays" and "Remove the directory" in trouble.hint


def test_many_new_secrets_are_looked_for_together_and_none_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    whole: Callable[[Path, Redactor], sweeping.Swept] = sweeping.sweep
    monkeypatch.setattr(
        "interop_harness.execution.journal.sweep",
        lambda path, redactor: (looked.append(path), whole(path, redactor))[1],
    )
    redactor = Redactor()
    journal = journal_with(tmp_path, redactor)
    journal.path.write_bytes(journal.path.read_bytes() + b" " * 20_000_000 + b"\n")
    for number in range(30):
        redactor.add(Secret(f"another-token-{number:04}", "access_token"))
    redactor.add(Secret(SECOND, "access_token"))
    assert len(looked) < 10
    assert not journal.settle()
    journal.close()
    assert_nowhere(files(tmp_path), SECOND)


# --- a token too short to be looked for ---------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [["t0k"], [FIRST, "t0k"]], ids=["the first", "the second"])
def test_a_token_that_is_too_short_ends_the_run(tokens: list[str], tmp_path: Path) -> None:
    """It could stand in any answer, and nobody would find it: no answer that it was sent for is kept."""
    run, say, issued, used = tmp_path / "run", reference(), [], []

    def behave(asked: Asked) -> object:
        if asked.target.endswith("/token"):
            issued.append(tokens[min(len(issued), len(tokens) - 1)])
            asked.say(answer(json.dumps({"access_token": issued[-1], "token_type": "Bearer"}).encode()))
            return KEEP
        given = (asked.header("authorization") or "").removeprefix("Bearer ")
        used.append(given)
        if given == FIRST and used.count(FIRST) > 10:
            asked.say(bare(b"HTTP/1.1 401 Unauthorized", b"Content-Length: 0"))
            return KEEP
        head, _, body = say(asked).partition(b"\r\n\r\n")
        asked.say(head + f"\r\nX-Sent: [{given}]\r\n\r\n".encode() + body)
        return KEEP

    with serving(behave) as server:
        words = (processes.PROFILE, "--target", target(tmp_path, server.url), "--out", str(run), *WORDS)
        done = processes.run(*words, env={**os.environ, **ENVIRON})
    assert done.returncode == 4, done.stderr
    left = files(run)
    assert all(b"[t0k]" not in data and b"Bearer t0k" not in data for data in left.values())
    if len(tokens) == 1:
        assert not used, "nothing is asked with it"
        assert "fewer than eight characters" in " ".join(done.stdout.split()) + str(processes.report(run)["run"])
    else:
        assert "token-short" in done.stderr and "--resume" in done.stderr
        assert JOURNAL in left and "report.json" not in left and len(processes.journalled(run)) >= 5


# --- what a token endpoint can call a token -----------------------------------------------------------------------

ODD = {
    "half of a surrogate pair": (b'"\\ud800-and-something-more"', "refresh_token", None),
    "blanks": (b'"          "', "refresh_token", None),
    "nothing": (b'""', "id_token", None),
    "no text": (b'["a-token-in-a-list-0123"]', "refresh_token", None),
    "a word of the plan": (b'"services"', "access_token", "credential-common"),
    "a word of the report": (b'"conformant"', "access_token", "credential-common"),
    "a phrase of the plan": (b'"open-referral-uk"', "access_token", "credential-common"),
    "a ruler": (b'"----------"', "access_token", None),
    "blanks, and used": (b'"          "', "access_token", "no usable access_token"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_token(name: str, tmp_path: Path) -> None:
    """Nobody's bug, and no end without a word: either it does not matter, or whose it is is said."""
    text, member, says = ODD[name]
    run, say = tmp_path / "run", reference()
    issued = {"access_token": b'"a-good-token-0123456789"', "token_type": b'"Bearer"', member: text}
    body = b",".join(b'"%s":%s' % (key.encode(), value) for key, value in issued.items())

    def behave(asked: Asked) -> object:
        asked.say(answer(b"{" + body + b"}") if asked.target.endswith("/token") else say(asked))
        return KEEP

    with serving(behave) as server:
        words = (processes.PROFILE, "--target", target(tmp_path, server.url), "--out", str(run), *WORDS)
        done = processes.run(*words, env={**os.environ, **ENVIRON})
    told = done.stderr + (json.dumps(processes.report(run)["run"]) if (run / "report.json").exists() else "")
    assert "Traceback" not in told and "bug" not in told, told
    assert (run / "report.json").exists() is (says != "credential-common"), told
    assert says is None or says in told
    assert done.returncode == (2 if says == "credential-common" else 4)
