"""Mutants of what a filtered list says of its own length: counted before the filter is applied."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from interop_harness.assurance.assay import bodies, near
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.lists import paging_rows
from interop_harness.assurance.assay.mutant import Mutant, instead
from interop_harness.assurance.assay.questions import uses, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse


@rule("filters.counted")
def counted(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The numbers are those of the whole list: of its records, of its pages, of both."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    members = ground.spec(operation.id).members
    names = tuple(str(name) for name in case.arguments["parameters"])
    for which in (("total_items",), ("total_pages",), ("total_items", "total_pages")):
        pointers = tuple(members[name] for name in which if name in members)
        if len(pointers) == len(which):
            yield mutant(
                operation.id,
                "-and-".join(which).replace("_", "-") + "-of-everything",
                "",
                EVERY,
                f"{operation.path}: {' and '.join(which)} count everything, whatever the filter",
                ground.order((case.requirement, *paging_rows(ground, operation.id))),
                instead(uses(ground, operation.id, *names), _of_everything(names, pointers)),
            )


def _of_everything(
    names: tuple[str, ...], pointers: tuple[str, ...]
) -> Callable[[Handler, SandboxRequest], SandboxResponse]:
    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        answer, whole = handler(request), handler(without(request, *names))
        if answer.status != 200 or whole.status != 200:
            return answer
        body, everything = json.loads(answer.body), json.loads(whole.body)
        for pointer in pointers:
            found = find(everything, pointer)
            body = bodies.changed(body, tuple(pointer.strip("/").split("/")), near.always("", "", found).make)
        return replace(answer.without_header("content-length"), body=json.dumps(body).encode())

    return produce
