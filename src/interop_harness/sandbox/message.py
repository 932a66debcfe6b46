"""One request to a reference supplier and its answer, without any server in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """A request as a supplier sees it: ``path`` is percent-decoded, ``raw_query`` is not."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    raw_query: str = ""

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


@dataclass(frozen=True, slots=True)
class SandboxResponse:
    """A supplier's answer. Header names keep the spelling they were given."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    def with_header(self, name: str, value: str) -> SandboxResponse:
        """The same answer with every header of that name replaced by this one."""
        return SandboxResponse(self.status, (*self.without_header(name).headers, (name, value)), self.body)

    def without_header(self, name: str) -> SandboxResponse:
        """The same answer without any header of that name."""
        dropped = name.lower()
        kept = tuple(pair for pair in self.headers if pair[0].lower() != dropped)
        return SandboxResponse(self.status, kept, self.body)


Handler = Callable[[SandboxRequest], SandboxResponse]
"""Synchronous, without side effects and without sleeping: the same request gets the same answer."""


def parse_query(raw_query: str) -> tuple[tuple[str, str], ...]:
    """The query string as ordered pairs; a name without a value has an empty one."""
    return tuple(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else ()


def respond(handler: Handler, request: SandboxRequest) -> SandboxResponse:
    """Ask the handler. A handler answers HEAD as it answers GET; the body is dropped here, its length told."""
    answer = handler(request)
    headers = answer.headers
    if answer.status not in (204, 304) and not answer.header("content-length"):
        headers = (*headers, ("Content-Length", str(len(answer.body))))
    return SandboxResponse(answer.status, headers, b"" if request.method == "HEAD" else answer.body)
