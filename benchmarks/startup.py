"""How quickly ``interop`` answers for itself."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator

from benchmarks.processes import INTEROP, table, timed


def startup(rounds: int) -> Iterator[str]:
    """``interop --help`` against a process that only imports Typer, taken in turn."""
    pairs = [
        (timed([*INTEROP, "--help"]).wall, timed([sys.executable, "-c", "import typer"]).wall)
        for _ in range(rounds * 4 + 1)
    ]
    ratio = statistics.median(ours / base for ours, base in pairs)
    ours, base = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    heads = ["what", "ratio", "interop", "import typer"]
    yield from table(heads, [("interop --help", f"{ratio:.2f}", f"{ours:.0f} ms", f"{base:.0f} ms")])
