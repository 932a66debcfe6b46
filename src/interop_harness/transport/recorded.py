"""Replay: answers come from recorded exchanges, never from a network."""

from __future__ import annotations

from collections.abc import Mapping

from interop_harness.errors import EvidenceError
from interop_harness.evidence import Exchange, Request


class MissingExchange(EvidenceError):  # noqa: N818 - the contract's name
    """A case asks for an exchange that the evidence does not hold."""

    def __init__(self, request: Request) -> None:
        super().__init__(
            "evidence-exchange-missing",
            f"The evidence holds no answer to {request.method} {request.target} (exchange {request.id}).",
            "It was recorded by another plan or another version of the suite, or is incomplete.",
        )
        self.request = request


class RecordedTransport:
    """Looks exchanges up by their request's key and remembers which were used."""

    def __init__(self, exchanges: Mapping[str, Exchange]) -> None:
        self.exchanges = exchanges
        self.used: set[str] = set()

    def send(self, request: Request) -> Exchange:
        key = request.key
        exchange = self.exchanges.get(key)
        if exchange is None:
            raise MissingExchange(request)
        self.used.add(key)
        return exchange

    @property
    def unused(self) -> list[str]:
        """The keys of exchanges that nobody asked for, in order."""
        return sorted(set(self.exchanges) - self.used)
