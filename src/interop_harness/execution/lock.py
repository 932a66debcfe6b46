"""One run a directory: a lock file that names the process, held by the operating system and gone with it.

A lock left by a run that was killed is no lock: the system let go of it when the process ended, whatever its
number says, so a stale file is simply taken over.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from types import TracebackType

from interop_harness.errors import UsageError

LOCK = "run.lock"
_TRIES = 20


class DirectoryLock:
    """A context manager. Raises UsageError when another run holds the directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK
        self._descriptor = -1

    def __enter__(self) -> DirectoryLock:
        for _ in range(_TRIES):
            descriptor = self._open()
            if not _held(descriptor):
                owner = _owner(descriptor)
                os.close(descriptor)
                raise UsageError(
                    "directory-in-use",
                    f"Another run{owner} is writing into {self._path.parent}.",
                    "Wait for it to end, or choose another directory with --out.",
                )
            if self._is_still(descriptor):
                os.ftruncate(descriptor, 0)
                with contextlib.suppress(OSError):  # a full disk is noticed by what matters more
                    os.write(descriptor, f"{os.getpid()}\n".encode())
                self._descriptor = descriptor
                return self
            # Its owner removed the file between our opening and locking it.
            os.close(descriptor)
        raise UsageError("directory-in-use", f"Other runs keep taking {self._path.parent}.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Removed while it is still held, so that nobody can lock a file that is about to go.
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)

    def _open(self) -> int:
        """The lock file, made unless it is there. Whatever else stands in its place is left as it is."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(self._path, flags, 0o644)
        except OSError as error:
            if self._path.is_symlink():
                raise self._foreign("a link to another file") from error
            raise UsageError(
                "directory-unwritable",
                f"{self._path.parent} cannot be written: {error.strerror}.",
                "Choose another with --out.",
            ) from error
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
            return descriptor
        os.close(descriptor)
        raise self._foreign("a second name of another file" if stat.S_ISREG(found.st_mode) else "no regular file")

    def _foreign(self, what: str) -> UsageError:
        return UsageError(
            "directory-unwritable",
            f"{self._path} is {what}. No run made it.",
            "Look who put it there, and remove it or choose another directory with --out.",
        )

    def _is_still(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.lstat())
        except OSError:
            return False


def _held(descriptor: int) -> bool:
    """Take the lock without waiting. False when somebody else has it."""
    try:
        import fcntl
    except ImportError:
        return _held_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks is no reason not to run.
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _held_on_windows(descriptor: int) -> bool:
    import importlib

    msvcrt = importlib.import_module("msvcrt")
    try:
        # A byte far behind the number, so that the number can still be read by others.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)
    return True


def _owner(descriptor: int) -> str:
    with contextlib.suppress(OSError):
        text = os.read(descriptor, 20).decode("ascii", "replace").strip()
        if text.isascii() and text.isdigit():
            return f" (process {text})"
    return ""
