"""Judges a JSON value against a schema of an OpenAPI document: every error, in a stable order.

OpenAPI 3.0 schemas are rewritten as JSON Schema 2020-12 first, because the older dialects ignore formats such
as ``uuid``. Formats are asserted. Validators are compiled on first use and kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from interop_harness.errors import ProfileError
from interop_harness.profile import OpenAPI
from interop_harness.profile.openapi import pointer_steps

LARGE = 50_000
"""Members of a value beyond which the first error speaks for all."""
DEEP = 100
"""Levels of nesting that are looked at in a value of which the validator cannot see the bottom: it follows some 250."""
WHOLE = frozenset({"anyOf", "oneOf", "not", "if", "contains", "unevaluatedProperties", "unevaluatedItems"})
"""Keywords that rest on all that lies below: of a value that was cut they say nothing."""
MAX_ERRORS = 25
"""A list of ten thousand wrong records needs no ten thousand findings: the first ones in document order."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One place where a value does not match: JSON Pointer, what the schema asks, what stands there."""

    pointer: str
    expected: str
    observed: str
    keyword: str


class TooDeepError(ValueError):
    """A value nests more deeply than the validator follows, and nothing above that depth is wrong."""


def _plain(value: Any, depth: int = DEEP) -> Any:
    """The value with U+FFFD for each half of a character, which JSON may write and no encoding can carry.

    What lies deeper than ``depth`` is left out.
    """
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, (list, dict)) and not depth:
        return None
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_plain(name): _plain(item, depth - 1) for name, item in value.items()}
    return value


def _deep(value: Any) -> bool:
    """Whether a value nests more than DEEP levels."""
    here = [value]
    for _ in range(DEEP):
        here = [
            part
            for one in here
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, (dict, list))
        ]
        if not here:
            return False
    return True


class Validators:
    """The compiled schemas of one OpenAPI document."""

    def __init__(self, openapi: OpenAPI) -> None:
        self._openapi = openapi
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._components: Any = None

    def errors(self, value: Any, schema: Mapping[str, Any], key: str) -> list[SchemaError]:
        """Every mismatch of ``value``, sorted by pointer; the first alone of a value of very many members.

        ``key`` names the schema, so that it compiles once.

        Raises ProfileError when the schema itself is not usable: never the supplier's fault; TooDeepError.
        """
        validator = self._compiled.get(key) or self._compile(schema, key)
        found = {}
        try:
            errors = _errors(validator, value)
        except ValueError:  # half a character, or more levels than the validator follows
            errors = _errors(validator, _plain(value))
            if isinstance(value, (dict, list)) and _deep(value):
                errors = [one for one in errors if one.kind.name not in WHOLE and len(one.instance_path) < DEEP]
                if not errors:
                    told = f"nested more than {DEEP} levels deep, which is more than the harness reads"
                    raise TooDeepError(told) from None
        for number, error in enumerate(errors):
            if number >= MAX_ERRORS * 40:
                break
            made = _error(error)
            found[made.pointer, made.keyword, made.expected] = made
        return [found[place] for place in sorted(found)][:MAX_ERRORS]

    def response_errors(self, value: Any, operation: str, status: int, media_type: str) -> list[SchemaError] | None:
        """Mismatches with the documented answer, or None when no schema is documented for it."""
        response = self._openapi.operations[operation].documented(status) or {}
        content = response.get("content", {})
        schema = content.get(media_type, {}).get("schema")
        if schema is None:
            return None
        return self.errors(value, schema, f"{operation} {status} {media_type}")

    def _compile(self, schema: Mapping[str, Any], key: str) -> jsonschema_rs.Draft202012Validator:
        modern = modernise(schema)
        root = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [modern],
            "components": self._reached(modern),
        }
        try:
            made = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
        except (ValueError, TypeError) as error:
            raise ProfileError("openapi-schema", f"{key}: the documented schema cannot be used: {error}") from error
        self._compiled[key] = made
        return made

    def _reached(self, schema: Any) -> dict[str, dict[str, Any]]:
        """The components that a schema refers to, itself or through others: a validator costs what it is given."""
        if self._components is None:
            self._components = modernise(self._openapi.document.get("components", {}))
        found: dict[str, dict[str, Any]] = {}
        unread = [schema]
        while unread:
            for reference in _references(unread.pop()):
                kind, name = [*pointer_steps(reference.removeprefix("#/components")), "", ""][:2]
                node = self._components.get(kind, {}).get(name)
                if node is not None and name not in found.setdefault(kind, {}):
                    found[kind][name] = node
                    unread.append(node)
        return found


def _errors(validator: jsonschema_rs.Draft202012Validator, value: Any) -> Iterable[Any]:
    if validator.is_valid(value):
        return ()
    if not _large(value):
        return validator.iter_errors(value)
    # The validator makes all errors before it gives the first: of a hundred thousand wrong members, a gigabyte.
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return (error,)
    return ()


def _large(value: Any) -> bool:
    """Whether a value has more than LARGE members, however deep."""
    count, stack = 0, [value]
    while stack and count <= LARGE:
        here = stack.pop()
        if isinstance(here, (dict, list)):
            count += len(here)
            stack.extend(here.values() if isinstance(here, dict) else here[:LARGE])
    return count > LARGE


def _references(node: Any) -> Iterator[str]:
    """Every ``$ref`` below a node, in examples too: one too many costs little."""
    stack = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, Mapping):
            if isinstance(here.get("$ref"), str):
                yield here["$ref"]
            stack.extend(here.values())
        elif isinstance(here, list):
            stack.extend(here)


def modernise(node: Any) -> Any:
    """OpenAPI 3.0's schema dialect as JSON Schema 2020-12: nullable and boolean exclusive bounds."""
    if isinstance(node, list):
        return [modernise(child) for child in node]
    if not isinstance(node, Mapping):
        return node
    made = {
        key: value if key in {"enum", "const", "example", "examples", "default"} else modernise(value)
        for key, value in node.items()
    }
    for bound in ("Minimum", "Maximum"):
        exclusive = made.get(f"exclusive{bound}")
        if isinstance(exclusive, bool):
            del made[f"exclusive{bound}"]
            if exclusive and bound.lower() in made:
                made[f"exclusive{bound}"] = made.pop(bound.lower())
    if made.pop("nullable", False) is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    return made


def _error(error: Any) -> SchemaError:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.instance_path)
    keyword = str(error.kind.name)
    return SchemaError(pointer, _expected(keyword, error), show(error.instance), keyword)


def _expected(keyword: str, error: Any) -> str:  # one line a keyword of the schema vocabulary
    kind = error.kind
    match keyword:
        case "required":
            return f"the member {kind.property!r}"
        case "type":
            return f"type {' or '.join(sorted(kind.types))}"
        case "enum":
            return f"one of {show(kind.options)}" if kind.options != [""] else "empty text"
        case "const":
            return f"the value {show(kind.expected_value)}"
        case "format":
            return f"the format {kind.format}"
        case "pattern":
            return f"text matching {kind.pattern}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"{keyword} {kind.limit}"
        case "minItems" | "maxItems" | "minLength" | "maxLength" | "minProperties" | "maxProperties":
            return f"{keyword} {kind.limit}"
        case "anyOf" | "oneOf":
            branches = [
                [_expected(str(one.kind.name), one) for one in branch] for branch in getattr(kind, "context", [])
            ]
            shapes = sorted({" and ".join(branch) for branch in branches if branch})
            return " or ".join(shapes) if 0 < len(shapes) <= 4 else "one of the documented shapes"
        case _:
            return f"what the schema says by {keyword}"


def show(value: Any, limit: int = 120) -> str:
    """A value in a few words for a finding: short, with what kind of thing it is when it is long."""
    if isinstance(value, Mapping):
        names = ", ".join(sorted(str(name) for name in value)[:8])
        return f"an object with {names}{', …' if len(value) > 8 else ''}" if value else "an empty object"
    if isinstance(value, list):
        if all(isinstance(item, (str, int, float)) for item in value) and 0 < len(value) <= 12:
            return ", ".join(show(item, 40) for item in value)
        return f"an array of {len(value)}"
    if isinstance(value, str):
        return repr(value if len(value) <= limit else f"{value[:limit]}…")
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)


def walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Every value at ``path`` below ``value`` with its pointer; ``*`` stands for every item of an array."""
    if not path:
        yield "", value
        return
    head, *rest = path
    if head == "*":
        children = enumerate(value) if isinstance(value, list) else ()
        for index, child in children:
            for pointer, found in walk(child, tuple(rest)):
                yield f"/{index}{pointer}", found
    elif isinstance(value, Mapping) and head in value:
        for pointer, found in walk(value[head], tuple(rest)):
            yield f"/{head}{pointer}", found
