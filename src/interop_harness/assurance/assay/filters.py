"""Mutants of query parameters: ignored, turned round, matched by a part, read from another member, forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant, target
from interop_harness.assurance.assay.lists import composed
from interop_harness.assurance.assay.mutant import Mutant, answered, answering, asking, instead
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

NOTHING = "qzxvkjwqyzzxkvjq"


ABOUT = frozenset({"filters", "windows", "keyed", "schedule", "refusals", "formats", "inputs"})
TELLING = frozenset(
    {
        *("filters.excludes", "filters.combined", "filters.kept_across_pages", "filters.no_match"),
        *("filters.geographic", "windows.span", "windows.id_list", "windows.any_of", "schedule.window"),
        *("keyed.only", "keyed.apart"),
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
    if case.family in {"filters.combined", "filters.kept_across_pages"}:
        found |= {str(name) for name in case.arguments["parameters"]}
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
    return _with(request, [pair for pair in request.query if pair[0] not in names])


def _with(request: SandboxRequest, query: Sequence[tuple[str, str]]) -> SandboxRequest:
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
        for status in (400, 500):
            yield mutant(
                operation.id,
                f"parameter-{status}",
                name,
                EVERY,
                f"{where} is answered with {status}",
                ground.order((*ground.generated(operation.id, "parameters"), *judged, *rows)),
                answering(
                    lambda request, answer, used=used: used(request) and answer.status < 300,  # type: ignore[misc]
                    answered(status, b'{"error":"no"}'),
                ),
            )


@rule("filters.witness", "filters.excludes")
def matching(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The records that come back are others than those whose value matches."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or "from" not in case.arguments or ground.spec(operation.id).next_link:
        return
    name, match = str(case.arguments["parameter"]), str(case.arguments.get("match", "exact"))
    rows = naming(ground, operation.id, name)
    known = _known(ground, case)
    if not known:
        return
    for kind, told, test in _tests(match, case.family.partition(".")[2]):
        yield mutant(
            operation.id,
            kind,
            name,
            EVERY,
            f"{operation.path}?{name} {told}",
            rows,
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


def _known(ground: Ground, case: Case) -> list[tuple[Any, list[str]]]:
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
            right = {ground.id_of(operation.id, one) for one in _all(ground, operation, handler, request)}
            chosen = [one for one, _ in known if ground.id_of(operation.id, one) not in right]
        else:
            chosen = [one for one, own in known if test(own, asked)]
        try:
            return composed(ground, operation, handler, request, chosen)
        except ValueError:
            return plain

    return produce


def _all(ground: Ground, operation: Operation, handler: Handler, request: SandboxRequest) -> list[Any]:
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
                lambda request, other=other: _with(  # type: ignore[misc]
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
            for one in _all(ground, operation, handler, without(request, lost))
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


@rule("filters.geographic")
def circles(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Distances in another unit, or a circle that is never used."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    reach, code = str(case.arguments["proximity"]), str(case.arguments["postcode"])
    rows = ground.order(
        ground.rows(lambda c: c.family == "filters.geographic" and c.arguments["operation"] == operation.id)
    )

    def scaled(factor: float) -> Callable[[SandboxRequest], SandboxRequest]:
        def change(request: SandboxRequest) -> SandboxRequest:
            return _with(
                request,
                [
                    (key, str(max(int(float(value) * factor), 1)) if key == reach and value.isdigit() else value)
                    for key, value in request.query
                ],
            )

        return change

    for kind, told, factor in (("kilometres", "kilometres", 1000.0), ("hundredths", "hundredths of metres", 0.01)):
        yield mutant(
            operation.id,
            f"reach-in-{kind}",
            reach,
            EVERY,
            f"{operation.path}?{reach} is read as {told}",
            rows,
            asking(uses(ground, operation.id, reach), scaled(factor)),
        )
    yield mutant(
        operation.id,
        "parameter-ignored",
        f"{code}/{reach}",
        EVERY,
        f"{operation.path}: {code} and {reach} are ignored",
        rows,
        asking(uses(ground, operation.id, code), lambda request: without(request, code, reach)),
    )


@rule("windows.span", "windows.complete", "windows.ends", "windows.zone", "schedule.window")
def spans(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each end of a span is ignored, both are; the ends are a day late; the zone is dropped."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    names = case.arguments.get("parameters") or (
        (case.arguments["from"], case.arguments["to"]) if "from" in case.arguments else ("start_date", "end_date")
    )
    start, end = (str(name) for name in names)
    modules = ground.rows(
        lambda c: c.family.partition(".")[0] in {"windows", "schedule"} and c.arguments.get("operation") == operation.id
    )
    rows = ground.order((case.requirement, *modules))
    for kind, lost in (("start", (start,)), ("end", (end,)), ("both", (start, end))):
        yield mutant(
            operation.id,
            f"span-ignores-{kind}",
            "",
            EVERY,
            f"{operation.path}: {' and '.join(lost)} ignored",
            rows,
            asking(uses(ground, operation.id, *lost), lambda request, lost=lost: without(request, *lost)),  # type: ignore[misc]
        )
    if case.family == "windows.zone":

        def utc(request: SandboxRequest) -> SandboxRequest:
            return _with(
                request, [(k, f"{v[:19]}Z" if k in (start, end) and len(v) > 20 else v) for k, v in request.query]
            )

        yield mutant(
            operation.id,
            "span-drops-zone",
            "",
            EVERY,
            f"{operation.path}: the zone of {start} and {end} is not looked at",
            rows,
            asking(uses(ground, operation.id, start, end), utc),
        )
    if case.family in {"windows.complete", "windows.ends"}:
        yield mutant(
            operation.id,
            "span-by-days",
            "",
            EVERY,
            f"{operation.path}: {start} and {end} are cut to their day",
            rows,
            asking(
                uses(ground, operation.id, start, end),
                lambda request: _with(
                    request,
                    [(k, f"{v[:10]}T00:00:00Z" if k in (start, end) else v) for k, v in request.query],
                ),
            ),
        )


@rule("windows.id_list", "windows.any_of")
def first_only(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of several values with commas between only the first, or the last, counts."""
    operation, name = ground.operation(str(case.arguments["operation"])), str(case.arguments["parameter"])
    if operation is None:
        return
    for kind, place in (("first", 0), ("last", -1)):
        yield mutant(
            operation.id,
            f"only-{kind}-value",
            name,
            EVERY,
            f"{operation.path}?{name}: of several values only the {kind} counts",
            ground.order((case.requirement, *naming(ground, operation.id, name))),
            asking(
                uses(ground, operation.id, name),
                lambda request, place=place: _with(  # type: ignore[misc]
                    request, [(k, v.split(",")[place] if k == name else v) for k, v in request.query]
                ),
            ),
        )


@rule("keyed.apart", "keyed.widens", "keyed.holds")
def keyed(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A list that is asked for one thing is asked for another instead."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or operation.path_parameters:
        return
    rows = ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == operation.id)))
    facts = ground.plan.implementation.facts
    if case.family == "keyed.apart":
        (name, one), (_, other) = (next(iter(case.arguments[side].items())) for side in ("one", "other"))
        here, there = ground.fact(str(one)), ground.fact(str(other))
        yield mutant(
            operation.id,
            "always-the-same",
            name,
            EVERY,
            f"{operation.path}?{name} answers for one thing whatever is asked",
            rows,
            asking(
                uses(ground, operation.id, name),
                lambda request: _with(request, [(k, here if v == there else v) for k, v in request.query]),
            ),
        )
        return
    wide = case.arguments.get("wide") or case.arguments.get("query") or {}
    for name in wide:
        narrow = case.arguments.get("narrow", {})
        if name in narrow and len(wide) > 1:
            continue
        items = bodies.steps(ground.spec(operation.id).items)
        if not facts and not items:
            continue
        wanted = [(key, ground.fact(str(value))) for key, value in wide.items()]

        def asked(request: SandboxRequest, wanted: list[tuple[str, str]] = wanted) -> bool:
            found = ground.of(request)
            return found is not None and found.id == operation.id and set(wanted) <= set(request.query)

        def nothing(handler: Handler, request: SandboxRequest) -> SandboxResponse:
            from interop_harness.assurance.assay.lists import _with_items

            answer = handler(request)
            items = bodies.steps(ground.spec(operation.id).items)
            if answer.status != 200:
                return answer
            return _with_items(ground, operation, items, answer, lambda old: [])

        yield mutant(
            operation.id,
            "finds-nothing",
            "/".join(wide),
            EVERY,
            f"{operation.path}?{urlencode(wanted)} finds nothing",
            rows,
            instead(asked, nothing),
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
