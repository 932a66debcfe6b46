"""Which mutants a requirement's own arguments call for: one generator for each family of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from interop_harness.assurance.assay.ground import Ground
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.plan import Case

Rule = Callable[[Ground, Case], Iterator[Mutant]]

RULES: dict[str, list[Rule]] = {}


def rule(*families: str) -> Callable[[Rule], Rule]:
    """Register a generator for the cases of these families."""

    def register(made: Rule) -> Rule:
        for family in families:
            RULES.setdefault(family, []).append(made)
        return made

    return register
