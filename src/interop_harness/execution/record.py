"""Judging a record: the same function for the run that made it and for every replay after it.

The verdict is a function of plan and evidence alone. What stands in the way of reaching the endpoint at all is
in the evidence too (a probe), so that a run that reached nothing replays to the same words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from interop_harness import __version__
from interop_harness.errors import EvidenceError
from interop_harness.evidence import Exchange, Failure, FailureKind, Probe, Request
from interop_harness.execution.readings import Readings
from interop_harness.generation.validation import Validators
from interop_harness.plan import Plan
from interop_harness.suite import Context
from interop_harness.suite.body import Bodies
from interop_harness.suite.functions import conformance_folder

SUITE_NAME = "interop-harness"
JUDGING_PARTS = ("checks", "suite", "generation/validation.py", "verdict.py", "report.py", "plan.py")


class Recorded:
    """Answers from a record. ``used`` grows with every exchange asked for; nothing is ever sent."""

    def __init__(self, exchanges: Mapping[str, Exchange], *, complete: Callable[[], bool]) -> None:
        self._exchanges = exchanges
        self._complete = complete
        self.used: set[str] = set()

    def send(self, request: Request) -> Exchange:
        exchange = self._exchanges.get(request.key)
        if exchange is not None:
            self.used.add(request.key)
            return exchange
        if not self._complete():
            return Exchange(request, failure=Failure(FailureKind.STOPPED, "not sent: the run was interrupted"))
        raise EvidenceError(
            "evidence-exchange-missing",
            f"The evidence holds no answer to {request.method} {request.target} (exchange {request.id}).",
            "It was recorded by another plan or another version of the suite.",
        )


def barred(probe: Probe) -> Callable[[Request], Exchange]:
    """A sender for an endpoint that cannot be reached: every request has the preflight's reason for an answer."""
    kinds = {"dns": FailureKind.DNS, "tls": FailureKind.TLS, "proxy": FailureKind.PROXY}
    kinds["credentials"] = FailureKind.CREDENTIALS
    seen = str(probe.facts.get("kind", ""))
    kind = FailureKind(seen) if seen in set(FailureKind) else kinds.get(probe.name, FailureKind.CONNECT)
    failure = Failure(kind, probe.summary)
    return lambda request: Exchange(request, failure=failure)


def make_context(
    plan: Plan,
    send: Callable[[Request], Exchange],
    probes: tuple[Probe, ...],
    now: datetime,
    *,
    judging: bool,
    pool: Executor | None = None,
    recorded: Callable[[Request], bool] = lambda request: False,
    bodies: Bodies | None = None,
    requests: dict[Any, Request] | None = None,
    validators: Validators | None = None,
) -> Context:
    """What the cases of one pass share; ``bodies`` and ``requests`` may be shared by two passes over one plan."""
    return Context(
        plan=plan,
        send=send,
        probes={probe.name: probe for probe in probes},
        now=now,
        validators=validators or Validators(plan.profile.openapi),
        bodies=bodies or Bodies(),
        judging=judging,
        pool=pool,
        recorded=recorded,
        requests={} if requests is None else requests,
        readings={} if judging else Readings(),
    )


@cache
def suite_sha256() -> str:
    """The digest of the sources that judge: two suites with the same digest judge alike."""
    package = Path(__file__).resolve().parents[1]
    files = {f"conformance/{file.name}": file for file in conformance_folder().glob("*.py")}
    for part in JUDGING_PARTS:
        place = package / part
        for file in place.rglob("*.py") if place.is_dir() else [place]:
            files[file.relative_to(package).as_posix()] = file
    lines = (f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for name, file in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def suite_identity() -> dict[str, str]:
    return {"name": SUITE_NAME, "version": __version__, "sha256": suite_sha256()}


def instant(text: str) -> datetime:
    """An RFC 3339 time as recorded in a header. Raises EvidenceError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise EvidenceError("evidence-time", f"{text!r} in the evidence is no time") from error
    if found.tzinfo is None:
        raise EvidenceError("evidence-time", f"{text!r} in the evidence has no time zone")
    return found.astimezone(UTC)
