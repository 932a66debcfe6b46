"""From trials to figures: for each requirement, for the profile, and whether they reach the floor."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interop_harness.assurance.assay.trial import Found, Trial

WIDTH = 80
SHOWN = 3
"""Requirements named of those that a mutant breaks."""
MOST_EXCUSED = 30
"""Of a thousand mutants: a profile that excuses more than that is not measured, it is excused."""


@dataclass(slots=True)
class Row:
    """What became of the mutants made for one requirement."""

    caught: int = 0
    survived: int = 0
    elsewhere: int = 0
    excused: int = 0

    @property
    def total(self) -> int:
        return self.caught + self.survived + self.elsewhere


@dataclass(frozen=True)
class Floor:
    """What a profile's detection must not fall below: shares of a thousand, so that nothing is rounded."""

    caught: int = 990
    mandatory: int = 1000
    blamed: int = 970
    mutants: int = 0
    variants: int = 200
    """How many conforming variants are judged for figures that are kept."""


@dataclass(frozen=True)
class Score:
    """The figures of an assay."""

    profile: str
    seed: str
    trials: tuple[Trial, ...]
    known: int
    """How many mutants the profile has, of which these are all or a sample."""
    excuses: Mapping[str, str]
    rows: Mapping[str, Row] = field(default_factory=dict)

    @property
    def counted(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.counted]

    @property
    def caught(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.found is Found.CAUGHT]

    @property
    def missed(self) -> list[Trial]:
        """Survivors, and mutants that only requirements failed over which they do not break."""
        return [trial for trial in self.counted if trial.found is not Found.CAUGHT]

    @property
    def excused(self) -> list[Trial]:
        return [trial for trial in self.missed if self.excuse(trial)]

    @property
    def unexcused(self) -> list[Trial]:
        return [trial for trial in self.missed if not self.excuse(trial)]

    @property
    def crashed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.found is Found.CRASHED]

    @property
    def crashes(self) -> list[str]:
        return [f"{trial.id} crashed: {trial.note}" for trial in self.crashed]

    @property
    def unchanged(self) -> int:
        return sum(trial.found is Found.UNCHANGED for trial in self.trials)

    def excuse(self, trial: Trial) -> str:
        """The profile's reason why the clause does not forbid it; empty when it gives none."""
        return self.excuses.get(trial.id, "")

    def share(self, *, mandatory: bool = False) -> int:
        """Caught per thousand of what is counted and not excused; nothing excuses a MUST of a mandatory class."""
        every = [trial for trial in self.counted if (trial.mandatory if mandatory else not self.excuse(trial))]
        caught = sum(trial.found is Found.CAUGHT for trial in every)
        return caught * 1000 // len(every) if every else 1000

    @property
    def blamed(self) -> int:
        """Of those that something failed over, how many per thousand the right requirement failed over."""
        noticed = [trial for trial in self.counted if trial.failed]
        return len(self.caught) * 1000 // len(noticed) if noticed else 1000

    @property
    def first(self) -> int:
        """How many of the caught the very requirement failed over that they are made for."""
        return sum(trial.first for trial in self.caught)

    @property
    def whole(self) -> list[Trial]:
        """Those of the caught over which everything was judged, so that it is known what failed beside."""
        return [trial for trial in self.caught if trial.accused is not None]

    @property
    def accused(self) -> list[Trial]:
        """Those of them over which a requirement at MUST failed that they do not break."""
        return [trial for trial in self.whole if trial.accused]

    def below(self, floor: Floor) -> list[str]:
        """What falls short of the floor, in sentences."""
        found = []
        for what, here, least in (
            ("caught", self.share(), floor.caught),
            ("caught of those that break a MUST of a mandatory class", self.share(mandatory=True), floor.mandatory),
            ("blamed on the right requirement", self.blamed, floor.blamed),
        ):
            if here < least:
                found.append(f"{here / 10:.1f} % {what}: the floor is {least / 10:.1f} %")
        if len(self.excused) * 1000 > MOST_EXCUSED * len(self.counted) and len(self.trials) == self.known:
            found.append(f"{len(self.excused)} of {len(self.counted)} excused: the most is {MOST_EXCUSED / 10:.1f} %")
        if self.known < floor.mutants:
            found.append(f"{self.known} mutants are known: the floor is {floor.mutants}")
        if len(self.trials) == self.known:
            idle = sorted(set(self.excuses) - {trial.id for trial in self.trials})
            found += [f"{name} is excused, and there is no such mutant" for name in idle]
        found += self.crashes
        if not self.counted:
            found.append("nothing was counted")
        return found

    def figures(self) -> dict[str, Any]:
        return {
            "caught": len(self.caught),
            "total": len(self.counted),
            "excused": len(self.excused),
            "survived": sum(trial.found is Found.SURVIVED for trial in self.trials),
            "blamed_elsewhere": sum(trial.found is Found.ELSEWHERE for trial in self.trials),
            "blamed_first": self.first,
            "unchanged": self.unchanged,
            "mandatory_caught": sum(trial.mandatory for trial in self.caught),
            "mandatory_total": sum(trial.mandatory for trial in self.counted),
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "seed": self.seed,
            "known": self.known,
            "tried": len(self.trials),
            "figures": self.figures(),
            "judged_whole": len(self.whole),
            "accused_beside": [
                {"id": trial.id, "breaks": list(trial.breaks), "accused": list(trial.accused or ())}
                for trial in self.accused
            ],
            "requirements": {
                name: {"caught": row.caught, "survived": row.survived, "blamed_elsewhere": row.elsewhere}
                for name, row in sorted(self.rows.items())
            },
            "missed": [{**trial.as_json(), "excuse": self.excuse(trial)} for trial in self.missed],
            "crashed": [trial.as_json() for trial in self.crashed],
            "trials": [{"id": trial.id, "found": trial.found.value} for trial in self.trials],
        }


def score(profile: str, seed: str, trials: Sequence[Trial], known: int, excuses: Mapping[str, str]) -> Score:
    """Put trials together. Mutants are counted at the requirement that they were made for."""
    made = Score(profile, seed, tuple(sorted(trials, key=lambda trial: trial.id)), known, excuses)
    rows: dict[str, Row] = {}
    for trial in made.counted:
        row = rows.setdefault(trial.breaks[0], Row())
        row.caught += trial.found is Found.CAUGHT
        row.survived += trial.found is Found.SURVIVED
        row.elsewhere += trial.found is Found.ELSEWHERE
        row.excused += bool(made.excuse(trial)) and trial.found is not Found.CAUGHT
    return Score(made.profile, seed, made.trials, known, excuses, rows)


def text(made: Score) -> str:
    """The figures for people: a line a requirement, every survivor by name."""
    lines = [f"{'requirement':<44} caught  survived  blamed elsewhere"]
    for name, row in sorted(made.rows.items()):
        lines.append(f"{name:<44} {row.caught:>6}  {row.survived:>8}  {row.elsewhere:>16}")
    for title, trials in (
        ("Not caught", made.unexcused),
        ("Excused", made.excused),
        ("Crashed: errors of the assay", made.crashed),
    ):
        if trials:
            lines.append(f"\n{title}:")
            lines += [line for trial in trials for line in _lines(made, trial)]
    lines.append(f"\n{summary(made)}")
    return "\n".join(lines)


def wrapped(words: str, indent: str = "") -> str:
    """A sentence in lines that a terminal of 80 columns shows as they are; ids are never broken."""
    further = indent + "  "
    return textwrap.fill(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(made: Score, trial: Trial) -> list[str]:
    """A mutant by its id, what it does, and what became of it: a line or more each."""
    more = len(trial.breaks) - SHOWN
    became = [
        f"breaks {', '.join(trial.breaks[:SHOWN])}{f' and {more} more' if more > 0 else ''}",
        f"failed instead: {', '.join(trial.failed[:4])}" if trial.failed else "",
        f"{trial.doubted} could no longer be judged" if trial.doubted else "",
    ]
    said = ["; ".join(one for one in became if one), trial.note, made.excuse(trial)]
    return [f"  {trial.id}", wrapped(trial.description, "    "), *(wrapped(one, "    ") for one in said if one)]


def summary(made: Score) -> str:
    figures = made.figures()
    part = "" if len(made.trials) == made.known else f", a sample of {made.known} (seed {made.seed})"
    first = f"{made.first * 100 / len(made.caught):.1f} %" if made.caught else "none"
    said = [
        f"of MUSTs of mandatory classes {figures['mandatory_caught']} of {figures['mandatory_total']}",
        f"{made.blamed / 10:.1f} % blamed on the right requirement, {first} on the very one they are made for"
        if made.caught
        else "nothing was caught",
        f"{len(made.accused)} of {len(made.whole)} accused a MUST beside that they do not break" if made.whole else "",
        f"{made.unchanged} left the answers unchanged and are not counted",
    ]
    head = f"{made.profile}: caught {figures['caught']} of {figures['total']}, {figures['excused']} excused{part}"
    return "\n".join([wrapped(head), *(wrapped(one, "  ") for one in said if one)])
