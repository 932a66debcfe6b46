"""Every operation of the interface description: does it answer, in the documented type, with the documented body?"""

from interop_harness.checks import responses
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import answers, plain_answers


def test_status(case, supplier: Supplier):
    """A valid request is answered with a documented success status."""
    operation = supplier.operation()
    for exchange in plain_answers(supplier, operation):
        if exchange.response is None:
            raise Inconclusive(exchange.describe(), exchange.id)
        supplier.expect(responses.status(operation, exchange))


def test_media_type(case, supplier: Supplier):
    """Successful answers are in a documented media type."""
    operation = supplier.operation()
    for exchange in successes(supplier, answers(supplier, operation)):
        supplier.expect(responses.media_type(operation, exchange))


def test_schema(case, supplier: Supplier):
    """The body of every answer matches the documented schema: on each page and for each sampled record."""
    operation = supplier.operation()
    for exchange in successes(supplier, answers(supplier, operation)):
        try:
            body = supplier.parse(exchange)
        except ValueError as error:
            supplier.expect([responses.not_json(exchange, str(error))])
            continue
        supplier.expect(responses.schema(operation, exchange, body, supplier.validators))


def test_utf8(case, supplier: Supplier):
    """Text is UTF-8."""
    for operation in supplier.operations():
        supplier.expect(responses.utf8(answers(supplier, operation, strict=False)))


def test_charset(case, supplier: Supplier):
    """The Content-Type names the charset."""
    for operation in supplier.operations():
        supplier.expect(responses.charset(successes(supplier, plain_answers(supplier, operation), some=False)))


def test_strict_json(case, supplier: Supplier):
    """JSON is JSON for every parser: no duplicate names, no byte order mark, no NaN."""
    for operation in supplier.operations():
        supplier.expect(responses.strict_json(answers(supplier, operation, strict=False)))


def successes(supplier: Supplier, exchanges, *, some: bool = True):
    """The successful ones. When there are none the question cannot be answered, and the status case says why."""
    good = [exchange for exchange in exchanges if exchange.ok]
    if not good and some:
        first = next(iter(exchanges), None)
        reason = f"{first.request.target} answered {first.describe()}." if first else "There was nothing to ask for."
        raise Inconclusive(reason, first.id if first else "")
    return good
