"""A run and its replay: same bytes, no network; what was altered is noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.errors import EvidenceError
from interop_harness.evidence import read_evidence
from interop_harness.evidence.exchange import LONGEST
from interop_harness.evidence.lines import line, unpack
from interop_harness.execution.run import Outcome, replay
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import handler


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    profile = load("open-referral-uk")
    return run_in_process(reference_plan(profile), handler(profile.id, now=CLOCK))


def lines(outcome: Outcome) -> list[dict]:
    return [json.loads(line) for line in unpack(outcome.evidence_gz).splitlines()]


def packed(records: list[dict]) -> bytes:
    return b"".join(line(record) for record in records)


def test_the_reference_supplier_is_conformant(outcome: Outcome) -> None:
    assert outcome.report["verdict"] == "conformant", outcome.report["reasons"]


def test_a_replay_gives_the_same_bytes(outcome: Outcome) -> None:
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_two_runs_differ_in_their_run_member_only(outcome: Outcome) -> None:
    profile = load("open-referral-uk")
    again = run_in_process(reference_plan(profile), handler(profile.id, now=CLOCK))
    one, two = dict(outcome.report), dict(again.report)
    assert one.pop("run")["exchanges"] == two.pop("run")["exchanges"]
    assert one == two


def test_another_process_another_locale_and_hash_seed_give_the_same_bytes(outcome: Outcome, tmp_path: Path) -> None:
    """Nothing of the machine that replays may enter the report; no socket may be opened."""
    (tmp_path / "evidence.jsonl.gz").write_bytes(outcome.evidence_gz)
    (tmp_path / "report.json").write_bytes(outcome.report_bytes)
    program = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a replay opened a socket')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "sys.argv = ['interop', 'replay', sys.argv[1], '--check']\n"
        "from interop_harness.cli import main\n"
        "main()\n"
    )
    environment = {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo", "CI": "1", "COLUMNS": "40", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_an_answer_taken_out_is_noticed(outcome: Outcome) -> None:
    records = lines(outcome)
    gone = next(number for number, record in enumerate(records) if record["type"] == "exchange")
    records.pop(gone)
    records[-1]["exchanges"] -= 1
    report = replay(packed(records), load).report
    assert report["verdict"] == "error"
    assert "evidence-exchange-missing" in json.dumps(report["requirements"])


def test_an_answer_the_plan_does_not_imply_is_noticed(outcome: Outcome) -> None:
    records = lines(outcome)
    extra = json.loads(json.dumps(next(record for record in records if record["type"] == "exchange")))
    from interop_harness.evidence import Exchange

    extra["request"]["target"] = "/zzz"
    extra["id"] = Exchange.from_json(extra).id
    records.insert(-1, extra)
    records[-1]["exchanges"] += 1
    report = replay(packed(records), load).report
    assert report["verdict"] == "inconclusive"
    assert "does not imply" in " ".join(report["reasons"])


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda plan: plan["cases"].pop(), "evidence-plan-differs"),
        (lambda plan: plan.update(seed="0" * 64), "evidence-plan-differs"),
        (lambda plan: plan["profile"].update(sha256="0" * 64), "evidence-profile"),
        (lambda plan: plan.pop("options"), "evidence-plan"),
        (lambda plan: plan["implementation"].pop("claims"), "evidence"),
    ],
)
def test_a_plan_that_was_altered_is_refused(outcome: Outcome, edit, code: str) -> None:
    records = lines(outcome)
    edit(records[0]["plan"])
    with pytest.raises(EvidenceError) as caught:
        replay(packed(records), load)
    assert caught.value.code.startswith(code)


@pytest.mark.parametrize("keep", [0, 1, 0.5, 0.999])
def test_truncated_evidence_is_refused(outcome: Outcome, keep: float) -> None:
    raw = unpack(outcome.evidence_gz)
    with pytest.raises(EvidenceError):
        read_evidence(raw[: int(len(raw) * keep)] if keep != 1 else outcome.evidence_gz[:-5])


def test_a_changed_answer_changes_the_verdict_on_replay(outcome: Outcome) -> None:
    """The report is computed from the answers, not remembered."""
    records = lines(outcome)
    record = next(
        one
        for one in records
        if one["type"] == "exchange" and one["request"]["target"] == "/services?per_page=50&page=1"
    )
    body = json.loads(record["response"]["body"]["text"])
    del body["contents"][0]["name"]
    record["response"]["body"]["text"] = json.dumps(body)
    report = replay(packed(records), load).report
    verdicts = {row["id"]: row["verdict"] for row in report["requirements"]}
    assert report["verdict"] == "not-conformant"
    assert verdicts["ORUK-listServices-schema"] == "fail"


def test_what_a_service_says_at_length_is_told_in_part(outcome: Outcome) -> None:
    profile = load("open-referral-uk")
    clean = handler(profile.id, now=CLOCK)
    spoken = run_in_process(
        reference_plan(profile, options=Options(only=("ORUK-listTaxonomies-media-type",))),
        lambda request: clean(request).with_header("Content-Type", "application/" + "x" * 60_000),
    )
    (row,) = [row for row in spoken.report["requirements"] if row["verdict"] == "fail"]
    assert all("60012 characters" in each["observed"] for each in row["findings"])
    assert all(len(each["observed"]) < LONGEST + 50 for each in row["findings"])
