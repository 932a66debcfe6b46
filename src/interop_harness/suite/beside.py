"""What else a run asks of a list: a rule that holds for a parameter holds when others stand beside it, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl

from interop_harness.evidence import Exchange
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import asked
from interop_harness.suite.supplier import Supplier

NARROWING = frozenset({"filters", "inputs", "schedule", "windows"})
"""Families that ask a list with further parameters."""
QUESTIONS = frozenset({"belonging.comes_back", "belonging.matching"})
"""Families that do so in a module whose other families ask what is asked beside them, and so would never end."""


def cases_about(supplier: Supplier, operation: Operation) -> list[Case]:
    """The plan's cases that ask a list with further parameters."""
    return [
        case
        for case in supplier.plan.cases
        if case.arguments.get("operation") == operation.id
        and (case.family in QUESTIONS or case.family.partition(".")[0] in NARROWING)
    ]


def asked_by(supplier: Supplier, case: Case) -> list[Exchange]:
    """The exchanges that another case rests on, learnt by letting it ask: nothing is sent that is not sent anyway."""
    return asked(function_of(case.family), case, supplier.context)


def beside(
    supplier: Supplier, operation: Operation, pairs: Sequence[tuple[str, str]], unless: Sequence[str] = ()
) -> list[Exchange]:
    """The successful answers of a list to these pairs together with some parameter other than pages and sizes.

    ``unless``: parameters that widen what comes, so that the pairs alone do not decide beside them.
    """
    spec = supplier.collection(operation.id).spec
    usual = {name for name, _ in pairs} | {spec.page_parameter, spec.size_parameter}
    found = []
    for exchange in supplier.once(("beside", operation.id), lambda: _everything(supplier, operation)):
        path, _, query = exchange.request.target.partition("?")
        asked = parse_qsl(query, keep_blank_values=True)
        names = Counter(name for name, _ in asked)
        only = set(pairs) <= set(asked) and all(names[name] == 1 for name, _ in pairs)
        other = names.keys() - usual and not names.keys() & set(unless)
        if exchange.ok and exchange.request.method == operation.method and path == operation.path and only and other:
            found.append(exchange)
    return found


def _everything(supplier: Supplier, operation: Operation) -> list[Exchange]:
    found: dict[str, Exchange] = {}
    for case in cases_about(supplier, operation):
        found.update((exchange.id, exchange) for exchange in asked_by(supplier, case))
    # What is asked next depends on what came before, so all of it is what the reading rests on.
    supplier.used.update(found)
    return [found[identifier] for identifier in sorted(found)]
