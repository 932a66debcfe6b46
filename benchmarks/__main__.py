"""``make bench``: the tables that stand in the README, as measured on this machine."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.certificates import verification
from benchmarks.comparison import comparison
from benchmarks.evidence import evidence
from benchmarks.latency import latency, overhead
from benchmarks.planning import planning
from benchmarks.scale import exchanges, operations
from benchmarks.startup import startup

Measure = Callable[[int], Iterator[str]]
ALL: dict[str, tuple[str, Measure]] = {
    "startup": ("Start-up", startup),
    "overhead": ("A run against a bare HTTP client, without delay", overhead),
    "latency": ("A run against a bare HTTP client that sends the same requests", latency),
    "comparison": ("Against schemathesis run with its defaults", comparison),
    "operations": ("By the number of operations", operations),
    "exchanges": ("By the number of exchanges", exchanges),
    "planning": ("Planning", planning),
    "evidence": ("Judging again, signing and verifying, by the size of the evidence", evidence),
    "verification": ("Verifying a large certificate", verification),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the harness; ratios are of pairs taken one after the other.")
    parser.add_argument("--rounds", type=int, default=3, help="measure short things this often; the median is shown")
    parser.add_argument("--only", action="append", choices=[*ALL], help="only this measure; may be repeated")
    chosen = parser.parse_args()
    for name, (title, measure) in ALL.items():
        if chosen.only and name not in chosen.only:
            continue
        began = time.perf_counter()
        print(f"### {title}\n", flush=True)
        for line in measure(chosen.rounds):
            print(line, flush=True)
        print(flush=True)
        load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        print(f"{name}: {time.perf_counter() - began:.0f} s{load}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
