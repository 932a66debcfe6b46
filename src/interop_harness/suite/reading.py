"""Reads what several families look at: a list page after page, and the records of any operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request
from interop_harness.profile import Operation
from interop_harness.suite.answers import answers
from interop_harness.suite.collection import MAX_PAGES, PAGES, Collection, Page, Record
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.supplier import Supplier

Filters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages read in order from the first. ``ended``: the list had no more to give."""

    pages: list[Page]
    ended: bool

    def records(self) -> list[Record]:
        return [record for page in self.pages for record in page.records()]

    def ids(self) -> set[str]:
        return {record.id for record in self.records() if record.id}


def read_through(
    collection: Collection,
    filters: Filters = (),
    *,
    until: Callable[[Page], bool] | None = None,
    size: int = 0,
    limit: int = 0,
) -> Reading:
    """Read a list in order until ``until`` is content, the list ends or ``limit`` pages are read.

    Without a limit: PAGES, and as many as there are in an exhaustive run.
    """
    limit = limit or (MAX_PAGES if collection.supplier.plan.options.exhaustive else PAGES)
    pages: list[Page] = []
    steps = _linked(collection, filters, size) if collection.spec.next_link else _numbered(collection, filters, size)
    for page in steps:
        if page is None:
            return Reading(pages, True)
        pages.append(page)
        if len(pages) >= limit or (until is not None and until(page)):
            break
    # One step more than the last page costs a request only when the list does not say where it ends.
    return Reading(pages, _says_the_end(collection, pages))


def first_answer(collection: Collection, filters: Filters = (), size: int = 0) -> Exchange:
    """The answer that ``read_through`` begins with, whatever its status."""
    if collection.spec.page_parameter:
        return collection.ask(1, size or collection.spec.walk_size, filters)
    return collection.ask(0, size, filters)


def _says_the_end(collection: Collection, pages: list[Page]) -> bool:
    spec = collection.spec
    if spec.next_link:
        return bool(pages) and collection.next_target(pages[-1]) is None
    if not spec.page_parameter:
        return True
    total = pages[0].member("total_pages") if pages else None
    return isinstance(total, int) and not isinstance(total, bool) and len(pages) >= total


def _numbered(collection: Collection, filters: Filters, size: int) -> Iterator[Page | None]:
    """Pages by number; None at the end. A list that does not say how many it has ends with a page of nothing new."""
    if not collection.spec.page_parameter:
        yield collection.read(first_answer(collection, filters, size), 1)
        yield None
        return
    first = collection.read(first_answer(collection, filters, size), 1)
    asked = size or collection.spec.walk_size
    yield first
    total = first.member("total_pages")
    known = isinstance(total, int) and not isinstance(total, bool)
    seen = {record.id for record in first.records()}
    number = 1
    while number < (total if known else MAX_PAGES):
        number += 1
        page = collection.page(number, asked, filters)
        new = {record.id for record in page.records()} - seen
        if not known and not new:
            break
        seen |= new
        yield page
    yield None


def _linked(collection: Collection, filters: Filters, size: int) -> Iterator[Page | None]:
    page = collection.read(first_answer(collection, filters, size), 1)
    seen = {page.exchange.request.target}
    while True:
        yield page
        link = collection.next_target(page)
        if link is None or link in seen:
            break
        seen.add(link)
        answer = collection.supplier.send(Request("GET", link, auth="default"))
        page = collection.read(answer, page.number + 1)
    yield None


def records_of(supplier: Supplier, operation: Operation) -> list[Value]:
    """Every record that the sampling rule reads from an operation: list entries, or records read one by one.

    Raises Inconclusive when there is none to look at, NotApplicable when the operation is not claimed.
    """
    only_claimed(supplier, operation)
    if operation.path_parameters:
        exchanges = answers(supplier, operation)
        found = []
        for exchange in exchanges:
            try:
                value = supplier.parse(exchange) if exchange.ok else None
            except ValueError:
                value = None
            if isinstance(value, Mapping):
                found.append(Value(exchange.id, "", value))
            elif isinstance(value, list):  # some standards answer one record as an array of one
                found += [Value(exchange.id, f"/{number}", each) for number, each in enumerate(value)]
        if not found:
            first = exchanges[0]
            reason = f"No record could be read: {first.request.target} answered {first.describe()}."
            raise Inconclusive(reason, first.id)
        return found
    collection = supplier.collection(operation.id)
    pages = collection.pages()
    records = collection.records(pages)
    if not records:
        raise Inconclusive(f"{operation.path} lists no record.", pages[0].exchange.id)
    supplier.sample(collection.name, len(records), collection.total(pages))
    return [Value(record.exchange.id, record.pointer, record.value) for record in records]


def bodies_of(supplier: Supplier) -> list[Value]:
    """Every JSON body that the sampling rule reads from the operations a case is about.

    Raises Inconclusive when there is none.
    """
    found: list[Value] = []
    blame = None
    for operation in supplier.operations():
        for exchange in answers(supplier, operation, strict=False):
            try:
                if exchange.ok:
                    found.append(Value(exchange.id, "", supplier.parse(exchange)))
                    continue
            except ValueError:
                pass
            blame = blame or exchange
    if not found:
        reason = f"{blame.request.target} answered {blame.describe()}." if blame else "Nothing could be asked for."
        raise Inconclusive(reason, blame.id if blame else "")
    return found


def only_claimed(supplier: Supplier, operation: Operation) -> None:
    """A rule of one class may be about an operation of another: it counts only when that one is claimed too."""
    if not supplier.plan.claimed(operation.conformance_class):
        found = supplier.profile.conformance_class(operation.conformance_class)
        title = found.title if found else operation.conformance_class
        raise NotApplicable(f"{operation.method} {operation.path} belongs to {title}, which is not claimed.")
