"""Sending requests: live over httpx, or replayed from evidence. Both give an Exchange, never an exception.

The live side is imported on first use, so that a replay does not pay for httpx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from interop_harness.evidence import Exchange, Request
from interop_harness.transport.recorded import MissingExchange, RecordedTransport

if TYPE_CHECKING:
    from interop_harness.transport.credentials import Credentials, load_credentials
    from interop_harness.transport.live import LiveTransport

__all__ = [
    "Credentials",
    "LiveTransport",
    "MissingExchange",
    "RecordedTransport",
    "Transport",
    "load_credentials",
]

_LATE = {
    "LiveTransport": "interop_harness.transport.live",
    "Credentials": "interop_harness.transport.credentials",
    "load_credentials": "interop_harness.transport.credentials",
}


class Transport(Protocol):
    """What a case needs: an exchange for a request. Two equal requests share one exchange."""

    def send(self, request: Request) -> Exchange: ...


def __getattr__(name: str) -> Any:
    if name in _LATE:
        import importlib

        return getattr(importlib.import_module(_LATE[name]), name)
    raise AttributeError(name)
