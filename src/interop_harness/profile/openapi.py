"""The interface under test as an OpenAPI document describes it: operations, parameters, answers.

Local references only. A remote ``$ref`` is refused when the profile loads; nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from interop_harness.errors import ProfileError

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation: its name, place, whether it is required, its (resolved) schema."""

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    example: Any = None
    values: tuple[Any, ...] = ()
    """``x-interop-values``: the only values sure to be valid for every supplier."""
    together: Mapping[str, str] | None = None
    """``x-interop-with``: other parameters without which this one means nothing."""


@dataclass(frozen=True)
class Operation:
    """One operation of the document, with its local references resolved one level deep."""

    id: str
    method: str
    path: str
    conformance_class: str
    parameters: tuple[Parameter, ...]
    responses: Mapping[str, Any]
    summary: str
    request_body: Mapping[str, Any] | None
    computes: bool = False
    """``x-interop-safe: true``: an operation that is sent by POST for its body alone, and changes nothing."""
    secured: bool = False
    """Whether the document asks for credentials here (``security``)."""

    @cached_property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{([^{}]+)\}", self.path))

    @property
    def safe(self) -> bool:
        """Whether it may be sent without leave to write: by its method, or because the profile says so."""
        return self.method in SAFE_METHODS or self.computes

    @cached_property
    def example(self) -> tuple[str, Any] | None:
        """The first documented example of a request body, with its media type: what an ordinary request carries."""
        for kind, media in (self.request_body or {}).get("content", {}).items():
            if "example" in media:
                return str(kind), media["example"]
        return None

    @cached_property
    def success(self) -> tuple[int, ...]:
        """The documented success statuses, in order."""
        return tuple(sorted(int(code) for code in self.responses if re.fullmatch(r"2\d\d", code)))

    def documented(self, status: int) -> Mapping[str, Any] | None:
        """The response object for a status: exact, then its range (``4XX``), then ``default``."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                found: Mapping[str, Any] = self.responses[key]
                return found
        return None

    def media_types(self, status: int) -> tuple[str, ...]:
        response = self.documented(status)
        return tuple(sorted((response or {}).get("content", {})))

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


class OpenAPI:
    """A parsed OpenAPI document: raw content and its operations by id."""

    def __init__(self, document: Mapping[str, Any], *, name: str = "openapi.yaml", default_class: str = "") -> None:
        self.document = document
        self.name = name
        self.default_class = default_class
        refuse_remote_references(document, name)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Operations by operationId, in the document's order."""
        found: dict[str, Operation] = {}
        paths = self.document.get("paths") or {}
        for path, item in paths.items():
            entry = self.resolve(item)
            for method in METHODS:
                if method in entry:
                    operation = self._operation(path, method, entry)
                    if operation.id in found:
                        raise ProfileError("openapi-duplicate-operation", f"{self.name}: {operation.id} stands twice.")
                    found[operation.id] = operation
        return found

    @cached_property
    def speaks_xml(self) -> bool:
        """Whether any answer is documented in XML."""
        answers = (answer for operation in self.operations.values() for answer in operation.responses.values())
        return any(kind.endswith("xml") for answer in answers for kind in answer.get("content", {}))

    def operation_of(self, method: str, path: str) -> Operation | None:
        """The operation that a request's path (below the base address, without its query) belongs to."""
        for operation, pattern in self._patterns:
            if operation.method == method and pattern.fullmatch(path):
                return operation
        return None

    @cached_property
    def _patterns(self) -> list[tuple[Operation, re.Pattern[str]]]:
        found = []
        for operation in sorted(self.operations.values(), key=lambda one: len(one.path_parameters)):
            parts = re.split(r"\{[^{}]+\}", operation.path)
            found.append((operation, re.compile("[^/]+".join(re.escape(part) for part in parts))))
        return found

    def _operation(self, path: str, method: str, entry: Mapping[str, Any]) -> Operation:
        raw = entry[method]
        where = f"{self.name}: {method.upper()} {path}"
        identifier = raw.get("operationId")
        if not isinstance(identifier, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", identifier):
            raise ProfileError("openapi-operation-id", f"{where} needs an operationId of letters and digits.")
        parameters: dict[tuple[str, str], Parameter] = {}
        for node in [*entry.get("parameters", []), *raw.get("parameters", [])]:
            made = self._parameter(self.resolve(node), where)
            parameters[made.place, made.name] = made
        if not raw.get("responses"):
            raise ProfileError("openapi-no-response", f"{where} documents no response.")
        body = self.resolve(raw["requestBody"]) if raw.get("requestBody") else None
        operation = Operation(
            id=identifier,
            method=method.upper(),
            path=path,
            conformance_class=str(raw.get("x-conformance-class", self.default_class)),
            parameters=tuple(parameters.values()),
            responses={str(code): self.resolve(response) for code, response in raw["responses"].items()},
            summary=str(raw.get("summary", "")),
            request_body=body,
            computes=raw.get("x-interop-safe") is True,
            secured=_secured(raw.get("security", self.document.get("security"))),
        )
        if operation.computes and (operation.method != "POST" or operation.example is None):
            raise ProfileError(
                "openapi-safe",
                f"{where}: x-interop-safe is for a POST that only computes, with an example of its request body.",
                "Give the request body an example, or leave the mark out and allow writes.",
            )
        return operation

    def _parameter(self, node: Mapping[str, Any], where: str) -> Parameter:
        try:
            schema = self.resolve(node.get("schema", {}))
            return Parameter(
                str(node["name"]),
                str(node["in"]),
                bool(node.get("required", False)),
                schema,
                node.get("example", schema.get("example")),
                tuple(node.get("x-interop-values", ())),
                node.get("x-interop-with"),
            )
        except KeyError as error:
            raise ProfileError("openapi-parameter", f"{where}: a parameter lacks {error}.") from error

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow local references from ``node``. Raises ProfileError when one leads nowhere or in a circle."""
        seen: set[str] = set()
        while "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                raise ProfileError("openapi-reference-loop", f"{self.name}: {reference} refers to itself.")
            seen.add(reference)
            node = self.lookup(reference)
        return node

    def lookup(self, reference: str) -> Mapping[str, Any]:
        found = find(self.document, reference.removeprefix("#"))
        if not isinstance(found, Mapping):
            raise ProfileError("openapi-reference", f"{self.name}: nothing stands at {reference}.")
        return found


def _secured(alternatives: Any) -> bool:
    """Whether each alternative of a ``security`` asks for something; ``{}`` among them makes credentials optional."""
    return isinstance(alternatives, list) and bool(alternatives) and all(alternatives)


@lru_cache(maxsize=4096)
def pointer_steps(pointer: str) -> tuple[str, ...]:
    """The steps of a pointer: few pointers are looked up in very many records."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def find(document: Any, pointer: str) -> Any:
    """The value at an RFC 6901 JSON Pointer, or None when there is none."""
    value = document
    for key in pointer_steps(pointer):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def references(node: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every ``$ref`` below ``node`` with the pointer to where it stands. Examples are data and not searched."""
    stack = [(node, pointer)]
    while stack:
        value, here = stack.pop()
        if isinstance(value, Mapping):
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield here, reference
            stack.extend(
                (child, f"{here}/{str(key).replace('~', '~0').replace('/', '~1')}")
                for key, child in value.items()
                if key not in {"example", "examples", "enum", "const", "default"}
            )
        elif isinstance(value, list):
            stack.extend((child, f"{here}/{index}") for index, child in enumerate(value))


def refuse_remote_references(document: Mapping[str, Any], name: str) -> None:
    """Raise ProfileError for a reference that leaves the document or leads nowhere."""
    for pointer, reference in references(document):
        if not reference.startswith("#/"):
            raise ProfileError(
                "openapi-remote-reference",
                f"{name}, at {pointer}: the reference {reference!r} leaves the document.",
                "Copy what it refers to into components and refer to that.",
            )
        if find(document, reference[1:]) is None:
            raise ProfileError("openapi-reference", f"{name}, at {pointer}: nothing stands at {reference}.")
