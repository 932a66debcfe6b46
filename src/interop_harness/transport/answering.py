"""One request over a connection, and its whole answer as it came: before redaction, and within bounds."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from interop_harness.errors import InternalError
from interop_harness.evidence import FailureKind
from interop_harness.transport.bodies import announced_too_large, read_body
from interop_harness.transport.failures import NO_ANSWER, Trouble, classify
from interop_harness.transport.sockets import SocketTransport, Watch


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


def whole_answer(
    wire: httpx.BaseTransport,
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
        exact_target = target.encode("ascii")
        asked = httpx.Request(
            method,
            base if isinstance(wire, SocketTransport) else base.copy_with(raw_path=exact_target),
            headers=headers,
            content=body or None,
            extensions={"watch": watch, "target": exact_target},
        )
        came = wire.handle_request(asked)
        trusted = False
        try:
            pairs = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in came.headers.raw)
            encoding = length = None
            chunked = False
            for name, value in pairs:
                lowered = name.lower()
                if lowered == "content-encoding":
                    encoding = f"{encoding},{value}" if encoding else value
                elif lowered == "content-length":
                    length = value
                elif lowered == "transfer-encoding":
                    chunked = True
            if method != "HEAD" and (large := announced_too_large(length, limit)):
                raise large
            assert isinstance(came.stream, httpx.SyncByteStream)
            content, received = read_body(came.stream, encoding or "", limit)
            version = came.extensions.get("http_version", b"HTTP/1.1")
            if watch.stream is not None and version not in (b"HTTP/1.1", b"HTTP/1.0"):
                raise Trouble(FailureKind.PROTOCOL, "The answer is of an HTTP version that was not spoken.")
            # Whatever their headers say, these have no body (RFC 9112, 6.3): what comes behind the head is surplus.
            chunked = chunked and came.status_code not in (204, 304)
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
    reason: bytes = came.extensions.get("reason_phrase", b"")
    return Answer(came.status_code, pairs, content, version.decode("ascii", "replace"), reason.decode("latin-1"))


def _cut_short(watch: Watch) -> Trouble:
    """The connection closed after some bytes that are no complete head of an answer."""
    if not watch.last.startswith(b"HTTP/") and watch.received - watch.before == len(watch.last):
        return Trouble(FailureKind.PROTOCOL, "What listens at this address does not answer in HTTP.")
    return Trouble(FailureKind.RESET, "The server closed the connection within the headers of its answer.", retry=True)
