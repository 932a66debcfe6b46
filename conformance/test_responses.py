"""What every operation answers: status, media type, encoding and body, against the interface description and beyond."""

import contextlib
import dataclasses

from interop_harness.checks import inputs, responses
from interop_harness.checks.values import Value
from interop_harness.suite import Inconclusive, NotApplicable, Supplier, narrowed
from interop_harness.suite.answers import answers, not_let_in, plain_answers, unclear, undecided
from interop_harness.suite.failing import failing
from interop_harness.suite.reading import names_of
from interop_harness.suite.sheaf import Sheaf
from interop_harness.suite.xml import RefusedXml


def test_status(case, supplier: Supplier):
    """A valid request is answered with a documented success status."""
    operation = supplier.operation()
    for exchange in plain_answers(supplier, operation):
        if exchange.response is None:
            raise Inconclusive(exchange.told(), exchange.id)
        if not_let_in(operation, exchange):
            raise unclear(exchange)
        found = list(responses.status(operation, exchange))
        if exchange.unheard and lasts(supplier, operation, exchange):
            supplier.lasting.add(exchange.id)
            found = [dataclasses.replace(each, observed=f"{each.observed}, three times running") for each in found]
        supplier.expect(found)
    for exchange in failing(supplier, operation):
        supplier.expect(responses.status(operation, exchange))


def lasts(supplier: Supplier, operation, exchange):
    """Whether a gateway that could not reach the service says so three times running, to an ordinary request."""
    if exchange.busy or not operation.safe:
        return False
    again = [dataclasses.replace(exchange.request, fresh=exchange.request.fresh + more) for more in (1, 2)]
    return all(supplier.send(request).status == exchange.status for request in again)


def test_media_type(case, supplier: Supplier):
    """Every successful answer is in a documented media type, or in one that the requirement names."""
    accepts = supplier.arguments.get("accepts", ())
    for operation, exchange in everywhere(supplier):
        supplier.expect(responses.media_type(operation, exchange, accepts))


def test_asked_media_type(case, supplier: Supplier):
    """An answer comes in a media type that the request asks for by Accept."""
    wanted = supplier.arguments["accept"]
    for operation in supplier.operations():
        usual = plain_answers(supplier, operation)[0]
        if not usual.ok:
            raise Inconclusive(f"{usual.request.target} answered {usual.describe()}.", usual.id)
        kept = tuple(pair for pair in usual.request.headers if pair[0].lower() != "accept")
        exchange = supplier.send(dataclasses.replace(usual.request, headers=(*kept, ("Accept", wanted))))
        if undecided(exchange):
            raise Inconclusive(f"{exchange.request.target} answered {exchange.describe()}.", exchange.id)
        supplier.expect(responses.status(operation, exchange))
        supplier.expect(responses.media_type(operation, exchange, supplier.arguments.get("accepts", [wanted])))


def test_schema(case, supplier: Supplier):
    """The body of every answer matches the documented schema: each page, sampled record and parameter that is tried.

    So do the filtered pages that the run asks for anyway.
    """
    answered = everywhere(supplier, with_parameters(supplier))
    if not supplier.judging:
        return  # nothing more is asked, and what was answered is read over the record
    for operation, exchange in answered:
        try:
            body = supplier.parse(exchange)
        except RefusedXml as refusal:  # our caution, and not what the schema says
            raise Inconclusive(str(refusal), exchange.id) from refusal
        except ValueError as error:
            supplier.expect([responses.unreadable(operation, exchange, str(error))])
            continue
        supplier.expect(responses.schema(operation, exchange, body, supplier.validators))


def test_utf8(case, supplier: Supplier):
    """Text is UTF-8, and a charset that is named is UTF-8."""
    supplier.expect(responses.utf8(exchange for _, exchange in everywhere(supplier)))


def test_charset(case, supplier: Supplier):
    """A charset that the Content-Type names is an accepted one; where the case says so, one must be named."""
    accepts, named = supplier.arguments.get("accepts", ("utf-8",)), supplier.arguments.get("named") is True
    supplier.expect(responses.charset([exchange for _, exchange in everywhere(supplier)], accepts, named=named))


def test_strict_json(case, supplier: Supplier):
    """JSON is JSON for every parser: no duplicate names, no byte order mark, no NaN, nothing behind it."""
    rules = supplier.arguments.get("rules", responses.ALL_RULES)

    def troubles(exchange):
        return supplier.derived(exchange, "strict json", lambda: responses.json_troubles(exchange))

    found = [exchange for _, exchange in everywhere(supplier)]
    supplier.expect(responses.strict_json(found, rules, troubles))


def test_top_level_object(case, supplier: Supplier):
    """JSON answers are objects, not arrays."""
    read = bodies(supplier)
    if not supplier.judging:
        return  # as above
    for exchange, body in read:
        supplier.expect(responses.top_level_object(exchange, body))


def test_key_case(case, supplier: Supplier):
    """Member names are written in one consistent way: in the ``style`` that the standard names, where it names one."""
    supplier.expect(responses.key_case(names(supplier), supplier.arguments.get("style", "")))


def test_data_keys(case, supplier: Supplier):
    """Member names are names, never data."""
    supplier.expect(responses.data_keys(names(supplier)))


def test_cache_control(case, supplier: Supplier):
    """Answers with personal data keep shared caches out."""
    requires = supplier.arguments["requires"]
    supplier.expect(responses.cache_control([exchange for _, exchange in successes(supplier)], requires))


def successes(supplier: Supplier):
    """The successful answers of the case's operation, or of all of them.

    When there are none the question cannot be answered; the status requirement of the operation says why.
    """
    named = "operation" in supplier.arguments
    operations = [supplier.operation()] if named else supplier.operations(safe=False)
    asked = [(one, exchange) for one in operations for exchange in answers(supplier, one, strict=named)]
    good = [(one, exchange) for one, exchange in asked if exchange.ok]
    if not good:
        first = asked[0][1] if asked else None
        reason = first.told() if first else "There was nothing to ask for."
        raise Inconclusive(reason, first.id if first else "")
    return good


def everywhere(supplier: Supplier, more=()):
    """The successful answers, ``more`` of them, and the filtered pages that the run asks for anyway; each once."""
    usual = [*successes(supplier), *more]
    looked_at = {exchange.id for _, exchange in usual}
    operations = [supplier.operation()] if "operation" in supplier.arguments else supplier.operations(safe=False)
    narrower = [(one, exchange) for one in operations for exchange in narrowed.answers(supplier, one)]
    return [*usual, *((one, exchange) for one, exchange in narrower if exchange.id not in looked_at)]


def with_parameters(supplier: Supplier):
    """The successful answers to the documented parameters that this run tries on the case's operation."""
    found = []
    for case in supplier.plan.cases:
        if case.family == "inputs.parameters" and case.arguments["operation"] == supplier.operation().id:
            with contextlib.suppress(Inconclusive, NotApplicable):
                plain = plain_answers(supplier, supplier.operation())[0]
                name, value = case.arguments["parameter"], case.arguments["value"]
                asked = inputs.replaced(plain.request, name, value, case.arguments.get("with", {}))
                found.append((supplier.operation(), supplier.send(asked)))
    return [(operation, exchange) for operation, exchange in found if exchange.ok]


def bodies(supplier: Supplier):
    """The successful answers that are JSON, parsed; what is not JSON is judged elsewhere."""

    def read(exchange):
        with contextlib.suppress(ValueError):
            return [(exchange, supplier.parse(exchange))]
        return []

    return Sheaf([exchange for _, exchange in successes(supplier)], read)


def names(supplier: Supplier):
    """The member names of each of these answers, where they are asked for at all: no further exchange rests on them."""
    read = bodies(supplier)
    if not supplier.judging:
        return []
    return ((exchange, names_of(supplier, Value(exchange.id, "", body))) for exchange, body in read)
