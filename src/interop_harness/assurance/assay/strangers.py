"""Mutants that are closed where everybody looks first: not to whoever knows an id of one kind, or a later page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.suite.collection import next_link

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

Kept = Mapping[str, tuple[int, tuple[tuple[str, str], ...], bytes]]
"""Target → status, headers and body of the answer that it has with credentials."""


@rule("access.records")
def one_kind_by_id(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Records of one kind alone are given by their ids to whoever asks."""
    for operation in _lists(ground, case):
        kept = {
            target: answer
            for target, answer in _given(ground).items()
            if "?" not in target and target.rpartition("/")[0] == operation.path
        }
        if kept:
            yield mutant(
                operation.id,
                "read-open-to-all",
                "",
                EVERY,
                f"Records of {operation.path} are read by their ids without credentials",
                ground.order((case.requirement,)),
                _opened(kept),
            )


@rule("access.pages")
def later_pages(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Whoever has the address of a later page reads it without credentials."""
    led_to = {target for operation in _lists(ground, case) for target in _led_to(ground, operation)}
    kept = {target: answer for target, answer in _given(ground).items() if target in led_to}
    if kept:
        yield mutant(
            "access",
            "later-pages-open-to-all",
            "",
            EVERY,
            "Later pages of every list are given without credentials",
            ground.order((case.requirement,)),
            _opened(kept),
        )


def _lists(ground: Ground, case: Case) -> list[Operation]:
    named = [ground.operation(str(name)) for name in case.arguments["operations"]]
    return [operation for operation in named if operation is not None]


def _led_to(ground: Ground, operation: Operation) -> set[str]:
    """The targets of the next links that the suite saw in a list."""
    pointer = ground.spec(operation.id).next_link
    links = [next_link(answer.value, pointer) for answer in ground.good(operation.id)] if pointer else []
    parts = [urlsplit(link) for link in links if link]
    return {f"{each.path}?{each.query}" if each.query else each.path for each in parts}


def _given(ground: Ground) -> Kept:
    return {
        exchange.request.target: (exchange.status, exchange.response.headers, exchange.response.body)
        for exchange in ground.clean.exchanges.values()
        if exchange.response is not None and exchange.ok and exchange.request.method == "GET"
    }


def _opened(kept: Kept) -> Apply:
    """Whatever was kept is given to those who were refused it."""

    def target(request: SandboxRequest) -> str:
        return f"{request.path}?{request.raw_query}" if request.raw_query else request.path

    def refused(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return answer.status in (401, 403) and request.method == "GET" and target(request) in kept

    def opened(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        status, headers, body = kept[target(request)]
        return replace(answer, status=status, headers=headers, body=body)

    return answering(refused, opened)
