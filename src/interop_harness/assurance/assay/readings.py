"""Mutants of single records read at their own address, where the profile has no operation that serves them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation
from interop_harness.profile.openapi import find

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


@rule("capabilities.works")
def read_otherwise(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record's own address answers with nothing, with another record, or with another's under the id asked for."""
    stated: Mapping[str, Any] = ground.profile.parameters.get("capabilities") or {}
    for offer in stated.get("offers", ()):
        operation = ground.operation(str(offer.get("record_of", "")))
        if operation is None:
            continue
        records = _seen(ground, operation)
        subjects = [str(member) for member in stated.get("read", {}).get("subjects", {}).get("members", ())]
        for kind, told, make in (
            ("read-nothing", "answers with an empty object", lambda asked, other: {}),
            ("read-list", "answers with a list", lambda asked, other: [other]),
            ("read-another", "answers with another record", lambda asked, other: other),
            (
                "read-another-under-id",
                "answers with another's record under the id asked for",
                lambda asked, other: {**other, "id": asked},
            ),
        ):

            def changed(
                request: SandboxRequest,
                answer: SandboxResponse,
                make: Any = make,
                records: dict[str, Any] = records,
                subjects: list[str] = subjects,
            ) -> SandboxResponse:
                asked = unquote(request.path.rpartition("/")[2])
                other = _other(records, asked, subjects)
                body = json.dumps(make(asked, other), ensure_ascii=False).encode()
                return replace(answer.without_header("content-length"), body=body)

            def here(
                request: SandboxRequest,
                answer: SandboxResponse,
                above: str = f"{operation.path}/",
                records: dict[str, Any] = records,
                subjects: list[str] = subjects,
            ) -> bool:
                asked = unquote(request.path.removeprefix(above))
                mine = request.path.startswith(above) and answer.status < 300
                return mine and _other(records, asked, subjects) is not None

            yield mutant(
                operation.id,
                kind,
                "",
                EVERY,
                f"{operation.path}/ID {told}",
                ground.order((case.requirement,)),
                answering(here, changed),
            )


def _seen(ground: Ground, operation: Operation) -> dict[str, Any]:
    """Every record that the suite saw in a list, by id."""
    path = ground.record_path(operation)
    records = [record for answer in ground.good(operation.id) for record in bodies.values(answer.value, path)]
    kinds = [find(record, "/resourceType") for record in records]
    return {
        ground.id_of(operation.id, record): record
        for record, kind in zip(records, kinds, strict=True)
        if isinstance(record, dict) and ground.id_of(operation.id, record) and kind == kinds[0]
    }


def _other(records: Mapping[str, Any], asked: str, subjects: list[str]) -> Any:
    """A record of another id, and of somebody else where records say whose they are; None when there is none."""
    if asked not in records:
        return None

    def whose(record: Any) -> list[Any]:
        return [found for member in subjects if (found := find(record, member)) is not None]

    mine = whose(records[asked])
    others = [name for name in sorted(records) if name != asked and (not mine or whose(records[name]) != mine)]
    return records[others[0]] if others else None
