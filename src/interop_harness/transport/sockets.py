"""httpx's own connection pool over sockets that keep a total deadline and a total allowance of bytes.

httpx bounds each read; a server that sends one byte a second never exceeds such a bound. Here every
operation of an exchange, from the name lookup to the last byte, draws on one deadline.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from interop_harness.evidence import FailureKind
from interop_harness.transport.failures import Trouble, classify, handshake_trouble, os_trouble
from interop_harness.transport.proxies import Proxy, unopened, unsecured
from interop_harness.transport.resolving import Resolver, connect, without_zone

__all__ = ["Resolver", "SocketTransport", "Watch"]

IDLE, PROMPTLY = 1.0, 0.25
"""Seconds: no server gives an idle connection up sooner than the first; news of it takes no longer than the second."""
_QUICKACK: int = getattr(socket, "TCP_QUICKACK", 0)


@dataclass(slots=True)
class Watch:
    """The bounds of one attempt, and what was seen of it. Lives in the thread that sends."""

    deadline: float
    connect_seconds: float
    allowance: int
    seconds: float
    received: int = 0
    reused: bool = False
    before: int = 0
    """Bytes received for earlier answers of this attempt: the redirects before the last."""
    first: bytes = b""
    last: bytes = b""
    stream: _Stream | None = None
    idle: float = 0.0
    """Seconds for which nothing had come over the connection when the request was sent on it."""
    sent: float = 0.0
    """When that was, on the monotonic clock."""
    held: float = 0.0
    """Seconds within the attempt for which the harness itself held the next request back."""
    tunnel: bool = False
    """Whether a proxy was asked for a way to the service, and TLS does not stand within it yet."""
    ragged: bool = False
    """Whether the connection ended in the midst of TLS: without the alert that closes it (RFC 8446, 6.1)."""
    given_up: bool = False
    """Whether the server said so, as it gave the connection up (408)."""
    beside: bool = False
    """Whether what is sent next is told by no exchange: of the preflight, for a token, a redirect's next hop."""

    @property
    def stale(self) -> bool:
        """Whether a connection that broke is likely to have been closed for idleness just as it was reached for.

        A server that reads a request and then closes is no such case, nor one that closes while it is being used.
        """
        return self.given_up or (self.reused and not self.received and self.idled)

    @property
    def idled(self) -> bool:
        """Whether nothing had come over the connection for a while, and what came of the request came promptly."""
        return self.idle >= IDLE and time.monotonic() - self.sent < PROMPTLY

    def next_answer(self) -> None:
        """Forget what was seen of the answer before."""
        self.before, self.first, self.last, self.stream, self.ragged = self.received, b"", b"", None, False

    def exactly(self, body_bytes: int, *, chunked: bool) -> bool:
        """Whether what came is one head and one body, and not a byte more. When in doubt, no."""
        if not self.first.startswith(b"HTTP/1.") or self.first[9:10] == b"1":
            return False
        if chunked:
            # What came behind the last chunk stands in the last piece: another head, or another end.
            end, heads = b"0\r\n\r\n", 1 if self.last is self.first else 0
            return self.last.endswith(end) and self.last.count(end) == 1 and self.last.count(b"HTTP/1.") == heads
        head = self.first.find(b"\r\n\r\n") + 4
        return head > 3 and self.received - self.before == head + body_bytes

    def left(self) -> float:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise self.late()
        return remaining

    def late(self) -> Trouble:
        what = "No answer came" if not self.received else "The answer was not complete"
        return Trouble(FailureKind.TIMEOUT, f"{what} within {self.seconds:g} seconds.")


class _Current(threading.local):
    watch: Watch | None = None


class _Stream(httpcore.NetworkStream):
    def __init__(self, backend: Backend, sock: socket.socket) -> None:
        self._backend = backend
        self._sock = sock
        self._current = backend.current
        self.poisoned = False
        self._used = False
        self._answered = False
        self._heard = time.monotonic()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = self._current.watch
        if watch is None:
            raise Trouble(FailureKind.STOPPED, "The exchange was abandoned.")
        data = self._received(watch, max_bytes)
        if watch.reused and not watch.first:
            # A line end that the server wrote behind the answer before: it came too late to be seen there.
            while data and data[0] in b"\r\n":
                rest = data.lstrip(b"\r\n")
                watch.before += len(data) - len(rest)
                data = rest or self._received(watch, max_bytes)
        if not watch.first:
            watch.first = data
        watch.last = data or watch.last
        return data

    def _received(self, watch: Watch, max_bytes: int) -> bytes:
        try:
            self._sock.settimeout(watch.left())
            data = self._sock.recv(max_bytes)
        except TimeoutError as error:
            raise watch.late() from error
        except ssl.SSLEOFError:
            # Whether an answer was complete before that, its framing tells.
            data, watch.ragged = b"", True
        except OSError as error:
            if self._backend.stopped:
                raise Trouble(FailureKind.STOPPED, "The run was stopped.") from error
            raise os_trouble(error) from error
        if not data and self._backend.stopped:
            raise Trouble(FailureKind.STOPPED, "The run was stopped.")
        self._answered, self._heard = True, time.monotonic()
        watch.received += len(data)
        if watch.received > watch.allowance:
            raise Trouble(FailureKind.TOO_LARGE, "The answer is larger than the harness reads.")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        watch = self._current.watch
        if watch is None:
            raise Trouble(FailureKind.STOPPED, "The exchange was abandoned.")
        if watch.stream is not self:
            if self._used and (self.poisoned or _readable(self._sock)):
                # An idle connection that is readable is closed, or holds bytes that nobody asked for: unusable either
                # way. The pool takes another then; it asks for this itself, but not in the moment of choosing.
                raise httpcore.ConnectionNotAvailable
            # Also when TLS starts within a proxy's tunnel: the proxy's answer is not part of the server's.
            watch.next_answer()
            watch.stream = self
            watch.reused = self._used and self._answered
            watch.sent = time.monotonic()
            watch.idle = watch.sent - self._heard
            watch.tunnel = bool(self._backend.proxy) and buffer.startswith(b"CONNECT ")
        self._used = True
        try:
            self._sock.settimeout(watch.left())
            self._sock.sendall(buffer)
            if _QUICKACK:
                # A server that writes headers and body apart waits for our acknowledgement in between.
                self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        except TimeoutError as error:
            raise watch.late() from error
        except OSError as error:
            # httpcore goes on to read: a server may answer and close before it has read everything.
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._backend.open.discard(self)
        self._sock.close()

    def abort(self) -> None:
        """Wake a thread that waits on this socket; safe to call from another one."""
        with contextlib.suppress(OSError):
            # Not SSLSocket.shutdown, which would pull the TLS state from under the waiting thread.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        watch = self._current.watch
        if watch is None:
            raise Trouble(FailureKind.STOPPED, "The exchange was abandoned.")
        if isinstance(self._sock, ssl.SSLSocket):
            self.close()
            raise Trouble(FailureKind.PROXY, "TLS through a proxy that is itself reached over TLS is not supported.")
        within, watch.tunnel = watch.tunnel, False
        try:
            self._sock.settimeout(min(watch.left(), watch.connect_seconds))
            # A connection that ends without TLS's closure alert would else look like one that was closed.
            secured = ssl_context.wrap_socket(
                self._sock,
                server_hostname=without_zone(server_hostname) if server_hostname else None,
                suppress_ragged_eofs=False,
            )
        except BaseException as error:
            self.close()
            if self._backend.stopped:
                raise Trouble(FailureKind.STOPPED, "The run was stopped.") from error
            if not isinstance(error, OSError):
                raise
            trouble = handshake_trouble(error)
            if within:
                certificate = isinstance(error, ssl.SSLCertVerificationError)
                trouble = unsecured(self._backend.proxy, trouble, certificate=certificate)
            elif self._backend.proxy:
                # No tunnel was asked for yet: this is the TLS of the proxy itself.
                told = f"The proxy {self._backend.proxy} could not be spoken to over TLS. {trouble.message}"
                trouble = Trouble(FailureKind.PROXY, told, retry=trouble.retry)
            raise trouble from error
        self._backend.open.discard(self)
        return self._backend.adopt(secured)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Asked of every idle connection, twice a request: the one that is chosen is looked at as it is written to.
            return self.poisoned
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "socket":
            return self._sock
        return None


class Backend(httpcore.NetworkBackend):
    """Opens the connections of one transport."""

    def __init__(self, resolver: Resolver, proxy: str = "") -> None:
        self.current = _Current()
        self.proxy = proxy
        """The address of the proxy that all connections go to, if any."""
        self.open: set[_Stream] = set()
        self.stopped = False
        self._resolver = resolver

    def adopt(self, sock: socket.socket) -> _Stream:
        stream = _Stream(self, sock)
        self.open.add(stream)
        if self.stopped:
            stream.abort()
        return stream

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        watch = self.current.watch
        if watch is None:
            raise Trouble(FailureKind.STOPPED, "The exchange was abandoned.")
        addresses = self._resolver.addresses(host, port, min(watch.left(), watch.connect_seconds))
        until = min(time.monotonic() + watch.connect_seconds, watch.deadline)
        trouble: Trouble | None = None
        for number, address in enumerate(addresses):
            if self.stopped:
                raise Trouble(FailureKind.STOPPED, "The run was stopped.")
            share = (until - time.monotonic()) / (len(addresses) - number)
            try:
                stream = self.adopt(connect(address, max(share, 0.001)))
            except OSError as error:
                trouble = os_trouble(error, connecting=True)
                continue
            if number:
                self._resolver.prefer(host, port, address)
            return stream
        raise trouble or Trouble(FailureKind.CONNECT, "The host has no address.")

    def abort(self) -> None:
        self.stopped = True
        for stream in list(self.open):
            stream.abort()


class SocketTransport:
    """A pool of connections, each request on which has a Watch and goes to its exact target."""

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None,
        *,
        connections: int,
        proxy: Proxy | None = None,
        proxy_context: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.backend = Backend(resolver or Resolver(), proxy.url if proxy is not None else "")
        self._origin: tuple[httpx.URL | None, tuple[bytes, bytes, int | None]] = (None, (b"", b"", None))
        options: dict[str, Any] = {
            "ssl_context": ssl_context,
            "max_connections": connections,
            "max_keepalive_connections": connections,
            "keepalive_expiry": 60.0,
            "network_backend": self.backend,
        }
        self._pool: httpcore.ConnectionPool
        if proxy is None:
            self._pool = httpcore.ConnectionPool(**options)
        else:
            self._pool = httpcore.HTTPProxy(
                proxy.url,
                proxy_auth=proxy.credentials,
                proxy_ssl_context=proxy_context,
                **options,
            )

    def ask(
        self, method: str, base: httpx.URL, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes, watch: Watch
    ) -> httpcore.Response:
        """Send to the host of ``base``: without the request and the response of httpx, which cost as much again."""
        self.backend.current.watch = watch
        known, origin = self._origin
        if known is not base:
            origin = (base.raw_scheme, base.raw_host, base.port)
            self._origin = (base, origin)
        if body and not any(name.lower() == b"content-length" for name, _ in headers):
            headers = [*headers, (b"Content-Length", str(len(body)).encode())]
        request = httpcore.Request(
            method=method.upper(),
            url=httpcore.URL(scheme=origin[0], host=origin[1], port=origin[2], target=target),
            headers=headers,
            content=body,
            extensions={"timeout": {"pool": watch.seconds}},
        )
        try:
            return self._pool.handle_request(request)
        except Exception as error:
            trouble = classify(error) if watch.tunnel else None
            if trouble is None:
                raise
            raise unopened(self.backend.proxy, trouble) from error

    def abort(self) -> None:
        self.backend.abort()

    def close(self) -> None:
        try:
            self._pool.close()
        except Exception as error:
            if classify(error) is None:
                raise


def _readable(sock: socket.socket) -> bool:
    descriptor = sock.fileno()
    if descriptor < 0:
        return True
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])
