"""The pipeline examples can be read by a pipeline, and name only options that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_the_github_example() -> None:
    example = yaml.safe_load((DOCS / "examples" / "github-actions.yml").read_text(encoding="utf-8"))
    steps = example["jobs"]["open-referral-uk"]["steps"]
    assert [step for step in steps if "interop run" in step.get("run", "")]
    keep = steps[-1]
    assert keep["if"] == "${{ always() }}" and keep["with"]["path"] == "conformance-report/"


def test_the_gitlab_example() -> None:
    job = yaml.safe_load((DOCS / "examples" / "gitlab-ci.yml").read_text(encoding="utf-8"))["conformance"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] == "conformance-report/junit.xml"


@pytest.mark.parametrize("name", ["ci.md", "examples/github-actions.yml", "examples/gitlab-ci.yml"])
def test_options_exist(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    source = (ROOT / "src" / "interop_harness" / "cli" / "run.py").read_text(encoding="utf-8")
    known = {f"--{word.replace('_', '-')}" for word in re.findall(r"^    (\w+): Annotated", source, re.MULTILINE)}
    known |= set(re.findall(r'"(--[a-z-]+)"', source)) | set(
        re.findall(r'"(--[a-z-]+)"', (ROOT / "src" / "interop_harness" / "plugin.py").read_text(encoding="utf-8"))
    )
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--pyargs"}
    assert used <= known
