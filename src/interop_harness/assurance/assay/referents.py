"""References without an address: to a contained person, or by an identifier alone.

Both say whose a record is as well as an address does (FHIR R4, references.html), so a supplier may write them; and both
may name somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.checks.belonging import subject
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.assurance.assay.free import Make
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

FAMILY = "belonging.subject"
Record = dict[str, Any]
Write = Callable[[Record, str, str, list[Any]], Record]
"""A record, the member that refers, the kind and the identifiers of whom it refers to: the record written otherwise."""


def contained(record: Record, member: str, kind: str, carried: list[Any]) -> Record:
    inside = {"resourceType": kind, "id": "whose", "identifier": carried}
    return {**record, "contained": [*record.get("contained", ()), inside], member: {"reference": "#whose"}}


def identified(record: Record, member: str, kind: str, carried: list[Any]) -> Record:
    return {**record, member: {"type": kind, "identifier": carried[0]}}


def referring(write: Write) -> Make:
    """Every reference to a person whose identifiers are known, written so."""

    def made(ground: Ground, seed: str) -> Apply | None:
        cases = [case for case in ground.cases if case.family == FAMILY and "person" in case.arguments]
        if not cases:
            return None
        described = cases[0].arguments
        people = _people(ground, str(described["person"]["operation"]))
        members = {bodies.steps(str(case.arguments["member"]))[0] for case in cases}
        kind = str(described["kind"])
        return _written(members, kind, lambda whose: people.get(whose, []), write)

    return made


@rule(FAMILY)
def of_another(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The reference of every record has no address, and the identifier of somebody else."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or "person" not in case.arguments:
        return
    wanted, kind = ground.fact(str(case.arguments["subject"])), str(case.arguments["kind"])
    people = _people(ground, str(case.arguments["person"]["operation"]))
    mine = people.get(wanted, [])
    systems = {one["system"] for one in mine}
    others = [
        [one for one in carried if one["system"] in systems and one not in mine]
        for whose, carried in sorted(people.items())
        if whose != wanted
    ]
    another = next((carried for carried in others if carried), [])
    if not another:
        return
    member = bodies.steps(str(case.arguments["member"]))[0]
    for name, told, write in (
        ("contained-of-another", "a contained person who is another", contained),
        ("identified-as-another", "the identifier of another", identified),
    ):

        def when(request: SandboxRequest, answer: SandboxResponse, name: str = operation.id) -> bool:
            found = ground.of(request)
            return answer.status == 200 and found is not None and found.id == name

        yield mutant(
            operation.id,
            name,
            member,
            EVERY,
            f"{operation.path}: every record refers to {told}",
            ground.order((case.requirement,)),
            _written({member}, kind, lambda whose: another, write, when),
        )


def _people(ground: Ground, operation: str) -> dict[str, list[Any]]:
    """The identifiers with system and value of every person that the suite saw, by id."""
    path = ground.record_path(ground.profile.operations[operation])
    found: dict[str, list[Any]] = {}
    for answer in ground.good(operation):
        for person in bodies.values(answer.value, path):
            carried = [
                {name: each[name] for name in ("system", "value")}
                for each in bodies.values(person, ("identifier", "*"))
                if {"system", "value"} <= set(each)
            ]
            if carried:
                found.setdefault(str(person.get("id")), carried)
    return found


def _any(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return answer.status == 200 and "json" in answer.header("content-type")


def _written(
    members: set[str],
    kind: str,
    carried: Callable[[str], list[Any]],
    write: Write,
    when: Callable[[SandboxRequest, SandboxResponse], bool] = _any,
) -> Apply:
    def record(value: Record) -> Record:
        for member in sorted(members & set(value)):
            holder = value[member]
            whose = subject(holder.get("reference"), kind) if isinstance(holder, Mapping) else ""
            if whose and carried(whose):
                value = write(value, member, kind, carried(whose))
        return value

    def below(value: Any) -> Any:
        if isinstance(value, list):
            return [below(each) for each in value]
        if not isinstance(value, dict):
            return value
        made = {name: below(each) for name, each in value.items()}
        return record(made) if "resourceType" in made else made

    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        try:
            value = json.loads(answer.body)
        except ValueError:
            return answer
        made = below(value)
        if made == value:
            return answer
        return replace(answer.without_header("content-length"), body=json.dumps(made, ensure_ascii=False).encode())

    return answering(when, change)
