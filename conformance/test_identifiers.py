"""References to the national registers of properties and streets."""

from interop_harness.checks import identifiers
from interop_harness.checks.values import Value, at, filled
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.reading import bodies_of, names_of, records_of, unread


def test_uprn_usrn(case, supplier: Supplier):
    """A UPRN is up to twelve digits, a USRN up to eight: by the member's name, or by a member that says the type."""
    arguments = case.arguments
    each = "each" in arguments
    read = records_of(supplier, supplier.operation()) if each else bodies_of(supplier)
    if not supplier.judging:
        return  # nothing more is asked, and what was found is read over the record
    if each:
        found = identifiers.typed(at(read, arguments["each"]), arguments["value"], arguments["type"])
    else:
        found = identifiers.named(body for body in read if identifiers.mentioned(names_of(supplier, body)))
    if not found:
        raise (None if each else unread(read)) or NotApplicable("No answer that was read holds a UPRN or a USRN.")
    supplier.expect(identifiers.well_written(found))


def test_mistakable(case, supplier: Supplier):
    """An id that stands in for a missing UPRN or USRN cannot be mistaken for one."""
    member = case.arguments["member"]
    records = [
        (record.id, Value(record.exchange.id, record.pointer, record.value))
        for record in supplier.collection().records()
        if record.id
    ]
    without = [(name, record) for name, record in records if not filled([record], member)]
    if not without:
        raise NotApplicable(f"Every record that was read has {member}.")
    supplier.expect(identifiers.mistakable(without, case.arguments["type"], member))
