"""Mutants of a calendar that is not the tasks', of buildings and streets that are left out of account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking, instead
from interop_harness.assurance.assay.questions import uses, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


def _about(ground: Ground, case: Case, operation: Operation) -> tuple[str, ...]:
    return ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == operation.id)))


@rule("schedule.one_day")
def another_calendar(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What stands inside a list has other days than the same thing in its own list."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    path = (*bodies.steps(str(case.arguments["each"])), *bodies.steps(str(case.arguments["member"])))
    whose = [str(needed) for needed in case.arguments.get("needs", ())]
    pairs = {(name, ground.fact(str(value))) for name, value in case.arguments["query"].items()} if whose else set()
    for kind, days in (("day-later", 1), ("week-later", 7)):

        def moved(old: Any, days: int = days) -> Any:
            return f"{date.fromisoformat(str(old)[:10]) + timedelta(days=days)}{str(old)[10:]}"

        yield mutant(
            operation.id,
            f"{kind}-than-its-own-list",
            "/".join((*path, *whose)),
            EVERY,
            f"{operation.path}: {'/'.join((*path, *whose))} is later than the same thing in its own list",
            ground.order((case.requirement, *ground.families("schedule"))),
            edit(
                ground,
                operation,
                (*ground.record_path(operation), *path),
                moved,
                when=lambda request: pairs <= set(request.query),
            ),
        )


@rule("keyed.apart")
def nested_for_all(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The records are right, and what stands inside them is that of one thing, whatever is asked."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or "each" not in case.arguments:
        return
    ((name, one),), ((_, other),) = (tuple(case.arguments[side].items()) for side in ("one", "other"))
    here, there = ground.fact(str(one)), ground.fact(str(other))
    member = bodies.steps(str(case.arguments["each"]))[0]
    asks = uses(ground, operation.id, name)

    def mixed(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        mine = handler(request)
        ones = handler(with_query(request, [(k, here if k == name else v) for k, v in request.query]))
        if mine.status != 200 or ones.status != 200:
            return mine
        body, shown = (bodies.read(ground.profile, operation, 200, answer.body) for answer in (mine, ones))
        known = {ground.id_of(operation.id, record): record.get(member) for record in shown}
        for record in body:
            if member in record and known.get(ground.id_of(operation.id, record)) is not None:
                record[member] = known[ground.id_of(operation.id, record)]
        made = bodies.write(ground.profile, operation, 200, body)
        return replace(mine.without_header("content-length"), body=made)

    yield mutant(
        operation.id,
        f"{member}-of-{'neighbour' if case.arguments.get('needs') else 'one'}",
        name,
        EVERY,
        f"{operation.path}?{name}: {member} is that of another",
        ground.order((*_about(ground, case, operation), *ground.families("schedule"))),
        instead(lambda request: asks(request) and (name, there) in request.query, mixed),
    )


@rule("places.whole")
def whole_left_out(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What belongs to the whole does not come, although it is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    for name in case.arguments["with"] if operation is not None else ():
        assert operation is not None
        yield mutant(
            operation.id,
            "whole-left-out",
            str(name),
            EVERY,
            f"{operation.path}?{name} adds nothing",
            _about(ground, case, operation),
            asking(uses(ground, operation.id, str(name)), lambda request, name=str(name): without(request, name)),  # type: ignore[misc]
        )


@rule("places.named")
def named_and_lost(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What says that it belongs to something does not come when that is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    ((mine, one),), ((name, other),) = (tuple(case.arguments[side].items()) for side in ("narrow", "wide"))
    asked = {mine: ground.fact(str(one)), name: ground.fact(str(other))}

    def rest(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        wide, narrow = handler(request), handler(with_query(request, [(mine, asked[mine])]))
        every, lost = (bodies.read(ground.profile, operation, 200, answer.body) for answer in (wide, narrow))
        names = {ground.id_of(operation.id, record) for record in lost}
        kept = [record for record in every if ground.id_of(operation.id, record) not in names]
        body = bodies.write(ground.profile, operation, 200, kept)
        return replace(wide.without_header("content-length"), body=body)

    uses_it = uses(ground, operation.id, name)
    yield mutant(
        operation.id,
        "named-and-lost",
        name,
        EVERY,
        f"{operation.path}?{name} lacks what says that it belongs there",
        _about(ground, case, operation),
        instead(lambda request: uses_it(request) and (name, asked[name]) in request.query, rest),
    )


@rule("places.elsewhere")
def everywhere(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A place limits nothing, and no record says where it is."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    ((name, _),) = case.arguments["query"].items()
    deaf = asking(uses(ground, operation.id, name), lambda request: without(request, name))
    silent = edit(ground, operation, (*ground.record_path(operation), name), lambda _: bodies.DROP)
    yield mutant(
        operation.id,
        "limits-nothing-and-says-nothing",
        name,
        EVERY,
        f"{operation.path}?{name} does nothing, and no record has {name}",
        _about(ground, case, operation),
        lambda handler: silent(deaf(handler)),
    )
