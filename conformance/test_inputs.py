"""Values that Schemathesis made from the interface description: valid ones are accepted, invalid ones withstood."""

from interop_harness.checks import inputs
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import plain_answers


def test_parameters(case, supplier: Supplier):
    """A documented parameter with a valid value is accepted."""
    operation = supplier.operation()
    exchange = with_value(supplier, operation)
    if exchange.response is None:
        raise Inconclusive(exchange.told(), exchange.id)
    supplier.expect(inputs.accepted(case.arguments, exchange))


def test_invalid(case, supplier: Supplier):
    """An invalid value is dealt with in an orderly way, after a valid request was seen to be accepted."""
    operation = supplier.operation()
    valid = plain_answers(supplier, operation)[0]
    if not valid.ok:
        raise Inconclusive(f"The valid request is not accepted: {valid.told()}", valid.id)
    exchange = with_value(supplier, operation)
    if exchange.response is None and not inputs.broke(exchange):
        raise Inconclusive(exchange.told(), exchange.id)
    supplier.expect(inputs.withstood(case.arguments, exchange))


def with_value(supplier: Supplier, operation):
    """Send the case's one value, with whatever else the operation always needs."""
    name, value = supplier.arguments["parameter"], supplier.arguments["value"]
    plain = plain_answers(supplier, operation)[0]
    return supplier.send(inputs.replaced(plain.request, name, value, supplier.arguments.get("with", {})))
