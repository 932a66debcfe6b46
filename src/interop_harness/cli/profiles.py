"""``interop profiles``: what is installed, one profile in short, coverage of its requirements."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="List, show and check profiles.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_profiles(
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the installed profiles.

    Example:  interop profiles list
    """
    import json

    from interop_harness.profile import installed, load

    found = [load(str(folder)) for folder in installed()]
    if json_output:
        rows = [{"id": one.id, "version": one.version, "status": one.status, "sha256": one.sha256} for one in found]
        typer.echo(json.dumps(rows, indent=2))
        return
    for one in found:
        typer.echo(
            f"{one.id:<26} {one.version:<6} {one.status:<16} {len(one.requirements):>4} requirements  {one.title}"
        )


@app.command("show")
def show(
    profile: Annotated[str, typer.Argument(help="Profile, for example open-referral-uk.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show a profile: status, standard, classes, layers, errata, how much of its faults the suite catches.

    Example:  interop profiles show open-referral-uk
    """
    import json

    from interop_harness.assurance.coverage import describe
    from interop_harness.profile import load

    found = describe(load(profile))
    if json_output:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True))
        return
    for key, value in found.items():
        if isinstance(value, list):
            typer.echo(f"{key}:")
            for item in value:
                typer.echo(f"  {item}")
        else:
            typer.echo(f"{key}: {value}")


@app.command("coverage")
def coverage(
    profile: Annotated[str, typer.Argument(help="Profile, for example open-referral-uk.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print requirements without a case, cases without a requirement, checks without a fault.

    Exit: 0 everything is covered or has a stated reason, 1 otherwise.

    Example:  interop profiles coverage open-referral-uk
    """
    import json

    from interop_harness.assurance.coverage import coverage_of
    from interop_harness.profile import load

    found = coverage_of(load(profile))
    if json_output:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False, sort_keys=True))
    else:
        typer.echo(found.text())
    raise typer.Exit(0 if found.complete else 1)
