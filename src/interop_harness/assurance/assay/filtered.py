"""Mutants of linked lists that are right as they come, and miscount or double a record when more is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest

TOO_MANY = 5


@rule("bundles.total", "bundles.whole")
def beside(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The total of a narrowed list is wrong, or its first match comes twice and is counted twice."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    spec = ground.spec(operation.id)
    usual = {name for name, _ in spec.query} | {spec.page_parameter, spec.size_parameter}
    narrowing = {parameter.name for parameter in operation.parameters if parameter.place == "query"} - usual
    items, total = bodies.steps(spec.items), bodies.steps(spec.members.get("total_items", ""))
    if not total:
        return

    def when(request: SandboxRequest) -> bool:
        return any(name in narrowing for name, _ in request.query)

    def counted(value: Any, more: int) -> Any:
        return bodies.changed(value, total, lambda old: old + more if isinstance(old, int) else old)

    def doubled(body: Any) -> Any:
        found = find(body, spec.items)
        if not isinstance(found, list) or not found or _beside(found[0], spec.leave_out):
            return body
        return counted(bodies.changed(body, items, lambda old: [*old, old[0]]), 1)

    kind, told, change = {
        "bundles.total": ("total-off-beside", "states a wrong total", lambda body: counted(body, TOO_MANY)),
        "bundles.whole": ("twice-beside", "holds its first match twice", doubled),
    }[case.family]
    yield mutant(
        operation.id,
        kind,
        "",
        EVERY,
        f"{operation.path} with a further parameter {told}",
        ground.order((case.requirement,)),
        edit(ground, operation, (), change, when=when),
    )


def _beside(item: Any, leave_out: Any) -> bool:
    return any(find(item, pointer) in values for pointer, values in leave_out.items())
