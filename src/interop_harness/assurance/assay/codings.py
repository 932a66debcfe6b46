"""Codes that come in two systems at once: the standard's own, and beside it the supplier's.

A FHIR CodeableConcept says one thing in as many systems as a supplier likes (R4, 2.24.0.4), and a token search finds by
each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interop_harness.assurance.assay import keeping, shape
from interop_harness.assurance.assay.free import Make, Way, every
from interop_harness.assurance.assay.ground import Ground
from interop_harness.assurance.assay.mutant import Apply, asking

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest

SYSTEM = "https://codes.example.org/local"
MARK = "local-"


def _suits(site: shape.Site, entry: keeping.Free | None) -> bool:
    return entry is not None and isinstance(site.value, list)


def _local(codings: Any) -> list[Any]:
    return [{"system": SYSTEM, "code": f"{MARK}{one['code']}", "display": "As we call it"} for one in codings]


BEHIND = Way("translated", lambda old, site, entry, seed: [*old, *_local(old)], _suits)
BEFORE = Way("translated", lambda old, site, entry, seed: [*_local(old), *old], _suits)


def translated(way: Way) -> Make:
    """Every coding that the profile names beside one of the supplier's own, by which records are found as well."""

    def made(ground: Ground, seed: str) -> Apply | None:
        written = every(way)(ground, seed)
        if written is None:
            return None

        def apply(handler: Handler) -> Handler:
            return written(asking(_asks_locally, _understood)(handler))

        return apply

    return made


def _asks_locally(request: SandboxRequest) -> bool:
    return any(MARK in value for _, value in request.query)


def _understood(request: SandboxRequest) -> SandboxRequest:
    """A question by a code of the supplier's own, with or without its system, in the standard's codes."""
    query = tuple((name, value.replace(f"{SYSTEM}|", "").replace(MARK, "")) for name, value in request.query)
    return replace(request, query=query, raw_query=urlencode(query))
