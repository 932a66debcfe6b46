"""Mutants of refusals: another status, another body, another format than was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.errors import PAGE
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.evidence import Exchange
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


@rule("refusals.status", "refusals.body", "refusals.repeats_status")
def refusals(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A wrong value is accepted, refused with another status, or refused in another shape."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    wrong = {(str(name), str(value)) for name, value in case.arguments["wrong"].items()}

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and bool(wrong & set(request.query))

    rows = ground.order((case.requirement, *ground.families("refusals")))
    if case.family.endswith("status"):
        for status in (200, 403, 404, 422, 500):
            if status not in case.arguments.get("expect", [400]):
                yield mutant(
                    operation.id,
                    f"wrong-value-{status}",
                    "/".join(sorted(name for name, _ in wrong)),
                    EVERY,
                    f"{operation.path} answers {status} to a value that cannot be right",
                    rows,
                    answering(when, answered(status)),
                )
        return
    members = case.arguments.get("members") or [str(case.arguments.get("member", ""))]
    for member in members:
        path = bodies.steps(str(member))
        said = ("other-number", lambda old: 999 if isinstance(old, int) else old)
        shape: tuple[tuple[str, Callable[[Any], Any]], ...] = (
            ("missing", lambda old: bodies.DROP),
            ("other-type", lambda old: {"text": old}),
        )
        for kind, change in (said,) if case.family.endswith("repeats_status") else shape:
            yield mutant(
                operation.id,
                f"refusal-{kind}",
                "/".join(path),
                EVERY,
                f"{operation.path}: {'/'.join(path)} of a refusal: {kind}",
                ground.order((*rows, *ground.generated(operation.id, "schema"))),
                edit(
                    ground,
                    operation,
                    path,
                    change,
                    status=400,
                    when=lambda request: bool(wrong & set(request.query)),
                ),
            )


@rule("formats.refusal")
def refused_in_format(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return answer.status >= 400 and found is not None and found.id == operation.id

    def refused(exchange: Exchange) -> bool:
        path = exchange.request.target.partition("?")[0]
        found = ground.profile.openapi.operation_of(exchange.request.method, path)
        return exchange.status >= 400 and found is not None and found.id == operation.id

    rows = ground.order((case.requirement, *ground.asking(refused), *ground.families("errors")))
    changes: list[tuple[str, Callable[[SandboxRequest, SandboxResponse], SandboxResponse]]] = [
        ("refusal-200", lambda q, a: replace(a, status=200)),
        ("refusal-500", lambda q, a: replace(a, status=500)),
    ]
    bodily: list[tuple[str, Callable[[SandboxRequest, SandboxResponse], SandboxResponse]]] = [
        ("refusal-empty", lambda q, a: replace(a, body=b"")),
        ("refusal-html", lambda q, a: replace(a, body=PAGE).with_header("Content-Type", "text/html")),
        ("refusal-other-format", _other_format),
    ]
    for kind, change in (*changes, *(bodily if case.arguments.get("body", True) else ())):
        yield mutant(
            operation.id,
            kind,
            "",
            EVERY,
            f"{operation.path}: a refusal is answered as {kind.removeprefix('refusal-').replace('-', ' ')}",
            rows,
            answering(when, change),
        )


def _other_format(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    if answer.header("content-type").partition(";")[0].endswith("xml"):
        return replace(answer, body=b'[{"code":404,"description":"Not found"}]').with_header(
            "Content-Type", "application/json; charset=utf-8"
        )
    made = b'<?xml version="1.0" encoding="utf-8"?><errors><error><code>404</code></error></errors>'
    return replace(answer, body=made).with_header("Content-Type", "text/xml; charset=utf-8")
