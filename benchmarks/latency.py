"""A run against a bare client that sends the same requests, at several latencies and numbers of workers."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.bare import chains, dependencies, listing
from benchmarks.processes import Timed, interop, median, reference, supplier, table, timed
from interop_harness.evidence import Evidence, read_evidence
from interop_harness.execution.run import plan_of
from interop_harness.profile import load

PROFILE = "open-referral-uk"
CLAIMS = ("--claim", "extended=true", "--claim", "search-filters=true")
WORKERS = {0: (1, 4, 16), 50: (1, 4, 8, 16), 200: (1, 4, 16)}
LONG = 40
"""Milliseconds of delay, shared out among the workers, above which a pair is measured once."""
ONE_ROW = "ORUK-listServices-status"


@dataclass(frozen=True, slots=True)
class Pair:
    """One run and the bare client that sent the same requests right after it."""

    run: Timed
    evidence: Evidence
    span: float
    bare_wall: float
    bare_cpu: float
    start_cpu: float
    """CPU of a run of one requirement: what is spent before and after the exchanges."""
    start_exchanges: int

    @property
    def exchanges(self) -> int:
        return len(self.evidence.exchanges)

    @property
    def ratio(self) -> float:
        return self.span / self.bare_wall

    @property
    def cpu(self) -> float:
        """Milliseconds of CPU an exchange."""
        return (self.run.cpu - self.start_cpu) * 1000 / (self.exchanges - self.start_exchanges)


def one_run(url: str, out: Path, workers: int, *more: str) -> tuple[Timed, Evidence]:
    words = ("--target", url, "--out", str(out), "--quiet", "--workers", str(workers), *more)
    done = interop("run", PROFILE, *words, allowed=(0, 1, 3, 4))
    if done.code == 3:
        raise RuntimeError(f"a run failed: {json.loads((out / 'report.json').read_bytes())['reasons']}")
    return done, read_evidence((out / "evidence.jsonl.gz").read_bytes())


def span(evidence: Evidence) -> float:
    """Seconds from the first request sent to the last answer received."""
    starts = [
        (datetime.fromisoformat(one.sent_at).timestamp(), one.elapsed_ms / 1000)
        for one in evidence.exchanges.values()
        if one.sent_at
    ]
    return max(begun + took for begun, took in starts) - min(begun for begun, _ in starts)


def measure(url: str, folder: Path, workers: int) -> Pair:
    out = folder / f"run-{len(list(folder.iterdir()))}"
    start, few = one_run(url, out.with_name(f"{out.name}-start"), workers, "--only", ONE_ROW)
    done, evidence = one_run(url, out, workers, *CLAIMS)
    needs = folder / f"{out.name}.json"
    needs.write_text(json.dumps(listing(dependencies(chains(plan_of(evidence, load), evidence)))))
    bare = timed([sys.executable, "-m", "benchmarks.bare", str(needs), url, str(workers)])
    told = json.loads(bare.out)
    return Pair(done, evidence, span(evidence), told["wall"], told["cpu"], start.cpu, len(few.exchanges))


def overhead(rounds: int) -> Iterator[str]:
    """Without delay: all of it is processor time, which a neighbour on the host may take, so it is taken more often."""
    yield from compared([0], 2 * rounds + 1)


def latency(rounds: int) -> Iterator[str]:
    """First to last exchange, and CPU an exchange, with each delay."""
    yield from compared([delay for delay in WORKERS if delay], rounds)


def compared(delays: Sequence[int], rounds: int) -> Iterator[str]:
    """A row for each delay and number of workers, the median of ``rounds`` pairs; the longest are measured once."""
    rows, pairs = [], []
    for delay in delays:
        for workers in WORKERS[delay]:
            with tempfile.TemporaryDirectory() as place, supplier(reference(PROFILE), delay_ms=delay) as found:
                times = 1 if delay / workers > LONG or (delay and workers == 1) else rounds
                pairs = [measure(found.url, Path(place), workers) for _ in range(times)]
            exchanges = pairs[0].exchanges
            ratio, wall = median(pairs, lambda one: one.ratio), median(pairs, lambda one: one.run.wall)
            ours, theirs = median(pairs, lambda one: one.span), median(pairs, lambda one: one.bare_wall)
            cpu = median(pairs, lambda one: one.cpu)
            bare = median(pairs, lambda one: one.bare_cpu * 1000 / one.exchanges)
            rows.append(
                (
                    *(f"{delay} ms", workers, f"{ratio:.2f}", f"{ours:.2f} s", f"{theirs:.2f} s"),
                    *(f"{wall:.2f} s", f"{cpu:.2f} ms", f"{bare:.2f} ms"),
                )
            )
    heads = ["latency", "workers", "first to last exchange, ratio", "run", "bare client", "whole process"]
    yield from table([*heads, "CPU an exchange", "bare"], rows)
    header = pairs[0].evidence.header["plan"]
    yield ""
    yield from generation(len(header["cases"]), exchanges)


def generation(cases: int, exchanges: int) -> Iterator[str]:
    """The inputs are made once a profile version; what that costs stands beside the run."""
    profile = load(PROFILE)
    made = interop("profiles", "compile", "--check", PROFILE)
    inputs = (profile.inputs or {})["operations"].values()
    values = sum(len(rows) for aspects in inputs for rows in aspects.values())
    yield (
        f"Each run has {cases:,} cases and {exchanges:,} exchanges, {values:,} of the cases with generated inputs. "
        f"Generating those takes {made.wall:.1f} s ({made.cpu:.1f} s of CPU), once a profile version."
    )
