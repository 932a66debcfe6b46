"""Mutants that keep every rule of pages and records until a list is asked for less than everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.bodies import Path
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.lists import COUNTS, paging_rows
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.near import Near
from interop_harness.assurance.assay.questions import without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.suite.beside import NARROWING
from interop_harness.suite.narrowed import OPEN

if TYPE_CHECKING:
    from interop_harness.evidence import Exchange
    from interop_harness.sandbox.message import SandboxRequest

NEGATED = Near("negated", "the opposite", lambda old: not old)
ONE_MORE = Near("one-more", "one too many", lambda old: old + 1)
ALWAYS_SEVEN = near.always("always-7", "always 7", 7)


@rule("narrowed.members")
def members(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is not None:
        for pointer in ground.spec(operation.id).members.values():
            yield from _spoilt(ground, case, operation, bodies.steps(pointer), [near.MISSING])


@rule(
    "narrowed.size",
    "narrowed.empty",
    "narrowed.first_page",
    "narrowed.last_page",
    "narrowed.total_pages",
    "narrowed.page_number",
    "narrowed.total_items",
)
def told_wrongly(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The member that the family is named for, wrong on each narrowed page."""
    operation, name = ground.operation(str(case.arguments["operation"])), case.family.partition(".")[2]
    if operation is None or name not in ground.spec(operation.id).members:
        return
    changes = [ONE_MORE] if name in COUNTS else [NEGATED]
    changes += [ALWAYS_SEVEN] if name == "page_number" else []
    yield from _spoilt(ground, case, operation, bodies.steps(ground.spec(operation.id).members[name]), changes)


@rule("narrowed.size_capped")
def size_forgotten(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The page size is ignored as soon as something else is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or not ground.spec(operation.id).size_parameter:
        return
    name = ground.spec(operation.id).size_parameter
    yield mutant(
        operation.id,
        "size-forgotten-beside",
        name,
        EVERY,
        f"{operation.path}: {name} is ignored as soon as a further parameter is there",
        ground.order((case.requirement, *asks_beside(ground, operation))),
        asking(narrowing(ground, operation), lambda request: without(request, name)),
    )


@rule("narrowed.required", "narrowed.populated")
def records(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Records that come without a member, or with a blank one, as soon as something else is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    changes = [near.MISSING] if case.family == "narrowed.required" else [near.EMPTY, near.BLANK]
    for member in case.arguments["members"]:
        path = (*ground.record_path(operation), *bodies.steps(str(member)))
        yield from _spoilt(ground, case, operation, path, changes)


@rule("responses.schema")
def schema(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A text of each record, other than its id, that is no text on the later pages of what was narrowed."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or not ground.is_list(operation) or operation.path_parameters:
        return
    record, change = ground.record_path(operation), Near("text-in-object", "an object", lambda old: {"value": old})
    own = (*record, *bodies.steps(ground.spec(operation.id).id))
    for site in shape.sites(ground, operation):
        inside = site.path[: len(record)] == record and "*" not in site.path[len(record) :] and site.path != own
        if inside and isinstance(site.value, str) and shape.breaks(ground, site, change):
            yield from _spoilt(ground, case, operation, site.path, [change], later=True)
            return


def _spoilt(
    ground: Ground, case: Case, operation: Operation, path: Path, changes: Sequence[Near], *, later: bool = False
) -> Iterator[Mutant]:
    when = narrowing(ground, operation, later=later)
    site = shape.site_at(ground, operation, path)
    if site is None or not _asked(ground, operation, path, later=later):
        return
    below = path[len(ground.record_path(operation)) :] if "*" in path else path
    for change in changes:
        named = (case.requirement, *ground.about(operation.id, below), *asks_beside(ground, operation))
        if shape.breaks(ground, site, change):
            named = (*named, *ground.generated(operation.id, "schema"))
        yield mutant(
            operation.id,
            f"{change.kind}-beside",
            site.where,
            EVERY,
            f"{operation.path}: {site.where} is {change.told} as soon as a further parameter is there",
            ground.order(named),
            edit(ground, operation, path, change.make, when=when),
        )


def asks_beside(ground: Ground, operation: Operation) -> tuple[str, ...]:
    """Requirements that may say so: those of pages, and those that ask so themselves."""
    asks = ground.asking(lambda exchange: _mine(ground, operation, exchange, later=False), "filters", "windows")
    return (*paging_rows(ground, operation.id), *asks)


def asked_beside(ground: Ground, operation: Operation, *, later: bool = False) -> list[Exchange]:
    """What the clean supplier answered when a case asked it so."""
    asking = {case.id for case in ground.plan.cases if case.family.partition(".")[0] in NARROWING}
    asking -= {case.id for case in ground.plan.cases if case.family in OPEN}
    used = {name for case in asking for name in ground.clean.results[case].exchanges}
    return [
        exchange
        for exchange in ground.clean.exchanges.values()
        if exchange.id in used and exchange.response is not None and _mine(ground, operation, exchange, later=later)
    ]


def _asked(ground: Ground, operation: Operation, path: Path, *, later: bool) -> bool:
    """Whether the clean supplier had something there when a case asked it so."""
    for exchange in asked_beside(ground, operation, later=later):
        body = bodies.read(
            ground.profile, operation, exchange.status, exchange.response.body if exchange.response else b""
        )
        if bodies.values(body, path):
            return True
    return False


def _mine(ground: Ground, operation: Operation, exchange: Exchange, *, later: bool) -> bool:
    path, _, query = exchange.request.target.partition("?")
    found = ground.profile.openapi.operation_of(exchange.request.method, path)
    return (
        found is not None
        and found.id == operation.id
        and exchange.ok
        and _further(ground, operation, parse_qsl(query), later=later)
    )


def narrowing(ground: Ground, operation: Operation, *, later: bool = False) -> Callable[[SandboxRequest], bool]:
    """Requests to the list with a further parameter than pages, sizes and what always goes with it."""

    def when(request: SandboxRequest) -> bool:
        found = ground.of(request)
        mine = found is not None and found.id == operation.id
        return mine and _further(ground, operation, request.query, later=later)

    return when


def _further(ground: Ground, operation: Operation, query: Sequence[tuple[str, str]], *, later: bool) -> bool:
    spec = ground.spec(operation.id)
    usual = {spec.page_parameter, spec.size_parameter, *(name for name, _ in spec.query)}
    right_page = not later or not spec.page_parameter or dict(query).get(spec.page_parameter, "1") != "1"
    return bool({name for name, _ in query} - usual) and right_page
