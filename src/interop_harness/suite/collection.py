"""A list that an operation serves: its pages, its records, the details behind them.

How much is read is a rule, not a whim: every page up to ``PAGES``, else the first, second, middle and last two
and a seeded draw; every record up to ``SAMPLE``, else the first and last of them and a seeded draw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from interop_harness.evidence import MASK, Exchange, Request
from interop_harness.profile import Operation, Profile
from interop_harness.profile.openapi import find
from interop_harness.suite.outcome import Inconclusive, NotApplicable

if TYPE_CHECKING:
    from interop_harness.suite.supplier import Context, Supplier

PAGES = 20
SAMPLE = 100
MAX_PAGES = 2000
"""Even an exhaustive reading ends: a server may claim any number of pages."""


@dataclass(frozen=True, slots=True)
class Specification:
    """Where things are in a list's answer. Pointers are RFC 6901; an empty ``items`` is a top-level array."""

    operation: Operation
    items: str = ""
    id: str = "/id"
    link: str = ""
    """Pointer to a record's own address, whose last segment is its id where the record gives no other."""
    record: str = ""
    """Where the record is inside an item, for lists that wrap it (``/resource`` in a FHIR Bundle)."""
    leave_out: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Pointer → values: items that have one of them stand beside the result (a warning in a FHIR Bundle, say)."""
    item_operation: str = ""
    item_parameter: str = "id"
    item_when: Mapping[str, Any] = field(default_factory=dict)
    """Pointer → value: only records with these values have an item of their own."""
    page_parameter: str = ""
    size_parameter: str = ""
    walk_size: int = 50
    members: Mapping[str, str] = field(default_factory=dict)
    """Our word for a page member (``total_items`` …) → its pointer in the body."""
    next_link: str = ""
    """Pointer to the address of the next page, for lists paged by links."""
    query: tuple[tuple[str, str], ...] = ()
    """What must always be sent with the list; a value ``fact:NAME`` is read from the target file's facts."""


class Record(NamedTuple):
    """One record of a list, with the place it stands at. A tuple, because a run makes very many of them."""

    exchange: Exchange
    pointer: str
    value: Any
    spec: Specification
    id: str


class Opened(NamedTuple):
    """What a page's answer says: the parsed body, the items found in it, and the records among them."""

    body: Any
    items: list[Any]
    records: list[Record]


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came, opened whenever it is looked at: the bodies of many pages would fill the memory."""

    exchange: Exchange
    number: int
    spec: Specification
    open: Callable[[], Opened] = field(repr=False, compare=False)

    @property
    def body(self) -> Any:
        return self.open().body

    @property
    def items(self) -> list[Any]:
        return self.open().items

    def records(self) -> list[Record]:
        return self.open().records

    def member(self, name: str) -> Any:
        """A page member by our word for it, or None."""
        return find(self.body, self.spec.members[name]) if name in self.spec.members else None

    def pointer(self, name: str) -> str:
        """Where a page member stands in the body, by our word for it; empty when the profile names no such member."""
        return self.spec.members.get(name, "")


@dataclass(frozen=True, slots=True)
class Details:
    """The sampled records of a list, each with the answer of the operation that serves one of them."""

    pages: list[Page]
    exchanges: Mapping[tuple[str, str], Exchange]
    """By where the record stands: the page's exchange, and the pointer in it."""

    def __iter__(self) -> Iterator[tuple[Record, Exchange]]:
        for page in self.pages:
            for record in page.records():
                exchange = self.exchanges.get((record.exchange.id, record.pointer))
                if exchange is not None:
                    yield record, exchange

    def __len__(self) -> int:
        return len(self.exchanges)


def identifier(record: Any, spec: Specification) -> str:
    """A record's id, by its own member or else by its address; empty when it has neither."""
    found = find(record, spec.id)
    if isinstance(found, (str, int)) and not isinstance(found, bool) and found != "":
        return str(found)
    address = find(record, spec.link) if spec.link else None
    return last_segment(address) if isinstance(address, str) else ""


def last_segment(address: str) -> str:
    """The last segment of an address or path, decoded; whatever the text, nothing is raised."""
    return unquote(re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/").rpartition("/")[2])


def without_masks(address: str) -> str:
    """An address of the service's without the credential that it repeats, which was masked as the answer was kept.

    Where a credential belongs into the query, it is put there again as the address is asked for.
    """
    for _ in range(address.count(MASK)):
        head, _, rest = re.sub(rf"[^?&=#/]*={re.escape(MASK)}", MASK, address, count=1).partition(MASK)
        if rest.startswith("&") and ("?" not in head or head.endswith("?")):
            address = f"{head.removesuffix('?')}?{rest[1:]}"
        else:
            address = head.rstrip("?&") + rest
    return address


class Collection:
    """Reads a list through a supplier's session. Raises Inconclusive when the list itself cannot be read."""

    def __init__(self, supplier: Supplier, spec: Specification) -> None:
        self.supplier = supplier
        self.spec = spec

    @property
    def name(self) -> str:
        return self.spec.operation.path.strip("/") or self.spec.operation.id

    def fixed(self) -> tuple[tuple[str, str], ...]:
        pairs = []
        for name, value in self.spec.query:
            if value.startswith("fact:"):
                value = str(self.supplier.fact(value.removeprefix("fact:")))  # noqa: PLW2901
            pairs.append((name, value))
        return tuple(pairs)

    def ask(
        self, number: int = 0, size: int = 0, filters: tuple[tuple[str, str], ...] = (), fresh: int = 0
    ) -> Exchange:
        """Ask for a page: no number and no size is the plain list."""
        query = [*self.fixed(), *filters]
        if size and self.spec.size_parameter:
            query.append((self.spec.size_parameter, str(size)))
        if number and self.spec.page_parameter:
            query.append((self.spec.page_parameter, str(number)))
        path = {name: str(self.supplier.fact(name)) for name in self.spec.operation.path_parameters}
        return self.supplier.call(self.spec.operation, path, query=query, fresh=fresh)

    def page(self, number: int = 0, size: int = 0, filters: tuple[tuple[str, str], ...] = (), fresh: int = 0) -> Page:
        """A page that must be readable; Inconclusive (with the exchange to blame) when it is not."""
        return self.read(self.ask(number, size, filters, fresh), number or 1)

    def read(self, exchange: Exchange, number: int) -> Page:
        """An answer as a page. Raises Inconclusive where it cannot be read as one."""
        context, spec = self.supplier.context, self.spec
        what = ("page", spec.operation.id, spec.query)
        made = partial(opened, context, exchange, spec)
        page = Page(exchange, number, spec, partial(context.bodies.derived, exchange, what, made))
        page.open()
        return page

    def pages(self, filters: tuple[tuple[str, str], ...] = (), size: int = 0, fresh: int = 0) -> list[Page]:
        """The pages that the sampling rule chooses, in order. ``complete`` tells whether they are all."""
        if filters:
            return self._pages(filters, size, fresh)
        return self.supplier.once(("pages", self.spec.operation.id, size, fresh), lambda: self._pages((), size, fresh))

    def _pages(self, filters: tuple[tuple[str, str], ...], size: int, fresh: int) -> list[Page]:
        if self.spec.next_link:
            return self._linked(filters, fresh)
        if not self.spec.page_parameter:
            return [self.page(filters=filters, fresh=fresh)]
        asked = size or self.spec.walk_size
        first = self.page(1, asked, filters, fresh)
        total = first.member("total_pages")
        last = total if isinstance(total, int) and not isinstance(total, bool) else 1
        numbers = self.chosen(last)[1:]
        requests = [self._request(number, asked, filters, fresh) for number in numbers]
        answers = self.supplier.send_all(requests)
        return [first, *(self.read(answer, number) for answer, number in zip(answers, numbers, strict=True))]

    def _request(self, number: int, size: int, filters: tuple[tuple[str, str], ...], fresh: int) -> Any:
        query = [*self.fixed(), *filters]
        if self.spec.size_parameter:
            query.append((self.spec.size_parameter, str(size)))
        query.append((self.spec.page_parameter, str(number)))
        path = {name: str(self.supplier.fact(name)) for name in self.spec.operation.path_parameters}
        return self.supplier.request(self.spec.operation, path, query=query, fresh=fresh)

    def chosen(self, last: int) -> list[int]:
        """Which pages of ``last`` are read."""
        if last <= PAGES or self.supplier.plan.options.exhaustive:
            return list(range(1, min(max(last, 1), MAX_PAGES) + 1))
        fixed = {1, 2, last // 2, last - 1, last}
        # The span is bounded: a server may claim a billion pages.
        rest = (number for number in range(3, min(last, MAX_PAGES)) if number not in fixed)
        drawn = sorted(rest, key=lambda number: self.supplier.rank(f"{self.name} page {number}"))
        return sorted(fixed | set(drawn[: PAGES - len(fixed)]))

    def complete(self, pages: list[Page]) -> bool:
        """Whether these pages are the whole list, as far as the list itself says."""
        if self.spec.next_link:
            return bool(pages) and next_link(pages[-1].body, self.spec.next_link) is None
        total = pages[0].member("total_pages") if pages else None
        return not self.spec.page_parameter or len(pages) == max(total if isinstance(total, int) else 1, 1)

    def _linked(self, filters: tuple[tuple[str, str], ...], fresh: int) -> list[Page]:
        pages = [self.page(filters=filters, fresh=fresh)]
        seen = {pages[0].exchange.request.target}
        limit = MAX_PAGES if self.supplier.plan.options.exhaustive else PAGES
        while len(pages) < limit:
            link = self.next_target(pages[-1])
            if link is None or link in seen:
                break
            seen.add(link)
            answer = self.supplier.send(Request("GET", link, auth="default", fresh=fresh))
            pages.append(self.read(answer, len(pages) + 1))
        return pages

    def next_target(self, page: Page) -> str | None:
        """Where the next page is, on the base URL under test: another host's name is never followed.

        None when there is no link, and when it is none that could be followed.
        """
        link = next_link(page.body, self.spec.next_link)
        if link is None:
            return None
        link = without_masks(link)
        base = urlsplit(self.supplier.base_url)
        here = f"{self.supplier.base_url}{page.exchange.request.target}"
        try:
            there = urlsplit(urljoin(here, link))
            _ = there.port, there.hostname  # looked at, since only then is nonsense noticed
        except ValueError:
            return None
        if there.scheme not in ("http", "https"):
            return None
        path = there.path.removeprefix(base.path.rstrip("/"))
        return f"{path or '/'}?{there.query}" if there.query else path or "/"

    def records(self, pages: list[Page] | None = None) -> list[Record]:
        """The records of the pages read, in order."""
        return [record for page in (pages if pages is not None else self.pages()) for record in page.records()]

    def sample(self, records: list[Record] | None = None) -> list[Record]:
        """Every record up to SAMPLE, else first, last and a seeded draw; what was left out is said."""
        every = [record for record in (records if records is not None else self.records()) if record.id]
        if len(every) <= SAMPLE or self.supplier.plan.options.exhaustive:
            chosen = every
        else:
            fixed = {0, 1, len(every) // 2, len(every) - 2, len(every) - 1}
            rest = sorted(set(range(len(every))) - fixed, key=lambda n: self.supplier.rank(every[n].id))
            chosen = [every[n] for n in sorted(fixed | set(rest[: SAMPLE - len(fixed)]))]
        return chosen

    def has_item(self, record: Record) -> bool:
        """Whether the profile says that a record can be read by itself."""
        stated = self.spec.item_when.items()
        return all(str(find(record.value, pointer)).lower() == str(value).lower() for pointer, value in stated)

    def total(self, pages: list[Page]) -> int:
        """How many records the list says it has, or how many were seen."""
        stated = pages[0].member("total_items") if pages else None
        seen = sum(len(page.items) for page in pages)
        return max(stated, seen) if isinstance(stated, int) and not isinstance(stated, bool) else seen

    def details(self, item: str = "") -> Details:
        """The sampled records with the answer of the operation that serves one of them."""
        operation = item or self.spec.item_operation
        if not operation:
            raise Inconclusive(f"The profile names no operation that serves one record of {self.name}.")
        return self.supplier.once(("details", self.spec.operation.id, operation), lambda: self._details(operation))

    def _details(self, operation: str) -> Details:
        pages = self.pages()
        names, able = self._sampled(pages)
        found = self.supplier.operation(operation)
        parameter = found.path_parameters[-1] if found.path_parameters else self.spec.item_parameter
        requests = [self.supplier.request(found, {parameter: name}) for name in names.values()]
        answers = self.supplier.send_all(requests)
        self.supplier.sample(self.name, len(names), able if self.spec.item_when else self.total(pages))
        return Details(pages, dict(zip(names, answers, strict=True)))

    def _sampled(self, pages: list[Page]) -> tuple[dict[tuple[str, str], str], int]:
        """Where the records of a sample stand, with their ids, and of how many that can be read by themselves."""
        able = [record for record in self.records(pages) if self.has_item(record)]
        records = self.sample(able)
        if not records and any(page.items for page in pages) and self.spec.item_when:
            wanted = " and ".join(f"{value} at {pointer}" for pointer, value in self.spec.item_when.items())
            raise NotApplicable(f"No record of {self.name} has {wanted}, so none has more to read.")
        return {(record.exchange.id, record.pointer): record.id for record in records}, len(able)


def opened(context: Context, exchange: Exchange, spec: Specification) -> Opened:
    """What an answer says as a page. Raises Inconclusive where it is none."""
    body = context.json(exchange)
    items = find(body, spec.items) if spec.items else body
    if items is None and spec.items and spec.next_link and isinstance(body, Mapping):
        items = []  # a FHIR Bundle without matches has no entry member at all
    if not isinstance(items, list):
        where = spec.items or "the top level"
        raise Inconclusive(f"{exchange.request.target} has no array at {where}.", exchange.id)
    return Opened(body, items, list(records_in(items, exchange, spec)))


def records_in(items: list[Any], exchange: Exchange, spec: Specification) -> Iterator[Record]:
    """The records among a page's items: what stands beside the result is none."""
    for index, item in enumerate(items):
        if spec.leave_out and any(find(item, pointer) in values for pointer, values in spec.leave_out.items()):
            continue
        value = find(item, spec.record) if spec.record else item
        yield Record(exchange, f"{spec.items}/{index}{spec.record}", value, spec, identifier(value, spec))


def next_link(body: Any, pointer: str) -> str | None:
    """The next page's address: at a pointer, or ``rel:PATH`` for the link in an array whose relation is next."""
    if pointer.startswith("rel:"):
        links = find(body, pointer.removeprefix("rel:"))
        for link in links if isinstance(links, list) else []:
            if isinstance(link, Mapping) and "next" in (link.get("relation"), link.get("rel")):
                address = link.get("url", link.get("href"))
                return address if isinstance(address, str) else None
        return None
    found = find(body, pointer)
    return found if isinstance(found, str) and found else None


def specification(profile: Profile, operation: Operation) -> Specification:
    """How to read an operation's list: as ``parameters.collections`` says, else by the document's own shape."""
    stated = profile.parameters.get("collections", {}).get(operation.id)
    if stated is None:
        return _guess(profile, operation)
    members = {
        name: pointer if str(pointer).startswith("/") else f"/{pointer}"
        for name, pointer in (stated.get("page") or {}).items()
    }
    return Specification(
        operation,
        items=str(stated.get("items", "")),
        id=str(stated.get("id", "/id")),
        link=str(stated.get("link", "")),
        record=str(stated.get("record", "")),
        leave_out={str(pointer): tuple(values) for pointer, values in (stated.get("leave_out") or {}).items()},
        item_operation=str(stated.get("item", "")),
        item_parameter=str(stated.get("item_parameter", "id")),
        item_when=dict(stated.get("item_when") or {}),
        page_parameter=str(stated.get("page_parameter", "")),
        size_parameter=str(stated.get("size_parameter", "")),
        walk_size=int(stated.get("walk_size", 50)),
        members=members,
        next_link=str(stated.get("next_link", "")),
        query=tuple((str(name), str(value)) for name, value in (stated.get("query") or {}).items()),
    )


def _guess(profile: Profile, operation: Operation) -> Specification:
    """A list by its shape: the documented body is an array, or an object with exactly one array in it."""
    schema: Any = {}
    for status in operation.success:
        content = (operation.documented(status) or {}).get("content", {})
        schema = next((media.get("schema", {}) for kind, media in sorted(content.items()) if "json" in kind), {})
        break
    schema = profile.openapi.resolve(schema)
    items = ""
    if schema.get("type") != "array":
        arrays = [
            name
            for name, child in (schema.get("properties") or {}).items()
            if profile.openapi.resolve(child).get("type") == "array"
        ]
        items = f"/{arrays[0]}" if len(arrays) == 1 else ""
    item = next(
        (
            other
            for other in profile.operations.values()
            if other.path.rsplit("/", 1)[0] == operation.path and other.path_parameters and other.method == "GET"
        ),
        None,
    )
    parameter = item.path_parameters[-1] if item else "id"
    return Specification(operation, items=items, item_operation=item.id if item else "", item_parameter=parameter)


def list_behind(profile: Profile, operation: Operation) -> Operation | None:
    """The list whose records an operation serves one at a time: stated by the profile, else by its path."""
    for name, stated in profile.parameters.get("collections", {}).items():
        if stated.get("item") == operation.id:
            return profile.operations[name]
    parent = operation.path.rsplit("/", 1)[0]
    return next(
        (other for other in profile.operations.values() if other.path == parent and other.method == "GET"), None
    )
