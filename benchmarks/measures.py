"""What is measured: start-up, a run with and without latency against a bare client, replay, memory."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.bare import chains, dependencies, listing
from benchmarks.certificates import judging, verification
from interop_harness.evidence import Evidence, read_evidence
from interop_harness.execution.run import plan_of
from interop_harness.profile import load

PROFILE = "open-referral-uk"
CLAIMS = ("--claim", "extended=true", "--claim", "search-filters=true")


def clean_environment() -> dict[str, str]:
    """Byte code is cached as it is for users; nothing else of ours leaks in."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def timed(words: list[str], **more) -> tuple[float, float, subprocess.CompletedProcess]:
    """Wall seconds, CPU seconds and the finished process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(words, env=clean_environment(), capture_output=True, text=True, check=False, **more)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done


@contextmanager
def supplier(delay_ms: int) -> Iterator[str]:
    """The reference supplier in a process of its own."""
    words = [sys.executable, "-m", "interop_harness", "sandbox", PROFILE, "--delay-ms", str(delay_ms)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=clean_environment())
    try:
        line = process.stdout.readline()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(10)


def run(url: str, folder: Path, workers: int) -> tuple[float, float, Evidence]:
    """One whole-process run: wall and CPU seconds, and the evidence it left."""
    out = folder / f"run-{time.perf_counter_ns()}"
    words = [sys.executable, "-m", "interop_harness", "run", PROFILE, "--target", url, "--out", str(out), "--quiet"]
    wall, cpu, done = timed([*words, "--workers", str(workers), *CLAIMS])
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the run ended with {done.returncode}: {done.stderr}")
    return wall, cpu, read_evidence((out / "evidence.jsonl.gz").read_bytes())


def span(evidence: Evidence) -> float:
    """Seconds from the first request sent to the last answer received."""
    starts, ends = [], []
    for exchange in evidence.exchanges.values():
        if exchange.sent_at:
            begun = datetime.fromisoformat(exchange.sent_at).timestamp()
            starts.append(begun)
            ends.append(begun + exchange.elapsed_ms / 1000)
    return max(ends) - min(starts)


def startup(rounds: int) -> Iterator[str]:
    base = statistics.median(timed([sys.executable, "-c", "import typer"])[0] for _ in range(rounds * 2 + 1))
    ours = statistics.median(
        timed([sys.executable, "-m", "interop_harness", "--help"])[0] for _ in range(rounds * 2 + 1)
    )
    times = f"{ours * 1000:.0f} ms against {base * 1000:.0f} ms"
    yield f"interop --help: {ours / base:.2f} x python -c 'import typer' ({times})"


def latency(rounds: int) -> Iterator[str]:
    """A run against a bare client, at each latency and number of workers."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for delay, workers in ((0, 4), (50, 1), (50, 4), (50, 8), (50, 16), (200, 8)):
            rounds_here = 1 if workers == 1 else rounds
            with supplier(delay) as url:
                ratios, walls, spans, bares, cpus = [], [], [], [], []
                for _ in range(rounds_here):
                    wall, cpu, evidence = run(url, folder, workers)
                    plan = plan_of(evidence, load)
                    needs = folder / "needs.json"
                    needs.write_text(json.dumps(listing(dependencies(chains(plan, evidence)))))
                    words = [sys.executable, "-m", "benchmarks.bare", str(needs), url, str(workers)]
                    bare = json.loads(timed(words)[2].stdout)
                    walls.append(wall)
                    spans.append(span(evidence))
                    bares.append(bare["wall"])
                    ratios.append(spans[-1] / bare["wall"])
                    cpus.append(cpu)
                count = len(evidence.exchanges)
                yield (
                    f"{delay} ms, {workers} workers: first to last exchange {statistics.median(ratios):.2f} x bare "
                    f"httpx ({statistics.median(spans):.2f} s against {statistics.median(bares):.2f} s), "
                    f"{count} exchanges; "
                    f"whole process {statistics.median(walls):.2f} s, CPU {statistics.median(cpus):.2f} s"
                )


def memory(rounds: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place, supplier(0) as url:
        out = Path(place) / "run"
        program = (
            "import resource, sys\n"
            "sys.argv = ['interop', *sys.argv[1:]]\n"
            "from interop_harness.cli import main\n"
            "try:\n    main()\n"
            "except SystemExit:\n    pass\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        )
        words = ["run", PROFILE, "--target", url, "--out", str(out), "--quiet", *CLAIMS]
        done = timed([sys.executable, "-c", program, *words])[2]
        kibibytes = int(done.stdout.split()[-1])
        yield f"memory of a run: {kibibytes / 1024:.0f} MiB at its peak"


def replay(rounds: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place, supplier(0) as url:
        out = Path(place) / "run"
        timed([sys.executable, "-m", "interop_harness", "run", PROFILE, "--target", url, "--out", str(out), *CLAIMS])
        walls = [
            timed([sys.executable, "-m", "interop_harness", "replay", str(out), "--check"])[0] for _ in range(rounds)
        ]
        count = len(read_evidence((out / "evidence.jsonl.gz").read_bytes()).exchanges)
        yield f"replay: {statistics.median(walls):.2f} s whole process for {count} exchanges"


ALL = {
    "startup": startup,
    "latency": latency,
    "replay": replay,
    "memory": memory,
    "verification": verification,
    "judging": judging,
}
