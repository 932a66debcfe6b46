"""Descriptions of forms: fields that a client builds a form from, and the options it offers.

Used by Open311 GeoReport; the questions of a Blue Badge application and FHIR Questionnaires are described alike.
"""

from interop_harness.checks import forms
from interop_harness.checks.values import at
from interop_harness.suite import NotApplicable, Supplier
from interop_harness.suite.reading import records_of


def test_options(case, supplier: Supplier):
    """A field whose value is chosen from a list has something to choose from."""
    found = forms.choices(fields(supplier), case.arguments["kind"], case.arguments["kinds"])
    if not found:
        raise NotApplicable(f"No field that was read is of the kind {' or '.join(case.arguments['kinds'])}.")
    supplier.expect(forms.options(found, case.arguments["options"]))


def test_keys(case, supplier: Supplier):
    """The options of one field can be told apart."""
    supplier.expect(forms.keys(fields(supplier), case.arguments["options"], case.arguments["key"]))


def fields(supplier: Supplier):
    """The fields of every form that was read."""
    found = list(at(records_of(supplier, supplier.operation()), supplier.arguments["each"]))
    if not found:
        raise NotApplicable("No form that was read has a field.")
    return found
