"""What commands that run and replay share: checking their options, writing and showing what a run came to."""

from __future__ import annotations

import math
import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interop_harness.errors import UsageError

FAIL_ON = ("must", "should")
NAME_FOLDER = "Where it is in a folder of its own, name that: --profile-folder FOLDER"
"""Advice to whoever has a run's profile, which its record names by id and version alone."""

if TYPE_CHECKING:
    from interop_harness.execution.baseline import KnownFailure
    from interop_harness.execution.prepare import Secrets
    from interop_harness.execution.run import Outcome
    from interop_harness.plan import Plan


def write(directory: Path, outcome: Outcome, secrets: Secrets, fail_on: str = "must", folder: str = "") -> None:
    """Write the run directory, and append the summary where GitHub asks for one.

    ``folder`` is where the profile is, if it was named by that.
    """
    from interop_harness.execution.directory import EVIDENCE, REPORT, write_files

    files = pages(outcome, fail_on)
    written = {EVIDENCE: outcome.evidence_gz, **files, REPORT: outcome.report_bytes}
    write_files(directory, written, secrets.redactor, folder)
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if step:
        _append(step, files["summary.md"].decode("utf-8"))


def pages(outcome: Outcome, fail_on: str) -> dict[str, bytes]:
    """What is written beside report and evidence for people and pipelines, by name."""
    from interop_harness.rendering.html import report_html
    from interop_harness.rendering.junit import junit
    from interop_harness.rendering.markdown import summary_markdown
    from interop_harness.report import case_records

    report, cases = outcome.report, case_records(outcome.results)
    exchanges = {exchange.id: exchange for exchange in outcome.exchanges.values()}
    auth, fixes = outcome.plan.implementation.auth.as_json(), advice(outcome.plan)
    return {
        "report.html": report_html(report, exchanges, fail_on=fail_on, auth=auth, fixes=fixes),
        "junit.xml": junit(report, cases, exchanges=exchanges, fail_on=fail_on, auth=auth),
        "summary.md": summary_markdown(report, exchanges, fail_on=fail_on, auth=auth, fixes=fixes).encode("utf-8"),
    }


def refuse_edited(directory: Path, outcome: Outcome) -> None:
    """Refuse a page of a run directory that the evidence does not give. One that is not there is not missed.

    Raises EvidenceError. What --fail-on was said to the run is not recorded: either page will do.
    """
    from interop_harness.errors import EvidenceError

    made = [pages(outcome, fail_on) for fail_on in FAIL_ON]
    for name in made[0]:
        path = directory / name
        if path.is_file() and not any(_holds(path, each[name]) for each in made):
            raise EvidenceError(
                "run-page-differs",
                f"{path} is not what its evidence gives.",
                "It was edited, or another version of this tool wrote it. Take it out of the directory, or run again.",
            )


def _holds(path: Path, data: bytes) -> bool:
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _append(step: str, summary: str) -> None:
    """Append to the summary of a pipeline's step. That it cannot be written changes nothing about the run."""
    from interop_harness.regular import short
    from interop_harness.rendering.console import write as put

    # Without waiting: a pipe that nobody reads is no place for it.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(step, flags, 0o644), "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(summary)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        put(
            f"Warning: the summary was not appended to GITHUB_STEP_SUMMARY, {short(step)}: {reason}.\n"
            "         The run directory has it as summary.md.\n",
            sys.stderr,
        )


def show(
    outcome: Outcome,
    directory: Path,
    *,
    json_output: bool = False,
    quiet: bool = False,
    fail_on: str = "must",
    folder: str = "",
) -> None:
    """Print the report, the verdict line, or the summary with the failures first.

    ``folder`` is where the profile is, if the command named it by that.
    """
    from interop_harness.rendering.console import summary, terminal_width, wants_colour
    from interop_harness.rendering.console import write as put
    from interop_harness.rendering.view import headline

    if json_output:
        sys.stdout.write(outcome.report_bytes.decode("utf-8"))
        return
    if quiet:
        put(f"{headline(outcome.report)}\n", sys.stdout)
        return
    files = {"Report": directory / "report.html", "Evidence": directory / "evidence.jsonl.gz"}
    text = summary(
        outcome.report,
        {exchange.id: exchange for exchange in outcome.exchanges.values()},
        width=terminal_width(sys.stdout),
        colour=wants_colour(sys.stdout),
        fixes=advice(outcome.plan),
        files={name: str(path) for name, path in files.items() if path.is_file()},
        auth=outcome.plan.implementation.auth.as_json(),
        fail_on=fail_on,
        folder=folder,
    )
    put(text, sys.stdout)


def advice(plan: Plan) -> dict[str, dict[str, str]]:
    """Why each requirement matters and how it is usually mended."""
    return {row.id: {"why": row.why, "fix": row.fix} for row in plan.requirements}


def warn(sentence: str) -> None:
    """Say before a run what would come out only after it; nothing for an empty sentence."""
    from interop_harness.rendering.console import write as put

    if sentence:
        put(f"Warning: {sentence}\n", sys.stderr)


def interrupted(directory: Path, *, recorded: bool = False, profile: str = "") -> None:
    """Say what became of a run that was interrupted before all its files were written, and how to go on.

    ``profile`` is how the command named it, if it did.
    """
    from interop_harness.execution.directory import REPORT, has_begun
    from interop_harness.execution.journal import JOURNAL
    from interop_harness.rendering.console import write as put

    journal = directory / JOURNAL
    lines = ["Interrupted before the first test: nothing was judged, and no report was written."]
    if recorded:
        lines = [f"Interrupted before all files were written. What the service answered is kept in {journal}."]
    if has_begun(directory):
        lines.append(going_on(directory, profile))
    elif (directory / REPORT).exists():
        lines = [f"Interrupted after the last file was written: the run is whole in {directory}."]
    elif journal.exists():
        lines.append(f"Nothing was asked yet. Remove {directory}, and start again.")
    put("\n".join(["", *lines, ""]), sys.stderr)


def cut_short(directory: Path, profile: str = "") -> None:
    """Say how to go on with a run that was interrupted and has its report, if its journal is kept."""
    from interop_harness.execution.directory import has_begun
    from interop_harness.rendering.console import write as put

    if has_begun(directory):
        put(f"\nInterrupted. {going_on(directory, profile)}\n", sys.stderr)


def going_on(directory: Path, profile: str) -> str:
    """How to go on with the run in a directory. ``profile`` is how the command named it, if it did."""
    from interop_harness.execution.journal import to_resume

    return f"Go on with: {to_resume(directory, folder_of(profile))}"


def folder_of(profile: str) -> str:
    """A profile's name where it is that of a folder; else empty."""
    from interop_harness.profile.loading import is_place

    return profile if is_place(profile) else ""


def as_place(profile: str) -> str:
    """The same as a command line takes it."""
    folder = folder_of(profile)
    return _word(folder) if folder else ""


def as_folder(given: str) -> str:
    """What --profile-folder was given, as options take it that take names of profiles too; empty for nothing."""
    return as_place(given) or (_word(f"./{given}") if given else "")


def _word(given: str | Path) -> str:
    return shlex.quote(str(given))


def place(option: str, given: str | None) -> Path | None:
    """The path that an option names. Raises UsageError for one that no file system takes."""
    if given is None:
        return None
    from interop_harness.regular import short

    try:
        Path(given).exists()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError("path-unusable", f"{option} {short(given)} is no path: {reason}.", "Give another.") from error
    return Path(given)


def known_failures(path: Path | None, plan: Plan, secrets: Secrets) -> tuple[KnownFailure, ...] | None:
    """The known failures of a file. Raises UsageError, also where it holds a credential: they are kept and shown."""
    from interop_harness.execution.baseline import kept_baseline, read_baseline
    from interop_harness.plan import canonical

    if path is None:
        return None
    found = read_baseline(path, plan)
    if secrets.redactor.holds(canonical(kept_baseline(found))):
        raise UsageError("baseline-entry", f"{path} holds a credential of this target.", "Take it out of the file.")
    return found


def settle(
    plan: Plan, outcome: Outcome, known: tuple[KnownFailure, ...], fail_on: str, *, beside: bool, quiet: bool
) -> int:
    """Print what the baseline makes of a run, and give its exit code."""
    from interop_harness.execution.baseline import settle as settled
    from interop_harness.rendering.console import write as put

    found = settled(plan, outcome, known, fail_on=fail_on)
    lines = [f"Baseline: {'nothing but known failures' if found.exit == 0 else 'not met'}, exit {found.exit}."]
    lines += [] if quiet else [f"  {sentence}" for sentence in found.sentences]
    put("\n".join(["", *lines, ""]), sys.stderr if beside else sys.stdout)
    return found.exit


def checked_together(planned: Mapping[str, Any], **others: Any) -> None:
    """Raise UsageError where options contradict one another, or one that is needed is missing."""
    given = [name for name, value in planned.items() if value]
    if others["resume"] is not None and given:
        raise UsageError(
            "options-contradict",
            f"{' and '.join(given)} cannot go with --resume: the journal says what the run was begun with.",
            "Give --resume alone, with --target where credentials are needed.",
        )
    if others["resume"] is None:
        for name in ("profile", "target"):
            if not others[name]:
                word = "PROFILE" if name == "profile" else "--target"
                raise UsageError(
                    f"{name}-missing", f"{word} is missing.", "interop run PROFILE --target URL|FILE, or --resume DIR."
                )
    if planned["--seed"] and planned["--challenge"]:
        raise UsageError(
            "options-contradict", "--seed and --challenge contradict one another: the challenge decides the seed."
        )
    if planned["--challenge"] and others["baseline"] is not None:
        raise UsageError(
            "options-contradict",
            "--baseline and --challenge contradict one another: a challenge asks for a certificate, and a run with "
            "known failures is never signed.",
        )


def checked_numbers(**numbers: float | None) -> None:
    """Typer's bounds let through what is no number at all."""
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise UsageError("option-value", f"--{name.replace('_', '-')} must be a number, not {value}.")


def checked_seed(seed: str) -> str:
    if seed and not re.fullmatch(r"[0-9a-f]{64}", seed):
        raise UsageError("seed-malformed", "A seed is 64 hexadecimal digits.", "Leave it out: it is derived.")
    return seed


def checked_choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError("option-value", f"{option} must be {' or '.join(allowed)}, not {value!r}.")
