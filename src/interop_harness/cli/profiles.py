"""``interop profiles``: what is installed, one profile in short, coverage of its requirements."""

from __future__ import annotations

from pathlib import Path
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


@app.command("new")
def new(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id, for example exampleshire-directory.")],
    version: Annotated[str, typer.Option(help="Version of the new profile.")] = "0.1",
    title: Annotated[str, typer.Option(help="Title for people.")] = "",
    folder: Annotated[Path, typer.Option(help="Where profiles lie.")] = Path("profiles"),
) -> None:
    """Write a small profile that runs at once, to be changed into yours.

    Example:  interop profiles new exampleshire-directory --title "Exampleshire directory"
    """
    from interop_harness.assurance.scaffold import scaffold

    written = scaffold(folder, identifier, version, title)
    for path in written:
        typer.echo(str(path))
    place = f"./{written[0].parent}" if not written[0].is_absolute() else str(written[0].parent)
    typer.echo(f"\nNext: interop profiles lint {place}\n      interop run {place} --target http://127.0.0.1:8080")


@app.command("lint")
def lint_command(
    profile: Annotated[str, typer.Argument(help="Profile, or the path of its folder.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Look a profile over: the document, references, ids, sources, examples, cases, faults.

    Exit: 0 nothing is wrong (warnings may stand), 1 otherwise.

    Example:  interop profiles lint ./profiles/exampleshire-directory/0.1
    """
    import json

    from interop_harness.assurance.lint import lint

    remarks = lint(profile)
    if json_output:
        rows = [{"severity": one.severity, "where": one.where, "message": one.message} for one in remarks]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for remark in remarks:
            typer.echo(str(remark))
        errors = sum(remark.severity == "error" for remark in remarks)
        typer.echo(f"{errors} errors, {len(remarks) - errors} warnings")
    raise typer.Exit(1 if any(remark.severity == "error" for remark in remarks) else 0)


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="The version a supplier passed: ID@VERSION or a folder.")],
    new: Annotated[str, typer.Argument(help="The version to compare with.")],
) -> None:
    """Say what a new version means for a supplier who passed the old one.

    Example:  interop profiles diff open-referral-uk@3.0 ./profiles/open-referral-uk/3.1
    """
    from interop_harness.assurance.difference import difference
    from interop_harness.profile import load

    before, after = load(old), load(new)
    typer.echo(f"From {before.name} to {after.name}")
    for line in difference(before, after) or ["Nothing that is asked has changed."]:
        typer.echo(line)


@app.command("docs")
def docs(
    profile: Annotated[str, typer.Argument(help="Profile, or the path of its folder.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path("profile.html"),
) -> None:
    """Write a profile as one HTML page that a standards body could publish.

    Example:  interop profiles docs open-referral-uk --out open-referral-uk.html
    """
    from interop_harness.assurance.publication import publication
    from interop_harness.execution.directory import write_atomically
    from interop_harness.profile import load
    from interop_harness.rendering.profile_page import profile_page

    found = load(profile)
    write_atomically(out, profile_page(publication(found)))
    typer.echo(f"{out}: {len(found.requirements)} requirements")


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
    from interop_harness.cli.known_profiles import lock_catalogues

    changes = compare() if check else lock()
    if not check:
        lock_catalogues()
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
