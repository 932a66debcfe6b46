"""A service that puts markup, escapes and overrides in every string: nobody who reads about it meets them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from .runs import reference, whole_run
from .server import KEEP, Asked, Behave, answer, serving

SPARKS = (
    "<script>alert(1)</script> [bold red]x[/] [link=https://evil.example]y[/link] \x1b[31m\x1b]8;;x\x07 \u202egnp \x00"
)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]")
CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
"""A Markdown code span: what stands in it is text."""
_SAYS = reference()


def dressed(value: Any, takes: Callable[[str], bool], name: str = "") -> Any:
    """The value with the sparks behind every string whose member is one that takes them."""
    if isinstance(value, dict):
        return {key: dressed(part, takes, key) for key, part in value.items()}
    if isinstance(value, list):
        return [dressed(part, takes, name) for part in value]
    return f"{value} {SPARKS}" if isinstance(value, str) and takes(name) else value


def dressing(takes: Callable[[str], bool]) -> Behave:
    def behave(asked: Asked) -> object:
        head, _, body = _SAYS(asked).partition(b"\r\n\r\n")
        try:
            made = json.dumps(dressed(json.loads(body), takes)).encode()
        except ValueError:
            made = body
        lines = head.split(b"\r\n")
        kept = [line for line in lines[1:] if not line.lower().startswith((b"content-length", b"content-type"))]
        asked.say(answer(made, *kept, status=lines[0].split(b" ", 1)[1]))
        return KEEP

    return behave


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


def test_half_a_character_in_every_string_is_no_error_of_ours() -> None:
    def behave(asked: Asked) -> object:
        head, _, body = _SAYS(asked).partition(b"\r\n\r\n")
        made = json.dumps(halved(json.loads(body))).encode() if body.startswith(b"{") else body
        asked.say(answer(made, status=head.split(b"\r\n")[0].split(b" ", 1)[1]))
        return KEEP

    with serving(behave) as server:
        ended = whole_run(server)
    assert ended.verdict == "not-conformant"
    assert not ended.rows("error"), [(one["id"], one["reason"]) for one in ended.rows("error")]


def halved(value: Any) -> Any:
    """The value with half a character behind each of its strings."""
    if isinstance(value, dict):
        return {key: halved(part) for key, part in value.items()}
    if isinstance(value, list):
        return [halved(part) for part in value]
    return f"{value}\ud800" if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("takes", "code"),
    [(lambda name: True, 1), (lambda name: name in {"name", "description", "title"}, 0)],
    ids=["every string", "free text"],
)
def test_what_a_run_writes_and_prints_is_safe_to_look_at(
    tmp_path: Path, takes: Callable[[str], bool], code: int
) -> None:
    place = tmp_path / "run"
    with serving(dressing(takes)) as server:
        words = ["run", "open-referral-uk", "--target", server.url, "--out", str(place)]
        done = subprocess.run(
            [sys.executable, "-m", "interop_harness", *words],
            capture_output=True,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "80"},
            timeout=120,
            check=False,
        )
    shown = (done.stdout + done.stderr).decode("utf-8")
    assert done.returncode == code, shown
    colours = re.sub("\x1b\\[[0-9;]*[mK]|\x1b\\[[0-9]+[AB]|\r", "", shown)
    assert not UNSEEN.search(colours), UNSEEN.search(colours)
    assert "\x1b]8" not in shown
    page = Page()
    page.feed((place / "report.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    ElementTree.fromstring((place / "junit.xml").read_bytes())
    for name in ("report.html", "junit.xml", "summary.md"):
        text = (place / name).read_text(encoding="utf-8")
        assert not UNSEEN.search(text), (name, UNSEEN.search(text))
        assert "<script>" not in (CODE.sub("", text) if name.endswith(".md") else text), name
    if code:
        assert "[U+202E]" in shown or "U+202E" in (place / "report.html").read_text(encoding="utf-8")
