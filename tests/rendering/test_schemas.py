"""The published schemas fit what the code writes and what the profiles hold, and refuse what is wrong."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from interop_harness.evidence import Exchange, Probe, Request, Response
from interop_harness.evidence.lines import encode
from tests.rendering import made

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "src" / "interop_harness" / "schemas"
NAMES = ("report", "evidence", "profile", "requirements", "faults")


def complaints(name: str, value: Any) -> list[str]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    found = jsonschema_rs.Draft202012Validator(schema).iter_errors(value)
    return [f"/{'/'.join(str(step) for step in error.instance_path)}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_schema_with_an_identity(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:interop-harness:schema:{name}:v1"


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "large", "empty"])
def test_reports_fit(name: str) -> None:
    assert complaints("report", getattr(made, name)()) == []


@pytest.mark.parametrize(
    "path",
    [
        ("verdict", "green"),
        ("exit", 2),
        ("surprise", 1),
        ("profile.sha256", "short"),
        ("implementation.base_url", "ftp://x"),
        ("requirements.0.verdict", "passed"),
        ("requirements.0.findings.0.attribution", "theirs"),
        ("run.complete", "yes"),
        ("summary.MUST.pass", -1),
        ("plan.cases", 1.5),
        ("profile.detection", "90 of 100"),
        ("profile.detection", {"caught": 90, "total": 100}),
    ],
)
def test_a_wrong_report_does_not_fit(path: tuple[str, Any]) -> None:
    report = made.failing()
    report["requirements"] = [row for row in report["requirements"] if row["findings"]]
    place: Any = report
    *steps, last = path[0].split(".")
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = path[1]
    assert len(complaints("report", report)) == 1


def test_figures_of_detection_fit() -> None:
    report = made.passing()
    report["profile"]["detection"] = made.figures(report)
    assert complaints("report", report) == []


def evidence_lines() -> list[dict[str, Any]]:
    header = {
        "plan": {
            "profile": {"id": "x", "version": "1", "sha256": "0" * 64},
            "implementation": {"base_url": "http://127.0.0.1:1", "environment": "development"},
            "options": {},
            "challenge": "",
            "seed": "0" * 64,
            "cases": [{"id": "A-1", "requirement": "A-1", "family": "a.b", "title": "t", "arguments": {}}],
            "exclusions": [["A-2", "not-tested", "why"]],
            "drawn": {},
        },
        "plan_sha256": "0" * 64,
        "suite": {"name": "interop-harness", "version": "0.1.0", "sha256": "0" * 64},
        "detection": None,
        "modified": False,
        "run": {"started": "2026-11-21T10:30:00+00:00"},
    }
    odd = Exchange(
        Request("POST", "/x", (("Accept", "*/*"),), b"\xff", "none", 2),
        Response(200, (("A", "b"),), b"\xff\x00", redirects=((301, "/y"),)),
    )
    exchanges = [*made.EXCHANGES.values(), odd]
    lines = encode(header, [Probe("dns", None, "s", "h", {"a": 1})], exchanges, complete=True)
    return [json.loads(line) for line in lines]


def test_evidence_lines_fit() -> None:
    for line in evidence_lines():
        assert complaints("evidence", line) == []


def test_wrong_evidence_lines_do_not_fit() -> None:
    header, probe, exchange, *_, end = evidence_lines()
    both = {**exchange, "failure": {"kind": "dns", "message": "x"}, "response": exchange.get("response", {})}
    for wrong in (
        {**header, "format": "interop-evidence/2"},
        {**probe, "more": 1},
        {**exchange, "id": "xyz"},
        {key: value for key, value in exchange.items() if key not in {"response", "failure"}},
        both,
        {**end, "complete": None},
        {"type": "other"},
        [],
    ):
        assert complaints("evidence", wrong) != []


def profile_files() -> list[Path]:
    folders = [path for path in (ROOT / "profiles").glob("*/*") if path.is_dir()]
    names = ("profile", "requirements", "faults")
    return sorted(file for folder in folders for name in names if (file := folder / f"{name}.yaml").is_file())


@pytest.mark.parametrize("file", profile_files(), ids=lambda file: "/".join(file.parts[-3:]))
def test_the_profiles_of_this_project_fit(file: Path) -> None:
    assert complaints(file.stem, yaml.safe_load(file.read_text(encoding="utf-8"))) == []


ROW = {
    "id": "DIR-PAGE-01",
    "level": "MUST",
    "class": "basic",
    "statement": "size is right.",
    "source": {"document": "reference", "clause": "4.2"},
    "basis": "stated",
    "check": {"family": "pagination.size", "operation": "listServices"},
}


def test_rows_of_requirements() -> None:
    question = {key: value for key, value in ROW.items() if key != "check"}
    for right in (ROW, {**ROW, "check": [ROW["check"]]}, {**question, "declared": "Is it?"}):
        assert complaints("requirements", {"requirements": [right]}) == []
    for wrong in (
        question,
        {**ROW, "declared": "Is it?"},
        {**ROW, "level": "must"},
        {**ROW, "id": "dir-1"},
        {**ROW, "basis": "guessed"},
        {**ROW, "chekc": {}},
        {**ROW, "check": {"family": "size"}},
        {**ROW, "source": {"document": "reference"}},
        {**ROW, "applies": {"environment_not": ["staging"]}},
    ):
        assert complaints("requirements", {"requirements": [wrong]}) != []


def test_faults() -> None:
    fault = {
        "name": "page-size-wrong",
        "description": "size is one too many.",
        "must_fail": "DIR-PAGE-03",
        "may_change": [{"requirement": "DIR-PAGE-*", "reason": "They read it too."}],
    }
    assert complaints("faults", {"faults": [fault]}) == []
    for wrong in ({**fault, "name": "Page size"}, {**fault, "must_fail": "*"}, {**fault, "may_change": [{}]}):
        assert complaints("faults", {"faults": [wrong]}) != []


def test_profiles() -> None:
    profile = {
        "format": "interop-profile/1",
        "id": "example-directory",
        "version": "3.0",
        "title": "Example directory",
        "publisher": "Example",
        "status": "adopted",
        "prefix": "DIR",
        "documents": {"reference": {"title": "Reference", "url": made.URL}},
        "classes": [{"id": "basic", "title": "Basic", "mandatory": True}],
        "generated": {"source": {"document": "reference", "clause": "paths"}, "status": {"level": "MUST"}},
    }
    assert complaints("profile", profile) == []
    changes: list[tuple[str, Any]] = [
        ("version", 3.0),
        ("status", "final"),
        ("generated", {"stauts": {"level": "MUST"}}),
        ("documents", {"reference": {"title": "R", "url": "javascript:x"}}),
        ("extra", 1),
    ]
    for name, value in changes:
        wrong = copy.deepcopy(profile)
        wrong[name] = value
        assert complaints("profile", wrong) != []
