"""What stands inside the records of a list that is asked for one thing: whose it is, whatever else is asked with it."""

import dataclasses

from interop_harness.checks import nested
from interop_harness.checks.values import Value, filled
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.beside import beside
from interop_harness.suite.facts import only_stated, stated_query
from interop_harness.suite.reading import only_claimed


def test_apart(case, supplier: Supplier):
    """Of two things that have nothing in common neither is shown what is nested for the other, beside any parameter.

    What the lists hold that other cases ask with a further parameter is looked at; nothing is sent for it.
    """
    only_stated(supplier, case.arguments.get("needs", []))
    operation, unless = supplier.operation(), case.arguments.get("unless", ())
    only_claimed(supplier, operation)
    sides = [stated_query(supplier, case.arguments[side]) for side in ("one", "other")]
    if sides[0] == sides[1]:
        raise NotApplicable(f"The target file states {sides[0][0][1]!r} for both of two things.")
    spec, looked = supplier.collection().spec, 0
    plain = [Collection(supplier, dataclasses.replace(spec, query=query)).page() for query in sides]
    known = [nested.named(inside(supplier, page)) for page in plain]
    for query, theirs, there in ((sides[0], known[1], plain[1]), (sides[1], known[0], plain[0])):
        for exchange in beside(supplier, operation, query, unless) if theirs else ():
            try:
                shown = nested.named(inside(supplier, supplier.collection().read(exchange, 1)))
            except Inconclusive:  # for other cases to say
                continue
            looked += 1
            asked, instead = exchange.request.target, there.exchange.request.target
            supplier.expect(nested.apart(theirs.keys(), shown, asked, instead))
    if not looked:
        raise NotApplicable(f"Nothing at {case.arguments['each']} is known by an address or id of its own.")


def inside(supplier: Supplier, page):
    """What stands at ``each`` of every record of a page."""
    records = [Value(record.exchange.id, record.pointer, record.value) for record in page.records()]
    return filled(records, supplier.arguments["each"])
