"""``interop selftest``: proof of the harness on its own reference suppliers."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    profile: Annotated[str, typer.Argument(help="Profile; default: every one that has a reference supplier.")] = "",
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; may be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes to share the faults between.")] = 1,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the last line only.")] = False,
) -> None:
    """Run the suite over the reference supplier and over each of its faults.

    The clean supplier must be conformant; each fault must fail its requirement and change nothing else but what
    its record allows. Exit: 0 all so, 3 otherwise: then the harness is wrong.

    Example:  interop selftest open-referral-uk
    """
    import json

    from interop_harness.assurance.selftest import FaultResult, selftest
    from interop_harness.profile import installed, load
    from interop_harness.sandbox import has_supplier

    names = [profile] if profile else [str(folder) for folder in installed()]
    found = [load(name) for name in names]
    results = []
    for one in found:
        if not profile and not has_supplier(one.id):
            continue

        def told(result: FaultResult) -> None:
            if not (json_output or quiet):
                typer.echo(_line(result))

        if not (json_output or quiet):
            typer.echo(f"{one.name}: reference supplier and faults\n")
        result = selftest(one, only=fault or [], progress=told, jobs=jobs)
        results.append(result)
        if not json_output:
            for problem in result.clean_problems:
                typer.echo(f"clean supplier: {problem}")
            caught = sum(entry.ok for entry in result.faults)
            typer.echo(
                f"{result.profile}: clean supplier {result.clean} ({result.exchanges} exchanges); "
                f"{caught} of {len(result.faults)} faults caught by their requirement and by nothing else"
            )
    if json_output:
        typer.echo(json.dumps([result.as_json() for result in results], indent=2, sort_keys=True))
    raise typer.Exit(0 if results and all(result.ok for result in results) else 3)


def _line(result: object) -> str:
    from interop_harness.assurance.selftest import FaultResult

    assert isinstance(result, FaultResult)
    word = "caught" if result.caught else "MISSED"
    stray = f"  ALSO CHANGED: {', '.join(result.stray)}" if result.stray else ""
    also = len(result.changed) - len(result.stray)
    allowed = f"  (+{also} allowed)" if also else ""
    return f"  {word}  {result.name:<44} {result.must_fail}{allowed}{stray}"
