"""Lists in pages: what each page says of itself, and whether all pages together are the list."""

import contextlib
from dataclasses import dataclass, field

from interop_harness.checks import pagination
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import SMALL, SMALLER
from interop_harness.suite.reading import read_through


def test_members(case, supplier: Supplier):
    """Each page carries every member of the page header."""
    collection = supplier.collection()
    names = case.arguments.get("members") or collection.spec.members
    for page in [collection.page(), *read_pages(collection)]:
        supplier.expect(pagination.members(page, names))


def test_size(case, supplier: Supplier):
    """The stated size is the number of records on the page."""
    collection = supplier.collection()
    pages = [collection.page(), *read_pages(collection)]
    stated(pages, "size", int)
    for page in pages:
        supplier.expect(pagination.size(page))


def test_empty(case, supplier: Supplier):
    """The mark for an empty result is true exactly when there is nothing in it."""
    collection = supplier.collection()
    pages = [collection.page(), *read_pages(collection)]
    stated(pages, "empty", bool)
    for page in pages:
        supplier.expect(pagination.empty(page, nothing=not pages[0].items))
    nothing = ask_for_nothing(supplier, collection)
    if nothing is not None:
        supplier.expect(pagination.empty(nothing, nothing=True))


def test_first_page(case, supplier: Supplier):
    """The mark for the first page is true on page 1 and nowhere else."""
    for walk in walks(supplier.collection()):
        stated(walk.pages, "first_page", bool)
        supplier.expect(pagination.first_page(walk.pages))


def test_last_page(case, supplier: Supplier):
    """The mark for the last page is true on the last page and on no earlier one."""
    collection = supplier.collection()
    for walk in walks(collection):
        some_records(walk.pages)
        stated(walk.pages, "last_page", bool)
        supplier.expect(pagination.last_page(walk.pages, walk.end(), more=records_after(collection, walk)))


def test_total_pages(case, supplier: Supplier):
    """The number of pages follows from the number of records, for every page size."""
    collection = supplier.collection()
    pages = [collection.page(), collection.page(1, collection.spec.walk_size)]
    if collection.spec.size_parameter:
        pages.append(collection.page(1, SMALL))
    for name in ("total_items", "total_pages"):
        stated(pages, name, int)
    judged = [page for page in pages if not more_than_stated(page)]
    if not judged:
        raise Inconclusive("Page 1 holds more records than total_items says there are.", pages[0].exchange.id)
    for page in judged:
        supplier.expect(pagination.total_pages(page))


def test_page_number(case, supplier: Supplier):
    """The stated page number is the page asked for."""
    pages = read_pages(supplier.collection())
    stated(pages, "page_number", int)
    for page in pages:
        supplier.expect(pagination.page_number(page))


def test_total_items(case, supplier: Supplier):
    """The records on all pages add up to the stated total."""
    collection = supplier.collection()
    walk = settled(collection)
    stated(walk.pages, "total_items", int)
    tell_sample(collection, walk)
    found = list(pagination.total_items(walk.pages, walk.end()))
    if found and records_after(collection, walk):
        reason = f"There are records after page {walk.last}, which total_pages calls the last: they are not added up."
        raise Inconclusive(reason, walk.pages[0].exchange.id)
    supplier.expect(found)


def test_no_duplicates(case, supplier: Supplier):
    """No record stands on two pages."""
    collection = supplier.collection()
    for walk in walks(collection):
        some_records(walk.pages)
        tell_sample(collection, walk)
        supplier.expect(pagination.no_duplicates(walk.pages))


def test_size_honoured(case, supplier: Supplier):
    """Asked for so many records a page, page 1 holds that many while there are that many."""
    collection = supplier.collection()
    available = len(collection.page(1, collection.spec.walk_size).items)
    sizes = sizes_of(supplier, collection)
    if available <= min(sizes):
        raise Inconclusive(f"With {available} records in {collection.name} no page size can be told from another.")
    for size in sizes:
        supplier.expect(pagination.size_honoured(collection.page(1, size), size, available))


def test_size_capped(case, supplier: Supplier):
    """A page never holds more records than were asked for."""
    collection = supplier.collection()
    some_records([collection.page(1, collection.spec.walk_size)])
    for size in sizes_of(supplier, collection):
        supplier.expect(pagination.size_capped(collection.page(1, size), size))


def test_stable_order(case, supplier: Supplier):
    """The same page, asked for twice, holds the same records in the same order."""
    collection = supplier.collection()
    walk = settled(collection)
    some_records(walk.pages)
    # Asked three times in all: what turns round each time is the same again at every second look.
    for again in (walk.again, collection.page(1, walk.size, fresh=4)):
        supplier.expect(pagination.stable_order(walk.pages[0], again))


def test_default_page(case, supplier: Supplier):
    """Without a page parameter the answer is page 1."""
    collection = supplier.collection()
    if not collection.spec.page_parameter:
        raise NotApplicable(f"{collection.name} has no page parameter.")
    plain, first = collection.page(), collection.page(1)
    found = list(pagination.default_page(plain, first))
    if found and pagination.identity(collection.page(fresh=1)) != pagination.identity(plain):
        reason = f"{collection.name} answers the same request differently, so its pages cannot be compared."
        raise Inconclusive(reason, plain.exchange.id)
    supplier.expect(found)


def test_not_empty(case, supplier: Supplier):
    """The list has at least one record."""
    supplier.expect(pagination.not_empty(supplier.collection().page()))


def test_beyond_end(case, supplier: Supplier):
    """What is answered for the page after the last: recorded."""
    collection = supplier.collection()
    if not collection.spec.page_parameter:
        raise NotApplicable(f"{collection.name} has no page parameter.")
    walk = settled(collection)
    beyond = collection.ask(walk.end() + 1, walk.size)
    supplier.observe(f"The page after the last of {collection.name}: {told(collection, beyond)}.")


def test_out_of_range(case, supplier: Supplier):
    """What is answered for page numbers and page sizes that make no sense: recorded."""
    collection = supplier.collection()
    asked = [(collection.spec.page_parameter, value) for value in case.arguments.get("pages", ())]
    asked += [(collection.spec.size_parameter, value) for value in case.arguments.get("sizes", ())]
    for name, value in asked:
        if name:
            answer = collection.ask(filters=((name, str(value)),))
            supplier.observe(f"{collection.name} with {name}={value}: {told(collection, answer)}.")


def test_large_size(case, supplier: Supplier):
    """How many records one page gives at most: recorded."""
    collection = supplier.collection()
    size = case.arguments.get("size", 1000)
    answer = collection.ask(1, size)
    supplier.observe(f"{collection.name} asked for {size} a page: {told(collection, answer)}.")


# --- reading pages ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Walk:
    """A list read page after page: with which page size, up to which last page, and page 1 once more.

    ``last`` is 0 when nobody knows: the list states no number of pages and is too long to read to its end.
    """

    pages: list = field(repr=False)
    size: int
    last: int
    again: object = None

    def end(self):
        """The number of the last page."""
        if not self.last and self.pages[0].items:
            path = self.pages[0].spec.operation.path
            reason = f"{path} does not say how many pages it has, and they were too many to read."
            raise Inconclusive(reason, self.pages[0].exchange.id)
        return self.last


def read_pages(collection):
    """The pages of every walk."""
    return [page for walk in walks(collection) for page in walk.pages]


def walks(collection):
    """The ordinary walk; a list that fits on one page a second time, with a page size that splits it."""
    found = [settled(collection)]
    first = found[0].pages[0]
    count = len(first.items)
    if len(found[0].pages) == 1 and count > 1 and collection.spec.page_parameter and collection.spec.size_parameter:
        with contextlib.suppress(Inconclusive):
            smaller = walked(collection, SMALL if count > SMALL else SMALLER)
            same = smaller.pages[0].member("total_items") == first.member("total_items")
            if same and len(smaller.pages) > 1:
                found.append(smaller)
    return found


def settled(collection):
    """The ordinary walk. When the total changed meanwhile everything is read anew, once."""
    totals = []
    size = collection.spec.walk_size
    for attempt in (0, 2):
        walk = walked(collection, size, attempt)
        again = collection.page(1, size, fresh=attempt + 1)
        before, after = pagination.integer(walk.pages[0], "total_items"), pagination.integer(again, "total_items")
        if before == after:
            return Walk(walk.pages, size, walk.last, again)
        totals += [str(before), str(after)]
    raise Inconclusive(
        f"The number of records in {collection.name} kept changing while it was read: {', '.join(totals)}."
    )


def walked(collection, size, fresh=0):
    """The pages that the sampling rule chooses. Where no number of pages is stated: all, until nothing new comes."""
    pages = collection.pages(size=size, fresh=fresh)
    stated_last = pagination.integer(pages[0], "total_pages")
    if collection.spec.page_parameter and stated_last is not None:
        return Walk(pages, size, stated_last)
    if collection.spec.page_parameter:
        reading = read_through(collection, size=size)
        ended, pages = reading.ended, reading.pages
    else:
        ended = collection.complete(pages)
    return Walk(pages, size, len(pages) if ended else 0)


def records_after(collection, walk):
    """Whether the page after the one that is called the last holds records not seen before."""
    if not collection.spec.page_parameter or not walk.pages[-1].items:
        return False
    try:
        beyond = collection.page(walk.last + 1, walk.size)
    except Inconclusive:
        return False
    seen = {key for page in walk.pages for key in pagination.identity(page)}
    return not set(pagination.identity(beyond)) <= seen


def ask_for_nothing(supplier: Supplier, collection):
    """A result with nothing in it: by the case's own filter, else by one that the profile describes."""
    name, value = supplier.arguments.get("parameter"), supplier.arguments.get("impossible")
    if name is None:
        filters = supplier.profile.parameters.get("filters", {}).get(collection.spec.operation.id, {})
        texts = [name for name, filter_ in filters.items() if filter_.get("match") == "contains"]
        if not texts:
            return None
        name, value = texts[0], "".join(letter for letter in supplier.rank("nothing") if letter.isalpha())
    try:
        page = collection.page(filters=((name, str(value)),))
    except Inconclusive:
        return None
    return None if page.items else page


# --- what pages state ------------------------------------------------------------------------------------


def stated(pages, name, kind):
    """Stop when no page states a member, or states it as something else: the members and schema cases say so."""
    if not pages[0].pointer(name):
        raise NotApplicable(f"The profile names no page member {name} for {pages[0].spec.operation.path}.")
    for page in pages:
        value = pagination.integer(page, name) if kind is int else page.member(name)
        if isinstance(value, kind):
            return
    wanted = "true or false" if kind is bool else "a whole number"
    raise Inconclusive(f"No page states {name} as {wanted}.", pages[0].exchange.id)


def more_than_stated(page):
    return len(page.items) > (pagination.integer(page, "total_items") or 0)


def some_records(pages):
    if not any(page.items for page in pages):
        raise Inconclusive(f"{pages[0].spec.operation.path} lists no record.", pages[0].exchange.id)


def sizes_of(supplier: Supplier, collection):
    if not collection.spec.size_parameter:
        raise NotApplicable(f"{collection.name} has no parameter for the page size.")
    return [int(size) for size in supplier.arguments.get("sizes", (SMALLER, SMALL))]


def tell_sample(collection, walk):
    if len(walk.pages) < walk.last:
        collection.supplier.sample(f"pages of {collection.name}", len(walk.pages), walk.last)


def told(collection, answer):
    """An answer in a few words: its status and how many records came."""
    try:
        page = collection.read(answer, 1)
    except Inconclusive:
        return answer.describe()
    return f"{answer.status} with {pagination.holds(page)}"
