"""Why nothing could be tested: the first cause stands, whatever limit of ours is reached while it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from interop_harness.evidence import Attribution, FailureKind, Request
from interop_harness.execution.record import barred
from interop_harness.preflight import preflight, unreachable
from interop_harness.transport import LiveTransport
from tests.hostile.server import Asked, answer, serving

TARGETS = ("", "/services")


@pytest.mark.parametrize("limit", [{"max_seconds": 0.3}, {"max_requests": 1}], ids=["--max-time", "--max-requests"])
def test_a_service_that_hangs_is_not_hidden_by_a_limit(limit: dict[str, float]) -> None:
    with serving(lambda asked: asked.hang()) as server, LiveTransport(server.target(), **limit) as transport:  # type: ignore[arg-type]
        stopper = unreachable(preflight(transport.implementation, transport, targets=TARGETS))
        asked = len(server.asked)
    assert asked == 1
    assert stopper is not None and stopper.name == "http"
    assert stopper.summary == "No answer came within 0.6 seconds."
    assert barred(stopper)(Request("GET", "/")).concern is Attribution.SERVICE


@pytest.mark.parametrize(
    ("root", "there", "says"),
    [
        (Asked.hang, Asked.reset, "No answer came within 0.6 seconds."),
        (Asked.hang, lambda asked: asked.say(answer()), "/services answers 200 application/json."),
    ],
    ids=["neither answers", "the second answers"],
)
def test_the_second_target_counts_where_it_is_answered(
    root: Callable[[Asked], object], there: Callable[[Asked], object], says: str
) -> None:
    def behave(asked: Asked) -> object:
        return there(asked) if asked.target == "/services" else root(asked)

    with serving(behave) as server:
        target = server.target()
        with LiveTransport(replace(target, limits=replace(target.limits, max_attempts=1))) as transport:
            probes = {probe.name: probe for probe in preflight(target, transport, targets=TARGETS)}
    assert probes["http"].summary == says
    assert FailureKind.LIMIT.value not in str(probes["http"].facts)
