"""Mutants that know their examiner: clients with another name, order or set of headers are served otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

USUAL = ("accept", "accept-encoding", "connection", "user-agent")
PAGE = b"<!DOCTYPE html><html><head><title>Hello</title></head><body><h1>Welcome to our service</h1></body></html>"

SIGNS: dict[str, Callable[[SandboxRequest], object]] = {
    "user-agent": lambda request: request.header("user-agent"),
    "header-order": lambda request: tuple(name.lower() for name, _ in request.headers if name.lower() in USUAL),
    "header-set": lambda request: (
        {name.lower() for name, _ in request.headers if name.lower() in USUAL},
        request.header("sec-fetch-mode"),
        request.header("user-agent"),
    ),
}


def knowing(sign: Callable[[SandboxRequest], object], other: Callable[[SandboxResponse], SandboxResponse]) -> Apply:
    """Whoever looks like the first one that asked for the same thing is served as usual."""

    def apply(handler: Handler) -> Handler:
        first: dict[tuple[str, str, str, bytes], object] = {}

        def handle(request: SandboxRequest) -> SandboxResponse:
            mine = sign(request)
            known = first.setdefault((request.method, request.path, request.raw_query, request.body), mine)
            answer = handler(request)
            return answer if mine == known or not 200 <= answer.status < 300 else other(answer)

        return handle

    return apply


@rule("clients.alike")
def alike(ground: Ground, case: Case) -> Iterator[Mutant]:
    told_apart = str(case.arguments["as"])
    rows = ground.order((case.requirement, *ground.families("clients.alike")))
    for kind, told, other in (
        ("turned-away", "are turned away", lambda a: replace(a, status=403, body=b'{"error":"no"}')),
        ("given-a-page", "get an HTML page", lambda a: replace(a, body=PAGE).with_header("Content-Type", "text/html")),
        ("given-nothing", "get an empty body", lambda a: replace(a, body=b"")),
    ):
        yield mutant(
            "clients",
            kind,
            told_apart,
            EVERY,
            f"clients that differ from the first in their {told_apart.replace('-', ' ')} {told}",
            rows,
            knowing(SIGNS[told_apart], other),
        )
