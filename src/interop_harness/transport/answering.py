"""One request over a connection, and its whole answer as it came: before redaction, and within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

import httpx

from interop_harness.errors import InternalError
from interop_harness.evidence import FailureKind
from interop_harness.transport.bodies import announced_too_large, read_body
from interop_harness.transport.failures import LARGE_HEAD, NO_ANSWER, RAGGED, Trouble, classify
from interop_harness.transport.sockets import SocketTransport, Watch

Wire = SocketTransport | httpx.BaseTransport
"""Our own connections, or what replaces the network."""
MOST_HEAD = 100 * 1024
"""Bytes of status line and headers that are read: as many as httpcore has h11 hold."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came, before redaction."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    http_version: str
    reason: str
    redirects: tuple[tuple[int, str], ...] = ()

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class _Came:
    """The head of an answer, and the body that is still to come."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    stream: Iterable[bytes]
    extensions: Mapping[str, Any]
    close: Callable[[], None]

    @property
    def version(self) -> bytes:
        found: bytes = self.extensions.get("http_version", b"HTTP/1.1")
        return found

    @property
    def reason(self) -> bytes:
        found: bytes = self.extensions.get("reason_phrase", b"")
        return found


def whole_answer(
    wire: Wire,
    base: httpx.URL,
    method: str,
    target: str,
    *,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    watch: Watch,
    limit: int,
) -> Answer:
    """Send, and read to the end: at most ``limit`` bytes of body. Raises Trouble; any other exception is ours."""
    try:
        came = _sent(wire, base, method, target, headers=headers, body=body, watch=watch)
        trusted = False
        try:
            # Mostly the same in every answer of a run: held once.
            pairs = tuple((intern(k.decode("latin-1")), intern(v.decode("latin-1"))) for k, v in came.headers)
            encoding = length = None
            chunked = False
            size = len(b"HTTP/1.1 200 \r\n\r\n") + len(came.reason)
            for name, value in pairs:
                size += len(name) + len(value) + len(": \r\n")
                lowered = name.lower()
                if lowered == "content-encoding":
                    encoding = f"{encoding},{value}" if encoding else value
                elif lowered == "content-length":
                    length = value
                elif lowered == "transfer-encoding":
                    chunked = True
            if size > MOST_HEAD:
                # Where it comes in small pieces h11 says so; it does not look at what is whole when it sees it.
                raise Trouble(FailureKind.TOO_LARGE, LARGE_HEAD)
            if method != "HEAD" and (large := announced_too_large(length, limit)):
                raise large
            content, received = read_body(_to_its_end(came.stream, watch), encoding or "", limit)
            version = came.version
            if watch.stream is not None and version not in (b"HTTP/1.1", b"HTTP/1.0"):
                raise Trouble(FailureKind.PROTOCOL, "The answer is of an HTTP version that was not spoken.")
            # Whatever their headers say, these have no body (RFC 9112, 6.3): what comes behind the head is surplus.
            chunked = chunked and came.status not in (204, 304)
            trusted = method != "HEAD" and watch.exactly(received, chunked=chunked)
        finally:
            if watch.stream is not None and not trusted:
                # The answer could not be read, or more came than its framing announced, or may come (a body behind
                # the answer to HEAD): the next one on this connection could not be trusted, and what befalls it would
                # hide the cause. Said before the connection goes back to the pool.
                watch.stream.poisoned = True
            came.close()
    except Exception as error:
        trouble = classify(error)
        if trouble is None:
            raise InternalError(
                "transport",
                f"The transport met an exception it does not know: {type(error).__name__}.",
                "Report this as a bug.",
            ) from error
        if trouble.message == NO_ANSWER and watch.received > watch.before:
            trouble = _cut_short(watch)
        raise trouble from error
    return Answer(came.status, pairs, content, version.decode("ascii", "replace"), came.reason.decode("latin-1"))


def _sent(
    wire: Wire,
    base: httpx.URL,
    method: str,
    target: str,
    *,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    watch: Watch,
) -> _Came:
    exact_target = target.encode("ascii")
    if isinstance(wire, SocketTransport):
        raw = wire.ask(method, base, exact_target, headers, body, watch)
        assert isinstance(raw.stream, Iterable)
        return _Came(raw.status, raw.headers, raw.stream, raw.extensions, raw.close)
    asked = httpx.Request(
        method,
        base.copy_with(raw_path=exact_target),
        headers=headers,
        content=body or None,
        extensions={"watch": watch, "target": exact_target},
    )
    answer = wire.handle_request(asked)
    assert isinstance(answer.stream, httpx.SyncByteStream)
    return _Came(answer.status_code, answer.headers.raw, answer.stream, answer.extensions, answer.close)


def _to_its_end(stream: Iterable[bytes], watch: Watch) -> Iterator[bytes]:
    """The pieces of a body. Raises Trouble where its end is that of a connection which TLS did not close.

    An answer without a length or chunks ends with its connection, and an incomplete close leaves it incomplete (RFC
    9112, 8). One with either never reads that far.
    """
    yield from stream
    if watch.ragged:
        raise Trouble(FailureKind.RESET, RAGGED, retry=True)


def _cut_short(watch: Watch) -> Trouble:
    """The connection closed after some bytes that are no complete head of an answer."""
    if not watch.last.startswith(b"HTTP/") and watch.received - watch.before == len(watch.last):
        return Trouble(FailureKind.PROTOCOL, "What listens at this address does not answer in HTTP.")
    return Trouble(FailureKind.RESET, "The server closed the connection within the headers of its answer.", retry=True)
