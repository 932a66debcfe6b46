"""Lists asked for one thing that the target file names: only its records, all of them, and nobody else's."""

import dataclasses
from contextlib import suppress

from interop_harness.checks import errors, keyed, references
from interop_harness.checks.values import Value, filled
from interop_harness.evidence import Attribution
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import plain_answers, undecided
from interop_harness.suite.beside import beside
from interop_harness.suite.collection import last_segment, specification
from interop_harness.suite.facts import only_stated, stated, stated_query
from interop_harness.suite.reading import only_claimed, read_through


def test_only(case, supplier: Supplier):
    """Asked for one property, street or person, no record comes that says it belongs to another."""
    asked, records, exchange = read(supplier, case.arguments.get("query", {}))
    if not records:
        raise Inconclusive(f"{asked} lists no record; state a fact for which there are some.", exchange.id)
    if not keyed.stating(records, case.arguments["member"]):
        raise NotApplicable(f"No record of {asked} says what it belongs to at {case.arguments['member']}.")
    wanted = [stated(supplier, value) for value in case.arguments["equals"]]
    supplier.expect(keyed.belonging(records, case.arguments["member"], wanted, asked))
    for target, found in answers_beside(supplier, case.arguments.get("query", {})):
        supplier.expect(keyed.belonging(found, case.arguments["member"], wanted, target))


def test_holds(case, supplier: Supplier):
    """Asked for the street (or whatever else) of something that the target file names, the list holds that thing."""
    asked, records, exchange = read(supplier, case.arguments["query"])
    wanted = stated(supplier, case.arguments["id"])
    supplier.expect(keyed.superset([(wanted, Value(exchange.id, "", None))], dict(records), wanted, asked, exchange.id))


def test_apart(case, supplier: Supplier):
    """Two things that the target file says have nothing in common share no record."""
    same = stated_query(supplier, case.arguments["one"])
    if same == stated_query(supplier, case.arguments["other"]):
        told = f"The target file states {same[0][1]!r} for both of two things that must have nothing in common."
        raise Inconclusive(told, attribution=Attribution.CONFIGURATION)
    asked, one, exchange = read(supplier, case.arguments["one"])
    instead, other, _ = read(supplier, case.arguments["other"])
    if "each" in case.arguments:
        one, other = (nested(records, case.arguments["each"]) for records in (one, other))
        if not any(name for name, _ in one) or not any(name for name, _ in other):
            raise NotApplicable(f"{asked} or {instead} has no record with an id at {case.arguments['each']}.")
    if not any(name for name, _ in one) or not any(name for name, _ in other):
        raise Inconclusive(f"{asked} or {instead} lists no record with an id, so nothing can be compared.", exchange.id)
    supplier.expect(keyed.apart(one, other, asked, instead))
    if "each" not in case.arguments:
        for target, found in answers_beside(supplier, case.arguments["other"]):
            supplier.expect(keyed.apart(one, found, asked, target))
        for target, found in answers_beside(supplier, case.arguments["one"]):
            supplier.expect(keyed.apart(other, found, instead, target))


def test_widens(case, supplier: Supplier):
    """A wider question brings all that the narrow one brings, and more where the facts say that there is more."""
    arguments = case.arguments
    only_stated(supplier, arguments.get("needs", []))
    asked, narrow, first = read(supplier, arguments["narrow"])
    wider, wide, second = read(supplier, arguments["wide"])
    if "without" in arguments:
        narrow = keyed.lacking(narrow, arguments["without"])
        if not narrow:
            raise NotApplicable(f"Every record of {asked} has {arguments['without']}.")
    if not any(name for name, _ in narrow):
        raise Inconclusive(f"{asked} lists no record with an id, so nothing can be compared.", first.id)
    supplier.expect(keyed.superset(narrow, dict(wide), asked, wider, second.id))
    if arguments.get("more") is True:
        supplier.expect(keyed.more(narrow, [name for name, _ in wide], asked, wider, second.id))


def test_unknown(case, supplier: Supplier):
    """What is answered for a well-formed value that nothing has: recorded."""
    operation, name = supplier.operation(), case.arguments["parameter"]
    only_claimed(supplier, operation)
    value = errors.unknown_like([stated(supplier, case.arguments["like"])], supplier.rank("unknown value"))
    exchange = supplier.call(operation, query={name: value})
    if undecided(exchange):
        raise Inconclusive(exchange.told(), exchange.id)
    count = None
    if exchange.ok:
        count = len(Collection(supplier, specification(supplier.profile, operation)).read(exchange, 1).items)
    supplier.observe(
        f"{operation.path}?{name}= with a value that nothing has: {keyed.told(exchange.describe(), count)}."
    )


def answers_beside(supplier: Supplier, query):
    """What the list holds when other parameters stand beside the query: each target with its records."""
    operation = supplier.operation()
    if operation.path_parameters or not query:
        return
    pairs, collection = stated_query(supplier, query), supplier.collection()
    for exchange in beside(supplier, operation, pairs, supplier.arguments.get("unless", ())):
        with suppress(Inconclusive):  # for other cases to say
            records = collection.read(exchange, 1).records()
            yield (
                exchange.request.target,
                [(record.id, Value(exchange.id, record.pointer, record.value)) for record in records],
            )


def nested(records, path):
    """The records nested at a path, known by id or by the last segment of their own address."""
    found = []
    for value in filled([record for _, record in records], path):
        inner = value.value if isinstance(value.value, dict) else {}
        name, address = references.identifier(inner.get("id")), inner.get("@id")
        found.append((name or (last_segment(address) if isinstance(address, str) else ""), value))
    return found


def read(supplier: Supplier, query):
    """The records for a query whose values may be facts: how it was asked, ids with records, the first exchange."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    if operation.path_parameters:  # one record, at the address that the facts or a list give
        answer = plain_answers(supplier, operation)[0]
        return answer.request.target, [("", Value(answer.id, "", supplier.json(answer)))], answer
    spec = dataclasses.replace(
        specification(supplier.profile, operation),
        query=tuple((name, str(value)) for name, value in query.items()),
    )
    collection = Collection(supplier, spec)
    reading = read_through(collection)
    records = [(record.id, Value(record.exchange.id, record.pointer, record.value)) for record in reading.records()]
    first = reading.pages[0].exchange
    return first.request.target, records, first
