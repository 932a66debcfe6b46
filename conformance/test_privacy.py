"""Privacy: personal details that a request carries in its body stay out of whatever is logged on the way.

Used by Blue Badge eligibility; DWP citizen data and the cases of waste services ask the same. The people are invented.
"""

import json

from interop_harness.checks import privacy
from interop_harness.profile.openapi import find
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import undecided
from interop_harness.suite.decisions import operation_of, questions_of_run, today

FAMILIES = ("decisions.outcomes", "decisions.refusals")


def test_addresses(case, supplier: Supplier):
    """No address that an answer gives or leads to holds a detail of the person asked about."""
    for exchange, body, wanted in answered(supplier):
        supplier.expect(privacy.addresses(exchange, body, wanted))


def test_headers(case, supplier: Supplier):
    """No header of an answer holds a detail of the person asked about."""
    for exchange, _, wanted in answered(supplier):
        supplier.expect(privacy.headers(exchange, wanted))


def test_errors(case, supplier: Supplier):
    """Refusals do not repeat details of the person asked about."""
    seen = False
    for exchange, body, wanted in answered(supplier):
        if 400 <= exchange.status < 600:
            seen = True
            supplier.expect(privacy.errors(exchange, body, wanted))
    if not seen:
        raise Inconclusive("Nothing was refused, so there was no message to look at.")


def answered(supplier: Supplier):
    """Every answer to a request of this run that carried personal details, with its body and the details."""
    found = []
    for made in questions_of_run(supplier, operation_of(supplier), *FAMILIES):
        exchange = supplier.send(made.request)
        if undecided(exchange):
            continue
        sent = json.loads(made.request.body)
        values = [find(sent, pointer) for pointer in supplier.arguments["personal"]]
        wanted = privacy.details(values, today(supplier))
        if wanted:
            found.append((exchange, read(supplier, exchange), wanted))
    if not found:
        raise Inconclusive("No answer came to a request that carries personal details.")
    return found


def read(supplier: Supplier, exchange):
    """The body as data, or as the text it is."""
    try:
        return supplier.parse(exchange)
    except ValueError:
        return exchange.response.body.decode("utf-8", "replace")
