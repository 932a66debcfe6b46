"""Mutants of code lists: near misses, codes of one's own, lists that lack a code or hold a withdrawn one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interop_harness.assurance.assay import bodies, near
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.members import spoil
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile.openapi import find


@rule("codelists.members")
def codes(ground: Ground, case: Case) -> Iterator[Mutant]:
    lists: Mapping[str, Sequence[Any]] = ground.profile.parameters.get("codelists", {})
    known = [code for name in case.arguments["lists"] for code in lists.get(name, ())]
    exact = case.arguments.get("exact") is True
    changes = [each for each in near.near_codes(known) if exact or each.kind in {"code-synonym", "code-number"}]
    yield from spoil(ground, case, str(case.arguments["member"]), changes)


@rule("codelists.served")
def not_served(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield from spoil(ground, case, str(case.arguments["member"]), [near.always("unlisted", "a code of no list", "Qzx")])


@rule("codelists.short")
def too_long(ground: Ground, case: Case) -> Iterator[Mutant]:
    text = "x" * (int(case.arguments["characters"]) + 1)
    yield from spoil(ground, case, str(case.arguments["member"]), [near.always("long", "a letter too long", text)])


@rule("codelists.complete")
def code_lost(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Every published code in turn is missing from the supplier's own list."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    listed = ground.profile.parameters.get("codelists", {}).get(case.arguments["list"], ())
    within, code, group = (str(case.arguments.get(name, "")) for name in ("within", "code", "group"))
    for lost in listed:
        where = (*ground.record_path(operation), *bodies.steps(str(case.arguments["each"])))

        def without(items: Any, lost: Any = lost) -> Any:
            if not isinstance(items, list):
                return items
            return [item for item in items if find(item, code) != lost or (within and find(item, group) != within)]

        yield mutant(
            operation.id,
            "code-lost",
            f"{case.arguments['list']}/{lost}",
            EVERY,
            f"{operation.path} does not list the code {lost}",
            ground.order((case.requirement, *ground.rows(lambda c: c.family.startswith("codelists.")))),
            edit(ground, operation, where[:-1] if where and where[-1] == "*" else where, without),
        )


@rule("codelists.absent")
def withdrawn(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    code, group = (bodies.steps(str(case.arguments[name])) for name in ("code", "group"))
    where = (*ground.record_path(operation), *bodies.steps(str(case.arguments["each"])))
    for old in [spelt for each in case.arguments["codes"] for spelt in (str(each), f"{each} ", str(each).lower())]:

        def added(items: Any, old: Any = old) -> Any:
            mine = [item for item in items if bodies.values(item, group) == [case.arguments["within"]]]
            return [*items, bodies.changed(mine[0], code, lambda _: old)] if mine else items

        yield mutant(
            operation.id,
            "code-withdrawn",
            str(old) if old == old.strip() else f"{old.strip()}-and-a-blank",
            EVERY,
            f"{operation.path} lists the withdrawn code {old!r}",
            ground.order((case.requirement,)),
            edit(ground, operation, where[:-1] if where and where[-1] == "*" else where, added),
        )


@rule("forms.options")
def no_options(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield from spoil(ground, case, str(case.arguments["options"]), [near.MISSING, near.always("no-items", "empty", [])])
