"""Mutants of what goes wrong: ids that no record has, addresses that lead nowhere, what an error says and shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.answers import asks, failed, with_body
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

TRACE = (
    b"Traceback (most recent call last):\n"
    b'  File "/srv/app/views.py", line 118, in show\n'
    b"    row = cursor.fetchone()[0]\nTypeError: 'NoneType' object is not subscriptable\n"
)

PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"


def unknown_ids(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    """An id that no record has is answered as if it had one, or breaks the service."""
    rows = ground.generated(operation.id, "unknown-id")
    named = ground.order(
        (
            *rows,
            *ground.rows(
                lambda case: case.family in {"errors.malformed_id", "formats.refusal"} and asks(case, operation.id)
            ),
        )
    )
    if not named:
        return
    good = ground.good(operation.id)

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return answer.status >= 400 and found is not None and found.id == operation.id

    known = ground.get(good[0].target) if good and operation.method == "GET" else None
    for status in (400, 403, 500) if rows else (500,):
        yield mutant(
            operation.id,
            f"unknown-id-{status}",
            "",
            EVERY,
            f"{operation.path} answers {status} for an id that no record has",
            named,
            answering(when, answered(status)),
        )
    if not rows:
        return
    if known is not None and known.status == 200:
        yield mutant(
            operation.id,
            "unknown-id-200",
            "",
            EVERY,
            f"{operation.path} answers an id that no record has with another record",
            named,
            answering(when, lambda request, answer: known),
        )
    yield mutant(
        operation.id,
        "unknown-id-200-empty",
        "",
        EVERY,
        f"{operation.path} answers 200 and an empty object for an id that no record has",
        named,
        answering(when, lambda request, answer: replace(answer, status=200, body=b"{}")),
    )


def error_bodies(ground: Ground) -> Iterator[Mutant]:
    shown = ground.order(ground.families("errors.no_internals"))
    body = ground.order((*ground.families("errors.body_json"), *shown))
    bodied = ground.rows(lambda case: case.family == "formats.refusal" and case.arguments.get("body", True))
    document = ground.order((*bodied, *ground.families("refusals.body", "decisions.bodies"), *body))
    changes: list[tuple[str, str, Sequence[str], Callable[[bytes], bytes]]] = [
        ("error-trace", "a stack trace", (*shown, *document), lambda old: TRACE),
        (
            "error-path",
            "a source path",
            (*shown, *document),
            _worded("in C:\\inetpub\\app\\Show.cs:line 41"),
        ),
        (
            "error-query",
            "a database query",
            (*shown, *document),
            _worded("near 'SELECT * FROM people WHERE id='"),
        ),
        ("error-html", "an HTML page", document, lambda old: PAGE),
        ("error-empty", "no body", document, lambda old: b""),
    ]
    for kind, told, rows, change in changes:
        if ground.order(rows):
            yield mutant(
                "errors",
                kind,
                "",
                EVERY,
                f"errors come with {told}",
                ground.order(rows),
                answering(failed, _error(change, kind)),
            )


def _worded(words: str) -> Callable[[bytes], bytes]:
    """A body that says something it should not, in the format of the body it replaces."""
    xml = f"<errors><error><code>500</code><description>{words}</description></error></errors>"

    def made(old: bytes) -> bytes:
        if old.lstrip().startswith(b"<"):
            return f'<?xml version="1.0" encoding="utf-8"?>{xml}'.encode()
        return json.dumps({"error": words}).encode()

    return made


def _error(change: Callable[[bytes], bytes], kind: str) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def made(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        new = with_body(change)(request, answer)
        if kind == "error-html":
            return new.with_header("Content-Type", "text/html; charset=utf-8")
        return new.with_header("Content-Type", "text/plain") if kind == "error-trace" else new

    return made


@rule("errors.unknown_path")
def unknown_path(ground: Ground, case: Case) -> Iterator[Mutant]:
    def nowhere(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return answer.status == 404 and ground.of(request) is None

    for status in (200, 302, 400, 403, 500):
        yield mutant(
            "errors",
            f"unknown-path-{status}",
            "",
            EVERY,
            f"a path that does not exist is answered with {status}",
            ground.order((case.requirement,)),
            answering(nowhere, answered(status)),
        )


@rule("errors.wrong_method")
def methods(ground: Ground, case: Case) -> Iterator[Mutant]:
    for method, status in (("HEAD", 404), ("HEAD", 405), ("HEAD", 500), ("OPTIONS", 500)):
        if method in case.arguments.get("methods", ("HEAD", "OPTIONS")):
            yield mutant(
                "methods",
                f"{method.lower()}-{status}",
                "",
                EVERY,
                f"{method} is answered with {status}",
                ground.order((case.requirement,)),
                answering(
                    lambda request, answer, method=method: request.method == method,  # type: ignore[misc]
                    answered(status),
                ),
            )


@rule("errors.malformed_id")
def malformed(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or case.arguments.get("expect") == "record":
        return
    values = {str(value) for value in case.arguments.get("values", ("not-a-uuid", "0"))}

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and request.path.rpartition("/")[2] in values

    yield mutant(
        operation.id,
        "malformed-id-500",
        "",
        EVERY,
        f"{operation.path} breaks over an id of no form",
        ground.order((case.requirement,)),
        answering(when, lambda request, answer: replace(answer, status=500)),
    )
