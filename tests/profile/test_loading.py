"""A profile is hostile data until it is loaded: what is refused, and that the message says where."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from interop_harness.errors import ProfileError
from interop_harness.profile import installed, load, parse_yaml, yaml_reader

ROOT = Path(__file__).resolve().parents[2] / "profiles"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A small profile of its own: one class, one operation, one row."""
    folder = tmp_path / "scratch" / "1.0"
    folder.mkdir(parents=True)
    write(
        folder,
        "profile",
        {
            "format": "interop-profile/1",
            "id": "scratch",
            "version": "1.0",
            "title": "Scratch",
            "publisher": "Nobody",
            "status": "project-defined",
            "prefix": "SCR",
            "classes": [{"id": "core", "title": "Core", "mandatory": True}],
            "documents": {"openapi": {"title": "The document", "url": "https://example.org/"}},
            "generated": {
                "source": {"document": "openapi", "clause": "paths"},
                "status": {"level": "MUST"},
                "media-type": {"level": "MUST"},
                "schema": {"level": "MUST"},
                "parameters": {"level": "MUST"},
                "invalid": {"level": "SHOULD"},
                "unknown-id": {"level": "SHOULD", "expect": [404]},
            },
        },
    )
    write(
        folder, "openapi", {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/things": things()}}
    )
    write(folder, "requirements", {"requirements": [row()]})
    return folder


def things() -> dict:
    schema = {"type": "array", "items": {"type": "object", "required": ["id"]}}
    content = {"application/json": {"schema": schema}}
    return {"get": {"operationId": "listThings", "responses": {"200": {"description": "ok", "content": content}}}}


def row(**changes) -> dict:
    return {
        "id": "SCR-A-01",
        "level": "MUST",
        "class": "core",
        "statement": "Something holds.",
        "source": {"document": "openapi", "clause": "paths"},
        "basis": "stated",
        "check": {"family": "responses.utf8", "operations": "all"},
        **changes,
    }


def write(folder: Path, name: str, content) -> None:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def change(folder: Path, name: str, edit) -> None:
    path = folder / f"{name}.yaml"
    content = yaml.safe_load(path.read_text())
    edit(content)
    write(folder, name, content)


def refused(folder: Path) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        load(str(folder)).requirements  # noqa: B018 - generated rows are made on demand
    assert caught.value.exit_code == 2
    return caught.value


def test_every_installed_profile_loads() -> None:
    assert [load(str(folder)).id for folder in installed()]


def test_the_scratch_profile_itself_loads(scratch: Path) -> None:
    assert {row.id for row in load(str(scratch)).requirements} == {
        *("SCR-A-01", "SCR-listThings-status", "SCR-listThings-media-type", "SCR-listThings-schema"),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: !!python/object/apply:os.system ['true']", "tags"),
        ("a: &x [1]\nb: *x", "anchors"),
        ("a: 1\na: 2", "twice"),
        ("a: [" * 200, "nested"),
        ("a: [1", "line [12]"),
        ("\x00", "not readable"),
    ],
)
def test_yaml_tricks_are_refused_with_the_place(text: str, code: str) -> None:
    with pytest.raises(ProfileError, match=code):
        parse_yaml(text.encode(), "x.yaml")


def test_yaml_keeps_words_that_look_like_dates_and_booleans() -> None:
    assert parse_yaml(b"on: 2026-11-21\nno: yes\nt: true", "x.yaml") == {"on": "2026-11-21", "no": "yes", "t": True}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": [1, 1.5, -2e3, true, false, null, "x", "\\n"]}, "": "é", "2026-11-21": "yes"}',
        '{"a": "\\u00e9"}',
        "{}",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": &x 1}',
        '{"a": ' * 70 + "1" + "}" * 70,
    ],
)
def test_json_is_read_as_the_yaml_that_it_is(text, monkeypatch):
    """A short cut for large documents: what it reads, and what it leaves to be refused, is what YAML is."""

    def read():
        try:
            return parse_yaml(text.encode(), "x.yaml")
        except ProfileError as error:
            return error.message

    quick = read()
    monkeypatch.setattr(yaml_reader, "_json", lambda data: None)
    slow = read()
    if "e3" in text:  # YAML 1.1 takes a number with an exponent and no dot for text
        slow["a"]["b"][2] = -2000.0
    assert quick == slow


def test_only_json_may_be_large(monkeypatch):
    monkeypatch.setattr(yaml_reader, "MAX_BYTES", 100)
    large = json.dumps({"a": ["b"] * 100}).encode()
    assert parse_yaml(large, "x.yaml", limit=1000)["a"][99] == "b"
    with pytest.raises(ProfileError, match="larger than 100 bytes and no JSON"):
        parse_yaml(large[:-1], "x.yaml", limit=1000)
    with pytest.raises(ProfileError, match="larger than 200 bytes"):
        parse_yaml(large, "x.yaml", limit=200)


def test_a_remote_reference_is_refused_and_named(scratch: Path) -> None:
    change(
        scratch,
        "openapi",
        lambda doc: doc["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"].update(
            schema={"$ref": "https://example.org/schema.json"}
        ),
    )
    error = refused(scratch)
    assert error.code == "openapi-remote-reference"
    assert "https://example.org/schema.json" in error.message
    assert "/paths/~1things/get" in error.message


def test_a_reference_that_leads_nowhere_is_refused(scratch: Path) -> None:
    change(scratch, "openapi", lambda doc: doc["paths"]["/things"].update({"$ref": "#/components/nothing"}))
    assert refused(scratch).code == "openapi-reference"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": "OUGHT"}, "requirement-level"),
        ({"class": "unheard-of"}, "requirement-class"),
        ({"id": "OTHER-A-01"}, "requirement-prefix"),
        ({"id": "scr a"}, "requirement-id"),
        ({"basis": "guessed"}, "requirement-basis"),
        ({"check": {"family": "not a family"}}, "check-family"),
        ({"check": {"family": "pagination.size", "operation": "noSuchThing"}}, "check-operation"),
        ({"declared": "Do you?"}, "requirement-way"),
        ({"check": None}, "requirement-way"),
        ({"statment": "typo"}, "requirement-key"),
        ({"source": {"document": "elsewhere", "clause": "1"}}, "source-unknown"),
        ({"statement": ""}, "profile-text"),
    ],
)
def test_a_row_that_says_something_impossible_is_refused(scratch: Path, changes: dict, code: str) -> None:
    write(scratch, "requirements", {"requirements": [row(**changes)]})
    error = refused(scratch)
    assert error.code == code
    assert "SCR-A-01" in error.message or "row 1" in error.message or code == "requirement-prefix"


def test_an_id_used_twice_is_refused(scratch: Path) -> None:
    write(scratch, "requirements", {"requirements": [row(), row()]})
    assert refused(scratch).code == "requirement-repeated"


def test_extends_in_a_circle_is_refused_and_drawn(scratch: Path) -> None:
    other = scratch.parent.parent / "other" / "1.0"
    shutil.copytree(scratch, other)
    change(other, "profile", lambda doc: doc.update(id="other", extends=[{"id": "scratch", "version": "1.0"}]))
    change(scratch, "profile", lambda doc: doc.update(extends=[{"id": "other", "version": "1.0"}]))
    error = refused(scratch)
    assert error.code == "profile-cycle"
    assert "scratch@1.0 → other@1.0 → scratch@1.0" in error.message


def test_a_layer_may_not_switch_off_what_its_base_holds_firm(scratch: Path) -> None:
    top = scratch.parent.parent / "top" / "1.0"
    shutil.copytree(scratch, top)
    (top / "openapi.yaml").unlink()
    write(top, "requirements", {"requirements": []})
    change(
        top,
        "profile",
        lambda doc: doc.update(
            id="top",
            prefix="TOP",
            classes=[],
            extends=[{"id": "scratch", "version": "1.0"}],
            overrides=[{"requirement": "SCR-A-01", "not_applicable": "we would rather not"}],
        ),
    )
    assert refused(top).code == "override-refused"
    write(scratch, "requirements", {"requirements": [row(overridable=True)]})
    found = {row.id: row for row in load(str(top)).requirements}
    assert found["SCR-A-01"].not_applicable == "we would rather not"


def test_the_digest_follows_the_content_and_not_the_readme(scratch: Path) -> None:
    before = load(str(scratch)).sha256
    (scratch / "README.md").write_text("words")
    assert load(str(scratch)).sha256 == before
    write(scratch, "requirements", {"requirements": [row(statement="Something else holds.")]})
    assert load(str(scratch)).sha256 != before


def test_an_unknown_profile_names_the_closest() -> None:
    with pytest.raises(ProfileError) as caught:
        load("open-referal-uk")
    assert "open-referral-uk" in caught.value.hint


def test_an_operation_added_to_the_document_brings_its_cases_without_rows_or_python(scratch: Path) -> None:
    """The promise of the framework: the document alone makes status, type, schema, parameter and unknown-id cases."""
    from interop_harness.generation.inputs import compile_inputs
    from interop_harness.implementation import Implementation
    from interop_harness.plan import make_plan

    def planned():
        profile = load(str(scratch))
        target = Implementation(base_url="http://127.0.0.1", environment="development")
        return {case.id: case for case in make_plan(profile, target, inputs=compile_inputs(profile)).cases}

    before = planned()
    added = things()["get"] | {
        "operationId": "getThing",
        "parameters": [
            {"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
        ],
    }
    change(scratch, "openapi", lambda doc: doc["paths"].update({"/things/{thing}": {"get": added}}))
    new = {identifier: case for identifier, case in planned().items() if identifier not in before}
    assert {case.family for case in new.values()} == {
        *("responses.status", "responses.media_type", "responses.schema"),
        *("inputs.parameters", "inputs.invalid", "errors.unknown_id"),
    }
    tried = {case.arguments["value"] for case in new.values() if case.family == "inputs.invalid"}
    assert {"0", "10"} <= tried, "the values just outside the documented range"
    assert all(case.requirement.startswith("SCR-getThing-") for case in new.values())
