"""Every way in which the reference supplier can be made to break a rule, by name."""

from __future__ import annotations

from . import fields, filters, http, pages, references
from .edits import SupplierFault

CATALOGUE: dict[str, SupplierFault] = {
    **pages.FAULTS,
    **references.FAULTS,
    **fields.FAULTS,
    **filters.FAULTS,
    **http.FAULTS,
}
"""What each one is for, and which requirement must catch it, stands in the profile's ``faults.yaml``."""
