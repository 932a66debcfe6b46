"""Mutants of spans and lists of values: an end ignored, days cut off, one value of several counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.questions import naming, uses, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest


@rule("windows.span", "windows.complete", "windows.ends", "windows.zone", "schedule.window")
def spans(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each end of a span is ignored, both are; the ends are a day late; the zone is dropped."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    names = case.arguments.get("parameters") or (
        (case.arguments["from"], case.arguments["to"]) if "from" in case.arguments else ("start_date", "end_date")
    )
    start, end = (str(name) for name in names)
    modules = ground.rows(
        lambda c: c.family.partition(".")[0] in {"windows", "schedule"} and c.arguments.get("operation") == operation.id
    )
    rows = ground.order((case.requirement, *modules))
    for kind, lost in (("start", (start,)), ("end", (end,)), ("both", (start, end))):
        yield mutant(
            operation.id,
            f"span-ignores-{kind}",
            "",
            EVERY,
            f"{operation.path}: {' and '.join(lost)} ignored",
            rows,
            asking(uses(ground, operation.id, *lost), lambda request, lost=lost: without(request, *lost)),  # type: ignore[misc]
        )
    if case.family == "windows.zone":

        def utc(request: SandboxRequest) -> SandboxRequest:
            return with_query(
                request, [(k, f"{v[:19]}Z" if k in (start, end) and len(v) > 20 else v) for k, v in request.query]
            )

        yield mutant(
            operation.id,
            "span-drops-zone",
            "",
            EVERY,
            f"{operation.path}: the zone of {start} and {end} is not looked at",
            rows,
            asking(uses(ground, operation.id, start, end), utc),
        )
    if case.family in {"windows.complete", "windows.ends"}:
        yield mutant(
            operation.id,
            "span-by-days",
            "",
            EVERY,
            f"{operation.path}: {start} and {end} are cut to their day",
            rows,
            asking(
                uses(ground, operation.id, start, end),
                lambda request: with_query(
                    request,
                    [(k, f"{v[:10]}T00:00:00Z" if k in (start, end) else v) for k, v in request.query],
                ),
            ),
        )


@rule("windows.id_list", "windows.any_of")
def first_only(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of several values with commas between only the first, or the last, counts."""
    operation, name = ground.operation(str(case.arguments["operation"])), str(case.arguments["parameter"])
    if operation is None:
        return
    for kind, place in (("first", 0), ("last", -1)):
        yield mutant(
            operation.id,
            f"only-{kind}-value",
            name,
            EVERY,
            f"{operation.path}?{name}: of several values only the {kind} counts",
            ground.order((case.requirement, *naming(ground, operation.id, name))),
            asking(
                uses(ground, operation.id, name),
                lambda request, place=place: with_query(  # type: ignore[misc]
                    request, [(k, v.split(",")[place] if k == name else v) for k, v in request.query]
                ),
            ),
        )
