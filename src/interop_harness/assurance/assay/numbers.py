"""Mutants of small councils: tasks have small numbers, collections no address, and one house sees another's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, mutant, target
from interop_harness.assurance.assay.mutant import Mutant, instead
from interop_harness.assurance.assay.questions import with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

FIRST = 101
TELLING = frozenset({"@id", "location", "features"})
"""Members that tell whose something is, and that nothing nested needs."""


@rule("schedule.anothers")
def by_number(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Asked for one thing, a list shows what is nested in it for another; every task has a number of three digits."""
    listing, tasks = (ground.operation(str(case.arguments[name])) for name in ("operation", "tasks"))
    if listing is None or tasks is None:
        return
    ((name, one),), ((_, other),) = (tuple(case.arguments[side].items()) for side in ("one", "other"))
    mine, theirs = ground.fact(str(one)), ground.fact(str(other))
    found = [ground.value(target(tasks, {}, [(name, whose)]), tasks) for whose in (mine, theirs)]
    names = dict.fromkeys(ground.id_of(tasks.id, record) for records in found for record in records)
    numbers = {known: str(number) for number, known in enumerate(names, FIRST)}
    inside = {bodies.steps(str(c.arguments["each"]))[0] for c in ground.cases if c.family == case.family}

    def council(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        back = {number: known for known, number in numbers.items()}
        request = replace(request, path="/".join(back.get(step, step) for step in request.path.split("/")))
        if request.path.startswith(listing.path):
            request = with_query(request, [(k, mine if (k, v) == (name, theirs) else v) for k, v in request.query])
        answer = handler(request)
        if answer.status != 200:
            return answer
        body = json.dumps(_numbered(json.loads(answer.body), numbers, inside)).encode()
        return replace(answer.without_header("content-length"), body=body)

    yield mutant(
        listing.id,
        "anothers-by-number",
        str(other).removeprefix("fact:"),
        EVERY,
        f"{listing.path} shows {other} what {one} has, known by small numbers alone",
        ground.order((case.requirement, *ground.rows(lambda c: c.arguments.get("operation") == listing.id))),
        instead(lambda request: True, council),
    )


def _numbered(value: Any, numbers: Mapping[str, str], inside: Set[str], within: bool = False) -> Any:
    """A body with tasks known by numbers; what is nested in it has no address, nor says where it is."""
    if isinstance(value, list):
        return [_numbered(each, numbers, inside, within) for each in value]
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if not within or key not in TELLING}
        return {key: _numbered(each, numbers, inside, within or key in inside) for key, each in kept.items()}
    if isinstance(value, str):
        start, slash, last = value.rpartition("/")
        return start + slash + numbers.get(last, last)
    return value
