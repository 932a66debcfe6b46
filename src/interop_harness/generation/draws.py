"""Values that a challenge adds to a run: from the interface description and the challenge's seed, and nothing else.

They are made with SHA-256 and arithmetic alone, so every machine and every version of Python and of the libraries
makes the same. Whoever verifies a run makes them again, and sees when others were used. Schemathesis, which makes
the compiled values of a profile, promises no such thing.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from interop_harness.profile import Operation, Parameter, Profile

KEPT = 3
"""So many values of each kind are kept for an operation."""
TRIES = 24
WORDS = "abcdefghijklmnopqrstuvwxyz"
ODD = ("'", '"', "<", "%", ";", "\\", "../", "{{", "${", "\r\n", "\t", "\0", "\u00e9", "\u202e", "\ufeff", "\U0001f600")
FIRST_DAY = date(1990, 1, 1)
DAYS = 18_000


class Dice:
    """Whole numbers that follow from a label; the same label gives the same numbers in the same order."""

    def __init__(self, *label: str) -> None:
        self._label = "\n".join(label)
        self._count = 0

    def below(self, count: int) -> int:
        self._count += 1
        digest = hashlib.sha256(f"{self._label}\n{self._count}".encode()).digest()
        return int.from_bytes(digest, "big") % count

    def one(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def word(self, length: int = 6) -> str:
        return "".join(self.one(WORDS) for _ in range(length))

    def digits(self, length: int) -> str:
        return "".join(self.one("0123456789") for _ in range(length))

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.below(DAYS))


def drawable(profile: Profile) -> frozenset[str]:
    """The operations for which a challenge draws values: a record made with one has an entry for each of them."""
    return frozenset(
        operation.id
        for operation in profile.operations.values()
        if operation.safe and any(parameter.place == "query" for parameter in operation.parameters)
    )


def draw_inputs(profile: Profile, seed: str) -> dict[str, Any]:
    """The values that a seed adds, valid and invalid, in the shape of the profile's compiled ones."""
    from interop_harness.generation.inputs import collect, inputs_of, paging
    from interop_harness.generation.validation import Validators

    validators, pages = Validators(profile.openapi), paging(profile)
    compiled = inputs_of(profile).get("operations", {})
    operations: dict[str, Any] = {}
    for operation in profile.operations.values():
        if operation.id not in drawable(profile):
            continue
        known = compiled.get(operation.id, {})
        old = {(row["parameter"], row["value"]) for rows in known.values() for row in rows}
        made = [value for value in _values(operation, known, seed) if value[:2] not in old]
        operations[operation.id] = {
            aspect: sorted(rows, key=lambda row: _rank(seed, row))[:KEPT]
            for aspect, rows in collect(operation, iter(made), validators, pages).items()
        }
    return {"operations": operations}


def _rank(seed: str, row: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{seed}\n{row['parameter']}\n{row['value']}".encode()).hexdigest()


def _values(operation: Operation, known: Mapping[str, Any], seed: str) -> Iterator[tuple[str, str, str]]:
    for parameter in operation.parameters:
        if parameter.place != "query":
            continue
        dice = Dice(seed, operation.id, parameter.name)
        samples = [row["value"] for row in known.get("parameters", ()) if row["parameter"] == parameter.name]
        for value in (*_unfit(parameter, samples, dice), *_fitting(parameter, samples, dice)):
            yield parameter.name, value, "a value drawn for the challenge"


def _fitting(parameter: Parameter, samples: Sequence[str], dice: Dice) -> Iterator[str]:
    """Values of the kind documented. Which of them the description really allows is looked at by the caller."""
    schema = parameter.schema
    kind, form = schema.get("type", "string"), schema.get("format")
    if kind in {"integer", "number"}:
        low, high = _bounds(schema)
        for _ in range(KEPT):
            whole = low + dice.below(high - low + 1)
            yield str(whole)
            if kind == "number" and whole < high:
                yield f"{whole}.5"
    elif kind == "string" and "pattern" in schema and samples:
        for _ in range(TRIES):
            sample = dice.one(samples)
            yield dice.digits(2 + dice.below(11)) if sample.isdigit() else _alike(sample, dice)
    elif kind == "string" and form in {"date", "date-time", "uuid"}:
        for _ in range(KEPT):
            yield _formatted(form, dice)


def _formatted(form: str, dice: Dice) -> str:
    if form == "date":
        return dice.day().isoformat()
    if form == "date-time":
        return f"{dice.day().isoformat()}T{dice.below(24):02}:{dice.below(60):02}:{dice.below(60):02}Z"
    digits = "".join(dice.one("0123456789abcdef") for _ in range(32))
    digits = f"{digits[:12]}4{digits[13:16]}{dice.one('89ab')}{digits[17:]}"  # RFC 9562 version 4
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _alike(sample: str, dice: Dice) -> str:
    """The same arrangement of digits and letters with others in their places."""
    return "".join(
        dice.one("0123456789") if c in "0123456789"
        else dice.one(WORDS.upper()) if c in WORDS.upper()
        else dice.one(WORDS) if c in WORDS
        else c
        for c in sample
    )  # fmt: skip


def _unfit(parameter: Parameter, samples: Sequence[str], dice: Dice) -> Iterator[str]:
    """Values that a careless service may fall over."""
    schema = parameter.schema
    kind = schema.get("type", "string")
    yield dice.word()
    yield dice.word(3) + dice.one(ODD) + dice.word(3)
    if kind in {"integer", "number"}:
        low, high = _bounds(schema)
        yield str(low - 1 - dice.below(1000))
        yield f"{low + dice.below(high - low + 1)}.{dice.digits(2)}1"
        yield "9" + dice.digits(20 + dice.below(12))
    elif schema.get("format") in {"date", "date-time"}:
        yield f"{1990 + dice.below(60)}-{13 + dice.below(80)}-{1 + dice.below(28):02}"
        yield f"{1990 + dice.below(60)}-02-30"
    elif schema.get("format") == "uuid":
        yield _formatted("uuid", dice)[: 8 + dice.below(28)]
    elif "pattern" in schema and samples:
        yield dice.one(samples) + dice.one(ODD)


def _bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    low = math.ceil(schema.get("minimum", 1))
    return low, max(low, math.floor(schema.get("maximum", low + 999)))
