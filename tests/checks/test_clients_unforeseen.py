"""Devices that know the probe: its identities by heart, or the addresses that it has asked for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.checks import clients
from interop_harness.checks.identities import SUITE, played
from interop_harness.evidence import read_evidence
from interop_harness.execution.run import Outcome, replay
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse
from tests.checks.test_clients import ALIKE, GROUPS, Change, ranked, run, verdicts
from tests.checks.test_clients_values import no_descriptions, stranger

USUAL = ["Accept", "Accept-Encoding", "Connection", "User-Agent"]
SEEDS = [f"seed {number}" for number in range(40)]


def names_of(headers: clients.Headers) -> list[str]:
    return [name for name, _ in headers]


def order(headers: clients.Headers) -> list[str]:
    """The order on the wire: what is not given goes in front of what is."""
    given = names_of(headers)
    return [name for name in USUAL if name not in given] + given


def test_identities_are_drawn_from_the_seed_and_from_nothing_else() -> None:
    for group in GROUPS:
        assert played(group, ranked("a")) == played(group, ranked("a"))
        drawn = {played(group, ranked(seed)) for seed in SEEDS}
        assert len(drawn) > 25, group
        assert all(len(each) == 4 and len(set(each)) == 4 for each in drawn)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_identity_is_what_its_family_says(seed: str) -> None:
    for _, headers in played("user-agent", ranked(seed)):
        assert names_of(headers) == ["User-Agent"] and headers[0][1] not in SUITE
    orders = [order(headers) for _, headers in played("header-order", ranked(seed))]
    assert all(sorted(each) == USUAL and each != USUAL for each in orders)
    assert any(each[0] == "User-Agent" for each in orders) and len(set(map(tuple, orders))) == 4
    for title, headers in played("header-order", ranked(seed)):
        assert "name" in title or "order" in title
        assert all(value in ("*/*", "gzip, deflate", "keep-alive") for _, value in headers)
    sets = played("header-set", ranked(seed))
    assert [title for title, _ in sets][:2] == ["a browser", "curl"]
    for title, headers in sets:
        sent = dict(headers)
        assert sent["Accept"] == "*/*", "an answer may rightly depend on the media types that are asked for"
        assert ("Accept-Language" in sent) == ("Sec-Fetch-Mode" in sent) == (title == "a browser")
        assert "Cache-Control" not in sent, "a fresh copy need not be the one that the suite is served"
        assert not {"br", "zstd"} & set(re.findall(r"\w+", sent["Accept-Encoding"])), "it could not be read"
        assert sent["User-Agent"] and not sent["User-Agent"].startswith("python-httpx")


def test_brands_are_those_of_the_browser() -> None:
    from interop_harness.checks.identities import _brands

    assert _brands(124, "Google Chrome") == '"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"'
    assert _brands(131, "Google Chrome") == '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"'


def challenged(change: Change, challenge: str) -> Outcome:
    plan = reference_plan(load("open-referral-uk"), options=Options(only=("GOV-CLIENT",)))
    limits = replace(plan.implementation.limits, max_attempts=1)
    plan = replace(plan, implementation=replace(plan.implementation, limits=limits), seed=challenge)
    honest = handler("open-referral-uk", [], now=CLOCK)
    return run_in_process(plan, lambda request: change(request, honest(request)))


def test_a_list_of_the_identities_is_of_no_use_in_another_run() -> None:
    known: set[str] = set()

    def learning(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        known.add(request.header("user-agent"))
        return answer

    def knowing(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return answer if request.header("user-agent") in known else no_descriptions(request, answer)

    assert verdicts(challenged(learning, "one")) == ALIKE
    assert verdicts(challenged(knowing, "one")) == ALIKE
    assert verdicts(challenged(knowing, "another"))["01"] == "fail"


class Remembering:
    """Answers well whatever the suite has asked for, whoever asks; and to others what nobody asked for, badly."""

    def __init__(self, *, by_anybody: bool = False) -> None:
        self.known: set[str] = set()
        self.by_anybody = by_anybody

    def __call__(self, request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        address = f"{request.method} {request.path}?{request.raw_query}"
        known = address in self.known
        if self.by_anybody or not stranger(request):
            self.known.add(address)
        return answer if known else no_descriptions(request, answer)


@pytest.mark.parametrize("by_anybody", [False, True])
def test_a_service_that_remembers_what_was_asked_is_found(by_anybody: bool) -> None:
    made = run(Remembering(by_anybody=by_anybody))
    assert verdicts(made)["01"] == "fail" and verdicts(made)["02"] == "pass"
    finding = next(row for row in made.report["requirements"] if row["id"] == "GOV-CLIENT-01")["findings"][0]
    assert "before the suite itself asked" in finding["observed"] and "per_page=" in finding["expected"]
    assert replay(made.evidence_gz, load).report_bytes == made.report_bytes


def test_requests_that_nobody_made_are_made_by_the_other_client_first() -> None:
    asked: list[tuple[str, bool]] = []

    def noting(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        asked.append((f"{request.path}?{request.raw_query}", stranger(request)))
        return answer

    made = run(noting)
    assert verdicts(made) == ALIKE
    first = dict(reversed(asked))
    new = [address for address, by in first.items() if by and "per_page=" in address]
    assert len(new) == 4  # of GOV-CLIENT-01 and 03; those of 02 bear the suite's own name
    for address in new:
        assert [by for each, by in asked if each == address] == [True, False]
    sent = read_evidence(made.evidence_gz).exchanges.values()
    sizes = {int(found[1]) for one in sent if (found := re.search(r"per_page=(\d+)", one.request.target))}
    assert all(1 <= size <= 50 for size in sizes)


def test_a_sample_is_of_the_same_size_where_lists_take_no_size() -> None:
    plan = reference_plan(load("local-waste-services"), options=Options(only=("GOV-CLIENT",)))
    made = run_in_process(plan, handler("local-waste-services", [], now=CLOCK))
    assert verdicts(made) == ALIKE
