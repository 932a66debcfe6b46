"""Which requests use a query parameter, which requirements are about it, and the whole result of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import Ground, target
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest

ABOUT = frozenset({"belonging", "filters", "windows", "keyed", "schedule", "refusals", "formats", "inputs"})

TELLING = frozenset(
    {
        *("filters.excludes", "filters.combined", "filters.kept_across_pages", "filters.no_match"),
        *("filters.geographic", "windows.span", "windows.id_list", "windows.any_of", "schedule.window"),
        *("windows.narrowed", "windows.one_end"),
        *("keyed.only", "keyed.apart", "belonging.matching"),
    }
)
"""Families over which a parameter that is ignored must fail: others only ask that something comes."""


def _parameters(case: Case) -> set[str]:
    """The query parameters that a case asks with."""
    single = ("parameter", "postcode", "proximity", "to")
    found = {str(case.arguments[name]) for name in single if name in case.arguments}
    if case.family == "schedule.window":
        found.add(str(case.arguments["from"]))
    if case.family in {"windows.span", "windows.complete", "windows.ends", "windows.zone"}:
        found |= {str(name) for name in case.arguments.get("parameters", ("start_date", "end_date"))}
    if case.family in {"filters.combined", "filters.kept_across_pages", "filters.counted"}:
        found |= {str(name) for name in case.arguments["parameters"]}
    found |= {str(question["parameter"]) for question in case.arguments.get("by", ())}
    for name in ("query", "narrow", "wide", "one", "other", "wrong"):
        stated = case.arguments.get(name)
        found |= set(stated) if isinstance(stated, Mapping) else set()
    return found


def naming(ground: Ground, operation: str, *parameters: str) -> tuple[str, ...]:
    """Requirements with a case that asks an operation with one of these parameters."""

    def about(case: Case) -> bool:
        mine = case.arguments.get("operation") == operation and case.family.partition(".")[0] in ABOUT
        return mine and bool(_parameters(case) & set(parameters))

    return ground.order((*ground.rows(about), *ground.generated(operation, "parameters")))


def telling(ground: Ground, operation: str, parameter: str) -> tuple[str, ...]:
    """Requirements that a parameter without effect breaks."""

    def about(case: Case) -> bool:
        more = case.family == "keyed.widens" and case.arguments.get("more") is True
        if case.arguments.get("operation") != operation or not (case.family in TELLING or more):
            return False
        if more:  # only what the wide question has beyond the narrow one makes the difference
            return parameter in set(case.arguments["wide"]) - set(case.arguments["narrow"])
        return parameter in _parameters(case)

    return ground.order(ground.rows(about))


def without(request: SandboxRequest, *names: str) -> SandboxRequest:
    return with_query(request, [pair for pair in request.query if pair[0] not in names])


def with_query(request: SandboxRequest, query: Sequence[tuple[str, str]]) -> SandboxRequest:
    return replace(request, query=tuple(query), raw_query=urlencode(query))


def uses(ground: Ground, operation: str, *names: str) -> Callable[[SandboxRequest], bool]:
    def used(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation and any(key in names for key, _ in request.query)

    return used


def parameters(ground: Ground) -> list[tuple[Operation, str]]:
    """Every query parameter of a list that some judged case asks with, pages and sizes apart."""
    found = []
    for operation in ground.operations:
        spec = ground.spec(operation.id)
        for parameter in operation.parameters:
            paging = parameter.name in {spec.page_parameter, spec.size_parameter}
            if parameter.place == "query" and not paging and naming(ground, operation.id, parameter.name):
                found.append((operation, parameter.name))
    return found


def whole(ground: Ground, operation: Operation, handler: Handler, request: SandboxRequest) -> list[Any]:
    """The whole filtered result, page after page."""
    spec = ground.spec(operation.id)
    asked = [pair for pair in request.query if pair[0] not in {spec.page_parameter, spec.size_parameter}]
    found: list[Any] = []
    for number in range(1, 60):
        query = list(asked)
        if spec.page_parameter:
            query.append((spec.page_parameter, str(number)))
        if spec.size_parameter:
            query.append((spec.size_parameter, str(spec.walk_size)))
        body = ground.value(target(operation, {}, query), operation, handler)
        items = bodies.values(body, (*bodies.steps(spec.items), "*", *bodies.steps(spec.record)))
        found += items
        if not items or not spec.page_parameter:
            break
    return found
