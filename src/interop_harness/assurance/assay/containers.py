"""Mutants that show somebody else's where one looks deeper, or asks for something more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant, target
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.questions import with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest


def _two(ground: Ground, case: Case) -> tuple[str, str, str]:
    """The parameter, and its values for the one thing and for the other."""
    ((name, one),), ((_, other),) = (tuple(case.arguments[side].items()) for side in ("one", "other"))
    return str(name), ground.fact(str(one)), ground.fact(str(other))


def _about(ground: Ground, case: Case, operation: Operation) -> tuple[str, ...]:
    return ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == operation.id)))


@rule("keyed.apart")
def containers_of_another(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The records are right, and a list inside them, at some depth, is that of another thing."""
    operation = ground.operation(str(case.arguments["operation"]))
    path = bodies.steps(str(case.arguments.get("each", "")))
    if operation is None or operation.path_parameters or path[-2:] != ("features", "*"):
        return
    name, here, there = _two(ground, case)
    ones = ground.value(target(operation, {}, [(name, here)]), operation)
    place = (*ground.record_path(operation), *path[:-1])
    lists = [found for found in bodies.values(ones, place) if isinstance(found, list) and found]
    if not lists:
        return
    yield mutant(
        operation.id,
        "containers-of-another",
        "/".join((*path[:-1], "neighbour" if case.arguments.get("needs") else "other")),
        EVERY,
        f"{operation.path}?{name} names at {'/'.join(path)} what another has",
        _about(ground, case, operation),
        edit(
            ground,
            operation,
            place,
            lambda old: lists[0] if isinstance(old, list) and old else old,
            when=lambda request: (name, there) in request.query,
        ),
    )


@rule("nested.apart")
def anothers_beside(ground: Ground, case: Case) -> Iterator[Mutant]:
    """As soon as one parameter more is asked with, a list answers for another thing."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    name, here, there = _two(ground, case)
    used = set(ground.clean.results[case.id].exchanges)
    targets = [each.request.target for each in ground.clean.exchanges.values() if each.id in used]
    asked = [dict(parse_qsl(each.partition("?")[2])) for each in targets]
    others = {other for query in asked if query.get(name) == here for other in query} - {name}
    for other in sorted(others & {parameter.name for parameter in operation.parameters}):

        def mine(request: SandboxRequest, other: str = other) -> bool:
            names = {key for key, _ in request.query}
            return request.path == operation.path and other in names and (name, here) in request.query

        def turned(request: SandboxRequest) -> SandboxRequest:
            return with_query(request, [(key, there if key == name else value) for key, value in request.query])

        yield mutant(
            operation.id,
            "anothers-beside",
            f"{other}/{'neighbour' if case.arguments.get('needs') else 'other'}",
            EVERY,
            f"{operation.path}?{name} answers for another when {other} is asked, too",
            _about(ground, case, operation),
            asking(mine, turned),
        )
