"""Kill a run at a random moment, look at what it left, resume it, and compare the report with an undisturbed run's.

``python -m tests.execution.killing --times 100`` is what ``make kill-test`` runs.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import processes

WORKERS = 4
PREFLIGHT = 1
"""Requests of the preflight, which are probes and not exchanges."""


@dataclass(frozen=True, slots=True)
class Killed:
    """One run that was killed: what the supplier had been asked by then, and what the journal held."""

    asked: int
    kept: int
    sent_again: int

    @property
    def lost(self) -> int:
        return self.asked - PREFLIGHT - self.kept


def undisturbed(folder: Path, *words: str) -> tuple[dict, int]:
    """The report of a run that nobody disturbs, but for its times, and how many requests it takes."""
    with processes.supplier() as (url, counted):
        done = processes.run(processes.PROFILE, "--target", url, "--out", str(folder), "--quiet", *words)
        assert done.returncode in (0, 4), done.stderr
        found = processes.without_run(processes.report(folder))
        return _anywhere(found, url), len(counted.requests)


def _anywhere(found: dict, url: str) -> dict:
    """The address, and what follows from it, differ between suppliers on ports chosen by chance."""
    found.pop("suite")
    found["implementation"].pop("base_url")
    for name in ("sha256", "seed"):
        found["plan"].pop(name)
    assert url not in str(found)
    return found


def kill_and_resume(folder: Path, at: int, wanted: dict, *words: str) -> Killed:
    """Kill a run once ``at`` requests have come, resume it, compare. Raises AssertionError."""
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(
            processes.PROFILE, "--target", url, "--out", str(folder), "--quiet", "--workers", str(WORKERS), *words
        )
        counted.wait_for(at)
        processes.kill(process)
        time.sleep(0.3)  # what was under way still reaches the supplier
        asked, kept = len(counted.requests), len(processes.journalled(folder))
        done = processes.run("--resume", str(folder), "--quiet")
        assert done.returncode in (0, 4), done.stderr
        found = processes.report(folder)
        killed = Killed(asked, kept, len(counted.requests) - asked - PREFLIGHT)
    assert 0 <= killed.lost <= WORKERS, killed
    assert found["run"]["resumed"] == kept
    assert found["run"]["complete"] is True
    assert kept + killed.sent_again == found["run"]["exchanges"], (killed, found["run"]["exchanges"])
    assert _anywhere(processes.without_run(found), url) == wanted
    assert not (folder / "journal.jsonl").exists() and not (folder / "run.lock").exists()
    return killed


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 at random moments")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    draw = random.Random(chosen.seed)
    lost = []
    with tempfile.TemporaryDirectory() as place:
        words = ("--seed", "5" * 64)
        wanted, requests = undisturbed(Path(place) / "whole", *words)
        for number in range(1, chosen.times + 1):
            at = draw.randint(PREFLIGHT + 1, requests - 1)
            killed = kill_and_resume(Path(place) / str(number), at, wanted, *words)
            lost.append(killed.lost)
            print(f"{number}: killed after {killed.asked} of {requests} requests, {killed.lost} lost", flush=True)
    print(
        f"{chosen.times} runs killed and resumed to the same report; lost at most {max(lost)} of {WORKERS} under way."
    )


if __name__ == "__main__":
    main()
