"""Lock files: held by the operating system and gone with their process, whatever they say.

A lock left by a process that was killed is no lock: the system let go of it, so a stale file is simply taken over.
Whatever else stands in a lock file's place, no command of ours made it, and it is left as it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

_TRIES = 20
_FAR = 1 << 20
"""The byte that is locked where bytes are: far behind what a lock file says, so that others can still read that."""


class ForeignError(OSError):
    """What stands in the place of a lock file was not made as one. ``what`` it is, in words."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EINVAL, f"{path.name} beside it is {what}", str(path))
        self.what = what


class Lock:
    """One lock file. Whoever waits, asks again."""

    def __init__(self, path: Path, mode: int = 0o600) -> None:
        self.path = path
        self.said = ""
        """What the file says of whoever holds it; empty unless it could not be taken."""
        self._mode = mode
        self._descriptor = -1

    def take(self, says: str = "") -> bool:
        """Take it without waiting, and write into it who has it. False while somebody else has it.

        Raises ForeignError for what is no lock file, and OSError where none can be made.
        """
        self.said = ""
        for _ in range(_TRIES):
            descriptor = self._open()
            if not _taken(descriptor):
                self.said = _content(descriptor)
                os.close(descriptor)
                return False
            if self._is_still(descriptor):
                self._descriptor = descriptor
                with contextlib.suppress(OSError):  # a full disk is noticed by what matters more
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, says.encode())
                return True
            # Its owner removed the file between our opening and locking it.
            os.close(descriptor)
        return False

    def release(self) -> None:
        """Remove the file while it is still held, so that nobody can lock one that is about to go."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        os.close(self._descriptor)

    def _open(self) -> int:
        """The lock file, made unless it is there."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(self.path, flags, self._mode)
        except OSError as error:
            if self.path.is_symlink():
                raise ForeignError(self.path, "a link to another file") from error
            raise
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
            return descriptor
        os.close(descriptor)
        raise ForeignError(
            self.path, "a second name of another file" if stat.S_ISREG(found.st_mode) else "no regular file"
        )

    def _is_still(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.lstat())
        except OSError:
            return False


def _taken(descriptor: int) -> bool:
    """Take the system's lock without waiting. False when somebody else has it."""
    try:
        import fcntl
    except ImportError:
        return _taken_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks is no reason not to do what was asked.
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _taken_on_windows(descriptor: int) -> bool:
    import importlib

    msvcrt = importlib.import_module("msvcrt")
    try:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)
    return True


def _content(descriptor: int) -> str:
    with contextlib.suppress(OSError):
        return os.read(descriptor, 20).decode("ascii", "replace").strip()
    return ""
