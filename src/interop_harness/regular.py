"""Files that somebody names on the command line or in a target: regular ones, and no more of them than fits.

A named pipe would be waited for without end, before any budget of a run counts; a device never ends.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

IRREGULAR = "it is no regular file but a pipe or a device; save its content to a file first"


def read_regular(path: Path, most: int) -> bytes:
    """The bytes of a regular file. Raises OSError, also when it is a pipe, a device or larger than ``most`` bytes."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    refuse_irregular(path)
    descriptor = os.open(path, flags)
    try:
        # Looked at again: what was opened is what counts.
        found = os.fstat(descriptor)
        _refuse(path, found.st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            # Not read at all where its size says already that it is too large; what grows meanwhile is noticed.
            data = b"" if found.st_size > most else stream.read(most + 1)
    finally:
        os.close(descriptor)
    if max(found.st_size, len(data)) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 1024:,} KiB", str(path))
    return data


def refuse_irregular(path: Path) -> None:
    """Raise OSError for a pipe, a device or a socket, and for what is not there. Nothing is opened."""
    _refuse(path, path.stat().st_mode)


def short(path: Path | str) -> str:
    """A path for a message: whole, unless it is so long that nobody would find the rest of the sentence."""
    text = str(path)
    return text if len(text) <= 300 else f"{text[:100]}…{text[-60:]}"


def _refuse(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, IRREGULAR, str(path))
