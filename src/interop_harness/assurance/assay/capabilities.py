"""Mutants of what a service declares of itself: said otherwise, declared and not done, done and not declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering, asking
from interop_harness.assurance.assay.questions import uses, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


def _described(ground: Ground) -> tuple[Mapping[str, Any], Operation] | None:
    stated: Mapping[str, Any] = ground.profile.parameters.get("capabilities") or {}
    operation = ground.operation(str(stated.get("operation", "")))
    return (stated, operation) if operation is not None else None


def _rows(ground: Ground, case: Case, operation: Operation) -> tuple[str, ...]:
    return ground.order((case.requirement, *ground.families("capabilities"), *ground.generated(operation.id, "schema")))


@rule("capabilities.states")
def otherwise(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What must be said at a place is left out, or something else is said there."""
    found = _described(ground)
    if found is None:
        return
    _, operation = found
    path = bodies.steps(str(case.arguments["path"]))
    for kind, told, change in (
        ("declared-missing", "is left out", lambda _: bodies.DROP),
        ("declared-other", "says something else", lambda _: "other"),
    ):
        yield mutant(
            operation.id,
            kind,
            "/".join(path),
            EVERY,
            f"{operation.path}: {'/'.join(path)} {told}",
            _rows(ground, case, operation),
            edit(ground, operation, path, change),
        )


def _type_of(where: Mapping[str, Any]) -> str:
    return str(next(iter(where.values()), ""))


def _without(entry: Any, place: bodies.Path, value: Any) -> Any:
    """The entry without the items of a list that have the value at a place."""
    star = place.index("*") if "*" in place else len(place) - 1

    def kept(item: Any) -> Any:
        return bodies.DROP if value in bodies.values(item, place[star + 1 :]) else item

    return bodies.changed(entry, place[: star + 1], kept)


@rule("capabilities.requires")
def undeclared(ground: Ground, case: Case) -> Iterator[Mutant]:
    """An entry that must be there is not, or one of the values that it must hold is not."""
    found = _described(ground)
    if found is None:
        return
    stated, operation = found
    each = bodies.steps(str(stated["each"]))
    for wanted in case.arguments["entries"]:
        first = bodies.steps(next(iter(wanted["where"])))
        name = _type_of(wanted["where"])

        def gone(entry: Any, first: bodies.Path = first, name: str = name) -> Any:
            return bodies.DROP if bodies.values(entry, first) == [name] else entry

        yield mutant(
            operation.id,
            "entry-missing",
            name,
            EVERY,
            f"{operation.path}: {name} is not declared",
            _rows(ground, case, operation),
            edit(ground, operation, each, gone),
        )
        places = [
            (str(place), value)
            for place, values in {**dict(list(wanted["where"].items())[1:]), **wanted.get("holds", {})}.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        for place, value in places:
            holder = bodies.steps(place)

            def lost(
                entry: Any,
                first: bodies.Path = first,
                name: str = name,
                holder: bodies.Path = holder,
                value: Any = value,
            ) -> Any:
                return _without(entry, holder, value) if bodies.values(entry, first) == [name] else entry

            yield mutant(
                operation.id,
                "value-undeclared",
                f"{name}/{value}",
                EVERY,
                f"{operation.path}: {name} does not declare {value} at {place}",
                _rows(ground, case, operation),
                edit(ground, operation, each, lost),
            )


@rule("capabilities.works", "capabilities.parameters_work")
def not_done(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What is declared is not there, or a declared parameter does nothing."""
    found = _described(ground)
    if found is None:
        return
    stated, described = found
    for offer in stated["offers"]:
        operation = ground.operation(str(offer.get("operation", "")))
        if operation is None:
            continue
        rows = ground.order((*_rows(ground, case, described), *ground.generated(operation.id, "status")))
        if case.family == "capabilities.works":

            def mine(request: SandboxRequest, answer: SandboxResponse, wanted: str = operation.id) -> bool:
                here = ground.of(request)
                return here is not None and here.id == wanted and answer.status < 300

            yield mutant(
                operation.id,
                "declared-not-there",
                "",
                EVERY,
                f"{operation.path} is declared and answers 404",
                rows,
                answering(mine, answered(404)),
            )
            continue
        for name in offer.get("impossible", {}):
            yield mutant(
                operation.id,
                "declared-parameter-ignored",
                str(name),
                EVERY,
                f"{operation.path}?{name} is declared and does nothing",
                rows,
                asking(
                    uses(ground, operation.id, str(name)),
                    lambda request, name=str(name): without(request, name),  # type: ignore[misc]
                ),
            )


@rule("capabilities.declared", "capabilities.parameters_declared")
def not_told(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What works is not declared: a whole entry, or one of its parameters."""
    found = _described(ground)
    if found is None:
        return
    stated, operation = found
    each = bodies.steps(str(stated["each"]))
    for offer in stated["offers"]:
        if ground.operation(str(offer.get("operation", ""))) is None:
            continue
        first, name = bodies.steps(next(iter(offer["where"]))), _type_of(offer["where"])
        if case.family == "capabilities.declared":

            def gone(entry: Any, first: bodies.Path = first, name: str = name) -> Any:
                return bodies.DROP if bodies.values(entry, first) == [name] else entry

            yield mutant(
                operation.id,
                "entry-missing",
                name,
                EVERY,
                f"{operation.path}: {name} is not declared",
                _rows(ground, case, operation),
                edit(ground, operation, each, gone),
            )
            continue
        holder = bodies.steps(str(stated["parameters"]))
        for parameter in offer.get("impossible", {}):

            def lost(
                entry: Any,
                first: bodies.Path = first,
                name: str = name,
                holder: bodies.Path = holder,
                value: Any = str(parameter),
            ) -> Any:
                return _without(entry, holder, value) if bodies.values(entry, first) == [name] else entry

            yield mutant(
                operation.id,
                "value-undeclared",
                f"{name}/{parameter}",
                EVERY,
                f"{operation.path}: {name} does not declare {parameter}, which works",
                _rows(ground, case, operation),
                edit(ground, operation, each, lost),
            )
