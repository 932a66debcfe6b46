"""What more operations and more exchanges cost: time that grows with them, memory that hardly does."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import interop, supplier, table
from benchmarks.synthetic import synthetic, write_profile

OPERATIONS = (10, 100, 1000)
RECORDS = (20, 200, 2000)
"""In each of five lists: a hundred, a thousand and ten thousand records that are read one by one."""


def run(profile: Path, url: str, out: Path, *more: str):
    return interop("run", str(profile), "--target", url, "--out", str(out), "--quiet", *more, peak=True)


def exchanges_of(out: Path) -> int:
    return int(json.loads((out / "report.json").read_bytes())["run"]["exchanges"])


def operations(rounds: int) -> Iterator[str]:
    """A run over 10, 100 and 1,000 operations, five records in each list."""
    rows = []
    for count in OPERATIONS:
        with tempfile.TemporaryDirectory() as place, supplier(synthetic(count, 5)) as found:
            folder = Path(place)
            profile = write_profile(folder, count)
            compiled = interop("profiles", "compile", str(profile))
            plan = interop("plan", str(profile), "--target", found.url)
            done = run(profile, found.url, folder / "run")
            sent = exchanges_of(folder / "run")
            per = f"{done.cpu * 1000 / sent:.1f} ms"
            rows.append(
                (
                    *(f"{count:,}", f"{compiled.wall:.1f} s", f"{plan.wall:.2f} s", f"{sent:,}"),
                    *(f"{done.wall:.1f} s", f"{done.cpu:.1f} s", per, f"{done.peak_mib:.0f} MiB"),
                )
            )
    yield from table(
        ["operations", "inputs, once", "plan", "exchanges", "run", "CPU", "CPU an exchange", "memory at its peak"], rows
    )


def exchanges(rounds: int) -> Iterator[str]:
    """A run of ten operations over 100, 1,000 and 10,000 records, each read by itself."""
    rows = []
    for records in RECORDS:
        with tempfile.TemporaryDirectory() as place, supplier(synthetic(10, records)) as found:
            folder = Path(place)
            profile = write_profile(folder, 10)
            interop("profiles", "compile", str(profile))
            done = run(profile, found.url, folder / "run", "--exhaustive")
            sent = exchanges_of(folder / "run")
            per = f"{done.cpu * 1000 / sent:.2f} ms"
            rows.append((f"{sent:,}", f"{done.wall:.1f} s", f"{done.cpu:.1f} s", per, f"{done.peak_mib:.0f} MiB"))
    yield from table(["exchanges", "run", "CPU", "CPU an exchange", "memory at its peak"], rows)
