"""Going on with a run that was cut off: what its journal holds, and the plan and target it was made for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from interop_harness.errors import EvidenceError, UsageError
from interop_harness.evidence import Evidence, Exchange, Probe
from interop_harness.evidence.lines import MAX_BYTES
from interop_harness.execution.baseline import KnownFailure, baseline_kept, kept_baseline
from interop_harness.execution.journal import FORMAT, JOURNAL, Choices
from interop_harness.execution.prepare import Secrets, refuse_common
from interop_harness.execution.record import instant, suite_identity
from interop_harness.execution.run import plan_of
from interop_harness.implementation import Implementation, load_target
from interop_harness.plan import Plan
from interop_harness.profile import Profile
from interop_harness.transport.credentials import load_credentials


@dataclass(frozen=True)
class Earlier:
    """What the interrupted part of a run recorded."""

    header: Mapping[str, Any]
    probes: tuple[Probe, ...]
    exchanges: Mapping[str, Exchange]
    started: datetime
    length: int
    """Bytes of the journal up to the end of its last whole line."""
    spent: int = 0
    """Requests that no exchange tells of: of the preflight, for tokens, redirects. Counted where the run is limited."""
    seconds: float = 0.0
    """How long the run took before it was cut off, pauses left out, as far as its last answer. Where it is limited."""

    @property
    def choices(self) -> Choices | None:
        """What the run was begun with beside its plan; None where its journal, an older one, does not say.

        Raises EvidenceError.
        """
        said = self.header.get("choices")
        if said is None:
            return None
        try:
            claims, over = tuple(said["claims"]), (said["timeout"], said["authorised_by"])
            found = Choices(said["fail_on"], said["max_time"], said["baseline"], claims, *over)
        except (KeyError, TypeError) as error:
            raise EvidenceError(
                "journal-damaged", f"The journal does not say what its run was begun with: {error}."
            ) from error
        words = all(isinstance(word, str) for word in (found.fail_on, found.authorised_by, *found.claims))
        seconds = _is_time(found.max_time) and _is_time(found.timeout)
        if not words or not seconds or found.fail_on not in ("must", "should"):
            raise EvidenceError("journal-damaged", "The journal says of its run what no command line says.")
        return found


def _is_time(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0)


def read_journal(directory: Path) -> Earlier:
    """The journal of a run directory. Raises UsageError when there is none, EvidenceError when it is damaged.

    A last line without its end was being written when the run was cut off: it is not counted.
    """
    path = directory / JOURNAL
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EvidenceError("journal-too-large", f"{path} is larger than this tool reads.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError("resume-unreadable", f"{path} cannot be read: {error.strerror}.") from error
    length = data.rfind(b"\n") + 1
    header: Mapping[str, Any] = {}
    probes: tuple[Probe, ...] = ()
    exchanges: dict[str, Exchange] = {}
    spent = 0
    seconds = 0.0
    going: datetime | None = None
    last: datetime | None = None
    for number, piece in enumerate(data[:length].split(b"\n")[:-1], 1):
        record = _record(path, number, piece)
        kind = record.get("type")
        if number == 1 and kind == "header" and record.get("format") == FORMAT:
            header = record
        elif number == 1:
            raise EvidenceError("journal-header", f"{path} does not begin as a journal this tool knows.")
        elif kind == "probes" and isinstance(record.get("probes"), list):
            # All of one look at the service; a later look takes the place of one that reached nothing.
            probes = tuple(Probe.from_json(probe) for probe in record["probes"])
        elif kind == "spent" and type(requests := record.get("requests")) is int and requests > 0:
            spent += requests
        elif kind == "going":
            seconds += _between(going, last)
            going = last = instant(str(record.get("at")))
        elif kind == "probe":
            pass  # of a journal that held each by itself: whether all are there cannot be told, so it is looked again
        elif kind == "exchange":
            exchange = Exchange.from_json(record)
            if record.get("id") != exchange.id:
                raise EvidenceError(
                    "journal-damaged", f"{path}, line {number}: the id does not follow from the request."
                )
            last = _later(last, exchange)
            # What was given up without being sent is no observation, and is asked for again.
            if exchange.attempts or exchange.response is not None:
                exchanges[exchange.request.key] = exchange
        else:
            raise EvidenceError("journal-damaged", f"{path}, line {number}, is of an unknown type.")
    if not header:
        raise UsageError(
            "resume-nothing",
            f"{directory} holds no run that began: its journal is empty.",
            "Remove the directory and start a new run.",
        )
    started = instant(str(header.get("run", {}).get("started", "")))
    seconds += _between(going, last)
    return Earlier(header, probes, exchanges, started, length, spent, seconds)


def _between(going: datetime | None, last: datetime | None) -> float:
    """Never less than nothing: the clock may have been set back."""
    return 0.0 if going is None or last is None else max(0.0, (last - going).total_seconds())


def _later(last: datetime | None, exchange: Exchange) -> datetime | None:
    """When the last answer was there: by the journal's own times, which an exchange that was not sent has none of."""
    if last is None or not exchange.sent_at:
        return last
    return max(last, instant(exchange.sent_at) + timedelta(milliseconds=exchange.elapsed_ms))


def _record(path: Path, number: int, piece: bytes) -> dict[str, Any]:
    try:
        record = json.loads(piece)
    except (ValueError, RecursionError) as error:
        raise EvidenceError("journal-damaged", f"{path}, line {number}, is not JSON.") from error
    if not isinstance(record, dict):
        raise EvidenceError("journal-damaged", f"{path}, line {number}, is not an object.")
    return record


def resumed_plan(earlier: Earlier, target: str, load: Callable[[str], Profile]) -> tuple[Plan, Secrets]:
    """The plan of the interrupted run with the credentials to go on. Raises UsageError when it cannot be the same run.

    ``target`` may be empty where the target needs neither credentials nor files.
    """
    evidence = Evidence(earlier.header, earlier.probes, earlier.exchanges, complete=False)
    plan = plan_of(evidence, load)
    suite = suite_identity()
    if dict(earlier.header.get("suite", {})) != suite:
        raise UsageError(
            "resume-suite",
            "The run was begun by another version of the suite.",
            "What it recorded may not be what this one asks for: start a new run.",
        )
    if not target:
        if earlier.header.get("target_needed") is not False:
            raise UsageError(
                "resume-target",
                "This run needs credentials or files that its journal does not hold.",
                "Name the target file again with --target.",
            )
        implementation = plan.implementation
    else:
        implementation = _same_target(plan.implementation, target, earlier.choices)
    credentials = load_credentials(implementation)
    refuse_common(credentials.secrets, plan)
    return replace(plan, implementation=implementation), Secrets(credentials, credentials.redactor())


def _same_target(wanted: Implementation, target: str, said: Choices | None) -> Implementation:
    """The target named again. Where secrets, files and a proxy are may differ, and so may its rate and its workers."""
    if said is not None:
        found = load_target(target, claims=said.claims, authorised_by=said.authorised_by or None, timeout=said.timeout)
    else:
        # An older journal does not say what was the target file's and what the command line's.
        given = load_target(target, authorised_by=wanted.authorised_by or None)
        limits = replace(wanted.limits, rate=given.limits.rate, workers=given.limits.workers)
        found = replace(given, claims=wanted.claims, limits=limits)
    now, then = found.as_json(), wanted.as_json()
    if now != then:
        raise UsageError(
            "resume-target",
            f"{target} is not the target that the run was begun with ({wanted.base_url}).",
            f"Other than then: {', '.join(sorted(name for name in then if now[name] != then[name]))}. Name the same, "
            "unchanged target file, or start a new run. Only limits.rate and limits.workers may differ.",
        )
    return found


@dataclass(frozen=True)
class Begun:
    """What a run was begun with beside its plan: by this command, or by the one whose run it resumes."""

    fail_on: str
    max_time: float | None
    seconds: float | None
    """What is left of ``max_time``."""
    known: tuple[KnownFailure, ...] | None

    def choices(self, claims: Sequence[str] = (), timeout: float | None = None, authorised_by: str = "") -> Choices:
        """As a journal keeps it, with what the command line said over the target file."""
        baseline = None if self.known is None else kept_baseline(self.known)
        return Choices(self.fail_on, self.max_time, baseline, tuple(claims), timeout, authorised_by)


def begun(
    earlier: Earlier | None,
    plan: Plan,
    *,
    fail_on: str | None,
    max_time: float | None,
    known: tuple[KnownFailure, ...] | None,
) -> Begun:
    """What was said now, or to the first command. Raises UsageError where both were, and they differ."""
    said = earlier.choices if earlier is not None else None
    if earlier is None or said is None:
        return Begun(fail_on or "must", max_time, max_time, known)
    kept = None if said.baseline is None else baseline_kept(said.baseline, Path(JOURNAL), plan)
    others = {
        "--fail-on": fail_on is not None and fail_on != said.fail_on,
        "--max-time": max_time is not None and max_time != said.max_time,
        "--baseline": known is not None and (kept is None or kept_baseline(known) != kept_baseline(kept)),
    }
    if any(others.values()):
        raise UsageError(
            "options-contradict",
            f"{' and '.join(name for name, differs in others.items() if differs)} cannot be another with --resume: "
            "the run was begun without it, or with another.",
            "Leave it out: the journal says what the run was begun with.",
        )
    left = None if said.max_time is None else max(0.0, round(said.max_time - earlier.seconds, 1))
    return Begun(said.fail_on, said.max_time, left, kept)
