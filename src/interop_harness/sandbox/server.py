"""Serving a handler on a real socket for as long as a ``with`` block lasts."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from interop_harness.errors import SurroundingsError, UsageError

from .asgi import asgi
from .message import Handler

START_SECONDS = 10.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate to serve with; ``client_authority`` makes a client certificate compulsory."""

    certificate: Path
    key: Path
    client_authority: Path | None = None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only where it reads TCP, and not 0.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            "sandbox-address", f"Cannot listen on {host} port {port}: {error}.", "Choose another --port."
        ) from error
    return listener


def _config(handler: Handler, delay_ms: int, tls: Tls | None) -> uvicorn.Config:
    authority = tls.client_authority if tls else None
    return uvicorn.Config(
        asgi(handler, delay_ms),
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        loop="asyncio",
        ws="none",
        backlog=128,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_ca_certs=str(authority) if authority else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if authority else ssl.CERT_NONE,
    )


@contextmanager
def serving(
    handler: Handler, *, host: str = "127.0.0.1", port: int = 0, delay_ms: int = 0, tls: Tls | None = None
) -> Iterator[str]:
    """Serve in a thread and yield the base URL; the server has stopped when the block ends."""
    listener = _listen(host, port)
    try:
        server = uvicorn.Server(_config(handler, delay_ms, tls))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="interop-sandbox", daemon=True
        )
        thread.start()
        try:
            _await_start(server, thread)
            shown = f"[{host}]" if ":" in host else host
            yield f"{'https' if tls else 'http'}://{shown}:{listener.getsockname()[1]}"
        finally:
            _stop(server, thread)
    finally:
        listener.close()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise SurroundingsError("sandbox-start", "The reference supplier did not start.")
        time.sleep(0.002)


def _stop(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(STOP_SECONDS)
    if thread.is_alive():
        server.force_exit = True
        thread.join(STOP_SECONDS)
