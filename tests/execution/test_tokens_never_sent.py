"""What a token endpoint says beside the access token is never sent: it keeps no report from being written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from interop_harness.errors import InternalError, TargetError
from interop_harness.evidence import Redactor, Secret
from tests.hostile.runs import reference
from tests.hostile.server import KEEP, Asked, answer, serving

from . import processes
from .test_learnt_late import ENVIRON, WORDS, files, target

REFRESH = "refresh-Kq7sj2k0s9dxx41"
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def run_with(issued: dict[str, str], folder: Path, *, says: str = "") -> tuple[int, str, dict[str, bytes]]:
    say = reference()

    def behave(asked: Asked) -> object:
        if asked.target.endswith("/token"):
            asked.say(answer(json.dumps(issued).encode()))
            return KEEP
        head, _, body = say(asked).partition(b"\r\n\r\n")
        asked.say(head + b"\r\nX-Said: %s\r\n\r\n" % says.encode() + body)
        return KEEP

    with serving(behave) as server:
        words = (processes.PROFILE, "--target", target(folder, server.url), "--out", str(folder / "run"), *WORDS)
        done = processes.run(*words, env={**os.environ, **ENVIRON})
    return done.returncode, " ".join(done.stderr.split()), files(folder / "run")


@pytest.mark.parametrize("name", ["id_token", "refresh_token"])
@pytest.mark.parametrize("value", ["could not be judged", "Not judged", "127.0.0.1", "2026-11-22T10:00:00Z"])
def test_any_text_beside_the_access_token(name: str, value: str, tmp_path: Path) -> None:
    issued = {"access_token": "a-good-token-0123456789", "token_type": "Bearer", name: value}
    code, told, left = run_with(issued, tmp_path, says=value)
    assert code == 4 and "bug" not in told and "secret" not in told, told
    assert {"report.json", "report.html", "evidence.jsonl.gz"} <= set(left)
    assert value.encode() in left["evidence.jsonl.gz"], "an honest answer is not masked"


def test_a_drawn_one_is_masked_and_refuses_nothing(tmp_path: Path) -> None:
    issued = {"access_token": "a-good-token-0123456789", "token_type": "Bearer", "refresh_token": REFRESH}
    code, told, left = run_with(issued, tmp_path, says=REFRESH)
    assert code == 4 and "bug" not in told, told
    assert "report.html" in left
    assert all(REFRESH.encode() not in data for data in left.values())


def test_a_sentence_for_an_access_token_cannot_be_sent(tmp_path: Path) -> None:
    code, told, left = run_with({"access_token": "could not be judged", "token_type": "Bearer"}, tmp_path)
    assert code == 4 and "bug" not in told, told
    assert "no usable access_token" in str(json.loads(left["report.json"])["run"])


# --- the parts ------------------------------------------------------------------------------------------------------


def test_what_is_never_sent_is_masked_and_found_by_no_scan() -> None:
    redactor, told = Redactor([Secret("a-key-of-ours-0123", "auth.value")]), list[Secret]()
    redactor.learnt = told.append
    redactor.add(Secret(DIGEST, "refresh_token", issued=True, sent=False))
    assert redactor.data(b"x " + DIGEST.encode()) == b"x [redacted]"
    redactor.refuse_leak(DIGEST.encode(), "report.json")
    assert not redactor.holds(DIGEST.encode()) and not told
    with pytest.raises(InternalError):
        redactor.refuse_leak(b"a-key-of-ours-0123", "report.json")


def test_the_same_value_issued_to_be_sent_is_one_of_ours() -> None:
    redactor, told = Redactor(), list[Secret]()
    redactor.learnt = told.append
    redactor.add(Secret(REFRESH, "refresh_token", issued=True, sent=False))
    redactor.add(Secret(REFRESH, "access_token", issued=True))
    assert [secret.name for secret in told] == ["access_token"] and redactor.holds(REFRESH.encode())
    redactor.add(Secret(REFRESH, "access_token", issued=True))
    assert len(told) == 1
    with pytest.raises(InternalError):
        redactor.refuse_leak(REFRESH.encode(), "report.json")


def test_an_issued_token_that_is_an_ordinary_phrase_is_no_bug() -> None:
    redactor = Redactor([Secret("not-tested", "access_token", issued=True)])
    with pytest.raises(TargetError) as caught:
        redactor.refuse_leak(b'"verdict":"not-tested"', "report.json")
    assert caught.value.code == "credential-common"
