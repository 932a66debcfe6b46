"""Lists that are asked for less than everything: each page of what is left keeps the rules of pages and records.

Nothing is asked here that other cases of the run do not ask anyway. A result that was not answered is theirs to judge.
"""

import dataclasses

from interop_harness.checks import fields, pagination
from interop_harness.checks.values import Value
from interop_harness.suite import Inconclusive, NotApplicable, Supplier, narrowed
from interop_harness.suite.reading import only_claimed

READ_AGAIN = 2
"""So many results with a record on two pages are read once more, in case records came and went meanwhile."""


def test_members(case, supplier: Supplier):
    """Each page with records carries every member of the page header."""
    names = case.arguments.get("members") or supplier.collection().spec.members
    for page in filled_pages(supplier):
        supplier.expect(pagination.members(page, names))


def test_size(case, supplier: Supplier):
    """The stated size is the number of records on the page."""
    for walk in results(supplier):
        for page in walk.pages:
            supplier.expect(pagination.size(page))


def test_empty(case, supplier: Supplier):
    """The mark for an empty result is true exactly when there is nothing in it."""
    for walk in results(supplier):
        for page in walk.pages:
            supplier.expect(pagination.empty(page, nothing=not walk.pages[0].items))


def test_first_page(case, supplier: Supplier):
    """The mark for the first page is true on page 1 and nowhere else."""
    for walk in results(supplier):
        if walk.settled and walk.pages[0].items:  # an empty result may or may not have a first page
            supplier.expect(pagination.first_page(walk.pages))


def test_last_page(case, supplier: Supplier):
    """The mark for the last page is true on the last page and on no earlier one."""
    for walk in results(supplier):
        first, seen = walk.pages[0], sum(len(page.items) for page in walk.pages)
        if walk.settled and first.items:
            all_seen = walk.whole and seen == first.count("total_items")
            supplier.expect(pagination.last_page(walk.pages, first.count("total_pages") or 0, more=not all_seen))


def test_total_pages(case, supplier: Supplier):
    """The number of pages follows from the number of records that are left."""
    for walk in results(supplier):
        supplier.expect(pagination.total_pages(walk.pages[0]))


def test_page_number(case, supplier: Supplier):
    """The stated page number is the page asked for."""
    for page in filled_pages(supplier):
        supplier.expect(pagination.page_number(page))


def test_total_items(case, supplier: Supplier):
    """The records on all pages add up to the stated total."""
    for walk in results(supplier):
        if walk.settled and (walk.whole or not walk.pages[0].items):
            supplier.expect(pagination.total_items(walk.pages, len(walk.pages)))


def test_no_duplicates(case, supplier: Supplier):
    """No record stands on two pages of one result."""
    tried = 0
    for walk in results(supplier):
        found = list(pagination.no_duplicates(walk.pages)) if walk.settled else []
        if found and tried < READ_AGAIN:
            tried += 1
            if any(pagination.no_duplicates(once_more(supplier, walk))):
                supplier.expect(found)
            else:
                supplier.observe("A filtered list had a record on two pages, and when it was read again it had not.")


def test_size_capped(case, supplier: Supplier):
    """A page never holds more records than were asked for."""
    for walk in results(supplier):
        for page in walk.pages:
            if page.asked:
                supplier.expect(pagination.size_capped(page, page.asked))


def test_required(case, supplier: Supplier):
    """Every record has the member."""
    found = records(supplier)
    for member in case.arguments["members"]:
        supplier.expect(fields.required(found, member))


def test_populated(case, supplier: Supplier):
    """A member that is given is not blank."""
    found = records(supplier)
    for member in case.arguments["members"]:
        supplier.expect(fields.populated(found, member))


def results(supplier: Supplier):
    """The results that were answered. NotApplicable when the run asks for none, or none is answered."""
    only_claimed(supplier, supplier.operation())
    found = narrowed.walks(supplier)
    if not found:
        raise NotApplicable(f"This run has no answer of {supplier.operation().path} to any further parameter.")
    return found


def once_more(supplier: Supplier, walk):
    """The pages of a result, read again; none where they cannot be read, or are not of one result."""
    old = [page.exchange.request for page in walk.pages]
    answers = supplier.send_all([dataclasses.replace(request, fresh=request.fresh + 1) for request in old])
    try:
        pages = [supplier.collection().read(one, page.number) for one, page in zip(answers, walk.pages, strict=True)]
    except Inconclusive:
        return []
    return pages if len({page.member("total_items") for page in pages}) == 1 else []


def filled_pages(supplier: Supplier):
    """The pages that hold records: what one of nothing says of itself is left open in part."""
    return [page for walk in results(supplier) for page in walk.pages if page.items]


def records(supplier: Supplier):
    """Every record of these results, each time that it comes."""
    results(supplier)
    return [
        Value(record.exchange.id, record.pointer, record.value)
        for page in narrowed.pages(supplier)
        for record in page.records()
    ]
