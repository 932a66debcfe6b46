"""``interop sign``: judge the evidence again without a key, then sign what came out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from interop_harness.signing import Signer
    from interop_harness.trust import TrustStore

MAX_SUPERSEDED = 20
"""As many as the certificate's schema has room for."""
UNKNOWN = "profile-unknown"
"""The code with which the process that judges again says that it does not have the run's profile."""

Replay = Callable[[Path], None]
"""Judges a run directory again and raises unless the very same report comes out."""


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")],
    key: Annotated[Path | None, typer.Option(help="Private key file (or INTEROP_SIGNING_KEY_FILE).")] = None,
    signer_command: Annotated[
        str | None, typer.Option(help="Command that signs: message on standard input, raw signature on output.")
    ] = None,
    public_key: Annotated[Path | None, typer.Option(help="Public key of the signing command.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Who signs; the supplier when not given.")] = None,
    assurance: Annotated[str, typer.Option(help="first_party, second_party or third_party.")] = "first_party",
    days: Annotated[int, typer.Option(help="Days of validity, at most 366.")] = 90,
    company_number: Annotated[str | None, typer.Option(help="Company number of the issuer.")] = None,
    operator: Annotated[str | None, typer.Option(help="Who ran the tests, if not the issuer.")] = None,
    signatory: Annotated[str | None, typer.Option(help="Person accountable: 'Name, role'.")] = None,
    waiver: Annotated[list[Path] | None, typer.Option(help="Signed waiver to print; may be repeated.")] = None,
    trust: Annotated[list[Path] | None, typer.Option(help="Trust store that says whose waivers count.")] = None,
    supersedes: Annotated[list[str] | None, typer.Option(help="Id of a certificate this one replaces.")] = None,
    profile_folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="The profile, where it is not installed: its version folder.")
    ] = "",
    package: Annotated[bool, typer.Option("--zip", help="Also write certificate.zip, the way to send it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Sign a run directory: writes certificate.html beside its report.

    The evidence is judged again first, in a process that has no key. A run that passed and one that failed are
    both signed; an inconclusive, incomplete, modified or partial one never is.

    Example:  interop sign reports/open-referral-uk/20261121T101500Z --key issuer.key --zip
    """
    from datetime import UTC, datetime

    from interop_harness.certificate import package as packaging
    from interop_harness.certificate.statement import Assurance
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import SigningError, UsageError
    from interop_harness.execution.directory import write_atomically

    signing_inputs.refuse_broken_text()
    if len(supersedes or ()) > MAX_SUPERSEDED:
        many = f"--supersedes must be given {MAX_SUPERSEDED} times at most, not {len(supersedes or ())} times."
        raise UsageError("option-value", many)
    superseded = tuple(signing_inputs.certificate_id(text, "--supersedes") for text in supersedes or ())
    if assurance not in list(Assurance):
        raise SigningError("assurance-unknown", f"There is no assurance {assurance!r}: {', '.join(Assurance)}.")
    made = sign_directory(
        directory,
        lambda: signing_inputs.signer_from(key, signer_command, public_key),
        now=datetime.now(UTC),
        replay=partial(replay_without_key, profile_folder=profile_folder) if profile_folder else replay_without_key,
        issuer=issuer,
        assurance=Assurance(assurance),
        days=days,
        company_number=company_number,
        operator=operator,
        signatory=_person(signatory),
        waiver_files=waiver or (),
        trust=_waiver_trust(waiver, trust),
        supersedes=superseded,
    )
    path = directory / "certificate.html"
    write_atomically(path, made.certificate)
    zip_path = directory / "certificate.zip"
    if package:
        write_atomically(zip_path, packaging.write(made.certificate, made.evidence_file))
    if as_json:
        said = {"certificate": str(path), "zip": str(zip_path) if package else None, "id": made.predicate["id"]}
        signing_inputs.print_json({**said, "verdict": made.predicate["verdict"], "keyid": made.keyid})
    elif not quiet:
        typer.echo(f"Signed: {path}")
        if package:
            typer.echo(f"To send: {zip_path}")
        typer.echo(f"Result {made.predicate['verdict']}, valid until {made.predicate['validUntil']}, key {made.keyid}")


class Signed:
    """A certificate made and verified, with the evidence file it was made from."""

    def __init__(self, certificate: bytes, evidence_file: bytes, predicate: Any, keyid: str) -> None:
        self.certificate, self.evidence_file, self.predicate, self.keyid = certificate, evidence_file, predicate, keyid


def sign_directory(
    directory: Path,
    open_signer: Callable[[], Signer],
    *,
    now: datetime,
    replay: Replay,
    issuer: str | None = None,
    waiver_files: Any = (),
    trust: TrustStore | None = None,
    **options: Any,
) -> Signed:
    """Read, replay, only then open the key, issue, and verify what was made before handing it back."""
    from interop_harness.certificate.issue import issue, read_report
    from interop_harness.certificate.statement import content, refuse_unfit
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import SigningError
    from interop_harness.evidence.lines import unpack
    from interop_harness.verification import waivers

    report, evidence_file = _read_run(directory)
    read = read_report(report)
    refuse_unfit(read)
    replay(directory)
    if _read_run(directory) != (report, evidence_file):
        raise SigningError("run-directory-changed", "The run directory was changed while it was being judged.")
    parts = content(read)
    entries = []
    for path in waiver_files:
        if trust is None:
            break
        document = signing_inputs.read_file(path, 64 * 1024)
        waivers.refuse_unneeded(document, parts)
        entries.append(waivers.entry(document, parts, trust, now))
    signer = open_signer()
    made = issue(
        report,
        unpack(evidence_file),
        signer,
        now=now,
        issuer=issuer or parts["implementation"]["supplier"],
        waivers=entries,
        **options,
    )
    return Signed(made, evidence_file, _verified(made, signer, trust, now), signer.public.keyid)


def replay_without_key(directory: Path, profile_folder: str = "") -> None:
    """Judge again in a process of its own, whose arguments and environment hold nothing of the key.

    ``-P``: a run directory that somebody handed over may hold a file called ``interop_harness.py``.
    """
    from interop_harness.cli.running import NAME_FOLDER
    from interop_harness.errors import ProfileError, SigningError
    from interop_harness.signing.signer import environment_without_secrets

    where = ["--profile-folder", profile_folder] if profile_folder else []
    done = subprocess.run(  # noqa: S603 - this interpreter, this package
        [sys.executable, "-P", "-m", "interop_harness", "replay", str(directory), "--check", "--json", *where],
        env=environment_without_secrets(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        close_fds=True,
        check=False,
    )
    if done.returncode != 0:
        tail = " ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[-400:]
        if _code(done.stdout) == UNKNOWN:
            # Nothing was judged, so nothing differs; and nobody edited anything.
            raise ProfileError(
                "profile-unknown",
                "There is no profile here of the run's name and version: it cannot be judged again, and is not signed.",
                NAME_FOLDER,
            )
        raise SigningError(
            "replay-differs",
            "Judging the evidence again did not lead to the same report, so it is not signed.",
            f"Run the tests again; a run directory that was edited cannot be signed. {tail}",
        )


def _code(said: bytes) -> str:
    """The code of what the judging process says came of its check; empty where it says nothing that can be read."""
    try:
        return str(json.loads(said)["code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _read_run(directory: Path) -> tuple[bytes, bytes]:
    from interop_harness.cli import signing_inputs

    report = signing_inputs.read_file(directory / "report.json", 256 * 1024**2)
    return report, signing_inputs.read_file(directory / "evidence.jsonl.gz")


def _verified(made: bytes, signer: Signer, trust: TrustStore | None, now: datetime) -> Any:
    """What we would refuse from others we do not hand out ourselves."""
    from interop_harness.certificate import bundle, grammar
    from interop_harness.errors import InternalError, VerificationError
    from interop_harness.signing import parse_canonical
    from interop_harness.trust import Role, TrustedKey, TrustedProfile, TrustStore
    from interop_harness.verification import Expectations, verify

    predicate = parse_canonical(bundle.unwrap(grammar.split(made).block).payload)["predicate"]
    profile = predicate["profile"]
    listed = TrustedProfile(profile["id"], profile["version"], profile["sha256"], profile["requirementsSha256"])
    role = Role(f"sign:{predicate['assurance']}")
    own = TrustStore(
        "self-check", 1, now, keys=(TrustedKey(signer.public, "self", frozenset({role})),), profiles=(listed,)
    )
    try:
        verify(made, trust=own, now=now, expect=Expectations(environment=predicate["target"]["environment"]))
    except VerificationError as error:
        raise InternalError(
            "certificate-does-not-verify", f"The certificate made does not verify ({error.code}: {error.message})."
        ) from error
    return predicate


def _person(text: str | None) -> dict[str, str] | None:
    from interop_harness.errors import UsageError

    if text is None:
        return None
    name, comma, role = text.partition(",")
    if not comma or not name.strip() or not role.strip():
        raise UsageError("signatory-unusable", "--signatory needs a name and a role: 'A Person, Director'.")
    return {"name": name.strip(), "role": role.strip()}


def _waiver_trust(waiver: list[Path] | None, trust: list[Path] | None) -> TrustStore | None:
    from interop_harness.errors import UsageError
    from interop_harness.trust import load_stores

    if not waiver:
        return None
    if not trust:
        raise UsageError("trust-store-missing", "--waiver needs --trust STORE, which says whose waivers count.")
    return load_stores(trust)[0]
