"""Speed: recorded in rough steps, never judged."""

from __future__ import annotations

import pytest

from interop_harness.checks.performance import latency
from interop_harness.evidence import Exchange, Failure, FailureKind, Request, Response
from tests.checks.miniature import directory, judged, outcome, reply


def answers(*times):
    return [Exchange(Request("GET", f"/{n}"), Response(200, (), b""), elapsed_ms=ms) for n, ms in enumerate(times)]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ((5,), "1 answer, each in under 1 second"),
        ((5, 900), "2 answers, each in under 1 second"),
        ((5, 6, 2_000), "3 answers, typically in under 1 second, the slowest in under 3 seconds"),
        ((20_000, 30_000), "2 answers, each in 10 seconds or more"),
        ((), "no answer came"),
    ],
)
def test_times_are_told_in_rough_steps(times, words):
    assert latency(answers(*times)) == words


def test_a_request_without_an_answer_has_no_time():
    silent = Exchange(Request("GET", "/x"), failure=Failure(FailureKind.TIMEOUT, "…"), elapsed_ms=30_000)
    assert latency([silent, *answers(5)]) == "1 answer, each in under 1 second"


def test_every_operation_is_told_and_nothing_is_judged():
    result = judged("performance.latency", observe=True)
    assert outcome(result) == "observed"
    assert len(result.observations) == 5


def test_nothing_to_time_is_inconclusive():
    busy = directory(answer=lambda *_: reply({}, 500))
    assert outcome(judged("performance.latency", busy, observe=True)) == "observed"
