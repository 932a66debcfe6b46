"""Mutants of how answers travel: status, headers, media type, character set, text, errors, CORS, credentials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.answers import asks, succeeded, with_header
from interop_harness.assurance.assay.errors import error_bodies, unknown_ids
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.syntax import syntax_mutants
from interop_harness.profile import Operation

if TYPE_CHECKING:
    pass


def mutants(ground: Ground) -> Iterator[Mutant]:
    """What every operation can get wrong."""
    for operation in ground.operations:
        yield from _statuses(ground, operation)
        yield from _media_types(ground, operation)
        yield from syntax_mutants(ground, operation)
        yield from unknown_ids(ground, operation)
    yield from error_bodies(ground)


def _statuses(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    rows = ground.order(
        (*ground.generated(operation.id, "status"), *ground.rows(lambda case: asks(case, operation.id)))
    )
    if not operation.safe:
        rows = ground.order((*rows, *ground.families("roundtrip")))
    if not ground.generated(operation.id, "status"):
        return
    for status in (201, 202, 203, 206, 300, 304, 400, 401, 403, 404, 405, 500, 501, 502):
        closed = ground.plan.implementation.auth.kind != "none" or not ground.families("openaccess.anonymous")
        if status in operation.success or (status in (401, 403) and closed):
            continue  # credentials that are refused or lacking are a matter of the target file, and no finding
        empty = status in (300, 304) or status >= 400
        yield mutant(
            operation.id,
            f"status-{status}",
            "",
            EVERY,
            f"{operation.method} {operation.path} answers {status} where it should succeed",
            ground.order((*rows, *ground.families("openaccess.anonymous")) if status in (401, 403) else rows),
            answering(
                succeeded(ground, operation),
                lambda request, answer, status=status, empty=empty: replace(  # type: ignore[misc]
                    answer, status=status, body=b'{"error":"no"}' if empty else answer.body
                ),
            ),
        )


def _media_types(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    rows = ground.order(
        (
            *ground.generated(operation.id, "media-type"),
            *ground.families("responses.media_type", "responses.asked_media_type"),
            *ground.generated(operation.id, "schema"),
            *ground.families("formats.same"),
        )
    )
    if not ground.generated(operation.id, "media-type"):
        return
    here = next(iter(operation.media_types((*operation.success, 200)[0])), "")
    for kind, value in (
        ("text", "text/plain; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("octets", "application/octet-stream"),
        ("other", "application/xml" if "json" in here else "application/json"),
        ("misspelt", here.replace("/", "/x-", 1)),
        ("none", ""),
    ):
        change = with_header("Content-Type", value)
        yield mutant(
            operation.id,
            f"media-type-{kind}",
            "",
            EVERY,
            f"{operation.method} {operation.path} says it answers {value or 'nothing'} (Content-Type)",
            rows,
            answering(succeeded(ground, operation), change),
        )
    yield mutant(
        operation.id,
        "media-type-twice",
        "",
        EVERY,
        f"{operation.method} {operation.path} has two Content-Type headers, the wrong one first",
        rows,
        answering(
            succeeded(ground, operation),
            lambda request, answer: replace(answer, headers=(("Content-Type", "text/html"), *answer.headers)),
        ),
    )
    charsets = ground.order(ground.families("responses.charset", "responses.utf8"))
    if charsets:
        for name in ("iso-8859-1", "utf-16", "windows-1252"):
            yield mutant(
                operation.id,
                f"charset-{name}",
                "",
                EVERY,
                f"{operation.method} {operation.path} says that its text is {name}",
                charsets,
                answering(succeeded(ground, operation), with_header("Content-Type", f"{here}; charset={name}")),
            )
    named = ground.rows(lambda case: case.family == "responses.charset" and case.arguments.get("named") is True)
    if named:
        yield mutant(
            operation.id,
            "charset-unnamed",
            "",
            EVERY,
            f"{operation.method} {operation.path} names no character set",
            ground.order(named),
            answering(succeeded(ground, operation), with_header("Content-Type", here)),
        )
