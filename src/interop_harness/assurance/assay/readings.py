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


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}


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


@rule("capabilities.works")
def another_state(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record's own address gives it in another state than the list: that of another record, or always one."""
    stated: Mapping[str, Any] = ground.profile.parameters.get("capabilities") or {}
    members = [bodies.steps(str(member)) for member in stated.get("read", {}).get("states", ())]
    for offer in stated.get("offers", ()):
        operation = ground.operation(str(offer.get("record_of", "")))
        if operation is None:
            continue
        records = _seen(ground, operation).values()
        for member in members:
            values = [value for record in records for value in bodies.values(record, member)]
            known = sorted(set(values), key=lambda value: (-values.count(value), str(value)))
            if len(known) < 2:
                continue
            after = dict(zip(known, [*known[1:], known[0]], strict=True))
            for kind, told, change in (
                ("state-stale", "gives another state than the list", lambda old, after=after: after.get(old, old)),
                ("state-fixed", "gives one state for all", lambda old, known=known: known[0]),
            ):

                def changed(
                    request: SandboxRequest, answer: SandboxResponse, member: bodies.Path = member, change: Any = change
                ) -> SandboxResponse:
                    made = bodies.changed(json.loads(answer.body), member, change)
                    body = json.dumps(made, ensure_ascii=False).encode()
                    return replace(answer.without_header("content-length"), body=body)

                yield mutant(
                    operation.id,
                    kind,
                    "/".join(member),
                    EVERY,
                    f"{operation.path}/ID {told}",
                    ground.order((case.requirement,)),
                    answering(_below(operation, 200), changed),
                )


@rule("capabilities.unknown")
def anybody(ground: Ground, case: Case) -> Iterator[Mutant]:
    """An id that nothing has gives somebody's record, or a success without one."""
    stated: Mapping[str, Any] = ground.profile.parameters.get("capabilities") or {}
    rows = ground.order((case.requirement, *ground.families("capabilities.unknown")))
    for offer in stated.get("offers", ()):
        operation = ground.operation(str(offer.get("record_of", "")))
        records = list(_seen(ground, operation).values()) if operation is not None else []
        if operation is None or not records:
            continue
        for kind, told, make, breaks in (
            ("unknown-is-another", "gives another record", lambda asked, record: record, rows),
            ("unknown-is-made-up", "gives one with that id", lambda asked, record: {**record, "id": asked}, rows),
            (
                "unknown-is-success",
                "is a success without a record",
                lambda asked, record: OUTCOME,
                (case.requirement,) if case.arguments.get("refused") else (),
            ),
        ):

            def changed(
                request: SandboxRequest, answer: SandboxResponse, make: Any = make, record: Any = records[0]
            ) -> SandboxResponse:
                asked = unquote(request.path.rpartition("/")[2])
                body = json.dumps(make(asked, record), ensure_ascii=False).encode()
                return replace(answer.without_header("content-length"), status=200, body=body)

            if breaks:
                yield mutant(
                    operation.id,
                    kind,
                    "",
                    EVERY,
                    f"{operation.path}/ID of an id that nothing has {told}",
                    breaks,
                    answering(_below(operation, 404), changed),
                )


def _below(operation: Operation, status: int) -> Any:
    above = f"{operation.path}/"

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return request.path.startswith(above) and answer.status == status

    return when


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
