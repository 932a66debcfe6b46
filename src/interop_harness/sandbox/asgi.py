"""A handler as an ASGI application, so that any ASGI server can serve it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any

from .message import Handler, SandboxRequest, SandboxResponse, parse_query, respond

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

BODY_LIMIT = 1 << 20
"""Request bodies above this many bytes are answered 413: no reference supplier needs one."""


async def _body(receive: Receive) -> bytes | None:
    """The whole request body, or None when it is longer than the limit."""
    received = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(received)
        received += message.get("body", b"")
        if len(received) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return bytes(received)


def _request(scope: Message, body: bytes) -> SandboxRequest:
    raw_query = scope["query_string"].decode("latin-1")
    headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"])
    if scope.get("scheme") == "https":  # what a server behind a TLS proxy is told
        headers = (*headers, ("x-forwarded-proto", "https"))
    return SandboxRequest(scope["method"], scope["path"], parse_query(raw_query), headers, body, raw_query)


def asgi(handler: Handler, delay_ms: int = 0) -> Application:
    """Adapt a handler. ``delay_ms`` makes every answer wait without blocking the others.

    Answers that bring no ``Date`` of their own get the present one.
    """

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if delay_ms:
            await asyncio.sleep(delay_ms / 1000)
        if body is None:
            answer = SandboxResponse(413, (("Content-Length", "0"),), b"")
        else:
            answer = respond(handler, _request(scope, body))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        if not answer.header("date"):
            headers.append((b"date", formatdate(usegmt=True).encode("ascii")))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    return application


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
