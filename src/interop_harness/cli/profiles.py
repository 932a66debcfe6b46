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


@app.command("compile")
def compile_inputs_command(
    profile: Annotated[str, typer.Argument(help="Profile or the path of its folder.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file would change.")] = False,
) -> None:
    """Generate the inputs of a profile from its OpenAPI document and keep them beside it.

    Example:  interop profiles compile profiles/open-referral-uk/3.0
    """
    from interop_harness.execution.directory import write_atomically
    from interop_harness.generation.inputs import compile_inputs, inputs_bytes
    from interop_harness.profile import load

    found = load(profile)
    path = found.folder / "inputs.json"
    data = inputs_bytes(compile_inputs(found))
    same = path.is_file() and path.read_bytes() == data
    if not check and not same:
        write_atomically(path, data)
    typer.echo(f"{path}: {'unchanged' if same else 'would change' if check else 'written'}")
    raise typer.Exit(1 if check and not same else 0)


@app.command("lock")
def lock_command(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a locked digest differs.")] = False,
) -> None:
    """Lock the digests of the profiles in a checkout, so that a released version cannot change unnoticed.

    Example:  interop profiles lock --check
    """
    from interop_harness.assurance.lock import compare, lock

    changes = compare() if check else lock()
    for line in changes:
        typer.echo(line)
    typer.echo("The locked digests hold." if not changes else f"{len(changes)} differ." if check else "Locked.")
    raise typer.Exit(1 if check and changes else 0)


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
