"""Ctrl-C while threads are at work: what is under way is stopped at once, the exception comes at a safe moment.

Python raises KeyboardInterrupt wherever the main thread happens to be. In the middle of an import that other threads
wait for it leaves the lock of all imports held, and nobody ever ends.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

Waited = TypeVar("Waited")


class Interrupts:
    """A context manager: within it the first Ctrl-C stops what is under way, and is raised at a safe moment.

    That is when something that was waited for is there (:meth:`watching`), or in :meth:`check`. A second Ctrl-C is
    raised where it comes.
    """

    def __init__(self, *stops: Callable[[], object]) -> None:
        """``stops`` are called in turn. They must not wait for a lock that the main thread may hold."""
        self.heard = False
        self._stops = stops
        self._before: Any = None

    def __enter__(self) -> Self:
        # Only the main thread is told of signals, and somebody else's handler stays where it is.
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True
        self.stop()

    def stop(self) -> None:
        """Cut off what is under way."""
        for stop in self._stops:
            stop()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was heard."""
        if self.heard:
            raise KeyboardInterrupt

    def watching(self, wait: Callable[[Waited], object]) -> Callable[[Waited], None]:
        """The same waiting, ended by KeyboardInterrupt if Ctrl-C was heard, whatever else ended it."""

        def watched(what: Waited) -> None:
            try:
                wait(what)
            finally:
                self.check()

        return watched

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Stop when the block ends by an exception, before anybody around it waits for threads."""
        try:
            yield
        except BaseException:
            self.stop()
            raise
