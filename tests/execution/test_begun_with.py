"""What a run was begun with holds when it goes on: known failures, what it fails on, and how long it may take."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interop_harness.errors import EvidenceError, HarnessError, UsageError
from interop_harness.execution.baseline import kept_baseline, read_baseline
from interop_harness.execution.journal import JOURNAL, Choices
from interop_harness.execution.resume import begun, read_journal
from interop_harness.implementation import load_target
from interop_harness.plan import Plan, make_plan
from interop_harness.profile import load

from . import processes

SHOULD = "discovery-openapi-dangling"
"""A fault that breaks nothing but a SHOULD."""


def known(path: Path, requirement: str = "ORUK-PAGE-03") -> Path:
    row = {"requirement": requirement, "reason": "ticket 12", "owner": "a person", "expires": "2090-01-01"}
    path.write_text(json.dumps({"format": "interop-baseline/1", "known_failures": [row]}))
    return path


@pytest.fixture(scope="module")
def supplier() -> Iterator[str]:
    with processes.supplier([SHOULD], delay_ms=3) as (url, _):
        yield url


@pytest.fixture(scope="module")
def cut_off(supplier: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with known failures, failing on SHOULD, limited in time, that was killed; its baseline is gone."""
    folder = tmp_path_factory.mktemp("cut")
    words = ("--baseline", str(known(folder / "known.yaml")), "--fail-on", "should", "--max-time", "300")
    kill(folder / "run", supplier, *words)
    (folder / "known.yaml").unlink()
    return folder / "run"


def kill(run: Path, url: str, *words: str) -> None:
    process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "-q", *words)
    processes.wait_until(lambda: (run / JOURNAL).is_file() and len(processes.journalled(run)) > 20)
    processes.kill(process)


def copied(cut_off: Path, folder: Path, change: Callable[[list[dict]], object] | None = None) -> Path:
    run = shutil.copytree(cut_off, folder / "run")
    if change is not None:
        data = (run / JOURNAL).read_bytes()
        lines = [json.loads(one) for one in data[: data.rfind(b"\n") + 1].splitlines()]
        change(lines)
        (run / JOURNAL).write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in lines))
    return run


def refused_to_sign(run: Path) -> str:
    words = [sys.executable, "-m", "interop_harness"]
    key = run.parent / "key"
    subprocess.run(
        [*words, "keys", "new", "--issuer", "Test", "--unencrypted", "--quiet", "--out", str(key)], check=True
    )
    done = subprocess.run([*words, "sign", str(run), "--key", str(key)], capture_output=True, check=False, text=True)
    assert done.returncode == 2, done.stdout
    return done.stderr


def test_known_failures_hold_and_their_file_may_be_gone(cut_off: Path, tmp_path: Path) -> None:
    run = copied(cut_off, tmp_path)
    done = processes.run("--resume", str(run))
    assert done.returncode == 1, done.stderr
    assert "ORUK-PAGE-03 no longer fails (pass): take it out of the baseline." in done.stdout
    report = processes.report(run)
    assert report["run"]["baseline"] == ["ORUK-PAGE-03"] and report["plan"]["modified"] is True
    assert "run-modified" in refused_to_sign(run)


def test_a_failed_should_still_counts(supplier: str, tmp_path: Path) -> None:
    words = (processes.PROFILE, "--target", supplier, "-q", "--fail-on", "should")
    assert processes.run(*words, "--out", str(tmp_path / "whole")).returncode == 1
    kill(tmp_path / "run", supplier, "--fail-on", "should")
    done = processes.run("--resume", str(tmp_path / "run"), "-q")
    assert processes.report(tmp_path / "run")["verdict"] == "conformant", done.stderr
    assert done.returncode == 1, done.stdout
    assert processes.report(tmp_path / "run")["plan"]["modified"] is False, "such a run can be signed"


def test_a_run_whose_journal_does_not_say_is_never_signed(cut_off: Path, tmp_path: Path) -> None:
    run = copied(cut_off, tmp_path, lambda lines: lines[0].pop("choices"))
    done = processes.run("--resume", str(run), "-q")
    assert done.returncode == 0, done.stderr
    assert processes.report(run)["plan"]["modified"] is True
    assert "run-modified" in refused_to_sign(run)


def test_where_no_time_is_left_what_was_recorded_is_judged(cut_off: Path, tmp_path: Path) -> None:
    def earlier(lines: list[dict]) -> None:
        going = next(one for one in lines if one["type"] == "going")
        going["at"] = (datetime.now(UTC) - timedelta(seconds=400)).isoformat()

    run = copied(cut_off, tmp_path, earlier)
    done = processes.run("--resume", str(run), "-q")
    assert done.returncode in (1, 4), done.stderr
    report = processes.report(run)
    assert report["verdict"] == "inconclusive" and "--max-time 300 was reached" in json.dumps(report)
    assert not (run / JOURNAL).exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--fail-on", "must"), "--fail-on"),
        (("--max-time", "301"), "--max-time"),
        (("--baseline", "other.yaml"), "--baseline"),
        (("--fail-on", "must", "--max-time", "9"), "--fail-on and --max-time"),
    ],
)
def test_another_choice_is_refused(words: tuple[str, ...], named: str, cut_off: Path, tmp_path: Path) -> None:
    known(tmp_path / "other.yaml", "ORUK-PAGE-02")
    run = copied(cut_off, tmp_path)
    before = (run / JOURNAL).read_bytes()
    done = processes.run("--resume", str(run), *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert "options-contradict" in done.stderr and f"{named} cannot be another" in " ".join(done.stderr.split())
    assert (run / JOURNAL).read_bytes() == before


def test_a_baseline_that_holds_a_credential_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """It was printed with the failure before, and the journal, which keeps it now, may not hold it."""
    text = known(tmp_path / "known.yaml").read_text().replace("ticket 12", "with Bx8-secret-in-reason")
    (tmp_path / "known.yaml").write_text(text)
    auth = "base_url: http://127.0.0.1:9\nauth: {kind: bearer, token_env: INTEROP_TOKEN}\n"
    (tmp_path / "target.yaml").write_text(auth)
    words = (processes.PROFILE, "--target", "target.yaml", "--baseline", "known.yaml", "--out", "run")
    done = processes.run(*words, cwd=tmp_path, env={**os.environ, "INTEROP_TOKEN": "Bx8-secret-in-reason"})
    assert done.returncode == 2 and "baseline-entry" in done.stderr, done.stderr
    assert "Bx8" not in done.stdout + done.stderr and not (tmp_path / "run").exists()


# --- the parts ------------------------------------------------------------------------------------------------------

HEADER = {"type": "header", "format": "interop-journal/1", "run": {"started": "2026-01-01T00:00:00Z"}}
NOTHING = Choices().as_json()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load(processes.PROFILE), load_target("http://127.0.0.1:1"))


def journal(folder: Path, choices: object, *lines: dict) -> Path:
    header = HEADER if choices is None else {**HEADER, "choices": choices}
    (folder / JOURNAL).write_text("".join(json.dumps(one) + "\n" for one in (header, *lines)))
    return folder


def test_the_same_choices_again_are_no_others(plan: Plan, tmp_path: Path) -> None:
    rows = read_baseline(known(tmp_path / "known.yaml"), plan)
    choices = {**NOTHING, "fail_on": "should", "max_time": 60.0, "baseline": kept_baseline(rows)}
    earlier = read_journal(journal(tmp_path, choices))
    said = begun(earlier, plan, fail_on="should", max_time=60, known=rows)
    assert said == begun(earlier, plan, fail_on=None, max_time=None, known=None)
    assert (said.fail_on, said.max_time, said.seconds, said.known) == ("should", 60.0, 60.0, rows)


def test_a_baseline_is_not_added_to_a_run_that_had_none(plan: Plan, tmp_path: Path) -> None:
    earlier = read_journal(journal(tmp_path, NOTHING))
    with pytest.raises(UsageError, match="--baseline cannot be another"):
        begun(earlier, plan, fail_on=None, max_time=None, known=())
    with pytest.raises(UsageError, match="--max-time cannot be another"):
        begun(earlier, plan, fail_on=None, max_time=5.0, known=None)


def test_an_older_journal_takes_what_is_said_now(plan: Plan, tmp_path: Path) -> None:
    earlier = read_journal(journal(tmp_path, None))
    said = begun(earlier, plan, fail_on="should", max_time=5.0, known=())
    assert (said.fail_on, said.seconds, said.known) == ("should", 5.0, ())


def test_pauses_do_not_count(tmp_path: Path) -> None:
    def going(at: str) -> dict:
        return {"type": "going", "at": f"2026-01-01T{at}Z"}

    def answer(number: int, at: str, took: int) -> dict:
        from interop_harness.evidence import Exchange, Request, Response

        sent = Exchange(Request("GET", f"/{number}"), Response(200, (), b"{}"), None, 1, f"2026-01-01T{at}Z", took)
        return sent.as_json()

    lines = (going("10:00:00"), answer(1, "10:00:02", 500), going("12:00:00.000"), answer(2, "12:00:01", 0))
    assert read_journal(journal(tmp_path, None, *lines)).seconds == 3.5
    assert read_journal(journal(tmp_path, None, going("10:00:00"), answer(1, "09:00:00", 0))).seconds == 0
    assert read_journal(journal(tmp_path, None, answer(1, "09:00:00", 0))).seconds == 0
    with pytest.raises(EvidenceError):
        read_journal(journal(tmp_path, None, {"type": "going", "at": "yesterday"}))


@pytest.mark.parametrize(
    "change",
    [
        {"fail_on": "may"},
        {"fail_on": ["must"]},
        {"max_time": "5"},
        {"max_time": True},
        {"max_time": -1},
        {"timeout": "1"},
        {"claims": [1]},
        {"claims": None},
        {"authorised_by": None},
        {"baseline": []},
        {"baseline": {"known_failures": []}},
        {"baseline": {"sha256": "0" * 64, "known_failures": []}},
        {"baseline": {"sha256": "0" * 64, "known_failures": [5]}},
    ],
)
def test_choices_that_no_command_made(change: dict, plan: Plan, tmp_path: Path) -> None:
    earlier = read_journal(journal(tmp_path, {**NOTHING, **change}))
    with pytest.raises(HarnessError) as caught:
        begun(earlier, plan, fail_on=None, max_time=None, known=None)
    assert (caught.value.code, caught.value.exit_code) == ("journal-damaged", 3)


@pytest.mark.parametrize("choices", [[], "must", 5, {}, {"fail_on": "must"}])
def test_choices_of_another_shape(choices: object, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        _ = read_journal(journal(tmp_path, choices)).choices
