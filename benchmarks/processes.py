"""Processes as they are measured: wall clock, CPU and the highest memory of one, and a supplier that counts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.server import serving

INTEROP = (sys.executable, "-m", "interop_harness")
PEAK = """
import atexit, os, sys
def peak():
    with open('/proc/self/status') as status:
        found = [line.split()[1] for line in status if line.startswith('VmHWM')]
    with open(os.environ['BENCH_PEAK'], 'w') as file:
        file.write(found[0])
atexit.register(peak)
sys.argv = ['interop', *sys.argv[1:]]
from interop_harness.cli import main
main()
"""
"""``interop`` that notes the highest memory of its own pages: what the kernel tells a parent includes the parent's."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One process that ended: seconds of wall clock and of CPU, and what it said."""

    wall: float
    cpu: float
    code: int
    out: str
    err: str
    peak_mib: float = 0.0


def clean_environment(**more: str) -> dict[str, str]:
    """Byte code is cached as it is for users; nothing else of ours leaks in."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **more}


def timed(words: Sequence[str], *, cwd: Path | None = None, seconds: float = 900, **environment: str) -> Timed:
    """Run a process to its end. CPU is its own alone, whatever else this machine does."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(words, stdout=out, stderr=err, cwd=cwd, env=clean_environment(**environment))
        try:
            waited = _wait(process, began + seconds)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        return Timed(wall, waited.ru_utime + waited.ru_stime, process.returncode, out.read(), err.read())


def _wait(process: subprocess.Popen[str], until: float) -> Any:
    while time.perf_counter() < until:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        time.sleep(0.003)
    raise TimeoutError(f"{process.args!r} did not end")


def interop(
    *words: str, cwd: Path | None = None, peak: bool = False, allowed: Iterable[int] = (0, 1), **environment: str
) -> Timed:
    """One ``interop`` command. Raises RuntimeError when it ends otherwise than expected."""
    with tempfile.TemporaryDirectory() as place:
        noted = Path(place) / "peak"
        command = [sys.executable, "-c", PEAK, *words] if peak else [*INTEROP, *words]
        found = timed(command, cwd=cwd, BENCH_PEAK=str(noted), **environment)
        if found.code not in allowed:
            raise RuntimeError(f"interop {' '.join(words)} ended with {found.code}: {found.out[-500:]}{found.err}")
        mib = int(noted.read_text()) / 1024 if peak else 0.0
    return Timed(found.wall, found.cpu, found.code, found.out, found.err, mib)


@dataclass(slots=True)
class Supplier:
    """A supplier that is being served: its address, and how often it was asked."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def supplier(made: Handler, *, delay_ms: int = 0) -> Iterator[Supplier]:
    """Serve a handler in this process, which does nothing else meanwhile, and count what it is asked."""
    found = Supplier("")

    def counted(request: SandboxRequest) -> SandboxResponse:
        found.asked.append(f"{request.method} {request.path}")
        return made(request)

    with serving(counted, delay_ms=delay_ms) as url:
        found.url = url
        yield found


def reference(profile: str, faults: Sequence[str] = ()) -> Handler:
    return handler(profile, faults)


def median(found: Iterable[Any], take: Callable[[Any], float]) -> float:
    return statistics.median(take(one) for one in found)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table; the first column is words, the others are figures."""
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"
