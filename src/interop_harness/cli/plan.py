"""``interop plan``: what a run would try, without sending anything."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    profile: Annotated[str, typer.Argument(help="Profile, for example open-referral-uk.")],
    target: Annotated[str | None, typer.Option(help="Target file or base URL; default: a loopback endpoint.")] = None,
    claim: Annotated[list[str] | None, typer.Option(help="Conformance class claimed: CLASS=true or =false.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """List the cases a run would try, by requirement, and what is left out with the reason. Sends nothing.

    Example:  interop plan open-referral-uk --claim extended=true
    """
    import json

    from interop_harness.execution.prepare import prepare

    plan, _ = prepare(
        profile, target or "http://127.0.0.1", claims=claim or [], authorised_by="nobody: nothing is sent"
    )
    if json_output:
        typer.echo(json.dumps(plan.as_json(), indent=2, sort_keys=True, ensure_ascii=False))
        return
    cases: dict[str, int] = {}
    for case in plan.cases:
        cases[case.requirement] = cases.get(case.requirement, 0) + 1
    reasons = {row.requirement: (row.outcome, row.reason) for row in plan.exclusions}
    for row in plan.requirements:
        if row.id in reasons:
            outcome, reason = reasons[row.id]
            typer.echo(f"{row.level:<6} {row.id:<44} {outcome}: {reason}")
        else:
            count = cases.get(row.id, 0)
            typer.echo(f"{row.level:<6} {row.id:<44} {count} {'case' if count == 1 else 'cases'}: {row.statement}")
    typer.echo(f"\n{len(plan.requirements)} requirements, {len(plan.cases)} cases, plan {plan.sha256[:16]}")
