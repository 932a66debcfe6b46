"""Lists whose pages are joined by links, read with pages so small that there are several."""

from __future__ import annotations

from interop_harness.suite.collection import Collection
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.reading import Reading, read_through

PARTS = 3
"""A list is read in about so many pages."""
MOST = 20


def whole(collection: Collection) -> Reading:
    """The list as it comes when no page size is asked for, to its end."""
    if not collection.spec.next_link:
        raise NotApplicable(f"The profile names no link between pages of {collection.name}.")
    return read_through(collection)


def in_small_pages(collection: Collection) -> Reading:
    """The same list in several pages. Not applicable where it is too short, or the page size is not heeded."""
    plain = whole(collection)
    count = len(plain.records())
    if len(plain.pages) == 1 and count < 2:
        raise NotApplicable(f"With {count} record(s), {plain.pages[0].exchange.request.target} has no second page.")
    if not collection.spec.size_parameter:
        if len(plain.pages) == 1:
            raise NotApplicable(f"{collection.name} came on one page.")
        return plain
    size = max(1, min(count // PARTS, MOST))
    parts = read_through(collection, size=size)
    if len(parts.pages) > 1:
        return parts
    if len(plain.pages) > 1:
        return plain
    if not parts.pages[0].items:
        raise Inconclusive(f"{parts.pages[0].exchange.request.target} lists no record.", parts.pages[0].exchange.id)
    raise NotApplicable(f"{collection.name} came on one page, although {size} a page were asked for.")
