"""Mutants that are told apart, noted, blamed: what an assay says of them, and what it says it of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from interop_harness.assurance.assay import near, running
from interop_harness.assurance.assay.notes import Notes
from interop_harness.assurance.assay.score import Floor, score, summary, text, wrapped
from interop_harness.assurance.assay.trial import Found, Trial
from interop_harness.cli.assay import command
from interop_harness.profile import load

from .test_assay import WASTE, of

BADGE, CARE = "blue-badge-eligibility", "shared-care-record"


def test_notes_of_a_mutant_that_is_another_now_or_was_idle_are_not_believed(tmp_path: Path) -> None:
    profile, path = load(WASTE), tmp_path / "notes"
    running.assay(profile, count=3, whole=False, notes=Notes(path, profile, "0"))
    noted = Notes(path, profile, "0")
    keys = sorted(noted.trials)
    spoilt = {"breaks": ("LWS-NONE",), "description": "another change", "found": Found.UNCHANGED}
    for key, (name, value) in zip(keys, spoilt.items(), strict=True):
        noted.trials[key] = dataclasses.replace(noted.trials[key], failed=("STALE",), **{name: value})
    made = running.assay(profile, count=3, whole=False, notes=noted)
    assert not [trial.id for trial in made.trials if "STALE" in trial.failed]
    assert made.as_json() == running.assay(profile, count=3, whole=False).as_json()


def test_the_stricter_figures_of_blame() -> None:
    """On the very requirement a mutant is made for; and what is accused at MUST beside, where all was judged."""
    exact, other, beside, missed = (
        Trial("a", "a", ("R-1", "R-2"), False, Found.CAUGHT, ("R-1",), 0, accused=()),
        Trial("b", "b", ("R-1", "R-2"), False, Found.CAUGHT, ("R-2",), 0),
        Trial("c", "c", ("R-1", "R-2"), False, Found.CAUGHT, ("R-1", "R-9"), 0, accused=("R-9",)),
        Trial("d", "d", ("R-1", "R-2"), False, Found.ELSEWHERE, ("R-9",), 0, accused=("R-9",)),
    )
    made = score("p", "0", [exact, other, beside, missed], 4, {})
    assert made.figures()["caught"] == 3 and made.figures()["blamed_first"] == 2
    assert (made.whole, made.accused) == ([exact, beside], [beside])
    told = " ".join(summary(made).split())
    assert "75.0 % blamed on the right requirement, 66.7 % on the very one they are made for" in told
    assert "1 of 2 accused a MUST beside that they do not break" in told
    assert made.as_json()["accused_beside"] == [{"id": "c", "breaks": ["R-1", "R-2"], "accused": ["R-9"]}]
    assert "accused a MUST" not in summary(score("p", "0", [other], 1, {}))


def test_what_is_accused_beside_is_known_only_when_all_was_judged(tmp_path: Path) -> None:
    here, path = of(WASTE), tmp_path / "notes"
    name = "listServices.body-html.every"
    assert here.try_one(name, whole=False).accused is None
    trial = here.try_one(name)
    binding = {
        row.id for row in here.plan.requirements if row.level.value == "MUST" and row.layer in here.profile.binding
    }
    assert trial.accused is not None and set(trial.accused) == set(trial.beside) & binding
    notes = Notes(path, here.profile, "0")
    notes.note(trial, whole=True)
    assert Notes(path, here.profile, "0").trials[name, True] == trial


def test_blame_is_narrow_where_one_question_is_answered_wrongly() -> None:
    """The requirements that asked that very question, and no other of the many that ask the same operation."""
    here = of(BADGE)
    kinds = ("question-refused", "wrong-accepted", "wrong-breaks")
    wide = [len(one.breaks) for one in here.mutants.values() if one.kind in kinds or one.kind.startswith("outcome-")]
    assert len(wide) > 300 and sorted(wide)[len(wide) // 2] <= 5


def test_nothing_has_no_type_and_no_form() -> None:
    """A change of type or form is of a value: made of null it would break something else."""
    for change in (*near.other_types(1), *near.other_types("a"), *near.other_types([]), *near.FORMATS["uuid"]):
        assert change.make(None) is None


def test_lines_fit_80_columns() -> None:
    long = "listSomething.contents.organization.scheme.text-in-object.last-page"
    words = "GET /something/{id}: a member that is deep inside is a text inside an object in every answer there is"
    rows = tuple(f"SOME-listSomething-requirement-{number}" for number in range(9))
    trials = [
        Trial(long, words, rows, False, Found.SURVIVED, (), 3, "the suite itself broke: " + ", ".join(rows[:3])),
        Trial("a", words, rows, False, Found.ELSEWHERE, rows[:6], 0),
        Trial("b", words, rows, False, Found.CRASHED, (), 0, "RuntimeError: " + "no such record " * 9),
    ]
    made = score("some-profile-of-a-long-name 1.0", "0", trials, 2351, {"a": "because " * 40})
    told = [*text(made).splitlines(), *(line for one in made.below(Floor()) for line in wrapped(one).splitlines())]
    assert [line for line in told if len(line) > 80] == []
    assert f"  {long}" in told


@pytest.mark.parametrize(("words", "count"), [([], 10), (["--variants", "0"], 0), (["--only", "body-html"], 0)])
def test_an_ordinary_assay_judges_conforming_suppliers_too(
    monkeypatch: pytest.MonkeyPatch, words: list[str], count: int
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(running, "judge_variants", lambda profile, wanted, *rest, **more: asked.append(wanted) or [])
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [WASTE, "--sample", "1", "--jobs", "1", *words])
    assert result.exit_code == 0, result.output
    assert asked == [count]


@pytest.mark.parametrize(
    "kind",
    [
        *("detail-in-location", "detail-in-refresh", "detail-in-link"),
        *("detail-in-body-address", "detail-in-refusal-member"),
        *("no-challenge", "blank-challenge", "cache-age-only"),
    ],
)
def test_headers_and_members_that_a_clause_asks_for_or_forbids_are_altered(kind: str) -> None:
    """Caught by the requirement each is made for; an undeclared member counts where a clause forbids what it says."""
    found = [(here, one) for here in (of(BADGE), of(CARE)) for one in here.mutants.values() if one.kind == kind]
    assert found
    for here, one in found[:2]:
        trial = here.try_one(one.id, whole=False)
        assert trial.found is Found.CAUGHT and trial.first, trial


def test_a_parameter_that_is_refused_is_blamed_on_a_requirement_that_refusing_breaks() -> None:
    """Not on one that asks for the refusal of wrong values, which a service that refuses all of them keeps."""
    here = of(CARE)
    some = [one for one in here.mutants.values() if one.kind == "parameter-400"][::6]
    assert len(some) > 3
    for one in some:
        assert here.try_one(one.id, whole=False).first, one.breaks
