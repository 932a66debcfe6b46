"""What goes over the wire: the exact target, and the headers of an ordinary client."""

from __future__ import annotations

import re

import httpx

USER_AGENT = f"python-httpx/{httpx.__version__}"
_UNSENDABLE = re.compile(r"[^\x21-\x7e]|#")
_DEFAULTS: tuple[tuple[str, bytes, bytes], ...] = (
    ("accept", b"Accept", b"*/*"),
    ("accept-encoding", b"Accept-Encoding", b"gzip, deflate"),
    ("connection", b"Connection", b"keep-alive"),
    ("user-agent", b"User-Agent", USER_AGENT.encode()),
)


def exact(target: str) -> str:
    """The target as given; only what HTTP cannot carry at all (spaces, controls, non-ASCII, #) is percent-encoded."""
    if _UNSENDABLE.search(target) is None:
        return target
    return _UNSENDABLE.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass")), target
    )


def with_defaults(given: tuple[tuple[str, str], ...], host: str, body: bytes, method: str) -> list[tuple[bytes, bytes]]:
    """The request's headers, completed as httpx would complete them; one of those given empty is left out."""
    named = {name.lower() for name, _ in given}
    headers: list[tuple[bytes, bytes]] = []
    if "host" not in named:
        headers.append((b"Host", host.encode("ascii")))
    headers += [(name, value) for key, name, value in _DEFAULTS if key not in named]
    if (body or method in ("POST", "PUT", "PATCH")) and not named & {"content-length", "transfer-encoding"}:
        headers.append((b"Content-Length", str(len(body)).encode()))
    usual = {key for key, _, _ in _DEFAULTS}
    sent = [(name, value) for name, value in given if value or name.lower() not in usual]
    headers += [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in sent]
    return headers
