"""What ``run``, ``demo`` and the plugin share: from words on the command line to a written run directory."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interop_harness.errors import UsageError
from interop_harness.evidence import Redactor
from interop_harness.plan import Options, Plan, make_plan

if TYPE_CHECKING:
    from interop_harness.execution.run import Outcome
    from interop_harness.transport.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Secrets:
    """Credentials with the redactor that knows them."""

    credentials: Credentials
    redactor: Redactor


def prepare(
    profile: str,
    target: str,
    *,
    claims: Sequence[str] = (),
    authorised_by: str = "",
    timeout: float | None = None,
    challenge: str = "",
    options: Mapping[str, Any] | None = None,
) -> tuple[Plan, Secrets]:
    """Load profile and target and make the plan. Raises UsageError before anything is sent."""
    from interop_harness.generation.inputs import draw_inputs, inputs_of
    from interop_harness.implementation import load_target
    from interop_harness.plan import derive_seed
    from interop_harness.profile import load
    from interop_harness.transport.credentials import load_credentials

    found = load(profile)
    implementation = load_target(target, claims=claims, authorised_by=authorised_by or None)
    if timeout is not None:
        implementation = replace(implementation, limits=replace(implementation.limits, timeout=timeout))
    if challenge and not re.fullmatch(r"[0-9A-Za-z_-]{22,128}", challenge):
        raise UsageError(
            "challenge-weak", "A challenge has 22 to 128 letters and digits.", "interop challenge new makes one."
        )
    drawn = draw_inputs(found, derive_seed(found, implementation, challenge)) if challenge else None
    chosen = Options.from_json(options or {})
    plan = make_plan(found, implementation, chosen, challenge=challenge, inputs=inputs_of(found), drawn=drawn)
    credentials = load_credentials(implementation)
    return plan, Secrets(credentials, credentials.redactor())


def directory(plan: Plan, out: Path | None) -> Path:
    from interop_harness.execution.directory import claim, default_directory

    return claim(out or default_directory(plan.profile.id, datetime.now(UTC)))


def execute(plan: Plan, secrets: Secrets, *, workers: int, rate: float | None = None, quiet: bool = False) -> Outcome:
    """Run the plan with progress on standard error."""
    from interop_harness.execution.run import Silent, run
    from interop_harness.rendering.progress import progress_for

    progress = Silent() if quiet else progress_for(sys.stderr)
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
    summary = summary_markdown(outcome.report)
    files = {
        EVIDENCE: outcome.evidence_gz,
        "report.html": report_html(outcome.report, exchanges),
        "junit.xml": junit(outcome.report, case_records(outcome.results), fail_on=fail_on),
        "summary.md": summary.encode("utf-8"),
        REPORT: outcome.report_bytes,
    }
    write_files(directory, files, secrets.redactor, clear=unpack(outcome.evidence_gz))
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if step:
        with Path(step).open("a", encoding="utf-8") as file:
            file.write(summary)


def show(outcome: Outcome, plan: Plan, directory: Path, *, json_output: bool = False, quiet: bool = False) -> None:
    """Print the report, the verdict line, or the summary with the failures first."""
    if json_output:
        sys.stdout.write(outcome.report_bytes.decode("utf-8"))
        return
    from interop_harness.rendering.console import print_summary, verdict_line

    if quiet:
        print(verdict_line(outcome.report))  # noqa: T201 - a command's output
        return
    advice = {row.id: {"why": row.why, "fix": row.fix} for row in plan.requirements}
    exchanges = {exchange.id: exchange for exchange in outcome.exchanges.values()}
    print_summary(outcome.report, exchanges, advice=advice, directory=str(directory), stream=sys.stdout)


def checked_seed(seed: str) -> str:
    if seed and not re.fullmatch(r"[0-9a-f]{64}", seed):
        raise UsageError("seed-malformed", "A seed is 64 hexadecimal digits.", "Leave it out: it is derived.")
    return seed


def checked_choice(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError("option-value", f"{option} must be {' or '.join(allowed)}, not {value!r}.")
