"""How a run says where it is: a display that moves on a terminal, a plain line now and then elsewhere.

Progress goes to the error stream, so that what a command prints can be piped. Any thread may call it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from interop_harness.rendering.text import encodable, one_line
from interop_harness.rendering.words import duration

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

EVERY = 5.0
"""Seconds between two plain lines of the same phase."""


class Progress:
    """Says nothing: the progress of a quiet run, and the interface of the others.

    ``phase`` begins a phase and ends the one before, ``advance`` counts, ``done`` ends everything; calling it
    twice is harmless. Use it as a context manager, so that an interrupt leaves the terminal as it was.
    """

    def phase(self, name: str, total: int | None = None) -> None: ...

    def advance(self, count: int = 1, note: str = "") -> None: ...

    def done(self) -> None: ...

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()


class PlainProgress(Progress):
    """A line when a phase begins, every few seconds, and when it ends: for logs and pipelines."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic, every: float = EVERY) -> None:
        self._stream = stream
        self._clock = clock
        self._every = every
        self._lock = RLock()
        self._name = ""
        self._total: int | None = None
        self._count = 0
        self._began = self._said = 0.0

    def phase(self, name: str, total: int | None = None) -> None:
        with self._lock:
            self.done()
            self._name, self._total, self._count = one_line(name, 60), total, 0
            self._began = self._said = self._clock()
            self._say(self._name + (f": {total:,} to do" if total else ""))

    def advance(self, count: int = 1, note: str = "") -> None:
        with self._lock:
            self._count += count
            now = self._clock()
            if self._name and now - self._said >= self._every:
                self._said = now
                of = f" of {self._total:,}" if self._total is not None else ""
                tail = f", {one_line(note, 60)}" if note else ""
                self._say(f"{self._name}: {self._count:,}{of}{tail}")

    def done(self) -> None:
        with self._lock:
            if self._name:
                took = duration(round((self._clock() - self._began) * 1000))
                counted = f"{self._count:,} in " if self._count else ""
                self._say(f"{self._name}: done, {counted}{took}")
                self._name = ""

    def _say(self, text: str) -> None:
        try:
            self._stream.write(encodable(f"{text}\n", self._stream.encoding))
            self._stream.flush()
        except (OSError, ValueError):
            pass  # whoever read the progress went away, or the disk is full; the run goes on


class TerminalProgress(Progress):
    """A bar for each phase, with count, time and a note on what is being done."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = RLock()
        self._display: RichProgress | None = None
        self._task: Any = None

    def phase(self, name: str, total: int | None = None) -> None:
        with self._lock:
            display = self._display or self._start()
            self._finish()
            self._task = display.add_task(one_line(name, 40), total=total, note="")

    def advance(self, count: int = 1, note: str = "") -> None:
        with self._lock:
            if self._display is not None and self._task is not None:
                self._display.update(self._task, advance=count, note=one_line(note, 40))

    def done(self) -> None:
        with self._lock:
            if self._display is not None:
                self._finish()
                self._display.stop()
                self._display = None

    def _finish(self) -> None:
        if self._display is not None and self._task is not None:
            task = self._display.tasks[self._task]
            self._display.update(self._task, total=task.total or max(task.completed, 1), note="")
            self._display.stop_task(self._task)
            self._task = None

    def _start(self) -> RichProgress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Display

        self._display = Display(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            console=Console(file=self._stream, highlight=False, emoji=False),
            refresh_per_second=8,
        )
        self._display.start()
        return self._display


def progress(stream: TextIO | None, *, quiet: bool = False, terminal: bool | None = None) -> Progress:
    """The progress that fits a stream: nothing when ``quiet`` or without one, a display on a terminal, else lines."""
    if quiet or stream is None:
        return Progress()
    moving = stream.isatty() if terminal is None else terminal
    return TerminalProgress(stream) if moving else PlainProgress(stream)
