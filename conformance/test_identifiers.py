"""References to the national registers of properties and streets."""

from interop_harness.checks import identifiers
from interop_harness.checks.values import at
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.reading import bodies_of, records_of


def test_uprn_usrn(case, supplier: Supplier):
    """A UPRN is up to twelve digits, a USRN up to eight: by the member's name, or by a member that says the type."""
    arguments = case.arguments
    if "each" in arguments:
        holders = at(records_of(supplier, supplier.operation()), arguments["each"])
        found = identifiers.typed(holders, arguments["value"], arguments["type"])
    else:
        found = identifiers.named(bodies_of(supplier))
    if not found:
        raise NotApplicable("No answer that was read holds a UPRN or a USRN.")
    supplier.expect(identifiers.well_written(found))
