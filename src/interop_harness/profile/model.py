"""A profile as loaded: identity, classes, requirements, the interface, and the digest of its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from interop_harness.detection import figures
from interop_harness.profile.openapi import OpenAPI, Operation
from interop_harness.requirement import Level, Requirement, Source

ASPECTS = ("status", "media-type", "schema", "parameters", "invalid", "unknown-id")
"""What every operation is asked, from the OpenAPI document alone."""


@dataclass(frozen=True, slots=True)
class ConformanceClass:
    """A part of a profile that a supplier may claim, or must meet whatever it claims."""

    id: str
    title: str
    mandatory: bool
    description: str
    layer: str


@dataclass(frozen=True, slots=True)
class GeneratedAspect:
    """How cases made from the OpenAPI document are levelled: one for each aspect."""

    level: Level
    expect: Any = None
    observe: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One profile of an ``extends`` chain: its own digest, and whether it is the one asked for."""

    id: str
    version: str
    title: str
    sha256: str
    binding: bool
    """Whether its requirements count towards the verdict, or have a line of their own beside it."""


@dataclass(frozen=True)
class Profile:
    """What is asked of an implementation, as data. ``bases`` are the profiles it extends, nearest first."""

    id: str
    version: str
    title: str
    publisher: str
    status: str
    licence: str
    standard: Mapping[str, Any]
    folder: Path
    sha256: str
    requirements_sha256: str
    prefix: str
    classes: tuple[ConformanceClass, ...]
    written: tuple[Requirement, ...]
    documents: Mapping[str, Mapping[str, Any]]
    generated: Mapping[str, GeneratedAspect]
    generated_source: Source
    openapi: OpenAPI
    errata: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]
    layers: tuple[Layer, ...]
    interface_layer: str
    """The layer whose OpenAPI document this is: its generated rows are that layer's."""
    precedence: str = ""
    inputs: Mapping[str, Any] | None = field(default=None, repr=False)

    @cached_property
    def detection(self) -> Mapping[str, Any] | None:
        """How many of its known faults the suite was measured to catch, from the profile's detection.json.

        The file lies outside the profile's digest: the figures name the digests they are figures of.
        """
        try:
            return figures(json.loads((self.folder / "detection.json").read_bytes())["figures"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    @property
    def name(self) -> str:
        return f"{self.id} {self.version}"

    @property
    def operations(self) -> Mapping[str, Operation]:
        return self.openapi.operations

    def conformance_class(self, identifier: str) -> ConformanceClass | None:
        return next((entry for entry in self.classes if entry.id == identifier), None)

    @property
    def binding(self) -> frozenset[str]:
        """The layers whose requirements decide the verdict: this one, and bases it binds itself to."""
        return frozenset(layer.id for layer in self.layers if layer.binding)

    def generated_requirements(self) -> tuple[Requirement, ...]:
        """The rows that the OpenAPI document itself makes: one an operation and aspect."""
        rows = []
        for operation in self.operations.values():
            for aspect in ASPECTS:
                rule = self.generated.get(aspect)
                if rule is None or not _has(operation, aspect):
                    continue
                rows.append(
                    Requirement(
                        id=f"{self.prefix}-{operation.id}-{aspect}",
                        level=rule.level,
                        conformance_class=operation.conformance_class,
                        statement=_STATEMENTS[aspect].format(operation=f"{operation.method} {operation.path}"),
                        source=Source(
                            self.generated_source.document,
                            f"paths.{operation.path}.{operation.method.lower()}",
                            self.generated_source.url,
                        ),
                        basis="stated",
                        layer=self.interface_layer,
                        observe=rule.observe,
                        why=_WHY[aspect],
                        fix=_FIX[aspect],
                    )
                )
        return tuple(rows)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Every row, written and generated, sorted by id."""
        return tuple(sorted((*self.written, *self.generated_requirements()), key=lambda row: row.id))


def _has(operation: Operation, aspect: str) -> bool:
    if aspect == "unknown-id":
        return operation.safe and bool(operation.path_parameters)
    if aspect in {"parameters", "invalid"}:
        return operation.safe and any(parameter.place == "query" for parameter in operation.parameters)
    return True


_STATEMENTS = {
    "status": "{operation} answers a valid request with a documented success status.",
    "media-type": "{operation} answers in a documented media type.",
    "schema": "The body of every answer to {operation} matches the documented schema.",
    "parameters": "{operation} accepts every documented parameter with a valid value.",
    "invalid": "{operation} deals with an invalid parameter value in an orderly way.",
    "unknown-id": "{operation} says that an unknown identifier is unknown.",
}
_WHY = {
    "status": "A consumer cannot use an operation that does not answer.",
    "media-type": "Software chooses its parser by the media type; a wrong one makes the answer unreadable.",
    "schema": "A consumer written from the standard breaks on a record of another shape.",
    "parameters": "A search form built from the standard sends these parameters.",
    "invalid": "An unhandled value that breaks the server can be sent by anyone.",
    "unknown-id": "A consumer must be able to tell a removed record from a broken server.",
}
_FIX = {
    "status": "Route the path to the operation and answer 200 with its body.",
    "media-type": "Send the documented Content-Type on this operation's answers.",
    "schema": "Change the record at the pointer to the documented type, format or member.",
    "parameters": "Accept the parameter as documented, or ignore it, instead of refusing the request.",
    "invalid": "Validate the parameter and answer 400 with a short explanation.",
    "unknown-id": "Answer 404 when no record has the identifier.",
}
