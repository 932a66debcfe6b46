"""Lists whose pages are joined by links: the links end and stay here, and the pages are the list.

Used by FHIR Bundles; OpenActive RPDE feeds and OGC API Features are paged by links too.
"""

import contextlib
from itertools import islice
from urllib.parse import parse_qsl

from interop_harness.checks import bundles
from interop_harness.checks.values import Value, at
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.beside import beside
from interop_harness.suite.collection import next_link
from interop_harness.suite.linked import in_small_pages, whole
from interop_harness.suite.reading import only_claimed


def test_ends(case, supplier: Supplier):
    """Following the next links comes to an end: no page links to itself or to one before it."""
    collection = the_list(supplier)
    for reading in readings(collection):
        last = reading.pages[-1]
        link = next_link(last.body, collection.spec.next_link)
        supplier.expect(bundles.ends(reading.pages, link, collection.next_target(last), where(collection)))


def test_here(case, supplier: Supplier):
    """Next links lead to the service under test; the name of another host is never followed."""
    collection, some = the_list(supplier), False
    # The first page is looked at before any link is tried: what a stray link leads to here may not be readable.
    for page in pages_of(collection):
        link = next_link(page.body, collection.spec.next_link)
        if link is not None:
            some = True
            supplier.expect(bundles.here(supplier.base_url, page, link, where(collection)))
    if not some:
        raise NotApplicable(f"{collection.name} came on one page, so there was no link to look at.")


def test_whole(case, supplier: Supplier):
    """Read in small pages, the list holds what it holds in large ones: nothing is lost, doubled or added.

    Whatever else is asked, an answer holds no record twice.
    """
    collection = the_list(supplier)
    whole(collection)
    answers = answers_beside(collection)
    supplier.expect(a_few(bundles.once([record.id for record in page.records()], page) for page in answers))
    plain, parts = whole(collection), in_small_pages(collection)
    came = [record.id for record in parts.records()]
    if not plain.ended or not parts.ended:
        supplier.expect(bundles.whole(list(dict.fromkeys(came)), came, parts.pages[0]))
        first = plain.pages[0].exchange
        raise Inconclusive(f"{first.request.target} has more pages than are read.", first.id)
    names = [record.id for record in plain.records()]
    found = list(bundles.whole(names, came, parts.pages[0]))
    if found and [record.id for record in collection.records(collection.pages(fresh=1))] != names:
        raise Inconclusive(f"{collection.name} changed while it was read.", parts.pages[0].exchange.id)
    supplier.expect(found)


def test_total(case, supplier: Supplier):
    """Where a total is stated, it is the number of records on all pages, whatever else is asked."""
    collection = the_list(supplier)
    whole(collection)
    alone = [page for page in answers_beside(collection) if is_whole(collection, page)]
    supplier.expect(a_few(bundles.total([page], len(page.records())) for page in alone))
    for reading in readings(collection):
        pages = [page for page in reading.pages if page.member("total_items") is not None]
        link = next_link(reading.pages[-1].body, collection.spec.next_link)
        if not pages or link is not None:
            continue
        supplier.expect(bundles.total(pages, len(reading.records())))
        return
    first = whole(collection).pages[0]
    if first.member("total_items") is None:
        raise NotApplicable(f"{first.exchange.request.target} states no total.")
    raise Inconclusive(f"{first.exchange.request.target} could not be read to its end.", first.exchange.id)


def test_entry_members(case, supplier: Supplier):
    """Every entry, also one beside the result, has the members."""
    collection = the_list(supplier)
    supplier.expect(bundles.entry_members(entries(collection), case.arguments["members"]))


def test_addresses(case, supplier: Supplier):
    """The address of an entry is that of the record in it."""
    collection, names = the_list(supplier), case.arguments
    found = [entry for entry in entries(collection) if list(at([entry], names["address"]))]
    if not found:
        raise NotApplicable(f"No entry of {collection.name} has {names['address']}.")
    supplier.expect(
        bundles.addresses(found, names["address"], collection.spec.record, names["kind"], names.get("id", "id"))
    )


def test_own_link(case, supplier: Supplier):
    """Every page has a link of a certain relation, such as the address it was asked at."""
    collection = the_list(supplier)
    links = where(collection)
    for page in whole(collection).pages:
        place = Value(page.exchange.id, "", page.body)
        relations = [found.value for name in ("relation", "rel") for found in at([place], f"{links}/*/{name}")]
        supplier.expect(bundles.own_link(page, relations, case.arguments["relation"], links))


# --- reading ---------------------------------------------------------------------------------------------


def the_list(supplier: Supplier):
    only_claimed(supplier, supplier.operation())
    return supplier.collection()


def readings(collection):
    """The list as it comes, and in small pages where it can be had so."""
    found = [whole(collection)]
    with contextlib.suppress(NotApplicable):
        found.append(in_small_pages(collection))
    return found


def pages_of(collection):
    """The first page, then all that can be read."""
    yield collection.page()
    for reading in readings(collection):
        yield from reading.pages


def answers_beside(collection):
    """First pages of what the run asks of the list with further parameters; no page that a link leads to is one.

    Links may lead anywhere on this address, so a first page is asked with documented parameters alone, has no page
    before it, and is not where another answer's link leads. A size of nought asks for the count alone.
    """
    supplier, spec = collection.supplier, collection.spec
    documented = {parameter.name for parameter in spec.operation.parameters} | {spec.size_parameter}
    pages = []
    for exchange in beside(supplier, spec.operation, ()):
        with contextlib.suppress(Inconclusive):  # for other cases to say
            pages.append(collection.read(exchange, 1))
    led_to = {collection.next_target(page) for page in pages}
    for page in pages:
        target = page.exchange.request.target
        asked = parse_qsl(target.partition("?")[2], keep_blank_values=True)
        sizes = [value for name, value in asked if name == spec.size_parameter]
        sized = all(value.isdecimal() and int(value) > 0 for value in sizes)
        if sized and target not in led_to and {name for name, _ in asked} <= documented and not later(collection, page):
            yield page


def is_whole(collection, page):
    """Whether a first page is the whole result: nothing follows, and no size that was asked for can have cut it off."""
    asked = parse_qsl(page.exchange.request.target.partition("?")[2])
    sizes = [int(value) for name, value in asked if name == collection.spec.size_parameter]
    full = any(len(page.records()) >= size for size in sizes)
    return not full and next_link(page.body, collection.spec.next_link) is None


def later(collection, page):
    """Whether a page says that there is one before it."""
    relations = {found.value for found in relations_of(collection, page)}
    return bool(relations & {"previous", "prev"})


def relations_of(collection, page):
    place = Value(page.exchange.id, "", page.body)
    return [
        found
        for name in ("relation", "rel")
        for found in at([place], f"{where(collection)}/*/{name}")
        if isinstance(found.value, str)
    ]


def a_few(findings):
    """Of many answers with the same mistake, the first few."""
    return islice((finding for found in findings for finding in found), bundles.SHOWN)


def entries(collection):
    """Every item of every page, those beside the result too."""
    pages = whole(collection).pages
    found = [
        Value(page.exchange.id, f"{page.spec.items}/{number}", item)
        for page in pages
        for number, item in enumerate(page.items)
    ]
    if not found:
        raise Inconclusive(f"{pages[0].exchange.request.target} lists nothing.", pages[0].exchange.id)
    return found


def where(collection):
    return collection.spec.next_link.removeprefix("rel:")
