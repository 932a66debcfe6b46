"""The valid answers of an operation: its list pages, or the records that its list leads to."""

from __future__ import annotations

from collections.abc import Sequence

from interop_harness.evidence import Exchange
from interop_harness.profile import Operation
from interop_harness.suite.collection import list_behind
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.supplier import Supplier
from interop_harness.suite.writes import submitted

SMALL, SMALLER = 5, 1
"""Page sizes that show a second page of a short list."""


def plain_answers(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """One or a few ordinary requests: the plain list, or the first sampled records of an item operation.

    Raises Inconclusive when the operation needs an identifier that neither a list nor the facts give, or writes
    where nothing may be written.
    """
    if not operation.safe:
        return [submitted(supplier, operation)]
    if not operation.path_parameters:
        return [supplier.collection(operation.id).ask()]
    return _by_identifier(supplier, operation)[:3]


def answers(supplier: Supplier, operation: Operation, *, strict: bool = True) -> list[Exchange]:
    """Every answer the sampling rule reads: all chosen pages of a list, all sampled records of an item operation.

    With ``strict`` off, an operation that cannot be asked gives no answers instead of raising Inconclusive.
    """
    try:
        plain = plain_answers(supplier, operation)
        if operation.path_parameters:
            return _by_identifier(supplier, operation)
    except (Inconclusive, NotApplicable):
        if strict:
            raise
        return []
    spec = supplier.collection(operation.id).spec
    if not plain[0].ok or not (spec.page_parameter or spec.next_link):
        return plain
    try:
        pages = supplier.collection(operation.id).pages()
        return [*plain, *(page.exchange for page in pages), *_split(supplier, operation)]
    except Inconclusive as stop:
        # A page that cannot be read is an answer all the same: it is for whoever judges answers to say so.
        unread = supplier.used.get(stop.exchange)
        return plain if unread is None else [*plain, unread]


def _split(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """The last page of a list that fits on one, in small pages: where a later page differs, it shows there."""
    collection = supplier.collection(operation.id)
    pages, spec = collection.pages(), collection.spec
    count = len(pages[0].items)
    if len(pages) != 1 or count < 2 or not (spec.page_parameter and spec.size_parameter):
        return []
    size = SMALL if count > SMALL else SMALLER
    return [collection.ask(-(-count // size), size)]


def _by_identifier(supplier: Supplier, operation: Operation) -> list[Exchange]:
    stated = [name for name in operation.path_parameters if name in supplier.facts]
    if len(stated) == len(operation.path_parameters):
        return [supplier.call(operation, {name: str(supplier.fact(name)) for name in stated})]
    source = list_behind(supplier.profile, operation)
    if source is None or len(operation.path_parameters) > 1:
        missing = ", ".join(name for name in operation.path_parameters if name not in supplier.facts)
        raise Inconclusive(f"No list gives {missing} for {operation.path}; add it under facts in the target file.")
    found = supplier.collection(source.id).details(operation.id)
    if not found:
        raise Inconclusive(f"{source.path} lists no record, so {operation.path} could not be tried.")
    return list(found.exchanges.values())


def first_answers(supplier: Supplier) -> tuple[list[tuple[Operation, Exchange]], list[Inconclusive]]:
    """An ordinary answer of every operation that the case is about, and why some could not be asked."""
    found, doubts = [], []
    for operation in supplier.operations():
        try:
            found.append((operation, plain_answers(supplier, operation)[0]))
        except NotApplicable:
            continue
        except Inconclusive as stop:
            doubts.append(stop)
    return found, doubts


def unclear(exchange: Exchange) -> Inconclusive:
    """The reason to stop, or to remember, when an answer is not what the question needs."""
    return Inconclusive(exchange.told(), exchange.id)


def known_ids(supplier: Supplier, operation: Operation) -> list[str]:
    """Identifiers that an item operation is known to serve: the stated fact, else those of the list behind it."""
    name = operation.path_parameters[-1]
    if name in supplier.facts:
        return [str(supplier.fact(name))]
    source = list_behind(supplier.profile, operation)
    if source is None:
        raise Inconclusive(f"No list gives {name} for {operation.path}; add it under facts in the target file.")
    found = [record.id for record in supplier.collection(source.id).records() if record.id]
    if not found:
        raise Inconclusive(f"{source.path} lists no record, so {operation.path} could not be tried.")
    return found


def for_id(supplier: Supplier, operation: Operation, identifier: str) -> dict[str, str]:
    """The path parameters that ask an item operation for one record; those above it come from the facts."""
    *above, last = operation.path_parameters
    return {**{name: str(supplier.fact(name)) for name in above}, last: identifier}


def undecided(exchange: Exchange) -> bool:
    """Whether an answer says nothing of the question: none came, or the service asks to come back later, or a gateway
    says that it was not reached."""
    return exchange.response is None or exchange.unheard


def not_let_in(operation: Operation, exchange: Exchange) -> bool:
    """Whether the credentials were refused where the interface asks for some: the target file may be what is wrong."""
    return operation.secured and exchange.request.auth != "none" and exchange.status in (401, 403)


def readable(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The successful ones."""
    return [exchange for exchange in exchanges if exchange.ok]
