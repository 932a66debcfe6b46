"""The answers of a run in memory: as they came while they are little together, compressed once they are much."""

from __future__ import annotations

from interop_harness.evidence.exchange import Response

LITTLE = 8 * 1024**2
"""Bytes of bodies. Below it, packing and unpacking would cost more time than the memory is worth."""


class Shelf:
    """Counts what it is given, and packs it when that is worth it. Not safe to share between threads."""

    def __init__(self) -> None:
        self._loose: list[Response] | None = []
        self.bytes = 0
        """Of all bodies."""
        self.held = 0
        """How many they take in memory."""

    @property
    def packs(self) -> bool:
        return self._loose is None

    def add(self, response: Response) -> None:
        self.bytes += response.size
        if self._loose is None:
            response.pack()
            self.held += response.held
            return
        self._loose.append(response)
        self.held += response.held
        if self.bytes > LITTLE:
            for one in self._loose:
                one.pack()
            self.held = sum(one.held for one in self._loose)
            self._loose = None

    def remove(self, response: Response) -> None:
        """Undo ``add``: it is not kept after all."""
        self.bytes -= response.size
        self.held -= response.held
        if self._loose is not None:
            self._loose.remove(response)
