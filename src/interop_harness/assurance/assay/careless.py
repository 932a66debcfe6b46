"""Mutants of what comes in by one address of several: checked at one of them, taken in unlooked at by the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
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


@rule("roundtrip.refused")
def one_is_enough(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Where fields of a form that are required must not be lacking, one of them, or any at all, is enough."""
    described: Submissions = ground.profile.parameters.get("submissions", {})
    name = str(case.arguments["submit"])
    fill = {**described.get(_root(described, name), {}), **described.get(name, {})}.get("fill")
    operation = ground.operation(_stated(described, name))
    field = str(fill["one"]).partition("{code}")[0] if fill else ""
    accepted = _accepted(ground, operation) if operation is not None and field else None
    if operation is None or accepted is None or accepted.response is None or not _left_out(case, field):
        return
    made = accepted.response
    needed = {name for name in _fields(accepted.request.body) if not name.startswith(field)}

    def some(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        if found is None or found.id != operation.id or answer.status != 400:
            return False
        given = _fields(request.body)
        return needed <= given and any(name.startswith(field) for name in given)

    yield mutant(
        operation.id,
        "one-is-enough",
        "",
        EVERY,
        f"{operation.path}: one of the fields that a form requires is enough",
        ground.order((case.requirement, *ground.families("roundtrip.refused"))),
        answering(some, lambda request, answer: replace(answer, status=made.status, body=made.body)),
    )


def _left_out(case: Case, field: str) -> bool:
    """Whether a row leaves out what a form asks for, and nothing else."""
    names = [str(name) for name in case.arguments.get("without", ())]
    if case.arguments.get("values") or case.arguments.get("auth"):
        return False
    return bool(case.arguments.get("lacking")) or (bool(names) and all(field.startswith(name) for name in names))


@rule("roundtrip.answer")
def turned_away(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A complete submission is turned away for what it does not give, although it need not."""
    described: Submissions = ground.profile.parameters.get("submissions", {})
    operation = ground.operation(_stated(described, str(case.arguments["submit"])))
    result = next((one for one in ground.clean.rows[case.requirement].cases if one.case.id == case.id), None)
    used = set(result.exchanges) if result is not None else set()
    sent = [one for one in ground.clean.exchanges.values() if one.id in used]
    whole = next((one for one in sent if one.ok and one.request.body), None)
    if operation is None or whole is None:
        return
    given = _fields(whole.request.body)

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and _fields(request.body) == given and answer.status < 300

    rows = (case.requirement, *ground.families("roundtrip"), *ground.generated(operation.id, "status"))
    first = next(name for name in described if _stated(described, name) == operation.id)
    # Where the plainest submission is answered 401, too, nothing shows that the credentials are not at fault.
    for status in (400,) if case.arguments["submit"] == first else (400, 401):
        yield mutant(
            operation.id,
            f"these-fields-{status}",
            str(case.arguments["submit"]),
            EVERY,
            f"{operation.path} turns a submission away that gives what {case.arguments['submit']} gives",
            ground.order(rows),
            answering(when, answered(status)),
        )


def _fields(body: bytes) -> frozenset[str]:
    """What a form gives, the key apart."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return frozenset(name for name, _ in pairs) - {"api_key"}


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
