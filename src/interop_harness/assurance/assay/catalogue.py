"""All mutants of a profile, in an order that is the same everywhere, and samples of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from interop_harness.assurance.assay import (
    accounts,
    asides,
    callers,
    capabilities,
    careless,
    circles,
    codes,
    containers,
    copies,
    counts,
    decisions,
    elsewhere,
    errors,
    filtered,
    filters,
    front_door,
    giving,
    invalid,
    keyed,
    lenient,
    links,
    lists,
    matches,
    members,
    moments,
    narrowed,
    neighbours,
    numbers,
    openness,
    outcomes,
    owners,
    privacy,
    readings,
    referents,
    refusals,
    refused,
    representations,
    searches,
    shape,
    spans,
    strangers,
    streets,
    subjects,
    syntax,
    texts,
    thresholds,
    wire,
)
from interop_harness.assurance.assay.ground import Ground
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import RULES

GENERATORS = (
    accounts,
    asides,
    callers,
    capabilities,
    careless,
    circles,
    codes,
    containers,
    copies,
    counts,
    decisions,
    elsewhere,
    errors,
    filtered,
    filters,
    front_door,
    giving,
    invalid,
    keyed,
    lenient,
    links,
    lists,
    matches,
    members,
    moments,
    narrowed,
    neighbours,
    numbers,
    openness,
    outcomes,
    owners,
    privacy,
    readings,
    referents,
    refusals,
    refused,
    representations,
    searches,
    spans,
    strangers,
    streets,
    subjects,
    syntax,
    texts,
    thresholds,
    wire,
)
"""Importing them registers their rules."""


def catalogue(ground: Ground) -> dict[str, Mutant]:
    """Every mutant by its id, sorted. The same change found on two roads is one mutant that breaks what either says."""
    found: dict[str, Mutant] = {}
    made = [*_of_rows(ground), *shape.mutants(ground), *filters.mutants(ground), *wire.mutants(ground)]
    for mutant in made:
        if mutant.breaks:
            known = found.get(mutant.id)
            found[mutant.id] = known.also(mutant) if known else mutant
    return dict(sorted(found.items()))


def _of_rows(ground: Ground) -> list[Mutant]:
    return [mutant for case in ground.cases for rule in RULES.get(case.family, ()) for mutant in rule(ground, case)]


def sample(names: Sequence[str], count: int, seed: str) -> list[str]:
    """``count`` of them, drawn by the seed alone; all when there are no more."""
    if count <= 0 or count >= len(names):
        return sorted(names)
    return sorted(sorted(names, key=lambda name: hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest())[:count])


def uncovered(ground: Ground) -> list[str]:
    """Families of the profile's judged cases that nothing here derives a mutant from."""
    generated = {
        "responses.status",
        "responses.media_type",
        "responses.schema",
        "errors.unknown_id",
        "inputs.parameters",
    }
    generated |= {"responses.utf8", "responses.charset", "responses.strict_json", "errors.body_json"}
    generated |= {"errors.no_internals", "formats.safe_xml", "formats.declaration", "formats.plain_names"}
    return sorted({case.family for case in ground.cases} - set(RULES) - generated)
