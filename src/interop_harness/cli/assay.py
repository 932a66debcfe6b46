"""``interop assay``: how many of a profile's mutants the suite catches, and whether it accuses conforming suppliers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

VARIANTS = 10
"""Conforming variants of an ordinary assay: with its mutants under two minutes on two cores."""


def _variants(stated: int, everything: bool, only: str) -> int:
    """How many are judged when nobody says: none where somebody looks at single mutants."""
    return 0 if only else stated if everything else VARIANTS


def command(
    profile: Annotated[str, typer.Argument(help="Profile; default: every one that has a reference supplier.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every mutant instead of a sample.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="How many mutants are drawn.")] = 120,
    seed: Annotated[str, typer.Option(help="What the sample and the variants are drawn with.")] = "0",
    variants: Annotated[
        int | None,
        typer.Option(
            min=0,
            help=f"How many conforming variants are judged too: {VARIANTS} unless said otherwise, with --all what the"
            " profile states, with --only none.",
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes to share the work between.")] = 2,
    only: Annotated[str, typer.Option(help="Only mutants whose id contains this.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Write detection.json; needs --all.")] = False,
    notes: Annotated[Path | None, typer.Option(help="Note what is judged in this file, and go on from it.")] = None,
    check_stale: Annotated[
        bool, typer.Option("--check-stale", help="Only look whether kept figures are stale or below the floor.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the last lines only.")] = False,
) -> None:
    """Change a conforming supplier's answers in many small ways, and count what the suite catches.

    Mutants are derived from the profile. Those that survive are named; those that the profile excuses are counted
    all the same. Ten conforming suppliers that differ in what the standard leaves open are judged as well: none of
    them may fail a MUST. That takes up to two minutes on two cores, and --all takes long. Exit: 0 above the
    profile's floor, 1 below it or with a false alarm, 3 when the assay itself broke.

    Example:  interop assay open-referral-uk --variants 40
    """
    import json

    from interop_harness.assurance.assay.keeping import fallen, floor, stale
    from interop_harness.assurance.assay.keeping import keep as keep_figures
    from interop_harness.assurance.assay.notes import Notes
    from interop_harness.assurance.assay.running import assay, judge_variants, unvaried
    from interop_harness.assurance.assay.score import summary, text, wrapped
    from interop_harness.errors import UsageError
    from interop_harness.execution.record import suite_sha256
    from interop_harness.profile import installed, load
    from interop_harness.sandbox import has_supplier

    if keep and (not everything or only):
        raise UsageError("assay-keep", "Only the figures of all mutants are kept.", "Add --all, and leave --only out.")
    found = [load(name) for name in ([profile] if profile else [str(folder) for folder in installed()])]
    chosen = [one for one in found if profile or has_supplier(one.id)]
    if check_stale:
        problems = [sentence for one in chosen for sentence in (*stale(one), *fallen(one))]
        for sentence in problems or ["The kept figures are of this suite and these profiles, and above the floor."]:
            typer.echo(sentence)
        raise typer.Exit(1 if problems else 0)
    suite_sha256()  # as it is now: figures are kept only if it is the same at the end
    made, worst = [], 0
    for one in chosen:
        book = Notes(notes, one, seed) if notes is not None else None
        count, same = 0 if everything else sample, unvaried(one)
        score = assay(one, count=count, seed=seed, jobs=jobs, whole=not everything, only=only, notes=book)
        if only and not score.trials:
            raise UsageError("assay-only", f"No mutant of {one.name} has {only!r} in its id.", "Ask without --only.")
        wanted = variants if variants is not None else _variants(floor(one).variants, everything, only)
        alarms = judge_variants(one, wanted, seed, jobs, notes=book)
        false = [alarm for alarm in alarms if alarm.must or alarm.crash]
        short = score.below(floor(one))
        told = {"variants": len(alarms), "false_alarms": len(false), "unvaried": same}
        made.append({**score.as_json(), **told, "below": short, "alarms": [alarm.as_json() for alarm in false]})
        if keep:
            keep_figures(one, score, {"judged": len(alarms), "false_alarms": len(false)})
        if not json_output:
            typer.echo(summary(score) if quiet else text(score))
            for alarm in false:
                over = f"{', '.join(alarm.must) or alarm.crash} over variant {alarm.number}: {alarm.told}"
                typer.echo(wrapped(f"false alarm: {over}"))
            if alarms:
                typer.echo(f"{one.name}: {len(false)} false alarms over {len(alarms)} conforming variants")
            if alarms and same and not quiet:
                typer.echo(wrapped(f"nothing to vary in this profile: {', '.join(same)}"))
            for sentence in score.crashes:
                typer.echo(wrapped(f"error of the assay: {sentence}"))
            for sentence in short:
                if sentence not in score.crashes:
                    typer.echo(wrapped(f"below the floor: {sentence}"))
        worst = max(worst, 3 if score.crashed else 1 if short or false else 0)
    if json_output:
        typer.echo(json.dumps(made, indent=2, sort_keys=True))
    raise typer.Exit(worst)
