"""Mutants of searches that find too little or forget a part, in each format that serves the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, asking
from interop_harness.assurance.assay.questions import naming, with_query, without
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest

When = Callable[["SandboxRequest"], bool]


@rule("windows.complete")
def too_little(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A span finds nothing, or every second record only."""
    names = set(case.arguments.get("parameters", ("start_date", "end_date")))
    for operation in _alike(ground, case):
        rows = _rows(ground, operation, case, *sorted(names))
        for kind, told, kept in (("nothing", "nothing", _none), ("half", "every second record", _half)):
            made = edit(
                ground, operation, _list(ground, operation), kept, when=lambda r: bool(names & _asked(r).keys())
            )
            name = f"span-finds-{kind}"
            yield mutant(operation.id, name, "", EVERY, f"{operation.path}: a span finds {told}", rows, made)


@rule("windows.any_of")
def one_value(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of several values the first counts, and one that is asked for by itself finds nothing."""
    name = str(case.arguments["parameter"])
    for operation in _alike(ground, case):
        rows = _rows(ground, operation, case, name)
        yield mutant(
            operation.id,
            "only-first-value",
            name,
            EVERY,
            f"{operation.path}?{name}: of several values only the first counts",
            rows,
            asking(
                _when(ground, operation, lambda asked: "," in asked.get(name, "")),
                lambda r: with_query(r, [(k, v.partition(",")[0] if k == name else v) for k, v in r.query]),
            ),
        )
        for value in sorted(_alone(ground, operation, name)):

            def only(request: SandboxRequest, value: str = value) -> bool:
                return _asked(request) == {name: value}

            witness = ground.rows(
                lambda one, o=operation: (  # type: ignore[misc]
                    one.family == "filters.witness"
                    and one.arguments.get("operation") == o.id
                    and one.arguments.get("parameter") == name
                )
            )
            yield mutant(
                operation.id,
                "value-finds-nothing",
                f"{name}/{value}",
                EVERY,
                f"{operation.path}?{name}={value} finds nothing",
                ground.order((*witness, *rows)),
                edit(ground, operation, _list(ground, operation), _none, when=only),
            )


@rule("windows.id_list")
def beside_others(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Identifiers find nothing beside the parameters that they override."""
    others = set(case.arguments.get("beside", {}))
    if not others:
        return
    name = str(case.arguments["parameter"])
    for operation in _alike(ground, case):
        yield mutant(
            operation.id,
            "overrides-nothing",
            name,
            EVERY,
            f"{operation.path}?{name} finds nothing beside {' and '.join(sorted(others))}",
            _rows(ground, operation, case, name),
            edit(
                ground,
                operation,
                _list(ground, operation),
                _none,
                when=lambda r: name in _asked(r) and bool(others & _asked(r).keys()),
            ),
        )


@rule("windows.narrowed")
def forgotten(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A span counts only where nothing else is asked, another parameter only where no span is."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    span, others = tuple(case.arguments.get("one", ())), tuple(case.arguments["other"])
    rows = ground.order((case.requirement, *naming(ground, operation.id, *span, *others)))
    forgets = [(span, (name,)) for name in others] + [((name,), span) for name in others] if span else []
    for lost, beside in forgets:
        yield mutant(
            operation.id,
            f"forgotten-beside-{beside[0]}",
            "/".join(lost),
            EVERY,
            f"{operation.path}: {' and '.join(lost)} ignored beside {' and '.join(beside)}",
            rows,
            asking(
                _when(ground, operation, lambda asked, beside=beside: set(beside) <= asked.keys()),  # type: ignore[misc]
                lambda request, lost=lost: without(request, *lost),  # type: ignore[misc]
            ),
        )


@rule("windows.narrowed")
def of_several(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Of what just this question asks for one thing is forgotten, or everything else, in either format."""
    span, others = tuple(case.arguments.get("one", ())), tuple(case.arguments["other"])
    parts = [part for part in (span, *((name,) for name in others)) if part]
    every = {name for part in parts for name in part}
    for operation in _alike(ground, case):
        very = ground.rows(lambda one, o=operation: _same_question(one, case, o))  # type: ignore[misc]
        rows = ground.order((*very, *_rows(ground, operation, case, *sorted(every))))
        for part in parts:
            rest = tuple(name for one in parts if one != part for name in one)
            # Of two things, that one counts alone is that the other is forgotten.
            for kind, lost in [("forgets-one", part), ("hears-one", rest)][: 1 if len(parts) == 2 else 2]:
                yield mutant(
                    operation.id,
                    f"{kind}-of-{len(parts)}",
                    f"{'/'.join(sorted(every))}.{'/'.join(part)}",
                    EVERY,
                    f"{operation.path}: asked with {', '.join(sorted(every))}, {' and '.join(lost)} ignored",
                    rows,
                    asking(
                        _when(ground, operation, lambda asked: asked.keys() == every),
                        lambda request, lost=lost: without(request, *lost),  # type: ignore[misc]
                    ),
                )


def _same_question(one: Case, case: Case, operation: Operation) -> bool:
    """Whether a case asks an operation for what another case asks its own."""
    asked = all(one.arguments.get(name) == case.arguments.get(name) for name in ("one", "other"))
    return asked and one.family == case.family and one.arguments.get("operation") == operation.id


@rule("windows.one_end")
def alone(ground: Ground, case: Case) -> Iterator[Mutant]:
    """One end of a span by itself is ignored, or finds nothing."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    ends = tuple(case.arguments["one"])
    for name in ends:

        def only(asked: dict[str, str], name: str = name) -> bool:
            return bool(asked.get(name)) and len(set(ends) & asked.keys()) == 1

        rows = ground.order((case.requirement, *naming(ground, operation.id, name)))
        told = f"{operation.path}: {name} without the other end"
        drop = asking(_when(ground, operation, only), lambda request, name=name: without(request, name))  # type: ignore[misc]
        yield mutant(operation.id, "alone-ignored", name, EVERY, f"{told} is ignored", rows, drop)
        empty = edit(
            ground,
            operation,
            _list(ground, operation),
            _none,
            when=lambda request, only=only: only(_asked(request)),  # type: ignore[misc]
        )
        yield mutant(operation.id, "alone-finds-nothing", name, EVERY, f"{told} finds nothing", rows, empty)


def _none(items: Any) -> Any:
    return []


def _half(items: Any) -> Any:
    return items[::2]


def _list(ground: Ground, operation: Operation) -> bodies.Path:
    """Where an answer's records stand together."""
    return bodies.steps(ground.spec(operation.id).items)


def _asked(request: SandboxRequest) -> dict[str, str]:
    return dict(request.query)


def _when(ground: Ground, operation: Operation, picks: Callable[[dict[str, str]], bool]) -> When:
    def when(request: SandboxRequest) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and picks(_asked(request))

    return when


def _alike(ground: Ground, case: Case) -> list[Operation]:
    """The case's list, and those that must list the same in another format."""
    own = str(case.arguments["operation"])
    names = [own]
    for other in ground.cases:
        pair = [str(one) for one in other.arguments.get("operations", ())] if other.family == "formats.same" else []
        names += pair if own in pair and other.arguments.get("list") else []
    return [one for name in dict.fromkeys(names) if (one := ground.operation(name)) is not None]


def _rows(ground: Ground, operation: Operation, case: Case, *parameters: str) -> tuple[str, ...]:
    """The rows that judge this, first those that ask like the case; that of the other format where there is none."""

    def like(one: Case) -> bool:
        mine = one.family == case.family and one.arguments.get("operation") == operation.id
        same = one.arguments.get("parameter") == case.arguments.get("parameter")
        return mine and same and bool(one.arguments.get("beside")) == bool(case.arguments.get("beside"))

    spans = ground.rows(
        lambda one: one.family.startswith("windows.") and one.arguments.get("operation") == operation.id
    )
    rows = (*ground.rows(like), *naming(ground, operation.id, *parameters), *spans)
    return ground.order(rows) or (case.requirement,)


def _alone(ground: Ground, operation: Operation, parameter: str) -> set[str]:
    """The values that the suite asked for with this parameter alone, and found something by."""
    found = set()
    for answer in ground.good(operation.id):
        asked = parse_qsl(answer.target.partition("?")[2])
        if len(asked) == 1 and asked[0][0] == parameter and "," not in asked[0][1] and answer.value:
            found.add(asked[0][1])
    return found
