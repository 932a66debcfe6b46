"""Kept figures: of a suite that stood still, above the floor or the build fails; a broken-off assay goes on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from interop_harness.assurance.assay import keeping, running
from interop_harness.assurance.assay.notes import Notes
from interop_harness.assurance.assay.score import score
from interop_harness.assurance.assay.trial import Found, Trial
from interop_harness.cli.assay import command
from interop_harness.errors import UsageError
from interop_harness.execution.record import suite_sha256
from interop_harness.profile import load

from .test_assay import TRIALS, WASTE, _copied


def test_kept_figures_are_stale_when_suite_or_profile_is_another(tmp_path: Path) -> None:
    profile = _copied(tmp_path)
    assert keeping.stale(profile)[0].endswith("--all --keep")
    keeping.keep(profile, score(profile.name, "0", TRIALS, 5, {"c": "why"}), {"judged": 3, "false_alarms": 0})
    profile = load(str(profile.folder))
    assert keeping.stale(profile) == []
    assert profile.detection is not None and profile.detection["caught"] == 2
    path = profile.folder / "detection.json"
    content = json.loads(path.read_text())
    assert content["excused"] == {"c": "why"} and content["missed"] == ["d"]
    content["figures"]["suite"] = "0" * 64
    path.write_text(json.dumps(content))
    assert "the suite has changed" in keeping.stale(load(str(profile.folder)))[0]


@pytest.mark.parametrize("name", ["excused.yaml", "dataset/another.yaml"])
def test_kept_figures_are_stale_when_other_mutants_would_be_tried(tmp_path: Path, name: str) -> None:
    profile = _copied(tmp_path)
    (profile.folder / "dataset").mkdir(exist_ok=True)
    keeping.keep(profile, score(profile.name, "0", TRIALS, 5, {"c": "why"}), {"judged": 3, "false_alarms": 0})
    assert keeping.stale(load(str(profile.folder))) == []
    with (profile.folder / name).open("a") as file:
        file.write("\n# another\n")
    assert "the mutants, or the supplier they are made of, have changed" in keeping.stale(load(str(profile.folder)))[0]


def test_the_digest_of_the_mutants_is_of_generators_and_suppliers(monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = keeping.mutants_sha256(load(WASTE)), Path.read_bytes
    for part in ("assurance/assay/near.py", "assurance/incremental.py", "sandbox/message.py"):
        monkeypatch.setattr(Path, "read_bytes", lambda file, p=part: read(file) + b"#" * file.as_posix().endswith(p))
        assert keeping.mutants_sha256(load(WASTE)) != before, part
        monkeypatch.undo()


def test_figures_of_a_suite_that_changed_meanwhile_are_not_kept(tmp_path: Path) -> None:
    profile = dataclasses.replace(_copied(tmp_path), sha256="0" * 64)
    with pytest.raises(UsageError, match="changed while"):
        keeping.keep(profile, score(profile.name, "0", TRIALS, 5, {}), {})
    assert not (profile.folder / "detection.json").exists()


KEPT = {
    "caught": 995,
    "total": 1000,
    "excused": 0,
    "survived": 5,
    "blamed_elsewhere": 0,
    "mandatory_caught": 300,
    "mandatory_total": 300,
    "variants": {"judged": 200, "false_alarms": 0},
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"caught": 985}, "985 of 1000 caught: the floor is 99.0 %"),
        ({"caught": 985, "excused": 10}, ""),
        ({"caught": 0, "excused": 1000}, "1000 of 1000 excused: the most is 3.0 %"),
        ({"mandatory_caught": 299}, "299 of 300 of MUSTs of mandatory classes: the floor is 100.0 %"),
        ({"blamed_elsewhere": 60}, "995 of 1055 blamed on the right requirement"),
        ({"variants": {"judged": 200, "false_alarms": 1}}, "1 false alarms over 200"),
        ({"variants": {"judged": 60, "false_alarms": 0}}, "60 conforming variants were judged: the floor is 200"),
        ({"suite": "0" * 64}, "the suite has changed since its figures were taken"),
        ({"profile": "0" * 64}, "the profile has changed since its figures were taken"),
    ],
)
def test_the_build_fails_when_kept_figures_are_stale_or_fall(tmp_path: Path, change: dict, words: str) -> None:
    """What ``make assay`` ends with, in a build: exit 0 only for figures of this suite and profile, above the floor."""
    profile = _copied(tmp_path)
    figures = {**KEPT, "suite": suite_sha256(), "profile": profile.sha256, **change}
    content = {"figures": figures, "mutants": keeping.mutants_sha256(profile)}
    (profile.folder / "detection.json").write_text(json.dumps(content))
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [str(profile.folder), "--check-stale"])
    assert result.exit_code == (1 if words else 0), result.output
    assert (words or "above the floor") in result.output
    (profile.folder / "detection.json").unlink()
    assert CliRunner().invoke(app, [str(profile.folder), "--check-stale"]).exit_code == 1


def test_the_build_tries_a_sample_and_looks_at_the_kept_figures() -> None:
    root = Path(__file__).resolve().parents[2]
    recipe = (root / "Makefile").read_text().partition("\nassay:")[2].partition("\n\n")[0]
    assert "--sample" in recipe and "--variants" in recipe and "--check-stale" in recipe
    assert "make assay\n" in (root / ".ci" / "run").read_text()


def test_an_assay_that_was_broken_off_goes_on_from_its_notes(tmp_path: Path) -> None:
    profile, path = load(WASTE), tmp_path / "notes"
    plain = running.assay(profile, count=4, whole=False)
    variants = running.judge_variants(profile, 2, "0", 1)
    running.assay(profile, count=2, whole=False, notes=Notes(path, profile, "0"))
    running.judge_variants(profile, 1, "0", 1, notes=Notes(path, profile, "0"))
    with path.open("a") as file:
        file.write('{"key": ["cut o')
    known = Notes(path, profile, "0")
    assert len(known.trials) == 2 and list(known.alarms) == [0]
    path.write_text(path.read_text() + "\n")
    assert running.assay(profile, count=4, whole=False, notes=known).as_json() == plain.as_json()
    assert running.judge_variants(profile, 2, "0", 1, notes=known) == variants
    assert len(Notes(path, profile, "0").trials) >= 4
    other = dataclasses.replace(profile, sha256="0" * 64)
    for elsewhere in (Notes(path, other, "0"), Notes(path, profile, "1")):
        assert not elsewhere.trials and not elsewhere.alarms


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--only", "nosuch"], "No mutant of"),
        (["--notes", "/nonexistent/notes"], "cannot be written"),
    ],
)
def test_what_would_measure_nothing_is_refused_at_once(words: list[str], code: str) -> None:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, ["blue-badge-eligibility", *words])
    assert isinstance(result.exception, UsageError)
    assert code in str(result.exception)


def test_a_part_of_the_mutants_is_held_to_the_floor_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that has become blind to what was asked for does not end well."""
    blind = Trial("a.media-type.every", "It is another.", ("R-1",), True, Found.SURVIVED, (), 0)
    monkeypatch.setattr(running, "assay", lambda *_, **__: score("p", "0", [blind], 893, {}))
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, ["blue-badge-eligibility", "--only", "media-type"])
    assert result.exit_code == 1, result.output
    assert "nothing was caught" in result.output and "100.0 % blamed" not in result.output


def test_a_line_that_is_no_note_is_told(tmp_path: Path) -> None:
    profile = _copied(tmp_path)
    path = tmp_path / "notes"
    Notes(path, profile, "0")
    path.write_text(json.dumps({"key": [suite_sha256(), profile.sha256, "0"], "trial": {"zz": 1}}) + "\n")
    with pytest.raises(UsageError, match="no note of an assay"):
        Notes(path, profile, "0")
