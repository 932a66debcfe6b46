"""From a folder ``profiles/<id>/<version>/`` to a :class:`Profile`. Executes nothing, fetches nothing."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from interop_harness.errors import ProfileError
from interop_harness.profile.model import ASPECTS, ConformanceClass, GeneratedAspect, Layer, Profile
from interop_harness.profile.openapi import OpenAPI
from interop_harness.profile.yaml_reader import read_yaml
from interop_harness.requirement import REQUIREMENT_ID, Level, Requirement, Source

FORMAT = "interop-profile/1"
DIGESTED = ("errata.yaml", "inputs.json", "openapi.yaml", "profile.yaml", "requirements.yaml")
"""What a verdict rests on; dataset, faults and README may change without a new version."""
STATUSES = ("adopted", "draft", "dormant", "project-defined", "experimental")
ENTRY_POINT = "interop_harness.profiles"
_PACKAGE = Path(__file__).resolve().parents[1]


def profile_roots() -> list[Path]:
    """The folders that hold profiles: this package's own, those in INTEROP_PROFILES, installed third parties'."""
    roots = [_PACKAGE / "profiles", _PACKAGE.parents[1] / "profiles"]
    roots += [Path(entry) for entry in os.environ.get("INTEROP_PROFILES", "").split(os.pathsep) if entry]
    return [root for root in roots if root.is_dir()] + _third_party_roots()


@lru_cache(maxsize=1)
def _third_party_roots() -> list[Path]:
    from importlib.metadata import entry_points

    found = []
    for entry in sorted(entry_points(group=ENTRY_POINT), key=lambda entry: entry.name):
        # The entry names a package; its folder is located without importing (so without executing) it.
        for file in (entry.dist.files or []) if entry.dist else []:
            if file.parts[:1] == (entry.value.split(".")[0],) and file.name == "profile.yaml":
                found.append(Path(str(file.locate())).resolve().parents[2])
                break
    return found


def installed() -> Iterator[Path]:
    """Every profile folder this installation can load, sorted by id and version."""
    seen: dict[tuple[str, str], Path] = {}
    for root in profile_roots():
        for manifest in root.glob("*/*/profile.yaml"):
            folder = manifest.parent
            seen.setdefault((folder.parent.name, folder.name), folder)
    for key in sorted(seen):
        yield seen[key]


def find_folder(name: str) -> Path:
    """The folder of ``id``, ``id@version``, or of a path that holds a profile.yaml.

    Without a version: the highest one installed. Raises ProfileError naming what there is.
    """
    path = Path(name)
    if ("/" in name or name.startswith(".")) and path.is_dir():
        if not (path / "profile.yaml").is_file():
            raise ProfileError("profile-unknown", f"{name} holds no profile.yaml.", "Name a profile's version folder.")
        return path
    identifier, _, version = name.partition("@")
    folders = [folder for folder in installed() if folder.parent.name == identifier]
    if version:
        folders = [folder for folder in folders if folder.name == version]
    if not folders:
        known = sorted({folder.parent.name for folder in installed()})
        close = difflib.get_close_matches(identifier, known, 1)
        hint = f"Did you mean {close[0]}?" if close else f"Installed: {', '.join(known) or 'none'}."
        raise ProfileError("profile-unknown", f"There is no profile {name!r}.", hint)
    return max(folders, key=lambda folder: [int(part) if part.isdigit() else 0 for part in folder.name.split(".")])


def load(name: str) -> Profile:
    """Load a profile with everything it extends. Raises ProfileError saying file, row and what to change."""
    return _load(find_folder(name), ())


def _load(folder: Path, chain: tuple[str, ...]) -> Profile:
    manifest = _mapping(read_yaml(folder / "profile.yaml"), "profile.yaml")
    if manifest.get("format") != FORMAT:
        raise ProfileError("profile-format", f"{folder}: profile.yaml must say format: {FORMAT}.")
    identifier, version = _text(manifest, "id"), _text(manifest, "version")
    name = f"{identifier}@{version}"
    if name in chain:
        raise ProfileError("profile-cycle", f"extends goes in a circle: {' → '.join((*chain, name))}.")
    bases = []
    for entry in manifest.get("extends", []):
        base = f"{_text(entry, 'id')}@{_text(entry, 'version')}"
        if base in (*chain, name):
            raise ProfileError("profile-cycle", f"extends goes in a circle: {' → '.join((*chain, name, base))}.")
        bases.append(_load(_base_folder(base, folder), (*chain, name)))
    return _build(folder, manifest, identifier, version, bases)


def _base_folder(name: str, folder: Path) -> Path:
    """A base is looked for beside the profile first, so that a council's own set works from its own folder."""
    identifier, _, version = name.partition("@")
    beside = folder.resolve().parents[1] / identifier / version
    return beside if (beside / "profile.yaml").is_file() else find_folder(name)


def _build(folder: Path, manifest: Mapping[str, Any], identifier: str, version: str, bases: list[Profile]) -> Profile:
    if manifest.get("status") not in STATUSES:
        raise ProfileError("profile-status", f"{identifier}: status must be one of {', '.join(STATUSES)}.")
    prefix = _text(manifest, "prefix")
    classes = tuple(
        ConformanceClass(
            _text(entry, "id"),
            _text(entry, "title"),
            entry.get("mandatory") is True,
            str(entry.get("description", "")),
            identifier,
        )
        for entry in manifest.get("classes", [])
    )
    documents = {**{key: value for base in bases for key, value in base.documents.items()}}
    documents.update(_mapping(manifest.get("documents", {}), "documents"))
    generated, generated_source = _generated(manifest.get("generated", {}), documents)
    has_openapi = (folder / "openapi.yaml").is_file()
    raw = read_yaml(folder / "openapi.yaml") if has_openapi else _inherited_document(bases)
    default_class = str(manifest.get("default_class", classes[0].id if classes else ""))
    openapi = OpenAPI(_mapping(raw, "openapi.yaml"), default_class=default_class)
    rows = _rows(folder, identifier, prefix, documents)
    inherited = _inherit(bases, manifest.get("overrides", []), identifier)
    all_classes = (*classes, *(entry for base in bases for entry in base.classes))
    _check_rows((*inherited, *rows), all_classes, openapi, identifier)
    own = _digest(folder, [base.sha256 for base in bases])
    requirements_file = folder / "requirements.yaml"
    layers = (
        Layer(identifier, version, _text(manifest, "title"), own),
        *{layer.id: layer for base in bases for layer in base.layers}.values(),
    )
    parameters = {key: value for base in bases for key, value in base.parameters.items()}
    parameters.update(manifest.get("parameters", {}))
    if not has_openapi and bases:
        generated, generated_source = bases[0].generated, bases[0].generated_source
    return Profile(
        id=identifier,
        version=version,
        title=_text(manifest, "title"),
        publisher=_text(manifest, "publisher"),
        status=manifest["status"],
        licence=str(manifest.get("licence", "")),
        standard=manifest.get("standard", {}),
        folder=folder,
        sha256=own,
        requirements_sha256=_sha256(requirements_file),
        prefix=prefix if has_openapi or not bases else bases[0].prefix,
        classes=all_classes,
        written=(*rows, *inherited),
        documents=documents,
        generated=generated,
        generated_source=generated_source,
        openapi=openapi,
        errata=tuple(_errata(folder)),
        parameters=parameters,
        layers=layers,
        precedence=str(manifest.get("precedence", "")),
        inputs=_inputs(folder if has_openapi else _inherited_folder(bases, folder)),
    )


def _inherited_document(bases: list[Profile]) -> Mapping[str, Any]:
    for base in bases:
        if base.operations:
            return base.openapi.document
    return {"openapi": "3.0.3", "info": {"title": "none", "version": "0"}, "paths": {}}


def _inherited_folder(bases: list[Profile], folder: Path) -> Path:
    return next((base.folder for base in bases if base.operations), folder)


def _generated(value: Any, documents: Mapping[str, Any]) -> tuple[Mapping[str, GeneratedAspect], Source]:
    value = _mapping(value, "generated")
    source = _source(value.get("source", {"document": "openapi", "clause": "paths", "url": ""}), documents, "generated")
    aspects = {}
    for aspect in ASPECTS:
        rule = value.get(aspect)
        if rule is not None:
            aspects[aspect] = GeneratedAspect(
                _level(rule.get("level"), f"generated.{aspect}"), rule.get("expect"), rule.get("observe") is True
            )
    unknown = set(value) - {*ASPECTS, "source"}
    if unknown:
        raise ProfileError("profile-generated", f"profile.yaml, generated: unknown aspect {sorted(unknown)[0]!r}.")
    return aspects, source


_ROW_KEYS = {
    *("id", "level", "class", "statement", "source", "basis", "why", "fix", "check", "declared", "not_tested"),
    *("observe", "overridable", "applies", "note", "errata"),
}


def _rows(folder: Path, layer: str, prefix: str, documents: Mapping[str, Any]) -> tuple[Requirement, ...]:
    path = folder / "requirements.yaml"
    if not path.is_file():
        return ()
    content = _mapping(read_yaml(path), "requirements.yaml")
    rows: dict[str, Requirement] = {}
    for number, entry in enumerate(content.get("requirements", []), 1):
        where = f"requirements.yaml, row {number}"
        row = _row(_mapping(entry, where), where, layer, documents)
        if row.id in rows:
            raise ProfileError(
                "requirement-repeated", f"{where}: the id {row.id} stands twice.", "Ids are never reused."
            )
        if not row.id.startswith(f"{prefix}-"):
            raise ProfileError("requirement-prefix", f"{where}: {row.id} does not begin with {prefix}-.")
        rows[row.id] = row
    return tuple(rows.values())


def _row(entry: Mapping[str, Any], where: str, layer: str, documents: Mapping[str, Any]) -> Requirement:
    identifier = _text(entry, "id", where)
    where = f"{where} ({identifier})"
    if not REQUIREMENT_ID.match(identifier):
        raise ProfileError("requirement-id", f"{where}: an id looks like PREFIX-AREA-01.")
    unknown = sorted(set(entry) - _ROW_KEYS)
    if unknown:
        close = difflib.get_close_matches(unknown[0], _ROW_KEYS, 1)
        hint = f"Did you mean {close[0]}?" if close else ""
        raise ProfileError("requirement-key", f"{where}: unknown key {unknown[0]!r}.", hint)
    ways = [key for key in ("check", "declared", "not_tested") if entry.get(key)]
    if len(ways) != 1:
        raise ProfileError(
            "requirement-way", f"{where}: exactly one of check, declared and not_tested is needed, found {len(ways)}."
        )
    basis = entry.get("basis")
    if basis not in {"stated", "derived"}:
        raise ProfileError("requirement-basis", f"{where}: basis must be stated or derived.")
    check = entry.get("check", [])
    checks = tuple(_check(item, where) for item in (check if isinstance(check, list) else [check]))
    applies = _mapping(entry.get("applies", {}), where)
    return Requirement(
        id=identifier,
        level=_level(entry.get("level"), where),
        conformance_class=_text(entry, "class", where),
        statement=_text(entry, "statement", where),
        source=_source(entry.get("source"), documents, where),
        basis=basis,
        layer=layer,
        checks=checks,
        declared=str(entry.get("declared", "")),
        not_tested=str(entry.get("not_tested", "")),
        observe=entry.get("observe") is True,
        overridable=entry.get("overridable") is True,
        skip_environments=tuple(applies.get("environment_not", ())),
        needs_classes=tuple(applies.get("claimed", ())),
        why=str(entry.get("why", "")),
        fix=str(entry.get("fix", "")),
    )


def _check(item: Any, where: str) -> Mapping[str, Any]:
    mapping = _mapping(item, f"{where}, check")
    if not re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", str(mapping.get("family", ""))):
        raise ProfileError("check-family", f"{where}: check needs a family such as pagination.size.")
    return mapping


def _inherit(bases: list[Profile], overrides: Any, layer: str) -> tuple[Requirement, ...]:
    """The bases' rows, with those that this layer rules out marked not applicable.

    Only a row its own profile marks ``overridable`` may be ruled out, and only with a reason.
    """
    import dataclasses

    rows = {row.id: row for base in bases for row in base.written}
    for entry in overrides or []:
        identifier = _text(entry, "requirement", "overrides")
        reason = _text(entry, "not_applicable", f"overrides, {identifier}")
        if identifier not in rows:
            raise ProfileError("override-unknown", f"{layer}: overrides name {identifier}, which no base has.")
        if not rows[identifier].overridable:
            raise ProfileError(
                "override-refused", f"{layer}: {identifier} is not overridable; a layer may only add or tighten."
            )
        rows[identifier] = dataclasses.replace(rows[identifier], not_applicable=reason)
    return tuple(rows.values())


def _check_rows(
    rows: tuple[Requirement, ...], classes: tuple[ConformanceClass, ...], openapi: OpenAPI, profile: str
) -> None:
    known = {entry.id for entry in classes}
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise ProfileError("requirement-repeated", f"{profile}: {row.id} is in this profile and in one it extends.")
        seen.add(row.id)
        for needed in (row.conformance_class, *row.needs_classes):
            if needed not in known:
                raise ProfileError("requirement-class", f"{row.id}: there is no class {needed!r}.")
        for check in row.checks:
            for key in ("operation", "item", "detail", "target"):
                named = check.get(key)
                if isinstance(named, str) and named not in openapi.operations and named != "all":
                    raise ProfileError(
                        "check-operation",
                        f"{row.id}: {key} {named!r} is no operation of openapi.yaml.",
                        f"Operations: {', '.join(openapi.operations)}.",
                    )
    for operation in openapi.operations.values():
        if operation.conformance_class not in known:
            raise ProfileError(
                "operation-class",
                f"openapi.yaml: {operation.id} is of class {operation.conformance_class!r}, "
                "which profile.yaml does not name.",
            )


def _errata(folder: Path) -> list[Mapping[str, Any]]:
    path = folder / "errata.yaml"
    return list(_mapping(read_yaml(path), "errata.yaml").get("errata", [])) if path.is_file() else []


def _inputs(folder: Path) -> Mapping[str, Any] | None:
    path = folder / "inputs.json"
    if not path.is_file():
        return None
    try:
        return _mapping(json.loads(path.read_bytes()), "inputs.json")
    except (ValueError, RecursionError) as error:
        raise ProfileError("profile-inputs", f"{path} is not JSON: {error}", "Compile it again.") from error


def _digest(folder: Path, bases: list[str]) -> str:
    lines = [f"{name} {_sha256(folder / name)}" for name in DIGESTED if (folder / name).is_file()]
    lines += [f"base {digest}" for digest in sorted(bases)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else hashlib.sha256(b"").hexdigest()


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ProfileError("profile-shape", f"{where}: a mapping is expected here.")
    return value


def _text(mapping: Any, key: str, where: str = "profile.yaml") -> str:
    value = _mapping(mapping, where).get(key)
    if not isinstance(value, str) or not value.strip():
        raise ProfileError("profile-text", f"{where}: {key} must be text (in quotes, if it looks like a number).")
    return value.strip()


def _level(value: Any, where: str) -> Level:
    try:
        return Level(value)
    except ValueError as error:
        raise ProfileError("requirement-level", f"{where}: level must be MUST, SHOULD or MAY.") from error


def _source(value: Any, documents: Mapping[str, Any], where: str) -> Source:
    entry = _mapping(value, f"{where}, source")
    document = _text(entry, "document", f"{where}, source")
    known = documents.get(document)
    if known is None:
        raise ProfileError("source-unknown", f"{where}: the source {document!r} is not among profile.yaml's documents.")
    url = entry.get("url") or _mapping(known, "documents").get("url", "")
    return Source(document, _text(entry, "clause", f"{where}, source"), str(url))
