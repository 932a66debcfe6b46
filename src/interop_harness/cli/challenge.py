"""``interop challenge``: what a council sends so that tests cannot have been made before."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Make a challenge for suppliers to run with.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Make a challenge for suppliers to run with."""


@app.command("new")
def new(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print a fresh challenge of 160 random bits. Send it to the suppliers and keep it.

    Example:  interop challenge new
    """
    import base64
    import secrets

    text = base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()
    challenge = "-".join(text[start : start + 8] for start in range(0, len(text), 8))
    if as_json:
        from interop_harness.cli import signing_inputs

        signing_inputs.print_json({"challenge": challenge})
        return
    typer.echo(challenge)
    typer.echo(f"Supplier: interop run PROFILE --target FILE --challenge {challenge}", err=True)
    typer.echo(f"You:      interop verify CERT --trust STORE --challenge {challenge}", err=True)
