"""``schemathesis run`` as anybody would call it: its command line, its version, and what it reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from interop_harness.assurance.selftest import reference_target
from interop_harness.profile import Profile

PROGRAM = str(Path(sys.executable).with_name("schemathesis"))


def command(profile: Profile, url: str, report: Path, seed: str, *more: str) -> list[str]:
    """The words of one run over a reference supplier at an address, with the key that its dataset publishes."""
    auth = reference_target(profile).get("auth") or {}
    # A key that travels in a form cannot be given to it.
    key = ["--header", f"Authorization: Bearer {auth['value']}"] if auth.get("kind") == "bearer" else []
    return [
        *(PROGRAM, "run", str(profile.folder / "openapi.yaml"), "--url", url, "--seed", seed, "--no-color"),
        *("--report", "junit", "--report-junit-path", str(report), *key, *more),
    ]


def failures(report: Path) -> set[str]:
    """The failures of a run, each as operation and title; none where it ended without a report."""
    cases = ElementTree.parse(report).iter("testcase") if report.is_file() else []
    return {
        f"{case.get('name')}: {line[2:].strip()}"
        for case in cases
        for failure in case.iter("failure")
        for line in (failure.text or "").splitlines()
        if line.startswith("- ")
    }


def version() -> str:
    return subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.strip()
