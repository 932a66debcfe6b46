"""Going on with a run that was cut off: what its journal holds, and the plan and target it was made for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from interop_harness.errors import EvidenceError, UsageError
from interop_harness.evidence import Evidence, Exchange, Probe
from interop_harness.evidence.lines import MAX_BYTES
from interop_harness.execution.journal import FORMAT, JOURNAL
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
        elif kind == "probe":
            pass  # of a journal that held each by itself: whether all are there cannot be told, so it is looked again
        elif kind == "exchange":
            exchange = Exchange.from_json(record)
            if record.get("id") != exchange.id:
                raise EvidenceError(
                    "journal-damaged", f"{path}, line {number}: the id does not follow from the request."
                )
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
    return Earlier(header, probes, exchanges, started, length, spent)


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
        implementation = _same_target(plan.implementation, target)
    credentials = load_credentials(implementation)
    refuse_common(credentials.secrets, plan)
    return replace(plan, implementation=implementation), Secrets(credentials, credentials.redactor())


def _same_target(wanted: Implementation, target: str) -> Implementation:
    given = load_target(target, authorised_by=wanted.authorised_by or None)
    limits = replace(wanted.limits, rate=given.limits.rate, workers=given.limits.workers)
    found = replace(given, claims=wanted.claims, limits=limits)
    if found.as_json() != wanted.as_json():
        raise UsageError(
            "resume-target",
            f"{target} is not the target that the run was begun with ({wanted.base_url}).",
            "Name the same, unchanged target file, or start a new run.",
        )
    return found
