"""A credential that is an ordinary word cannot be told from other text: that is said before anything is sent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interop_harness.errors import TargetError
from interop_harness.evidence import Redactor, Secret
from tests.hostile.server import KEEP, Asked, answer, serving


@pytest.mark.parametrize("word", ["services", "Contents", "inconclusive", "open-referral-lab"])
def test_an_ordinary_word_is_refused_before_anything_is_sent(word: str, tmp_path: Path) -> None:
    seen: list[str] = []

    def behave(asked: Asked) -> object:
        seen.append(asked.target)
        asked.say(answer(b"{}"))
        return KEEP

    with serving(behave) as server:
        (tmp_path / "target.yaml").write_text(
            f"base_url: {server.url}\nproduct: open-referral-lab\n"
            "auth: {kind: api-key, in: header, name: X-Partner, value_env: INTEROP_KEY}\n"
        )
        told = subprocess.run(
            [sys.executable, "-m", "interop_harness", "run", "open-referral-uk", "--target", "target.yaml"],
            cwd=tmp_path,
            env={**os.environ, "INTEROP_KEY": word},
            capture_output=True,
            text=True,
        )
    assert told.returncode == 2 and not seen, told
    said = " ".join(told.stderr.split())
    assert "credential-common" in said and "too common a word" in said and "bug" not in said


def test_an_ordinary_word_that_only_the_end_shows_is_no_bug() -> None:
    with pytest.raises(TargetError) as caught:
        Redactor([Secret("somewhere", "auth.value")]).refuse_leak(b"Somewhere in a report", "report.html")
    assert caught.value.code == "credential-common" and "bug" not in str(caught.value)
