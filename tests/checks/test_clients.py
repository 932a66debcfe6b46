"""Defeat devices: a service that knows its examiner is told apart from one that changes, stumbles or is busy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.checks import clients
from interop_harness.evidence import Exchange, Request, Response
from interop_harness.execution.run import Outcome, replay
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

GROUPS = ("user-agent", "header-order", "header-set")
Change = Callable[[SandboxRequest, SandboxResponse], SandboxResponse]
BROWSER = "Mozilla/"


def run(change: Change = lambda request, answer: answer, *faults: str) -> Outcome:
    """A run of these requirements alone, over the reference supplier with its answers changed."""
    plan = reference_plan(load("open-referral-uk"), options=Options(only=("GOV-CLIENT",)))
    limits = replace(plan.implementation.limits, max_attempts=1)  # nobody waits in a test
    plan = replace(plan, implementation=replace(plan.implementation, limits=limits))
    honest = handler("open-referral-uk", faults, now=CLOCK)
    return run_in_process(plan, lambda request: change(request, honest(request)))


def ranked(seed: str) -> Callable[[str], str]:
    """Draws as a run with this seed makes them."""
    return lambda label: hashlib.sha256(f"{seed}\n{label}".encode()).hexdigest()


def verdicts(made: Outcome) -> dict[str, str]:
    return {row["id"][-2:]: row["verdict"] for row in made.report["requirements"] if row["id"].startswith("GOV-CLIENT")}


ALIKE = {"01": "pass", "02": "pass", "03": "pass"}


def test_an_honest_service_is_consistent_and_the_record_says_so_again() -> None:
    made = run()
    assert verdicts(made) == ALIKE
    assert made.report["run"]["disguised_probe"] == "pass"
    assert replay(made.evidence_gz, load).report_bytes == made.report_bytes


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        ("behaves-for-user-agent", "01"),
        ("behaves-for-header-order", "02"),
        ("behaves-for-missing-header", "03"),
    ],
)
def test_a_service_keyed_on_its_examiner_is_flagged(fault: str, row: str) -> None:
    made = run(lambda request, answer: answer, fault)
    assert verdicts(made)[row] == "fail"
    assert made.report["run"]["disguised_probe"] == "fail"
    finding = next(r for r in made.report["requirements"] if r["id"] == f"GOV-CLIENT-{row}")["findings"][0]
    assert "asked as" in finding["observed"] and "instead of" in finding["observed"]
    assert replay(made.evidence_gz, load).report_bytes == made.report_bytes


def fewer(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    """Browsers get half of every list."""
    if not request.header("user-agent").startswith(BROWSER) or b'"contents":[' not in answer.body:
        return answer
    page = json.loads(answer.body)
    page["contents"] = page["contents"][: len(page["contents"]) // 2]
    return replace(answer, body=json.dumps(page).encode())


def refused(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    return (
        answer if not request.header("user-agent").startswith(BROWSER) else SandboxResponse(403, (), b"robots keep out")
    )


def renamed(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    return (
        answer.with_header("Content-Type", "text/html") if request.header("user-agent").startswith("curl") else answer
    )


def local_dates(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    """The same members, but dates that only people can read."""
    if request.header("user-agent").startswith("python-httpx"):
        return answer
    return replace(answer, body=answer.body.replace(b"2026-", b"of 2026 "))


class Noise:
    """Everybody but the examiner gets something else each time, so that no two bad answers agree."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        if request.header("user-agent").startswith("python-httpx"):
            return answer
        self.count += 1
        return replace(answer, body=json.dumps({f"member{self.count}": 1}).encode())


@pytest.mark.parametrize("change", [fewer, refused, renamed, local_dates, Noise()])
def test_other_ways_to_know_the_examiner(change: Change) -> None:
    made = run(change)
    assert verdicts(made)["01"] == "fail" and verdicts(made)["02"] == "pass"


class Growing:
    """A service whose lists grow all the time, for everybody."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        return replace(
            answer, body=answer.body.replace(b'{"', b'{"served":' + str([1] * self.count).encode() + b',"', 1)
        )


class Stamped:
    """Every answer says when it was given and by which machine."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        stamp = b'{"served_at":"2026-11-02T10:00:%02dZ","node":"n%d","' % (self.count % 60, self.count)
        return replace(answer, body=answer.body.replace(b'{"', stamp, 1))


class Stumbling:
    """Every fifth request ends in an error, whoever asks."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        self.count += 1
        return SandboxResponse(500, (), b"") if self.count % 5 == 0 else answer


@pytest.mark.parametrize("change", [Stamped(), Growing(), Stumbling()])
def test_what_everybody_meets_is_no_device(change: Change) -> None:
    assert "fail" not in verdicts(run(change)).values()


def test_keeping_others_waiting_proves_nothing_and_is_not_conformant() -> None:
    def busy(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return answer if request.header("user-agent").startswith("python-httpx") else SandboxResponse(429, (), b"")

    made = run(busy)
    assert verdicts(made)["01"] == "inconclusive"
    assert made.report["run"]["disguised_probe"] == "inconclusive"


def test_a_language_that_was_asked_for_may_be_answered() -> None:
    """Texts may differ between languages; what stands where may not."""

    def bilingual(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        welsh = b"Gwasanaeth" if request.header("accept-language") else b"Service"
        return replace(answer, body=answer.body.replace(b'"name":"', b'"name":"' + welsh))

    assert verdicts(run(bilingual)) == ALIKE


def test_a_repetition_says_what_the_request_says() -> None:
    request = Request("GET", "/x", (("Accept", "text/csv"), ("X-Tenant", "7")))
    for group in GROUPS:
        for _, headers in clients.played(group, ranked("x")):
            sent = dict(clients.disguised(request, headers, 0).headers)
            assert sent["X-Tenant"] == "7"
            assert sent.get("Accept", "text/csv") == "text/csv"
            assert clients.disguised(request, headers, 0).key != request.key


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ({"a": 1}, {"a": "1"}, "/a"),
        ({"a": None}, {}, "/a"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}, "/a"),
        ({"a": [{"id": "x"}]}, {"a": [{"id": "y"}]}, "/a[]/id"),
        ({"a": "2026-11-02"}, {"a": "2 November"}, "/a"),
        ([], {}, "body"),
    ],
)
def test_what_is_compared(one: object, other: object, place: str) -> None:
    def look(value: object) -> clients.Look:
        return clients.look(Exchange(Request("GET", "/"), Response(200, (), b"x")), value)

    assert clients.told([look(one)], [look(one)]) == []
    assert any(said.startswith(f"{place} is ") for said in clients.told([look(one)], [look(other)]))
