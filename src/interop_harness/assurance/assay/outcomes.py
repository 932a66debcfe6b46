"""Mutants of services that decide: the table is right for most, and wrong for whoever has one trait."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.checks.decisions import meets
from interop_harness.plan import Case
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest

DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
Trait = tuple[str, str]
"""Where a question says it (places in arrays as ``*``), and its value; empty for what is there or is not."""


@rule("decisions.everywhere")
def for_some(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The rule holds but for those with one code, or with a contact, papers or a badge: each trait in turn."""
    operation = ground.operation(str(case.arguments["operation"]))
    stated: Mapping[str, Any] = ground.profile.parameters.get("decisions", {}).get(case.arguments["operation"], {})
    if operation is None or not stated:
        return
    wanted = case.arguments["outcome"]
    others = [name for name in stated["outcomes"] if name != wanted]
    when = {pointer: each for pointer, each in case.arguments["when"].items() if "{" not in json.dumps(_ends(each))}
    asked = _asked(ground, case, str(stated["outcome"]), when)
    told = [frozenset(traits(content)) for content in asked]
    every: frozenset[Trait] = frozenset.intersection(*told) if told else frozenset()
    some = sorted({trait for each in told for trait in each} - every)
    for number, trait in enumerate(some):
        other = others[number % len(others)]

        def mine(request: SandboxRequest, trait: Trait = trait) -> bool:
            content = _read(request.body)
            return meets(content, when) and trait in traits(content)

        yield mutant(
            operation.id,
            "outcome-for-some",
            f"{case.id}/{trait[0]}/{trait[1]}",
            EVERY,
            f"{operation.path} answers {other}, not {wanted}, where {trait[0]} is {trait[1] or 'there'}",
            ground.order((case.requirement, *ground.families("decisions"))),
            edit(ground, operation, bodies.steps(str(stated["outcome"])), lambda _, other=other: other, when=mine),  # type: ignore[misc]
        )


def traits(content: Any) -> list[Trait]:
    """The codes of a question, the decades of its dates and the parts it has that others lack."""
    found = []
    for path, value in bodies.walk(content):
        place = "/".join(path)
        if isinstance(value, str) and value.isalpha() and value.isupper() and len(value) > 1:
            found.append((place, value))
        elif isinstance(value, str) and DAY.match(value):
            found.append((place, f"{value[:3]}0s"))
        elif isinstance(value, (dict, list)):
            found.append((place, ""))
    return found


def _ends(condition: Any) -> list[Any]:
    """The values that a condition names."""
    values: Sequence[Any] = list(condition.values()) if isinstance(condition, Mapping) else [condition]
    return [value for value in values if isinstance(value, str)]


def _asked(ground: Ground, case: Case, outcome: str, when: Mapping[str, Any]) -> list[Any]:
    """The questions of the clean run that meet the case and were given its outcome."""
    used = set(ground.clean.results[case.id].exchanges)
    found = []
    for exchange in ground.clean.exchanges.values():
        content = _read(exchange.request.body)
        if exchange.id not in used or exchange.response is None or not exchange.ok or not meets(content, when):
            continue
        if find(_read(exchange.response.body), outcome) == case.arguments["outcome"]:
            found.append(content)
    return found


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
