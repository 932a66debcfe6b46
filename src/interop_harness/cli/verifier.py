"""``interop verifier``: a page for people without this tool, with a trust store built in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make the offline verifier page.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Make the offline verifier page."""


@app.command("build")
def build(
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("verify.html"),
    trust: Annotated[list[Path] | None, typer.Option(help="Trust store to build in; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Write one HTML file that checks certificates in a browser, without a network.

    The profiles it shall know must be in the trust store: interop trust profile ID --trust STORE.

    Example:  interop verifier build --trust trust.json --out verify.html
    """
    import hashlib

    from interop_harness.cli import signing_inputs
    from interop_harness.execution.directory import write_atomically
    from interop_harness.trust import load_stores
    from interop_harness.verification.page import build as build_page
    from interop_harness.verification.page import fingerprint

    store = load_stores(trust)[0] if trust else None
    page = build_page(store)
    write_atomically(out, page)
    digest = hashlib.sha256(page).hexdigest()
    expires = f"{store.expires:%Y-%m-%d}" if store and store.expires else None
    if as_json:
        said = {"page": str(out), "sha256": digest, "store": fingerprint(store) if store else None, "expires": expires}
        signing_inputs.print_json(said)
    elif not quiet:
        typer.echo(f"Verifier page: {out}\nSHA-256: {digest}   publish it beside the page")
        if store:
            typer.echo(f"Trust store: {store.name}, version {store.version}, expires {expires or 'never'}")
            typer.echo(f"Fingerprint: {fingerprint(store)}")
            if not store.profiles:
                typer.echo("The store lists no profile, so no certificate can be accepted: interop trust profile ID")
