"""Requests that a service fails at although it answers the plain one: later pages, single records, filters."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from interop_harness.checks.responses import gives_way
from interop_harness.evidence import Exchange
from interop_harness.profile import Operation
from interop_harness.suite import narrowed
from interop_harness.suite.answers import answers, plain_answers, undecided
from interop_harness.suite.beside import asked_by
from interop_harness.suite.outcome import Inconclusive
from interop_harness.suite.supplier import Supplier

FEW = 3
"""So many of them are told: each is asked for once more."""
PAGING = frozenset({"bundles", "pagination"})
"""Families that ask a list for its pages."""
MOST_DIGITS = 7
"""Of a page's number."""
LATER = frozenset({401, 403, 408, 421, 425})
"""Refusals that are not of what was asked: of who asks, or to be asked again otherwise."""


def failing(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """Answers in which the service fails twice running, or refuses a page that it says it has.

    They are to what the sampling rule reads of the operation, and to what the run's other cases ask of it as it
    documents.
    """
    found: list[Exchange] = []
    for exchange in _unanswered(supplier, operation) if operation.safe else ():
        if len(found) == FEW:
            break
        if gives_way(exchange):
            again = supplier.send(replace(exchange.request, fresh=exchange.request.fresh + 1))
            if gives_way(again):
                found.append(again)
            else:
                supplier.observe(f"{exchange.told()} It did not when it was asked again.")
        elif not operation.path_parameters and (refused := _refused_page(supplier, operation, exchange)) is not None:
            found.append(refused)
    return found


def _unanswered(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """What was asked of the operation as it documents, beyond the plain request, and did not succeed."""
    aside = {exchange.id for exchange in plain_answers(supplier, operation)}
    answers(supplier, operation, strict=False)
    if not operation.path_parameters:
        narrowed.asked(supplier, operation)
        for case in supplier.plan.cases:
            if case.arguments.get("operation") != operation.id:
                continue
            if case.family in narrowed.OPEN:
                aside.update(exchange.id for exchange in asked_by(supplier, case))
            elif case.family.partition(".")[0] in PAGING:
                supplier.used.update((exchange.id, exchange) for exchange in asked_by(supplier, case))
    every = [supplier.used[identifier] for identifier in sorted(supplier.used)]
    return [
        exchange
        for exchange in every
        if exchange.response is not None
        and not exchange.ok
        and exchange.id not in aside
        and _is_of(supplier, operation, exchange)
        and not _no_page(supplier, operation, exchange)
    ]


def _is_of(supplier: Supplier, operation: Operation, exchange: Exchange) -> bool:
    request = exchange.request
    one = supplier.profile.openapi.operation_of(request.method, request.target.partition("?")[0])
    return one is not None and one.id == operation.id


def _no_page(supplier: Supplier, operation: Operation, exchange: Exchange) -> bool:
    """Whether a page or a size is asked for that there cannot be: then what comes is no failure at a valid request."""
    spec = supplier.collection(operation.id).spec
    asked = parse_qsl(exchange.request.target.partition("?")[2], keep_blank_values=True)
    numbers = [text for name, text in asked if name in {spec.page_parameter, spec.size_parameter}]
    return not all(text.isascii() and text.isdigit() and text.strip("0") for text in numbers)


def _refused_page(supplier: Supplier, operation: Operation, exchange: Exchange) -> Exchange | None:
    """The second refusal of a later page, where the first page says before and after that it is there."""
    name = supplier.collection(operation.id).spec.page_parameter
    query = parse_qsl(exchange.request.target.partition("?")[2], keep_blank_values=True)
    text = next((value for key, value in query if key == name), "") if name else ""
    if undecided(exchange) or exchange.status in LATER or not (text.isascii() and text.isdigit()):
        return None
    number = int(text) if len(text) < MOST_DIGITS else 0
    address = re.sub(rf"(?<=[?&]){re.escape(name)}={text}(?=&|$)", f"{name}=1", exchange.request.target)
    first = replace(exchange.request, target=address)
    if number < 2 or not _has(supplier, operation, supplier.send(first), number):
        return None
    again = supplier.send(replace(exchange.request, fresh=exchange.request.fresh + 1))
    after = supplier.send(replace(first, fresh=first.fresh + 1))
    refused = not again.ok and not undecided(again) and again.status not in LATER
    return again if refused and _has(supplier, operation, after, number) else None


def _has(supplier: Supplier, operation: Operation, exchange: Exchange, number: int) -> bool:
    """Whether an answer says that there are at least so many pages."""
    try:
        total = supplier.collection(operation.id).read(exchange, 1).member("total_pages")
    except Inconclusive:
        return False
    return isinstance(total, int) and not isinstance(total, bool) and total >= number
