"""A profile looked over: what would make it wrong, unclear or untested, with the place and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interop_harness.assurance.coverage import coverage_of
from interop_harness.assurance.lock import locked
from interop_harness.errors import ProfileError
from interop_harness.generation.validation import Validators
from interop_harness.profile import Profile, load
from interop_harness.profile.openapi import METHODS


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to mend (``error``) or to look at (``warning``)."""

    severity: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.message}"


def lint(name: str) -> list[Remark]:
    """Every remark about a profile, errors first. A profile that does not load has exactly one."""
    try:
        profile = load(name)
        profile.requirements  # noqa: B018 - generated rows are made on demand, and may be impossible
    except ProfileError as error:
        return [Remark("error", error.code, f"{error.message} {error.hint}".strip())]
    found = [
        *_openapi(profile),
        *_examples(profile),
        *_rows(profile),
        *_coverage(profile),
        *_inputs(profile),
        *_errata(profile),
        *_lock(profile),
        *_files(profile),
    ]
    return sorted(set(found), key=lambda remark: (remark.severity, remark.where, remark.message))


def _openapi(profile: Profile) -> Iterator[Remark]:
    if not (profile.folder / "openapi.yaml").is_file():
        return
    document = profile.openapi.document
    if not str(document.get("openapi", "")).startswith(("3.0", "3.1")):
        yield Remark("error", "openapi.yaml", "openapi must be 3.0.x or 3.1.x")
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            operation = item.get(method)
            where = f"openapi.yaml, {method.upper()} {path}"
            if operation is None:
                continue
            yield from _parameters(
                profile, path, [*item.get("parameters", []), *operation.get("parameters", [])], where
            )
    validators = Validators(profile.openapi)
    for name, schema in (document.get("components") or {}).get("schemas", {}).items():
        try:
            validators.errors({}, schema, f"lint {name}")
        except ProfileError as error:
            yield Remark("error", f"openapi.yaml, schema {name}", error.message)


def _parameters(profile: Profile, path: str, nodes: list[Mapping[str, Any]], where: str) -> Iterator[Remark]:
    resolved = [profile.openapi.resolve(node) for node in nodes]
    seen: set[tuple[Any, Any]] = set()
    for node in resolved:
        key = (node.get("in"), node.get("name"))
        if key in seen:
            yield Remark("error", where, f"the parameter {key[1]} stands twice")
        seen.add(key)
        if node.get("in") == "path" and node.get("required") is not True:
            yield Remark("error", where, f"the path parameter {key[1]} must be required: true")
    declared = {name for place, name in seen if place == "path"}
    named = {part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")}
    for missing in sorted(named - declared):
        yield Remark("error", where, f"{{{missing}}} of the path has no parameter")


def _examples(profile: Profile) -> Iterator[Remark]:
    """Examples in the document match their schemas: a reader copies them."""
    validators = Validators(profile.openapi)
    for operation in profile.operations.values():
        for parameter in operation.parameters:
            if parameter.example is not None:
                errors = validators.errors(parameter.example, parameter.schema, f"lint {operation.id} {parameter.name}")
                for error in errors[:1]:
                    where = f"openapi.yaml, {operation.id}, parameter {parameter.name}"
                    yield Remark("error", where, f"its example is not {error.expected}")
        for status, response in operation.responses.items():
            for media_type, media in (response.get("content") or {}).items():
                for label, value in _media_examples(media):
                    schema = media.get("schema")
                    if schema is None or "json" not in media_type:
                        continue
                    for error in validators.errors(value, schema, f"lint {operation.id} {status} {media_type}")[:3]:
                        where = f"openapi.yaml, {operation.id} {status}, example {label}"
                        yield Remark("error", where, f"{error.pointer or '/'}: {error.observed}, not {error.expected}")


def _media_examples(media: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in media:
        yield "example", media["example"]
    for label, entry in (media.get("examples") or {}).items():
        if isinstance(entry, Mapping) and "value" in entry:
            yield str(label), entry["value"]


def _rows(profile: Profile) -> Iterator[Remark]:
    for row in profile.written:
        if row.layer != profile.id:
            continue
        where = f"requirements.yaml, {row.id}"
        if not row.source.url.startswith("https://") and not row.source.url.startswith("http://"):
            yield Remark("warning", where, "its source has no address")
        if not row.why:
            yield Remark("warning", where, "why is missing: what goes wrong for a council if it is broken")
        if not row.fix and not (row.not_tested or row.declared):
            yield Remark("warning", where, "fix is missing: the usual repair")
        if row.observe and row.level == "MUST":
            yield Remark("warning", where, "a MUST that is only observed never decides anything")


def _coverage(profile: Profile) -> Iterator[Remark]:
    found = coverage_of(profile)
    for identifier in found.without_case:
        yield Remark("error", f"requirements.yaml, {identifier}", "there is no case and no reason why")
    for family in found.unknown_families:
        yield Remark("error", f"check family {family}", "the suite has no test function of that name")
    for entry in found.unknown_faults:
        yield Remark("error", f"faults.yaml, {entry}", "the profile has no such requirement")
    for family in found.without_fault:
        yield Remark("warning", f"check family {family}", "no named fault trips it in this profile")


def _inputs(profile: Profile) -> Iterator[Remark]:
    own = (profile.folder / "openapi.yaml").is_file()
    queries = any(parameter.place == "query" for op in profile.operations.values() for parameter in op.parameters)
    if own and queries and profile.inputs is None:
        yield Remark("warning", "inputs.json", "not compiled: interop profiles compile makes it")


def _errata(profile: Profile) -> Iterator[Remark]:
    seen: set[str] = set()
    for number, entry in enumerate(profile.errata, 1):
        where = f"errata.yaml, {entry.get('id', f'entry {number}')}"
        for key in ("id", "problem", "reading"):
            if not entry.get(key):
                yield Remark("error", where, f"{key} is missing")
        identifier = f"{entry.get('id')} {entry.get('document')}"
        if identifier in seen:
            yield Remark("error", where, "the id stands twice")
        seen.add(identifier)


def _lock(profile: Profile) -> Iterator[Remark]:
    kept = locked().get(f"{profile.id}@{profile.version}")
    if kept is not None and kept != profile.sha256:
        yield Remark(
            "error",
            "profile digest",
            "this version is locked with another digest: a released version never changes, so make a new one",
        )


def _files(profile: Profile) -> Iterator[Remark]:
    readme = Path(profile.folder, "README.md")
    if not readme.is_file():
        yield Remark("warning", "README.md", "missing: say what the profile covers and what it cannot")
