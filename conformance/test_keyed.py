"""Lists asked for one thing that the target file names: only its records, all of them, and nobody else's."""

import dataclasses
from contextlib import suppress

from interop_harness.checks import errors, keyed, references
from interop_harness.checks.nested import of_a_kind
from interop_harness.checks.values import Value, filled
from interop_harness.evidence import Attribution
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import for_id, plain_answers, undecided
from interop_harness.suite.beside import beside
from interop_harness.suite.collection import last_segment, specification
from interop_harness.suite.facts import only_stated, stated, stated_query
from interop_harness.suite.reading import only_claimed, read_through, unknown_answer

COUNTED = 3
"""Digits of a number that may tell the place in an answer, and no record."""
SINGLES = 2
"""So many single records are compared, and so many places looked up: the others come from the same code."""


def test_only(case, supplier: Supplier):
    """Asked for one property, street or person, no record comes that says it belongs to another.

    Nor for one that nothing has: what the rules of unknown values ask is looked at here, too.
    """
    asked, records, exchange = read(supplier, case.arguments.get("query", {}))
    if not records:
        raise Inconclusive(f"{asked} lists no record; state a fact for which there are some.", exchange.id)
    if not keyed.stating(records, case.arguments["member"]):
        raise NotApplicable(f"No record of {asked} says what it belongs to at {case.arguments['member']}.")
    wanted = [stated(supplier, value) for value in case.arguments["equals"]]
    supplier.expect(keyed.belonging(records, case.arguments["member"], wanted, asked))
    for target, found in answers_beside(supplier, case.arguments.get("query", {})):
        supplier.expect(keyed.belonging(found, case.arguments["member"], wanted, target))
    for target, value, found in answers_of_nothing(supplier, case.arguments.get("query", {})):
        supplier.expect(keyed.belonging(found, case.arguments["member"], [value], target))


def test_holds(case, supplier: Supplier):
    """Asked for the street (or whatever else) of something that the target file names, the list holds that thing."""
    asked, records, exchange = read(supplier, case.arguments["query"])
    wanted = stated(supplier, case.arguments["id"])
    supplier.expect(keyed.superset([(wanted, Value(exchange.id, "", None))], dict(records), wanted, asked, exchange.id))


def test_apart(case, supplier: Supplier):
    """Two things that the target file says have nothing in common share no record."""
    two_things(supplier)
    asked, one, exchange = read(supplier, case.arguments["one"])
    instead, other, _ = read(supplier, case.arguments["other"])
    if "each" in case.arguments:
        one, other = (nested(records, case.arguments["each"]) for records in (one, other))
        if not any(name for name, _ in one) or not any(name for name, _ in other):
            raise NotApplicable(f"{asked} or {instead} has no record with an id at {case.arguments['each']}.")
    if not any(name for name, _ in one) or not any(name for name, _ in other):
        told = f"{asked} or {instead} lists no record with an id, so nothing can be compared."
        if "needs" in case.arguments:  # what the fact is stated for may be in other lists
            raise NotApplicable(told)
        raise Inconclusive(told, exchange.id)
    supplier.expect(keyed.apart(one, other, asked, instead))
    if "each" not in case.arguments:
        for target, found in answers_beside(supplier, case.arguments["other"]):
            supplier.expect(keyed.apart(one, found, asked, target))
        for target, found in answers_beside(supplier, case.arguments["one"]):
            supplier.expect(keyed.apart(other, found, instead, target))


def test_apart_singly(case, supplier: Supplier):
    """A single record, asked for with two things that have nothing in common, shows neither what is the other's."""
    two_things(supplier)
    item, listing, each = supplier.operation(), supplier.operation(case.arguments["list"]), case.arguments["each"]
    only_claimed(supplier, item)
    sides = [case.arguments["one"], case.arguments["other"]]
    one, other = ([name for name, _ in listed(supplier, listing, query)[1] if name] for query in sides)
    names = sorted(set(one) & set(other), key=supplier.rank)[:SINGLES]
    compared = False
    for name in names:
        asked = [supplier.request(item, for_id(supplier, item, name), stated_query(supplier, query)) for query in sides]
        here, there = supplier.send_all(asked)
        if here.ok and there.ok:
            shown = [nested([("", Value(got.id, "", supplier.json(got)))], each) for got in (here, there)]
            compared = compared or all(any(known for known, _ in found) for found in shown)
            supplier.expect(keyed.apart(*shown, here.request.target, there.request.target))
    if not compared:
        raise NotApplicable(f"No record that {listing.path} lists for both has something with an id at {each}.")


def test_located(case, supplier: Supplier):
    """Asked for one property, no record comes that says it is at another one, which is not its building either."""
    wanted = stated(supplier, case.arguments["query"]["uprn"])
    found = [read(supplier, case.arguments["query"])[:2], *answers_beside(supplier, case.arguments["query"])]
    places = [(asked, keyed.places(records, case.arguments["member"])) for asked, records in found]
    if not any(known for _, known in places):
        raise NotApplicable(f"No record says at {case.arguments['member']} at which property it is.")
    item = supplier.operation(case.arguments["site"])
    named = {name for _, known in places for name in known}
    elsewhere = sorted((name for name in named if not keyed.same(name, wanted)), key=supplier.rank)
    names = [wanted, *elsewhere[:SINGLES]] if elsewhere else []
    answers = supplier.send_all([supplier.request(item, for_id(supplier, item, name)) for name in names])
    sites = {name: supplier.json(answer) for name, answer in zip(names, answers, strict=True) if answer.ok}
    others = {name for name in elsewhere if keyed.unrelated(sites.get(wanted), sites.get(name), name)}
    for asked, known in places:
        supplier.expect(keyed.elsewhere(known, others, wanted, asked))


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
    _, exchange = of_nothing(supplier, operation, name, case.arguments["like"])
    if undecided(exchange):
        raise Inconclusive(exchange.told(), exchange.id)
    count = None
    if exchange.ok:
        count = len(Collection(supplier, specification(supplier.profile, operation)).read(exchange, 1).items)
    supplier.observe(
        f"{operation.path}?{name}= with a value that nothing has: {keyed.told(exchange.describe(), count)}."
    )


def two_things(supplier: Supplier):
    """Only where the facts are stated, and name two things: one has all in common with itself."""
    only_stated(supplier, supplier.arguments.get("needs", []))
    same = stated_query(supplier, supplier.arguments["one"])
    if same == stated_query(supplier, supplier.arguments["other"]):
        told = f"The target file states {same[0][1]!r} for both of two things that must have nothing in common."
        raise Inconclusive(told, attribution=Attribution.CONFIGURATION)
    if "where" in supplier.arguments:
        only_where(supplier, supplier.arguments["where"])


def only_where(supplier: Supplier, where):
    """Two things of which one is to be found in another place: its own record says where it is."""
    item = supplier.operation(where["operation"])
    only_claimed(supplier, item)
    answer = supplier.send(supplier.request(item, for_id(supplier, item, stated(supplier, where["id"]))))
    there = filled([Value(answer.id, "", supplier.json(answer))], where["member"]) if answer.ok else []
    if not there or any(keyed.same(place.value, stated(supplier, where["not"])) for place in there):
        raise NotApplicable(f"{answer.request.target} does not say that it is elsewhere at {where['member']}.")


def of_nothing(supplier: Supplier, operation, name, like):
    """A well-formed value that nothing has, and what is answered for it."""
    value = errors.unknown_like([stated(supplier, like)], supplier.rank("unknown value"))
    return value, supplier.call(operation, query={name: value})


def answers_of_nothing(supplier: Supplier, query):
    """What is given for an id, or for the one value of a query, that nothing has: target, value and records."""
    operation, found = supplier.operation(), []
    with suppress(Inconclusive):  # where nothing is given there is nothing to look at
        if operation.path_parameters:
            answer = unknown_answer(supplier, operation)
            body = supplier.json(answer)
            found.append((answer, last_segment(answer.request.target), [("", Value(answer.id, "", body))]))
        elif len(query) == 1 and str(next(iter(query.values()))).startswith("fact:"):
            (name, like) = next(iter(query.items()))
            value, answer = of_nothing(supplier, operation, name, like)
            records = supplier.collection().read(answer, 1).records()
            found.append((answer, value, [(one.id, Value(one.exchange.id, one.pointer, one.value)) for one in records]))
    return [(answer.request.target, value, records) for answer, value, records in found]


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
    """The records nested at a path, known by id or by the last segment of their own address.

    One that has no address, and for an id a small number, may be no more than counted: nested records need no id of
    their own, and the same number in two answers is then no sign of the same record. An address among types
    (``/feature-types/…``) tells a kind, and is nothing that anybody has.
    """
    found = []
    for value in filled([record for _, record in records], path):
        inner = value.value if isinstance(value.value, dict) else {}
        name, address = references.identifier(inner.get("id")), inner.get("@id")
        there = last_segment(address) if isinstance(address, str) else ""
        if there and of_a_kind(address):
            continue  # what kind of thing it is: two properties have bins of one kind
        counted = not there and name.isdecimal() and len(name) <= COUNTED
        found.append(("" if counted else name or there, value))
    return found


def read(supplier: Supplier, query):
    """The records for a query whose values may be facts: how it was asked, ids with records, the first exchange."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    if operation.path_parameters:  # one record, at the address that the facts or a list give
        answer = plain_answers(supplier, operation)[0]
        return answer.request.target, [("", Value(answer.id, "", supplier.json(answer)))], answer
    return listed(supplier, operation, query)


def listed(supplier: Supplier, operation, query):
    """The records of a list for a query: how it was asked, ids with records, the first exchange."""
    only_claimed(supplier, operation)
    spec = dataclasses.replace(
        specification(supplier.profile, operation),
        query=tuple((name, str(value)) for name, value in query.items()),
    )
    collection = Collection(supplier, spec)
    reading = read_through(collection)
    records = [(record.id, Value(record.exchange.id, record.pointer, record.value)) for record in reading.records()]
    first = reading.pages[0].exchange
    return first.request.target, records, first
