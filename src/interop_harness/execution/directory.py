"""The run directory: every file written whole or not at all, scanned for secrets, and marked for what it is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from interop_harness.errors import EvidenceError, UsageError
from interop_harness.evidence import Redactor
from interop_harness.evidence.lines import unpacked
from interop_harness.execution.journal import JOURNAL, to_resume
from interop_harness.execution.replacing import replace_file
from interop_harness.regular import read_regular, refuse_irregular

REPORT, EVIDENCE = "report.json", "evidence.jsonl.gz"
MAX_EVIDENCE = 1024**3


def default_directory(profile: str, started: datetime, root: Path = Path("reports")) -> Path:
    """``reports/<profile>/<time>/`` below the working directory; a number is added when that exists already."""
    base = root / profile / started.strftime("%Y%m%dT%H%M%SZ")
    found = base
    for number in range(2, 1000):
        if not found.exists():
            return found
        found = base.with_name(f"{base.name}-{number}")
    return found


def claim(directory: Path) -> Path:
    """Make the directory, or take an empty one. Raises UsageError when it cannot be written or holds a run."""
    refuse_taken(make(directory))
    return directory


def make(directory: Path) -> Path:
    """Make the directory unless it is there. Raises UsageError when it cannot be written."""
    if directory.exists() and not directory.is_dir():
        raise UsageError("directory-unwritable", f"{directory} is no directory.", "Choose another with --out.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise UsageError(
            "directory-unwritable", f"{directory} cannot be written: {error.strerror}.", "Choose another with --out."
        ) from error
    return directory


def refuse_taken(directory: Path, folder: str = "") -> None:
    """Raise UsageError when the directory holds a run. ``folder`` is where the profile is, if it was named by that."""
    if (directory / REPORT).exists() or (directory / EVIDENCE).exists():
        raise UsageError("directory-taken", f"{directory} already holds a run.", "Choose another with --out.")
    if (directory / JOURNAL).exists() and not has_begun(directory):
        raise UsageError(
            "directory-taken",
            f"{directory} holds a run that was cut off before it had asked anything.",
            "Remove it, or choose another with --out.",
        )
    if (directory / JOURNAL).exists():
        raise UsageError(
            "directory-taken",
            f"{directory} holds a run that was cut off.",
            f"Go on with: {to_resume(directory, folder)}  or choose another with --out.",
        )


def has_begun(directory: Path) -> bool:
    """Whether the first line of the journal is whole: without it there is nothing that a run could go on with."""
    try:
        with (directory / JOURNAL).open("rb") as file:
            return file.readline().endswith(b"\n")
    except OSError:
        return False


def write_files(directory: Path, files: Mapping[str, bytes], redactor: Redactor, folder: str = "") -> None:
    """Write the files of a run. Raises InternalError before writing any if a known secret stands in one of them.

    ``folder`` is where the profile is, if it was named by that.
    """
    for name, data in files.items():
        redactor.refuse_leak(unpacked(data) if name == EVIDENCE else data, name)
    resumable = (directory / JOURNAL).is_file()
    todo = f"What was recorded is kept. When there is room, go on with: {to_resume(directory, folder)}"
    for name, data in files.items():
        write_atomically(directory / name, data, todo if resumable else "")


def write_atomically(path: Path, data: bytes, todo: str = "") -> None:
    """Replace a file in one step, so that nobody ever reads half of it. ``todo`` is what to do where it cannot be."""
    try:
        replace_file(path, [data])
    except OSError as error:
        raise UsageError("file-unwritable", f"{path} cannot be written: {error.strerror}.", todo) from error


def read_evidence_file(directory: Path) -> bytes:
    """The evidence file of a run directory (or the file itself). Raises EvidenceError."""
    path = directory / EVIDENCE if directory.is_dir() else directory
    try:
        refuse_irregular(path)
        if path.stat().st_size > MAX_EVIDENCE:
            raise EvidenceError("evidence-too-large", f"{path} is larger than this tool reads.")
        return read_regular(path, MAX_EVIDENCE)
    except OSError as error:
        raise EvidenceError(
            "evidence-unreadable", f"{path} cannot be read: {error.strerror}.", "Name a run directory."
        ) from error
