"""Mutants of lists that are asked for one thing: another thing's records come, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking, instead
from interop_harness.assurance.assay.questions import uses, with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


@rule("keyed.apart", "keyed.widens", "keyed.holds")
def keyed(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A list that is asked for one thing is asked for another instead."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or operation.path_parameters:
        return
    rows = ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == operation.id)))
    facts = ground.plan.implementation.facts
    if case.family == "keyed.apart":
        (name, one), (another, other) = (next(iter(case.arguments[side].items())) for side in ("one", "other"))
        if name != another:
            return  # the answer for a street cannot be asked for with a property's number
        here, there = ground.fact(str(one)), ground.fact(str(other))
        yield mutant(
            operation.id,
            "always-the-same",
            name,
            EVERY,
            f"{operation.path}?{name} answers for one thing whatever is asked",
            rows,
            asking(
                uses(ground, operation.id, name),
                lambda request: with_query(request, [(k, here if v == there else v) for k, v in request.query]),
            ),
        )
        return
    wide = case.arguments.get("wide") or case.arguments.get("query") or {}
    for name in wide:
        narrow = case.arguments.get("narrow", {})
        if name in narrow and len(wide) > 1:
            continue
        items = bodies.steps(ground.spec(operation.id).items)
        if not facts and not items:
            continue
        wanted = [(key, ground.fact(str(value))) for key, value in wide.items()]

        def asked(request: SandboxRequest, wanted: list[tuple[str, str]] = wanted) -> bool:
            found = ground.of(request)
            return found is not None and found.id == operation.id and set(wanted) <= set(request.query)

        def nothing(handler: Handler, request: SandboxRequest) -> SandboxResponse:
            from interop_harness.assurance.assay.lists import _with_items

            answer = handler(request)
            items = bodies.steps(ground.spec(operation.id).items)
            if answer.status != 200:
                return answer
            return _with_items(ground, operation, items, answer, lambda old: [])

        yield mutant(
            operation.id,
            "finds-nothing",
            "/".join(wide),
            EVERY,
            f"{operation.path}?{urlencode(wanted)} finds nothing",
            rows,
            instead(asked, nothing),
        )
