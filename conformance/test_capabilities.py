"""What a service declares of itself against what it does: declared and done, done and declared.

The profile's ``parameters.capabilities`` says where the declaration is and which operation each entry stands for.
Used by FHIR CapabilityStatements; the conformance classes of OGC API (``/conformsTo/*``) are declared alike.
"""

from urllib.parse import quote

from interop_harness.checks import capabilities, inputs
from interop_harness.checks.values import Value, at
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
    """Everything that is declared works."""
    _, entries = declaration(supplier)
    decided = 0
    for offer in offers(supplier):
        found = capabilities.matching(entries, offer["where"])
        answer = tried(supplier, offer) if found else None
        if answer is not None:
            decided += 1
            supplier.expect(capabilities.works(capabilities.told(offer["where"]), found[0], answer))
    if not decided:
        raise NotApplicable("Nothing is declared that this profile could try.")


def test_declared(case, supplier: Supplier):
    """Everything that works is declared."""
    body, entries = declaration(supplier)
    for offer in offers(supplier):
        if not capabilities.matching(entries, offer["where"]):
            answer = tried(supplier, offer)
            if answer is not None:
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
    """The answer to what an entry stands for: the operation, or one record read at its own address. None: no record."""
    if "operation" in offer:
        answer = plain_answers(supplier, supplier.operation(offer["operation"]))[0]
    else:
        operation = supplier.operation(offer["record_of"])
        try:
            records = [record for record in supplier.collection(operation.id).records() if record.id]
        except Inconclusive:
            return None
        if not records:
            return None
        answer = supplier.ask(f"{operation.path}/{quote(records[0].id, safe='')}")
    if undecided(answer):
        raise unclear(answer)
    return answer


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
