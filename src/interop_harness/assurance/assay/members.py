"""Mutants of members that a requirement names: left out, blank, out of form, out of range, at odds with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.bodies import Path
from interop_harness.assurance.assay.ground import EVERY, ONE, Ground, drawn, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.near import Near
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

OTHER_ID = "11111111-1111-4111-8111-111111111111"


def spoil(
    ground: Ground, case: Case, member: str, changes: Sequence[Near], scopes: Sequence[str] = ()
) -> Iterator[Mutant]:
    """Each change on the member of a record that the case names, wherever the clean answers have it."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    each = bodies.steps(str(case.arguments.get("each", "")))
    path = (*ground.record_path(operation), *each, *bodies.steps(member))
    site = shape.site_at(ground, operation, path)
    if site is None:
        return
    for change in changes:
        yield from shape.scoped(ground, site, change, (case.requirement,), scopes)


@rule("fields.required")
def required(ground: Ground, case: Case) -> Iterator[Mutant]:
    for member in case.arguments["members"]:
        yield from spoil(ground, case, member, [near.MISSING])
        yield from spoil(ground, case, member, [near.NULL], [EVERY])


@rule("fields.populated")
def populated(ground: Ground, case: Case) -> Iterator[Mutant]:
    for member in case.arguments["members"]:
        yield from spoil(ground, case, member, [near.EMPTY, near.BLANK])


@rule("fields.no_empty_values")
def no_empty_values(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Three optional members of the first record, one null, one empty, one with nothing in it."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    record = ground.record_path(operation)
    open_ = [
        site
        for site in shape.sites(ground, operation)
        if site.path[: len(record)] == record
        and "*" not in site.path[len(record) :]
        and isinstance(site.value, str)
        and not shape.breaks(ground, site, near.MISSING)
        and not ground.about(operation.id, site.path[len(record) :])
    ]
    for number, change in enumerate((near.NULL, near.EMPTY)):
        for site in open_[drawn(operation.id, max(len(open_) - 1, 1)) + number :][:1]:
            yield from shape.scoped(ground, site, change, (case.requirement,), [ONE])


@rule("fields.identity")
def identity(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    record = ground.record_path(operation)
    key, nested = (bodies.steps(str(case.arguments[name])) for name in ("key", "nested"))

    def neither(value: Any) -> Any:
        value = bodies.changed(value, key, lambda _: bodies.DROP)
        return bodies.changed(value, nested[:1], lambda _: bodies.DROP)

    yield mutant(
        operation.id,
        "belongs-to-nothing",
        "/".join(key),
        EVERY,
        f"{operation.path}: records have neither {'/'.join(key)} nor {'/'.join(nested)}",
        ground.order((case.requirement, *ground.generated(operation.id, "schema"))),
        edit(ground, operation, record, neither),
    )


@rule("fields.organization_identity")
def one_name(ground: Ground, case: Case) -> Iterator[Mutant]:
    for member in case.arguments["members"]:
        yield from spoil(ground, case, member, [near.always("other-name", "another name", "Another Name Ltd")], [ONE])


@rule("fields.parent_child_ids")
def parents(ground: Ground, case: Case) -> Iterator[Mutant]:
    for pair in case.arguments["pairs"]:
        crossed = near.always("crossed", "the id of something else", OTHER_ID)
        yield from spoil(ground, case, str(pair["child"]), [crossed])


@rule("fields.unique_nested_ids", "forms.keys")
def nested_twice(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    members = case.arguments.get("members")
    if members is None:  # the options of a form's fields
        members = [f"{case.arguments['each']}{case.arguments['options']}/*{case.arguments['key']}"]
    for member in members:
        path = (*ground.record_path(operation), *bodies.steps(member))
        star = len(path) - 1 - path[::-1].index("*")

        def twice(items: Any, rest: Path = path[star + 1 :]) -> Any:
            if isinstance(items, list) and len(items) > 1:
                first = next(iter(bodies.values(items[0], rest)), None)
                return [*items[:-1], bodies.changed(items[-1], rest, lambda _: first)]
            return items

        yield mutant(
            operation.id,
            "id-twice",
            "/".join(path),
            EVERY,
            f"{operation.path}: the last of several at {'/'.join(path[:star])} has the first one's {path[-1]}",
            ground.order((case.requirement, *ground.about(operation.id, bodies.steps(member)))),
            edit(ground, operation, path[:star], twice),
        )


@rule("fields.order")
def order(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    first, second = (bodies.steps(str(case.arguments[name])) for name in ("first", "second"))
    each = bodies.steps(str(case.arguments.get("each", "")))

    def swapped(value: Any) -> Any:
        low, high = next(iter(bodies.values(value, first)), None), next(iter(bodies.values(value, second)), None)
        if low is not None and high is not None:
            value = bodies.changed(value, first, lambda _: high)
            value = bodies.changed(value, second, lambda _: low)
        return value

    yield mutant(
        operation.id,
        "swapped",
        "/".join((*each, *first)),
        EVERY,
        f"{operation.path}: {'/'.join(first)} and {'/'.join(second)} are exchanged",
        ground.order((case.requirement, *ground.about(operation.id, (*each, *first)))),
        edit(ground, operation, (*ground.record_path(operation), *each), swapped),
    )


@rule("fields.range")
def outside(ground: Ground, case: Case) -> Iterator[Mutant]:
    low, high = case.arguments.get("minimum"), case.arguments.get("maximum")
    changes = [near.always("too-small", f"below {low}", low - 1)] if low is not None else []
    changes += [near.always("too-large", f"above {high}", high + 1)] if high is not None else []
    for member in case.arguments["members"]:
        yield from spoil(ground, case, member, changes)


@rule("fields.coordinates")
def coordinates(ground: Ground, case: Case) -> Iterator[Mutant]:
    bounds = case.arguments["bounds"]
    names = (str(case.arguments["latitude"]), str(case.arguments["longitude"]))
    for name, world, far in zip(names, (95.5, 190.5), (0, 9.5), strict=True):
        change = (
            near.always("off-the-globe", "more degrees than there are", world)
            if bounds == "world"
            else near.always("abroad", "a place in another country", far)
        )
        yield from spoil(ground, case, name, [change])


@rule("fields.depends")
def alone(ground: Ground, case: Case) -> Iterator[Mutant]:
    for other in case.arguments.get("requires", ()):
        yield from spoil(ground, case, other, [near.MISSING], [EVERY])
    for other in case.arguments.get("values", {}):
        yield from spoil(ground, case, other, [near.always("other-value", "another value", "YEARLY")], [EVERY])


@rule("fields.format")
def formats(ground: Ground, case: Case) -> Iterator[Mutant]:
    known = near.FORMATS.get(str(case.arguments["format"]), ())
    yield from spoil(ground, case, str(case.arguments["member"]), known, [EVERY] if "when" in case.arguments else [])


@rule("fields.kind")
def kinds(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    site = shape.site_at(
        ground, operation, (*ground.record_path(operation), *bodies.steps(str(case.arguments["member"])))
    )
    if site is not None:
        for change in near.other_types(site.value):
            yield from shape.scoped(ground, site, change, (case.requirement,))


@rule("fields.one_of")
def one_of(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield from spoil(ground, case, str(case.arguments["member"]), list(near.near_codes(case.arguments["values"])))


@rule("identifiers.uprn_usrn")
def registers(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Property and street references with a digit too many, or with a letter."""
    named = case.arguments.get("operation")
    chosen = [ground.operation(str(named))] if named else ground.operations
    for operation in chosen:
        for site in shape.sites(ground, operation) if operation is not None else ():
            name = site.path[-1].casefold()
            if named:
                if name != case.arguments["value"]:
                    continue
            elif name not in {"uprn", "usrn"}:
                continue
            for change in (
                near.always("too-many-digits", "a digit too many", "1234567890123"),
                Near("letter", "with a letter before it", lambda old: f"U{old}"),
            ):
                yield from shape.scoped(ground, site, change, (case.requirement,), [EVERY])


@rule("identifiers.mistakable")
def mistakable(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    member = bodies.steps(str(case.arguments["member"]))
    key = bodies.steps(ground.spec(operation.id).id)

    def taken(record: Any) -> Any:
        return record if bodies.values(record, member) else bodies.changed(record, key, lambda _: "10001234567")

    yield mutant(
        operation.id,
        "mistakable-id",
        "/".join(key),
        EVERY,
        f"{operation.path}: records without {'/'.join(member)} have an id that looks like one",
        ground.order((case.requirement, *ground.about(operation.id, key))),
        edit(ground, operation, ground.record_path(operation), taken),
    )


@rule("formats.entry")
def entry(ground: Ground, case: Case) -> Iterator[Mutant]:
    """What an entry must say is said by none: another value, or the member left out."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    each = bodies.steps(str(case.arguments.get("each", "")))
    wanted = {**case.arguments.get("where", {}), **case.arguments.get("holds", {})}
    base = each if each and each[-1] != "*" else each[:-1]
    items = isinstance(next(iter(bodies.values(ground.good(operation.id)[0].value, base)), None), list)
    where = (*base, "*") if items else base
    if not wanted and base:
        yield mutant(
            operation.id,
            "no-entries",
            "/".join(base),
            EVERY,
            f"{operation.path}: there is nothing at {'/'.join(base)}",
            ground.order((case.requirement, *ground.generated(operation.id, "schema"))),
            edit(ground, operation, base, lambda old: []),
        )
    for pointer in wanted:
        path = (*where, *bodies.steps(pointer))
        site = shape.site_at(ground, operation, path)
        if site is not None:
            change = Near("other", "something else", lambda old: ["text/plain"] if isinstance(old, list) else "other")
            yield from shape.scoped(ground, site, change, (case.requirement,), [EVERY])
