"""The pages of a list that is asked for less than everything: those that the run's other cases ask for anyway.

Of each page only what is said about it is kept, since there may be hundreds of them.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from interop_harness.evidence import Exchange
from interop_harness.profile import Operation
from interop_harness.suite.beside import asked_by, cases_about
from interop_harness.suite.collection import Collection, Page, Record
from interop_harness.suite.outcome import Inconclusive
from interop_harness.suite.supplier import Supplier

OPEN = frozenset({"filters.unknown_parameter", "inputs.invalid"})
"""Families that ask what no list need understand: whatever comes then is no result."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page says of itself, and which records it holds: the records themselves are left out."""

    exchange: Exchange
    number: int
    asked: int
    """How many records a page were asked for; 0 when nothing was said of it."""
    items: range
    """As many as there are items."""
    told: Mapping[str, Any]
    places: Mapping[str, str]
    held: tuple[Record, ...]

    def member(self, name: str) -> Any:
        return self.told.get(name)

    def pointer(self, name: str) -> str:
        return self.places.get(name, "")

    def records(self) -> Iterator[Record]:
        yield from self.held

    def count(self, name: str) -> int | None:
        """A page member that is a whole number."""
        value = self.told.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Walk:
    """The pages of one result in order, the first of them page 1, and none beyond the last that it says it has."""

    pages: Sequence[Sheet]

    @property
    def settled(self) -> bool:
        """Whether all pages are of one and the same result, as far as they say: records come and go meanwhile."""
        totals = {page.count("total_items") for page in self.pages}
        return len(totals) == 1 and None not in totals

    @property
    def whole(self) -> bool:
        """Whether these are all pages: as many as page 1 says, and nothing suggests that there are more."""
        first, last = self.pages[0], self.pages[-1]
        stated, total = first.count("total_pages"), first.count("total_items")
        if stated is None or total is None or [page.number for page in self.pages] != [*range(1, max(stated, 1) + 1)]:
            return False
        full = len(last.items) >= len(first.items) > 0
        return not (full and sum(len(page.items) for page in self.pages) < total)


def answers(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """The successful answers of a list to further parameters than pages and sizes, asked for as it documents them."""
    if operation.path_parameters or not operation.safe:
        return []
    return supplier.once(("narrowed answers", operation.id), lambda: _answers(supplier, operation))


def asked(supplier: Supplier, operation: Operation) -> list[Exchange]:
    """Whatever came when the run's other cases asked a list as it documents, but for more than its pages."""
    return supplier.once(("narrowed asked", operation.id), lambda: _asked(supplier, operation))


def _asked(supplier: Supplier, operation: Operation) -> list[Exchange]:
    found: dict[str, Exchange] = {}
    for case in cases_about(supplier, operation):
        if case.family not in OPEN:
            found.update((exchange.id, exchange) for exchange in asked_by(supplier, case))
    # What is asked next depends on what came before, so all of it is what the reading rests on.
    supplier.used.update(found)
    return [found[identifier] for identifier in sorted(found)]


def _answers(supplier: Supplier, operation: Operation) -> list[Exchange]:
    spec = supplier.collection(operation.id).spec
    usual = {spec.page_parameter, spec.size_parameter, *(name for name, _ in spec.query)}
    found = []
    for exchange in asked(supplier, operation):
        path, _, query = exchange.request.target.partition("?")
        further = {name for name, _ in parse_qsl(query, keep_blank_values=True)} - usual
        if exchange.ok and exchange.request.method == operation.method and path == operation.path and further:
            found.append(exchange)
    return found


def walks(supplier: Supplier) -> list[Walk]:
    """Every result of the case's list that was asked for with further parameters and answered."""
    operation = supplier.operation()
    return supplier.once(("narrowed", operation.id), lambda: _walks(supplier, supplier.collection()))


def pages(supplier: Supplier) -> Iterator[Page]:
    """Each page of these results, with its records."""
    collection = supplier.collection()
    for walk in walks(supplier):
        for sheet in walk.pages:
            yield collection.read(sheet.exchange, sheet.number)


def _walks(supplier: Supplier, collection: Collection) -> list[Walk]:
    spec, found = collection.spec, dict[Any, dict[int, Sheet]]()
    for exchange in answers(supplier, spec.operation):
        query = parse_qsl(exchange.request.target.partition("?")[2], keep_blank_values=True)
        # Where no page is asked for, which one comes is another rule's matter.
        usual = None if spec.page_parameter else 1
        number, size = _number(query, spec.page_parameter, usual), _number(query, spec.size_parameter, 0)
        if number is None or size is None:
            continue
        with contextlib.suppress(Inconclusive):  # for other cases to say
            sheet = _sheet(collection.read(exchange, number), size)
            rest = tuple(pair for pair in query if pair[0] != spec.page_parameter)
            request = exchange.request
            found.setdefault((rest, request.headers, request.auth, request.fresh), {})[number] = sheet
    made = (_walk([sheets[number] for number in sorted(sheets)]) for _, sheets in sorted(found.items()))
    return [walk for walk in made if walk is not None]


def _walk(sheets: list[Sheet]) -> Walk | None:
    if sheets[0].number != 1:
        return None
    # What is beyond the last page is nobody's to judge; where no last page is named, it begins with a page of nothing.
    last = sheets[0].count("total_pages")
    kept = [sheet for sheet in sheets if sheet.number <= max(last or 1, 1)] if last is not None else sheets
    ended = next((place for place, sheet in enumerate(kept) if place and not sheet.items and last is None), len(kept))
    return Walk(tuple(kept[:ended]))


def _number(query: Sequence[tuple[str, str]], name: str, usual: int | None) -> int | None:
    """A number that a request names once; None for one that no list need make sense of."""
    stated = Counter(pair[0] for pair in query)[name] if name else 0
    if not stated:
        return usual
    text = dict(query)[name]
    right = stated == 1 and text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0
    return int(text) if right else None


def _sheet(page: Page, asked: int) -> Sheet:
    names = page.spec.members
    held = tuple(record._replace(value=None) for record in page.records())
    told = {name: page.member(name) for name in names}
    return Sheet(page.exchange, page.number, asked, range(len(page.items)), told, names, held)
