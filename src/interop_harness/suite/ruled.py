"""What a run asks of a service that decides, whatever for: a rule of the table holds for all that meets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.suite.decisions import Question, question, rows_of
from interop_harness.suite.outcome import Inconclusive
from interop_harness.suite.supplier import Supplier

FAMILIES = frozenset({"decisions.outcomes", "decisions.refusals", "decisions.repeated"})
"""Families whose questions are looked at: those that ask rows, and the complete requests that refusals start from."""


def settled_questions(supplier: Supplier, operation: Operation) -> list[Question]:
    """Every question of this run that the rules give an outcome to: not what should be refused, nor what is recorded.

    Each is asked anyway, so that nothing is sent for it. What turns on the date is left out just before midnight.
    """
    return supplier.once(("ruled", operation.id), lambda: _settled(supplier, operation))


def _settled(supplier: Supplier, operation: Operation) -> list[Question]:
    found: dict[bytes, Question] = {}
    for case in supplier.plan.cases:
        if case.family in FAMILIES and case.arguments.get("operation") == operation.id:
            for row in _complete(supplier, case):
                try:
                    made = question(supplier, operation, row)
                except Inconclusive:
                    continue
                found.setdefault(made.request.body, made)
    return list(found.values())


def _complete(supplier: Supplier, case: Case) -> Iterator[Mapping[str, Any]]:
    """The rows of a case that are to be accepted. No source settles the outcome of those that are recorded."""
    if case.arguments.get("record"):
        return
    for row in rows_of(supplier, case.arguments):
        yield {"given": row["given"]} if case.family == "decisions.refusals" else row
