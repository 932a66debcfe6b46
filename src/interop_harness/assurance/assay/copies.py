"""Mutants of lists that answer from another copy, such as a search index, as soon as something else is asked.

The copy was made some time ago: it holds records that are gone, and says of others what was right then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.members import OTHER_ID
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest


@rule("references.narrowed_agree")
def stale(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each record of a narrowed list has what another record of the plain list says, at one member in turn."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    own = bodies.steps(ground.spec(operation.id).id)
    for member in case.arguments["members"]:
        steps = bodies.steps(str(member))
        values = sorted({str(find(one, f"/{'/'.join(steps)}")) for one in ground.records(operation.id)} - {"None"})
        if tuple(steps) == tuple(own) or len(values) < 2:
            continue
        after = dict(zip(values, [*values[1:], values[0]], strict=True))
        yield mutant(
            operation.id,
            "copied-long-ago",
            "/".join(steps),
            EVERY,
            f"{operation.path} says another {member} of its records as soon as a further parameter is there",
            ground.order((case.requirement, *ground.about(operation.id, tuple(steps)))),
            edit(
                ground,
                operation,
                (*ground.record_path(operation), *steps),
                lambda old, after=after: after.get(old, old) if isinstance(old, str) else old,  # type: ignore[misc]
                when=_further(ground, operation),
            ),
        )


@rule("references.narrowed_ids_resolve")
def gone(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The last of several records of a narrowed page is one that is nowhere else."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    spec = ground.spec(operation.id)
    own = bodies.steps(spec.id)
    unknown = str(ground.profile.parameters.get("unknown_id") or OTHER_ID)

    def older(items: Any) -> Any:
        if not isinstance(items, list) or len(items) < 2:
            return items
        return [*items[:-1], bodies.changed(items[-1], own, lambda _: unknown)]

    yield mutant(
        operation.id,
        "held-long-ago",
        "",
        EVERY,
        f"{operation.path} holds a record that is gone, and not its last, as soon as a further parameter is there",
        ground.order((case.requirement, *ground.families("filters", "windows", "belonging"))),
        edit(ground, operation, bodies.steps(spec.items), older, when=_further(ground, operation)),
    )


@rule("references.narrowed_unique_ids")
def twice(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The last of several records of a narrowed page is its first once more, as a join without DISTINCT makes it."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return

    def doubled(items: Any) -> Any:
        return [*items[:-1], items[0]] if isinstance(items, list) and len(items) > 1 else items

    yield mutant(
        operation.id,
        "joined-twice",
        "",
        EVERY,
        f"{operation.path} holds a record twice as soon as a further parameter is there",
        ground.order((case.requirement, *ground.families("filters", "windows", "belonging"))),
        edit(
            ground, operation, bodies.steps(ground.spec(operation.id).items), doubled, when=_further(ground, operation)
        ),
    )


@rule("references.narrowed_equal")
def crossed(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What is nested in the records of a narrowed list has another id than the member beside it says."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    steps = bodies.steps(str(case.arguments["right"]))
    unknown = str(ground.profile.parameters.get("unknown_id") or OTHER_ID)
    yield mutant(
        operation.id,
        "joined-crosswise",
        "/".join(steps),
        EVERY,
        f"{operation.path} nests another record under {steps[0]} as soon as a further parameter is there",
        ground.order((case.requirement, *ground.about(operation.id, tuple(steps)))),
        edit(
            ground,
            operation,
            (*ground.record_path(operation), *steps),
            lambda old: unknown,
            when=_further(ground, operation),
        ),
    )


def _further(ground: Ground, operation: Operation) -> Any:
    """Requests to the list with a further parameter than pages, sizes and what always goes with it."""
    spec = ground.spec(operation.id)
    usual = {spec.page_parameter, spec.size_parameter, *(name for name, _ in spec.query)}

    def when(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and bool({name for name, _ in request.query} - usual)

    return when
