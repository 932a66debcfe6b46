"""What several cases of a live pass read alike, while they run beside one another: the first reads, the others wait."""

from __future__ import annotations

import threading
from typing import Any


class Readings(dict[Any, Any]):
    """Readings by what was read, as :meth:`Supplier.once` keeps them. Safe to share between threads.

    Whoever looks for a reading that is not there is its reader and goes on to read it. Others who look for it wait
    until it is kept, or until the reader's case ends without: then the next of them reads. Nobody waits for a reader
    who waits, however indirectly, for a reading of their own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._readers: dict[Any, int] = {}
        """Which thread reads what."""
        self._turns: dict[Any, threading.Condition] = {}
        """Where those wait who wait for the same: what one reading ends with is nothing to the others."""
        self._waiting: dict[int, Any] = {}
        """Which thread waits for what."""

    def get(self, key: Any, default: Any = None) -> Any:
        """The reading; ``default`` for whoever is to read it."""
        found = super().get(key)
        if found is not None:
            return found
        me = threading.get_ident()
        with self._lock:
            while (found := super().get(key)) is None:
                reader = self._readers.setdefault(key, me)
                if self._leads_to(me, reader):
                    return default
                self._waiting[me] = key
                try:
                    self._turns.setdefault(key, threading.Condition(self._lock)).wait()
                finally:
                    del self._waiting[me]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        with self._lock:
            if self._readers.pop(key, None) is not None:
                self._tell(key)

    def release(self) -> None:
        """The case that this thread was at has ended: what it began to read and did not keep is for others to read."""
        me = threading.get_ident()
        with self._lock:
            for key in [key for key, reader in self._readers.items() if reader == me]:
                del self._readers[key]
                self._tell(key)

    def _tell(self, key: Any) -> None:
        """Wake those who wait for this reading."""
        turns = self._turns.pop(key, None)
        if turns is not None:
            turns.notify_all()

    def _leads_to(self, me: int, reader: int | None) -> bool:
        """Whether a reader is this thread, or waits for one that is."""
        seen = set()
        while reader is not None and reader not in seen:
            if reader == me:
                return True
            seen.add(reader)
            reader = self._readers.get(self._waiting.get(reader))
        return False
