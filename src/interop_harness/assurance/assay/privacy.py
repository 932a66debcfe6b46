"""Mutants that let slip what a request says of a person: in a header, an address, the message of a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

Leak = Callable[["SandboxResponse", str], "SandboxResponse"]


def _link(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return answer.with_header("Link", f'</people?name={quote(detail)}>; rel="related"')


def _content_location(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return answer.with_header("Content-Location", f"/checks/{quote(detail)}")


def _location(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return answer.with_header("Location", f"/checks/{quote(detail)}")


def _refresh(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return answer.with_header("Refresh", f"5; url=/checks?for={quote(detail)}")


def _header(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return answer.with_header("X-Checked-For", quote(detail))


def _with_member(answer: SandboxResponse, name: str, value: str) -> SandboxResponse:
    """An object with one more member than is documented."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    if not isinstance(body, dict):
        return answer
    return replace(answer.without_header("content-length"), body=json.dumps({**body, name: value}).encode())


def _body_address(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return _with_member(answer, "print", f"https://www.example.org/print?for={quote(detail)}")


def _body_member(answer: SandboxResponse, detail: str) -> SandboxResponse:
    return _with_member(answer, "given", detail)


def _said_in(answer: SandboxResponse, detail: str) -> SandboxResponse:
    """The detail behind every text of a refusal that is a sentence."""
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer.without_header("content-length"), body=json.dumps(_worded(value, detail)).encode())


def _worded(value: object, detail: str) -> object:
    if isinstance(value, dict):
        return {key: _worded(each, detail) for key, each in value.items()}
    if isinstance(value, list):
        return [_worded(each, detail) for each in value]
    return f"{value} (got {detail})" if isinstance(value, str) and " " in value else value


LEAKS: dict[str, tuple[tuple[str, str, Leak], ...]] = {
    "privacy.addresses": (
        ("detail-in-link", "a Link header", _link),
        ("detail-in-content-location", "the Content-Location", _content_location),
        ("detail-in-location", "the Location", _location),
        ("detail-in-refresh", "a Refresh header", _refresh),
        ("detail-in-body-address", "an address in a member that is not documented", _body_address),
    ),
    "privacy.headers": (("detail-in-header", "a header", _header),),
    "privacy.errors": (
        ("detail-in-refusal", "the words of a refusal", _said_in),
        ("detail-in-refusal-member", "a member of a refusal that is not documented", _body_member),
    ),
}


@rule(*LEAKS)
def slips(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    rows = ground.order((case.requirement, *ground.families("privacy")))
    for number, pointer in enumerate(case.arguments["personal"]):

        def said(request: SandboxRequest, pointer: str = str(pointer)) -> str:
            try:
                found = find(json.loads(request.body), pointer)
            except ValueError:
                return ""
            return found if isinstance(found, str) else ""

        for kind, place, leak in LEAKS[case.family]:
            refusals = case.family == "privacy.errors"

            def when(
                request: SandboxRequest, answer: SandboxResponse, said: Callable[..., str] = said, no: bool = refusals
            ) -> bool:
                found = ground.of(request)
                mine = found is not None and found.id == operation.id and bool(request.body)
                return mine and bool(said(request)) and (not no or 400 <= answer.status < 500)

            yield mutant(
                operation.id,
                kind,
                str(pointer),
                EVERY,
                f"{operation.path}: {place} holds {pointer} of the request (detail {number + 1})",
                rows,
                answering(when, lambda request, answer, leak=leak, said=said: leak(answer, said(request))),  # type: ignore[misc]
            )
