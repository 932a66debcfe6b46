"""Many variations of one supplier, judged without running what a variation cannot have changed.

A case is a function of the exchanges it asks for. Where every exchange that a case used over the clean supplier comes
back byte for byte the same, the case would ask the same again and conclude the same, so its result is kept; all other
cases are judged anew by the very functions of a run. A test holds this equal to complete runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop_harness.evidence import Evidence, Exchange, Probe, Request
from interop_harness.execution.record import make_context
from interop_harness.generation.validation import Validators
from interop_harness.plan import Plan
from interop_harness.report import run_decision
from interop_harness.requirement import Verdict
from interop_harness.suite import Context
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import CaseResult, judge
from interop_harness.verdict import RequirementResult, requirement_results

if TYPE_CHECKING:
    from datetime import datetime

    from interop_harness.sandbox.message import Handler


@dataclass(frozen=True)
class Judged:
    """What the suite made of one supplier."""

    verdict: Verdict
    rows: Mapping[str, RequirementResult]
    results: Mapping[str, CaseResult]
    exchanges: Mapping[str, Exchange]
    rejudged: int

    @property
    def verdicts(self) -> dict[str, str]:
        return {identifier: row.outcome.value for identifier, row in self.rows.items()}


class Baseline:
    """The clean supplier's answers and results, against which variations are judged."""

    def __init__(self, plan: Plan, handler: Handler, now: datetime) -> None:
        self._plan = plan
        self._now = now
        self._observe = {row.id for row in plan.requirements if row.observe}
        self._validators = Validators(plan.profile.openapi)
        self._functions = {case.id: function_of(case.family) for case in plan.cases}
        self._requests: dict[str, Request] = {}
        self._clean: Mapping[str, Exchange] = {}
        self._used: dict[str, tuple[str, ...]] = {}
        self.clean = self.judge(handler)
        self._clean = self.clean.exchanges
        identifiers = {exchange.id: key for key, exchange in self._clean.items()}
        self._used = {
            case: tuple(identifiers[identifier] for identifier in result.exchanges)
            for case, result in self.clean.results.items()
        }

    def judge(self, handler: Handler) -> Judged:
        """The whole suite over one handler. Results of cases that cannot differ are the clean supplier's."""
        from interop_harness.preflight import preflight
        from interop_harness.sandbox.inprocess import InProcessTransport
        from interop_harness.transport.credentials import load_credentials
        from interop_harness.transport.live import LiveTransport

        plan = self._plan
        credentials = load_credentials(plan.implementation, {})
        with LiveTransport(
            plan.implementation, credentials, credentials.redactor(), workers=1, inner=InProcessTransport(handler)
        ) as transport:
            probes = tuple(preflight(plan.implementation, transport, now=self._now))
            context = make_context(plan, transport.send, probes, self._now, judging=True, validators=self._validators)
            same = {key for key, clean in self._clean.items() if _same(clean, transport.send(clean.request))}
            results = [self._result(case_id, context, same) for case_id in self._functions]
            exchanges = dict(transport.exchanges)
        return self._judged(results, exchanges, probes)

    def _result(self, case_id: str, context: Context, same: set[str]) -> tuple[CaseResult, bool]:
        used = self._used.get(case_id)
        if used and all(key in same for key in used):
            return self.clean.results[case_id], False
        case = next(case for case in self._plan.cases if case.id == case_id)
        return judge(self._functions[case_id], case, context, observe=case.requirement in self._observe), True

    def _judged(
        self, results: list[tuple[CaseResult, bool]], exchanges: Mapping[str, Exchange], probes: tuple[Probe, ...]
    ) -> Judged:
        made = [result for result, _ in results]
        rows = requirement_results(self._plan, made)
        evidence = Evidence({}, probes, exchanges, True)
        decision = run_decision(self._plan, evidence, made, rows)
        return Judged(
            decision.verdict,
            {row.requirement.id: row for row in rows},
            {result.case.id: result for result in made},
            exchanges,
            sum(anew for _, anew in results),
        )


def _same(clean: Exchange, now: Exchange) -> bool:
    if clean.response is None or now.response is None:
        return clean.failure == now.failure and clean.response is now.response
    one, other = clean.response, now.response
    return (
        one.status == other.status
        and one.headers == other.headers
        and one.redirects == other.redirects
        and one.body == other.body
    )
