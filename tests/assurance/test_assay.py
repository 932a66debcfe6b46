"""The assay: mutants from the profile alone, counted honestly; conforming suppliers left in peace."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from interop_harness.assurance.assay import bodies, catalogue, keeping, near, shape, variety
from interop_harness.assurance.assay.alarms import judge_variant
from interop_harness.assurance.assay.ground import slug
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.score import Floor, score, summary, text
from interop_harness.assurance.assay.trial import Bench, Found, Trial, bench
from interop_harness.assurance.assay.variety import PROPERTIES, variant
from interop_harness.cli.assay import command
from interop_harness.errors import ProfileError, UsageError
from interop_harness.profile import load
from interop_harness.sandbox import profile_folder
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import load_credentials

WASTE, FEEDBACK, DIRECTORY = "local-waste-services", "open311-georeport", "open-referral-uk"
CARE = "shared-care-record"


def of(profile: str) -> Bench:
    return bench(str(profile_folder(profile)))


# --- mutants -----------------------------------------------------------------------------------------------


def test_every_profile_with_operations_enough_has_mutants_enough() -> None:
    assert len(of(WASTE).mutants) > 1000
    assert len(of(FEEDBACK).mutants) > 800


def test_mutants_are_the_same_on_every_derivation() -> None:
    again = Bench(of(FEEDBACK).profile)
    assert list(again.mutants) == list(of(FEEDBACK).mutants)
    assert [one.breaks for one in again.mutants.values()] == [one.breaks for one in of(FEEDBACK).mutants.values()]


def test_every_wrong_type_and_every_broken_form_is_tried_on_every_member() -> None:
    """Nothing is drawn but the scope, so that no member escapes a change because of its name."""
    for here, name in ((of(DIRECTORY), "getService"), (of(WASTE), "listEvents")):
        operation = here.ground.profile.operations[name]
        tried = {one.rpartition(".")[0] for one in here.mutants}
        kinds = set()
        for site in shape.sites(here.ground, operation):
            wanted = list(near.other_types(site.value))
            if isinstance(site.value, str):
                wanted += [change for form in site.formats for change in near.FORMATS.get(form, ())]
            for change in wanted:
                if shape.breaks(here.ground, site, change):
                    kinds.add(change.kind)
                    assert f"{operation.id}.{slug(site.where)}.{change.kind}" in tried
        assert {"text-in-array", "text-in-object", "array-as-object"} <= kinds
        assert name != "getService" or {"uuid-short", "uuid-letters", "no-zone", "day-31-feb", "no-at"} <= kinds


def test_no_two_changes_share_an_id() -> None:
    """A change found on two roads is one mutant; two changes are two."""
    for here in (of(WASTE), of(FEEDBACK)):
        told: dict[str, str] = {}
        for one in shape.mutants(here.ground):
            assert told.setdefault(one.id, one.description) == one.description


def test_no_profile_is_named_in_the_code() -> None:
    folder = Path(catalogue.__file__).parent
    names = [each.parents[1].name for each in profile_folder(WASTE).parents[1].glob("*/*/profile.yaml")]
    for file in folder.glob("*.py"):
        source = file.read_text(encoding="utf-8").lower()
        for word in ("oruk", "lws-", "o311", "bbe-", "open-referral", *names):
            assert word not in source, f"{file.name} speaks of {word}"


def test_every_mutant_breaks_a_judged_requirement_and_says_what_it_is() -> None:
    for made in of(WASTE).mutants.values():
        assert made.breaks
        assert set(made.breaks) <= of(WASTE).ground.judged
        assert made.description
        assert made.id == made.id.strip(".")


def test_the_oracle_and_not_the_change_decides_what_breaks_the_schema() -> None:
    ground = of(WASTE).ground
    site = next(one for one in shape.sites(ground, ground.profile.operations["listEvents"]) if one.path[-1] == "id")
    assert shape.breaks(ground, site, near.NULL)
    assert not shape.breaks(ground, site, near.always("same-kind", "another text", "another"))
    assert not shape.breaks(ground, site, near.always("unchanged", "itself", site.value))


def test_xml_is_changed_and_written_so_that_it_reads_as_the_same_data() -> None:
    ground = of(FEEDBACK).ground
    for name in ("listRequestsXml", "getServiceDefinitionXml", "getDiscoveryXml"):
        operation = ground.profile.operations[name]
        for answer in ground.good(name)[:3]:
            written = bodies.write(ground.profile, operation, answer.status, answer.value)
            assert bodies.read(ground.profile, operation, answer.status, written) == answer.value


def test_a_change_is_made_where_the_path_leads_and_nowhere_else() -> None:
    body = {"a": [{"b": 1, "c": 2}, {"b": 3}], "b": 4}
    assert bodies.changed(body, ("a", "*", "b"), lambda old: old * 10) == {"a": [{"b": 10, "c": 2}, {"b": 30}], "b": 4}
    assert bodies.changed(body, ("a", "*", "c"), lambda _: bodies.DROP) == {"a": [{"b": 1}, {"b": 3}], "b": 4}
    assert body["a"][0]["b"] == 1


# --- trials ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        (WASTE, "listTasks.status.code-synonym.one"),
        (WASTE, "getTask.another-record.one"),
        (WASTE, "listServices.feature_types.name.null.every"),
        (WASTE, "listServices.status-404.every"),
        (FEEDBACK, "listRequestsXml.xml-doctype.every"),
        (FEEDBACK, "getTokenXml.body-html.every"),
        (FEEDBACK, "listRequestsXml.end_date.parameter-400.every"),
        (FEEDBACK, "createRequestJson.charset-utf-16.every"),
        (FEEDBACK, "createRequestXml.xml-doctype.every"),
        (FEEDBACK, "listRequestsXml.status.parameter-ignored.every"),
    ],
)
def test_mutants_are_caught_by_the_requirement_they_break(profile: str, name: str) -> None:
    found = _like(of(profile), name)
    trial = of(profile).try_one(found)
    assert trial.found is Found.CAUGHT, trial
    assert of(profile).try_one(found, whole=False).found is Found.CAUGHT


def test_a_later_page_of_a_short_list_meets_the_schema_too() -> None:
    assert of(DIRECTORY).try_one("listTaxonomies.contents.missing.last-page", whole=False).found is Found.CAUGHT


def test_judging_some_requirements_is_judging_all_as_far_as_they_go() -> None:
    here = of(WASTE)
    for name in catalogue.sample(list(here.mutants), 12, "equal"):
        whole, part = here.try_one(name), here.try_one(name, whole=False)
        assert whole.found is part.found
        if part.found is Found.CAUGHT:
            assert set(part.failed) == set(whole.failed) & set(whole.breaks)


def test_a_change_in_one_record_finds_a_record_that_shows_the_member_only_when_it_is_asked_for() -> None:
    """And a record that is named by its address, having no id of its own."""
    ground = of(WASTE).ground
    for name, member in (("listServices", "color"), ("listSites", "county")):
        site = next(one for one in shape.sites(ground, ground.profile.operations[name]) if one.path[-1] == member)
        (made,) = shape.scoped(ground, site, near.NULL, ground.generated(name, "schema"), ["one"])
        assert _trying(of(WASTE), made).found is Found.CAUGHT, made.description


def test_xml_that_says_it_is_latin_1_is_changed_however_the_declaration_is_spelt() -> None:
    for name in ("listRequestsXml.xml-latin-1.every", "getTokenXml.xml-latin-1.every"):
        assert of(FEEDBACK).try_one(name, whole=False).found is Found.CAUGHT


def test_a_documented_parameter_that_breaks_the_service_counts_whether_or_not_the_suite_asks_it() -> None:
    for name in (
        "listRequestsJson.jurisdiction_id.parameter-500.every",
        "listRequestsXml.service_code.parameter-400.every",
    ):
        assert of(FEEDBACK).try_one(name, whole=False).counted


def test_what_leaves_every_answer_as_it_is_is_not_counted() -> None:
    here = of(WASTE)
    here = _with(here, lambda handler: handler)
    trial = here.try_one("idle")
    assert trial.found is Found.UNCHANGED
    assert not trial.counted


def test_what_the_suite_does_not_look_at_survives_although_it_asked_for_nothing_of_it() -> None:
    def wrapped(handler: Handler) -> Handler:
        return lambda request: handler(request).with_header("X-Extra", "1")

    assert _with(of(WASTE), wrapped).try_one("idle").found is Found.SURVIVED


def test_a_crash_is_an_error_of_the_assay_and_no_catch() -> None:
    def crashing(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            raise RuntimeError("broken")

        return handle

    for whole in (True, False):
        trial = _with(of(WASTE), crashing).try_one("idle", whole=whole)
        assert trial.found is Found.CRASHED
        assert "broken" in trial.note
    made = score("p", "0", [trial], 1, {})
    assert made.below(Floor())[-2:] == [f"idle crashed: {trial.note}", "nothing was counted"]


def _answers(**wrong: object) -> Callable[[Handler], Handler]:
    return lambda handler: lambda request: dataclasses.replace(handler(request), **wrong)  # type: ignore[arg-type]


def _cannot_start(handler: Handler) -> Handler:
    raise RuntimeError("no such record")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("apply", "words"),
    [
        (_cannot_start, "RuntimeError: no such record"),
        (_answers(status="200"), "the status '200', which is none"),
        (_answers(status=2000), "the status 2000"),
        (_answers(body="a text"), "a body of type str"),
        (_answers(body=None), "a body of type NoneType"),
        (_answers(headers=(("X-Name", "☃"),)), "a header 'X-Name' that cannot be sent"),
        (_answers(headers=None), "TypeError"),
        (lambda handler: lambda request: None, "AttributeError"),
    ],
)
def test_a_mutant_that_cannot_be_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, apply: Callable[[Handler], Handler], words: str, whole: bool
) -> None:
    """Registered like any other, tried by the command: exit 3, no traceback, and the other mutants are tried."""
    here, row = of(WASTE), sorted(of(WASTE).ground.judged)[0]
    bad = Mutant("a-bad-one", "all", "bad", "cannot be", (row,), "every", apply)
    good = _like(here, "listServices.status-404.every")
    monkeypatch.setattr(here, "mutants", {"a-bad-one": bad, good: here.mutants[good]})
    app = typer.Typer()
    app.command()(command)
    words_of = ["--all", "--variants", "0"] if not whole else ["--sample", "2", "--variants", "0"]
    result = CliRunner().invoke(app, [WASTE, "--jobs", "1", *words_of])
    assert result.exit_code == 3, result.output
    told = " ".join(result.output.split())
    assert "Traceback" not in told and "a-bad-one" in told and words in told
    assert "caught 1 of 1" in told


def test_a_mutant_that_crashes_only_where_the_suite_does_not_look_is_an_error_too() -> None:
    def hidden(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            assert "x-never" not in dict(request.query)
            return handler(request)

        return handle

    here = _with(of(WASTE), hidden)
    here._probes = {**here._clean_probes(), "/tasks?x-never=1": (200, (), b"")}
    trial = here.try_one("idle", whole=False)
    assert trial.found is Found.CRASHED and "AssertionError" in trial.note


def _like(here: Bench, name: str) -> str:
    """The mutant, at whichever scope the profile drew for it."""
    return (
        name if name in here.mutants else next(one for one in here.mutants if one.startswith(name.rpartition(".")[0]))
    )


def _trying(here: Bench, one: Mutant) -> Trial:
    made = object.__new__(Bench)
    made.__dict__.update(here.__dict__)
    made.mutants = {one.id: one}
    return made.try_one(one.id, whole=False)


def _with(here: Bench, apply: Callable[[Handler], Handler]) -> Bench:
    made = object.__new__(Bench)
    made.__dict__.update(here.__dict__)
    row = sorted(here.ground.judged)[0]
    made.mutants = {"idle": Mutant("idle", "all", "idle", "does little", (row,), "every", apply)}
    return made


# --- figures -----------------------------------------------------------------------------------------------


def trial(name: str, found: Found, *, mandatory: bool = False, failed: tuple[str, ...] = ()) -> Trial:
    return Trial(name, f"{name} happens", ("R-1", "R-2"), mandatory, found, failed, 0)


TRIALS = [
    trial("a", Found.CAUGHT, failed=("R-1",), mandatory=True),
    trial("b", Found.CAUGHT, failed=("R-2", "R-9")),
    trial("c", Found.SURVIVED),
    trial("d", Found.ELSEWHERE, failed=("R-9",)),
    trial("e", Found.UNCHANGED),
]


def test_figures_count_excused_survivors_all_the_same() -> None:
    made = score("p", "0", TRIALS, 5, {"c": "the clause allows it"})
    figures = made.figures()
    assert (figures["caught"], figures["total"], figures["excused"], figures["unchanged"]) == (2, 4, 1, 1)
    assert (figures["mandatory_caught"], figures["mandatory_total"]) == (1, 1)
    assert made.rows["R-1"].caught == 2 and made.rows["R-1"].survived == 1 and made.rows["R-1"].elsewhere == 1
    assert made.share() == 666 and made.blamed == 666
    told = text(made)
    assert "c happens" in told and "the clause allows it" in told and "failed instead: R-9" in told
    assert "caught 2 of 4, 1 excused" in summary(made)


def test_the_floor_names_what_falls_short() -> None:
    made = score("p", "0", [*TRIALS, trial("f", Found.SURVIVED, mandatory=True)], 6, {})
    short = made.below(Floor(mutants=100))
    assert len(short) == 4
    assert short[0].startswith("40.0 % caught")
    good = score("p", "0", TRIALS[:2], 2, {})
    assert good.below(Floor()) == []


def test_excuses_are_few_of_mutants_that_are_there_and_of_no_mandatory_must() -> None:
    trials = [trial(str(number), Found.CAUGHT, failed=("R-1",)) for number in range(96)]
    trials += [trial(f"s{number}", Found.SURVIVED, mandatory=number == 0) for number in range(4)]
    short = score("p", "0", trials, 100, dict.fromkeys(("s0", "s1", "s2", "s3", "gone"), "open")).below(Floor())
    assert "4 of 100 excused: the most is 3.0 %" in short
    assert "gone is excused, and there is no such mutant" in short
    assert any("MUST of a mandatory class" in sentence for sentence in short)


@pytest.mark.parametrize("stated", [{"caugth": 500}, {"caught": "abc"}, {"caught": True}])
def test_a_floor_that_says_nothing_is_refused(tmp_path: Path, stated: dict) -> None:
    profile = _copied(tmp_path)
    (profile.folder / "excused.yaml").write_text(yaml.safe_dump({"floor": stated}))
    with pytest.raises(ProfileError, match="floor"):
        keeping.floor(profile)


def test_a_sample_is_drawn_by_the_seed_alone() -> None:
    names = [f"m{number}" for number in range(100)]
    assert catalogue.sample(names, 10, "a") == catalogue.sample(names[::-1], 10, "a")
    assert catalogue.sample(names, 10, "a") != catalogue.sample(names, 10, "b")
    assert catalogue.sample(names, 0, "a") == sorted(names)


def test_excuses_need_a_reason_and_floors_can_be_stated(tmp_path: Path) -> None:
    profile = _copied(tmp_path)
    path = profile.folder / "excused.yaml"
    path.write_text(yaml.safe_dump({"floor": {"caught": 950}, "excused": [{"mutants": ["a", "b"], "reason": "open"}]}))
    assert keeping.excuses(profile) == {"a": "open", "b": "open"}
    assert keeping.floor(profile) == Floor(caught=950)
    path.write_text(yaml.safe_dump({"excused": [{"mutant": "a"}]}))
    with pytest.raises(ProfileError, match="no reason"):
        keeping.excuses(profile)


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "excused: text",
        "excused: [text]",
        "excused: [{mutants: abc, reason: x}]",
        "floor: 5",
        "floor: {caught: -5}",
    ],
)
def test_what_is_no_list_of_excuses_and_no_floor_is_refused_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "excused.yaml").write_text(content)
    profile = dataclasses.replace(load(WASTE), folder=tmp_path)
    with pytest.raises(ProfileError, match=r"excused\.yaml"):
        keeping.excuses(profile)
        keeping.floor(profile)


def test_every_excuse_is_of_a_mutant_that_is_there() -> None:
    for name in (WASTE, FEEDBACK, DIRECTORY):
        assert set(keeping.excuses(of(name).profile)) <= set(of(name).mutants)


def _copied(tmp_path: Path):  # type: ignore[no-untyped-def]
    import shutil

    folder = tmp_path / "gov-api-baseline" / "1.0"
    shutil.copytree(profile_folder(WASTE).parents[1] / "gov-api-baseline" / "1.0", folder)
    (folder / "detection.json").unlink(missing_ok=True)
    return load(str(folder))


# --- variety -----------------------------------------------------------------------------------------------


def test_variants_are_the_same_for_a_seed_and_differ_between_numbers() -> None:
    ground = of(WASTE).ground
    some = [variant(ground, number, "0") for number in range(40)]
    assert some == [variant(ground, number, "0") for number in range(40)]
    assert len({one.told for one in some}) > 30
    assert {name for one in some for name, _ in one.ways} == {entry.name for entry in PROPERTIES}


@pytest.mark.parametrize(("profile", "numbers"), [(WASTE, range(6)), (FEEDBACK, range(3))])
def test_conforming_suppliers_are_not_accused(profile: str, numbers: range) -> None:
    for number in numbers:
        alarm = judge_variant(str(profile_folder(profile)), number, "test")
        assert not alarm.must and not alarm.crash, alarm


@pytest.mark.parametrize("name", [entry.name for entry in PROPERTIES])
def test_each_property_changes_an_answer_of_some_profile(name: str) -> None:
    """A way to differ that differs nowhere proves nothing."""
    entry = next(one for one in PROPERTIES if one.name == name)
    for way, make in entry.ways.items():
        assert any(_differs(of(profile), make) for profile in (DIRECTORY, WASTE, FEEDBACK, CARE)), way


def _differs(here: Bench, make) -> bool:  # type: ignore[no-untyped-def]
    apply = make(here.ground, "seed")
    if apply is None:
        return False
    changed, clean = apply(here.supplier()), here.supplier()
    key = load_credentials(here.ground.plan.implementation, {}).headers
    for exchange in list(here.baseline.clean.exchanges.values())[:400]:
        path, _, query = exchange.request.target.partition("?")
        from interop_harness.sandbox.message import parse_query

        headers = (("host", "127.0.0.1"), ("accept-encoding", "gzip, deflate"), *key, *exchange.request.headers)
        asked = SandboxRequest(exchange.request.method, path, parse_query(query), headers, exchange.request.body, query)
        one, other = changed(asked), clean(asked)
        if (one.status, one.headers, one.body) != (other.status, other.headers, other.body):
            return True
    return False


# --- command -----------------------------------------------------------------------------------------------


def test_the_command_prints_figures_and_says_when_there_is_nothing_to_try() -> None:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [WASTE, "--sample", "6", "--jobs", "1", "--json", "--seed", "s"])
    assert result.exit_code == 0, result.output
    (made,) = json.loads(result.output)
    assert made["tried"] == 6 and made["known"] == len(of(WASTE).mutants)
    assert [each["id"] for each in made["trials"]] == catalogue.sample(list(of(WASTE).mutants), 6, "s")
    applying = variety.applying(of(WASTE).ground)
    assert made["unvaried"] == [name for name, ways in applying.items() if not ways] != []
    with pytest.raises(UsageError, match="no reference supplier"):
        Bench(load("gov-api-baseline"))
    with pytest.raises(UsageError, match="no dataset"):
        Bench(dataclasses.replace(load(WASTE), folder=Path(__file__).parent))


def test_named_faults_and_records_that_are_not_there_are_missed(tmp_path: Path) -> None:
    profile = dataclasses.replace(load(WASTE), folder=tmp_path)
    (tmp_path / "dataset").mkdir()
    with pytest.raises(UsageError, match="no dataset"):
        Bench(profile)
    (tmp_path / "dataset" / "records.json").write_text("[]")
    for content in ("", "faults: []"):
        (tmp_path / "faults.yaml").write_text(content)
        with pytest.raises(UsageError, match="no named faults"):
            Bench(profile)
