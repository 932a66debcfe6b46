"""Conforming variants before the suite: whatever fails over one of them is a false alarm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay.free import stated
from interop_harness.assurance.assay.mutant import guarded
from interop_harness.assurance.assay.trial import Bench, bench
from interop_harness.assurance.assay.variety import Variant, applied, variant
from interop_harness.assurance.incremental import Baseline, Judged
from interop_harness.assurance.incremental import _same as same
from interop_harness.assurance.selftest import CLOCK
from interop_harness.errors import HarnessError
from interop_harness.generation.inputs import inputs_of
from interop_harness.plan import make_plan
from interop_harness.requirement import Level

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


MOST_DRAWS = 20
"""How often a variant is drawn anew because what it varies changes no answer of the profile."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What failed over one conforming variant."""

    number: int
    told: str
    must: tuple[str, ...]
    """MUSTs that failed, or could not be judged for a fault of ours: false alarms."""
    should: tuple[str, ...]
    """SHOULDs that failed: advice that a conforming supplier may leave aside."""
    inconclusive: bool
    guilty: tuple[str, ...] = ()
    """The properties that bring the false alarm about by themselves."""
    crash: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "variant": self.number,
            "varied": self.told,
            "must": list(self.must),
            "should": list(self.should),
            "inconclusive": self.inconclusive,
            "guilty": list(self.guilty),
            "crash": self.crash,
        }


def judge_variant(folder: str, number: int, seed: str) -> Alarm:
    """One variant; when it alarms, each of its properties alone too. One that changes no answer is drawn again."""
    here = bench(folder)
    stated(here.ground)  # a list that says nothing stops the assay: it is no alarm
    for again in range(MOST_DRAWS):
        drawn = f"{seed} again {again}" if again else seed
        chosen = variant(here.ground, number, drawn)
        found = _judged(here, folder, chosen, drawn)
        if found is not None:
            break
    else:
        told = f"nothing that was varied in {MOST_DRAWS} draws changes an answer of this profile"
        return Alarm(number, "", (), (), True, (), told)
    if not found.must:
        return found
    guilty = []
    for alone in _singly(chosen):
        only = _judged(here, folder, alone, drawn)
        if only is not None and only.must:
            guilty.append(alone.told)
    return replace(found, guilty=tuple(guilty))


def _singly(chosen: Variant) -> Iterator[Variant]:
    for way in chosen.ways:
        yield Variant(chosen.number, (way,), ())
    for name in chosen.unclaimed:
        yield Variant(chosen.number, (), (name,))


def _judged(here: Bench, folder: str, chosen: Variant, seed: str) -> Alarm | None:
    """What fails over a variant; None where none of its answers is another than the reference supplier's."""
    baseline = _baseline(folder, chosen.unclaimed)
    clean = without_classes(here, here.supplier(), chosen.unclaimed)
    crashes: list[str] = []
    try:
        handler, done = applied(here.ground, chosen, clean, seed)
        if not done and not chosen.unclaimed:
            return None
        judged = baseline.judge(guarded(handler, crashes))
    except HarnessError as error:
        return Alarm(chosen.number, chosen.told, (), (), True, (), crashes[0] if crashes else str(error))
    if not chosen.unclaimed and not _seen(baseline, judged):
        anew, _ = applied(here.ground, chosen, here.supplier(), seed)
        if not differs(here, anew):
            return None
    told = Variant(chosen.number, done, chosen.unclaimed).told
    before = baseline.clean.verdicts
    failed = [
        row.requirement
        for name, row in judged.rows.items()
        if row.outcome.value in {"fail", "error"} and before[name] not in {"fail", "error"}
    ]
    return Alarm(
        chosen.number,
        told,
        tuple(row.id for row in failed if row.level is Level.MUST),
        tuple(row.id for row in failed if row.level is not Level.MUST),
        judged.verdict.value == "inconclusive",
        (),
        crashes[0] if crashes else "",
    )


def _seen(baseline: Baseline, judged: Judged) -> bool:
    """Whether the suite saw another answer, as it reads answers."""
    clean = baseline.clean.exchanges
    return any(not same(clean[key], exchange) for key, exchange in judged.exchanges.items() if key in clean)


class _DifferenceError(Exception):
    """Enough was seen."""


def differs(here: Bench, handler: Handler) -> bool:
    """Whether any answer to what the suite asks is another than the reference supplier's, to the byte."""
    clean, found = here.supplier(), []

    def both(request: SandboxRequest) -> SandboxResponse:
        one, other = handler(request), clean(request)
        if (one.status, one.headers, one.body) != (other.status, other.headers, other.body):
            found.append(request.path)
            raise _DifferenceError
        return one

    try:
        here.baseline.judge(both)
    except (HarnessError, _DifferenceError):
        if not found:
            raise
    return bool(found)


@cache
def _baseline(folder: str, unclaimed: tuple[str, ...]) -> Baseline:
    """The clean supplier that claims less, and does not serve what it does not claim."""
    here = bench(folder)
    if not unclaimed:
        return here.baseline
    stated = here.plan.implementation
    claims = {name: value for name, value in stated.claims.items() if name not in unclaimed}
    plan = make_plan(here.profile, replace(stated, claims=claims), here.plan.options, inputs=inputs_of(here.profile))
    return Baseline(plan, without_classes(here, here.supplier(), unclaimed), CLOCK)


def without_classes(here: Bench, handler: Handler, unclaimed: tuple[str, ...]) -> Handler:
    """Operations of classes that are not claimed are not there."""
    if not unclaimed:
        return handler
    absent = {one.id for one in here.profile.operations.values() if one.conformance_class in unclaimed}

    def handle(request: SandboxRequest) -> SandboxResponse:
        found = here.ground.of(request)
        if found is not None and found.id in absent:
            return handler(replace(request, method="GET", path="/nothing-is-here", query=(), raw_query=""))
        return handler(request)

    return handle
