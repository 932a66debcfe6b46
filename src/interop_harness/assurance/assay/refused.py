"""Mutants of the refusals of services that decide: their body, what they name, what they say, what they let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.decisions import about_question
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


def _last_step(old: Any) -> Any:
    return str(old).replace("/", ".").rpartition(".")[2] if isinstance(old, str) else old


@rule("decisions.bodies", "decisions.whole_path", "decisions.explained")
def said(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A refusal that has another shape, names a member by its last name alone, or does not say what is wrong."""
    operation = ground.operation(str(case.arguments["operation"]))
    stated: Mapping[str, Any] = ground.profile.parameters.get("decisions", {}).get(case.arguments["operation"], {})
    if operation is None or not stated:
        return
    errors = bodies.steps(str(stated["errors"]))
    field = (*errors, "*", *bodies.steps(str(stated["field"])))
    changes: list[tuple[str, str, bodies.Path, bodies.Change]] = []
    if case.family == "decisions.bodies":
        changes = [
            ("refusal-no-errors", "has no list of errors", errors, lambda _: bodies.DROP),
            ("refusal-errors-as-text", "lists its errors as one text", errors, lambda _: "wrong"),
            ("refusal-no-field", "names no field", field, lambda _: bodies.DROP),
            ("refusal-renamed", "calls its errors by another name", errors[:1], lambda _: bodies.DROP),
        ]
    elif case.family == "decisions.whole_path":
        changes = [("refusal-last-step", "names a member by its last name alone", field, _last_step)]
    else:
        for pointer in stated.get("reasons", ()):
            path = (*errors, "*", *bodies.steps(str(pointer)))
            changes += [
                ("refusal-unexplained", f"lacks {path[-1]}", path, lambda _: bodies.DROP),
                ("refusal-blank", f"has a blank {path[-1]}", path, lambda _: "  "),
            ]
    refused = ground.asking(lambda exchange: exchange.status == 400, "decisions", "refusals")
    rows = ground.order((case.requirement, *refused, *ground.generated(operation.id, "schema")))
    for kind, told, path, change in changes:
        yield mutant(
            operation.id,
            kind,
            "/".join(path),
            EVERY,
            f"{operation.path}: a refusal {told}",
            rows,
            edit(ground, operation, path, change, status=400),
        )


@rule("decisions.unreadable")
def let_through(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A body that cannot be read is accepted, or breaks the service."""
    operation = ground.operation(str(case.arguments["operation"]))
    good = next(iter(ground.clean_answers(operation.id)), None) if operation is not None else None
    if operation is None or good is None:
        return
    for number, row in enumerate(case.arguments["rows"]):
        sent = str(row["body"]).encode()

        def mine(request: SandboxRequest, answer: SandboxResponse, sent: bytes = sent) -> bool:
            return request.body == sent

        for kind, told, status in (("unreadable-accepted", "is accepted", 0), ("unreadable-breaks", "breaks it", 500)):
            yield mutant(
                operation.id,
                kind,
                str(number),
                EVERY,
                f"{operation.path}: {row['what']} {told}",
                about_question(ground, case, sent),
                answering(
                    mine,
                    lambda request, answer, status=status: replace(answer, status=status) if status else good,  # type: ignore[misc]
                ),
            )


@rule("decisions.creates_nothing")
def created(ground: Ground, case: Case) -> Iterator[Mutant]:
    """An answer that speaks of something that it made."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return

    def mine(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and 200 <= answer.status < 300

    rows = ground.order((case.requirement, *ground.generated(operation.id, "status")))
    yield mutant(
        operation.id,
        "says-it-created",
        "Location",
        EVERY,
        f"{operation.path}: an outcome comes with a Location",
        rows,
        answering(mine, lambda request, answer: answer.with_header("Location", "/checks/1")),
    )
