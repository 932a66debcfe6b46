"""What ``run``, ``demo`` and the plugin share: from words on the command line to a written run directory."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from interop_harness.errors import UsageError

if TYPE_CHECKING:
    from interop_harness.execution.prepare import Secrets
    from interop_harness.execution.run import Outcome
    from interop_harness.plan import Plan


def directory(plan: Plan, out: Path | None) -> Path:
    from interop_harness.execution.directory import claim, default_directory

    return claim(out or default_directory(plan.profile.id, datetime.now(UTC)))


def execute(plan: Plan, secrets: Secrets, *, workers: int, rate: float | None = None, quiet: bool = False) -> Outcome:
    """Run the plan with progress on standard error."""
    from interop_harness.execution.run import Silent, run
    from interop_harness.rendering.progress import progress as progress_on

    progress = Silent() if quiet else progress_on(sys.stderr)
    return run(plan, secrets.credentials, secrets.redactor, workers=workers, rate=rate, progress=progress)


def write(directory: Path, plan: Plan, outcome: Outcome, secrets: Secrets, fail_on: str = "must") -> None:
    """Write the run directory, and append the summary where GitHub asks for one."""
    from interop_harness.evidence.lines import unpack
    from interop_harness.execution.directory import EVIDENCE, REPORT, write_files
    from interop_harness.rendering.html import report_html
    from interop_harness.rendering.junit import junit
    from interop_harness.rendering.markdown import summary_markdown
    from interop_harness.report import case_records

    exchanges = {exchange.id: exchange for exchange in outcome.exchanges.values()}
    auth = plan.implementation.auth.as_json()
    fixes = advice(plan)
    summary = summary_markdown(outcome.report, exchanges, fail_on=fail_on, auth=auth, fixes=fixes)
    files = {
        EVIDENCE: outcome.evidence_gz,
        "report.html": report_html(outcome.report, exchanges, fail_on=fail_on, auth=auth, fixes=fixes),
        "junit.xml": junit(
            outcome.report, case_records(outcome.results), exchanges=exchanges, fail_on=fail_on, auth=auth
        ),
        "summary.md": summary.encode("utf-8"),
        REPORT: outcome.report_bytes,
    }
    write_files(directory, files, secrets.redactor, clear=unpack(outcome.evidence_gz))
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if step:
        with Path(step).open("a", encoding="utf-8") as file:
            file.write(summary)


def show(
    outcome: Outcome,
    plan: Plan,
    directory: Path,
    *,
    json_output: bool = False,
    quiet: bool = False,
    fail_on: str = "must",
) -> None:
    """Print the report, the verdict line, or the summary with the failures first."""
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
        fixes=advice(plan),
        files={name: str(path) for name, path in files.items() if path.is_file()},
        auth=plan.implementation.auth.as_json(),
        fail_on=fail_on,
    )
    put(text, sys.stdout)


def advice(plan: Plan) -> dict[str, dict[str, str]]:
    """Why each requirement matters and how it is usually mended."""
    return {row.id: {"why": row.why, "fix": row.fix} for row in plan.requirements}


def checked_seed(seed: str) -> str:
    if seed and not re.fullmatch(r"[0-9a-f]{64}", seed):
        raise UsageError("seed-malformed", "A seed is 64 hexadecimal digits.", "Leave it out: it is derived.")
    return seed


def checked_choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError("option-value", f"{option} must be {' or '.join(allowed)}, not {value!r}.")
