"""Places within places: a flat in its building, a house in its street, and what is asked for by the one or the other.

For waste services, whose properties have a parent and a street; areas of a planning or a gazetteer service are alike.
"""

import dataclasses

from interop_harness.checks import keyed, places
from interop_harness.checks.values import Value, filled
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import for_id
from interop_harness.suite.collection import specification
from interop_harness.suite.facts import only_stated, stated, stated_query
from interop_harness.suite.reading import only_claimed


def test_whole(case, supplier: Supplier):
    """Asked for what belongs to the whole too, a part brings more, or alone brings what the whole has already.

    What the whole has is asked for only where nothing more comes, and counts where it says that it is at the whole.
    """
    arguments = case.arguments
    only_stated(supplier, arguments.get("needs", []))
    part, wider = arguments["part"], {**arguments["part"], **arguments["with"]}
    narrow, wide = known(asked(supplier, part)), asked(supplier, wider)
    if not narrow:
        raise Inconclusive("The part has no record with an id, so nothing can be compared.", wide.exchange.id)
    if known(wide).keys() - narrow.keys():
        return
    above = dict.fromkeys(part, holder(supplier, stated(supplier, next(iter(part.values())))))
    whole = asked(supplier, above)
    rest = {name: record for name, record in known(whole).items() if name not in known(wide)}
    if not rest and known(whole):
        return
    mine = places.at_place(rest, arguments["member"], next(iter(above.values())))
    if not mine:
        told = f"Nothing that {whole.exchange.request.target} lists says at {arguments['member']} that it is there."
        raise Inconclusive(told, whole.exchange.id)
    # Others may be at work meanwhile: what is there still, and still does not come, is missing.
    there, came = known(asked(supplier, above, 1)), known(asked(supplier, wider, 1))
    still = [(name, record) for name, record in mine.items() if name in there and name not in came]
    targets = (page.exchange.request.target for page in (whole, wide))
    supplier.expect(keyed.superset(still, known(wide), *targets, wide.exchange.id))


def test_named(case, supplier: Supplier):
    """What says that it belongs to something comes when that is asked for."""
    narrow, wide = (asked(supplier, case.arguments[side]) for side in ("narrow", "wide"))
    wanted = stated(supplier, next(iter(case.arguments["wide"].values())))
    saying = places.saying(known(narrow), case.arguments["member"], wanted)
    if not saying:
        raise NotApplicable(f"No record of {narrow.exchange.request.target} says {wanted} there.")
    targets = (page.exchange.request.target for page in (narrow, wide))
    supplier.expect(keyed.superset(list(saying.items()), known(wide), *targets, wide.exchange.id))


def test_elsewhere(case, supplier: Supplier):
    """Asked for one street, the list does not hold what the target file says is in another."""
    page, wanted = asked(supplier, case.arguments["query"]), stated(supplier, case.arguments["id"])
    if not page.items:
        raise Inconclusive(f"{page.exchange.request.target} lists no record.", page.exchange.id)
    supplier.expect(places.elsewhere(known(page), case.arguments["member"], wanted, page.exchange.request.target))


# --- reading ---------------------------------------------------------------------------------------------


def asked(supplier: Supplier, query, fresh=0):
    """The list for a query whose values may be facts."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    spec = dataclasses.replace(specification(supplier.profile, operation), query=stated_query(supplier, query))
    return Collection(supplier, spec).page(fresh=fresh)


def known(page):
    """The records of a page that have an id, by it."""
    return {
        record.id: Value(record.exchange.id, record.pointer, record.value) for record in page.records() if record.id
    }


def holder(supplier: Supplier, part: str):
    """What the record of a part says that it is in."""
    item = supplier.operation(supplier.arguments["item"])
    only_claimed(supplier, item)
    answer = supplier.call(item, for_id(supplier, item, part))
    found = filled([Value(answer.id, "", supplier.json(answer))], supplier.arguments["whole"])
    if not found:
        told = f"{answer.request.target} does not say at {supplier.arguments['whole']} what it is in."
        raise Inconclusive(told, answer.id)
    return str(found[0].value)
