"""``interop run``: test a live endpoint against a profile."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def command(
    profile: Annotated[
        str, typer.Argument(help="Profile, for example open-referral-uk or open-referral-uk@3.0.", show_default=False)
    ] = "",
    target: Annotated[
        str | None, typer.Option(help="Base URL of the endpoint, or a target file (interop init makes one).")
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option(help="Conformance class claimed: CLASS=true or CLASS=false.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Requests under way at once; default: the target file's, else 4.")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=0.05, max=600, help="Seconds for one request; default: the target file's, else 30."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=10000,
            help="At most this many requests a second; default: the target file's, else any number.",
        ),
    ] = None,
    fail_on: Annotated[
        str | None, typer.Option(help="must (the default), or should: also exit 1 for a failed SHOULD.")
    ] = None,
    challenge: Annotated[str, typer.Option(help="The council's challenge; it decides samples and drawn values.")] = "",
    allow_writes: Annotated[bool, typer.Option("--allow-writes", help="Try operations that create records.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this requirement (or prefix); never conformant.")] = None,
    exhaustive: Annotated[bool, typer.Option("--exhaustive", help="Read every record instead of a sample.")] = False,
    max_requests: Annotated[
        int, typer.Option(min=0, help="Stop sending after this many, 0 for no limit; then never conformant.")
    ] = 0,
    max_time: Annotated[
        float | None, typer.Option(min=0.1, max=604800, help="Stop sending after this many seconds; likewise.")
    ] = None,
    failed_first: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Begin with what failed in this earlier run directory or report.json."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Known failures to let pass (docs/running.md). Such a run cannot be signed."),
    ] = None,
    seed: Annotated[str, typer.Option(help="For debugging: 64 hexadecimal digits. Such a run cannot be signed.")] = "",
    authorised_by: Annotated[str, typer.Option(help="Who allowed this test; needed for anything but loopback.")] = "",
    out: Annotated[
        str | None, typer.Option(metavar="PATH", help="Run directory; default reports/PROFILE/TIME.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Go on with the run in this directory that was cut off or interrupted."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the report instead of a summary.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict line only.")] = False,
) -> None:
    """Test a live endpoint against a profile and write a run directory.

    Exit: 0 conformant, 1 not conformant, 2 usage, 3 the harness failed, 4 inconclusive, 130 interrupted.

    Example:  interop run open-referral-uk --target https://api.example.org --authorised-by "J Smith, Exampleshire"
    """
    from interop_harness.cli import running, session
    from interop_harness.cli.earlier import failed_in
    from interop_harness.execution import resume as resume_of
    from interop_harness.profile.loading import named

    running.checked_choice("--fail-on", fail_on or "must", running.FAIL_ON)
    running.checked_numbers(timeout=timeout, rate=rate, max_time=max_time)
    directory, resumed = running.place("--out", out), running.place("--resume", resume)
    earlier, known_file = running.place("--failed-first", failed_first), running.place("--baseline", baseline)
    planned = {
        "--claim": claim,
        "--timeout": timeout,
        "--challenge": challenge,
        "--allow-writes": allow_writes,
        "--only": only,
        "--exhaustive": exhaustive,
        "--max-requests": max_requests,
        "--seed": seed,
        "--authorised-by": authorised_by,
        "--out": out,
    }
    running.checked_together(planned, resume=resume, profile=profile, target=target, baseline=baseline)
    first = failed_in(earlier) if earlier else frozenset()
    if resumed is not None:
        with named(profile):
            this = session.resume(resumed, profile, target or "")
    else:
        this = session.begin(
            profile,
            target or "",
            claims=claim or [],
            authorised_by=authorised_by,
            timeout=timeout,
            challenge=challenge,
            options={
                "exhaustive": exhaustive,
                "allow_writes": allow_writes,
                "only": only or [],
                "seed": running.checked_seed(seed),
                "max_requests": max_requests,
            },
            out=directory,
        )
    plan = this.plan
    known = running.known_failures(known_file, plan, this.secrets)
    running.warn(plan.implementation.unsignable)
    with this:
        begun = resume_of.begun(this.earlier, plan, fail_on=fail_on, max_time=max_time, known=known)
        try:
            outcome = this.execute(
                workers=workers or plan.implementation.limits.workers or 4,
                rate=rate,
                max_time=begun.seconds,
                first=first,
                known=begun.known,
                choices=begun.choices(claim or [], timeout, authorised_by),
                quiet=quiet or json_output,
            )
            this.write(outcome, begun.fail_on)
        except KeyboardInterrupt:
            running.interrupted(this.directory, recorded=this.recorded, profile=profile)
            raise typer.Exit(130) from None
    folder = running.as_place(profile)
    running.show(outcome, this.directory, json_output=json_output, quiet=quiet, fail_on=begun.fail_on, folder=folder)
    if outcome.interrupted:
        running.cut_short(this.directory, profile)
    code = exit_code(outcome, begun.fail_on)
    if begun.known is not None and not outcome.interrupted:
        code = running.settle(plan, outcome, begun.known, begun.fail_on, beside=json_output, quiet=quiet)
    raise typer.Exit(code)


def exit_code(outcome: Any, fail_on: str) -> int:
    """The verdict's code; 130 when interrupted; 1 for a failed SHOULD where those are to fail."""
    if outcome.interrupted:
        return 130
    report = outcome.report
    if fail_on == "should" and report["verdict"] == "conformant" and report["summary"]["SHOULD"]["fail"]:
        return 1
    return int(report["exit"])
