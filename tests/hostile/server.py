"""A server that does exactly what a test tells it to, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from interop_harness.implementation import Implementation, Limits, load_target

SHORT = Limits(
    timeout=0.6,
    connect_timeout=0.4,
    max_body_bytes=1024 * 1024,
    max_wait=0.25,
    wait_budget=1.0,
    give_up_after=1000,
)


@dataclass(slots=True)
class Asked:
    """One request as it arrived, and the connection it arrived on."""

    head: bytes
    body: bytes
    number: int
    """Counts the requests of the server, from 1."""
    conn: socket.socket

    @property
    def target(self) -> str:
        return self.head.split(b" ")[1].decode("latin-1")

    def header(self, name: str) -> str | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.decode("latin-1").partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def say(self, *pieces: bytes, every: float = 0.0) -> None:
        for piece in pieces:
            self.conn.sendall(piece)
            if every:
                time.sleep(every)

    def hang(self) -> None:
        """Say nothing until the client leaves."""
        self.conn.settimeout(5)
        with contextlib.suppress(OSError):
            while self.conn.recv(65536):
                pass

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        close(self.conn)


def close(conn: socket.socket) -> None:
    with contextlib.suppress(OSError):
        conn.close()


Behave = Callable[[Asked], object]


@dataclass
class Server:
    """What a test may look at while its server runs."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def target(self, limits: Limits = SHORT) -> Implementation:
        return with_limits(load_target(self.url), limits)


def with_limits(implementation: Implementation, limits: Limits) -> Implementation:
    from dataclasses import replace

    return replace(implementation, limits=limits)


@contextmanager
def serving(
    behave: Behave,
    *,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    on_connect: Callable[[socket.socket], bool] | None = None,
) -> Iterator[Server]:
    """Serve until the block ends. ``on_connect`` may take a raw connection for itself by returning True."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, 0))
    listener.listen(64)
    server = Server(listener.getsockname()[1], scheme="https" if tls else "http", host=host)
    conns: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            conns.append(conn)
            threading.Thread(target=serve, args=(conn,), daemon=True).start()

    def serve(conn: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if on_connect is not None and on_connect(conn):
                close(conn)
                return
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                conn.settimeout(5)
                conn = tls.wrap_socket(conn, server_side=True)
                conns.append(conn)
            while (asked := read_request(conn, len(server.asked) + 1)) is not None:
                server.asked.append(asked)
                if behave(asked) is not KEEP:
                    break
        close(conn)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for conn in conns:
            close(conn)


KEEP = object()
"""Returned by a behaviour that leaves its connection open for the next request."""


def read_request(conn: socket.socket, number: int) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = conn.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        piece = conn.recv(65536)
        if not piece:
            break
        body += piece
    return Asked(head, body, number, conn)


def answer(body: bytes = b"{}", *headers: bytes, status: bytes = b"200 OK", version: bytes = b"HTTP/1.1") -> bytes:
    """A well-formed answer with a Content-Length."""
    lines = [version + b" " + status, b"Content-Type: application/json", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def bare(*lines: bytes, body: bytes = b"") -> bytes:
    """An answer with exactly these lines."""
    return b"\r\n".join([*lines, b"", body])
