"""Figures of detection: of this suite and profile or of none, recorded with the run, the same words everywhere."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interop_harness import detection
from interop_harness.assurance.coverage import describe
from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.certificate.statement import content
from interop_harness.cli.profiles import app
from interop_harness.execution.record import suite_sha256
from interop_harness.execution.run import Outcome, replay
from interop_harness.profile import Profile, load
from interop_harness.rendering.html import report_html
from interop_harness.sandbox import handler
from tests.rendering import made

SMALL = "blue-badge-eligibility"


def figures(profile: Profile, **more: Any) -> dict[str, Any]:
    return made.figures({"suite": {"sha256": suite_sha256()}, "profile": {"sha256": profile.sha256}}, **more)


def kept(tmp_path: Path, content: Any) -> Profile:
    """The profile with these kept figures, in a folder of its own."""
    folder = tmp_path / SMALL / "1.0"
    shutil.copytree(load(SMALL).folder.parents[1] / SMALL / "1.0", folder)
    shutil.copytree(load("gov-api-baseline").folder, tmp_path / "gov-api-baseline" / "1.0")
    (folder / "detection.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return load(str(folder))


def run_of(profile: Profile) -> Outcome:
    return run_in_process(reference_plan(profile), handler(profile.id, now=CLOCK))


WORDS = (
    "This suite catches 2,305 of 2,315 known faults of this profile (5 excused), "
    "0 of 1,000 conforming variants wrongly failed; figures of suite digest {suite}, profile version 1.0"
)


def test_the_words() -> None:
    profile = load(SMALL)
    said = detection.told(figures(profile), suite=suite_sha256(), profile=profile.sha256, version="1.0")
    assert said == f"{WORDS.format(suite=suite_sha256()[:12])}."
    none = {**figures(profile), "variants": {"judged": 0, "false_alarms": 0}}
    assert "no conforming variant judged" in detection.told(
        none, suite=suite_sha256(), profile=profile.sha256, version="1.0"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"suite": "0" * 64}, "of another version of the suite, so they are not shown"),
        ({"profile": "0" * 64}, "of another version of the profile, so they are not shown"),
        ({"suite": "0" * 64, "profile": "0" * 64}, "of another version of the suite and of the profile"),
        ({"caught": 2311}, "cannot be read"),
        ({"caught": -1}, "cannot be read"),
        ({"caught": "2305"}, "cannot be read"),
        ({"caught": True}, "cannot be read"),
        ({"mandatory_caught": 781}, "cannot be read"),
        ({"variants": {"judged": 5, "false_alarms": 6}}, "cannot be read"),
        ({"variants": None}, "cannot be read"),
        ({"suite": "<b>"}, "cannot be read"),
    ],
)
def test_figures_of_something_else_or_that_cannot_be_are_not_shown(change: dict[str, Any], words: str) -> None:
    profile = load(SMALL)
    value = {**figures(profile), **change}
    here = {"suite": suite_sha256(), "profile": profile.sha256, "version": "1.0"}
    assert words in detection.told(value, **here)
    assert detection.sentence(value, **here) == ""
    assert "2,305" not in detection.told(value, **here)


@pytest.mark.parametrize("content", ["", "[]", '{"figures": 3}', '{"figures": {"caught": 1}}', "[" * 100_000, "\x00"])
def test_a_file_that_is_no_such_file_is_no_figures(tmp_path: Path, content: str) -> None:
    assert kept(tmp_path, content).detection is None


def test_a_run_records_them_and_a_replay_asks_no_file(tmp_path: Path) -> None:
    """The file may be written anew, or taken away, between a run and its signing: the report stays what it was."""
    profile = kept(tmp_path, {"figures": figures(load(SMALL))})
    outcome = run_of(profile)
    assert outcome.report["profile"]["detection"] == figures(profile)
    path = profile.folder / "detection.json"
    for after in (json.dumps({"figures": figures(profile, caught=7)}), "spoilt", None):
        path.unlink() if after is None else path.write_text(after)
        again = replay(outcome.evidence_gz, lambda name: load(str(profile.folder)))
        assert again.report_bytes == outcome.report_bytes


def test_the_page_and_the_certificate_say_it_in_words(tmp_path: Path) -> None:
    profile = kept(tmp_path, {"figures": figures(load(SMALL))})
    report = run_of(profile).report
    words = WORDS.format(suite=suite_sha256()[:12])
    page = report_html(report).decode()
    assert f"<dt>How good the tests are</dt><dd>{words}.</dd>" in page
    assert content(report)["profile"]["detection"] == words
    older = {**report, "profile": {**report["profile"], "detection": figures(profile, suite="0" * 64)}}
    assert "of another version of the suite, so they are not shown" in report_html(older).decode()
    assert content(older)["profile"]["detection"] is None
    never = {**report, "profile": {**report["profile"], "detection": None}}
    assert "<dt>How good the tests are</dt><dd>Not measured.</dd>" in report_html(never).decode()


def test_profiles_show_says_it_in_words(tmp_path: Path) -> None:
    profile = kept(tmp_path, {"figures": figures(load(SMALL))})
    result = CliRunner().invoke(app, ["show", str(profile.folder)])
    assert f"detection: {WORDS.format(suite=suite_sha256()[:12])}." in result.output
    moved = dataclasses.replace(profile, sha256="0" * 64)
    assert describe(moved)["detection"] == (
        "The kept figures are of another version of the profile, so they are not shown."
    )


def test_evidence_with_figures_that_cannot_be_is_judged_without_them(tmp_path: Path) -> None:
    """The header of the evidence is the sender's own: it brings no text of theirs into the report."""
    from interop_harness.evidence.lines import line, unpack

    profile = kept(tmp_path, {"figures": figures(load(SMALL))})
    outcome = run_of(profile)
    first, *rest = unpack(outcome.evidence_gz).splitlines(keepends=True)
    header = {**json.loads(first), "detection": {"caught": "all of them"}}
    altered = b"".join([line(header), *rest])
    again = replay(altered, lambda name: load(str(profile.folder))).report
    assert again["profile"]["detection"] is None and again["verdict"] == outcome.report["verdict"]
