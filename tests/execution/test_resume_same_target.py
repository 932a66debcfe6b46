"""A run goes on against the target it was begun with: its file may not say anything else by then, but how fast."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop_harness.errors import UsageError
from interop_harness.execution.journal import JOURNAL, Choices
from interop_harness.execution.prepare import prepare
from interop_harness.execution.record import suite_identity
from interop_harness.execution.resume import read_journal, resumed_plan
from interop_harness.plan import Plan
from interop_harness.profile import load

from . import processes

NOTHING = Choices()
TARGET = "base_url: http://127.0.0.1:9\nclaims: {extended: false}\nlimits: {timeout: 30, rate: 50}\n"


def written(folder: Path, text: str) -> str:
    path = folder / "target.yaml"
    path.write_text(text)
    return str(path)


def begun(folder: Path, said: Choices | None = NOTHING, text: str = TARGET) -> None:
    """The journal of a run that was cut off as it began."""
    said_over = said or NOTHING
    plan, _ = prepare(
        processes.PROFILE,
        written(folder, text),
        claims=said_over.claims,
        timeout=said_over.timeout,
        authorised_by=said_over.authorised_by,
    )
    header = {
        "type": "header",
        "format": "interop-journal/1",
        "plan": plan.as_json(),
        "plan_sha256": plan.sha256,
        "suite": suite_identity(),
        "run": {"started": "2026-01-01T00:00:00Z"},
        "target_needed": False,
        **({"choices": said.as_json()} if said else {}),
    }
    (folder / JOURNAL).write_text(json.dumps(header) + "\n")


def resumed(folder: Path, text: str) -> Plan:
    return resumed_plan(read_journal(folder), written(folder, text), load)[0]


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        (TARGET.replace("false", "true"), "claims"),
        (TARGET.replace("{extended: false}", "{extended: false, search: true}"), "claims"),
        (TARGET.replace("claims: {extended: false}\n", ""), "claims"),
        (TARGET.replace("timeout: 30", "timeout: 3"), "limits"),
        (TARGET.replace("timeout: 30", "give_up_after: 3"), "limits"),
        (TARGET.replace("timeout: 30", "max_body_bytes: 2000"), "limits"),
        (TARGET.replace("timeout: 30", "max_attempts: 1"), "limits"),
        (TARGET + "authorised_by: somebody else\n", "authorised_by"),
        (TARGET + "version: 3\n", "version"),
        (TARGET + "facts: {service_ids: [a]}\n", "facts"),
        (TARGET.replace(":9", ":10").replace("false", "true"), "base_url, claims"),
    ],
)
def test_a_target_file_that_has_changed_is_refused(text: str, differs: str, tmp_path: Path) -> None:
    begun(tmp_path)
    with pytest.raises(UsageError) as caught:
        resumed(tmp_path, text)
    assert caught.value.code == "resume-target"
    assert f"Other than then: {differs}." in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        TARGET,
        TARGET.replace("rate: 50", "rate: 5, workers: 2"),
        TARGET.replace("timeout: 30, rate: 50", "timeout: 30.0"),
        TARGET.replace("timeout: 30", "connect_timeout: 10"),
        TARGET + "proxy: http://127.0.0.1:3128\n",
    ],
    ids=["the same", "speed", "no speed", "what is not said is the default", "another way there"],
)
def test_what_does_not_make_it_another_run(text: str, tmp_path: Path) -> None:
    begun(tmp_path)
    plan = resumed(tmp_path, text)
    assert plan.implementation.limits.rate == (5 if "rate: 5," in text else 50 if "rate" in text else None)


def test_what_the_command_line_said_over_the_file_still_holds(tmp_path: Path) -> None:
    begun(tmp_path, Choices(claims=("extended=true", "search-filters=true"), timeout=7.0, authorised_by="A Person"))
    limits = resumed(tmp_path, TARGET).implementation.limits
    assert limits.timeout == 7.0
    assert resumed(tmp_path, TARGET).implementation.claims == {"extended": True, "search-filters": True}
    # What was said over stays so, whatever the file says of it.
    assert resumed(tmp_path, TARGET.replace("timeout: 30", "timeout: 3")).implementation.limits.timeout == 7.0
    with pytest.raises(UsageError):
        resumed(tmp_path, TARGET + "supplier: Another\n")


def test_an_older_journal_goes_on_as_before(tmp_path: Path) -> None:
    begun(tmp_path, None)
    assert resumed(tmp_path, TARGET.replace("timeout: 30", "timeout: 3")).implementation.limits.timeout == 30
    with pytest.raises(UsageError, match="not the target"):
        resumed(tmp_path, TARGET.replace(":9", ":10"))


def test_a_run_says_what_came_from_the_command_line(tmp_path: Path) -> None:
    run, words = tmp_path / "run", ("--claim", "extended=true", "--timeout", "20", "--authorised-by", "A Person")
    with processes.supplier(delay_ms=3) as (url, counted):
        target = written(tmp_path, TARGET.replace("http://127.0.0.1:9", url))
        only = ("--only", "ORUK-PAGE", "--only", "ORUK-listServices", "-q")
        process = processes.start(processes.PROFILE, "--target", target, "--out", str(run), *words, *only)
        counted.wait_for(15)
        processes.kill(process)
        assert read_journal(run).choices == Choices("must", None, None, ("extended=true",), 20.0, "A Person")
        written(tmp_path, TARGET.replace("http://127.0.0.1:9", url).replace("timeout: 30", "max_wait: 1"))
        refused = processes.run("--resume", str(run), "--target", target, "-q")
        assert refused.returncode == 2 and "resume-target" in refused.stderr and "limits" in refused.stderr
        written(tmp_path, TARGET.replace("http://127.0.0.1:9", url))
        done = processes.run("--resume", str(run), "--target", target, "-q")
    assert done.returncode == 4, done.stderr
    assert processes.report(run)["run"]["complete"] is True
