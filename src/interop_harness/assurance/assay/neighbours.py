"""Mutants that know the street and not the house, or one house and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking, instead
from interop_harness.assurance.assay.questions import uses, with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


@rule("keyed.apart")
def neighbours_too(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Asked for one of two things, a list gives the records of both; nested ones stand together."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or operation.path_parameters or not case.arguments.get("needs"):
        return
    ((name, one),), ((_, other),) = (tuple(case.arguments[side].items()) for side in ("one", "other"))
    both = (ground.fact(str(one)), ground.fact(str(other)))
    inside = bodies.steps(str(case.arguments.get("each", "")))[:1]
    rows = ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == operation.id)))

    def union(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        mine = handler(request)
        others = handler(with_query(request, [(k, _other(both, v) if k == name else v) for k, v in request.query]))
        if mine.status != 200 or others.status != 200:
            return mine
        one, other = (bodies.read(ground.profile, operation, 200, answer.body) for answer in (mine, others))
        body = bodies.write(ground.profile, operation, 200, _together(ground, operation, one, other, inside))
        return replace(mine.without_header("content-length"), body=body)

    asked = uses(ground, operation.id, name)
    yield mutant(
        operation.id,
        "neighbours-too",
        name,
        EVERY,
        f"{operation.path}?{name} brings what the neighbours have, too",
        rows,
        instead(lambda request: asked(request) and bool(set(both) & {v for _, v in request.query}), union),
    )


def _other(both: tuple[str, str], value: str) -> str:
    return both[1] if value == both[0] else both[0] if value == both[1] else value


def _together(ground: Ground, operation: Operation, mine: Any, others: Any, inside: bodies.Path) -> Any:
    """Two bare lists as one, each record once, with what stands in it from both."""
    known = {ground.id_of(operation.id, record): record for record in mine}
    more = {ground.id_of(operation.id, record): record for record in others}
    for member in inside:
        for name in known.keys() & more.keys():
            known[name] = {**known[name], member: [*known[name].get(member, ()), *more[name].get(member, ())]}
    return [*known.values(), *(record for name, record in more.items() if name not in known)]


@rule("keyed.apart_singly")
def always_the_same(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A single record shows what belongs to one thing, whichever is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    ((name, one),), ((_, other),) = (tuple(case.arguments[side].items()) for side in ("one", "other"))
    here, there = ground.fact(str(one)), ground.fact(str(other))
    yield mutant(
        operation.id,
        "always-the-same",
        name,
        EVERY,
        f"{operation.path}?{name} answers for one thing whatever is asked",
        ground.order((case.requirement, *ground.families("schedule"))),
        asking(
            uses(ground, operation.id, name),
            lambda request: with_query(request, [(k, here if v == there else v) for k, v in request.query]),
        ),
    )


@rule("keyed.located")
def at_anothers(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Every record of a list says that it is at one house of another street."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    path = (*ground.record_path(operation), *bodies.steps(str(case.arguments["member"])))
    wanted = ground.fact(str(case.arguments["query"]["uprn"]))
    others = {str(c.arguments["other"]["uprn"]) for c in ground.cases if c.family == "keyed.apart"}
    other = min({ground.fact(name) for name in others} - {"", wanted}, default="")
    if other:
        yield mutant(
            operation.id,
            "at-anothers",
            "/".join(path),
            EVERY,
            f"{operation.path}: every record is at {other}",
            ground.order((case.requirement, *ground.about(operation.id, path[1:]))),
            edit(ground, operation, path, lambda old: old.replace(wanted, other) if isinstance(old, str) else old),
        )
