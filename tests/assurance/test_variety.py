"""Conforming variety: what each profile says that its standard leaves open is varied, alike wherever it stands."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from interop_harness.assurance.assay import alarms, bodies, codings, free, keeping, variety
from interop_harness.assurance.assay.alarms import differs, judge_variant
from interop_harness.assurance.assay.mutant import Apply
from interop_harness.assurance.assay.trial import Bench, bench
from interop_harness.assurance.assay.variety import PROPERTIES, Variant, applied, applying, variant
from interop_harness.cli.assay import command
from interop_harness.errors import ProfileError
from interop_harness.profile import load
from interop_harness.sandbox import profile_folder
from interop_harness.sandbox.message import Handler, SandboxRequest

DIRECTORY, WASTE, FEEDBACK = "open-referral-uk", "local-waste-services", "open311-georeport"
CARE, BADGE = "shared-care-record", "blue-badge-eligibility"
PROFILES = (BADGE, WASTE, DIRECTORY, FEEDBACK, CARE)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "detection.md"


def of(profile: str) -> Bench:
    return bench(str(profile_folder(profile)))


def changed(here: Bench, apply: Apply | None) -> Handler:
    assert apply is not None
    return apply(here.supplier())


def body(here: Bench, target: str, handler: Handler) -> Any:
    return json.loads(here.ground.get(target, handler).body)


# --- what the profile leaves open --------------------------------------------------------------------------


def test_among_the_first_variants_optional_members_are_absent_and_unusual_text_is_there() -> None:
    here = of(DIRECTORY)
    targets = ["/services?per_page=50", "/taxonomy_terms?per_page=50"]
    targets += [answer.target for answer in here.ground.good("getService")[:8]]
    clean = [body(here, target, here.supplier()) for target in targets]
    absent: set[str] = set()
    unusual = emptied = recoded = 0
    for number in range(60):
        chosen = variant(here.ground, number, "0")
        ways = tuple(way for way in chosen.ways if way[0] in ("optional member", "coded member"))
        handler, _ = applied(here.ground, Variant(number, ways, ()), here.supplier(), "0")
        made = [body(here, target, handler) for target in targets]
        absent |= names(clean) - names(made)
        unusual += "漢字" in json.dumps(made, ensure_ascii=False)
        emptied += json.dumps(made).count("[]") > json.dumps(clean).count("[]")
        recoded += [one.get("status") for one in made] != [one.get("status") for one in clean]
    assert len(absent) > 20 and {"alert", "fees", "url", "contacts"} <= absent
    assert unusual and emptied and recoded


def names(value: Any) -> set[str]:
    return {path[-1] for path, _ in bodies.walk(value)}


def test_a_list_and_a_record_leave_out_the_same() -> None:
    here = of(DIRECTORY)
    for seed in ("a", "b", "c", "d"):
        handler = changed(here, free._filled(here.ground, free.ABSENT_ON_SOME, ["url", "email"], seed))
        listed = body(here, "/services?per_page=50", handler)["contents"]
        for record in listed[:25]:
            detail = body(here, f"/services/{record['id']}", handler)
            assert [record.get(name) for name in ("url", "email")] == [detail.get(name) for name in ("url", "email")]
        with_url = sum("url" in record for record in listed)
        assert 0 < with_url < len(listed)


def test_each_legal_code_comes_alike_in_list_and_record() -> None:
    here = of(DIRECTORY)
    seen: dict[str, set[str]] = {}
    for way in (free.NEXT_CODE, free.CODE_BEFORE):
        handler = changed(here, free.every(way)(here.ground, "seed"))
        clean = {one["id"]: one["status"] for one in body(here, "/services?per_page=100", here.supplier())["contents"]}
        for record in body(here, "/services?per_page=100", handler)["contents"]:
            seen.setdefault(clean[record["id"]], set()).add(record["status"])
            assert record["status"] != clean[record["id"]]
        for record in body(here, "/services?per_page=5", handler)["contents"]:
            assert body(here, f"/services/{record['id']}", handler)["status"] == record["status"]
    assert len(seen["active"]) == 2
    alike = {
        record["status"]
        for number in range(30)
        for record in body(
            here, "/services?per_page=5", changed(here, free.every(free.ONE_CODE)(here.ground, str(number)))
        )["contents"]
    }
    assert alike == {"active", "inactive", "defunct", "temporarily closed"}


def test_two_formats_differ_in_the_same_way() -> None:
    here = of(FEEDBACK)
    handler = changed(here, free._filled(here.ground, free.ABSENT, ["status_notes", "agency_responsible"], "seed"))
    xml = here.ground.get("/requests.xml", handler).body.decode()
    as_json = body(here, "/requests.json", handler)
    assert "<description>" in xml and "status_notes" not in xml
    assert all("agency_responsible" not in record and "description" in record for record in as_json)


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_stated_is_at_work(profile: str) -> None:
    """A member that the list names, and that no way can touch, would say more than is done."""
    ground = of(profile).ground
    entries = free.stated(ground)
    assert entries
    for entry in entries:
        for way in entry.ways:
            found = free.candidates(ground, BY_NAME[way])
            at = [(operation.id, site.path) for each in found.values() for operation, site, _ in each]
            for member in entry.members:
                assert any(keeping.stands(member, *place) for place in at), (way, member)


BY_NAME = {
    "absent": free.ABSENT,
    "text": variety.UNUSUAL,
    "empty": free.EMPTY,
    "codes": free.NEXT_CODE,
    "signed": free.SIGNED,
    "translated": codings.BEHIND,
}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([{"members": ["context"], "ways": ["absent"], "reson": "x"}], "has the key reson"),
        ([{"members": ["contxt"], "ways": ["absent"], "reason": "x"}], "names contxt, which no answer"),
        ([{"members": ["noSuch:context"], "ways": ["absent"], "reason": "x"}], "names noSuch:context, which no answer"),
        ([{"members": ["context"], "ways": ["abesnt"], "reason": "x"}], "states the way abesnt"),
        ([{"members": ["context"], "ways": ["absent"]}], "gives no reason"),
        ([{"members": [], "ways": ["absent"], "reason": "x"}], "without members"),
        ([{"members": "context", "ways": ["absent"], "reason": "x"}], "no list of words"),
        ([{"members": [None], "ways": ["absent"], "reason": "x"}], "no list of words"),
        (["context"], "no mapping"),
        ({"members": ["context"]}, "no list"),
        ("context", "no list"),
    ],
)
def test_a_list_that_says_nothing_is_refused_by_the_command(tmp_path: Path, entries: Any, told: str) -> None:
    folder = copied(tmp_path)
    (folder / "excused.yaml").write_text(yaml.safe_dump({"free": entries}))
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [str(folder), "--sample", "1", "--variants", "0", "--jobs", "1"])
    assert isinstance(result.exception, ProfileError), result.output
    assert result.exception.code == "free-unclear" and told in str(result.exception)


def test_a_misspelt_list_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "excused.yaml").write_text(yaml.safe_dump({"fre": [], "excused": []}))
    with pytest.raises(ProfileError, match="the key fre, which is none of floor, excused, free"):
        keeping.free(load(str(folder)))
    (folder / "excused.yaml").write_text("")
    assert keeping.free(load(str(folder))) == ()
    for content in ("[]\n", "[a]\n"):
        (folder / "excused.yaml").write_text(content)
        with pytest.raises(ProfileError, match="no mapping"):
            keeping.free(load(str(folder)))


def copied(tmp_path: Path) -> Path:
    root = profile_folder(BADGE).parents[1]
    folder = tmp_path / BADGE / "1.0"
    shutil.copytree(root / BADGE / "1.0", folder)
    shutil.copytree(root / "gov-api-baseline" / "1.0", tmp_path / "gov-api-baseline" / "1.0")
    return folder


def test_an_address_is_signed_anew_at_each_reading_and_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    here = of(FEEDBACK)
    handler = changed(here, free.every(free.SIGNED)(here.ground, "seed"))
    seen = [[record["media_url"] for record in body(here, "/requests.json", handler)] for _ in range(2)]
    pictures = [(one, other) for one, other in zip(*seen, strict=True) if one or other]
    assert pictures and all("signature=" in one and one != other for one, other in pictures)
    ways = (("addresses", "signed anew at each reading"),)
    monkeypatch.setattr(alarms, "variant", lambda ground, number, seed: Variant(number, ways, ()))
    found = judge_variant(str(profile_folder(FEEDBACK)), 0, "s")
    assert found.told == "addresses: signed anew at each reading" and not found.crash
    # A service may keep a copy of a picture under another address: that is advice.
    assert (found.must, found.should) == ((), ("O311-SUB-04",))


@pytest.mark.parametrize("way", ["with one's own behind", "with one's own before"])
def test_a_code_in_two_systems_is_found_by_both_and_accuses_nobody(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    here = of(CARE)
    make = next(entry for entry in PROPERTIES if entry.name == "codings").ways[way]
    key = yaml.safe_load((profile_folder(CARE) / "dataset" / "target.yaml").read_text())["auth"]["value"]

    def found(code: str) -> list[Any]:
        query = (("patient", "p-104117"), ("clinical-status", code))
        headers = (("host", "127.0.0.1"), ("authorization", f"Bearer {key}"))
        asked = changed(here, make(here.ground, "seed"))(SandboxRequest("GET", "/AllergyIntolerance", query, headers))
        return [entry["resource"] for entry in json.loads(asked.body)["entry"]]

    assert found("active") == found("local-active") != []
    codes = {tuple(one["code"] for one in each["clinicalStatus"]["coding"]) for each in found("active")}
    assert codes == {("active", "local-active") if way.endswith("behind") else ("local-active", "active")}
    monkeypatch.setattr(alarms, "variant", lambda ground, number, seed: Variant(number, (("codings", way),), ()))
    judged = judge_variant(str(profile_folder(CARE)), 0, "s")
    assert (judged.must, judged.should, judged.crash) == ((), (), "") and judged.told == f"codings: {way}"


# --- what is judged ----------------------------------------------------------------------------------------


def drawing(monkeypatch: pytest.MonkeyPatch, idle: Sequence[str]) -> list[str]:
    """Variants that vary nothing in this profile for the seeds that ``idle`` picks; the seeds that were asked for."""
    asked: list[str] = []

    def draw(ground: Any, number: int, seed: str) -> Variant:
        asked.append(seed)
        ways = (("page size", "at most 5"),) if not idle or seed in idle else (("order of members", "turned round"),)
        return Variant(number, ways, ())

    monkeypatch.setattr(alarms, "variant", draw)
    return asked


def test_a_variant_that_changes_no_answer_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = drawing(monkeypatch, ["s"])
    found = judge_variant(str(profile_folder(BADGE)), 3, "s")
    assert asked == ["s", "s again 1"]
    assert (found.number, found.told, found.must, found.crash) == (3, "order of members: turned round", (), "")


def test_when_no_variant_changes_an_answer_that_is_no_clean_result(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = drawing(monkeypatch, [])
    found = judge_variant(str(profile_folder(BADGE)), 3, "s")
    assert len(asked) == alarms.MOST_DRAWS
    assert "changes an answer" in found.crash


def test_what_only_the_wire_shows_is_a_change() -> None:
    here = of(BADGE)
    make = next(entry for entry in PROPERTIES if entry.name == "spelling of headers").ways["capitals"]
    assert differs(here, changed(here, make(here.ground, "seed")))
    assert not differs(here, here.supplier())


# --- which property applies where --------------------------------------------------------------------------


@cache
def at_work(profile: str) -> dict[str, bool]:
    here = of(profile)
    found = applying(here.ground)
    by_name = {entry.name: entry for entry in PROPERTIES}
    return {
        name: any(differs(here, changed(here, by_name[name].ways[way](here.ground, "applying"))) for way in ways)
        for name, ways in found.items()
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_the_table_says_which_property_applies_to_which_profile(profile: str) -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    start = next(number for number, line in enumerate(rows) if line.startswith("| property |"))
    heads = cells(rows[start])
    table = {cells(line)[0]: cells(line) for line in rows[start + 2 :]}
    told = {}
    for entry in PROPERTIES:
        told[entry.name] = table[entry.name][heads.index(profile)]
    assert set(told.values()) <= {"yes", "no"}
    assert {name: word == "yes" for name, word in told.items()} == at_work(profile)


def cells(line: str) -> list[str]:
    return [re.sub(r"`", "", cell).strip() for cell in line.strip("| ").split("|")]
