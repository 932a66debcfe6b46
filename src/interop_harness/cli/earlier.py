"""The report of an earlier run, as ``--failed-first`` reads it: which requirements to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from interop_harness.errors import UsageError
from interop_harness.regular import read_regular
from interop_harness.report import FORMAT
from interop_harness.requirement import Outcome

MAX_REPORT = 64 * 1024**2
"""Bytes of an earlier report.json that are read: thirty findings of every requirement are far less."""
_DOUBTFUL = frozenset({Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE})


def failed_in(place: Path) -> frozenset[str]:
    """The requirements that an earlier report does not call passed. Raises UsageError when there is none."""
    path = place / "report.json" if place.is_dir() else place
    try:
        report = json.loads(read_regular(path, MAX_REPORT))
    except OSError as error:
        raise UsageError(
            "failed-first-file", f"{path} cannot be read: {error.strerror}.", "Name an earlier run directory."
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError("failed-first-file", f"{path} is no report of a run: it is not JSON.") from error
    amiss = _no_report(report)
    if amiss:
        hint = "Name an earlier run directory, or the report.json in it."
        raise UsageError("failed-first-file", f"{path} is no report of a run: {amiss}.", hint)
    return frozenset(row["id"] for row in report["requirements"] if row["verdict"] in _DOUBTFUL)


def _no_report(report: Any) -> str:
    """What is amiss with what was read as a report, of all that is looked at here; empty for nothing."""
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        return f"it does not say format: {FORMAT}"
    rows = report.get("requirements")
    if not isinstance(rows, list):
        return "its requirements are no list"
    known = set(Outcome)
    for number, row in enumerate(rows, 1):
        verdict = row.get("verdict") if isinstance(row, dict) else None
        if not isinstance(verdict, str) or verdict not in known or not isinstance(row.get("id"), str):
            return f"its requirement {number} lacks an id or a verdict"
    return ""
