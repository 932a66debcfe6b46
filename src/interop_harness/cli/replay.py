"""``interop replay``: judge recorded evidence again, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory, or an evidence file.")],
    check: Annotated[bool, typer.Option("--check", help="Exit 0 only if report and pages come out again.")] = False,
    profile_folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="The profile, where it is not installed: its version folder.")
    ] = "",
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the report; with --check what came of it, as JSON.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict line only.")] = False,
) -> None:
    """Judge recorded evidence again with the same suite. No network is used; the same report must come out.

    Exit: as run; 3 when the stored report differs. With --check: 0 report and pages are the same, 3 they are not.

    Example:  interop replay reports/open-referral-uk/20261121T101500Z
    """
    from interop_harness.errors import HarnessError

    try:
        _replay(directory, profile_folder, check=check, json_output=json_output, quiet=quiet)
    except HarnessError as error:
        if check and json_output:
            _tell(error.code, error.message, error.hint, error.exit_code)
        raise


def _replay(directory: Path, profile_folder: str, *, check: bool, json_output: bool, quiet: bool) -> None:
    from interop_harness.cli import running
    from interop_harness.errors import EvidenceError, ProfileError
    from interop_harness.execution.directory import REPORT, read_evidence_file
    from interop_harness.execution.run import replay
    from interop_harness.profile import load
    from interop_harness.profile.loading import named

    data = read_evidence_file(directory)
    with named(profile_folder):
        try:
            outcome = replay(data, load)
        except ProfileError as error:
            if error.code == "profile-unknown":
                error.hint = running.NAME_FOLDER
            raise
    stored = directory / REPORT if directory.is_dir() else None
    if stored is not None and stored.is_file() and stored.read_bytes() != outcome.report_bytes:
        raise EvidenceError(
            "report-differs",
            f"{stored} is not what its evidence gives: the evidence says {outcome.report['verdict']}.",
            "The report was edited, or another version of the suite wrote it.",
        )
    if check:
        if stored is None or not stored.is_file():
            raise EvidenceError("report-missing", f"{directory} holds no report.json to check.")
        running.refuse_edited(directory, outcome)
        same = "The report is exactly what the evidence gives."
        if json_output:
            _tell("", same, "", 0)
        else:
            typer.echo(same)
        raise typer.Exit(0)
    running.show(outcome, directory, json_output=json_output, quiet=quiet, folder=running.as_folder(profile_folder))
    raise typer.Exit(int(outcome.report["exit"]))


def _tell(code: str, message: str, hint: str, exit_code: int) -> None:
    """Print what came of a check for a program, in the words of ``interop verify --json``."""
    from interop_harness.cli import signing_inputs

    signing_inputs.print_json({"code": code, "message": message, "hint": hint, "exit": exit_code})
