"""Mutants of lists in pages: each page member off by one, records lost, repeated or shuffled between pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.bodies import Path
from interop_harness.assurance.assay.ground import EVERY, LAST, Ground, edit, mutant, target
from interop_harness.assurance.assay.mutant import Mutant, asking, instead
from interop_harness.assurance.assay.near import Near
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find
from interop_harness.suite.collection import Specification

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

COUNTS = ("total_items", "total_pages", "page_number", "size")
PAGING = "pagination"


def the_list(ground: Ground, case: Case) -> tuple[Operation, Specification] | None:
    operation = ground.operation(str(case.arguments["operation"]))
    return (operation, ground.spec(operation.id)) if operation is not None else None


def paging_rows(ground: Ground, operation: str) -> tuple[str, ...]:
    return ground.rows(lambda case: case.family.startswith(f"{PAGING}.") and case.arguments["operation"] == operation)


@rule("pagination.members")
def members(ground: Ground, case: Case) -> Iterator[Mutant]:
    found = the_list(ground, case)
    if found is None:
        return
    operation, spec = found
    for name in case.arguments.get("members") or spec.members:
        site = shape.site_at(ground, operation, bodies.steps(spec.members[name]))
        if site is not None:
            yield from shape.scoped(ground, site, near.MISSING, (case.requirement,))
            yield from shape.scoped(ground, site, near.NULL, (case.requirement,), [EVERY])


@rule(
    "pagination.size",
    "pagination.empty",
    "pagination.first_page",
    "pagination.last_page",
    "pagination.total_pages",
    "pagination.page_number",
    "pagination.total_items",
)
def off_by_one(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The member that the family is named for, wrong everywhere and on the last page only."""
    found = the_list(ground, case)
    if found is None:
        return
    operation, spec = found
    name = case.family.partition(".")[2]
    if name not in spec.members:
        return
    site = shape.site_at(ground, operation, bodies.steps(spec.members[name]))
    if site is None:
        return
    # A wrong total makes the arithmetic of its neighbours wrong too: any of them may say so.
    counts = [f"{PAGING}.{each}" for each in COUNTS] if name in {"total_items", "total_pages"} else []
    others = ground.rows(lambda c: c.family in counts and c.arguments["operation"] == operation.id)
    named = (case.requirement, *others)
    if name in COUNTS:
        for change in (
            Near("one-more", "one too many", lambda old: old + 1),
            Near("one-less", "one too few", lambda old: old - 1),
        ):
            for scope in [EVERY, LAST] if name in {"size", "page_number"} else [EVERY]:
                yield from shape.scoped(ground, site, change, named, [scope])
        if name == "size":
            yield from _size_as_asked(ground, operation, spec, named)
    else:
        for change in (
            Near("negated", "the opposite", lambda old: not old),
            near.always("always-true", "always true", True),
            near.always("always-false", "always false", False),
        ):
            yield from shape.scoped(ground, site, change, named, [EVERY])
        if name in {"first_page", "last_page"}:
            yield from shape.scoped(ground, site, Near("negated", "the opposite", lambda old: not old), named, [LAST])


def _size_as_asked(ground: Ground, operation: Operation, spec: Specification, named: Sequence[str]) -> Iterator[Mutant]:
    """The size asked for is stated instead of the number of records: differs on a short last page."""
    path = bodies.steps(spec.members["size"])

    def change(body: Any) -> Any:
        return bodies.changed(body, path, lambda old: max(old, spec.walk_size))

    yield mutant(
        operation.id,
        "size-as-asked",
        "/".join(path),
        EVERY,
        f"{operation.path}: {path[-1]} is the size asked for and not the number of records",
        ground.order(named),
        edit(ground, operation, (), change),
    )


@rule("pagination.total_items", "pagination.no_duplicates", "pagination.stable_order", "references.unique_ids")
def records(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Records lost, repeated or shuffled within a page or between pages."""
    found = the_list(ground, case)
    if found is None or len(ground.records(found[0].id)) < 2:
        return
    operation, spec = found
    items = bodies.steps(spec.items)
    paging = (case.requirement, *paging_rows(ground, operation.id))
    unique = ground.rows(lambda c: c.family == "references.unique_ids" and c.arguments["operation"] == operation.id)

    def on_pages(kind: str, told: str, change: Callable[[list[Any]], list[Any]], scope: str) -> Mutant:
        return mutant(
            operation.id,
            kind,
            "/".join(items),
            scope,
            f"{operation.path}: {told}",
            ground.order((*paging, *unique)),
            edit(ground, operation, items, lambda old: change(old) if isinstance(old, list) else old, scope),
        )

    match case.family:
        case "pagination.total_items":
            yield on_pages("last-record-lost", "each page loses its last record", lambda old: old[:-1], EVERY)
            if spec.page_parameter:
                yield on_pages("last-record-lost", "the last page loses a record", lambda old: old[:-1], LAST)
        case "references.unique_ids":
            yield on_pages(
                "id-twice",
                "two records of each page have one id",
                lambda old: [old[0], *old[:-1]] if old else old,
                EVERY,
            )
        case "pagination.no_duplicates":
            yield from _between_pages(ground, operation, spec, ground.order(paging))
        case _:
            yield _shuffled(ground, operation, spec, ground.order(paging))


def _between_pages(ground: Ground, operation: Operation, spec: Specification, named: Sequence[str]) -> Iterator[Mutant]:
    if not spec.page_parameter:
        return
    items = bodies.steps(spec.items)

    def number(request: SandboxRequest) -> int:
        return next((int(value) for name, value in request.query if name == spec.page_parameter and value.isdigit()), 1)

    def mine(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and number(request) > 1

    def with_last_of_before(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        before = handler(_asking(request, spec.page_parameter, str(number(request) - 1)))
        last = bodies.values(bodies.read(ground.profile, operation, before.status, before.body), (*items, "*"))[-1:]
        return _with_items(ground, operation, items, handler(request), lambda old: [*last, *old][: max(len(old), 1)])

    yield mutant(
        operation.id,
        "repeated-between-pages",
        "/".join(items),
        EVERY,
        f"{operation.path}: each page begins with the last record of the page before, and loses its own last one",
        named,
        instead(mine, with_last_of_before),
    )
    yield mutant(
        operation.id,
        "page-1-always",
        "",
        EVERY,
        f"{operation.path}: every page is page 1 ({spec.page_parameter} is ignored)",
        named,
        asking(mine, lambda request: _asking(request, spec.page_parameter, "1")),
    )
    yield mutant(
        operation.id,
        "page-late",
        "",
        EVERY,
        f"{operation.path}: pages are counted from 0, so that page 2 is skipped",
        named,
        asking(mine, lambda request: _asking(request, spec.page_parameter, str(number(request) + 1))),
    )


def _shuffled(ground: Ground, operation: Operation, spec: Specification, named: Sequence[str]) -> Mutant:
    """Every other answer to the same request has its records the other way round."""
    items = bodies.steps(spec.items)

    def apply(handler: Handler) -> Handler:
        asked: dict[str, int] = {}

        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            found = ground.of(request)
            if found is None or found.id != operation.id or answer.status != 200:
                return answer
            key = f"{request.path}?{request.raw_query}"
            asked[key] = asked.get(key, 0) + 1
            if asked[key] % 2:
                return answer
            return _with_items(ground, operation, items, answer, lambda old: old[::-1])

        return handle

    return mutant(
        operation.id,
        "order-changes",
        "/".join(items),
        EVERY,
        f"{operation.path}: the records come in another order each time",
        named,
        apply,
    )


@rule("pagination.size_honoured", "pagination.size_capped")
def sizes(ground: Ground, case: Case) -> Iterator[Mutant]:
    found = the_list(ground, case)
    if found is None or not found[1].size_parameter:
        return
    operation, spec = found
    name = spec.size_parameter
    named = ground.order((case.requirement, *paging_rows(ground, operation.id)))

    def asked(request: SandboxRequest) -> bool:
        one = ground.of(request)
        return one is not None and one.id == operation.id and any(key == name for key, _ in request.query)

    def scaled(change: Callable[[int], int]) -> Callable[[SandboxRequest], SandboxRequest]:
        def made(request: SandboxRequest) -> SandboxRequest:
            value = next(value for key, value in request.query if key == name)
            return _asking(request, name, str(change(int(value)))) if value.isdigit() else request

        return made

    changes: list[tuple[str, str, Callable[[SandboxRequest], SandboxRequest]]]
    if case.family.endswith("size_capped"):
        changes = [
            ("size-exceeded", "one record more than asked for", scaled(lambda size: size + 1)),
            ("size-at-least-ten", "never fewer than ten a page", scaled(lambda size: max(size, 10))),
        ]
    else:
        changes = [
            ("size-ignored", f"{name} is ignored", lambda request: _asking(request, name, None)),
            ("size-one-less", "one record fewer than asked for", scaled(lambda size: max(size - 1, 1))),
        ]
    for kind, told, change in changes:
        yield mutant(operation.id, kind, name, EVERY, f"{operation.path}: {told}", named, asking(asked, change))


@rule("pagination.default_page")
def default_page(ground: Ground, case: Case) -> Iterator[Mutant]:
    found = the_list(ground, case)
    if found is None or not found[1].page_parameter:
        return
    operation, spec = found

    def unasked(request: SandboxRequest) -> bool:
        one = ground.of(request)
        named = any(key == spec.page_parameter for key, _ in request.query)
        return one is not None and one.id == operation.id and not named

    yield mutant(
        operation.id,
        "starts-at-page-2",
        spec.page_parameter,
        EVERY,
        f"{operation.path} begins with page 2 when no page is asked for",
        ground.order((case.requirement, *paging_rows(ground, operation.id))),
        asking(unasked, lambda request: _asking(request, spec.page_parameter, "2")),
    )


@rule("pagination.not_empty")
def nothing(ground: Ground, case: Case) -> Iterator[Mutant]:
    found = the_list(ground, case)
    if found is None:
        return
    operation, spec = found
    yield mutant(
        operation.id,
        "list-empty",
        spec.items,
        EVERY,
        f"{operation.path} lists nothing",
        ground.order((case.requirement, *paging_rows(ground, operation.id))),
        edit(ground, operation, bodies.steps(spec.items), lambda old: []),
    )


# --- rewriting requests and pages ------------------------------------------------------------------------


def _asking(request: SandboxRequest, name: str, value: str | None) -> SandboxRequest:
    """The request with a query parameter set to one value, or taken out."""
    from urllib.parse import urlencode

    from interop_harness.sandbox.message import parse_query

    query = [pair for pair in request.query if pair[0] != name]
    if value is not None:
        query.append((name, value))
    raw = urlencode(query)
    from dataclasses import replace

    return replace(request, query=parse_query(raw), raw_query=raw)


def _with_items(
    ground: Ground,
    operation: Operation,
    items: Path,
    answer: SandboxResponse,
    change: Callable[[list[Any]], list[Any]],
) -> SandboxResponse:
    from interop_harness.sandbox.message import SandboxResponse as Made

    try:
        value = bodies.read(ground.profile, operation, answer.status, answer.body)
    except ValueError:
        return answer
    made = bodies.changed(value, items, lambda old: change(old) if isinstance(old, list) else old)
    if made == value:
        return answer
    body = bodies.write(ground.profile, operation, answer.status, made)
    return Made(answer.status, answer.without_header("content-length").headers, body)


def composed(
    ground: Ground, operation: Operation, handler: Handler, request: SandboxRequest, chosen: Sequence[Any]
) -> SandboxResponse:
    """The page that a request asks for, of a list that holds ``chosen`` and nothing else.

    The plain answer to the same page is taken for its shape; members that the profile names are reckoned anew.
    """
    spec = ground.spec(operation.id)
    asked = dict(request.query)
    plain = {name: value for name, value in asked.items() if name in {spec.page_parameter, spec.size_parameter}}
    fixed = [(name, ground.fact(value)) for name, value in spec.query]
    answer = ground.get(target(operation, {}, [*fixed, *plain.items()]), handler)
    if answer.status != 200:
        return answer
    value = bodies.read(ground.profile, operation, 200, answer.body)
    number = int(asked.get(spec.page_parameter, "1")) if spec.page_parameter else 1
    full = value if not spec.items else find(value, spec.items)
    size = len(chosen) or 1
    if spec.page_parameter:
        size = int(asked.get(spec.size_parameter, len(full) or 1)) if spec.size_parameter else len(full) or 1
        size = min(size, 100)
    shown = list(chosen[(number - 1) * size : number * size])
    pages = -(-len(chosen) // size)
    told = {
        "total_items": len(chosen),
        "total_pages": pages,
        "page_number": number,
        "size": len(shown),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not shown,
    }
    wrapped = [bodies.changed({}, (), lambda _, one=one: _wrap(spec.record, one)) for one in shown]  # type: ignore[misc]
    value = bodies.changed(value, bodies.steps(spec.items), lambda _: wrapped)
    for name, pointer in spec.members.items():
        if name in told:
            value = bodies.changed(value, bodies.steps(pointer), lambda _, name=name: told[name])  # type: ignore[misc]
    return _answer_with(ground, operation, answer, value)


def _wrap(pointer: str, record: Any) -> Any:
    for step in reversed(bodies.steps(pointer)):
        record = {step: record}
    return record


def _answer_with(ground: Ground, operation: Operation, answer: SandboxResponse, value: Any) -> SandboxResponse:
    from interop_harness.sandbox.message import SandboxResponse as Made

    body = bodies.write(ground.profile, operation, 200, value)
    return Made(answer.status, answer.without_header("content-length").headers, body)
