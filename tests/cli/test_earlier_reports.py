"""What ``--failed-first`` takes for the report of an earlier run, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop_harness.cli import app, commands
from interop_harness.cli.earlier import failed_in
from interop_harness.errors import UsageError
from interop_harness.report import FORMAT

ROW = {"id": "X-A-01", "verdict": "fail"}


def report(**changes: object) -> bytes:
    rows = [ROW, {"id": "X-A-02", "verdict": "pass"}, {"id": "X-A-03", "verdict": "inconclusive"}]
    return json.dumps({"format": FORMAT, "requirements": rows, **changes}).encode()


def test_what_did_not_pass_comes_first(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(report())
    assert failed_in(tmp_path) == failed_in(tmp_path / "report.json") == {"X-A-01", "X-A-03"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", f"it does not say format: {FORMAT}"),
        (b"null", f"it does not say format: {FORMAT}"),
        (b'{"requirements": {}}', f"it does not say format: {FORMAT}"),
        (report(format="interop-statement/1"), f"it does not say format: {FORMAT}"),
        (report(requirements={}), "its requirements are no list"),
        (report(requirements=""), "its requirements are no list"),
        (report(requirements=None), "its requirements are no list"),
        (report(requirements=[ROW, "X-A-02"]), "its requirement 2 lacks an id or a verdict"),
        (report(requirements=[{"id": "X-A-01"}]), "its requirement 1 lacks an id or a verdict"),
        (report(requirements=[{"id": "X-A-01", "verdict": "failed"}]), "its requirement 1 lacks an id or a verdict"),
        (report(requirements=[{"id": "X-A-01", "verdict": []}]), "its requirement 1 lacks an id or a verdict"),
        (report(requirements=[{"id": 7, "verdict": "fail"}]), "its requirement 1 lacks an id or a verdict"),
    ],
)
def test_what_is_no_report_is_not_taken_for_one_without_failures(data: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "earlier.json"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        failed_in(path)
    assert caught.value.code == "failed-first-file"
    assert caught.value.message == f"{path} is no report of a run: {why}."


def test_a_run_is_not_begun_with_one(tmp_path: Path) -> None:
    if not app.registered_commands:
        commands.register(app)
    (tmp_path / "report.json").write_bytes(report(requirements={}))
    words = ["run", "open-referral-uk", "--target", "http://127.0.0.1:9", "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(app, [*words, "--failed-first", str(tmp_path)])
    assert isinstance(result.exception, UsageError) and result.exception.code == "failed-first-file"
    assert not (tmp_path / "run").exists()
