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


def binding_classes(classes: Iterable[Row]) -> frozenset[str]:
    """The classes whose MUSTs decide: those that cannot be unclaimed and those that were claimed."""
    return frozenset(entry["id"] for entry in classes if entry["mandatory"] or entry["claim"] == "claimed")


def verdict_of(rows: Iterable[Row], *, waived: Collection[str] = ()) -> str:
    """DESIGN's order: a failed MUST, then an error, then a MUST that could not be told, else conformant."""
    rows = list(rows)
    musts = [row for row in rows if row["level"] == Level.MUST]
    if any(row["outcome"] == Outcome.FAIL and row["id"] not in waived for row in musts):
        return "not-conformant"
    if any(row["outcome"] == Outcome.ERROR for row in rows):
        return "error"
    if any(row["outcome"] == Outcome.INCONCLUSIVE for row in musts):
        return "inconclusive"
    return "conformant"


def deciding_rows(results: Iterable[Row], classes: Sequence[Row]) -> list[Row]:
    """The rows of the profile itself that can change its verdict; inherited layers are judged apart."""
    binding = binding_classes(classes)
    return [row for row in results if "layer" not in row and row["class"] in binding]


def layer_verdict(results: Iterable[Row], classes: Sequence[Row], layer: str) -> str:
    binding, known = binding_classes(classes), {entry["id"] for entry in classes}
    rows = [row for row in results if row.get("layer") == layer]
    return _judged([row for row in rows if row["class"] in binding or row["class"] not in known])


def class_verdict(results: Iterable[Row], identifier: str) -> str:
    return _judged([row for row in results if row["class"] == identifier])


def _judged(rows: list[Row]) -> str:
    judged = {Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE}
    return verdict_of(rows) if any(row["outcome"] in judged for row in rows) else NOT_JUDGED


def summary_of(results: Iterable[Row]) -> dict[str, dict[str, int]]:
    counted = Counter((row["level"], row["outcome"]) for row in results)
    return {
        level.value: {outcome.value: counted[(level.value, outcome.value)] for outcome in Outcome} for level in Level
    }


def certified_verdict(results: Sequence[Row], classes: Sequence[Row], waived: Collection[str] = ()) -> str | None:
    """The word a certificate may carry, or None when these rows cannot be certified at all."""
    rows = deciding_rows(results, classes)
    strict, lenient = verdict_of(rows), verdict_of(rows, waived=waived)
    if strict == "conformant":
        return "CONFORMANT"
    if strict == "not-conformant":
        return "CONFORMANT_WITH_WAIVERS" if lenient == "conformant" else "NOT_CONFORMANT"
    return None
