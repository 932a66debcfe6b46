"""``interop faults``: the named faults of a reference supplier."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    profile: Annotated[str, typer.Argument(help="Profile whose faults to list.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the faults a reference supplier can be started with, and the requirement that must catch each.

    Example:  interop faults open-referral-uk
    """
    import json

    from interop_harness.profile import load
    from interop_harness.sandbox import faults

    rows = faults(load(profile).id)
    if json_output:
        listed = [{"name": row.name, "description": row.description, "must_fail": row.must_fail} for row in rows]
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    width = max((len(row.name) for row in rows), default=0)
    for row in rows:
        typer.echo(f"{row.name:<{width}}  {row.must_fail}: {row.description}")
    typer.echo(f"\n{len(rows)} faults")
