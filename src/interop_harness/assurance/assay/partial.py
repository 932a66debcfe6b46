"""Judging some requirements of a changed supplier and nothing else: enough to know whether the right one failed.

A case depends on its own exchanges alone, so judging it without the others gives the same result; a test holds this
equal to judging everything.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from interop_harness.assurance.incremental import Baseline
from interop_harness.suite.judgement import CaseResult, judge

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler


class Partial(Baseline):
    """A baseline that can judge a few requirements only."""

    def failing(self, handler: Handler, requirements: Set[str]) -> tuple[str, ...]:
        """Which of these requirements fail over the changed supplier."""
        from interop_harness.execution.record import make_context
        from interop_harness.preflight import preflight
        from interop_harness.sandbox.inprocess import InProcessTransport
        from interop_harness.transport.credentials import load_credentials
        from interop_harness.transport.live import LiveTransport

        plan = self._plan
        credentials = load_credentials(plan.implementation, {})
        failed: set[str] = set()
        with LiveTransport(
            plan.implementation, credentials, credentials.redactor(), workers=1, inner=InProcessTransport(handler)
        ) as transport:
            probes = tuple(preflight(plan.implementation, transport, now=self._now))
            context = make_context(plan, transport.send, probes, self._now, judging=True, validators=self._validators)
            for case in plan.cases:
                if case.requirement not in requirements or case.requirement in failed:
                    continue
                result: CaseResult = judge(self._functions[case.id], case, context, observe=False)
                if result.outcome.value == "fail":
                    failed.add(case.requirement)
        return tuple(sorted(failed))
