"""Mutants whose plain lists keep the rules of members and of CORS, and break them once something else is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, members
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant, answering, instead
from interop_harness.assurance.assay.narrowed import asked_beside, asks_beside, narrowing
from interop_harness.assurance.assay.questions import with_query
from interop_harness.assurance.assay.rules import Rule, rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

HEADER = "Access-Control-Allow-Origin"
OF_MEMBERS: dict[str, Rule] = {
    "fields.no_empty_values": members.no_empty_values,
    "fields.identity": members.identity,
    "fields.parent_child_ids": members.parents,
    "fields.unique_nested_ids": members.nested_twice,
    "fields.order": members.order,
    "fields.range": members.outside,
    "fields.coordinates": members.coordinates,
    "fields.depends": members.alone,
    "fields.format": members.formats,
    "fields.kind": members.kinds,
    "fields.one_of": members.one_of,
}
"""What the plain list is changed by: the same change is made beside a further parameter alone."""


def _media_type(answer: SandboxResponse) -> str:
    return answer.header("content-type")


def _told(value: str) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    return lambda request, answer: answer.without_header("content-type").with_header("Content-Type", value)


def _marked(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    return replace(answer.without_header("content-length"), body=b"\xef\xbb\xbf" + answer.body)


RETOLD: dict[str, tuple[str, Callable[[SandboxRequest, SandboxResponse], SandboxResponse]]] = {
    "responses.media_type": ("as-html", _told("text/html")),
    "responses.charset": ("latin-1-named", _told("application/json; charset=iso-8859-1")),
    "responses.strict_json": ("byte-order-mark", _marked),
}
"""How a list is told differently, by the family that looks for it."""


@rule(*OF_MEMBERS)
def records(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Members that are wrong as soon as something else is asked for."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or operation.path_parameters:
        return
    targets = [exchange.request.target for exchange in asked_beside(ground, operation)]
    when, judging = narrowing(ground, operation), asks_beside(ground, operation)
    for plain in OF_MEMBERS[case.family](ground, case):
        changed = plain.apply(ground.handler)
        if any(ground.get(target, changed).body != ground.get(target).body for target in targets):
            yield replace(
                plain,
                id=f"{plain.id}.beside",
                kind=f"{plain.kind}-beside",
                description=f"{plain.description}, as soon as a further parameter is there",
                breaks=ground.order((*plain.breaks, *judging)),
                apply=_only(when, plain.apply),
            )


@rule("narrowed.no_duplicates")
def repeated(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The later pages of a narrowed list begin with what page 1 ended with: an offset that is one too small."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or not asked_beside(ground, operation, later=True):
        return
    spec, later = ground.spec(operation.id), narrowing(ground, operation, later=True)
    place = bodies.steps(spec.items)

    def last_of_page_1(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        query = [pair if pair[0] != spec.page_parameter else (pair[0], "1") for pair in request.query]
        answer, first = handler(request), handler(with_query(request, query))
        if answer.status != 200 or first.status != 200:
            return answer
        here, there = (bodies.read(ground.profile, operation, 200, each.body) for each in (answer, first))
        ended: list[Any] = next(iter(bodies.values(there, place)), [])[-1:]
        made = bodies.changed(here, place, lambda items: [*ended, *items[1:]] if items else items)
        return replace(answer.without_header("content-length"), body=bodies.write(ground.profile, operation, 200, made))

    yield mutant(
        operation.id,
        "repeated-beside",
        "",
        EVERY,
        f"{operation.path}: the later pages begin with the last of page 1 as soon as a further parameter is there",
        ground.order((case.requirement, *asks_beside(ground, operation))),
        instead(later, last_of_page_1),
    )


@rule("openaccess.cors")
def header_forgotten(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The header is there on plain lists alone: something else than the web server answers the others."""
    named = bool(case.arguments.get("origin"))
    if case.arguments.get("answer", "success") != "success":
        return
    for operation in ground.operations:
        if operation.path_parameters or not asked_beside(ground, operation):
            continue
        beside = narrowing(ground, operation)

        def when(
            request: SandboxRequest, answer: SandboxResponse, beside: Callable[[SandboxRequest], bool] = beside
        ) -> bool:
            return answer.status < 300 and bool(request.header("origin")) == named and beside(request)

        asked = "with-origin" if named else "without-origin"
        yield mutant(
            operation.id,
            "cors-missing-beside",
            asked,
            EVERY,
            f"{HEADER} is missing from {operation.path} as soon as a further parameter is there ({asked})",
            ground.order((case.requirement, *ground.families("openaccess.cors"))),
            answering(when, lambda request, answer: answer.without_header(HEADER)),
        )


@rule("responses.media_type", "responses.charset", "responses.strict_json")
def told_as_something_else(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Filtered lists come as HTML, in Latin-1 or behind a byte order mark: another part of the service makes them."""
    kind, change = RETOLD[case.family]
    if "bom" not in case.arguments.get("rules", ["bom"]):
        return
    mine = case.arguments.get("operation")
    for operation in ground.operations:
        if operation.path_parameters or mine not in (None, operation.id) or not asked_beside(ground, operation):
            continue
        beside = narrowing(ground, operation)

        def when(
            request: SandboxRequest, answer: SandboxResponse, beside: Callable[[SandboxRequest], bool] = beside
        ) -> bool:
            return answer.status == 200 and "json" in _media_type(answer) and beside(request)

        yield mutant(
            operation.id,
            f"{kind}-beside",
            case.requirement,
            EVERY,
            f"{operation.path}: {kind} as soon as a further parameter is there",
            ground.order((case.requirement, *asks_beside(ground, operation))),
            answering(when, change),
        )


@rule("openaccess.cors")
def header_on_the_first(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Requests without an Origin find the header on page 1 only."""
    if case.arguments.get("origin") or case.arguments.get("answer", "success") != "success":
        return
    for operation in ground.operations:
        page = "" if operation.path_parameters else ground.spec(operation.id).page_parameter
        if not page or not any(f"{page}=2" in answer.target for answer in ground.good(operation.id)):
            continue

        def when(request: SandboxRequest, answer: SandboxResponse, name: str = operation.id, page: str = page) -> bool:
            found = ground.of(request)
            later = dict(request.query).get(page, "1") != "1" and not request.header("origin")
            return later and answer.status < 300 and found is not None and found.id == name

        yield mutant(
            operation.id,
            "cors-missing-later",
            "without-origin",
            EVERY,
            f"{HEADER} is missing from the later pages of {operation.path}",
            ground.order((case.requirement, *ground.families("openaccess.cors"))),
            answering(when, lambda request, answer: answer.without_header(HEADER)),
        )


def _only(when: Callable[[SandboxRequest], bool], apply: Apply) -> Apply:
    """The change for requests that ``when`` picks, and the supplier as it is for all others."""

    def applied(handler: Handler) -> Handler:
        changed = apply(handler)
        return lambda request: changed(request) if when(request) else handler(request)

    return applied
