"""Mutants that say whose records they are where everybody looks, and show somebody else's a little aside.

By its own address a record is another's; the beginning of an id finds whoever it begins; the next page forgets what was
searched for; a record that is asked for by its id needs no patient.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant, answering, asking, instead
from interop_harness.assurance.assay.questions import with_query
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

LEAST = 3
"""So many letters of an id must at least be asked for."""


@rule("belonging.kept")
def of_another_by_its_id(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record that is read by its id names somebody else: by a number of a made-up person, or by a display alone."""
    operation = ground.operation(str(case.arguments["operation"]))
    wanted = ground.fact(f"fact:{case.arguments['person']['fact']}")
    system, bar, value = wanted.partition("|")
    if operation is None or not bar:
        return
    member = bodies.steps(str(case.arguments["member"]))[0]
    kind = str(case.arguments["kind"])
    for name, told, holder in (
        (
            "read-as-another",
            "by another number",
            {"type": kind, "identifier": {"system": system, "value": f"{value}0"}},
        ),
        ("read-as-nobody", "by a display alone", {"display": "Somebody"}),
    ):

        def named(request: SandboxRequest, answer: SandboxResponse, holder: Any = holder) -> SandboxResponse:
            made = {**json.loads(answer.body), member: holder}
            return replace(answer.without_header("content-length"), body=json.dumps(made).encode())

        yield mutant(
            operation.id,
            name,
            member,
            EVERY,
            f"{operation.path}: a record that is read by its id names its {member} {told}",
            ground.order((case.requirement,)),
            answering(lambda q, a: a.status == 200 and q.path.rpartition("/")[0] == operation.path, named),
        )


@rule("belonging.cut")
def beginning_is_enough(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Whoever has an id that begins so is found: in every list, since one of them is asked so."""
    wanted, paths = ground.fact(str(case.arguments["subject"])), {one.path for one in _lists(ground, case)}
    names = {name for one in _lists(ground, case) for name, value in ground.spec(one.id).query if ground.fact(value)}

    def begins(name: str, value: str) -> bool:
        return name in names and value != wanted and len(value) >= LEAST and wanted.startswith(value)

    yield mutant(
        "subjects",
        "beginning-is-enough",
        "",
        EVERY,
        "The beginning of an id finds whose it is",
        ground.order(ground.families(case.family)),
        asking(
            lambda request: request.path in paths and any(begins(*pair) for pair in request.query),
            lambda request: with_query(
                request, [(name, wanted if begins(name, value) else value) for name, value in request.query]
            ),
        ),
    )


@rule("belonging.paged")
def forgotten_on_the_next_page(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Next links leave out what was searched for: in every list, since one of them is turned over."""
    names = {str(each["parameter"]) for one in _alike(ground, case) for each in one.arguments["by"]}

    def forgetful(link: Any) -> Any:
        if not isinstance(link, dict) or link.get("relation") != "next":
            return link
        address, _, query = str(link["url"]).partition("?")
        kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in names]
        return {**link, "url": f"{address}?{urlencode(kept, quote_via=quote)}"}

    edits = [
        edit(ground, one, (*bodies.steps(ground.spec(one.id).next_link.removeprefix("rel:")), "*"), forgetful)
        for one in _lists(ground, case)
    ]
    yield mutant(
        "subjects",
        "forgotten-on-the-next-page",
        "",
        EVERY,
        "Next links leave out the state that was asked for",
        ground.order((*ground.families(case.family), *ground.families("bundles", "belonging"))),
        _all(edits),
    )


@rule("belonging.matching")
def by_its_id_alone(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record that is asked for by its id comes, whoever's it is."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or "foreign" not in case.arguments:
        return
    others = {str(name): ground.fact(str(value)) for name, value in case.arguments["foreign"].items()}
    asked = str(case.arguments["by"][0]["parameter"])

    def when(request: SandboxRequest) -> bool:
        found, names = ground.of(request), {name for name, _ in request.query}
        return found is not None and found.id == operation.id and {asked, *others} <= names

    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        query = [(name, others.get(name, value)) for name, value in request.query]
        elsewhere, name = handler(with_query(request, query)), dict(request.query)[asked]
        came = bodies.values(json.loads(elsewhere.body), (*ground.record_path(operation), "id"))
        return elsewhere if name in came else handler(request)

    owning = ground.rows(
        lambda c: (
            c.family in ("belonging.subject", "keyed.apart")
            and c.arguments.get("operation") == case.arguments["operation"]
        )
    )
    yield mutant(
        operation.id,
        "anybodys-by-its-id",
        asked,
        EVERY,
        f"{operation.path}?{asked} brings a record whoever's it is",
        ground.order((*owning, case.requirement)),
        instead(when, produce),
    )


def _alike(ground: Ground, case: Case) -> list[Case]:
    return [one for one in ground.cases if one.family == case.family]


def _lists(ground: Ground, case: Case) -> list[Operation]:
    found = [ground.operation(str(one.arguments["operation"])) for one in _alike(ground, case)]
    return [operation for operation in found if operation is not None]


def _all(changes: Sequence[Apply]) -> Apply:
    def apply(handler: Handler) -> Handler:
        for change in changes:
            handler = change(handler)
        return handler

    return apply
