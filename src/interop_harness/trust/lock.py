"""One change of a file at a time: a lock beside it.

Whoever reads a file, changes what it says and replaces it would otherwise undo what another wrote meanwhile; of a
trust store that may be a revocation.
"""

from __future__ import annotations

import errno
import time
from pathlib import Path
from types import TracebackType

from interop_harness.lock import Lock

PATIENCE = 10.0
"""Seconds until a lock that somebody else holds is given up. What it guards takes milliseconds."""
_PAUSE = 0.02


class BusyError(OSError):
    """Somebody else holds the lock all the time."""

    def __init__(self) -> None:
        super().__init__(errno.EBUSY, "another command is changing it")


class FileLock:
    """A context manager. Raises `BusyError` when the lock cannot be had in time, and OSError when it cannot be made."""

    def __init__(self, guarded: Path, patience: float = PATIENCE) -> None:
        self._lock = Lock(guarded.with_name(f".{guarded.name}.lock"))
        self._patience = patience

    def __enter__(self) -> FileLock:
        ends = time.monotonic() + self._patience
        while not self._lock.take():
            if time.monotonic() > ends:
                raise BusyError
            time.sleep(_PAUSE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
