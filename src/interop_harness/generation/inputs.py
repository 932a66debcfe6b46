"""Values for each documented query parameter, made by Schemathesis once for a profile version and kept beside it.

Generating costs more than a run and changes with the generator's version, so a run only reads ``inputs.json``.
What Schemathesis calls valid or invalid is checked against how the value travels: in a query string everything is
text, so ``0`` is no wrong type for a text parameter and is dropped from the invalid ones.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from interop_harness.errors import ProfileError
from interop_harness.generation.validation import Validators
from interop_harness.profile import OpenAPI, Operation, Parameter, Profile

FORMAT = "interop-inputs/1"
VALID, INVALID = 6, 6
"""At most this many valid and invalid values a parameter; every value of an enumeration counts as one kind."""
ENUM = 12
_DROPPED = {"malformed_content_type", "unspecified_http_method", "missing_parameter", "duplicate_parameter"}


def compile_inputs(profile: Profile) -> dict[str, Any]:
    """Boundary values, near-boundary values, wrong types and formats for every query parameter, sorted."""
    import schemathesis
    from schemathesis.generation import GenerationMode

    document = _plain(profile.openapi)
    schema = _schema(document)
    validators = Validators(profile.openapi)
    operations: dict[str, Any] = {}
    for operation in profile.operations.values():
        if not any(parameter.place == "query" for parameter in operation.parameters):
            continue
        made = schema[operation.path][operation.method]
        cases = schema.iter_coverage_cases(
            made,
            generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
            generation_config=schema.config.generation_for(operation=made, phase="coverage"),
        )
        operations[operation.id] = collect(operation, _single_values(operation, cases), validators, paging(profile))
    return {"format": FORMAT, "generator": f"schemathesis {schemathesis.__version__}", "operations": operations}


def inputs_of(profile: Profile, cache: Path | None = None) -> Mapping[str, Any]:
    """The compiled inputs: those beside the profile, else those in the user's cache, compiled on first use."""
    if profile.inputs is not None:
        return profile.inputs
    if not any(parameter.place == "query" for op in profile.operations.values() for parameter in op.parameters):
        return {"format": FORMAT, "operations": {}}
    folder = cache or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "interop-harness" / "inputs"
    path = folder / f"{profile.sha256}.json"
    try:
        kept: Mapping[str, Any] = json.loads(path.read_bytes())
        if kept.get("format") == FORMAT:
            return kept
    except (OSError, ValueError):
        pass  # nothing kept, or damaged: compile it again
    made = compile_inputs(profile)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(inputs_bytes(made))
    except OSError:
        pass  # a cache that cannot be written only costs the next run its time
    return made


def inputs_bytes(inputs: Mapping[str, Any]) -> bytes:
    """The file's bytes: sorted keys, so that compiling twice gives the same."""
    return json.dumps(inputs, sort_keys=True, indent=1, ensure_ascii=True).encode() + b"\n"


def _schema(document: Mapping[str, Any]) -> Any:
    # Hypothesis writes a directory into the working directory unless it is told where to.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(tempfile.gettempdir()) / "interop-hypothesis"))
    from schemathesis import openapi
    from schemathesis.config import SchemathesisConfig

    config = SchemathesisConfig.from_dict(
        {"phases": {"coverage": {"unexpected-methods": []}}, "generation": {"allow-extra-parameters": False}}
    )
    try:
        return openapi.from_dict(dict(document), config=config)
    except Exception as error:
        raise ProfileError("openapi-unusable", f"openapi.yaml cannot be used to generate inputs: {error}") from error


def _plain(openapi: OpenAPI) -> dict[str, Any]:
    """A copy without response schemas: inputs do not depend on them, and loading is quicker."""
    document: dict[str, Any] = json.loads(json.dumps(openapi.document))
    for item in document.get("paths", {}).values():
        for method in item.values():
            if isinstance(method, dict) and "responses" in method:
                method["responses"] = {"200": {"description": "any"}}
    return document


def _single_values(operation: Operation, cases: Any) -> Iterator[tuple[str, str, str]]:
    names = {parameter.name for parameter in operation.parameters if parameter.place == "query"}
    for parameter in operation.parameters:
        for stated in parameter.values if parameter.place == "query" else ():
            yield parameter.name, _wire(stated), "a documented value"
        if parameter.place == "query" and parameter.example is not None:
            yield parameter.name, _wire(parameter.example), "the documented example"
        if parameter.place == "query":
            for value in parameter.schema.get("enum", [])[:ENUM]:
                yield parameter.name, _wire(value), "a documented value"
    for case in cases:
        if case.method != operation.method or case.meta is None:
            continue
        data = case.meta.phase.data
        scenario = getattr(data.scenario, "value", str(data.scenario)) if data.scenario else ""
        if scenario in _DROPPED:
            continue
        what = str(data.description or "a value").rpartition(": ")[2].lower()
        query = case.query or {}
        if data.parameter in names and data.parameter in query:
            chosen = [data.parameter]
        elif scenario == "default_positive_test":
            chosen, what = [name for name in query if name in names], "an ordinary value"
        else:
            continue
        for name in chosen:
            value = query[name]
            if isinstance(value, str | int | float):
                yield name, _wire(value), what


def collect(
    operation: Operation, values: Iterator[tuple[str, str, str]], validators: Validators, paging: set[str]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, dict[tuple[str, str], dict[str, Any]]] = {"parameters": {}, "invalid": {}}
    counts: dict[tuple[str, str], int] = {}
    for name, value, what in values:
        parameter = operation.parameter(name)
        if parameter is None or len(value) > 200:
            continue
        aspect = "parameters" if wire_valid(parameter, value, validators, operation.id) else "invalid"
        if aspect == "parameters" and not _sure(parameter, value, what, paging):
            continue
        limit = max(VALID, min(ENUM, len(parameter.schema.get("enum", ())))) if aspect == "parameters" else INVALID
        key = (name, value)
        if key in found[aspect] or counts.get((aspect, name), 0) >= limit:
            continue
        counts[aspect, name] = counts.get((aspect, name), 0) + 1
        description = what if aspect == "parameters" or what != "a documented value" else "not a valid value"
        found[aspect][key] = {"parameter": name, "value": value, "description": description}
        if parameter.together:
            found[aspect][key]["with"] = {key: str(text) for key, text in sorted(parameter.together.items())}
    return {aspect: [rows[key] for key in sorted(rows)] for aspect, rows in found.items()}


_DOCUMENTED = ("the documented example", "a documented value")


def _sure(parameter: Parameter, value: str, what: str, paging: set[str]) -> bool:
    """Whether every conforming supplier accepts the value, whatever data it holds."""
    if parameter.values:
        return value in [_wire(stated) for stated in parameter.values]
    return what in _DOCUMENTED or (parameter.name not in paging and not _free_text(parameter))


def _free_text(parameter: Parameter) -> bool:
    """Text that the document describes no further: a made-up value may well be nonsense where it is used."""
    return parameter.schema.get("type", "string") == "string" and not {"enum", "pattern", "format"} & set(
        parameter.schema
    )


def paging(profile: Profile) -> set[str]:
    """Page numbers: whether a made-up one exists depends on how much the supplier has."""
    collections = profile.parameters.get("collections", {}).values()
    return {str(stated["page_parameter"]) for stated in collections if stated.get("page_parameter")}


def wire_valid(parameter: Parameter, text: str, validators: Validators, operation: str) -> bool:
    """Whether a text in a query string is a valid value of the parameter."""
    schema = parameter.schema
    kind = schema.get("type", "string")
    value: Any = text
    if kind == "integer":
        if not re.fullmatch(r"-?\d{1,18}", text):
            return False
        value = int(text)
    elif kind == "number":
        if not re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", text):
            return False
        value = float(text)
    elif kind == "boolean":
        if text not in {"true", "false"}:
            return False
        value = text == "true"
    elif kind in {"array", "object"}:
        return text != ""
    return not validators.errors(value, schema, f"{operation} parameter {parameter.name}")


def _wire(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)
