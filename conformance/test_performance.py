"""Speed: recorded, never judged, because a fair judgement needs an agreed load."""

from interop_harness.checks import performance
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.answers import answers


def test_latency(case, supplier: Supplier):
    """How long answers take."""
    seen = False
    for operation in supplier.operations():
        found = answers(supplier, operation, strict=False)
        if any(answer.response is not None for answer in found):
            seen = True
            supplier.observe(f"{operation.method} {operation.path}: {performance.latency(found)}.")
    if not seen:
        raise Inconclusive("No operation answered.")
