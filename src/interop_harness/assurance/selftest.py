"""Proof of the harness: the reference supplier passes, and every named fault is caught by its requirement.

Everything happens in one process without a network: the same suite, plan and judgement as a real run, over the
reference supplier's handler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.incremental import Baseline, Judged
from interop_harness.errors import UsageError
from interop_harness.evidence import Probe
from interop_harness.execution.run import Outcome, run
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import Auth, Implementation, Reference
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load, read_yaml

if TYPE_CHECKING:
    from interop_harness.sandbox.fault import FaultRecord
    from interop_harness.sandbox.message import Handler

CLOCK = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
"""The selftest's day: datasets that move with the calendar are served as of it."""


@dataclass(frozen=True, slots=True)
class FaultResult:
    """What the suite made of one fault."""

    name: str
    must_fail: str
    caught: bool
    changed: tuple[tuple[str, str, str], ...]
    """(requirement, clean verdict, faulty verdict) of everything else that changed."""
    stray: tuple[str, ...]
    """Changes that the fault's record does not allow."""
    verdict: str

    @property
    def ok(self) -> bool:
        return self.caught and not self.stray


@dataclass(frozen=True, slots=True)
class SelftestResult:
    """The clean run's verdict and every fault's result."""

    profile: str
    clean: str
    clean_problems: tuple[str, ...]
    exchanges: int
    faults: tuple[FaultResult, ...]

    @property
    def ok(self) -> bool:
        return (
            self.clean == "conformant"
            and not self.clean_problems
            and bool(self.faults)
            and all(fault.ok for fault in self.faults)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "clean": self.clean,
            "clean_problems": list(self.clean_problems),
            "ok": self.ok,
            "faults": [
                {
                    "name": fault.name,
                    "must_fail": fault.must_fail,
                    "caught": fault.caught,
                    "changed": [list(entry) for entry in fault.changed],
                    "stray": list(fault.stray),
                    "verdict": fault.verdict,
                }
                for fault in self.faults
            ],
        }


def reference_plan(profile: Profile, *, options: Options | None = None, base_url: str = "http://127.0.0.1") -> Plan:
    """The plan over the reference supplier: every class claimed, its facts and declarations from the dataset."""
    stated = reference_target(profile)
    implementation = Implementation(
        base_url=base_url,
        supplier="Reference",
        product=f"{profile.title} reference supplier",
        version=profile.version,
        environment="development",
        claims={entry.id: True for entry in profile.classes},
        facts=stated.get("facts", {}),
        declarations=stated.get("declarations", {}),
        auth=_published_key(stated.get("auth")),
    )
    return make_plan(profile, implementation, options or Options(), inputs=inputs_of(profile))


def _published_key(stated: Mapping[str, Any] | None) -> Auth:
    """The key of a reference supplier, which stands in its dataset for everybody to see and is no secret."""
    if stated is None:
        return Auth()
    reference = Reference(value=str(stated["value"]))
    if stated["kind"] == "bearer":
        return Auth("bearer", references={"token": reference})
    return Auth("api-key", str(stated["in"]), str(stated["name"]), references={"value": reference})


def reference_target(profile: Profile) -> Mapping[str, Any]:
    """What the dataset says a target file for the reference supplier holds: facts, declarations, the key."""
    path = profile.folder / "dataset" / "target.yaml"
    found: Mapping[str, Any] = read_yaml(path) if path.is_file() else {}
    return found


def run_in_process(plan: Plan, handler: Handler, *, probes: Sequence[Probe] | None = None) -> Outcome:
    """One complete run over a handler, without sockets."""
    from interop_harness.sandbox.inprocess import InProcessTransport
    from interop_harness.transport.credentials import load_credentials

    credentials = load_credentials(plan.implementation, {})
    return run(
        plan,
        credentials,
        credentials.redactor(),
        workers=1,
        inner=InProcessTransport(handler),
        clock=lambda: CLOCK,
        stopwatch=lambda: 0.0,  # how fast this machine is says nothing of a supplier
        probes=probes,
    )


def selftest(
    profile: Profile,
    *,
    only: Iterable[str] = (),
    progress: Callable[[FaultResult], None] | None = None,
    jobs: int = 1,
) -> SelftestResult:
    """Run the suite over the clean supplier and over each fault, and compare requirement by requirement.

    The clean supplier gets a complete run. Each fault is judged by the same functions, but for cases whose
    exchanges came back unchanged (:mod:`~interop_harness.assurance.incremental`). All of it happens in this process,
    or in ``jobs`` processes when more than one is asked for.
    """
    from interop_harness.sandbox import faults, handler

    plan = reference_plan(profile, options=Options(allow_writes=True))
    clean = run_in_process(plan, handler(profile.id, now=CLOCK))
    problems = tuple(
        f"{row['id']} ({row['level']}): {row['verdict']}: {_why(row)}"
        for row in clean.report["requirements"]
        if row["verdict"] in {"fail", "error", "inconclusive"}
    )
    known = faults(profile.id)
    wanted = set(only)
    unknown = sorted(wanted - {fault.name for fault in known})
    if unknown:
        raise UsageError("fault-unknown", f"{profile.name} has no fault {unknown[0]!r}.", "interop faults lists them.")
    chosen = [fault for fault in known if not wanted or fault.name in wanted]
    results = []
    for result in _results(plan, chosen, jobs):
        results.append(result)
        if progress is not None:
            progress(result)
    return SelftestResult(profile.name, clean.report["verdict"], problems, len(clean.exchanges), tuple(results))


def _results(plan: Plan, chosen: Sequence[FaultRecord], jobs: int) -> Iterator[FaultResult]:
    if jobs < 2 or len(chosen) < 2:
        baseline = _baseline(plan)
        for fault in chosen:
            yield _fault_result(baseline, plan.profile.id, fault)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    folder = str(plan.profile.folder)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_in_worker, [(folder, fault) for fault in chosen])


def _baseline(plan: Plan) -> Baseline:
    from interop_harness.sandbox import handler

    return Baseline(plan, handler(plan.profile.id, now=CLOCK), CLOCK)


def _fault_result(baseline: Baseline, profile: str, fault: FaultRecord) -> FaultResult:
    from interop_harness.sandbox import handler

    judged = baseline.judge(handler(profile, [fault.name], now=CLOCK))
    return _compare(fault, baseline.clean.verdicts, judged)


@cache
def _worker_baseline(folder: str) -> tuple[Baseline, str]:
    profile = load(folder)
    return _baseline(reference_plan(profile, options=Options(allow_writes=True))), profile.id


def _in_worker(work: tuple[str, FaultRecord]) -> FaultResult:
    folder, fault = work
    baseline, profile = _worker_baseline(folder)
    return _fault_result(baseline, profile, fault)


def _compare(fault: FaultRecord, clean: Mapping[str, str], judged: Judged) -> FaultResult:
    faulty = judged.verdicts
    changed = tuple(
        (identifier, clean[identifier], faulty[identifier])
        for identifier in sorted(clean)
        if clean[identifier] != faulty[identifier] and identifier != fault.must_fail
    )
    stray = tuple(identifier for identifier, _, word in changed if not _allowed(fault, identifier, word))
    caught = faulty.get(fault.must_fail) == "fail" and clean.get(fault.must_fail) != "fail"
    return FaultResult(fault.name, fault.must_fail, caught, changed, stray, judged.verdict.value)


def _allowed(fault: FaultRecord, identifier: str, word: str) -> bool:
    """Whether a fault's record allows a verdict to change to ``word``.

    A requirement named in full may change to anything. A pattern (``ORUK-FILT-*``) stands for faults that take
    away what others look at: those may become unjudged, and none may be blamed.
    """
    if any(row.requirement == identifier for row in fault.may_change):
        return True
    patterns = [row.requirement for row in fault.may_change if row.requirement.endswith("*")]
    return word in {"inconclusive", "not-applicable"} and any(fnmatchcase(identifier, one) for one in patterns)


def _why(row: Mapping[str, Any]) -> str:
    findings = row["findings"]
    if findings:
        first = findings[0]
        return f"expected {first['expected']}, observed {first['observed']} at {first['pointer'] or first['exchange']}"
    return str(row["reason"])
