"""What a test module of ``conformance/`` uses: a case, a supplier to ask, and the ways to say what was found."""

from interop_harness.suite.collection import Collection, Page, Record
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.supplier import Context, Supplier

__all__ = ["Collection", "Context", "Inconclusive", "NotApplicable", "Page", "Record", "Supplier"]
