"""The verdict of a run, its classes and its layers, recomputed from the result rows alone.

The same function makes these words when a certificate is issued and checks them when it is verified, so a
signer cannot claim a verdict that the rows do not bear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from interop_harness.requirement import Level, Outcome

Row = Mapping[str, Any]
NOT_JUDGED = "not-tested"
PROVES_ALIKE = frozenset({"pass", "not-run"})
"""``not-run``: a profile without a safe request that could be repeated as another client."""


def binding_classes(classes: Iterable[Row]) -> frozenset[str]:
    """The classes whose MUSTs decide: those that cannot be unclaimed and those that were claimed."""
    return frozenset(entry["id"] for entry in classes if entry["mandatory"] or entry["claim"] == "claimed")


def verdict_of(rows: Iterable[Row], *, waived: Collection[str] = ()) -> str:
    """DESIGN's order: a failed MUST, an error, a MUST that could not be told, no MUST seen to pass, conformant."""
    rows = list(rows)
    musts = [row for row in rows if row["level"] == Level.MUST]
    if any(row["outcome"] == Outcome.FAIL and row["id"] not in waived for row in musts):
        return "not-conformant"
    if any(row["outcome"] == Outcome.ERROR for row in rows):
        return "error"
    if any(row["outcome"] == Outcome.INCONCLUSIVE for row in musts):
        return "inconclusive"
    return "conformant" if any(row["outcome"] == Outcome.PASS for row in musts) else "inconclusive"


def binding_layers(layers: Iterable[Row]) -> frozenset[str]:
    """The layers that decide together with the profile they stand on."""
    return frozenset(layer["id"] for layer in layers if layer["binding"])


def deciding_rows(results: Iterable[Row], classes: Sequence[Row], binding: Collection[str]) -> list[Row]:
    """The rows that can change the verdict: the profile's own and those of binding layers. Others are judged apart."""
    counted = binding_classes(classes)
    return [row for row in results if ("layer" not in row or row["layer"] in binding) and row["class"] in counted]


def failures(results: Iterable[Row], classes: Sequence[Row], binding: Collection[str]) -> frozenset[str]:
    """The requirements whose failure decides the verdict: of these alone a waiver can change anything."""
    rows = deciding_rows(results, classes, binding)
    return frozenset(row["id"] for row in rows if row["level"] == Level.MUST and row["outcome"] == Outcome.FAIL)


def layer_verdict(results: Iterable[Row], layer: str) -> str:
    return _part(row for row in results if row.get("layer") == layer)


def class_verdict(results: Iterable[Row], identifier: str) -> str:
    return _part(row for row in results if row["class"] == identifier)


def _part(rows: Iterable[Row]) -> str:
    """A part is judged by its MUSTs alone, and by any pass at all that it was looked at."""
    rows = list(rows)
    outcomes = {row["outcome"] for row in rows if row["level"] == Level.MUST}
    for found, word in (
        (Outcome.FAIL, "not-conformant"),
        (Outcome.ERROR, "error"),
        (Outcome.INCONCLUSIVE, "inconclusive"),
    ):
        if found in outcomes:
            return word
    return "conformant" if any(row["outcome"] == Outcome.PASS for row in rows) else NOT_JUDGED


def summary_of(results: Iterable[Row]) -> dict[str, dict[str, int]]:
    counted = Counter((row["level"], row["outcome"]) for row in results)
    return {
        level.value: {outcome.value: counted[(level.value, outcome.value)] for outcome in Outcome} for level in Level
    }


def certified_verdict(
    results: Sequence[Row],
    classes: Sequence[Row],
    waived: Collection[str] = (),
    *,
    binding: Collection[str],
    probe: str,
) -> str | None:
    """The word a certificate may carry, or None when these rows cannot be certified at all.

    ``binding`` are the layers that decide together with the profile; ``probe`` says whether other clients were
    answered alike, for what is shown to the examiner alone is no pass.
    """
    rows = deciding_rows(results, classes, binding)
    strict, lenient = verdict_of(rows), verdict_of(rows, waived=waived)
    if probe not in PROVES_ALIKE:
        return "NOT_CONFORMANT" if strict == "not-conformant" else None
    if strict == "not-conformant":
        return "CONFORMANT_WITH_WAIVERS" if lenient == "conformant" else "NOT_CONFORMANT"
    if any(row["outcome"] == Outcome.ERROR for row in results):  # in an inherited layer: the harness failed
        return None
    return "CONFORMANT" if strict == "conformant" else None
