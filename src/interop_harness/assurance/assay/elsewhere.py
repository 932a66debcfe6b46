"""Mutants that are right wherever the usual list looks, and wrong in what another question finds or an id leads to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, members
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering, asking
from interop_harness.assurance.assay.questions import uses, with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

UNUSUAL = {"nhs-number": lambda old: f"{str(old)[:-1]}{(int(str(old)[-1]) + 1) % 10}"}
"""By format: the same value, wrong in its last place."""


@rule("belonging.present")
def left_out(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A member is left out of every record, or of those alone that something else was asked for."""
    yield from members.required(ground, case)
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    for member in case.arguments["members"]:
        path = (*ground.record_path(operation), *bodies.steps(member))
        yield mutant(
            operation.id,
            "missing-elsewhere",
            "/".join(path),
            EVERY,
            f"{operation.path}: {member} is left out of what is found in another way than the usual one",
            ground.order((case.requirement,)),
            edit(ground, operation, path, lambda _: bodies.DROP, when=_other_questions(ground, operation.id)),
        )


@rule("belonging.written")
def misspelt(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Values are out of form in what is found by another question, or in what is read by id."""
    operation, change = ground.operation(str(case.arguments["operation"])), UNUSUAL.get(str(case.arguments["format"]))
    if operation is None or change is None:
        return
    place = bodies.steps(str(case.arguments["member"]))
    wanted: Mapping[str, Any] = case.arguments.get("when", {})

    def of_item(item: Any) -> Any:
        mine = isinstance(item, dict) and all(item.get(name) in allowed for name, allowed in wanted.items())
        return {**item, place[-1]: change(item[place[-1]])} if mine and item.get(place[-1]) else item

    path = (*ground.record_path(operation), *place[:-1])
    yield mutant(
        operation.id,
        "misspelt-elsewhere",
        "/".join(place),
        EVERY,
        f"{operation.path}: {'/'.join(place)} is out of form in what is found in another way than the usual one",
        ground.order((case.requirement,)),
        edit(ground, operation, path, of_item, when=_other_questions(ground, operation.id)),
    )
    above = f"{operation.path}/"

    def changed(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        body = bodies.changed(json.loads(answer.body), place[:-1], of_item)
        return replace(answer.without_header("content-length"), body=json.dumps(body, ensure_ascii=False).encode())

    # A number that is not the one in the list is another one, too.
    reading = ground.rows(lambda c: c.family == case.arguments.get("reads"))
    yield mutant(
        operation.id,
        "misspelt-by-id",
        "/".join(place),
        EVERY,
        f"{operation.path}/ID: {'/'.join(place)} is out of form",
        ground.order((case.requirement, *reading)),
        answering(lambda request, answer: request.path.startswith(above) and answer.status < 300, changed),
    )


@rule("belonging.unknown")
def somebodys(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One whom nobody knows is given what belongs to somebody: to another, or to whoever has anything."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    ((name, wanted),) = case.arguments["query"].items()
    usual = dict(ground.spec(operation.id).query)
    asks = uses(ground, operation.id, name)
    nothing = ground.rows(lambda c: c.family == "belonging.nothing" and c.arguments.get("operation") == operation.id)
    rows = ground.order((case.requirement, *nothing, *ground.families("capabilities.parameters_work")))
    other = ground.fact(str(usual.get(name, "")))
    if other:
        yield mutant(
            operation.id,
            "unknown-is-somebody",
            name,
            EVERY,
            f"{operation.path}?{name} of one whom nobody knows brings what another has",
            rows,
            asking(
                lambda request: asks(request) and (name, str(wanted)) in request.query,
                lambda request: with_query(request, [(k, other if k == name else v) for k, v in request.query]),
            ),
        )


@rule("belonging.carries")
def always_the_first(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Whoever is asked for by a value that somebody has, one and the same comes."""
    operation, query = ground.operation(str(case.arguments["operation"])), case.arguments.get("query", {})
    if operation is None or len(query) != 1:
        return
    ((name, value),) = query.items()
    usual, asked = ground.fact(str(dict(ground.spec(operation.id).query).get(name, ""))), ground.fact(str(value))
    asks = uses(ground, operation.id, name)
    if usual and asked and usual != asked:
        yield mutant(
            operation.id,
            "another-comes",
            name,
            EVERY,
            f"{operation.path}?{name}={asked} brings the one of {usual}",
            ground.order((case.requirement,)),
            asking(
                lambda request: asks(request) and (name, asked) in request.query,
                lambda request: with_query(request, [(k, usual if k == name else v) for k, v in request.query]),
            ),
        )


def _other_questions(ground: Ground, operation: str) -> Any:
    usual = {name for name, _ in ground.spec(operation).query}

    def when(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation and not usual & {name for name, _ in request.query}

    return when
