"""Do a list's pages say the truth about themselves: how many records, how many pages, which page this is?

What a page does not carry is found by :func:`members` alone; the other checks pass over it. Where one wrong
member could make several checks fail, each judges by what the pages hold rather than by another member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show


class Record(Protocol):
    """One record where it stands."""

    @property
    def exchange(self) -> Exchange: ...
    @property
    def pointer(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def id(self) -> str: ...


class Page(Protocol):
    """One page as it came; ``number`` is the page asked for."""

    @property
    def exchange(self) -> Exchange: ...
    @property
    def items(self) -> list[Any]: ...
    @property
    def number(self) -> int: ...
    def member(self, name: str) -> Any: ...
    def pointer(self, name: str) -> str: ...
    def records(self) -> Iterator[Record]: ...


def integer(page: Page, name: str) -> int | None:
    """A page member that is a whole number, else None."""
    value = page.member(name)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def identity(page: Page) -> list[str]:
    """What tells the page's records apart, in order: the ids, or the records themselves where one has none."""
    return [record.id or repr(record.value) for record in page.records()]


def holds(page: Page) -> str:
    """How many records a page holds, in words."""
    return f"{len(page.items)} record{'' if len(page.items) == 1 else 's'}"


def members(page: Page, names: Iterable[str]) -> Iterator[Finding]:
    """Each page carries every member of the page header."""
    for name in names:
        if page.member(name) is None:
            where = page.pointer(name) or name
            yield Finding(f"the member {where} on each page", "missing or null", page.exchange.id, where)


def size(page: Page) -> Iterator[Finding]:
    """``size`` is the number of records on this page."""
    stated = integer(page, "size")
    if stated is not None and stated != len(page.items):
        yield _member(page, "size", f"{len(page.items)}, the number of records on this page", stated)


def empty(page: Page, *, nothing: bool) -> Iterator[Finding]:
    """``empty`` is false where there are records and true where there is ``nothing`` in the whole result.

    A page without records in a result that has some is left alone: the sources disagree about it.
    """
    stated = page.member("empty")
    if not isinstance(stated, bool):
        return
    if page.items and stated:
        yield _member(page, "empty", f"false: the page holds {holds(page)}", stated)
    if not page.items and nothing and not stated:
        yield _member(page, "empty", "true: there is nothing in the result", stated)


def first_page(pages: Sequence[Page]) -> Iterator[Finding]:
    """``first_page`` is true on page 1 and on no other."""
    for page in pages:
        stated = page.member("first_page")
        if isinstance(stated, bool) and stated != (page.number == 1) and not repeats(page, pages):
            yield _member(page, "first_page", f"{_word(page.number == 1)} on page {page.number}", stated)


def last_page(pages: Sequence[Page], last: int, *, more: bool) -> Iterator[Finding]:
    """``last_page`` is true on page ``last`` and on no page that others follow.

    ``more``: further records were seen after page ``last``, so the count of pages is wrong, not this member.
    """
    for page in pages:
        stated = page.member("last_page")
        if not isinstance(stated, bool) or repeats(page, pages):
            continue
        followed = next((other for other in pages if other.number > page.number and other.items), None)
        if followed is not None and stated and not repeats(followed, pages):
            expected = f"false on page {page.number}: page {followed.number} holds {holds(followed)}"
            yield _member(page, "last_page", expected, stated)
        if followed is None and page.number == last and page.items and not more and not stated:
            yield _member(page, "last_page", f"true on page {page.number} of {last}", stated)


def repeats(page: Page, pages: Sequence[Page]) -> bool:
    """Whether a later page holds what page 1 holds: then the page asked for was not given, which others judge."""
    first = pages[0]
    return page.number != first.number and bool(page.items) and identity(page) == identity(first)


def total_pages(page: Page) -> Iterator[Finding]:
    """``total_pages`` is ``total_items`` divided by the length of a full page, rounded up. ``page`` is page 1."""
    items, pages = integer(page, "total_items"), integer(page, "total_pages")
    if items is None or pages is None or len(page.items) > items:
        return
    length = len(page.items)
    if items == 0 and pages not in (0, 1):
        yield _member(page, "total_pages", "0 or 1 (there is nothing to page)", pages)
    elif length and pages != -(-items // length):
        reason = f"all {items} are on page 1" if length == items else f"{items} at {length} a page"
        yield _member(page, "total_pages", f"{-(-items // length)} ({reason})", pages)


def page_number(page: Page) -> Iterator[Finding]:
    """``page_number`` is the page asked for."""
    stated = integer(page, "page_number")
    if stated is not None and stated != page.number:
        yield _member(page, "page_number", f"{page.number}, the page asked for", stated)


def total_items(pages: Sequence[Page], last: int) -> Iterator[Finding]:
    """The records on all pages add up to ``total_items``; where not every page was read, they bound it."""
    seen = sum(len(page.items) for page in pages)
    unread = max(last - len(pages), 0)
    longest = max((len(page.items) for page in pages), default=0)
    for page in pages:
        stated = integer(page, "total_items")
        if stated is None or seen <= stated <= seen + unread * longest:
            continue
        if unread:
            expected = f"from {seen} (seen on {len(pages)} of {last} pages) to {seen + unread * longest}"
        else:
            expected = f"{seen}, the number of records on {'the page' if len(pages) == 1 else f'{len(pages)} pages'}"
        yield _member(page, "total_items", expected, stated)


def no_duplicates(pages: Sequence[Page]) -> Iterator[Finding]:
    """No record stands on two pages. Twice on one page is another check's matter."""
    first: dict[str, Page] = {}
    for page in pages:
        for record in page.records():
            before = first.setdefault(record.id, page) if record.id else page
            if before is not page:
                expected = f"each record on one page only ({record.id} is on page {before.number})"
                observed = f"the same record on page {page.number}"
                yield Finding(expected, observed, page.exchange.id, record.pointer)


def size_honoured(page: Page, asked: int, available: int) -> Iterator[Finding]:
    """Page 1 holds as many records as asked for while there are that many."""
    wanted = min(asked, available)
    if len(page.items) != wanted:
        yield Finding(f"{wanted} on page 1 when {asked} a page are asked for", holds(page), page.exchange.id)


def size_capped(page: Page, asked: int) -> Iterator[Finding]:
    """A page never holds more records than asked for."""
    if sum(1 for _ in page.records()) > asked:  # what stands beside the result does not count
        yield Finding(f"at most {asked} on a page when {asked} are asked for", holds(page), page.exchange.id)


def stable_order(page: Page, again: Page) -> Iterator[Finding]:
    """The same page asked for twice holds the same records in the same order."""
    before, after = identity(page), identity(again)
    if before == after:
        return
    if sorted(before) == sorted(after):
        observed = f"the same records in another order (see exchange {page.exchange.id})"
    else:
        new = len(set(after) - set(before))
        observed = f"{new} of {len(after)} records that were not there before (see exchange {page.exchange.id})"
    yield Finding("the same records in the same order when asked for again", observed, again.exchange.id)


def default_page(plain: Page, first: Page) -> Iterator[Finding]:
    """Without a page parameter the answer is page 1."""
    stated = integer(plain, "page_number")
    if stated is not None and stated != 1:
        yield _member(plain, "page_number", "1 when no page is asked for", stated)
    elif identity(plain) != identity(first):
        observed = f"other records than on page 1 (exchange {first.exchange.id})"
        yield Finding("page 1 when no page is asked for", observed, plain.exchange.id)


def not_empty(page: Page) -> Iterator[Finding]:
    """The list has at least one record."""
    if not page.items:
        yield Finding("at least one record", "an empty list", page.exchange.id)


def _member(page: Page, name: str, expected: str, observed: Any) -> Finding:
    return Finding(f"{name} {expected}", show(observed), page.exchange.id, page.pointer(name))


def _word(value: bool) -> str:
    return "true" if value else "false"
