"""Mutants of searches around a place: another unit, or no circle at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.questions import uses, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest


@rule("filters.geographic")
def circles(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Distances in another unit, or a circle that is never used."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    reach, code = str(case.arguments["proximity"]), str(case.arguments["postcode"])
    rows = ground.order(
        ground.rows(lambda c: c.family == "filters.geographic" and c.arguments["operation"] == operation.id)
    )

    def scaled(factor: float) -> Callable[[SandboxRequest], SandboxRequest]:
        def change(request: SandboxRequest) -> SandboxRequest:
            return with_query(
                request,
                [
                    (key, str(max(int(float(value) * factor), 1)) if key == reach and value.isdigit() else value)
                    for key, value in request.query
                ],
            )

        return change

    for kind, told, factor in (("kilometres", "kilometres", 1000.0), ("hundredths", "hundredths of metres", 0.01)):
        yield mutant(
            operation.id,
            f"reach-in-{kind}",
            reach,
            EVERY,
            f"{operation.path}?{reach} is read as {told}",
            rows,
            asking(uses(ground, operation.id, reach), scaled(factor)),
        )
    yield mutant(
        operation.id,
        "parameter-ignored",
        f"{code}/{reach}",
        EVERY,
        f"{operation.path}: {code} and {reach} are ignored",
        rows,
        asking(uses(ground, operation.id, code), lambda request: without(request, code, reach)),
    )
