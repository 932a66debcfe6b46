"""Members that a supplier may lawfully leave out, fill otherwise or add, and other legal ways to write a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.ground import Ground, drawn, edit
from interop_harness.assurance.assay.mutant import Apply
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import Handler

Make = Callable[[Ground, str], "Apply | None"]
"""A way to differ, for one profile: None where it does not apply. The text is the seed, for ways that draw."""


@cache
def _free(ground: Ground) -> tuple[tuple[Operation, shape.Site], ...]:
    """Members that may be left out: the schema holds without them, and no requirement names them."""
    return tuple(_unnamed(ground))


def _unnamed(ground: Ground) -> Iterator[tuple[Operation, shape.Site]]:
    for operation in ground.operations:
        record = ground.record_path(operation)
        for site in shape.sites(ground, operation):
            below = site.path[len(record) :]
            if site.path[: len(record)] != record or not below or "*" in below or not operation.safe:
                continue
            if isinstance(site.value, str) and not ground.about(operation.id, below):
                yield operation, site


def _named(ground: Ground, seed: str) -> str:
    """The name of one free member, the same wherever records have it."""
    names = sorted({site.path[-1] for _, site in _free(ground)} - _kept(ground))
    return names[drawn(seed, len(names))] if names else ""


@cache
def _kept(ground: Ground) -> set[str]:
    """Names that something looks at somewhere: they are left alone everywhere."""
    named = {
        site.path[-1] for one in ground.operations for site in shape.sites(ground, one) if _looked_at(ground, one, site)
    }
    compared = {word for case in ground.cases for word in _members(case.arguments)}
    return named | compared


def _looked_at(ground: Ground, operation: Operation, site: shape.Site) -> bool:
    record = ground.record_path(operation)
    return bool(ground.about(operation.id, site.path[len(record) :]))


def _members(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node.rpartition("/")[2]
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _members(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _members(value)


def everywhere(change: Callable[[Any], Any], allowed: Callable[[shape.Site], bool] = lambda site: True) -> Make:
    """One free member changed in every record of every operation that has it, as far as the schema allows."""

    def made(ground: Ground, seed: str) -> Apply | None:
        name = _named(ground, seed)
        way = near.Near("variety", "", change)
        wraps = [
            edit(ground, operation, site.path, change)
            for operation, site in _free(ground)
            if site.path[-1] == name and allowed(site) and not shape.breaks(ground, site, way)
        ]
        if not wraps or ground.families("formats.same"):
            return None
        return _chain(wraps)

    return made


def _chain(wraps: Sequence[Apply]) -> Apply:
    def apply(handler: Handler) -> Handler:
        for wrap in wraps:
            handler = wrap(handler)
        return handler

    return apply


def plain_text(site: shape.Site) -> bool:
    return not site.formats and not site.codes


def extra(name: str, value: Any) -> Make:
    """Members that the standard does not know, on every record."""

    def made(ground: Ground, seed: str) -> Apply | None:
        wraps = []
        for operation in ground.operations:
            if ground.in_xml(operation) or not operation.safe or ground.families("formats.same"):
                continue
            record = ground.record_path(operation)
            good = ground.good(operation.id)[0]
            added = bodies.changed(good.value, record, _adding(name, value))
            if added != good.value and not ground.breaks_schema(operation, added, good.status):
                wraps.append(edit(ground, operation, record, _adding(name, value)))
        return _chain(wraps) if wraps else None

    return made


def _adding(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda record: {**record, name: value} if isinstance(record, dict) else record


def moments(change: Callable[[str], str]) -> Make:
    """Moments written in another legal way, everywhere alike."""

    def made(ground: Ground, seed: str) -> Apply | None:
        wraps = [
            edit(ground, operation, site.path, lambda old: change(old) if isinstance(old, str) else old)
            for operation in ground.operations
            for site in shape.sites(ground, operation)
            if "date-time" in site.formats and isinstance(site.value, str) and operation.safe
        ]
        return _chain(wraps) if wraps and not ground.families("formats.same") else None

    return made


def fractions(ground: Ground, seed: str) -> Apply | None:
    """Numbers that need no fraction are written with one: 18.0 is 18."""
    wraps = []
    for operation in ground.operations:
        for site in shape.sites(ground, operation):
            if type(site.value) is int and not ground.in_xml(operation) and operation.safe:
                way = near.Near("variety", "", lambda old: old + 0.5 if type(old) is int else old)
                if not shape.breaks(ground, site, way):  # the schema asks for no whole number
                    wraps.append(edit(ground, operation, site.path, lambda o: float(o) if type(o) is int else o))
    return _chain(wraps) if wraps and not ground.families("formats.same") else None
