"""Mutants of services that compare a number wrongly: with ``>`` for ``>=``, as text, or right but for one number.

They are made of the ends that a rule of the decision table has, whatever numbers the run happens to ask about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
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

NEAR = {"from": range(-3, 4), "to": range(-3, 3)}
"""How far from an end a number may lie that alone is decided wrongly."""

Wrong = Callable[[int], bool]


@rule("decisions.everywhere")
def thresholds(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each end of each number that the rule compares, compared wrongly in each way."""
    operation = ground.operation(str(case.arguments["operation"]))
    stated: Mapping[str, Any] = ground.profile.parameters.get("decisions", {}).get(case.arguments["operation"], {})
    if operation is None or not stated:
        return
    inside, when = case.arguments["outcome"], case.arguments["when"]
    outside = next(name for name in reversed(stated["outcomes"]) if name != inside)
    for pointer, condition in when.items():
        alike = [one for one in _rules(ground, operation.id) if one.arguments["when"].get(pointer) == condition]
        if alike[0].id != case.id:
            continue
        # A service compares in one place, whatever kind of request it is: what these rules say beside it may differ.
        others = {
            place: each
            for place, each in when.items()
            if place != pointer and all(one.arguments["when"].get(place) == each for one in alike)
        }
        for kind, at, told, wrong in ways(_ends(condition)):

            def mine(
                request: SandboxRequest, pointer: str = pointer, others: Any = others, wrong: Wrong = wrong
            ) -> bool:
                content = _read(request.body)
                number = find(content, pointer)
                return type(number) is int and wrong(number) and meets(content, others)

            yield mutant(
                operation.id,
                kind,
                f"{pointer}/{at}",
                EVERY,
                f"{operation.path}: {pointer} {told}",
                ground.order((case.requirement, *ground.families("decisions"))),
                edit(
                    ground,
                    operation,
                    bodies.steps(str(stated["outcome"])),
                    lambda old: outside if old == inside else inside,
                    when=mine,
                ),
            )


def ways(ends: Mapping[str, int]) -> Iterator[tuple[str, str, str, Wrong]]:
    """Ways to compare a number wrongly: a name, at which number, what is done, and which numbers that gets wrong."""
    if not ends:
        return

    def right(number: int) -> bool:
        return bool(ends.get("from", number) <= number <= ends.get("to", number))

    def as_text(number: int) -> bool:
        lowest, highest = (str(ends.get(name, number)) for name in ("from", "to"))
        return lowest <= str(number) <= highest

    yield "compared-as-text", "", "is compared letter by letter", lambda number: as_text(number) != right(number)
    for name, end in ends.items():
        # Below the lowest number of a span there may be none that is allowed at all.
        for number in (end + step for step in NEAR[name]):
            if right(number) or len(ends) == 1 or name == "to":
                told = f"is taken wrongly at {number} alone"
                yield "wrong-at-one-number", str(number), told, lambda n, one=number: n == one  # type: ignore[misc]


def _rules(ground: Ground, operation: str) -> list[Case]:
    return [
        one
        for one in ground.cases
        if one.family == "decisions.everywhere" and one.arguments.get("operation") == operation
    ]


def _ends(condition: Any) -> dict[str, int]:
    """The ends of a condition, where they are whole numbers."""
    found = condition if isinstance(condition, Mapping) else {}
    return {name: found[name] for name in ("from", "to") if type(found.get(name)) is int}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
