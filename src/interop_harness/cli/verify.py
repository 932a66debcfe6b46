"""``interop verify``: check a certificate offline, and say what it says."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interop_harness.verification import RefusedError, VerificationResult

MAX_EVIDENCE = 128 * 1024**2
"""Of the file as it is sent. What it unpacks to has a limit of its own."""
MOST_DAYS = 36_500


def command(
    certificate: Annotated[Path, typer.Argument(metavar="CERT", help="certificate.html or certificate.zip.")],
    trust: Annotated[list[Path] | None, typer.Option(help="Trust store; repeat for a distributed one.")] = None,
    evidence: Annotated[Path | None, typer.Option(help="evidence.jsonl.gz: judge every answer again.")] = None,
    supplier: Annotated[str | None, typer.Option(help="Expected supplier.")] = None,
    product: Annotated[str | None, typer.Option(help="Expected product.")] = None,
    product_version: Annotated[str | None, typer.Option(help="Expected version of the product.")] = None,
    target: Annotated[str | None, typer.Option(help="Expected address of the endpoint.")] = None,
    profile: Annotated[str | None, typer.Option(help="Expected profile: ID or ID@VERSION.")] = None,
    min_version: Annotated[str | None, typer.Option(help="Lowest acceptable version of the profile.")] = None,
    conformance_class: Annotated[list[str] | None, typer.Option("--class", help="Class that must be claimed.")] = None,
    environment: Annotated[str | None, typer.Option(help="Expected environment.")] = None,
    challenge: Annotated[str | None, typer.Option(help="Your challenge, as you sent it.")] = None,
    assurance: Annotated[str | None, typer.Option(help="Least: first_party, second_party, third_party.")] = None,
    max_age: Annotated[int | None, typer.Option(help="Greatest age of the tests in days.")] = None,
    accept_waivers: Annotated[bool, typer.Option("--accept-waivers", help="A pass with waivers exits 0.")] = False,
    profile_folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="The profile, where it is not installed: its version folder.")
    ] = "",
    ci: Annotated[bool, typer.Option("--ci", help="Refuse to check without --target and --profile.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Check a certificate without trusting whoever sent it.

    Exit 0: genuine, current, as expected, and a pass. 1: genuine, but not a pass. 2: wrong use. 3: malformed or
    changed. 4: unsigned, or by nobody you trust. 5: expired, not yet valid or revoked. 6: not what you expected.
    7: cannot be told.

    Example:  interop verify certificate.html --trust trust.json --target https://api.example.org
    """
    from datetime import UTC, datetime, timedelta

    from interop_harness.certificate.statement import Assurance
    from interop_harness.certificate.text import visible
    from interop_harness.cli import signing_inputs, verify_text
    from interop_harness.cli.known_profiles import known_profile
    from interop_harness.errors import HarnessError, UsageError, VerificationError
    from interop_harness.trust import load_stores
    from interop_harness.verification import Expectations, RefusedError, verify

    now = datetime.now(UTC)
    outcome: VerificationResult | RefusedError
    try:
        identifier, at, version = (None, "", "") if profile is None else profile.partition("@")
        if max_age is not None and not 0 <= max_age <= MOST_DAYS:
            raise UsageError("max-age-unusable", f"The greatest age is 0 to {MOST_DAYS:,} days, not {max_age:,}.")
        if assurance is not None and assurance not in list(Assurance):
            raise UsageError("assurance-unknown", f"There is no assurance {assurance!r}: {', '.join(Assurance)}.")
        expect = Expectations(
            supplier=supplier,
            product=product,
            product_version=product_version,
            target=target,
            profile=identifier,
            profile_version=version if at else None,
            min_version=min_version,
            classes=tuple(conformance_class or ()),
            environment=environment,
            challenge=challenge,
            assurance=Assurance(assurance) if assurance else None,
            max_age=timedelta(days=max_age) if max_age is not None else None,
        )
        expect.refuse_empty()
        if ci and (target is None or profile is None):
            raise UsageError("expectations-missing", "With --ci, say what you expect: --target and --profile.")
        if not trust:
            raise UsageError(
                "trust-store-missing",
                "Whom do you trust? No trust store was given.",
                "Make one with: interop trust add KEY.pub.pem --issuer NAME --trust trust.json",
            )
        store, _ = load_stores(trust)
        with _known_besides(profile_folder):
            outcome = verify(
                _certificate(certificate),
                trust=store,
                now=now,
                expect=expect,
                evidence=_evidence(evidence) if evidence else None,
                judge=judge,
                profiles=known_profile,
                accept_waivers=accept_waivers,
            )
    except HarnessError as error:
        if isinstance(error, RefusedError):
            outcome = error
        elif as_json or isinstance(error, VerificationError):
            outcome = RefusedError(error.code, error.message, error.hint, exit_code=error.exit_code)
        else:
            raise
    if as_json:
        signing_inputs.print_json(outcome.as_json())
    elif not quiet or outcome.exit_code > 1:
        typer.echo(verify_text.describe(outcome), err=outcome.exit_code > 1)
    else:
        for warning in getattr(outcome, "warnings", ()):
            typer.echo(f"TAKE CARE: {visible(warning)}", err=True)
    raise typer.Exit(outcome.exit_code)


def _known_besides(folder: str) -> AbstractContextManager[None]:
    """Loading a profile takes long, and most certificates are of one that the lock knows."""
    if not folder:
        return nullcontext()
    from interop_harness.profile.loading import named

    return named(folder, over=False)


def _certificate(path: Path) -> bytes:
    """A certificate or a package: no more of it than either can be."""
    from interop_harness.certificate import package
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import VerificationError

    too_large = VerificationError("file-too-large", "The file is larger than any certificate or package.")
    return signing_inputs.read_file(path, package.MAX_PACKAGE, too_large)


def _evidence(path: Path) -> bytes:
    from interop_harness.cli import signing_inputs
    from interop_harness.errors import EvidenceError

    hint = "Give it as the run wrote it, packed: evidence.jsonl.gz."
    too_large = EvidenceError("evidence-too-large", f"{path} is larger than this tool reads.", hint)
    return signing_inputs.read_file(path, MAX_EVIDENCE, too_large)


def judge(evidence: bytes) -> bytes:
    """Judge recorded evidence with the suite installed here."""
    from interop_harness.cli.known_profiles import load_named
    from interop_harness.execution.run import replay

    return replay(evidence, load_named).report_bytes
