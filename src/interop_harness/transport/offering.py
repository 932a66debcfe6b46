"""A TLS handshake that is watched: what the server says first tells a refusal from what goes wrong later."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass

ALERT = b"\x15"
"""How a record of TLS begins that is an alert (RFC 8446, 5.1; the same in every version before)."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What came of one offer of old versions."""

    version: str = ""
    """The version that the server took; empty when no handshake was made."""
    first: bytes = b""
    """What the server sent first."""
    silent: bool = False
    """Whether it neither spoke nor closed."""
    trouble: str = ""
    """Why there was no handshake, as OpenSSL puts it."""


def offer(sock: socket.socket, context: ssl.SSLContext, host: str, seconds: float) -> Offered:
    """Offer what the context allows, and see what comes of it. Never raises for anything the server does."""
    deadline = time.monotonic() + seconds
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
    first = b""
    while True:
        try:
            tls.do_handshake()
            return Offered(tls.version() or "an old version", first)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            return Offered(first=first, trouble=str(error))
        try:
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
            sock.sendall(outgoing.read())
            piece = sock.recv(16384)
        except TimeoutError:
            return Offered(first=first, silent=True)
        except OSError:
            piece = b""
        if not piece:
            return Offered(first=first, trouble="closed")
        first = first or piece
        incoming.write(piece)
