"""Mutants of query parameters: ignored, turned round, matched by a part, read from another member, forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.lists import composed
from interop_harness.assurance.assay.mutant import Mutant, answered, answering, asking, instead
from interop_harness.assurance.assay.questions import naming, parameters, telling, uses, whole, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.evidence import Exchange
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

NOTHING = "qzxvkjwqyzzxkvjq"

REFUSING = frozenset({"inputs.invalid", "filters.excludes", "formats.refusal", "refusals.status", "refusals.body"})
"""Families that a refusal satisfies: not the ones that a parameter answered with 400 is made for."""


def mutants(ground: Ground) -> Iterator[Mutant]:
    """What can go wrong with each parameter without knowing what it means."""
    every = parameters(ground)
    for operation, name in every:
        rows = naming(ground, operation.id, name)
        used = uses(ground, operation.id, name)
        where = f"{operation.path}?{name}"
        judged = telling(ground, operation.id, name)
        if judged:
            yield mutant(
                operation.id,
                "parameter-ignored",
                name,
                EVERY,
                f"{where} is ignored",
                ground.order((*judged, *rows)),
                asking(used, lambda request, name=name: without(request, name)),  # type: ignore[misc]
            )
        served = _served(ground, operation, name)
        for status in (400, 500):
            yield mutant(
                operation.id,
                f"parameter-{status}",
                name,
                EVERY,
                f"{where} is answered with {status}",
                served or ground.generated(operation.id, "parameters"),
                answering(
                    lambda request, answer, used=used: used(request) and answer.status < 300,  # type: ignore[misc]
                    answered(status, b'{"error":"no"}'),
                ),
            )


def _served(ground: Ground, operation: Operation, name: str) -> tuple[str, ...]:
    """Requirements about a parameter that asked with it and were answered: a refusal cannot be refused."""

    def answered(exchange: Exchange) -> bool:
        path, _, query = exchange.request.target.partition("?")
        one = ground.profile.openapi.operation_of(exchange.request.method, path)
        asked = any(part.partition("=")[0] == name for part in query.split("&"))
        return exchange.ok and asked and one is not None and one.id == operation.id

    seen = set(ground.asking(answered))
    documented = ground.generated(operation.id, "parameters")
    about = ground.order((*documented, *telling(ground, operation.id, name), *naming(ground, operation.id, name)))
    refusing = {case.requirement for case in ground.cases if case.family in REFUSING}
    return tuple(sorted((row for row in about if row in seen), key=lambda row: row in refusing))


@rule("filters.witness", "filters.excludes")
def matching(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The records that come back are others than those whose value matches."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or "from" not in case.arguments or ground.spec(operation.id).next_link:
        return
    name, match = str(case.arguments["parameter"]), str(case.arguments.get("match", "exact"))
    rows = naming(ground, operation.id, name)
    known = known_values(ground, case)
    if not known:
        return
    for kind, told, test in _tests(match, case.family.partition(".")[2]):
        yield mutant(
            operation.id,
            kind,
            name,
            EVERY,
            f"{operation.path}?{name} {told}",
            ground.order((case.requirement, *rows)),
            instead(uses(ground, operation.id, name), _answer(ground, operation, name, known, test)),
        )
    if case.family == "filters.excludes":
        return
    finds_nothing = instead(
        uses(ground, operation.id, name), _answer(ground, operation, name, known, lambda o, a: False)
    )
    yield mutant(
        operation.id,
        "finds-nothing",
        name,
        EVERY,
        f"{operation.path}?{name} finds nothing, whatever is asked",
        ground.order((case.requirement, *rows) if case.family.endswith("witness") else rows),
        finds_nothing,
    )


Test = Callable[[list[str], str], bool]


def _tests(match: str, family: str) -> Iterator[tuple[str, str, Test | None]]:
    """How a filter may go wrong: a test over a record's own values and the one asked for; None is the opposite.

    What loses records breaks a witness, what adds some breaks an exclusion; the opposite does both.
    """
    yield "parameter-inverted", "brings what does not match", None
    exact, number = match in {"exact", "token"}, match in {"at-least", "at-most", "one-side"}
    if exact and family == "excludes":
        yield "first-letter", "matches by the first letter", lambda own, asked: any(o[:1] == asked[:1] for o in own)
    if exact and family == "witness":
        yield "backwards", "is compared with the value backwards", lambda own, asked: asked[::-1] in own
    if number and family == "witness":
        yield "strictly", "leaves out what is equal", lambda own, asked: any(_above(o, asked, match) for o in own)
        yield "equal-only", "brings what is equal only", _equal


def _equal(own: list[str], asked: str) -> bool:
    return any(_number(each) == _number(asked) for each in own)


def _number(text: str) -> float:
    try:
        return float(text.replace(":", "."))
    except ValueError:
        return float("nan")


def _above(own: str, asked: str, match: str) -> bool:
    return _number(own) < _number(asked) if match == "at-most" else _number(own) > _number(asked)


def known_values(ground: Ground, case: Case) -> list[tuple[Any, list[str]]]:
    """Every listed record with its own values at what the filter compares."""
    operation = str(case.arguments["operation"])
    path = bodies.steps(str(case.arguments["from"]))
    detail = str(case.arguments.get("detail") or "")
    full = ground.details(operation, detail) if detail else {}
    found = []
    for record in ground.records(operation):
        whole = full.get(ground.id_of(operation, record), record)
        values = [str(value) for value in bodies.values(whole, path) if isinstance(value, (str, int, float))]
        if case.arguments.get("transform") == "hh-mm":
            values = [value[:5] for value in values]
        if case.arguments.get("match") == "token":
            values = [part.strip() for value in values for part in value.split(",")]
        found.append((record, values))
    return found


def _answer(
    ground: Ground, operation: Operation, name: str, known: Sequence[tuple[Any, list[str]]], test: Test | None
) -> Callable[[Handler, SandboxRequest], SandboxResponse]:
    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        plain = handler(request)
        asked = next(value for key, value in request.query if key == name)
        if plain.status != 200:
            return plain
        if test is None:
            right = {ground.id_of(operation.id, one) for one in whole(ground, operation, handler, request)}
            chosen = [one for one, _ in known if ground.id_of(operation.id, one) not in right]
        else:
            chosen = [one for one, own in known if test(own, asked)]
        try:
            return composed(ground, operation, handler, request, chosen)
        except ValueError:
            return plain

    return produce


@rule("filters.witness", "filters.excludes")
def another_member(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The parameter is taken for another one that takes the same kind of value."""
    operation = ground.operation(str(case.arguments["operation"]))
    name = str(case.arguments["parameter"])
    if operation is None or operation.parameter(name) is None:
        return
    own = operation.parameter(name)
    others = [
        each.name
        for each in operation.parameters
        if each.place == "query"
        and each.name != name
        and own is not None
        and dict(each.schema) == dict(own.schema)
        and (operation.id, each.name) in {(one.id, other) for one, other in parameters(ground)}
    ]
    for other in others[:1]:
        yield mutant(
            operation.id,
            "taken-for",
            f"{name}/{other}",
            EVERY,
            f"{operation.path}?{name} is taken for {other}",
            naming(ground, operation.id, name),
            asking(
                uses(ground, operation.id, name),
                lambda request, other=other: with_query(  # type: ignore[misc]
                    request, [(other if key == name else key, value) for key, value in request.query]
                ),
            ),
        )


@rule("filters.combined")
def combined(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of two filters only one counts; either is enough."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or ground.spec(operation.id).next_link:
        return
    first, second = (str(name) for name in case.arguments["parameters"])
    named = {first, second}

    def both(request: SandboxRequest) -> bool:
        mine = uses(ground, operation.id, first)(request)
        return mine and named <= {key for key, _ in request.query}

    rows = ground.order((case.requirement, *naming(ground, operation.id, first, second)))
    for kept, lost in ((first, second), (second, first)):
        yield mutant(
            operation.id,
            "one-of-two-counts",
            f"{first}/{second}/{kept}",
            EVERY,
            f"{operation.path}: of {first} and {second} at once only {kept} counts",
            rows,
            asking(both, lambda request, lost=lost: without(request, lost)),  # type: ignore[misc]
        )

    def either(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        if handler(request).status != 200:
            return handler(request)
        ids = {
            ground.id_of(operation.id, one)
            for lost in (first, second)
            for one in whole(ground, operation, handler, without(request, lost))
        }
        chosen = [one for one in ground.records(operation.id) if ground.id_of(operation.id, one) in ids]
        return composed(ground, operation, handler, request, chosen)

    yield mutant(
        operation.id,
        "either-is-enough",
        f"{first}/{second}",
        EVERY,
        f"{operation.path}: {first} and {second} at once bring what matches either",
        rows,
        instead(both, either),
    )


@rule("filters.kept_across_pages")
def forgotten(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Page 2 of a filtered list is page 2 of the whole list."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    spec = ground.spec(operation.id)
    names = tuple(str(name) for name in case.arguments["parameters"])

    def later(request: SandboxRequest) -> bool:
        page = dict(request.query).get(spec.page_parameter, "1")
        return uses(ground, operation.id, *names)(request) and page not in {"1", ""}

    yield mutant(
        operation.id,
        "forgotten-on-page-2",
        "",
        EVERY,
        f"{operation.path}: filters count on page 1 only",
        ground.order((case.requirement, *naming(ground, operation.id, *names))),
        asking(later, lambda request: without(request, *names)),
    )


@rule("filters.unknown_parameter")
def unknown(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation, name = ground.operation(str(case.arguments["operation"])), str(case.arguments["name"])
    if operation is None:
        return

    def fails(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return uses(ground, operation.id, name)(request)

    yield mutant(
        operation.id,
        "unknown-parameter-500",
        name,
        EVERY,
        f"{operation.path}: a parameter that is not known breaks the service",
        ground.order((case.requirement,)),
        answering(fails, lambda request, answer: replace(answer, status=500, body=b'{"error":"no"}')),
    )


@rule("filters.no_match")
def no_match(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Where nothing matches the answer is an error, or everything."""
    operation, name = ground.operation(str(case.arguments["operation"])), str(case.arguments["parameter"])
    if operation is None:
        return
    value = str(case.arguments["impossible"])

    def impossible(request: SandboxRequest) -> bool:
        return uses(ground, operation.id, name)(request) and dict(request.query).get(name) == value

    rows = ground.order((case.requirement, *naming(ground, operation.id, name)))
    yield mutant(
        operation.id,
        "no-match-404",
        name,
        EVERY,
        f"{operation.path}?{name} answers 404 where nothing matches",
        rows,
        answering(
            lambda request, answer: impossible(request),
            lambda request, answer: replace(answer, status=404, body=b'{"error":"none"}'),
        ),
    )
    yield mutant(
        operation.id,
        "no-match-everything",
        name,
        EVERY,
        f"{operation.path}?{name} brings everything where nothing matches",
        rows,
        asking(impossible, lambda request: without(request, name)),
    )
