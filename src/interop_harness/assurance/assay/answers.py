"""Which answers a mutant picks, and the two usual ways to change one on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.ground import Ground
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

When = Callable[["SandboxRequest", "SandboxResponse"], bool]


def succeeded(ground: Ground, operation: Operation) -> When:
    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request) if 200 <= answer.status < 300 and request.method != "OPTIONS" else None
        return found is not None and found.id == operation.id

    return when


def failed(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return answer.status >= 400


def asks(case: Case, operation: str) -> bool:
    return operation in {str(case.arguments.get(name)) for name in ("operation", "item", "target", "detail")}


def with_header(name: str, value: str) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return answer.with_header(name, value) if value else answer.without_header(name)

    return change


def with_body(make: Callable[[bytes], bytes]) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return replace(answer.without_header("content-length"), body=make(answer.body))

    return change
