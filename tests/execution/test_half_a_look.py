"""What the preflight saw is kept whole or not at all: a run goes on from all of it, or looks again and keeps that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop_harness.errors import EvidenceError
from interop_harness.evidence import Probe, Redactor
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.execution.resume import read_journal

from . import processes

FEW = ("--only", "ORUK-PAGE", "--only", "ORUK-REF", "--only", "ORUK-listServices")
SEEN = [
    Probe("dns", True, "fine"),
    Probe("proxy", None, "none"),
    Probe("proxy", True, "one"),
    Probe("tls", True, "1.3"),
]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The journal of a run that was killed."""
    run = tmp_path_factory.mktemp("cut") / "run"
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "--quiet", *FEW)
        counted.wait_for(12)
        processes.kill(process)
    return (run / JOURNAL).read_bytes()


def test_probes_are_written_in_one_line_and_read_as_they_were(journal: bytes, tmp_path: Path) -> None:
    header = journal.split(b"\n")[0] + b"\n"
    (tmp_path / JOURNAL).write_bytes(header)
    writing = Journal(tmp_path, Redactor(), keep=len(header))
    assert writing.probes(SEEN)
    writing.close()
    whole = (tmp_path / JOURNAL).read_bytes()
    assert read_journal(tmp_path).probes == tuple(SEEN)
    for cut in range(len(header), len(whole)):
        (tmp_path / JOURNAL).write_bytes(whole[:cut])
        assert read_journal(tmp_path).probes == ()


def test_one_line_of_an_older_journal_is_no_look(journal: bytes, tmp_path: Path) -> None:
    lines = journal.split(b"\n")
    one = json.dumps(json.loads(lines[1])["probes"][0]).encode()
    (tmp_path / JOURNAL).write_bytes(b"\n".join([lines[0], one, *lines[2:]]))
    found = read_journal(tmp_path)
    assert not found.probes and found.exchanges


@pytest.mark.parametrize("said", [{}, {"probes": 1}, {"probes": [1]}, {"probes": [{"type": "probe"}]}])
def test_a_damaged_look_is_refused(said: dict, journal: bytes, tmp_path: Path) -> None:
    header = journal.split(b"\n")[0]
    (tmp_path / JOURNAL).write_bytes(header + b"\n" + json.dumps({"type": "probes", **said}).encode() + b"\n")
    with pytest.raises(EvidenceError):
        read_journal(tmp_path)


def test_a_second_look_is_kept(journal: bytes, tmp_path: Path) -> None:
    """The first was cut off: what the run goes on with must outlive the next cut."""
    with processes.supplier(delay_ms=3) as (url, counted):
        run = tmp_path / "run"
        process = processes.start(processes.PROFILE, "--target", url, "--out", str(run), "--quiet", *FEW)
        counted.wait_for(10)
        processes.kill(process)
        whole = (run / JOURNAL).read_bytes()
        lines = whole.split(b"\n")
        assert json.loads(lines[1])["type"] == "probes"
        (run / JOURNAL).write_bytes(lines[0] + b"\n" + lines[1][:-20])
        before = len(counted.requests)
        process = processes.start("--resume", str(run), "--quiet")
        counted.wait_for(before + 5)
        processes.kill(process)
        assert len(read_journal(run).probes) == len(json.loads(lines[1])["probes"])
        assert processes.run("--resume", str(run), "--quiet").returncode == 4
        assert {probe["name"] for probe in processes.report(run)["run"]["preflight"]} >= {"dns", "tls", "http"}
