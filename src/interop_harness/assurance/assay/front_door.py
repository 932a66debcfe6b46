"""Mutants of the front door: what it says of the service, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator

from interop_harness.assurance.assay import near
from interop_harness.assurance.assay.ground import Ground
from interop_harness.assurance.assay.members import spoil
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case


@rule("discovery.members")
def front_door(ground: Ground, case: Case) -> Iterator[Mutant]:
    for member in case.arguments["members"]:
        yield from spoil(ground, case, member, [near.MISSING, near.NULL])


@rule("discovery.version")
def version(ground: Ground, case: Case) -> Iterator[Mutant]:
    changes = [near.always(f"version-{text}", f"the version {text}", text) for text in ("1.0", "2.0", "31", "latest")]
    yield from spoil(ground, case, str(case.arguments["pointer"]), changes)


@rule("discovery.absolute_uri")
def relative(ground: Ground, case: Case) -> Iterator[Mutant]:
    changes = [
        near.always("path-only", "a path", "/about"),
        near.always("no-scheme", "an address without its scheme", "www.example.org/about"),
        near.always("words", "words", "see our website"),
    ]
    yield from spoil(ground, case, str(case.arguments["pointer"]), changes)


@rule("discovery.link_resolves", "discovery.openapi_document")
def dead_link(ground: Ground, case: Case) -> Iterator[Mutant]:
    base = ground.plan.implementation.base_url
    change = near.always("dead-link", "an address where there is nothing", f"{base}/nothing-here")
    yield from spoil(ground, case, str(case.arguments["pointer"]), [change])
