"""Mutants that know their examiner: clients with another name, order or set of headers are served otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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


# By the headers alone that stand in one order in all that the suite asks: some cases say themselves what they accept.
STEADY = SIGNS | {
    "header-order": lambda request: tuple(name.lower() for name, _ in request.headers if name.lower() in USUAL[1:])
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


def remembering(sign: Callable[[SandboxRequest], object], other: Callable[[SandboxResponse], SandboxResponse]) -> Apply:
    """What was asked for before is answered as usual to everybody; what was not, only to who asked first of all."""

    def apply(handler: Handler) -> Handler:
        examiner: list[object] = []
        asked: set[tuple[str, str, str, bytes]] = set()

        def handle(request: SandboxRequest) -> SandboxResponse:
            mine, address = sign(request), (request.method, request.path, request.raw_query, request.body)
            if not examiner:
                examiner.append(mine)
            usual = mine == examiner[0] or address in asked
            asked.add(address)
            answer = handler(request)
            return answer if usual or not 200 <= answer.status < 300 else other(answer)

        return handle

    return apply


def otherwise(answer: SandboxResponse) -> SandboxResponse:
    """Other texts of the same kind in the same places, as many records, the same identifiers."""
    if answer.body.lstrip().startswith(b"<"):
        return replace(answer, body=re.sub(rb">([A-Za-z][^<>]*)<", rb">\1 (withheld)<", answer.body))
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json.dumps(_retold(value, "")).encode())


def _retold(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _retold(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_retold(item, name) for item in value]
    # A text that begins with a letter, and no identifier, address, date or number.
    told = isinstance(value, str) and name != "id" and re.match(r"[A-Za-z][^:]*\Z", value)
    return f"{value} (withheld)" if told else value


@rule("clients.alike")
def alike(ground: Ground, case: Case) -> Iterator[Mutant]:
    told_apart = str(case.arguments["as"])
    rows = ground.order((case.requirement, *ground.families("clients.alike")))
    for kind, told, other in (
        ("turned-away", "are turned away", lambda a: replace(a, status=403, body=b'{"error":"no"}')),
        ("given-a-page", "get an HTML page", lambda a: replace(a, body=PAGE).with_header("Content-Type", "text/html")),
        ("given-nothing", "get an empty body", lambda a: replace(a, body=b"")),
        ("told-otherwise", "read other texts in the same places", otherwise),
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
    # Where no list takes a page size, the suite knows no request that nobody else makes.
    if any(ground.spec(one.id).size_parameter for one in ground.operations if ground.is_list(one)):
        yield mutant(
            "clients",
            "remembered",
            told_apart,
            EVERY,
            f"what nobody asked for yet is told otherwise to clients with another {told_apart.replace('-', ' ')}",
            rows,
            remembering(STEADY[told_apart], otherwise),
        )
