"""Mutants of what a service makes of values that cannot be right, and of dates that a list and a record share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
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


@rule("schedule.agree")
def apart(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record's own address gives other days than the list."""
    item = ground.operation(str(case.arguments["item"]))
    if item is None:
        return
    path = bodies.steps(str(case.arguments["member"]))
    by = 7 if case.arguments["nearest"] == "earliest" else -7
    rows = ground.order((case.requirement, *ground.families("schedule")))
    for kind, told, days in (("week-apart", "a week", by), ("day-apart", "a day", by // 7)):

        def moved(old: Any, days: int = days) -> Any:
            found = re.match(r"\d{4}-\d\d-\d\d", str(old))
            if found is None:
                return old
            return f"{date.fromisoformat(found[0]) + timedelta(days=days)}{str(old)[10:]}"

        yield mutant(
            item.id,
            kind,
            "/".join(path),
            EVERY,
            f"{item.path}: {'/'.join(path)} lies {told} from what the list says",
            rows,
            edit(ground, item, path, moved),
        )
