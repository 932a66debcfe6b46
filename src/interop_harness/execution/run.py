"""A run: preflight, the live pass and the judging of its record; and its replay, which needs no network."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from interop_harness.errors import EvidenceError, SurroundingsError
from interop_harness.evidence import Evidence, Exchange, Probe, Redactor, Request, read_evidence, write_evidence
from interop_harness.evidence.lines import encode
from interop_harness.execution.interrupts import Interrupts
from interop_harness.execution.live import LivePass
from interop_harness.execution.processor import OneProcessor
from interop_harness.execution.record import Recorded, barred, instant, make_context, suite_identity
from interop_harness.implementation import Implementation
from interop_harness.plan import Case, Options, Plan, canonical, derive_seed, make_plan
from interop_harness.preflight import preflight, token_too_short, unreachable
from interop_harness.profile import Profile
from interop_harness.report import build_report, report_bytes
from interop_harness.suite.body import Bodies
from interop_harness.suite.judgement import CaseResult

if TYPE_CHECKING:
    import httpx

    from interop_harness.execution.journal import Journal
    from interop_harness.execution.resume import Earlier
    from interop_harness.transport.credentials import Credentials
    from interop_harness.transport.live import LiveTransport


WORKERS = 4
"""Requests under way at once where neither the command line nor the target file says how many."""


class Progress(Protocol):
    """Who is told how far a run has come."""

    def phase(self, name: str, total: int) -> None: ...
    def advance(self, count: int = 1, note: str = "") -> None: ...
    def done(self) -> None: ...


class Silent:
    """Tells nobody."""

    def phase(self, name: str, total: int) -> None:
        pass

    def advance(self, count: int = 1, note: str = "") -> None:
        pass

    def done(self) -> None:
        pass


@dataclass(frozen=True)
class Outcome:
    """What a run or a replay came to. ``evidence_gz`` are the bytes of evidence.jsonl.gz."""

    plan: Plan
    report: dict[str, Any]
    results: list[CaseResult]
    exchanges: Mapping[str, Exchange]
    evidence_gz: bytes
    interrupted: bool = False
    unasked: int = 0

    @property
    def report_bytes(self) -> bytes:
        return report_bytes(self.report)


def run(
    plan: Plan,
    credentials: Credentials,
    redactor: Redactor,
    *,
    workers: int = WORKERS,
    rate: float | None = None,
    inner: httpx.BaseTransport | None = None,
    progress: Progress | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    stopwatch: Callable[[], float] = time.monotonic,
    on_exchange: Callable[[Exchange], None] | None = None,
    modified: bool = False,
    probes: Sequence[Probe] | None = None,
    journal: Journal | None = None,
    earlier: Earlier | None = None,
    max_time: float | None = None,
    first: frozenset[str] = frozenset(),
    notes: Mapping[str, Any] | None = None,
) -> Outcome:
    """Test an implementation and judge what came back. Never raises for what the endpoint does.

    ``inner`` replaces the network (reference suppliers in process), ``probes`` the preflight's observations,
    ``stopwatch`` what answers are timed by. ``earlier`` is what an interrupted run recorded, ``first`` the requirements
    to begin with, ``notes`` what else the record of the run says about itself. Raises UsageError when the journal
    cannot be written.
    """
    from interop_harness.transport.live import LiveTransport

    progress = progress or Silent()
    started, begun = clock() if earlier is None else earlier.started, time.monotonic()
    interrupted = False
    processor = OneProcessor()
    _open(journal, plan, None if earlier else started, limited=max_time is not None)
    # Whether an older journal's run was begun with known failures cannot be known: it is not made better than it was.
    modified = modified or (earlier is not None and earlier.choices is None)

    def keep(exchange: Exchange) -> None:
        if token_too_short(redactor):
            transport.stop()
            return
        progress.advance(0, f"{exchange.request.method} {exchange.request.target}")
        if journal is not None and not journal.exchange(exchange):
            transport.stop()
        processor.look()
        if on_exchange is not None:
            on_exchange(exchange)

    with LiveTransport(
        plan.implementation,
        credentials,
        redactor,
        workers=workers,
        rate=rate,
        inner=inner,
        stopwatch=stopwatch,
        on_exchange=keep,
        known=earlier.exchanges if earlier else None,
        max_requests=plan.options.max_requests,
        max_seconds=max_time,
        max_time=earlier.choices.max_time if earlier and earlier.choices else None,
        spent=earlier.spent if earlier else 0,
        on_spent=lambda: _spent(plan, journal, transport),
    ) as transport:
        if probes is None:
            probes = _looked(plan, transport, clock(), earlier, progress, over=partial(_over, begun, max_time))
        observed = tuple(probes)
        if journal is not None and not (earlier and observed == earlier.probes):
            journal.probes(observed)
        bar = unreachable(list(observed))
        now = started.replace(microsecond=0)
        bodies = Bodies()
        requests: dict[Any, Request] = {}
        record = Recorded(transport.exchanges, complete=lambda: not interrupted)
        judging = make_context(
            plan,
            barred(bar) if bar else record.send,
            observed,
            now,
            judging=True,
            bodies=bodies,
            requests=requests,
        )
        progress.phase("Cases", len(plan.cases))

        def told(_: CaseResult) -> None:
            progress.advance(1)
            processor.look()

        if bar is None:
            live = LivePass(
                plan,
                lambda pool: make_context(
                    plan,
                    transport.send,
                    observed,
                    now,
                    judging=False,
                    pool=pool,
                    recorded=transport.recorded,
                    bodies=bodies,
                    requests=requests,
                ),
                workers,
                first=first,
                much=transport.much,
            )
            interrupts = Interrupts(transport.stop, live.stop)
            try:
                with nullcontext() if inner else processor, interrupts, live, interrupts.stopping():
                    results = _judge(plan, judging, interrupts.watching(live.wait), told)
                interrupts.check()
            except KeyboardInterrupt:
                interrupted = True
                interrupts.stop()
        _refuse_secrets(journal, None if bar else redactor)
        if bar is not None or interrupted:
            # Anew: what was read of the record before it ended here may rest on what is not in it.
            results = _judge(plan, replace(judging, readings={}), None, None)
        progress.done()
        exchanges = dict(sorted(transport.exchanges.items()))
    made = Run(plan, observed, exchanges, started, workers, not interrupted, modified, dict(notes or {}))
    unasked = len(set(exchanges) - record.used) if bar is None and not interrupted else 0
    return conclude(made, results, finished=clock(), duration=time.monotonic() - begun, unasked=unasked)


def _open(journal: Journal | None, plan: Plan, started: datetime | None, *, limited: bool) -> None:
    """Begin the journal of a run that begins, and note the moment where the run's time is limited."""
    if journal is not None and started is not None:
        journal.begin(plan, suite_identity(), started)
    if journal is not None and limited:
        journal.going()


def _spent(plan: Plan, journal: Journal | None, transport: LiveTransport) -> None:
    """Note a request that no exchange tells of, where their number is limited."""
    if journal is not None and plan.options.max_requests and not journal.spent():
        transport.stop()


def _refuse_secrets(journal: Journal | None, redactor: Redactor | None) -> None:
    """Raise what the journal met with, or SurroundingsError for a token that no file could be kept free of."""
    if journal is not None and not journal.settle():
        assert journal.trouble is not None
        raise journal.trouble
    if redactor is not None and token_too_short(redactor):
        raise SurroundingsError(
            "token-short",
            "The token endpoint issued an access token of fewer than eight characters, which could not be kept out of "
            "what a run writes. The run was stopped.",
            "Let the token endpoint issue longer ones. What was recorded before is kept: go on with --resume.",
        )


def _over(begun: float, max_time: float | None) -> bool:
    return max_time is not None and time.monotonic() - begun >= max_time


def _looked(
    plan: Plan,
    transport: LiveTransport,
    now: datetime,
    earlier: Earlier | None,
    progress: Progress,
    *,
    over: Callable[[], bool],
) -> Sequence[Probe]:
    """The preflight's observations. A resumed run looks too, but keeps what was seen when it began."""
    progress.phase("Preflight", 1)
    found = preflight(plan.implementation, transport, now=now, targets=("", *first_lists(plan.profile)))
    if earlier is None or not earlier.probes or unreachable(list(earlier.probes)) is not None:
        return found
    bar = unreachable(found)
    # Where nothing is left of --max-time it is we who do not ask: what was recorded is judged.
    if bar is not None and not over():
        raise SurroundingsError(
            "resume-unreachable",
            f"The endpoint cannot be reached now: {bar.summary}",
            "What was recorded is kept. Try again later.",
        )
    return earlier.probes


def first_lists(profile: Profile) -> list[str]:
    """Where a service is asked that does not answer at its root: the first list that the profile names."""
    found = [one.path for one in profile.operations.values() if one.method == "GET" and not one.path_parameters]
    return [path for path in found if path.strip("/")][:1]


@dataclass(frozen=True)
class Run:
    """What a live pass left behind, before it becomes evidence and a report."""

    plan: Plan
    probes: tuple[Probe, ...]
    exchanges: Mapping[str, Exchange]
    started: datetime
    workers: int
    complete: bool
    modified: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What else the record says of the run: exchanges taken over from an interrupted one, known failures."""


def conclude(
    made: Run, results: list[CaseResult], *, finished: datetime, duration: float = 0.0, unasked: int = 0
) -> Outcome:
    """Pack the evidence and build the report from it."""
    header = {
        "plan": made.plan.as_json(),
        "plan_sha256": made.plan.sha256,
        "suite": suite_identity(),
        "detection": made.plan.profile.detection,  # as it was then: the file may change before the run is replayed
        "modified": made.modified,
        "run": {
            "started": made.started.isoformat(timespec="seconds"),
            "finished": finished.isoformat(timespec="seconds"),
            "duration_ms": int(duration * 1000),
            "python": platform.python_version(),
            "platform": sys.platform,
            "workers": made.workers,
            **made.notes,
        },
    }
    lines = encode(header, made.probes, made.exchanges.values(), complete=made.complete)
    packed, digest = write_evidence(lines)
    probes = tuple(sorted(made.probes, key=lambda probe: probe.name))
    evidence = Evidence(header, probes, made.exchanges, made.complete, digest)
    report = build_report(made.plan, evidence, results, unasked=unasked)
    return Outcome(made.plan, report, results, made.exchanges, packed, interrupted=not made.complete, unasked=unasked)


def _judge(
    plan: Plan,
    context: Any,
    wait: Callable[[Case], None] | None,
    on_result: Callable[[CaseResult], None] | None,
) -> list[CaseResult]:
    # pytest is imported here, while the first requests are already under way.
    from interop_harness.execution.judging import judge_all

    return judge_all(plan, context, wait=wait, on_result=on_result)


def replay(data: bytes, load: Callable[[str], Profile]) -> Outcome:
    """Judge recorded evidence again, without a network. ``data`` is an evidence file, compressed or not.

    ``load`` finds a profile by ``id@version``. Raises EvidenceError when the evidence is damaged, or when the plan
    it carries is not the one that profile, statement and challenge give.
    """
    evidence = read_evidence(data)
    plan = plan_of(evidence, load)
    header = evidence.header
    now = instant(str(header.get("run", {}).get("started", ""))).replace(microsecond=0)
    record = Recorded(evidence.exchanges, complete=lambda: evidence.complete)
    bar = unreachable(list(evidence.probes))
    send = barred(bar) if bar else record.send
    context = make_context(plan, send, evidence.probes, now, judging=True)
    results = _judge(plan, context, None, None)
    unasked = len(set(evidence.exchanges) - record.used) if not bar and evidence.complete else 0
    report = build_report(plan, evidence, results, unasked=unasked)
    return Outcome(plan, report, results, evidence.exchanges, data)


def plan_of(evidence: Evidence, load: Callable[[str], Profile]) -> Plan:
    """The plan that the evidence must have followed, recomputed from the profile this installation knows."""
    try:
        stored = evidence.header["plan"]
        wanted = stored["profile"]
        profile = load(f"{wanted['id']}@{wanted['version']}")
        implementation = Implementation.from_json(stored["implementation"])
        options = Options.from_json(stored["options"])
        challenge, drawn = str(stored["challenge"]), dict(stored["drawn"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError("evidence-plan", f"the evidence carries no readable plan: {error!r}") from error
    if profile.sha256 != wanted.get("sha256"):
        raise EvidenceError(
            "evidence-profile",
            f"The evidence was made with another {profile.name} than the one installed here.",
            f"Its digest is {wanted.get('sha256')}, this one's {profile.sha256}.",
        )
    from interop_harness.generation.draws import draw_inputs
    from interop_harness.generation.inputs import inputs_of

    # Made again from the challenge alone: what the record says was drawn is compared with that, never believed.
    fair = draw_inputs(profile, derive_seed(profile, implementation, challenge)) if challenge else {}
    if canonical(drawn) != canonical(fair):
        raise EvidenceError(
            "evidence-draws-differ",
            "The values that the tests were made with are not those that the challenge gives.",
            "They were altered, not made for this challenge, or drawn by a version of the suite with other rules.",
        )
    plan = make_plan(profile, implementation, options, challenge=challenge, inputs=inputs_of(profile), drawn=fair)
    if canonical(plan.as_json()) != canonical(stored) or evidence.header.get("plan_sha256") != plan.sha256:
        raise EvidenceError(
            "evidence-plan-differs",
            "The plan in the evidence is not the one that the profile and the statement give.",
            "It was altered, or made by a version of the suite that plans differently.",
        )
    return plan
