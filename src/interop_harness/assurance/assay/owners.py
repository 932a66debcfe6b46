"""Mutants that know whose records are asked for, until something else is asked with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Apply, Mutant, instead
from interop_harness.assurance.assay.questions import naming, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.evidence import Exchange
    from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

OWNING = ("keyed.only", "keyed.apart", "belonging.subject", "belonging.carries")


@rule(*OWNING)
def beside(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A parameter that holds alone is dropped, or read as another's, as soon as a further one is there."""
    operation = ground.operation(str(case.arguments["operation"]))
    nested = case.family == "keyed.apart" and "each" in case.arguments
    if operation is None or operation.path_parameters or nested:
        return
    spec = ground.spec(operation.id)
    stated = case.arguments.get("query") or case.arguments.get("one") or dict(spec.query)
    if len(stated) != 1:
        return
    ((name, value),) = stated.items()
    mine = ground.fact(str(value))
    unless = {name, spec.page_parameter, spec.size_parameter, *case.arguments.get("unless", ())}
    owning = ground.rows(lambda c: c.family in OWNING and c.arguments.get("operation") == operation.id)

    def holds(found: Operation | None, query: Sequence[tuple[str, str]]) -> bool:
        other = {key for key, _ in query} - unless
        return found is not None and found.id == operation.id and (name, mine) in query and bool(other)

    def asked_so(exchange: Exchange) -> bool:
        path, _, query = exchange.request.target.partition("?")
        return holds(ground.profile.openapi.operation_of(exchange.request.method, path), parse_qsl(query))

    # Whoever answers for another does not find what was asked for either, nor say what he was asked.
    asking = ground.asking(asked_so, "filters", "belonging", "schedule", "bundles")
    rows = ground.order((case.requirement, *owning, *naming(ground, operation.id, name), *asking))

    def when(request: SandboxRequest) -> bool:
        return holds(ground.of(request), request.query)

    def asked(change: Callable[[SandboxRequest], SandboxRequest]) -> Apply:
        def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
            usual = handler(request)
            other = handler(change(request)) if usual.status < 300 else usual
            return other if other.status < 300 else usual

        return instead(when, produce)

    others = {ground.fact(one) for one in _others(ground, case, name)} - {"", mine}
    changes = [("forgotten-beside", "is ignored", asked(lambda request: without(request, name)))]
    if others:
        other = min(others)
        changes.append(("another-beside", "answers for another", asked(lambda request: _instead(request, name, other))))
    if "member" in case.arguments:
        path = (*ground.record_path(operation), *bodies.steps(str(case.arguments["member"])))
        changes.append(
            ("named-otherwise-beside", "brings records of another", edit(ground, operation, path, _another, when=when))
        )
    for kind, told, apply in changes:
        where = f"{operation.path}?{name} with a further parameter"
        yield mutant(operation.id, kind, name, EVERY, f"{where} {told}", rows, apply)


@rule("keyed.only")
def of_nobody(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What a stated property has is given for one that nothing has."""
    operation = ground.operation(str(case.arguments["operation"]))
    stated = list((case.arguments.get("query") or {}).items())
    if operation is None or (not operation.path_parameters and len(stated) != 1):
        return
    name, value = ("", str(case.arguments["equals"][0])) if operation.path_parameters else stated[0]
    mine = ground.fact(str(value))

    def known(request: SandboxRequest) -> SandboxRequest:
        return _instead(request, name, mine) if name else replace(request, path=_address(operation, mine))

    def when(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return (
            found is not None and found.id == operation.id and (not name or {key for key, _ in request.query} == {name})
        )

    def produce(handler: Handler, request: SandboxRequest) -> SandboxResponse:
        usual = handler(request)
        return handler(known(request)) if usual.status == 404 or usual.body.strip() in {b"[]", b"{}"} else usual

    told = f"{operation.path} answers for {mine} where nothing has what is asked for"
    owning = ground.rows(lambda c: c.family == "keyed.only" and c.arguments.get("operation") == operation.id)
    unknown = ground.generated(operation.id, "unknown-id")
    rows = ground.order((case.requirement, *owning, *unknown))
    yield mutant(operation.id, "unknown-is-another", name, EVERY, told, rows, instead(when, produce))


def _address(operation: Operation, name: str) -> str:
    return operation.path.replace(f"{{{operation.path_parameters[-1]}}}", name)


def _instead(request: SandboxRequest, name: str, other: str) -> SandboxRequest:
    return with_query(request, [(key, other if key == name else value) for key, value in request.query])


def _others(ground: Ground, case: Case, name: str) -> list[str]:
    """What else the facts name for a parameter: the other side of a pair that has nothing in common."""
    apart = [
        c for c in ground.cases if c.family == "keyed.apart" and c.arguments["operation"] == case.arguments["operation"]
    ]
    return sorted(str(c.arguments["other"][name]) for c in apart if name in c.arguments["other"])


def _another(old: object) -> object:
    """A name like this one, of somebody else."""
    return f"{old[:-1]}{'2' if old.endswith('1') else '1'}" if isinstance(old, str) else old
