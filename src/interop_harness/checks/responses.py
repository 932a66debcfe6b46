"""Is an answer what the interface description says: status, media type, encoding, body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import Validators, show
from interop_harness.profile import Operation

TEXTUAL = re.compile(r"(application|text)/(.*\+)?(json|xml|html|plain|csv)\Z")


def status(operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    """The operation answers a valid request with one of its documented success statuses."""
    if exchange.status not in operation.success:
        wanted = " or ".join(str(code) for code in operation.success) or "a success status"
        yield Finding(f"status {wanted}", exchange.describe(), exchange.id)


def media_type(operation: Operation, exchange: Exchange) -> Iterator[Finding]:
    """A successful answer is in one of the documented media types."""
    allowed = operation.media_types(exchange.status)
    if exchange.ok and exchange.response is not None and allowed and exchange.response.body:
        found = exchange.response.media_type
        if found not in allowed:
            observed = exchange.response.header("content-type") or "no Content-Type"
            yield Finding(f"Content-Type {' or '.join(allowed)}", observed, exchange.id, "Content-Type")


def schema(operation: Operation, exchange: Exchange, body: Any, validators: Validators) -> Iterator[Finding]:
    """The body matches the schema documented for the status. ``body`` is the parsed value."""
    media = next((kind for kind in operation.media_types(exchange.status) if "json" in kind), "")
    errors = validators.response_errors(body, operation.id, exchange.status, media)
    for error in errors or ():
        yield Finding(error.expected, error.observed, exchange.id, error.pointer)


def not_json(exchange: Exchange, reason: str) -> Finding:
    """The finding for a successful answer that cannot be read as JSON."""
    kind = exchange.response.media_type if exchange.response else ""
    return Finding("a JSON body", f"{reason} (Content-Type {kind or 'missing'})", exchange.id)


def utf8(exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """Textual bodies are valid UTF-8, and a charset that is named is UTF-8."""
    for exchange in exchanges:
        response = exchange.response
        if response is None or not response.body or not TEXTUAL.match(response.media_type):
            continue
        if response.charset not in {"", "utf-8", "utf8"}:
            yield Finding("charset utf-8", f"charset {response.charset}", exchange.id, "Content-Type")
        try:
            response.body.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = response.body[error.start]
            yield Finding("a body in UTF-8", f"byte 0x{byte:02x} at offset {error.start}", exchange.id)


def charset(exchanges: Iterable[Exchange], wanted: str = "utf-8") -> Iterator[Finding]:
    """The Content-Type names its charset."""
    for exchange in exchanges:
        response = exchange.response
        if response is not None and response.body and response.charset.replace("utf8", "utf-8") != wanted:
            observed = response.header("content-type") or "no Content-Type"
            yield Finding(f"charset={wanted} in Content-Type", observed, exchange.id, "Content-Type")


def strict_json(exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """A JSON body is read the same by every parser: no duplicate names, no byte order mark, no NaN (RFC 8259)."""
    for exchange in exchanges:
        response = exchange.response
        if response is None or "json" not in response.media_type or not response.body:
            continue
        if response.body.startswith(b"\xef\xbb\xbf"):
            yield Finding("no byte order mark before the JSON text", "a UTF-8 byte order mark", exchange.id)
        problems: list[str] = []
        try:
            json.loads(
                response.body.decode("utf-8-sig"),
                object_pairs_hook=lambda pairs, seen=problems: _duplicates(pairs, seen),  # type: ignore[misc]
                parse_constant=lambda word, seen=problems: seen.append(f"the value {word}"),  # type: ignore[misc]
            )
        except (ValueError, RecursionError) as error:
            problems.append(f"{type(error).__name__}: {str(error)[:120]}")
        for problem in problems[:5]:
            yield Finding("JSON as RFC 8259 defines it", problem, exchange.id)


def _duplicates(pairs: list[tuple[str, Any]], seen: list[str]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        seen.append(f"the name {show(twice)} twice in one object")
    return made
