"""``interop verifier``: a page for people without this tool, with a trust store built in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from interop_harness.trust import TrustStore

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
    from datetime import UTC, datetime

    from interop_harness.cli import signing_inputs
    from interop_harness.execution.directory import write_atomically
    from interop_harness.trust import load_stores
    from interop_harness.trust.files import read_files
    from interop_harness.verification.page import build as build_page
    from interop_harness.verification.page import fingerprint, fingerprint_of_signed

    store = load_stores(trust)[0] if trust else None
    own, files = read_files(trust) if trust else (None, [])
    signed = [data.strip() for _, data in files]
    for warning in _unusable(store, datetime.now(UTC)):
        typer.echo(f"Warning: {warning}", err=True)
    for note in store.notes if store else ():
        typer.echo(f"Note: {note}", err=True)
    page = build_page(own, signed)
    write_atomically(out, page)
    digest = hashlib.sha256(page).hexdigest()
    expires = f"{store.expires:%Y-%m-%d}" if store and store.expires else None
    if as_json:
        said = {"page": str(out), "sha256": digest, "store": fingerprint(own) if own else None, "expires": expires}
        signing_inputs.print_json({**said, "signed": [fingerprint_of_signed(data) for data in signed]})
    elif not quiet:
        typer.echo(f"Verifier page: {out}\nSHA-256: {digest}   publish it beside the page")
        if store:
            typer.echo(f"Trust store: {store.name}, version {store.version}, expires {expires or 'never'}")
        if own:
            typer.echo(f"Fingerprint: {fingerprint(own)}")
        for (path, _), data in zip(files, signed, strict=True):
            typer.echo(f"Fingerprint of {path}: {fingerprint_of_signed(data)}")


def _unusable(store: TrustStore | None, now: datetime) -> Iterator[str]:
    """Why a page with this store would accept no certificate."""
    if store is None:
        yield "no trust store is built in, so whoever uses the page has to load one: give --trust STORE."
        return
    if not any(role.value.startswith("sign:") for entry in store.keys for role in entry.roles):
        yield "the store lists nobody who may sign certificates: interop trust add KEY.pub.pem --issuer NAME"
    if not store.profiles:
        yield "the store lists no profile, so no certificate can be accepted: interop trust profile ID --trust STORE"
    elif not any(profile.requirements_sha256 for profile in store.profiles):
        yield (
            "the store does not say what its profiles require, so no pass can be accepted: list them anew with "
            "interop trust profile ID --trust STORE"
        )
    if store.expires and now > store.expires:
        yield f"the store expired on {store.expires:%Y-%m-%d}: get the current one."
