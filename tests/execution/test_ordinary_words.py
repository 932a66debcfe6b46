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


@pytest.mark.parametrize("secret", ["refusetip", "Hedgerows", "Fly-Tipping-Desk-7"], ids=["path", "row", "no word"])
def test_a_word_of_a_profile_that_is_not_installed(secret: str, tmp_path: Path) -> None:
    """A council's own profile, given as a path: its words are as ordinary in its reports as any."""
    folder = tmp_path / "reports-of-tips" / "1.0"
    folder.mkdir(parents=True)
    (folder / "profile.yaml").write_text(
        "format: interop-profile/1\nid: reports-of-tips\nversion: '1.0'\ntitle: Tips, by the Fly-Tipping-Desk-7\n"
        "publisher: Council\nstatus: draft\nprefix: TIP\nclasses:\n  - {id: basic, title: Basic, mandatory: true}\n"
        "documents:\n  openapi: {title: Guide, version: '1', url: 'https://example.org/', retrieved: '2026-01-01', "
        f"sha256: '{'0' * 64}'}}\n"
    )
    (folder / "requirements.yaml").write_text(
        "requirements:\n  - id: TIP-ONE-01\n    level: MUST\n    class: basic\n"
        "    statement: The list names hedgerows.\n"
        "    source: {document: openapi, clause: '1', url: 'https://example.org/'}\n    basis: stated\n"
        "    why: So that it is known.\n    fix: Name them.\n    declared: Do you name them?\n"
    )
    (folder / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: Tips, version: '1'}\npaths:\n  /refusetips:\n    get:\n"
        "      operationId: listTips\n      responses:\n        '200': {description: well}\n"
    )
    seen: list[str] = []

    def behave(asked: Asked) -> object:
        seen.append(asked.target)
        asked.say(answer(b"{}"))
        return KEEP

    with serving(behave) as server:
        (tmp_path / "target.yaml").write_text(
            f"base_url: {server.url}\nauth: {{kind: api-key, in: header, name: X-Partner, value_env: INTEROP_KEY}}\n"
        )
        told = run_with(secret, str(folder), tmp_path)
        assert told.returncode == 2 and not seen, told
        said = " ".join(told.stderr.split())
        assert "credential-common" in said and "reports-of-tips 1.0" in said and "bug" not in said
        assert not (tmp_path / "reports").exists()
        told = run_with("Kq7-sj2k-0s9d-xx41", str(folder), tmp_path)
        assert seen and "credential-common" not in told.stderr, told


def run_with(secret: str, profile: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", "run", profile, "--target", "target.yaml"],
        cwd=folder,
        env={**os.environ, "INTEROP_KEY": secret},
        capture_output=True,
        text=True,
    )
