"""``interop keys``: make a signing key and its public half, and show what a key file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Make and show signing keys.", no_args_is_help=True, rich_markup_mode=None)

MAX_DAYS = 36_525


@app.callback()
def _before() -> None:
    from interop_harness.cli import signing_inputs

    signing_inputs.refuse_broken_text()


ISSUER = Annotated[str, typer.Option(help="Name of the organisation that will sign.")]
OUT = Annotated[Path, typer.Option(help="File for the private key; the public one gets .pub.pem.")]


@app.command("new")
def new(
    issuer: ISSUER,
    out: OUT = Path("issuer.key"),
    algorithm: Annotated[str, typer.Option(help="ed25519 or ecdsa-p256-sha256.")] = "ed25519",
    valid_days: Annotated[int, typer.Option(help="Days the key card says the key is for.")] = 365,
    unencrypted: Annotated[bool, typer.Option("--unencrypted", help="Write the key without a passphrase.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Make a key, its public half and a card to hand over.

    The passphrase is read from the file named by INTEROP_SIGNING_PASSPHRASE_FILE, from
    INTEROP_SIGNING_PASSPHRASE, or asked for on a terminal; never from an argument.

    Example:  interop keys new --issuer "Example Systems Ltd" --out issuer.key
    """
    from datetime import UTC, datetime, timedelta

    from interop_harness.cli import signing_inputs
    from interop_harness.errors import SigningError, UsageError
    from interop_harness.signing import Algorithm, generate

    if algorithm not in list(Algorithm):
        raise SigningError("key-algorithm-refused", f"There is no algorithm {algorithm!r}: {', '.join(Algorithm)}.")
    if not 1 <= valid_days <= MAX_DAYS:
        raise UsageError("option-value", f"--valid-days must be 1 to {MAX_DAYS}, not {valid_days}.")
    if not out.name:
        raise UsageError("option-value", f"--out must be the name of a file, not {str(out)!r}.")
    public, card = out.with_suffix(".pub.pem"), out.with_suffix(".card.txt")
    for path in (out, public, card):
        if path.exists():
            raise SigningError("file-exists", f"{path} exists already: a key is never overwritten.")
    passphrase = None if unencrypted else signing_inputs.new_passphrase()
    key = generate(Algorithm(algorithm))
    now = datetime.now(UTC)
    signing_inputs.write_private(out, key.to_openssh(passphrase))
    public.write_text(key.public.pem, encoding="ascii")
    text = signing_inputs.key_card(issuer, key.public, now, now + timedelta(days=valid_days))
    card.write_text(text, encoding="utf-8")
    if unencrypted:
        typer.echo("Warning: the private key is not protected by a passphrase. Use it for tests only.", err=True)
    if as_json:
        values = {"private": str(out), "public": str(public), "card": str(card), "keyid": key.public.keyid}
        signing_inputs.print_json(values)
    elif not quiet:
        typer.echo(f"Private key: {out}   keep it; never send it\nPublic key:  {public}\nKey card:    {card}\n\n{text}")


@app.command("show")
def show(
    key: Annotated[Path, typer.Argument(help="A public or private key file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the fingerprint of a key, to compare with what its owner says by a second way.

    Example:  interop keys show issuer.pub.pem
    """
    from interop_harness.cli import signing_inputs
    from interop_harness.signing import load_public_key
    from interop_harness.signing.keys import MAX_KEY_FILE

    if b"PRIVATE KEY" in signing_inputs.read_file(key, MAX_KEY_FILE):
        public = signing_inputs.private_key_in(key).public
    else:
        public = load_public_key(key)
    if as_json:
        signing_inputs.print_json({"keyid": public.keyid, "alg": public.algorithm.value, "public": public.pem})
    else:
        typer.echo(f"{public.algorithm.value}\n{signing_inputs.fingerprint(public)}")
