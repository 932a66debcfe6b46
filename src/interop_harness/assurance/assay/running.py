"""Many mutants in several processes: each process has a bench of its own, so the order of trials changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context

from interop_harness.assurance.assay import catalogue
from interop_harness.assurance.assay.alarms import Alarm, judge_variant
from interop_harness.assurance.assay.keeping import excuses
from interop_harness.assurance.assay.notes import Notes
from interop_harness.assurance.assay.score import Score, score
from interop_harness.assurance.assay.trial import Bench, Trial, bench
from interop_harness.profile import Profile

SAMPLE = 120
"""Mutants of an ordinary assay: under two minutes on two cores for the largest profile."""


def assay(
    profile: Profile,
    *,
    count: int = SAMPLE,
    seed: str = "0",
    jobs: int = 1,
    whole: bool = True,
    only: str = "",
    notes: Notes | None = None,
    progress: Callable[[int, int, Trial], None] | None = None,
) -> Score:
    """Try a sample of a profile's mutants (``count`` 0: all of them). Raises UsageError where there is nothing to try.

    ``whole``: judge everything, so that what fails beside the right requirement is known too.
    """
    here = bench(str(profile.folder))
    names = catalogue.sample([name for name in here.mutants if only in name], count, seed)
    noted = notes.trials if notes is not None else {}
    known = {name: noted[name, whole] for name in names if (name, whole) in noted and _holds(here, noted[name, whole])}
    trials = list(known.values())
    left = [name for name in names if name not in known]
    for trial in _trials(str(profile.folder), left, jobs, whole):
        trials.append(trial)
        if notes is not None:
            notes.note(trial, whole=whole)
        if progress is not None:
            progress(len(trials), len(names), trial)
    return score(profile.name, seed, trials, len(here.mutants), excuses(profile))


def _holds(here: Bench, noted: Trial) -> bool:
    """Whether what was noted of a mutant is of the mutant as it is now. What was idle or crashed is tried again."""
    mutant = here.mutants[noted.id]
    return noted.counted and (noted.breaks, noted.description) == (mutant.breaks, mutant.description)


def _trials(folder: str, names: Sequence[str], jobs: int, whole: bool) -> Iterator[Trial]:
    if jobs < 2 or len(names) < 2:
        for name in names:
            yield bench(folder).try_one(name, whole=whole)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_one, [(folder, name, whole) for name in names], chunksize=4)


def _one(work: tuple[str, str, bool]) -> Trial:
    folder, name, whole = work
    return bench(folder).try_one(name, whole=whole)


def unvaried(profile: Profile) -> list[str]:
    """The properties of conforming variety that this profile has no place for.

    Raises ProfileError where the profile's list of free members cannot be read, before anything is tried.
    """
    from interop_harness.assurance.assay.variety import applying

    return [name for name, ways in applying(bench(str(profile.folder)).ground).items() if not ways]


def judge_variants(profile: Profile, count: int, seed: str, jobs: int, *, notes: Notes | None = None) -> list[Alarm]:
    """The first ``count`` conforming variants of a seed, before the whole suite."""
    known = notes.alarms if notes is not None else {}
    found = {number: known[number] for number in range(count) if number in known}
    work = [(str(profile.folder), number, seed) for number in range(count) if number not in found]
    for alarm in _alarms(work, jobs):
        found[alarm.number] = alarm
        if notes is not None:
            notes.note(alarm)
    return [found[number] for number in range(count)]


def _alarms(work: Sequence[tuple[str, int, str]], jobs: int) -> Iterator[Alarm]:
    if jobs < 2 or len(work) < 2:
        for one in work:
            yield _variant(one)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_variant, work, chunksize=2)


def _variant(work: tuple[str, int, str]) -> Alarm:
    folder, number, seed = work
    return judge_variant(folder, number, seed)
