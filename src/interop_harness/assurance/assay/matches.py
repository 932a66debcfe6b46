"""Mutants of searches by a record's own values: half of a value counts, a later one of several is not looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, filters
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, instead
from interop_harness.assurance.assay.questions import uses, with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find
from interop_harness.suite.collection import Specification

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


@rule("belonging.together")
def half(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What finds nobody is looked for under every first part that is known: under any, or under those of one's own."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    name, divider = str(case.arguments["parameter"]), str(case.arguments.get("divider", "|"))
    place = (*bodies.steps(str(case.arguments["each"])), *bodies.steps(str(case.arguments["members"][0])))
    seen = [answer.value for answer in ground.good(operation.id)]
    known = sorted({str(part) for value in seen for part in _below(ground, operation.id, value, place)})
    items = ground.spec(operation.id).items
    for kind, told, only in (
        ("first-part-ignored", "is found under any first part", False),
        ("first-parts-mixed", "is found under any first part that is known", True),
    ):

        def produce(handler: Handler, request: SandboxRequest, only: bool = only) -> SandboxResponse:
            usual = handler(request)
            asked = next(value for key, value in request.query if key == name)
            first, found, value = asked.partition(divider)
            if not found or usual.status != 200 or (only and first not in known):
                return usual
            if find(bodies.read(ground.profile, operation, 200, usual.body), items):
                return usual
            for other in known:
                query = [(key, f"{other}{divider}{value}" if key == name else text) for key, text in request.query]
                answer = handler(with_query(request, query))
                body = bodies.read(ground.profile, operation, answer.status, answer.body)
                if answer.status == 200 and find(body, items):
                    return answer
            return usual

        yield mutant(
            operation.id,
            kind,
            name,
            EVERY,
            f"{operation.path}?{name}: a value {told}",
            ground.order((case.requirement,)),
            instead(uses(ground, operation.id, name), produce),
        )


def _below(ground: Ground, operation: str, body: Any, place: bodies.Path) -> list[Any]:
    return bodies.values(body, (*ground.record_path(ground.profile.operations[operation]), *place))


@rule("belonging.shortened")
def by_prefix(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What finds nobody finds whoever has a value of the same first part that begins so."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    name, divider = str(case.arguments["parameter"]), str(case.arguments.get("divider", "|"))
    each = bodies.steps(str(case.arguments["each"]))
    first, last = (bodies.steps(str(member))[0] for member in case.arguments["members"])
    seen = [item for answer in ground.good(operation.id) for item in _below(ground, operation.id, answer.value, each)]
    known = {f"{item.get(first)}{divider}{item.get(last)}" for item in seen}

    def longer(asked: str) -> list[str]:
        return [other for other in known if other.startswith(asked) and not asked.endswith(divider)]

    yield _looser(ground, case, operation, name, ("begins", "those that begin so"), longer)


@rule("belonging.inner")
def within(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What begins no name finds whoever has a name that contains it."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    (question,) = case.arguments["by"]
    paths = [bodies.steps(str(path)) for path in question["ask"]]
    seen = [answer.value for answer in ground.good(operation.id)]
    known = {str(text) for value in seen for path in paths for text in _below(ground, operation.id, value, path)}

    def holding(asked: str) -> list[str]:
        return [other for other in known if asked.casefold() in other.casefold()]

    yield _looser(ground, case, operation, str(question["parameter"]), ("contains", "those that contain it"), holding)


def _looser(
    ground: Ground,
    case: Case,
    operation: Operation,
    name: str,
    told: tuple[str, str],
    others: Callable[[str], list[str]],
) -> Mutant:
    """A value that finds nothing is taken for others."""
    items = ground.spec(operation.id).items

    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        usual = handler(request)
        asked = next(value for key, value in request.query if key == name)
        if usual.status != 200 or find(bodies.read(ground.profile, operation, 200, usual.body), items):
            return usual
        for other in sorted(others(asked)) if asked else ():
            query = [(key, other if key == name else text) for key, text in request.query]
            answer = handler(with_query(request, query))
            if answer.status == 200 and find(bodies.read(ground.profile, operation, 200, answer.body), items):
                return answer
        return usual

    return mutant(
        operation.id,
        told[0],
        name,
        EVERY,
        f"{operation.path}?{name}: a value that finds nothing finds {told[1]}",
        ground.order((case.requirement,)),
        instead(uses(ground, operation.id, name), produce),
    )


@rule("belonging.comes_back")
def first_only(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of several values in one list only the first is looked into."""
    operation = ground.operation(str(case.arguments["operation"]))
    for question in case.arguments["by"]:
        if operation is None or not question.get("last"):
            continue
        name, path = str(question["parameter"]), bodies.steps(str(question["from"]))

        def produce(
            handler: Handler,
            request: SandboxRequest,
            operation: Operation = operation,
            name: str = name,
            path: bodies.Path = path,
        ) -> SandboxResponse:
            asked = next(value for key, value in request.query if key == name)
            spec = ground.spec(operation.id)
            change = edit(ground, operation, (), lambda body: _by_firsts(spec, path, asked.casefold(), body))
            return change(handler)(request)

        yield mutant(
            operation.id,
            "first-value-only",
            name,
            EVERY,
            f"{operation.path}?{name} looks into the first of several values",
            ground.order((case.requirement,)),
            instead(uses(ground, operation.id, name), produce),
        )


def _by_firsts(spec: Specification, path: bodies.Path, asked: str, body: Any) -> Any:
    """The answer without the records of which no first value begins as asked."""
    items, record = bodies.steps(spec.items), bodies.steps(spec.record)
    every = find(body, spec.items)
    if not isinstance(every, list):
        return body
    kept = []
    for item in every:
        firsts = _firsts(item, (*record, *path))
        if not firsts or any(str(first).casefold().startswith(asked) for first in firsts):
            kept.append(item)
    # A list of nothing has no such member: an empty array is another mistake.
    made = bodies.changed(body, items, lambda old: kept or bodies.DROP)
    total = bodies.steps(spec.members.get("total_items", ""))
    return bodies.changed(made, total, lambda old: old - len(every) + len(kept)) if total else made


def _firsts(item: Any, path: Sequence[str]) -> list[Any]:
    return [each[0] for each in bodies.values(item, tuple(path[:-1])) if isinstance(each, list) and each]


@rule("belonging.comes_back")
def another_member(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The only parameter of a question is taken for another one."""
    if len(case.arguments["by"]) == 1 and "among" in (question := case.arguments["by"][0]):
        asking = replace(case, arguments={**case.arguments, "parameter": question["parameter"]})
        for made in filters.another_member(ground, asking):
            yield replace(made, breaks=ground.order((case.requirement, *made.breaks)))
