"""Standard output and error that may be full, closed or gone: a command does its work all the same, and tells."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO


class Lasting(io.RawIOBase):
    """Writes to a stream until that fails once; what comes after is dropped, and ``trouble`` says why."""

    def __init__(self, inner: io.RawIOBase | None) -> None:
        super().__init__()
        self._inner = inner
        self.trouble: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data).cast("B")
        done = 0
        try:
            while self.trouble is None and done < len(view):
                if self._inner is None:
                    raise OSError(errno.EBADF, os.strerror(errno.EBADF))
                written = self._inner.write(view[done:])
                if written is None:
                    _wait(self._inner)
                done += written or 0
        except OSError as error:
            self.trouble = error
        return len(view)

    def fileno(self) -> int:
        if self._inner is None:
            raise io.UnsupportedOperation("fileno")
        return self._inner.fileno()

    def isatty(self) -> bool:
        return self._inner is not None and self.trouble is None and self._inner.isatty()


def _wait(stream: io.RawIOBase) -> None:
    """Until a stream that does not wait by itself has room."""
    import select

    select.select([], [stream], [], 60)


def last() -> tuple[Lasting | None, Lasting | None]:
    """Put streams that never raise in the place of standard output and error. Returns what lies below them.

    Streams of somebody else's making (a test that captures them) stay as they are.
    """
    _occupy()
    sys.stdout, out = _lasting(sys.stdout)
    sys.stderr, err = _lasting(sys.stderr)
    return out, err


def _occupy() -> None:
    """Closed standard streams are no numbers for the next files to take: a library's message would go into them."""
    if os.name == "posix":
        for number in (0, 1, 2):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)


def _lasting(stream: TextIO | None) -> tuple[TextIO, Lasting | None]:
    if stream is None:
        lost = Lasting(None)
        return io.TextIOWrapper(io.BufferedWriter(lost), "utf-8", "backslashreplace"), lost
    buffer = getattr(stream, "buffer", None)
    inner = getattr(buffer, "raw", buffer)
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(inner, io.RawIOBase) or isinstance(inner, Lasting):
        return stream, None
    lasting = Lasting(inner)
    at_once = stream.write_through
    found = io.TextIOWrapper(
        lasting if at_once else io.BufferedWriter(lasting),  # type: ignore[type-var]
        stream.encoding,
        stream.errors,
        line_buffering=stream.line_buffering,
        write_through=at_once,
    )
    return found, lasting
