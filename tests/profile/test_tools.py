"""Profile tooling: a scaffold that runs, a lint that finds, a diff in words, a page, a lock, a worked layer."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import yaml

from interop_harness.assurance import lock
from interop_harness.assurance.difference import difference
from interop_harness.assurance.explanation import explain
from interop_harness.assurance.lint import lint
from interop_harness.assurance.publication import publication
from interop_harness.assurance.scaffold import scaffold
from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.errors import UsageError
from interop_harness.implementation import Implementation
from interop_harness.plan import make_plan
from interop_harness.profile import installed, load
from interop_harness.rendering.profile_page import profile_page
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/profiles/exampleshire-directory/1.0"
THINGS = {"a": {"id": "a", "name": "A thing"}, "b": {"id": "b", "name": "Another"}}


def things(request: SandboxRequest) -> SandboxResponse:
    """A supplier of the scaffold's interface."""
    headers = (("Content-Type", "application/json; charset=utf-8"),)
    if request.path == "/things":
        return SandboxResponse(200, headers, json.dumps({"things": list(THINGS.values())}).encode())
    found = THINGS.get(request.path.removeprefix("/things/"))
    body = {"error": "not found"} if found is None else found
    return SandboxResponse(404 if found is None else 200, headers, json.dumps(body).encode())


def test_a_scaffold_lints_clean_and_runs_at_once(tmp_path: Path) -> None:
    folder = scaffold(tmp_path, "new-standard", "0.1", "New standard")[0].parent
    assert not [remark for remark in lint(str(folder)) if remark.severity == "error"]
    outcome = run_in_process(reference_plan(load(str(folder))), things)
    assert outcome.report["verdict"] == "conformant", outcome.report["reasons"]
    THINGS["c"] = {"id": "c", "name": ""}
    try:
        outcome = run_in_process(reference_plan(load(str(folder))), things)
    finally:
        del THINGS["c"]
    assert outcome.report["verdict"] == "not-conformant"


def test_a_scaffold_overwrites_nothing(tmp_path: Path) -> None:
    scaffold(tmp_path, "one", "0.1", "")
    with pytest.raises(UsageError, match="exists"):
        scaffold(tmp_path, "one", "0.1", "")
    with pytest.raises(UsageError):
        scaffold(tmp_path, "../escape", "0.1", "")


def changed(tmp_path: Path, name: str, edit) -> Path:
    folder = scaffold(tmp_path, "new-standard", "0.1", "New standard")[0].parent
    content = yaml.safe_load((folder / f"{name}.yaml").read_text())
    edit(content)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


@pytest.mark.parametrize(
    ("name", "edit", "says"),
    [
        (
            "openapi",
            lambda doc: doc["paths"]["/things/{id}"]["get"].pop("parameters"),
            "{id} of the path has no parameter",
        ),
        (
            "openapi",
            lambda doc: doc["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"].update(
                example={"things": [{"id": 5}]}
            ),
            "example",
        ),
        ("requirements", lambda doc: doc["requirements"][0]["check"].update(family="no.such"), "no test function"),
        ("requirements", lambda doc: doc["requirements"][0].pop("why"), "why is missing"),
        ("profile", lambda doc: doc.update(status="famous"), "status must be"),
    ],
)
def test_lint_finds_what_is_wrong_and_says_where(tmp_path: Path, name: str, edit, says: str) -> None:
    remarks = lint(str(changed(tmp_path, name, edit)))
    assert any(says in str(remark) for remark in remarks), remarks


def test_every_installed_profile_lints_without_an_error() -> None:
    for folder in installed():
        errors = [remark for remark in lint(str(folder)) if remark.severity == "error"]
        assert not errors, f"{folder}: {errors}"


def test_a_diff_says_what_may_cost_a_pass_first(tmp_path: Path) -> None:
    old = load(str(scaffold(tmp_path / "old", "new-standard", "0.1", "New standard")[0].parent))
    folder = scaffold(tmp_path / "new", "new-standard", "0.2", "New standard")[0].parent
    content = yaml.safe_load((folder / "requirements.yaml").read_text())
    content["requirements"][1]["level"] = "MUST"
    extra = {**copy.deepcopy(content["requirements"][0]), "id": "NS-REF-02", "statement": "Ids are unique."}
    extra["check"] = {"family": "references.unique_ids", "operation": "listThings"}
    content["requirements"].append(extra)
    (folder / "requirements.yaml").write_text(yaml.safe_dump(content))
    lines = difference(old, load(str(folder)))
    assert lines[0].startswith("May cost a pass")
    assert any("NS-REF-02 is new (MUST" in line for line in lines)
    assert any("NS-OPS-01: SHOULD became MUST" in line for line in lines)
    assert difference(old, old) == []


def test_the_page_of_a_profile_is_complete_escaped_and_the_same_twice(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "requirements", lambda doc: doc["requirements"][0].update(statement="<script>alert(1)</script>")
    )
    data = publication(load(str(folder)))
    page = profile_page(data)
    assert page == profile_page(data)
    assert b"<script" not in page
    assert b"&lt;script&gt;" in page
    for row in load(str(folder)).requirements:
        assert f'id="{row.id}"'.encode() in page


def test_the_locked_digests_hold() -> None:
    """A released version never changes: mend a profile by making a new version, or lock it again before its release."""
    assert lock.compare() == []


def test_explain_gives_clause_test_and_fix_and_suggests_ids() -> None:
    found = explain("ORUK-PAGE-02")
    assert "components.schemas.Page" in found["source"]
    assert found["tested"]
    assert found["fix"]
    with pytest.raises(UsageError) as caught:
        explain("ORUK-PAGE-0")
    assert "ORUK-PAGE-0" in caught.value.hint


def test_the_worked_layer_is_decided_together_with_the_national_profile() -> None:
    profile = load(str(EXAMPLE))
    assert profile.binding == {"exampleshire-directory", "open-referral-uk"}
    target = Implementation(base_url="http://127.0.0.1", environment="development", declarations={"EXD-OPS-01": True})
    plan = make_plan(profile, target)
    clean = run_in_process(plan, handler("open-referral-uk", now=CLOCK))
    verdicts = {row["id"]: row["verdict"] for row in clean.report["requirements"]}
    assert verdicts["EXD-DATA-01"] == "fail", "the reference directory has services without a description"
    assert verdicts["EXD-OPS-01"] == "declared"
    assert clean.report["verdict"] == "not-conformant"
    assert clean.report["reasons"] == ["EXD-DATA-01 failed."]
    broken = run_in_process(plan, handler("open-referral-uk", ["page-size-is-per-page"], now=CLOCK))
    assert "ORUK-PAGE-02 failed." in broken.report["reasons"], "the national rule counts in the council's verdict"
