"""Mutants of what a service makes of values that cannot be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

TRACE = b'Traceback (most recent call last):\n  File "/srv/app/views.py", line 31, in search\nValueError: bad value\n'


@rule("inputs.invalid")
def not_withstood(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One invalid value breaks the service; or is not refused, where it must be."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    name, value = str(case.arguments["parameter"]), str(case.arguments["value"])

    def asked(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and (name, value) in request.query

    good = next(iter(ground.clean_answers(operation.id)), None)
    expect = case.arguments.get("expect", "no-server-error")
    changes: list[tuple[str, str, Any]] = [
        ("invalid-500", "is answered with 500", lambda q, a: replace(a, status=500, body=TRACE)),
        ("invalid-503", "is answered with 503", lambda q, a: replace(a, status=503, body=b'{"error":"no"}')),
    ][: 1 if expect == "no-server-error" else 2]
    if expect != "no-server-error" and good is not None:
        changes.append(("invalid-accepted", "is accepted", lambda q, a: good))
    shown = ground.order((case.requirement, *ground.families("errors", "refusals", "inputs.invalid")))
    for kind, told, change in changes:
        yield mutant(
            operation.id,
            kind,
            f"{name}/{value[:24]}",
            EVERY,
            f"{operation.path}?{name}={value[:40]!r} ({case.arguments.get('description', 'invalid')}) {told}",
            shown,
            answering(asked, change),
        )
