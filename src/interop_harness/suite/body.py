"""Reads bodies once: parsed bodies are kept, within a bound, for the cases that share an exchange."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from interop_harness.evidence import Exchange
from interop_harness.suite.outcome import Inconclusive

KEEP_BYTES = 8 * 1024 * 1024
"""Parsed JSON, with what is made of it, takes some ten times its text: this bounds the cache at about 100 MiB."""
KEEP_OF_MANY = KEEP_BYTES // 2
"""Kept once not all could be: cases go through them from first to last, so that few are there when looked for again."""


MAX_VALUES = 500_000
"""Commas in a body: every check walks every value, so that a few bodies beyond this would take minutes.

A value of JSON follows a comma or begins an object or an array, and how many of those a body may have is bounded
where answers come in and where evidence is read (``evidence.crowd``): together no body holds more than 700,001 values.
XML has a bound of its own (``xml.MAX_ELEMENTS``). A comma within a text counts too: that is quick, and errs towards
saying nothing.
"""

Made = TypeVar("Made")


@dataclass(slots=True)
class _Entry:
    """A parsed body, the bytes it was read from, and what was made of it since."""

    value: Any
    size: int
    unreadable: tuple[type[ValueError], str] | None = None
    """Why the body is no data: found out once, too."""
    derived: dict[Hashable, Any] = field(default_factory=dict)

    def given(self) -> Any:
        if self.unreadable is not None:
            kind, reason = self.unreadable
            raise kind(reason)
        return self.value


class Bodies:
    """Parsed bodies by exchange, the least recently used dropped first. Safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0
        self._most = KEEP_BYTES
        self._lock = threading.Lock()

    def json(self, exchange: Exchange) -> Any:
        """The body as JSON. Raises ValueError, saying why, when it is not."""
        return self.read(exchange, parse)

    def derived(self, exchange: Exchange, what: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, kept as long as the exchange's body is: it must follow from the exchange alone.

        Whatever ``make`` raises is raised, and not kept.
        """
        with self._lock:
            entry = self._kept.get(exchange.request.key)
        if entry is not None and what in entry.derived:
            found: Made = entry.derived[what]
            return found
        made = make()
        with self._lock:
            entry = self._kept.get(exchange.request.key)
            if entry is not None:
                entry.derived[what] = made
        return made

    def read(self, exchange: Exchange, reader: Callable[[bytes], Any]) -> Any:
        """The body as ``reader`` reads it: always the same one for an exchange. Raises ValueError as it does."""
        key = exchange.request.key
        with self._lock:
            entry = self._kept.get(key)
            if entry is not None:
                self._kept.move_to_end(key)
        if entry is not None:
            return entry.given()
        if exchange.response is None:
            raise ValueError(exchange.describe())
        body = exchange.response.body
        if body.count(b",") > MAX_VALUES:
            # Our caution, and no breach of anything: not a ValueError, which would count against the service.
            asked = f"{exchange.request.method} {exchange.request.target}"
            told = f"{asked} answered with more than {MAX_VALUES:,} values at once, which the harness does not read."
            raise Inconclusive(told, exchange.id)
        try:
            entry = _Entry(reader(body), len(body))
        except ValueError as error:
            entry = _Entry(None, len(body), (type(error), str(error)))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = entry
                self._size += len(body)
            if self._size > self._most:
                self._most = KEEP_OF_MANY
            while self._size > self._most and len(self._kept) > 1:
                self._size -= self._kept.popitem(last=False)[1].size
        return entry.given()


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
        what = error.msg.removesuffix(" at")
        raise ValueError(f"not JSON: {what} at line {error.lineno} column {error.colno}") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"not JSON: {word} is no JSON value")
