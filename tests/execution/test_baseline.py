"""Known failures: let pass until their day, as long as they fail, and never a reason to sign."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.errors import UsageError
from interop_harness.execution.baseline import KnownFailure, read_baseline, settle
from interop_harness.plan import Plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxResponse

from . import processes

FAULT, BROKEN = "page-size-is-per-page", "ORUK-PAGE-03"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return reference_plan(load(processes.PROFILE))


@pytest.fixture(scope="module")
def outcomes(plan: Plan) -> dict:
    busy = SandboxResponse(429, (("Content-Type", "application/json"), ("Retry-After", "999")), b"{}")
    suppliers = {
        "well": handler(processes.PROFILE, now=CLOCK),
        "broken": handler(processes.PROFILE, [FAULT], now=CLOCK),
        "busy": lambda request: busy,
    }
    return {name: run_in_process(plan, supplier) for name, supplier in suppliers.items()}


def broken_musts(outcome) -> set[str]:
    return {row["id"] for row in outcome.report["requirements"] if row["verdict"] == "fail" and row["level"] == "MUST"}


def known(*names: str, expires: str = "2030-01-01") -> tuple[KnownFailure, ...]:
    from datetime import date

    return tuple(KnownFailure(name, "it is being mended", "a person", date.fromisoformat(expires)) for name in names)


def test_only_known_failures_are_let_pass(plan: Plan, outcomes: dict) -> None:
    broken = broken_musts(outcomes["broken"])
    assert broken
    found = settle(plan, outcomes["broken"], known(*broken))
    assert found.exit == 0
    assert all("fails as known until 2030-01-01" in sentence for sentence in found.sentences)


def test_a_new_failure_is_not(plan: Plan, outcomes: dict) -> None:
    found = settle(plan, outcomes["broken"], ())
    assert found.exit == 1
    assert any("is not in the baseline" in sentence for sentence in found.sentences)


def test_one_that_no_longer_fails_fails_the_gate(plan: Plan, outcomes: dict) -> None:
    found = settle(plan, outcomes["well"], known(BROKEN))
    assert found.exit == 1
    assert found.sentences == (f"{BROKEN} no longer fails (pass): take it out of the baseline.",)


def test_one_that_has_expired_fails_the_gate(plan: Plan, outcomes: dict) -> None:
    broken = broken_musts(outcomes["broken"])
    day = CLOCK.date().isoformat()
    assert settle(plan, outcomes["broken"], known(*broken, expires=day)).exit == 0, "its day is still its own"
    found = settle(plan, outcomes["broken"], known(*broken, expires="2026-11-01"))
    assert found.exit == 1
    assert any("let it pass until 2026-11-01 (a person: it is being mended)" in one for one in found.sentences)


def test_what_could_not_be_judged_is_not_let_pass(plan: Plan, outcomes: dict) -> None:
    assert settle(plan, outcomes["busy"], known(BROKEN)).exit == 4
    assert settle(plan, outcomes["busy"], ()).exit == 4


def test_an_empty_baseline_changes_nothing(plan: Plan, outcomes: dict) -> None:
    assert settle(plan, outcomes["well"], ()).exit == 0


def test_failed_shoulds_count_where_they_are_to(plan: Plan, outcomes: dict) -> None:
    should = next(row.id for row in plan.requirements if row.level.value == "SHOULD" and row.id.startswith("ORUK-"))
    assert settle(plan, outcomes["well"], known(should), fail_on="should").exit == 1, "it does not fail"
    assert settle(plan, outcomes["well"], (), fail_on="should").exit == 0


GOOD = {"requirement": BROKEN, "reason": "ticket 12", "owner": "Search team", "expires": "2030-01-01"}


def written(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "known.yaml"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_a_baseline_is_read(plan: Plan, tmp_path: Path) -> None:
    text = (
        "format: interop-baseline/1\nknown_failures:\n"
        f"  - requirement: {BROKEN}\n    reason: ticket 12\n    owner: Search team\n    expires: 2030-01-01\n"
    )
    (entry,) = read_baseline(written(tmp_path, text), plan)
    assert (entry.requirement, entry.owner, entry.expires.year) == (BROKEN, "Search team", 2030)
    schema()(json.loads(json.dumps({"format": "interop-baseline/1", "known_failures": [GOOD]})))


def schema():
    import jsonschema_rs

    import interop_harness

    path = Path(interop_harness.__file__).parent / "schemas" / "baseline.schema.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text()), validate_formats=True).validate


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[]",
        "known_failures: []",
        {"format": "interop-baseline/2", "known_failures": []},
        {"format": "interop-baseline/1", "known_failures": {}},
        {"format": "interop-baseline/1", "known_failures": "all"},
        {"format": "interop-baseline/1", "known_failures": [], "more": 1},
        {"format": "interop-baseline/1", "known_failures": ["ORUK-PAGE-03"]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "requirement": "NO-SUCH-01"}]},
        {"format": "interop-baseline/1", "known_failures": [GOOD, GOOD]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "owner": ""}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "reason": 5}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "reason": "x" * 501}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "reason": "\u001b[31m"}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "expires": "never"}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "expires": "2030-13-01"}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "expires": 2030}]},
        {"format": "interop-baseline/1", "known_failures": [{"requirement": BROKEN}]},
        {"format": "interop-baseline/1", "known_failures": [{**GOOD, "more": "x"}]},
        "format: !!python/object:os.system x",
        "a: &a [*a]",
        "\x00\x01",
        "[" * 5000,
    ],
    ids=lambda value: str(value)[:60].replace("\x00", "0").replace("\x01", "1"),
)
def test_a_file_that_is_no_baseline(value: object, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_baseline(written(tmp_path, value), plan)


def test_a_pipeline(tmp_path: Path) -> None:
    """As a process: the exit code, what is printed, and that such a run is never signed."""
    import subprocess
    import sys

    run = tmp_path / "run"
    with processes.supplier([FAULT]) as (url, _):
        plain = processes.run(processes.PROFILE, "--target", url, "--out", str(tmp_path / "plain"), "-q")
        assert plain.returncode == 1
        rows = processes.report(tmp_path / "plain")["requirements"]
        broken = [row["id"] for row in rows if row["verdict"] == "fail" and row["level"] == "MUST"]
        path = written(
            tmp_path,
            {"format": "interop-baseline/1", "known_failures": [{**GOOD, "requirement": name} for name in broken]},
        )
        done = processes.run(processes.PROFILE, "--target", url, "--out", str(run), "--baseline", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Baseline: nothing but known failures, exit 0." in done.stdout
    assert "Search team: ticket 12" in done.stdout
    report = processes.report(run)
    assert report["verdict"] == "not-conformant" and report["exit"] == 1, "the report is not softened"
    assert report["plan"]["modified"] is True and report["run"]["baseline"] == sorted(broken)
    key = tmp_path / "key"
    words = [sys.executable, "-m", "interop_harness"]
    subprocess.run(
        [*words, "keys", "new", "--issuer", "Test", "--unencrypted", "--quiet", "--out", str(key)], check=True
    )
    signed = subprocess.run([*words, "sign", str(run), "--key", str(key)], capture_output=True, check=False, text=True)
    assert signed.returncode == 2
    assert "run-modified" in signed.stderr
    assert subprocess.run([*words, "replay", str(run), "--check"], capture_output=True, check=False).returncode == 0
