"""Reads bodies once: parsed bodies are kept, within a bound, for the cases that share an exchange."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from interop_harness.evidence import Exchange
from interop_harness.suite.outcome import Inconclusive

KEEP_BYTES = 12 * 1024 * 1024
"""Parsed JSON takes some ten times its text in memory, so this bounds the cache at about 120 MiB."""


MAX_VALUES = 500_000
"""Commas in a body: every check walks every value, so that a few bodies beyond this would take minutes."""


class Bodies:
    """Parsed bodies by exchange, the least recently used dropped first. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def json(self, exchange: Exchange) -> Any:
        """The body as JSON. Raises ValueError, saying why, when it is not."""
        return self.read(exchange, parse)

    def read(self, exchange: Exchange, reader: Callable[[bytes], Any]) -> Any:
        """The body as ``reader`` reads it: always the same one for an exchange. Raises ValueError as it does."""
        key = exchange.request.key
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        if exchange.response is None:
            raise ValueError(exchange.describe())
        body = exchange.response.body
        if body.count(b",") > MAX_VALUES:
            # Our caution, and no breach of anything: not a ValueError, which would count against the service.
            asked = f"{exchange.request.method} {exchange.request.target}"
            told = f"{asked} answered with more than {MAX_VALUES:,} values at once, which the harness does not read."
            raise Inconclusive(told, exchange.id)
        value = reader(body)
        with self._lock:
            self._kept[key] = (value, len(body))
            self._size += len(body)
            while self._size > KEEP_BYTES and len(self._kept) > 1:
                _, (_, size) = self._kept.popitem(last=False)
                self._size -= size
        return value


def parse(body: bytes) -> Any:
    """JSON text as data: a byte order mark is tolerated here, NaN and Infinity are not JSON.

    Raises ValueError with a short reason, whatever the bytes.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply to read") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"not JSON: {word} is no JSON value")
