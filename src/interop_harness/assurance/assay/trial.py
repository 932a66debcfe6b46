"""One mutant before the suite: what the suite made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, catalogue
from interop_harness.assurance.assay.ground import Ground, target
from interop_harness.assurance.assay.mutant import Mutant, guarded
from interop_harness.assurance.assay.partial import Partial
from interop_harness.assurance.incremental import Judged
from interop_harness.assurance.incremental import _same as same
from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.errors import HarnessError, UsageError
from interop_harness.generation.validation import Validators
from interop_harness.plan import Options
from interop_harness.profile import Operation, Parameter, Profile, load, read_yaml
from interop_harness.requirement import Level

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler


class Found(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    """A requirement that it breaks failed."""
    ELSEWHERE = "blamed elsewhere"
    """Only requirements failed that it does not break."""
    SURVIVED = "survived"
    UNCHANGED = "unchanged"
    """No answer differs, asked independently of the suite: there is nothing to catch, and it is not counted."""
    CRASHED = "crashed"
    """The mutant or the supplier under it raised: the assay is wrong."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and what the suite found."""

    id: str
    description: str
    breaks: tuple[str, ...]
    mandatory: bool
    """Whether it breaks a MUST of a class that cannot be unclaimed."""
    found: Found
    failed: tuple[str, ...]
    """Every requirement that failed and did not before."""
    doubted: int
    """How many requirements could no longer be judged."""
    note: str = ""
    accused: tuple[str, ...] | None = None
    """Requirements at MUST that failed and that it does not break; None when only those that it breaks were judged."""

    @property
    def counted(self) -> bool:
        return self.found in {Found.CAUGHT, Found.ELSEWHERE, Found.SURVIVED}

    @property
    def beside(self) -> tuple[str, ...]:
        """What failed beside the requirements that are right to blame."""
        return tuple(name for name in self.failed if name not in self.breaks)

    @property
    def first(self) -> bool:
        """Whether the very requirement that it is made for failed."""
        return self.breaks[0] in self.failed

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "description": self.description,
            "breaks": list(self.breaks),
            "mandatory": self.mandatory,
            "found": self.found.value,
            "failed": list(self.failed),
            "accused": None if self.accused is None else list(self.accused),
            "inconclusive": self.doubted,
            "note": self.note,
        }


class Bench:
    """The clean supplier of a profile, and the mutants derived from it. One a process."""

    def __init__(self, profile: Profile) -> None:
        from interop_harness.sandbox import handler, has_supplier

        if not has_supplier(profile.id):
            raise UsageError(
                "assay-no-supplier",
                f"{profile.name} has no reference supplier, so nothing can be changed in its answers.",
                "Give the profile a dataset and a reference supplier; see docs/detection.md.",
            )
        dataset, faults = profile.folder / "dataset", profile.folder / "faults.yaml"
        if not dataset.is_dir() or not any(dataset.iterdir()):
            raise UsageError("assay-no-dataset", f"{profile.name} has no dataset.", "Its supplier needs one.")
        if not faults.is_file() or not (read_yaml(faults) or {}).get("faults"):
            raise UsageError("assay-no-faults", f"{profile.name} has no named faults.", "Write a faults.yaml first.")
        self.profile = profile
        self.plan = reference_plan(profile, options=Options(allow_writes=True))
        clean = handler(profile.id, now=CLOCK)
        self.baseline = Partial(self.plan, clean, CLOCK)
        self.ground = Ground(self.plan, self.baseline.clean, clean, Validators(profile.openapi))
        self.mutants: Mapping[str, Mutant] = catalogue.catalogue(self.ground)
        self._probes: dict[str, Any] | None = None

    def supplier(self) -> Handler:
        """A clean supplier nobody has asked yet."""
        from interop_harness.sandbox import handler

        return handler(self.profile.id, now=CLOCK)

    def try_one(self, name: str, *, whole: bool = True) -> Trial:
        """Judge one mutant. With ``whole`` off only the requirements that are right to blame are judged at first.

        When one of them fails that is known, and what else fails is not; all is judged when none does.
        """
        mutant = self.mutants[name]
        crashes: list[str] = []
        try:
            made = self._tried(mutant, crashes, whole=whole)
        except Exception as error:  # whatever it is, it is one mutant's: the others are tried all the same
            crashes.append(str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}")
        return self._trial(mutant, Found.CRASHED, (), 0, crashes[0]) if crashes else made

    def _tried(self, mutant: Mutant, crashes: list[str], *, whole: bool) -> Trial:
        if not whole:
            failed = self.baseline.failing(guarded(mutant.apply(self.supplier()), crashes), set(mutant.breaks))
            if failed:
                return self._trial(mutant, Found.CAUGHT, failed, 0, "")
        judged = self.baseline.judge(guarded(mutant.apply(self.supplier()), crashes))
        before, after = self.baseline.clean.verdicts, judged.verdicts
        failed = tuple(sorted(row for row in after if after[row] == "fail" and before[row] != "fail"))
        doubted = sum(after[row] in {"inconclusive", "error"} and before[row] == "pass" for row in after)
        broken = [row for row in after if after[row] == "error" and before[row] != "error"]
        note = f"the suite itself broke: {', '.join(broken[:3])}" if broken else ""
        if set(failed) & set(mutant.breaks):
            found = Found.CAUGHT
        elif failed:
            found = Found.ELSEWHERE
        elif doubted or self._differs(mutant, judged, crashes):
            found = Found.SURVIVED
        else:
            found = Found.UNCHANGED
        accused = tuple(name for name in failed if name not in mutant.breaks and self._must(name))
        return dataclasses.replace(self._trial(mutant, found, failed, doubted, note), accused=accused)

    def _must(self, name: str) -> bool:
        """Whether a requirement decides the verdict."""
        row = self.ground.level[name]
        return row.level is Level.MUST and row.layer in self.profile.binding

    def _trial(self, mutant: Mutant, found: Found, failed: tuple[str, ...], doubted: int, note: str) -> Trial:
        rows = [self.ground.level[name] for name in mutant.breaks[:1]]
        mandatory = any(
            self._must(row.id)
            and (entry := self.profile.conformance_class(row.conformance_class)) is not None
            and entry.mandatory
            for row in rows
        )
        return Trial(mutant.id, mutant.description, mutant.breaks, mandatory, found, failed, doubted, note)

    # --- whether an answer differs at all -------------------------------------------------------------

    def _differs(self, mutant: Mutant, judged: Judged, crashes: list[str]) -> bool:
        """Whether any answer is another: of those the suite had, or of a fixed set chosen without looking at it."""
        seen = self.baseline.clean.exchanges
        if any(not same(seen[key], exchange) for key, exchange in judged.exchanges.items() if key in seen):
            return True
        changed = guarded(mutant.apply(self.supplier()), crashes)
        for asked, clean in self._clean_probes().items():
            answer = self.ground.get(asked, changed)
            if (answer.status, answer.headers, answer.body) != clean:
                return True
        return False

    def _clean_probes(self) -> dict[str, Any]:
        if self._probes is None:
            self._probes = {}
            for asked in probes(self.ground):
                answer = self.ground.get(asked, self.supplier())
                self._probes[asked] = (answer.status, answer.headers, answer.body)
        return self._probes


def probes(ground: Ground) -> list[str]:
    """Lists whole and in small pages, records one by one, every documented parameter, and filters with known values."""
    found: list[str] = []
    for operation in ground.operations:
        if operation.method != "GET":
            continue
        for parameter in operation.parameters if not operation.path_parameters else ():
            if parameter.place == "query":
                always = [
                    (name, ground.fact(value))
                    for name, value in ground.spec(operation.id).query
                    if name != parameter.name
                ]
                values = values_of(ground, operation, parameter)
                found += [target(operation, {}, [*always, (parameter.name, value)]) for value in values]
        if operation.path_parameters:
            found += [answer.target for answer in ground.good(operation.id)]
            continue
        found.append(target(operation, {}))
        spec = ground.spec(operation.id)
        if spec.page_parameter and spec.size_parameter:
            found += [
                target(operation, {}, [(spec.page_parameter, str(number)), (spec.size_parameter, "7")])
                for number in range(1, 6)
            ]
    for case in ground.cases:
        if case.family == "filters.witness" and "from" in case.arguments:
            from interop_harness.assurance.assay.filters import known_values

            operation = ground.profile.operations[str(case.arguments["operation"])]
            values = sorted({value for _, own in known_values(ground, case) for value in own})[:12]
            found += [target(operation, {}, [(str(case.arguments["parameter"]), value)]) for value in values]
    return list(dict.fromkeys(found))


def values_of(ground: Ground, operation: Operation, parameter: Parameter) -> list[str]:
    """A few values to ask a parameter with: documented, asked elsewhere by the suite, or held by a record."""
    from interop_harness.sandbox.message import parse_query

    found = [*parameter.values, *parameter.schema.get("enum", ()), parameter.example]
    for exchange in ground.clean.exchanges.values():
        if exchange.ok:
            query = parse_query(exchange.request.target.partition("?")[2])
            found += [value for name, value in query if name == parameter.name]
    for answer in ground.good(operation.id)[:1]:
        found += [value for path, value in bodies.walk(answer.value) if path[-1] == parameter.name][:2]
    known = [str(value) for value in found if isinstance(value, (str, int, float)) and value != ""]
    return list(dict.fromkeys(known or ["1"]))[:6]


@cache
def bench(folder: str) -> Bench:
    """The bench of this process."""
    return Bench(load(folder))
