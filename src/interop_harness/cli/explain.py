"""``interop explain``: one requirement in plain words, for the fix loop."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    requirement: Annotated[str, typer.Argument(help="A requirement id, for example ORUK-PAGE-03.")],
    profile: Annotated[str, typer.Option(help="Look in this profile; default: every installed one.")] = "",
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Explain a requirement: the clause, why it matters, how it is tested, the usual fix.

    Example:  interop explain ORUK-PAGE-03
    """
    import json

    from interop_harness.assurance.explanation import explain

    found = explain(requirement, profile)
    if json_output:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True))
        return
    typer.echo(f"{found['id']} ({found['level']}, class {found['class']}, {found['profile']})\n")
    for title, key in (
        ("What it asks", "statement"),
        ("Where it stands", "source"),
        ("Why it matters", "why"),
        ("How it is tested", "tested"),
        ("The usual fix", "fix"),
        ("Where the documents disagree", "errata"),
    ):
        if found[key]:
            typer.echo(f"{title}\n{_wrapped(str(found[key]))}\n")


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.fill(line, 78, initial_indent="  ", subsequent_indent="  ") for line in text.splitlines())
