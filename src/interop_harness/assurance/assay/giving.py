"""Mutants of services that answer the plain request, and give way at the next: a later page, a size, a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

When = Callable[[Mapping[str, str]], bool]


@rule("responses.status")
def giving_way(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The status of an operation is right for the plain request alone."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or not operation.safe or operation.path_parameters or operation.method != "GET":
        return
    spec = ground.spec(operation.id)
    page, size = spec.page_parameter, spec.size_parameter
    usual = {page, size, *(name for name, _ in spec.query), *ground.profile.parameters.get("everywhere", ())}
    told: list[tuple[str, str, When, tuple[int, ...]]] = []
    if page:
        later = (500, 404, 418) if "total_pages" in spec.members else (500,)
        told.append(("later-page", "a later page", lambda asked: _number(asked.get(page, "")) > 1, later))
    if size:
        told.append(("sized-page", "pages of a size", lambda asked: size in asked, (500,)))
    told.append(
        ("further", "what is asked for by a further parameter", lambda asked: bool(set(asked) - usual), (304, 599))
    )
    for kind, what, when, statuses in told:
        for status in statuses if _asked(ground, operation, when) else ():
            yield mutant(
                operation.id,
                f"{kind}-{status}",
                "",
                EVERY,
                f"{operation.path} answers {status} to {what}",
                (case.requirement,),
                answering(_answers(operation, when), answered(status, b'{"error":"no"}')),
            )


def _answers(operation: Operation, when: When) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    def applies(request: SandboxRequest, answer: SandboxResponse) -> bool:
        here = request.method == "GET" and request.path == operation.path
        return here and answer.status < 300 and when(dict(request.query))

    return applies


def _asked(ground: Ground, operation: Operation, when: When) -> bool:
    """Whether the clean run asks so, and is answered."""
    for exchange in ground.clean.exchanges.values():
        path, _, query = exchange.request.target.partition("?")
        if exchange.ok and path == operation.path and when(dict(parse_qsl(query, keep_blank_values=True))):
            return True
    return False


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
