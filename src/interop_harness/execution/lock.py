"""One run a directory: a lock file that names the process."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from interop_harness.errors import UsageError
from interop_harness.lock import ForeignError, Lock

LOCK = "run.lock"


class DirectoryLock:
    """A context manager. Raises UsageError when another run holds the directory."""

    def __init__(self, directory: Path) -> None:
        self._lock = Lock(directory / LOCK, 0o644)

    def __enter__(self) -> DirectoryLock:
        if not self._taken():
            raise UsageError(
                "directory-in-use",
                f"Another run{_owner(self._lock.said)} is writing into {self._lock.path.parent}.",
                "Wait for it to end, or choose another directory with --out.",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def _taken(self) -> bool:
        try:
            return self._lock.take(f"{os.getpid()}\n")
        except ForeignError as error:
            raise UsageError(
                "directory-unwritable",
                f"{self._lock.path} is {error.what}. No run made it.",
                "Look who put it there, and remove it or choose another directory with --out.",
            ) from error
        except OSError as error:
            raise UsageError(
                "directory-unwritable",
                f"{self._lock.path.parent} cannot be written: {error.strerror}.",
                "Choose another with --out.",
            ) from error


def _owner(said: str) -> str:
    return f" (process {said})" if said.isascii() and said.isdigit() else ""
