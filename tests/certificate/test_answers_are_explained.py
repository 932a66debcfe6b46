"""Whoever was sent a certificate reads in the README what the first words of the answer mean."""

from __future__ import annotations

import re
from pathlib import Path

from interop_harness.cli.verify_text import HEADINGS

README = Path(__file__).resolve().parents[2] / "README.md"


def test_each_answer_stands_in_the_readme() -> None:
    section = README.read_text(encoding="utf-8").partition("## Check a certificate")[2].partition("\n## ")[0]
    explained = re.findall(r"^\| ([A-Z ,]+) \| \S", section, re.MULTILINE)
    assert sorted(explained) == sorted(["GENUINE", *HEADINGS.values()])
