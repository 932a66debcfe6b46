"""Mutants of what comes in by one address of several: checked at one of them, taken in unlooked at by the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.evidence import Exchange
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

Submissions = dict[str, dict[str, Any]]


@rule("roundtrip.refused")
def taken_in(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Wherever the same thing can be submitted, what the row wants refused with this status is taken in."""
    described: Submissions = ground.profile.parameters.get("submissions", {})
    for operation in _addresses(ground, described, str(case.arguments["submit"])):
        accepted = _accepted(ground, operation)
        if accepted is None or accepted.response is None:
            continue
        for status in case.arguments["expect"]:

            def when(
                request: SandboxRequest, answer: SandboxResponse, operation: Operation = operation, s: int = status
            ) -> bool:
                found = ground.of(request)
                mine = found is not None and found.id == operation.id
                return mine and (answer.status == s or (s == 4 and 400 <= answer.status < 500))

            made = accepted.response
            rows = ground.rows(lambda one, o=operation, s=status: _refuses(described, one, o.id, s))  # type: ignore[misc]
            yield mutant(
                operation.id,
                "taken-in-instead-of" if status != 4 else "takes-in-anything",
                "" if status == 4 else str(status),
                EVERY,
                f"{operation.path} takes in what it should refuse{'' if status == 4 else f' with {status}'}",
                ground.order(rows) or (case.requirement,),
                answering(when, lambda request, answer, made=made: replace(answer, status=made.status, body=made.body)),  # type: ignore[misc]
            )


def _addresses(ground: Ground, described: Submissions, name: str) -> list[Operation]:
    """The operations that take the submission of this name, or one that is like it."""
    root = _root(described, name)
    names = dict.fromkeys(_stated(described, one) for one in described if _root(described, one) == root)
    found = [ground.operation(one) for one in names]
    return [one for one in found if one is not None]


def _root(described: Submissions, name: str) -> str:
    return str(described.get(name, {}).get("like", name))


def _stated(described: Submissions, name: str) -> str:
    other = described.get(_root(described, name), {})
    return str(described.get(name, {}).get("operation", other.get("operation", "")))


def _refuses(described: Submissions, case: Case, operation: str, status: int) -> bool:
    """Whether a row wants something that is submitted to this operation refused with this status."""
    if case.family != "roundtrip.refused" or _stated(described, str(case.arguments["submit"])) != operation:
        return False
    return status == 4 or bool({status, 4} & set(case.arguments["expect"]))


def _accepted(ground: Ground, operation: Operation) -> Exchange | None:
    """A submission that the clean supplier took in there."""

    def taken(exchange: Exchange) -> bool:
        found = ground.profile.openapi.operation_of(exchange.request.method, exchange.request.target.partition("?")[0])
        return exchange.ok and found is not None and found.id == operation.id

    return next((one for one in ground.clean.exchanges.values() if taken(one)), None)
