"""The benchmarks measure what they say: their own supplier is conformant, and the yardstick sends what the run sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import fuzzer
from benchmarks.bare import chains, dependencies, listing
from benchmarks.comparison import FAULTS, Judge, ratios
from benchmarks.processes import table
from benchmarks.synthetic import synthetic, write_profile

from interop_harness.assurance.selftest import run_in_process
from interop_harness.evidence import read_evidence
from interop_harness.implementation import load_target
from interop_harness.plan import Options, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import SUPPLIERS, faults


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """The plan and the outcome of a run over four synthetic operations and seventy records in each list."""
    profile = load(str(write_profile(tmp_path_factory.mktemp("profiles"), 4)))
    plan = make_plan(profile, load_target("http://127.0.0.1"), Options(exhaustive=True), inputs={})
    return plan, run_in_process(plan, synthetic(4, 70))


def test_the_synthetic_supplier_is_conformant_and_read_in_full(made) -> None:
    _, outcome = made
    assert outcome.report["verdict"] == "conformant", outcome.report["reasons"]
    asked = {exchange.request.target for exchange in outcome.exchanges.values()}
    for number in range(2):
        assert len([one for one in asked if one.startswith(f"/things-{number}/00000000-0000-4000-8000-")]) == 70


def test_a_fault_of_the_synthetic_supplier_would_be_seen(tmp_path: Path) -> None:
    """What is measured is a suite at work: a record too few on the last page is a failure."""
    profile = load(str(write_profile(tmp_path, 4)))
    plan = make_plan(profile, load_target("http://127.0.0.1"), Options(), inputs={})
    right = synthetic(4, 70)

    def wrong(request):
        answer = right(request)
        return answer if request.path.count("/") == 1 else type(answer)(404, answer.headers, b"{}")

    assert run_in_process(plan, wrong).report["verdict"] == "not-conformant"


def test_the_yardstick_sends_each_request_once_and_after_what_it_waits_for(made) -> None:
    plan, outcome = made
    evidence = read_evidence(outcome.evidence_gz)
    needs = listing(dependencies(chains(plan, evidence)))
    assert len(needs) == len(evidence.exchanges)
    keys = {exchange.request.key for exchange in evidence.exchanges.values()}
    sent: set[str] = set()
    waiting = [(set(one["needs"]), one) for one in needs]
    assert any(before for before, _ in waiting), "details wait for the page that lists them"
    for _ in range(20):
        ready = [one for before, one in waiting if before <= sent]
        waiting = [(before, one) for before, one in waiting if not before <= sent]
        found = {_key(one) for one in ready}
        assert found <= keys
        sent |= found
    assert not waiting, "nothing waits in a circle"


def _key(one) -> str:
    from interop_harness.evidence import Request

    return Request(one["method"], one["target"], tuple(map(tuple, one["headers"])), fresh=one["fresh"]).key


def test_ratios_are_of_what_was_found() -> None:
    us = Judge("us", requests=100, seconds=10.0, cpu=5.0, found=["a", "b", "c", "d"])
    them = Judge("them", requests=200, seconds=20.0, cpu=20.0, found=["a"])
    (told,) = ratios(us, them)
    assert "All that it finds are found here" in told
    assert "per second: 8.0 times as many, per request 8.0, per second of CPU 16.0" in told
    (told,) = ratios(us, Judge("them", 1, 1.0, 1.0, ["z"]))
    assert "It finds and this suite does not: ['z']" in told
    (told,) = ratios(us, Judge("them", 1, 1.0, 1.0))
    assert "there is no ratio" in told


def test_tables_are_markdown() -> None:
    assert list(table(["what", "how"], [("a", 1)])) == ["| what | how |", "| --- | ---: |", "| a | 1 |"]


def test_every_profile_with_a_reference_supplier_is_compared() -> None:
    assert set(FAULTS) == set(SUPPLIERS)
    for name, count in FAULTS.items():
        assert 0 < count <= len(faults(name))


def test_schemathesis_is_given_the_key_that_a_dataset_publishes(tmp_path: Path) -> None:
    """Without it a supplier that is closed to strangers answers it nothing, and the comparison says nothing."""
    words = fuzzer.command(
        load("shared-care-record"), "http://127.0.0.1:1", tmp_path / "r.xml", "1", "--max-examples=3"
    )
    assert "Authorization: Bearer northmere-published-key" in words and words[-1] == "--max-examples=3"
    assert "--header" not in fuzzer.command(load("open-referral-uk"), "http://127.0.0.1:1", tmp_path / "r.xml", "1")


def test_failures_are_an_operation_and_a_title(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert fuzzer.failures(report) == set()
    report.write_text(
        '<testsuites><testsuite><testcase name="GET /a"><failure>1. Test\n\n- Undocumented status\n\n    [404]'
        '</failure></testcase><testcase name="GET /b"/></testsuite></testsuites>'
    )
    assert fuzzer.failures(report) == {"GET /a: Undocumented status"}
