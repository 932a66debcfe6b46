"""An httpx transport that calls a handler directly: no socket, no thread, no server."""

from __future__ import annotations

import httpx

from .message import Handler, SandboxRequest, parse_query, respond


class InProcessTransport(httpx.BaseTransport):
    """Answers every request of an ``httpx.Client`` from a handler, whatever the host name."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raw_query = request.url.query.decode("latin-1")
        headers = tuple(request.headers.multi_items())
        if request.url.scheme == "https":  # what a server behind a TLS proxy is told
            headers = (*headers, ("x-forwarded-proto", "https"))
        asked = SandboxRequest(
            method=request.method,
            path=request.url.path,
            query=parse_query(raw_query),
            headers=headers,
            body=request.read(),
            raw_query=raw_query,
        )
        answer = respond(self._handler, asked)
        return httpx.Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers],
            content=answer.body,
            extensions={"http_version": b"HTTP/1.1"},
            request=request,
        )
