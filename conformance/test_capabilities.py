"""What a service declares of itself against what it does: declared and done, done and declared.

The profile's ``parameters.capabilities`` says where the declaration is and which operation each entry stands for.
Used by FHIR CapabilityStatements; the conformance classes of OGC API (``/conformsTo/*``) are declared alike.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

from interop_harness.checks import capabilities, inputs, readings
from interop_harness.checks.values import Value, at, filled
from interop_harness.errors import InternalError
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import plain_answers, unclear, undecided


def test_states(case, supplier: Supplier):
    """The declaration says a certain thing at a certain place."""
    body, _ = declaration(supplier)
    supplier.expect(capabilities.states(body, case.arguments["path"], case.arguments["accepts"]))


def test_requires(case, supplier: Supplier):
    """The declaration has the entries, and in them the values, that the standard requires."""
    body, entries = declaration(supplier)
    for wanted in case.arguments["entries"]:
        supplier.expect(capabilities.requires(entries, wanted["where"], wanted.get("holds", {}), body.exchange))


def test_works(case, supplier: Supplier):
    """Everything that is declared works: lists answer, and what is read by id is the record that the list showed."""
    _, entries = declaration(supplier)
    decided, reason = 0, None
    for offer in offers(supplier):
        found = capabilities.matching(entries, offer["where"])
        answer, shown = tried(supplier, offer) if found else (None, None)
        if answer is None:
            continue
        supplier.expect(capabilities.works(capabilities.told(offer["where"]), found[0], answer))
        if shown is not None and answer.ok:
            try:
                supplier.expect(unlike(supplier, offer, shown, answer) or stale(supplier, offer, shown, answer))
            except Inconclusive as stop:
                reason = stop
                continue
        decided += 1
    if reason is not None:
        raise reason
    if not decided:
        raise NotApplicable("Nothing is declared that this profile could try.")


def test_unknown(case, supplier: Supplier):
    """Where reading by id is declared, an id that nothing has gives no record; with ``refused`` no success either."""
    _, entries = declaration(supplier)
    decided, reason = 0, None
    for offer in offers(supplier):
        if "record_of" not in offer or not capabilities.matching(entries, offer["where"]):
            continue
        path = supplier.operation(offer["record_of"]).path
        answer = supplier.ask(f"{path}/{quote(str(supplier.profile.parameters['unknown_id']), safe='')}")
        if undecided(answer):
            reason = unclear(answer)
            continue
        decided += 1
        if case.arguments.get("refused"):
            supplier.expect(capabilities.refused(answer))
            continue
        kind = described(supplier)["read"]["kind"]
        with suppress(ValueError):  # what cannot be read is no record
            body = Value(answer.id, "", supplier.parse(answer) if answer.ok else None)
            supplier.expect(capabilities.no_record(answer, body, kind["member"], str(offer["where"][kind["of"]])))
    if reason is not None:
        raise reason
    if not decided:
        raise NotApplicable("No reading by id is declared.")


def test_declared(case, supplier: Supplier):
    """Everything that works is declared."""
    body, entries = declaration(supplier)
    for offer in offers(supplier):
        if not capabilities.matching(entries, offer["where"]):
            answer, shown = tried(supplier, offer)
            # Something else than the record, a page for browsers say, is no reading that works.
            if answer is not None and not (shown is not None and answer.ok and unlike(supplier, offer, shown, answer)):
                supplier.expect(capabilities.declared(capabilities.told(offer["where"]), answer, body.exchange))


def test_parameters_work(case, supplier: Supplier):
    """Every parameter that is declared is heeded."""
    decided = 0
    for name, value, found, count, answer in parameters(supplier):
        if found:
            decided += 1
            supplier.expect(capabilities.has_effect(name, value, count, answer))
    if not decided:
        raise NotApplicable("No parameter is declared that could be tried.")


def test_parameters_declared(case, supplier: Supplier):
    """Every parameter that is heeded is declared."""
    for name, value, found, count, answer in parameters(supplier):
        if not found:
            supplier.expect(capabilities.effect_untold(name, value, count, answer))


# --- asking ----------------------------------------------------------------------------------------------


def described(supplier: Supplier):
    found = supplier.profile.parameters.get("capabilities")
    if not found:
        raise InternalError("capabilities-unstated", "The profile does not say where capabilities are declared.")
    return found


def declaration(supplier: Supplier):
    """The declaration as a whole, and its entries."""
    where = described(supplier)
    exchange = supplier.call(supplier.operation(where["operation"]))
    body = Value(exchange.id, "", supplier.json(exchange))
    return body, list(at([body], where["each"]))


def offers(supplier: Supplier):
    named = supplier.arguments.get("operations")
    return [
        offer
        for offer in described(supplier)["offers"]
        if named is None or offer.get("operation", offer.get("record_of")) in named
    ]


def tried(supplier: Supplier, offer):
    """The answer to what an entry stands for: the operation, or one record read at its own address, with that record.

    No answer where there is no record to read.
    """
    if "operation" in offer:
        answer, shown = plain_answers(supplier, supplier.operation(offer["operation"]))[0], None
    else:
        operation = supplier.operation(offer["record_of"])
        try:
            records = [
                record for record in supplier.collection(operation.id).records() if of_kind(supplier, offer, record)
            ]
        except Inconclusive:
            return None, None
        if not records:
            return None, None
        shown = told_apart(supplier, records)
        answer = supplier.ask(f"{operation.path}/{quote(shown.id, safe='')}")
    if undecided(answer):
        raise unclear(answer)
    return answer, shown


def told_apart(supplier: Supplier, records):
    """The record to read: one in the state that the fewest are in, since a state that is made up is the usual one."""
    members = described(supplier).get("read", {}).get("states", ())
    states = [told_of(record, members) for record in records]
    counts = Counter(states)
    fewest = [record for record, state in zip(records, states, strict=True) if counts[state] == min(counts.values())]
    return fewest[-1] if len(counts) > 1 else records[0]


def of_kind(supplier: Supplier, offer, record):
    """Whether a record has an address below that of the list: one of another kind stands there by mistake."""
    kind = described(supplier).get("read", {}).get("kind")
    found = filled([place_of(record)], kind["member"]) if kind else []
    return bool(record.id) and (not found or str(found[0].value) == str(offer["where"].get(kind["of"])))


def unlike(supplier: Supplier, offer, shown, answer):
    """How what a record's own address answers differs from the record that the list showed.

    Raises Inconclusive where the record was changed in between, or came in a form that is not read here.
    """
    rule = readings.Sameness.of(described(supplier).get("read", {}), offer.get("items", {}))
    asked = answer.request.target
    try:
        value = supplier.parse(answer)
    except ValueError as error:
        if "xml" in answer.response.media_type:
            raise Inconclusive(f"{asked} came as {answer.response.media_type}.", answer.id) from error
        value = None
    found = list(readings.readable(asked, value, answer.id))
    if found:
        return found
    read = Value(answer.id, "", value)
    found = list(readings.differs(asked, place_of(shown), read, rule))
    if not found:
        return []
    collection = supplier.collection(offer["record_of"])
    again = [record for record in collection.records(collection.pages(fresh=1)) if record.id == shown.id]
    if not again or not list(readings.differs(asked, place_of(again[0]), read, rule)):
        raise Inconclusive(f"The record at {asked} changed while it was read.", answer.id)
    return found


def stale(supplier: Supplier, offer, shown, answer):
    """How the state of a record at its own address differs from the one that the list shows, twice over.

    Raises Inconclusive where either changed when both were read again: somebody was at work.
    """
    members = described(supplier).get("read", {}).get("states", ())
    asked = answer.request.target
    found = list(capabilities.stale(asked, place_of(shown), Value(answer.id, "", supplier.json(answer)), members))
    if not found:
        return []
    collection = supplier.collection(offer["record_of"])
    again = [record for record in collection.records(collection.pages(fresh=1)) if record.id == shown.id]
    second = Value("", "", supplier.json(supplier.send(replace(answer.request, fresh=1))))
    kept = capabilities.states_of(Value(answer.id, "", supplier.json(answer)), members)
    same = capabilities.states_of(second, members) == kept
    if not same or not again or told_of(again[0], members) != told_of(shown, members):
        raise Inconclusive(f"The record at {asked} changed while it was read.", answer.id)
    return found


def told_of(record, members):
    return capabilities.states_of(place_of(record), members)


def place_of(record):
    return Value(record.exchange.id, record.pointer, record.value)


def parameters(supplier: Supplier):
    """Each parameter that can be tried: name, value that nothing has, whether declared, what came of it."""
    _, entries = declaration(supplier)
    where = described(supplier)
    for offer in offers(supplier):
        found = capabilities.matching(entries, offer["where"])
        if not found or "operation" not in offer:
            continue
        names = {str(value.value) for value in at(found, where["parameters"])}
        collection = supplier.collection(offer["operation"])
        plain = collection.ask()
        if not plain.ok or not list(collection.read(plain, 1).records()):
            continue
        for name, value in offer.get("impossible", {}).items():
            answer = supplier.send(inputs.replaced(plain.request, name, str(value)))
            if undecided(answer):
                raise unclear(answer)
            count = len(list(collection.read(answer, 1).records())) if answer.ok else 0
            yield name, value, name in names, count, answer
