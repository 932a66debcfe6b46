"""From a folder ``profiles/<id>/<version>/`` to a :class:`Profile`. Executes nothing, fetches nothing."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from interop_harness.errors import ProfileError
from interop_harness.profile.model import ASPECTS, ConformanceClass, GeneratedAspect, Layer, Profile
from interop_harness.profile.openapi import OpenAPI
from interop_harness.profile.rows import level, mapping, read_rows, source, text
from interop_harness.profile.yaml_reader import MAX_DOCUMENT, read_yaml
from interop_harness.requirement import Requirement, Source

FORMAT = "interop-profile/1"
DIGESTED = ("errata.yaml", "inputs.json", "openapi.yaml", "profile.yaml", "requirements.yaml")
"""What a verdict rests on; dataset, faults and README may change without a new version."""
STATUSES = ("adopted", "draft", "dormant", "project-defined", "experimental")
ENTRY_POINT = "interop_harness.profiles"
_NAMED: ContextVar[tuple[str, Path, bool]] = ContextVar("named", default=("", Path(), False))
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


@contextmanager
def named(name: str, *, over: bool = True) -> Iterator[None]:
    """Within this, a profile that is named by its folder is found under its own id and version as well.

    Records say id and version alone. Instead of an installed one of that name, or, without ``over``, only where there
    is none: whom a certificate is shown to is told that its profile is known. Its digest is compared in any case.
    Nothing happens for a name that is empty. Raises ProfileError.
    """
    if not name:
        yield
        return
    folder = find_folder(f"./{name}" if Path(name).is_dir() and "/" not in name else name)
    manifest = mapping(read_yaml(folder / "profile.yaml"), "profile.yaml")
    token = _NAMED.set((f"{text(manifest, 'id')}@{text(manifest, 'version')}", folder, over))
    try:
        yield
    finally:
        _NAMED.reset(token)


def is_place(name: str) -> bool:
    """Whether a name is that of a folder, and not an id."""
    return "/" in name or name.startswith(".")


def find_folder(name: str) -> Path:
    """The folder of ``id``, ``id@version``, or of a path that holds a profile.yaml.

    Without a version: the highest one installed. Raises ProfileError naming what there is.
    """
    given, place, over = _NAMED.get()
    if given == name and over:
        return place
    path = Path(name)
    if is_place(name) and path.is_dir():
        if not (path / "profile.yaml").is_file():
            raise ProfileError("profile-unknown", f"{name} holds no profile.yaml.", "Name a profile's version folder.")
        return path
    identifier, _, version = name.partition("@")
    folders = [folder for folder in installed() if folder.parent.name == identifier]
    if version:
        folders = [folder for folder in folders if folder.name == version]
    if not folders and given == name:
        return place
    if not folders:
        known = sorted({folder.parent.name for folder in installed()})
        close = difflib.get_close_matches(identifier, known, 1)
        hint = f"Did you mean {close[0]}?" if close else f"Installed: {', '.join(known) or 'none'}."
        if len(name) < 200 and (path / "profile.yaml").is_file():
            hint = f"A folder is named with a slash: ./{name}"
        if version:
            hint += " One in a folder of its own: interop run FOLDER --resume DIR, or --profile-folder FOLDER."
        raise ProfileError("profile-unknown", f"There is no profile {name!r}.", hint)
    return max(folders, key=lambda folder: [int(part) if part.isdigit() else 0 for part in folder.name.split(".")])


def load(name: str) -> Profile:
    """Load a profile with everything it extends. Raises ProfileError saying file, row and what to change."""
    return _load(find_folder(name), ())


def _load(folder: Path, chain: tuple[str, ...]) -> Profile:
    manifest = mapping(read_yaml(folder / "profile.yaml"), "profile.yaml")
    if manifest.get("format") != FORMAT:
        raise ProfileError("profile-format", f"{folder}: profile.yaml must say format: {FORMAT}.")
    identifier, version = text(manifest, "id"), text(manifest, "version")
    name = f"{identifier}@{version}"
    if name in chain:
        raise ProfileError("profile-cycle", f"extends goes in a circle: {' → '.join((*chain, name))}.")
    bases = []
    for entry in manifest.get("extends", []):
        base = f"{text(entry, 'id')}@{text(entry, 'version')}"
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
    prefix = text(manifest, "prefix")
    classes = (*_classes(manifest, identifier), *(entry for base in bases for entry in base.classes))
    documents = {key: value for base in bases for key, value in base.documents.items()}
    documents.update(mapping(manifest.get("documents", {}), "documents"))
    # A layer without an interface of its own is about the interface of the profile that it extends.
    lender = None if (folder / "openapi.yaml").is_file() else next((base for base in bases if base.operations), None)
    if lender is None:
        default_class = str(manifest.get("default_class", classes[0].id if classes else ""))
        openapi = OpenAPI(_document(folder), default_class=default_class)
        generated, generated_source = _generated(manifest.get("generated", {}), documents)
    else:
        openapi, generated, generated_source = lender.openapi, lender.generated, lender.generated_source
    rows = read_rows(folder / "requirements.yaml", identifier, prefix, documents)
    inherited = _inherit(bases, manifest.get("overrides", []), identifier)
    parameters = {key: value for base in bases for key, value in base.parameters.items()}
    parameters.update(manifest.get("parameters", {}))
    _check_rows((*inherited, *rows), classes, openapi, parameters, identifier)
    sha256 = _digest(folder, [base.sha256 for base in bases])
    return Profile(
        id=identifier,
        version=version,
        title=text(manifest, "title"),
        publisher=text(manifest, "publisher"),
        status=manifest["status"],
        licence=str(manifest.get("licence", "")),
        standard=manifest.get("standard", {}),
        folder=folder,
        sha256=sha256,
        requirements_sha256=_sha256(folder / "requirements.yaml"),
        prefix=lender.prefix if lender else prefix,
        classes=classes,
        written=(*rows, *inherited),
        documents=documents,
        generated=generated,
        generated_source=generated_source,
        openapi=openapi,
        errata=(*_errata(folder), *(entry for base in bases for entry in base.errata)),
        parameters=parameters,
        layers=_layers(Layer(identifier, version, text(manifest, "title"), sha256, True), manifest, bases),
        interface_layer=lender.interface_layer if lender else identifier,
        precedence=str(manifest.get("precedence", "")),
        inputs=lender.inputs if lender else _inputs(folder),
    )


def _classes(manifest: Mapping[str, Any], layer: str) -> Iterator[ConformanceClass]:
    for entry in manifest.get("classes", []):
        description = str(entry.get("description", ""))
        yield ConformanceClass(
            text(entry, "id"), text(entry, "title"), entry.get("mandatory") is True, description, layer
        )


def _layers(own: Layer, manifest: Mapping[str, Any], bases: list[Profile]) -> tuple[Layer, ...]:
    """Every layer once. A base counts towards the verdict only where the layer above says ``binding: true``."""
    found = {own.id: own}
    for entry, base in zip(manifest.get("extends", []), bases, strict=True):
        bound = entry.get("binding") is True
        for layer in base.layers:
            binding = bound and layer.binding
            if layer.id not in found or binding:
                found[layer.id] = dataclasses.replace(layer, binding=binding)
    return tuple(found.values())


def _document(folder: Path) -> Mapping[str, Any]:
    path = folder / "openapi.yaml"
    if not path.is_file():
        return {"openapi": "3.0.3", "info": {"title": "none", "version": "0"}, "paths": {}}
    return mapping(read_yaml(path, limit=MAX_DOCUMENT), "openapi.yaml")


def _generated(value: Any, documents: Mapping[str, Any]) -> tuple[Mapping[str, GeneratedAspect], Source]:
    value = mapping(value, "generated")
    where = source(value.get("source", {"document": "openapi", "clause": "paths", "url": ""}), documents, "generated")
    aspects = {}
    for aspect in ASPECTS:
        rule = value.get(aspect)
        if rule is not None:
            aspects[aspect] = GeneratedAspect(
                level(rule.get("level"), f"generated.{aspect}"), rule.get("expect"), rule.get("observe") is True
            )
    unknown = set(value) - {*ASPECTS, "source"}
    if unknown:
        raise ProfileError("profile-generated", f"profile.yaml, generated: unknown aspect {sorted(unknown)[0]!r}.")
    return aspects, where


def _inherit(bases: list[Profile], overrides: Any, layer: str) -> tuple[Requirement, ...]:
    """The bases' rows, with those that this layer rules out marked not applicable.

    Only a row its own profile marks ``overridable`` may be ruled out, and only with a reason.
    """
    rows = {row.id: row for base in bases for row in base.written}
    for entry in overrides or []:
        identifier = text(entry, "requirement", "overrides")
        reason = text(entry, "not_applicable", f"overrides, {identifier}")
        if identifier not in rows:
            raise ProfileError("override-unknown", f"{layer}: overrides name {identifier}, which no base has.")
        if not rows[identifier].overridable:
            raise ProfileError(
                "override-refused", f"{layer}: {identifier} is not overridable; a layer may only add or tighten."
            )
        rows[identifier] = dataclasses.replace(rows[identifier], not_applicable=reason)
    return tuple(rows.values())


def _check_rows(
    rows: tuple[Requirement, ...],
    classes: tuple[ConformanceClass, ...],
    openapi: OpenAPI,
    parameters: Mapping[str, Any],
    profile: str,
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
            _check_operations(check, openapi, row.id)
            if "submit" in check and check["submit"] not in parameters.get("submissions", {}):
                known_names = ", ".join(parameters.get("submissions", {})) or "none"
                raise ProfileError(
                    "check-submission",
                    f"{row.id}: submit {check['submit']!r} is not among profile.yaml's parameters.submissions.",
                    f"Submissions: {known_names}.",
                )
    for name, stated in parameters.get("submissions", {}).items():
        where = f"profile.yaml, parameters.submissions.{name}"
        _check_operations(stated, openapi, where)
        other = parameters["submissions"].get(stated.get("like", name))
        if other is None or ("like" in stated and "like" in other):
            raise ProfileError("check-submission", f"{where}: like must name a submission that is like no other.")
    for operation in openapi.operations.values():
        if operation.conformance_class not in known:
            raise ProfileError(
                "operation-class",
                f"openapi.yaml: {operation.id} is of class {operation.conformance_class!r}, "
                "which profile.yaml does not name.",
            )


def _check_operations(node: Any, openapi: OpenAPI, where: str) -> None:
    """Every operation that is named, however deep (in the steps of a round trip, say), must exist."""
    if isinstance(node, list):
        for child in node:
            _check_operations(child, openapi, where)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            named = value if key == "operations" and isinstance(value, list) else [value]
            for name in named if key in _NAMES_OPERATION else ():
                if isinstance(name, str) and name not in openapi.operations and name != "all":
                    raise ProfileError(
                        "check-operation",
                        f"{where}: {key} {name!r} is no operation of openapi.yaml.",
                        f"Operations: {', '.join(openapi.operations)}.",
                    )
            _check_operations(value, openapi, where)


_NAMES_OPERATION = ("operation", "operations", "item", "detail", "target")


def _errata(folder: Path) -> list[Mapping[str, Any]]:
    path = folder / "errata.yaml"
    return list(mapping(read_yaml(path), "errata.yaml").get("errata", [])) if path.is_file() else []


def _inputs(folder: Path) -> Mapping[str, Any] | None:
    path = folder / "inputs.json"
    if not path.is_file():
        return None
    try:
        return mapping(json.loads(path.read_bytes()), "inputs.json")
    except (ValueError, RecursionError) as error:
        raise ProfileError("profile-inputs", f"{path} is not JSON: {error}", "Compile it again.") from error


def _digest(folder: Path, bases: list[str]) -> str:
    lines = [f"{name} {_sha256(folder / name)}" for name in DIGESTED if (folder / name).is_file()]
    lines += [f"base {digest}" for digest in sorted(bases)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else hashlib.sha256(b"").hexdigest()
