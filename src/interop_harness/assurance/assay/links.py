"""Mutants of what lists and records say of each other: ids that lead nowhere or elsewhere, stale and crossed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.ground import EVERY, ONE, Ground, drawn, edit, mutant, target
from interop_harness.assurance.assay.members import OTHER_ID, spoil
from interop_harness.assurance.assay.mutant import Mutant, answering, asking
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


def _addresses(ground: Ground, item: Operation) -> list[str]:
    """The plain addresses of single records that the suite saw answer."""
    seen = {answer.target for answer in ground.good(item.id) if "?" not in answer.target}
    return sorted(seen & ground.sampled(item.id) or seen)


def _one_of(chosen: set[str]) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    return lambda request, answer: _address(request) in chosen or request.path in chosen


def _missing(answer: SandboxResponse, status: int) -> SandboxResponse:
    return replace(answer, status=status, body=b'{"error":"gone"}')


@rule("references.list_ids_resolve", "references.foreign_key")
def unresolved(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One record, or all, cannot be read at its own address."""
    name = str(case.arguments.get("item") or case.arguments.get("target"))
    item = ground.operation(name)
    if item is None or not item.path_parameters:
        return
    places = _addresses(ground, item)
    if case.family.endswith("list_ids_resolve") and places:
        rows = ground.order((case.requirement, *ground.rows(lambda c: item.id in _operations(c))))
        rows = ground.order((*rows, *ground.generated(item.id, "status")))
        one = places[drawn(item.id, len(places))]
        for kind, scope, status, chosen in (
            ("record-404", ONE, 404, {one}),
            ("record-410", ONE, 410, {places[-1]}),
            ("record-500", ONE, 500, {one}),
            ("record-404", EVERY, 404, set(places)),
        ):
            yield mutant(
                item.id,
                kind,
                "",
                scope,
                f"{item.path} answers {status} for {'a record' if scope == ONE else 'every record'} of the list",
                rows,
                answering(
                    lambda request, answer, chosen=chosen: (  # type: ignore[misc]
                        quote(request.path, safe="/") in chosen or request.path in chosen
                    ),
                    lambda request, answer, status=status: _missing(answer, status),  # type: ignore[misc]
                ),
            )
    elif case.family.endswith("foreign_key"):
        dangling = near.always("dangling", "the id of nothing", _unknown(ground, item))
        yield from spoil(ground, case, str(case.arguments["pointer"]), [dangling], [ONE])


def _operations(case: Case) -> set[str]:
    return {str(case.arguments.get(name)) for name in ("operation", "item", "target", "detail")}


def _unknown(ground: Ground, item: Operation) -> str:
    stated = ground.profile.parameters.get("unknown_id")
    return str(stated) if stated else OTHER_ID


@rule("references.list_ids_resolve")
def another_id(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One listed record has an id that its own address does not know."""
    operation, item = ground.operation(str(case.arguments["operation"])), ground.operation(str(case.arguments["item"]))
    if operation is None or item is None:
        return
    change = near.always("unknown-id", "the id of nothing", _unknown(ground, item))
    yield from spoil(ground, case, ground.spec(operation.id).id, [change], [ONE])


@rule("references.list_detail_agree")
def stale(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One record says something else at its own address than in the list."""
    item = ground.operation(str(case.arguments["item"]))
    if item is None:
        return
    record = ground.record_path(item)
    listed = {path for answer in ground.good(str(case.arguments["operation"])) for path, _ in bodies.walk(answer.value)}
    for member in case.arguments["members"]:
        site = shape.site_at(ground, item, (*record, *bodies.steps(member)))
        if site is None or not any(path[-1] == bodies.steps(member)[-1] for path in listed):
            continue
        pair = _both(ground, case, site)
        if not pair:
            continue
        change = near.Near("stale", "what it was before", _before)
        for made in shape.scoped(ground, site, change, (case.requirement,), [ONE]):
            yield replace(
                made, apply=edit(ground, item, site.path, _before, ONE, chosen=pair[drawn(member, len(pair))])
            )


def _both(ground: Ground, case: Case, site: shape.Site) -> list[str]:
    """The addresses of records whose list entry gives the member too: elsewhere nothing disagrees."""
    listing = str(case.arguments["operation"])
    steps = site.path[len(ground.record_path(site.operation)) :]
    found = []
    for record in ground.records(listing):
        name = ground.id_of(listing, record)
        if name and bodies.values(record, steps) not in ([], [None]):
            address = target(site.operation, {site.operation.path_parameters[-1]: name})
            if address in site.targets:
                found.append(address)
    return found


def _before(old: Any) -> Any:
    """Another value of the same kind, and of the same form where it has one."""
    if isinstance(old, bool):
        return not old
    if isinstance(old, (int, float)):
        return old + 1
    text = str(old)
    if len(text) == 36 and text.count("-") == 4:
        return f"{text[:-1]}{'0' if text[-1] != '0' else '1'}"
    if "@" in text or "://" in text:
        return text.replace("example", "former", 1) if "example" in text else f"{text}x"
    if text[:2] == "20" and text[4:5] == "-":
        return f"2019{text[4:]}"
    return f"{text} (old)"


@rule("references.detail_id")
def another_record(ground: Ground, case: Case) -> Iterator[Mutant]:
    """An address answers with another record: always the same one, or one asked for with its neighbour."""
    item = ground.operation(str(case.arguments["operation"]))
    if item is None or len(item.path_parameters) != 1:
        return
    places = _addresses(ground, item)
    if len(places) < 2:
        return
    rows = ground.order((case.requirement, *ground.rows(lambda c: item.id in _operations(c))))
    one = drawn(item.id, len(places))
    following = {place: places[(number + 1) % len(places)] for number, place in enumerate(places)}
    for kind, scope, told, chosen in (
        ("another-record", ONE, "one record is answered with its neighbour", {places[one]}),
        ("another-record", EVERY, "every record is answered with its neighbour", set(places)),
    ):
        yield mutant(
            item.id,
            kind,
            "",
            scope,
            f"{item.path}: {told}",
            rows,
            asking(
                lambda request, chosen=chosen: _address(request) in chosen,  # type: ignore[misc]
                lambda request: replace(request, path=unquote(following[_address(request)])),
            ),
        )
    yield mutant(
        item.id,
        "first-record-always",
        "",
        EVERY,
        f"{item.path} answers with the same record whatever is asked for",
        rows,
        asking(
            lambda request: _address(request) in following,
            lambda request: replace(request, path=unquote(places[0])),
        ),
    )
    before, _, after = item.path.partition(f"{{{item.path_parameters[0]}}}")
    seen = {answer.target.partition("?")[0] for answer in ground.good(item.id)}
    yield mutant(
        item.id,
        "unknown-is-first-record",
        "",
        EVERY,
        f"{item.path} answers with a record for an id that none has",
        ground.order((*rows, *ground.generated(item.id, "unknown-id"))),
        asking(
            lambda request: (
                request.path.startswith(before)
                and request.path.endswith(after)
                and "/" not in request.path[len(before) : len(request.path) - len(after)]
                and _address(request) not in seen
            ),
            lambda request: replace(request, path=unquote(places[0])),
        ),
    )


def _address(request: SandboxRequest) -> str:
    return quote(request.path, safe="/")


@rule("references.member_equals")
def unequal(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One of two members that are one thing says another."""
    for side in ("left", "right"):
        change = near.always("crossed", "the id of something else", OTHER_ID)
        operation = ground.operation(str(case.arguments["operation"]))
        if operation is None:
            return
        both = [bodies.steps(str(case.arguments[name])) for name in ("left", "right")]
        sites = [shape.site_at(ground, operation, (*ground.record_path(operation), *path)) for path in both]
        if all(sites):
            yield from spoil(ground, case, str(case.arguments[side]), [change], [EVERY])


@rule("references.listed")
def unlisted(ground: Ground, case: Case) -> Iterator[Mutant]:
    change = near.always("dangling", "the id of nothing", "no-such-thing-0")
    yield from spoil(ground, case, str(case.arguments["pointer"]), [change])


@rule("references.no_cycles")
def loops(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record is its own parent; two records are each other's."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    own = bodies.steps(str(case.arguments.get("id", "/id")))
    parent = bodies.steps(str(case.arguments["parent"]))
    names = [str(name) for record in ground.records(operation.id) for name in bodies.values(record, own)]
    if len(names) < 2:
        return
    pair = {names[0]: names[-1], names[-1]: names[0]}
    for kind, told, to in (
        ("own-parent", "a record is its own parent", {names[0]: names[0]}),
        ("loop-of-two", "two records are each other's parent", pair),
    ):

        def looped(record: Any, to: dict[str, str] = to) -> Any:
            name = str(next(iter(bodies.values(record, own)), ""))
            return {**record, parent[-1]: to[name]} if name in to and isinstance(record, dict) else record

        yield mutant(
            operation.id,
            kind,
            "/".join(parent),
            ONE,
            f"{operation.path}: {told}",
            ground.order((case.requirement, *ground.about(operation.id, parent))),
            edit(ground, operation, ground.record_path(operation), looped),
        )


@rule("references.nested_agrees")
def nested(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record nested in another says something else than at its own address."""
    members: Sequence[str] = case.arguments["members"]
    for member in members:
        path = f"{case.arguments['nested']}/{member}"
        if member in {"id", "status"}:
            continue  # an id names another record; a status has codes of its own, which the schema asks for
        yield from spoil(ground, case, path, [near.Near("stale", "what it was before", _before)], [EVERY])
