"""Dates and times, wherever they stand in an answer."""

from functools import partial

from interop_harness.checks import dates
from interop_harness.checks.values import Value
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.reading import bodies_of, unread


def test_rfc3339(case, supplier: Supplier):
    """Dates are in ISO 8601 form (``no-other-forms``), and those with a time say their zone (``zone``)."""
    bodies = bodies_of(supplier)
    if not supplier.judging:
        return  # nothing more is asked, and what was found is read over the record
    found = [
        Value(body.exchange, pointer, text)
        for body in bodies
        for pointer, text in supplier.derived(supplier.used[body.exchange], "dates", partial(dates.dated, body.value))
    ]
    if not found:
        raise unread(bodies) or NotApplicable("No answer that was read holds a date.")
    supplier.expect(dates.judged(found, case.arguments["rule"]))
