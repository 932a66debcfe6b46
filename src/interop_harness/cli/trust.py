"""``interop trust``: whose signatures count here, for what, until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interop_harness.trust import TrustStore

app = typer.Typer(help="Say whose signatures count.", no_args_is_help=True, rich_markup_mode=None)
STORE = Annotated[Path, typer.Option("--trust", help="The trust store file.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT = Path("trust.json")


@app.callback()
def _before() -> None:
    from interop_harness.cli import signing_inputs

    signing_inputs.refuse_broken_text()


@app.command("add")
def add(
    key: Annotated[Path, typer.Argument(help="A public key file (.pub.pem).")],
    issuer: Annotated[str, typer.Option(help="Whose key it is, as you know them.")],
    role: Annotated[list[str] | None, typer.Option(help="sign:first_party when not given; may be repeated.")] = None,
    trust: STORE = DEFAULT,
    profile: Annotated[
        list[str] | None, typer.Option(help="Profile id it may sign for; * at the end matches any.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, like 2026-11-21.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, like 2027-11-20.")] = None,
    company_number: Annotated[str, typer.Option(help="Company number.")] = "",
    verified_by: Annotated[str, typer.Option(help="How, when and by whom the fingerprint was compared.")] = "",
    fingerprint: Annotated[str | None, typer.Option(help="The fingerprint its owner told you; must match.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared; do not ask.")] = False,
) -> None:
    """Trust a key for a role, after comparing its fingerprint by a second way.

    Example:  interop trust add issuer.pub.pem --issuer "Example Systems Ltd" --trust trust.json
    """
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import TrustError
    from interop_harness.signing import load_public_key
    from interop_harness.trust import Role, TrustedKey

    now = _now()
    public = load_public_key(key)
    typer.echo(f"{issuer}\n{public.algorithm.value}\n{signing_inputs.fingerprint(public)}", err=True)
    if fingerprint is not None and _digits(fingerprint) != _digits(public.keyid):
        raise TrustError("fingerprint-differs", "That is not the fingerprint of this key. Do not trust it.")
    if fingerprint is None and not yes and not _confirmed():
        raise TrustError(
            "fingerprint-not-compared",
            "The key was not added.",
            "Compare the fingerprint with its owner by a second way, then give --fingerprint or --yes.",
        )
    try:
        roles = frozenset(Role(name) for name in role or [Role.FIRST_PARTY])
    except ValueError as error:
        raise TrustError("role-unknown", f"The roles are: {', '.join(Role)}.") from error
    entry = TrustedKey(
        key=public,
        issuer=issuer,
        roles=roles,
        profiles=tuple(profile or ["*"]),
        valid_from=signing_inputs.parse_day(since, "--since") if since else None,
        valid_until=signing_inputs.parse_last_day(until, "--until") if until else None,
        company_number=company_number,
        verified_by=verified_by,
    )
    _change(trust, now, lambda store: store.with_key(entry, now))
    typer.echo(f"Added to {trust}: {issuer} for {', '.join(sorted(roles))}")


@app.command("list")
def list_(
    trust: Annotated[list[Path] | None, typer.Option(help="Trust store; may be repeated.")] = None,
    as_json: JSON = False,
) -> None:
    """Show the keys, profiles and revocations of one or more trust stores taken together.

    Example:  interop trust list --trust trust.json
    """
    from interop_harness.certificate.text import visible
    from interop_harness.cli import signing_inputs
    from interop_harness.trust import load_stores, to_json

    store, _ = load_stores(trust or [DEFAULT])
    if as_json:
        signing_inputs.print_json(to_json(store))
        return
    until = f", expires {store.expires:%Y-%m-%d}" if store.expires else ""
    typer.echo(visible(f"{store.name}: version {store.version} of {store.issued:%Y-%m-%d}{until}"))
    for entry in store.keys:
        dates = f"{_day(entry.valid_from)} to {_day(entry.valid_until)}"
        roles = ", ".join(sorted(entry.roles))
        typer.echo(visible(f"{entry.status.value:8} {entry.issuer}: {roles}; {', '.join(entry.profiles)}; {dates}"))
        typer.echo(f"         {entry.keyid}")
        for one in entry.also:
            dates, roles = f"{_day(one.valid_from)} to {_day(one.valid_until)}", ", ".join(sorted(one.roles))
            limit = f"for {', '.join(one.scope)} also {one.status.value} {one.issuer}: {roles}"
            typer.echo(visible(f"         {limit}; {', '.join(one.profiles)}; {dates}"))
    for profile in store.profiles:
        typer.echo(visible(f"profile  {profile.id} {profile.version} {profile.sha256}"))
    for identifier in sorted(store.revoked_certificates):
        typer.echo(visible(f"revoked  {identifier}"))
    for note in store.notes:
        typer.echo(visible(f"note     {note}"))


@app.command("revoke")
def revoke(
    subject: Annotated[str, typer.Argument(help="A key id (SHA256:...) or a certificate id (urn:uuid:...).")],
    trust: STORE = DEFAULT,
    retire: Annotated[bool, typer.Option("--retire", help="Refuse what it signs from now on.")] = False,
    at: Annotated[
        str | None, typer.Option(help="With --retire: its last day, like 2026-11-30; now if not given.")
    ] = None,
    compromised_since: Annotated[str | None, typer.Option(help="Day from which the key was in wrong hands.")] = None,
) -> None:
    """Take back trust in a key, or in one certificate.

    Without a trusted time stamp a revoked key takes all its certificates with it, for it could date them back.
    A retired key keeps those dated before it was retired; the date is its holder's own word.

    Example:  interop trust revoke SHA256:0123… --compromised-since 2026-11-01
    """
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import TrustError, UsageError
    from interop_harness.signing.envelope import KEYID
    from interop_harness.trust import Status

    now = _now()
    if at and not retire:
        raise UsageError("options-contradict", "--at goes with --retire alone: a revoked key is revoked altogether.")
    if subject.lower().startswith("urn:uuid:"):
        subject = signing_inputs.certificate_id(subject, "What is revoked")
        if retire or compromised_since:
            only = "--retire and --compromised-since go with a key alone: a certificate is revoked altogether."
            raise UsageError("options-contradict", only)
        changed = _change(trust, now, lambda store: store.with_revoked_certificate(subject, now), must_exist=True)
    elif subject.startswith("SHA256:"):
        if not KEYID.match(subject):
            raise UsageError(
                "option-value",
                f"What is revoked must be the id of a key, not {subject[:80]!r}.",
                "It is SHA256: and 64 digits 0-9 a-f; copy it from: interop trust list",
            )
        since = signing_inputs.parse_day(compromised_since, "--compromised-since") if compromised_since else None
        ends = signing_inputs.parse_last_day(at, "--at") if at else None
        status = Status.RETIRED if retire else Status.REVOKED
        changed = _change(
            trust, now, lambda store: store.with_status(subject, status, now, since, ends=ends), must_exist=True
        )
    else:
        raise TrustError("subject-unclear", "Name a key id (SHA256:...) or a certificate id (urn:uuid:...).")
    typer.echo(f"{'Retired' if retire else 'Revoked'}: {subject}")
    if retire and subject.startswith("SHA256:"):
        entry = changed.find(subject)
        assert entry is not None
        typer.echo(
            f"What it signs after {entry.valid_until:%Y-%m-%d %H:%M:%S} UTC is refused; what is dated before counts."
        )


@app.command("profile")
def profile(
    name: Annotated[str, typer.Argument(help="A profile: ID, ID@VERSION, or the version folder of one.")],
    trust: STORE = DEFAULT,
) -> None:
    """List a profile by its digests, so that others can check certificates without having it.

    One that is not installed is named by its version folder, as for interop run: make sure whose it is.

    Example:  interop trust profile open-referral-uk --trust trust.json
    """
    from interop_harness.cli.known_profiles import known_profile
    from interop_harness.errors import TrustError
    from interop_harness.profile import load
    from interop_harness.profile.loading import named
    from interop_harness.trust import TrustedProfile

    loaded = load(name)
    with named(str(loaded.folder), over=False):
        known = known_profile(loaded.id, loaded.version)
    if known is None:
        raise TrustError(
            "profile-unknown", f"The profile {name} says of itself what no certificate can: {loaded.name}."
        )
    if known.sha256 != loaded.sha256:
        # A store that says otherwise than the installed profile would have every certificate refused here.
        raise TrustError(
            "profile-differs",
            f"{name} holds another {loaded.name} than the one that is installed.",
            "Give it a version of its own, or list the installed one by its name.",
        )
    now = _now()
    entry = TrustedProfile(loaded.id, loaded.version, known.sha256, known.requirements_sha256)
    _change(trust, now, lambda store: store.with_profile(entry, now))
    typer.echo(f"Added to {trust}: {loaded.id} {loaded.version} {known.sha256}")


@app.command("publish")
def publish(
    out: Annotated[Path, typer.Option(help="The signed file to hand out.")],
    expires: Annotated[str, typer.Option(help="Last day, like 2027-11-20.")],
    trust: STORE = DEFAULT,
    key: Annotated[Path | None, typer.Option(help="Private key file of the publisher.")] = None,
    signer_command: Annotated[str | None, typer.Option(help="Command that signs; see `interop sign`.")] = None,
    public_key: Annotated[Path | None, typer.Option(help="Public key of the signing command.")] = None,
) -> None:
    """Sign a trust store for others. They must list the publisher's key: its keys count with the role publish-trust,
    its profiles with publish-profile.

    Example:  interop trust publish --out council.trust.json --expires 2027-11-20 --key council.key
    """
    from dataclasses import replace

    from interop_harness.cli import signing_inputs
    from interop_harness.errors import UsageError
    from interop_harness.execution.directory import write_atomically
    from interop_harness.trust.files import sign_store

    now = _now()
    store = replace(_open(trust, now, must_exist=True), expires=signing_inputs.parse_last_day(expires, "--expires"))
    assert store.expires is not None
    if store.expires <= now:
        raise UsageError(
            "date-unusable", f"--expires {expires} is in the past: nobody could use the store.", "Give a later day."
        )
    signer = signing_inputs.signer_from(key, signer_command, public_key)
    write_atomically(out, sign_store(store, signer).as_bytes() + b"\n")
    typer.echo(f"Published: {out}, version {store.version}, signed by {signer.public.keyid}")


@app.command("waive")
def waive(
    requirement: Annotated[str, typer.Argument(help="The requirement to live without.")],
    profile_id: Annotated[str, typer.Option("--profile", help="Profile id.")],
    supplier: Annotated[str, typer.Option(help="Supplier, as the certificate names it.")],
    product: Annotated[str, typer.Option(help="Product, as the certificate names it.")],
    reason: Annotated[str, typer.Option(help="Why; it is printed on the certificate.")],
    expires: Annotated[str, typer.Option(help="Last day, like 2027-03-31.")],
    out: Annotated[Path, typer.Option(help="The waiver file to hand to the supplier.")] = Path("waiver.json"),
    key: Annotated[Path | None, typer.Option(help="Private key file with the role grant-waiver.")] = None,
    signer_command: Annotated[str | None, typer.Option(help="Command that signs; see `interop sign`.")] = None,
    public_key: Annotated[Path | None, typer.Option(help="Public key of the signing command.")] = None,
) -> None:
    """Sign a waiver: this buyer accepts one failed requirement of one product until a date.

    Example:  interop trust waive ORUK-PAGE-02 --profile open-referral-uk --supplier "Example Ltd"
    --product Directory --reason "Mended in 3.1" --expires 2027-03-31 --key council.key
    """
    from interop_harness.certificate import waiver
    from interop_harness.cli import signing_inputs
    from interop_harness.execution.directory import write_atomically

    signer = signing_inputs.signer_from(key, signer_command, public_key)
    document = waiver.grant(
        signer=signer,
        now=_now(),
        expires=signing_inputs.parse_last_day(expires, "--expires"),
        profile=profile_id,
        requirement=requirement,
        supplier=supplier,
        product=product,
        reason=reason,
    )
    write_atomically(out, document + b"\n")
    typer.echo(f"Waiver: {out}, signed by {signer.public.keyid}")


def _open(path: Path, now: datetime, *, must_exist: bool = False) -> TrustStore:
    from interop_harness.errors import TrustError
    from interop_harness.trust import TrustStore, read_local
    from interop_harness.trust.files import read_store_file

    if not path.exists():
        if must_exist:
            raise TrustError("trust-store-missing", f"There is no trust store {path}.")
        return TrustStore(name=path.stem, version=1, issued=now)
    data = read_store_file(path)
    if data.lstrip()[:11] == b'{"payload":':
        raise TrustError("trust-store-signed", f"{path} is signed by its publisher and cannot be changed here.")
    return read_local(data, str(path))


def _change(
    path: Path, now: datetime, change: Callable[[TrustStore], TrustStore], *, must_exist: bool = False
) -> TrustStore:
    """Read, change and replace a store while nobody else does: what another command wrote meanwhile stays."""
    from interop_harness.errors import TrustError
    from interop_harness.trust.lock import BusyError, FileLock

    # What is wrong with the store or the change is said before anybody waits.
    change(_open(path, now, must_exist=must_exist))
    try:
        with FileLock(path):
            changed = change(_open(path, now, must_exist=must_exist))
            _write(path, changed)
    except BusyError as error:
        raise TrustError(
            "trust-store-busy",
            f"Another command is changing {path}; nothing was changed by this one.",
            "Wait for it to end, then do it again.",
        ) from error
    except OSError as error:
        raise TrustError("trust-store-unwritable", f"{path} cannot be written: {error.strerror}.") from error
    return changed


def _write(path: Path, store: TrustStore) -> None:
    """Replace a store, once it is sure that what is written can be read again and says the same."""
    import json

    from interop_harness.errors import TrustError
    from interop_harness.trust import read_local, to_json, write_local

    try:
        again = to_json(
            read_local(json.dumps(to_json(store), ensure_ascii=False).encode("utf-8"), "what would be kept")
        )
    except (TrustError, ValueError) as error:
        said = error.message if isinstance(error, TrustError) else "it holds broken text"
        raise TrustError("trust-store-unwritable", f"{path} cannot be written and was left as it is: {said}") from error
    if again != to_json(store):
        raise TrustError("trust-store-unwritable", f"{path} cannot be written: it would not say the same when read.")
    write_local(path, store)


def _now() -> datetime:
    from datetime import UTC

    return datetime.now(UTC).replace(microsecond=0)


def _confirmed() -> bool:
    import sys

    question = "Did its owner confirm this fingerprint by a second way (not by e-mail)?"
    return sys.stdin.isatty() and typer.confirm(question, err=True)


def _digits(text: str) -> str:
    return "".join(text.split()).lower().removeprefix("sha256:")


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "any time"
