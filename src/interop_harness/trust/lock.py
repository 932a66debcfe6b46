"""One change of a file at a time: a lock beside it, held by the operating system and gone with its process.

Whoever reads a file, changes what it says and replaces it would otherwise undo what another wrote meanwhile; of a
trust store that may be a revocation.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path
from types import TracebackType

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
        self._path = guarded.with_name(f".{guarded.name}.lock")
        self._patience = patience
        self._descriptor = -1

    def __enter__(self) -> FileLock:
        ends = time.monotonic() + self._patience
        while True:
            descriptor = self._open()
            if _taken(descriptor) and self._is_still(descriptor):
                self._descriptor = descriptor
                return self
            # Held by another, or removed by its owner between our opening and locking it.
            os.close(descriptor)
            if time.monotonic() > ends:
                raise BusyError
            time.sleep(_PAUSE)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Removed while it is still held, so that nobody can lock a file that is about to go.
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self._path, flags, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"{self._path.name} beside it is no ordinary file")

    def _is_still(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.lstat())
        except OSError:
            return False


def _taken(descriptor: int) -> bool:
    """Take the lock without waiting. False when somebody else has it."""
    try:
        import fcntl
    except ImportError:
        return _taken_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks is no reason not to revoke a key.
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _taken_on_windows(descriptor: int) -> bool:
    import importlib

    msvcrt = importlib.import_module("msvcrt")
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
