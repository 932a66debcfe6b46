"""Whole runs against a hostile server: the reference supplier answers, except where a behaviour does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.execution.run import Outcome, run
from interop_harness.implementation import Auth, Implementation, Limits
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import Credentials, load_credentials

from .server import KEEP, Asked, Behave, Server, bare

PROFILE = "open-referral-uk"
SHORT = Limits(
    timeout=0.5,
    connect_timeout=0.4,
    max_body_bytes=2 * 1024 * 1024,
    max_wait=0.05,
    wait_budget=0.3,
    give_up_after=3,
)
BUDGET = 20.0
"""Seconds that no run against any server here may exceed; most take one, on a machine that is not idle."""


def reference(faults: tuple[str, ...] = ()) -> Callable[[Asked], bytes]:
    """What the reference supplier says to a request, as bytes."""
    answer = handler(PROFILE, faults, now=CLOCK)

    def say(asked: Asked) -> bytes:
        return written(answer(request_of(asked)), head=asked.head.startswith(b"HEAD"))

    return say


def request_of(asked: Asked) -> SandboxRequest:
    from urllib.parse import parse_qsl, unquote

    path, _, query = asked.target.partition("?")
    lines = [line.decode("latin-1").partition(":") for line in asked.head.split(b"\r\n")[1:]]
    headers = tuple((name, value.strip()) for name, _, value in lines)
    method = asked.head.split(b" ")[0].decode()
    pairs = tuple(parse_qsl(query, keep_blank_values=True))
    return SandboxRequest(method, unquote(path), pairs, headers, asked.body, query)


def written(response: SandboxResponse, *, head: bool = False) -> bytes:
    lines = [f"{name}: {value}".encode("latin-1") for name, value in response.headers]
    if not any(line.lower().startswith(b"content-length:") for line in lines):
        lines.append(b"Content-Length: %d" % len(response.body))
    return bare(b"HTTP/1.1 %d Some" % response.status, *lines, body=b"" if head else response.body)


_REFERENCE = reference()


def well(asked: Asked) -> object:
    asked.say(_REFERENCE(asked))
    return KEEP


def sometimes(behave: Behave, every: int = 7) -> Behave:
    """The behaviour for one target in ``every``, always the same ones; the reference supplier's answer for the rest."""
    import hashlib

    def either(asked: Asked) -> object:
        drawn = hashlib.sha256(asked.target.encode()).digest()[0] % every == 0
        return behave(asked) if drawn and asked.target != "/" else well(asked)

    return either


def plan_for(
    url: str, *, limits: Limits = SHORT, auth: Auth | None = None, profile: Profile | None = None, **options: Any
) -> Plan:
    """The whole profile unless told otherwise, every class claimed, at an address."""
    profile = profile or load(PROFILE)
    stated = reference_plan(profile).implementation
    implementation: Implementation = replace(stated, base_url=url, limits=limits, auth=auth or stated.auth)
    return make_plan(profile, implementation, Options(**options), inputs=profile.inputs)


@dataclass(frozen=True)
class Ended:
    """What a run came to, and how long it took."""

    outcome: Outcome
    seconds: float
    profile: Profile

    @property
    def report(self) -> dict[str, Any]:
        return self.outcome.report

    @property
    def verdict(self) -> str:
        return str(self.report["verdict"])

    def rows(self, *verdicts: str) -> list[dict[str, Any]]:
        return [row for row in self.report["requirements"] if row["verdict"] in verdicts]

    def told(self) -> str:
        """Everything that a reader is told about why."""
        report = self.report
        words = [*report["reasons"], *(str(probe["summary"]) for probe in report["run"]["preflight"])]
        words += [str(row["reason"]) for row in report["requirements"]]
        words += [finding["observed"] for row in report["requirements"] for finding in row["findings"]]
        return "\n".join(words)


def whole_run(server: Server, *, credentials: Credentials | None = None, workers: int = 8, **more: Any) -> Ended:
    plan = plan_for(server.url, **more)
    found = credentials or Credentials()
    began = time.monotonic()
    outcome = run(plan, found, found.redactor(), workers=workers)
    return Ended(outcome, time.monotonic() - began, plan.profile)


def finished(url: str, *, environ: Mapping[str, str], workers: int = 8, **changes: Any) -> Ended:
    """A whole run against an address, its statement changed, its credentials read from the environment given."""
    plan = plan_for(url)
    implementation = replace(plan.implementation, **changes)
    plan = make_plan(plan.profile, implementation, Options(), inputs=plan.profile.inputs)
    credentials = load_credentials(implementation, environ)
    began = time.monotonic()
    outcome = run(plan, credentials, credentials.redactor(), workers=workers)
    return Ended(outcome, time.monotonic() - began, plan.profile)
