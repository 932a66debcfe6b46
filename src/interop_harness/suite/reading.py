"""Reads what several families look at: a list page after page, and the records of any operation."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from interop_harness.checks import errors, responses
from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request
from interop_harness.profile import Operation
from interop_harness.suite.answers import answers, for_id, known_ids
from interop_harness.suite.collection import MAX_PAGES, PAGES, Collection, Page, Record
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.sheaf import Sheaf
from interop_harness.suite.supplier import Context, Supplier

Filters = tuple[tuple[str, str], ...]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages read in order from the first. ``ended``: the list had no more to give."""

    pages: list[Page]
    ended: bool

    def records(self) -> list[Record]:
        return [record for page in self.pages for record in page.records()]

    def ids(self) -> set[str]:
        return {record.id for record in self.records() if record.id}

    @property
    def doubt(self) -> str:
        """Why a record that was not seen may be in the list all the same; empty when it cannot be."""
        if not self.ended:
            return f"it has more than the {len(self.pages)} pages that are read"
        records, stated = self.records(), _count(self.pages[0], "total_items")
        if len(self.ids()) < len(records):
            return "its pages hold a record twice, so that another may have been pushed out"
        if stated is not None and len(records) < stated:
            return f"its pages hold {len(records)} of the {stated} records it says it has"
        return ""


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


def _count(page: Page, member: str) -> int | None:
    found = page.member(member)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _says_the_end(collection: Collection, pages: list[Page]) -> bool:
    spec = collection.spec
    if spec.next_link:
        return bool(pages) and collection.next_target(pages[-1]) is None
    if not spec.page_parameter:
        return True
    total, stated = (_count(pages[0], member) for member in ("total_pages", "total_items"))
    short = stated is not None and sum(len(page.items) for page in pages) < stated
    return total is not None and len(pages) >= total and not short


def _numbered(collection: Collection, filters: Filters, size: int) -> Iterator[Page | None]:
    """Pages by number; None at the end, which is where nothing new comes and nothing more is promised."""
    first = collection.read(first_answer(collection, filters, size), 1)
    yield first
    asked = size or collection.spec.walk_size
    total, stated = _count(first, "total_pages"), _count(first, "total_items")
    seen = {record.id for record in first.records()}
    number, count, new = 1, len(first.items), len(first.items)
    while collection.spec.page_parameter and number < MAX_PAGES:
        promised = total is not None and number < total
        withheld = (total is None or (stated is not None and count < stated)) and new > 0
        if not promised and not withheld:
            break
        number += 1
        page = collection.page(number, asked, filters)
        ids = {record.id for record in page.records()}
        new, count = len(ids - seen), count + len(page.items)
        seen |= ids
        if page.items or promised:
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


def records_of(supplier: Supplier, operation: Operation) -> Sequence[Value] | Sheaf[Exchange, Value]:
    """Every record that the sampling rule reads from an operation: list entries, or records read one by one.

    Raises Inconclusive when there is none to look at, NotApplicable when the operation is not claimed.
    """
    only_claimed(supplier, operation)
    return read_once(supplier, ("records", operation.id), lambda: _records_of(supplier, operation))


def _records_of(supplier: Supplier, operation: Operation) -> Sequence[Value] | Sheaf[Exchange, Value]:
    if operation.path_parameters:
        exchanges = answers(supplier, operation)
        found = Sheaf(exchanges, partial(_records_in, supplier.context))
        if not found:
            first = exchanges[0]
            reason = f"No record could be read: {first.told()}"
            raise Inconclusive(reason, first.id)
        return found if supplier.plan.options.exhaustive else list(found)
    collection = supplier.collection(operation.id)
    pages = collection.pages()
    records = collection.records(pages)
    if not records:
        raise Inconclusive(f"{operation.path} lists no record.", pages[0].exchange.id)
    supplier.sample(collection.name, len(records), collection.total(pages))
    return [Value(record.exchange.id, record.pointer, record.value) for record in records]


def _records_in(context: Context, exchange: Exchange) -> list[Value]:
    """The record of an answer, none where it cannot be read."""
    try:
        value = context.parse(exchange) if exchange.ok else None
    except ValueError:
        value = None
    if isinstance(value, list):  # some standards answer one record as an array of one
        return [Value(exchange.id, f"/{number}", each) for number, each in enumerate(value)]
    return [Value(exchange.id, "", value)] if isinstance(value, Mapping) else []


def unknown_answer(supplier: Supplier, operation: Operation) -> Exchange:
    """What an operation that serves one record answers for an id that none has, in the form of those that some have.

    Raises Inconclusive where no id is known to tell the form by.
    """
    unknown = errors.unknown_like(known_ids(supplier, operation), supplier.rank("unknown id"))
    return supplier.call(operation, for_id(supplier, operation, unknown))


def bodies_of(supplier: Supplier) -> Sheaf[Exchange, Value]:
    """Every JSON body that the sampling rule reads from the operations a case is about.

    Raises Inconclusive when there is none.
    """
    exchanges = [
        exchange for operation in supplier.operations() for exchange in answers(supplier, operation, strict=False)
    ]
    found = Sheaf(exchanges, partial(_body_in, supplier.context))
    if not found:
        reason = exchanges[0].told() if exchanges else "Nothing could be asked for."
        raise Inconclusive(reason, exchanges[0].id if exchanges else "")
    return found


def _body_in(context: Context, exchange: Exchange) -> list[Value]:
    """The body of an answer, nothing where it cannot be read."""
    try:
        return [Value(exchange.id, "", context.parse(exchange))] if exchange.ok else []
    except ValueError:
        return []


def unread(bodies: Sheaf[Exchange, Value]) -> Inconclusive | None:
    """Why what none of these bodies holds may be there all the same: some could not be read."""
    for exchange in bodies.answers:
        if exchange.ok and not bodies.opened(exchange):
            return Inconclusive(f"The body of {exchange.request.target} could not be read.", exchange.id)
    return None


def read_once(supplier: Supplier, key: Hashable, read: Callable[[], Made]) -> Made:
    """What ``read`` gives, kept for all cases where it is a sample: all there is would be too much to keep."""
    return read() if supplier.plan.options.exhaustive else supplier.once(key, read)


def names_of(supplier: Supplier, body: Value) -> responses.Names:
    """The member names of an answer, each with where it stands first."""
    return supplier.derived(supplier.used[body.exchange], "names", lambda: responses.names(body.value))


def only_claimed(supplier: Supplier, operation: Operation) -> None:
    """A rule of one class may be about an operation of another: it counts only when that one is claimed too."""
    if not supplier.plan.claimed(operation.conformance_class):
        found = supplier.profile.conformance_class(operation.conformance_class)
        title = found.title if found else operation.conformance_class
        raise NotApplicable(f"{operation.method} {operation.path} belongs to {title}, which is not claimed.")
