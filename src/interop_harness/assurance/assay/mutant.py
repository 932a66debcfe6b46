"""A mutant: one small change to what a conforming supplier answers, and the clause that the change breaks.

Mutants are wrappers around a supplier's handler, so they work on every reference supplier and know nothing of how
one is built. They are derived from a profile, never written for one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

Apply = Callable[["Handler"], "Handler"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """``breaks``: requirements whose failing is the right blame, the clause it is made for first.

    A mutant that breaks nothing is a conforming variation: no requirement may fail over it.
    """

    id: str
    operation: str
    kind: str
    description: str
    breaks: tuple[str, ...]
    scope: str
    apply: Apply

    def also(self, other: Mutant) -> Mutant:
        """The same change, found a second time on another road: what it breaks is put together."""
        return replace(self, breaks=tuple(dict.fromkeys((*self.breaks, *other.breaks))))


class MutantCrashError(Exception):
    """The mutant, or the reference supplier under it, raised: an error of the assay and no catch."""


def guarded(handler: Handler, seen: list[str]) -> Handler:
    """The handler, with whatever it raises, and what nobody could answer, noted in ``seen`` before it goes on."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        try:
            answer = handler(request)
            wrong = _impossible(answer)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            seen.append(f"{wrong} ({request.method} {request.path})")
            raise MutantCrashError(wrong)
        return answer

    return handle


def _impossible(answer: SandboxResponse) -> str:
    """Why this is nothing that a service could send; empty when it could."""
    if type(answer.status) is not int or not 100 <= answer.status <= 599:
        return f"it answers with the status {answer.status!r:.40}, which is none"
    if not isinstance(answer.body, bytes):
        return f"it answers with a body of type {type(answer.body).__name__}, not bytes"
    for name, value in answer.headers:
        try:
            (name + value).encode("latin-1")
        except UnicodeEncodeError:
            return f"it answers with a header {name!r:.40} that cannot be sent"
    return ""


def answering(
    when: Callable[[SandboxRequest, SandboxResponse], bool],
    change: Callable[[SandboxRequest, SandboxResponse], SandboxResponse],
) -> Apply:
    """Answers that ``when`` picks are changed on their way out."""

    def apply(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(request, answer) if when(request, answer) else answer

        return handle

    return apply


def answered(status: int, body: bytes | None = None) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    """A change to another status, with another body where one is given."""

    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return replace(answer, status=status, body=answer.body if body is None else body)

    return change


def asking(when: Callable[[SandboxRequest], bool], change: Callable[[SandboxRequest], SandboxRequest]) -> Apply:
    """Requests that ``when`` picks reach the supplier as something else."""

    def apply(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            return handler(change(request) if when(request) else request)

        return handle

    return apply


def instead(
    when: Callable[[SandboxRequest], bool], produce: Callable[[Handler, SandboxRequest], SandboxResponse]
) -> Apply:
    """Requests that ``when`` picks are answered by ``produce``, which may ask the supplier anything."""

    def apply(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            return produce(handler, request) if when(request) else handler(request)

        return handle

    return apply
