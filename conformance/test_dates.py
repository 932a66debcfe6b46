"""Dates and times, wherever they stand in an answer."""

from interop_harness.checks import dates
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.reading import bodies_of


def test_rfc3339(case, supplier: Supplier):
    """Dates are in ISO 8601 form (``no-other-forms``), and those with a time say their zone (``zone``)."""
    bodies = bodies_of(supplier)
    if not supplier.judging:
        return  # nothing more is asked, and what was found is read over the record
    key = ("dates", *sorted(body.exchange for body in bodies))
    found = supplier.once(key, lambda: [text for text in dates.texts(bodies) if dates.is_date(text.value)])
    if not found:
        raise NotApplicable("No answer that was read holds a date.")
    supplier.expect(dates.judged(found, case.arguments["rule"]))
