"""Mutants of services that compute or create: outcomes exchanged, refusals missed, what was sent comes back otherwise.

Questions are told apart by the bytes that the clean run sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


def about_question(ground: Ground, case: Case, body: bytes) -> tuple[str, ...]:
    """The requirement of a case, and whichever else asked the very same question."""
    same = ground.asking(lambda exchange: bool(body) and body in exchange.request.body, "decisions")
    return ground.order((case.requirement, *same))


@rule("decisions.outcomes")
def outcomes(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One question in turn is answered with another outcome, or refused."""
    operation = ground.operation(str(case.arguments["operation"]))
    stated: Mapping[str, Any] = ground.profile.parameters.get("decisions", {}).get(case.arguments["operation"], {})
    if operation is None or not stated:
        return
    result = next((one for one in ground.clean.rows[case.requirement].cases if one.case.id == case.id), None)
    asked = [
        exchange
        for exchange in ground.clean.exchanges.values()
        if result is not None and exchange.id in result.exchanges and exchange.request.body and exchange.ok
    ]
    wanted = case.arguments.get("outcome")
    allowed = wanted if isinstance(wanted, list) else [wanted]
    others = [name for name in stated.get("outcomes", ()) if wanted is not None and name not in allowed]
    where = bodies.steps(str(stated["outcome"]))
    for number, exchange in enumerate(asked):
        mine = exchange.request.body
        rows = about_question(ground, case, mine)

        def when(request: SandboxRequest, mine: bytes = mine) -> bool:
            return mine in request.body

        for other in others:
            yield mutant(
                operation.id,
                f"outcome-{other}",
                f"{case.id}/{number}",
                EVERY,
                f"question {number + 1} of {case.id} is answered {other}",
                rows,
                edit(ground, operation, where, lambda _, other=other: other, when=when),  # type: ignore[misc]
            )
        yield mutant(
            operation.id,
            "question-refused",
            f"{case.id}/{number}",
            EVERY,
            f"question {number + 1} of {case.id} is refused",
            rows,
            answering(
                lambda request, answer, when=when: when(request) and answer.status < 300,  # type: ignore[misc]
                lambda request, answer: replace(answer, status=400, body=b'{"error":{"errors":[]}}'),
            ),
        )


@rule("decisions.refusals")
def refusals(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One wrong question in turn is accepted, or refused without naming what is wrong."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    good = next((answer for answer in ground.clean_answers(operation.id)), None)
    result = next((one for one in ground.clean.rows[case.requirement].cases if one.case.id == case.id), None)
    asked = [
        exchange
        for exchange in ground.clean.exchanges.values()
        if result is not None and exchange.id in result.exchanges and exchange.request.body and not exchange.ok
    ]
    for number, exchange in enumerate(asked):
        mine = exchange.request.body
        rows = about_question(ground, case, mine)

        def when(request: SandboxRequest, answer: SandboxResponse, mine: bytes = mine) -> bool:
            return mine in request.body and answer.status >= 400

        if good is not None:
            yield mutant(
                operation.id,
                "wrong-accepted",
                f"{case.id}/{number}",
                EVERY,
                f"wrong question {number + 1} of {case.id} is accepted",
                rows,
                answering(when, lambda request, answer: good),
            )
        yield mutant(
            operation.id,
            "wrong-breaks",
            f"{case.id}/{number}",
            EVERY,
            f"wrong question {number + 1} of {case.id} is answered with 500",
            rows,
            answering(when, lambda request, answer: replace(answer, status=500)),
        )
        yield mutant(
            operation.id,
            "wrong-member-unnamed",
            f"{case.id}/{number}",
            EVERY,
            f"the refusal of wrong question {number + 1} of {case.id} names another member",
            rows,
            answering(when, lambda request, answer: replace(answer, body=_blamed_elsewhere(answer.body))),
        )


def _blamed_elsewhere(body: bytes) -> bytes:
    try:
        value = json.loads(body)
    except ValueError:
        return body
    for path, found in list(bodies.walk(value)):
        if path[-1] == "field" and isinstance(found, str):
            value = bodies.changed(value, path, lambda _: "somethingElse")
    return json.dumps(value).encode()


@rule("decisions.repeated")
def fickle(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Every second answer to a question has another outcome."""
    from interop_harness.sandbox.message import Handler

    operation = ground.operation(str(case.arguments["operation"]))
    stated = ground.profile.parameters.get("decisions", {}).get(case.arguments["operation"], {})
    if operation is None or len(stated.get("outcomes", ())) < 2:
        return
    path = bodies.steps(str(stated["outcome"]))
    names = list(stated["outcomes"])

    def apply(handler: Handler) -> Handler:
        seen: dict[bytes, int] = {}
        other = edit(ground, operation, path, lambda old: names[(names.index(old) + 1) % len(names)])(handler)

        def handle(request: SandboxRequest) -> SandboxResponse:
            seen[request.body] = seen.get(request.body, 0) + 1
            return (handler if seen[request.body] % 2 or not request.body else other)(request)

        return handle

    yield mutant(
        operation.id,
        "outcome-changes",
        "",
        EVERY,
        f"{operation.path}: every second answer to the same question differs",
        ground.order((case.requirement, *ground.families("decisions"))),
        apply,
    )


@rule("roundtrip.answer")
def created(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The answer to a submission lacks what it must name, or the submission is turned away."""
    submission = ground.profile.parameters.get("submissions", {}).get(case.arguments["submit"], {})
    operation = ground.operation(str(submission.get("operation", "")))
    if operation is None:
        return
    rows = ground.order((case.requirement, *ground.families("roundtrip"), *ground.generated(operation.id, "schema")))
    for pointer in (*case.arguments.get("present", ()), *case.arguments.get("one_of", ())):
        path = tuple("*" if step.isdigit() else step for step in bodies.steps(str(pointer)))
        yield mutant(
            operation.id,
            "created-unnamed",
            f"{'/'.join(path)}",
            EVERY,
            f"{operation.path}: {path[-1]} is missing in the answer",
            rows,
            edit(ground, operation, path, near.MISSING.make),
        )
    for status in (400, 500):
        yield mutant(
            operation.id,
            f"submission-{status}",
            "",
            EVERY,
            f"{operation.path} turns complete submissions away with {status}",
            ground.order((*rows, *ground.generated(operation.id, "status"))),
            answering(
                lambda request, answer: _is(ground, request, operation.id) and answer.status < 300,
                answered(status),
            ),
        )


def _is(ground: Ground, request: SandboxRequest, operation: str) -> bool:
    found = ground.of(request)
    return found is not None and found.id == operation


def _mangled(old: Any) -> str:
    return f"{old} "[:7] + "?"


@rule("roundtrip.read_back")
def read_back(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What was sent is read back changed, or not found at all."""
    for step in case.arguments["steps"]:
        operation = ground.operation(str(step["operation"]))
        if operation is None:
            continue
        rows = ground.order((case.requirement, *ground.families("roundtrip"), *ground.families("formats.same")))
        record = ground.record_path(operation)
        for compared in step.get("compare", ()):
            path = (*record, *bodies.steps(str(compared["at"])))
            site = shape.site_at(ground, operation, path)
            if site is None:
                continue
            known = ground.about(operation.id, path[len(record) :])
            for kind, change in (
                ("changed-on-the-way", lambda old: f"{old} "[:7] + "?"),
                ("lost-on-the-way", near.MISSING.make),
            ):
                schema = ground.generated(operation.id, "schema")
                yield mutant(
                    operation.id,
                    kind,
                    "/".join(path),
                    EVERY,
                    f"{operation.path}: {'/'.join(path)} is {kind.replace('-', ' ')}",
                    ground.order((*rows, *known, *schema)),
                    edit(ground, operation, path, change),
                )


@rule("roundtrip.refused")
def not_refused(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A submission that lacks something is refused with another status."""
    submission = ground.profile.parameters.get("submissions", {}).get(case.arguments["submit"], {})
    operation = ground.operation(str(submission.get("operation", "")))
    if operation is None:
        return
    result = next((one for one in ground.clean.rows[case.requirement].cases if one.case.id == case.id), None)
    mine = [
        exchange.request
        for exchange in ground.clean.exchanges.values()
        if result is not None and exchange.id in result.exchanges and exchange.request.body and not exchange.ok
    ]
    for request_made in mine[:1]:

        def when(request: SandboxRequest, answer: SandboxResponse, body: bytes = request_made.body) -> bool:
            return body in request.body and answer.status >= 400

        for status in (200, 401, 404, 500):
            if any(status == one or status // 100 == one for one in case.arguments.get("expect", [4])):
                continue
            yield mutant(
                operation.id,
                f"refused-with-{status}",
                case.requirement,
                EVERY,
                f"{operation.path} {case.arguments['what']} is answered with {status}",
                ground.order((case.requirement, *ground.families("roundtrip"))),
                answering(when, answered(status)),
            )
