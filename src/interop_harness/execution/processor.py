"""One processor for the threads of a run, for as long as nobody else wants it.

The interpreter lets one thread run at a time, so several processors make a run no faster: each thread that has its turn
on another one first fetches there what the last has used. Over a service that answers at once that costs a quarter of
the run's CPU time and a third of its wall-clock time (README, "Figures"). Only where Linux tells how long threads
waited for a processor; elsewhere nothing is done.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

LOOK_EVERY = 0.25
"""Seconds between looks at whether somebody else wants the processor."""
TAKEN = 0.3
"""The share of that time in which others had the processor while a thread of ours waited for it: then it is left."""
THREADS = Path("/proc/self/task")


class OneProcessor:
    """Within the context the calling thread, and every thread begun under it, stays on the processor it is on."""

    def __init__(self) -> None:
        self._all: set[int] = set()
        """Where this process may run; empty while nothing is kept."""
        self._here: set[int] = set()
        self._looked = self._ran = self._waited = 0.0

    def __enter__(self) -> OneProcessor:
        if hasattr(os, "sched_setaffinity") and getattr(sys, "_is_gil_enabled", lambda: True)():
            self._keep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def _keep(self) -> None:
        try:
            everywhere = os.sched_getaffinity(0)
            self._looked, self._ran, self._waited = time.monotonic(), time.process_time(), _waited()
            if len(everywhere) > 1:
                self._here = {_here()}
                os.sched_setaffinity(0, self._here)
                self._all = everywhere
        except (OSError, ValueError, IndexError):  # a kernel that does not tell, or a jail that does not let us
            return

    def look(self) -> None:
        """Leave the processor if others had it for much of the time since the last look. Cheap, if called often."""
        now = time.monotonic()
        passed = now - self._looked
        if not self._all or passed < LOOK_EVERY:
            return
        try:
            ran, waited = time.process_time(), _waited()
        except (OSError, ValueError, IndexError):  # no file can be opened just now, say
            self._looked = now
            return
        taken = min(waited - self._waited, passed - (ran - self._ran))
        self._looked, self._ran, self._waited = now, ran, waited
        if taken > TAKEN * passed:
            self.leave()

    def leave(self) -> None:
        """Let the threads run wherever this process may."""
        everywhere, self._all = self._all, set()
        if everywhere:
            for thread in _threads():
                try:
                    if os.sched_getaffinity(int(thread.name)) == self._here:
                        os.sched_setaffinity(int(thread.name), everywhere)
                except OSError:  # it has ended meanwhile
                    continue


def _threads() -> Iterator[Path]:
    try:
        yield from THREADS.iterdir()
    except OSError:
        return


def _waited() -> float:
    """Seconds for which the threads of this process could have run and had no processor."""
    waited = 0
    for thread in _threads():
        try:
            waited += int((thread / "schedstat").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            if not thread.exists():  # it has ended meanwhile
                continue
            raise
    return waited / 1e9


def _here() -> int:
    """The processor that this thread is on (proc(5), the field ``processor`` of ``stat``)."""
    return int(Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()[36])
