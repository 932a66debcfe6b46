"""Limits, order and options: what was not tried is a selection; nonsense ends in exit 2 with a sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.live import LivePass
from interop_harness.execution.run import run as run_plan
from interop_harness.plan import Options, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.transport.credentials import Credentials

from . import processes

FEW = ("--only", "ORUK-PAGE")


def limited(limit: int):
    profile = load(processes.PROFILE)
    return run_in_process(reference_plan(profile, options=Options(max_requests=limit)), handler(profile.id, now=CLOCK))


# --- requests -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [2, 40, 300])
def test_no_more_requests_than_allowed(limit: int) -> None:
    profile = load(processes.PROFILE)
    asked = []
    inner = handler(profile.id, now=CLOCK)

    def counting(request):
        asked.append(request)
        return inner(request)

    plan = reference_plan(profile, options=Options(max_requests=limit))
    outcome = run_in_process(plan, counting)
    assert len(asked) == limit
    report = outcome.report
    assert report["verdict"] == "inconclusive" and report["exit"] == 4
    assert report["plan"]["selection"] == [f"--max-requests {limit}"]
    assert any("max-requests" in str(row["reason"]) for row in report["requirements"])
    assert not [row["id"] for row in report["requirements"] if row["verdict"] in ("fail", "error")]


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    report = limited(100_000).report
    assert report["verdict"] == "conformant"
    assert report["plan"]["selection"] is None


def test_a_breach_that_was_seen_stands_and_the_run_is_a_selection_all_the_same() -> None:
    profile = load(processes.PROFILE)
    faulty = InProcessTransport(handler(profile.id, ("page-size-is-per-page",), now=CLOCK))
    # Begun with, so that it is seen within the limit whatever else the suite asks.
    report = run_plan(
        reference_plan(profile, options=Options(max_requests=300)),
        Credentials(),
        Credentials().redactor(),
        workers=1,
        inner=faulty,
        clock=lambda: CLOCK,
        first=frozenset({"ORUK-PAGE-02"}),
    ).report
    assert report["verdict"] == "not-conformant" and report["exit"] == 1
    assert report["plan"]["selection"] == ["--max-requests 300"]


def test_a_run_that_reached_its_limit_replays_to_the_same_report_and_is_not_signed(tmp_path: Path) -> None:
    import subprocess
    import sys

    run, key = tmp_path / "run", tmp_path / "key"
    with processes.supplier(["page-size-is-per-page"]) as (url, counted):
        done = processes.run(processes.PROFILE, "--target", url, "--out", str(run), "-q", "--max-requests", "150")
    assert done.returncode == 1, done.stderr
    assert len(counted.requests) == 150

    def interop(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "interop_harness", *words], capture_output=True, check=False, text=True
        )

    assert interop("replay", str(run), "--check").returncode == 0
    made = interop("keys", "new", "--issuer", "Test", "--out", str(key), "--unencrypted", "--quiet")
    assert made.returncode == 0, made.stderr
    signed = interop("sign", str(run), "--key", str(key))
    assert signed.returncode == 2, signed.stderr
    assert "run-selected" in signed.stderr


def test_requests_of_a_resumed_run_count_together() -> None:
    from interop_harness.transport.live import LiveTransport

    profile = load(processes.PROFILE)
    plan = reference_plan(profile)
    inner = InProcessTransport(handler(profile.id, now=CLOCK))
    from interop_harness.evidence import Request

    with LiveTransport(plan.implementation, inner=inner, max_requests=3) as first:
        first.send(Request("GET", "/services"))
        first.send(Request("GET", "/taxonomies"))
        known = dict(first.exchanges)
    with LiveTransport(plan.implementation, inner=inner, max_requests=3, known=known) as second:
        assert second.send(Request("GET", "/services")).ok
        assert second.send(Request("GET", "/")).status
        over = second.send(Request("GET", "/taxonomy_terms"))
    assert over.failure is not None and over.failure.message == "Not sent: --max-requests 3 was reached."


# --- time ---------------------------------------------------------------------------------------------------------


def test_no_request_after_the_time_allowed(tmp_path: Path) -> None:
    with processes.supplier(delay_ms=30) as (url, counted):
        done = processes.run(
            processes.PROFILE,
            "--target",
            url,
            "--out",
            str(tmp_path / "run"),
            "-q",
            "--max-time",
            "1",
            "--workers",
            "1",
        )
        assert done.returncode == 4, done.stderr
        assert len(counted.requests) < 60
    report = processes.report(tmp_path / "run")
    assert report["plan"]["selection"] == ["--max-time 1"]
    assert report["run"]["complete"] is True


# --- selection and order ------------------------------------------------------------------------------------------


def test_only_is_never_conformant(tmp_path: Path) -> None:
    with processes.supplier() as (url, _):
        done = processes.run(processes.PROFILE, "--target", url, "--out", str(tmp_path / "run"), *FEW)
    assert done.returncode == 4, done.stderr
    report = processes.report(tmp_path / "run")
    assert report["plan"]["selection"] == ["ORUK-PAGE"]
    tried = {row["id"] for row in report["requirements"] if row["cases"]}
    assert tried and all(name.startswith("ORUK-PAGE-") for name in tried)


def test_failed_first_is_an_order_and_nothing_else(tmp_path: Path) -> None:
    profile = load(processes.PROFILE)
    plan = make_plan(profile, reference_plan(profile).implementation, Options())
    last = sorted(plan.cases, key=lambda case: case.id)[-1].requirement

    def order(first: frozenset[str]) -> list[str]:
        started: list[str] = []

        class Noting(LivePass):
            def _drive(self, case) -> None:
                started.append(case.requirement)

        noting = Noting(plan, lambda pool: None, 1, first=first)  # type: ignore[arg-type,return-value]
        noting._cases._max_workers = 1
        with noting:
            for case in plan.cases:
                noting.wait(case)
        return started

    plain, changed = order(frozenset()), order(frozenset({last}))
    assert sorted(plain) == sorted(changed)
    count = plain.count(last)
    assert changed[:count] == [last] * count and plain[:count] != changed[:count]


def test_the_order_does_not_change_the_report() -> None:
    profile = load(processes.PROFILE)
    plan = reference_plan(profile)

    def report(first: frozenset[str]) -> dict:
        outcome = run_plan(
            plan,
            Credentials(),
            Credentials().redactor(),
            inner=InProcessTransport(handler(profile.id, now=CLOCK)),
            clock=lambda: CLOCK,
            first=first,
        )
        return processes.without_run(outcome.report)

    assert report(frozenset()) == report(frozenset({"ORUK-REF-01", "GOV-ERR-03"}))


def test_failed_first_reads_an_earlier_report(tmp_path: Path) -> None:
    from interop_harness.cli.earlier import failed_in

    with processes.supplier(["page-size-is-per-page"]) as (url, _):
        first = processes.run(processes.PROFILE, "--target", url, "--out", str(tmp_path / "one"), "-q", *FEW)
        again = processes.run(
            *(processes.PROFILE, "--target", url, "--out", str(tmp_path / "two"), "-q", *FEW),
            *("--failed-first", str(tmp_path / "one")),
        )
    assert (first.returncode, again.returncode) == (1, 1), again.stderr
    assert processes.without_run(processes.report(tmp_path / "one")) == processes.without_run(
        processes.report(tmp_path / "two")
    )
    failed = {row["id"] for row in processes.report(tmp_path / "one")["requirements"] if row["verdict"] == "fail"}
    assert failed <= failed_in(tmp_path / "one") == failed_in(tmp_path / "one" / "report.json")


def test_the_target_file_says_how_many_workers(tmp_path: Path) -> None:
    with processes.supplier() as (url, _):
        (tmp_path / "target.yaml").write_text(f"base_url: {url}\nlimits:\n  workers: 2\n")
        words = (processes.PROFILE, "--target", str(tmp_path / "target.yaml"), "-q", *FEW, "--out")
        processes.run(*words, str(tmp_path / "one"))
        processes.run(*words, str(tmp_path / "two"), "--workers", "3")
        processes.run(processes.PROFILE, "--target", url, "-q", *FEW, "--out", str(tmp_path / "three"))
    found = [processes.report(tmp_path / name)["run"]["workers"] for name in ("one", "two", "three")]
    assert found == [2, 3, 4]


# --- nonsense -----------------------------------------------------------------------------------------------------

HERE = (processes.PROFILE, "--target", "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((*HERE, "--workers", "0"), "--workers"),
        ((*HERE, "--workers", "-3"), "--workers"),
        ((*HERE, "--workers", "1000000"), "--workers"),
        ((*HERE, "--workers", "many"), "--workers"),
        ((*HERE, "--rate", "-1"), "--rate"),
        ((*HERE, "--rate", "0"), "--rate"),
        ((*HERE, "--rate", "nan"), "--rate"),
        ((*HERE, "--timeout", "0"), "--timeout"),
        ((*HERE, "--timeout", "inf"), "--timeout"),
        ((*HERE, "--max-requests", "-1"), "--max-requests"),
        ((*HERE, "--max-requests", "1.5"), "--max-requests"),
        ((*HERE, "--max-time", "0"), "--max-time"),
        ((*HERE, "--max-time", "nan"), "--max-time"),
        ((*HERE, "--seed", "seven"), "64 hexadecimal digits"),
        ((*HERE, "--seed", "A" * 64), "64 hexadecimal digits"),
        ((*HERE, "--seed", "0" * 64, "--challenge", "c" * 30), "contradict"),
        ((*HERE, "--challenge", "short"), "22 to 128"),
        ((*HERE, "--challenge", "c" * 30, "--baseline", "known.yaml"), "contradict"),
        ((*HERE, "--fail-on", "may"), "--fail-on"),
        ((*HERE, "--only", "NO-SUCH-01"), "NO-SUCH-01"),
        ((*HERE, "--claim", "nonsense=true"), "nonsense"),
        ((*HERE, "--claim", "basic=false"), "cannot be unclaimed"),
        ((*HERE, "--claim", "basic=perhaps"), "basic"),
        ((*HERE, "--failed-first", "nowhere"), "nowhere"),
        ((*HERE, "--baseline", "nowhere.yaml"), "nowhere.yaml"),
        ((*HERE, "--resume", "."), "cannot"),
        (("--target", "http://127.0.0.1:9"), "PROFILE"),
        ((processes.PROFILE,), "--target"),
        (("no-such-profile", "--target", "http://127.0.0.1:9"), "no-such-profile"),
        ((processes.PROFILE, "--target", "http://example.org"), "authorised"),
        ((processes.PROFILE, "--target", "ftp://127.0.0.1"), "ftp"),
        ((processes.PROFILE, "--target", "nowhere.yaml"), "nowhere.yaml"),
        ((*HERE, "--target", "http://user:pass@127.0.0.1:9"), "user"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_nonsense_is_refused_with_a_sentence(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """In this process: thirty starts would take a minute."""
    from typer.testing import CliRunner

    from interop_harness.cli import app, commands
    from interop_harness.errors import HarnessError

    if not app.registered_commands:
        commands.register(app)
    out = tmp_path / "run"
    extra = () if "--resume" in words else ("--out", str(out))
    result = CliRunner().invoke(app, ["run", *words, *extra])
    if isinstance(result.exception, HarnessError):
        assert result.exception.exit_code == 2, result.exception
        text = str(result.exception)
    else:
        assert result.exit_code == 2, result.output
        text = result.output
    assert told in text
    assert not out.exists(), "nothing is left behind by a command that did not run"


def test_the_run_function_is_bounded_even_where_the_plan_is_not() -> None:
    plan = reference_plan(load(processes.PROFILE))
    assert replace(plan.options, max_requests=0).max_requests == 0


def test_what_was_not_sent_is_not_counted_as_an_exchange(tmp_path: Path) -> None:
    with processes.supplier() as (url, counted):
        words = ("--target", url, "--max-requests", "12", "--out", str(tmp_path / "run"), *FEW)
        done = processes.run(processes.PROFILE, *words)
    run = processes.report(tmp_path / "run")["run"]
    sent = int(re.search(r"cases? and (\d+) exchanges?", done.stdout)[1])
    left = int(re.search(r"Not sent: (\d+) requests?", done.stdout)[1])
    assert 0 < sent <= len(counted.requests)
    assert (sent, left) == (run["exchanges"], run["unsent"])
    assert run["answered"] <= sent
    for name in ("summary.md", "report.html"):
        assert re.search(rf"\b{sent} (exchange|request)", (tmp_path / "run" / name).read_text(encoding="utf-8")), name
