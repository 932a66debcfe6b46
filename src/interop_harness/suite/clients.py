"""A seeded sample of a run's own safe requests, for being repeated under other names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from interop_harness.evidence import MASK, Exchange, Request
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.requirement import Outcome
from interop_harness.suite.answers import first_answers
from interop_harness.suite.beside import asked_by
from interop_harness.suite.collection import Specification
from interop_harness.suite.judgement import CaseResult
from interop_harness.suite.supplier import Supplier

FAMILY = "clients"
FAMILIES = ("inputs.", "responses.", "errors.", "representations.", "openaccess.", "decisions.", "formats.")
"""Families whose cases are asked what they ask: they make few requests each, and together all kinds of them."""
REPEATING = frozenset({"openaccess.anonymous"})
"""Families among them that ask again what all the others ask."""
MAX_CASES = 60
USUAL_SIZES = (5, 10, 20, 25)
"""Sizes that other cases may ask for."""
GROUPS = ("user-agent", "header-order", "header-set")


def drawn(supplier: Supplier, count: int) -> list[Exchange]:
    """``count`` safe requests that other cases of the plan make, of as many operations as there are.

    Which cases and which of their requests is drawn from the seed. Their answers are shared, so the draw itself
    sends nothing that the run does not send anyway.
    """
    return supplier.once((FAMILY, count), lambda: _draw(supplier, count))


def _draw(supplier: Supplier, count: int) -> list[Exchange]:
    found: dict[str, Exchange] = {}
    for case in _in_turn(supplier)[:MAX_CASES]:
        if len(found) >= count:
            break
        asked = asked_by(supplier, case)
        # Which are drawn depends on what all of them got, so all of it is what the draw rests on.
        supplier.used.update((exchange.id, exchange) for exchange in asked)
        able = list(_repeatable(supplier, asked))
        # What succeeded is what others will rely on; a refusal is taken where there is nothing else.
        able = [each for each in able if each.ok] or able
        chosen = min(able, key=lambda each: supplier.rank(each.request.key), default=None)
        if chosen is not None:
            found.setdefault(chosen.request.key, chosen)
    if not found:  # a selection without any of these families: one plain answer of each operation will do
        plain = [exchange for _, exchange in first_answers(supplier)[0]]
        found = {each.request.key: each for each in _repeatable(supplier, plain[:count])}
    return list(found.values())


def unasked(supplier: Supplier, group: str) -> list[list[Request]]:
    """Requests that nobody else makes in a run: of each list, by pages of a size that no other case asks for.

    Lists and sizes are in drawn order. The groups of clients share no size, so that each is the first to ask for its
    own. A profile whose lists take no size has none.
    """
    found = []
    for operation in sorted(supplier.operations(), key=lambda each: supplier.rank(f"client {group} list {each.id}")):
        collection = supplier.collection(operation.id)
        spec = collection.spec
        stated = [value.removeprefix("fact:") for _, value in spec.query if value.startswith("fact:")]
        if not spec.size_parameter or operation.path_parameters or any(name not in supplier.facts for name in stated):
            continue
        pages = [[], [(spec.page_parameter, "1")]] if spec.page_parameter else [[]]
        found.append(
            [
                supplier.request(operation, query=[*collection.fixed(), (spec.size_parameter, size), *page])
                for page in pages
                for size in _sizes(supplier, operation, spec)[GROUPS.index(group) :: len(GROUPS)]
            ]
        )
    return [requests for requests in found if requests]


def _sizes(supplier: Supplier, operation: Operation, spec: Specification) -> list[str]:
    """The odd sizes of a list's pages, up to what its pages are read by and what the interface description allows."""
    parameter = operation.parameter(spec.size_parameter)
    schema = parameter.schema if parameter else {}
    least, most = max(int(schema.get("minimum", 1)), 3), min(int(schema.get("maximum", spec.walk_size)), spec.walk_size)
    odd = [str(size) for size in range(least, most) if size not in USUAL_SIZES]
    return sorted(odd, key=lambda size: supplier.rank(f"client page {operation.id} {size}"))


def _in_turn(supplier: Supplier) -> list[Case]:
    """The cases in drawn order, one of each operation and family before a second of any."""
    taken: dict[str, int] = {}
    order: list[tuple[int, int, Case]] = []
    for case in sorted(supplier.plan.cases, key=lambda case: supplier.rank(f"client {case.id}")):
        if case.family.startswith(FAMILIES) and case.family not in REPEATING:
            kind = f"{case.arguments.get('operation', '')} {case.family.partition('.')[0]}"
            taken[kind] = taken.get(kind, 0) + 1
            order.append((taken[kind], len(order), case))
    return [case for _, _, case in sorted(order, key=lambda entry: entry[:2])]


def _repeatable(supplier: Supplier, exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Those that were answered and whose requests are safe to make again as they are recorded.

    Not one that held a credential: that is masked. Whether sending does no harm is the interface description's to
    say, since a record does not.
    """
    for exchange in exchanges:
        request = exchange.request
        if exchange.response is None or exchange.busy or _masked(request):
            continue
        if request.method == "GET":
            yield exchange
        elif _computes(supplier, request):
            yield replace(exchange, request=replace(request, repeatable=True))


def _masked(request: Request) -> bool:
    return MASK in request.target or MASK.encode() in request.body or any(MASK in value for _, value in request.headers)


def _computes(supplier: Supplier, request: Request) -> bool:
    operation = supplier.profile.openapi.operation_of(request.method, request.target.partition("?")[0])
    return operation is not None and operation.computes


def outcome(results: Iterable[CaseResult]) -> str:
    """What a whole run says of other clients: ``pass``, ``fail``, ``inconclusive`` or ``not-run``."""
    seen = {result.outcome for result in results if result.case.family.startswith(f"{FAMILY}.")}
    for found, word in (
        (Outcome.FAIL, "fail"),
        (Outcome.ERROR, "inconclusive"),
        (Outcome.INCONCLUSIVE, "inconclusive"),
        (Outcome.PASS, "pass"),
    ):
        if found in seen:
            return word
    return "not-run"


def doubt(results: Iterable[CaseResult]) -> str:
    """Why a run cannot be called conformant although every answer it got was right; empty when it can.

    What a service shows to its examiner alone says nothing of what it shows to a council's software.
    """
    seen = [result for result in results if result.case.family.startswith(f"{FAMILY}.")]
    word = outcome(seen)
    if word not in ("fail", "inconclusive"):
        return ""
    wanted = {Outcome.FAIL} if word == "fail" else {Outcome.INCONCLUSIVE, Outcome.ERROR}
    rows = ", ".join(result.case.requirement for result in seen if result.outcome in wanted)
    if word == "fail":
        return f"The service answers other clients otherwise than this suite, so its answers prove little: {rows}."
    return f"Whether the service answers other clients as it answered this suite could not be told: {rows}."
