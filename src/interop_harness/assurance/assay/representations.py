"""Mutants of one content in two formats that no longer say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

if TYPE_CHECKING:
    pass


@rule("formats.same")
def disagree(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each member of the second format says something else than in the first."""
    from interop_harness.assurance.assay import near, shape

    second = ground.operation(str(case.arguments["operations"][1]))
    if second is None:
        return
    for site in shape.sites(ground, second):
        if isinstance(site.value, (dict, list)) or site.value in (None, ""):
            continue
        change = near.Near("other-in-this-format", "another value", _another)
        if shape.breaks(ground, site, change):
            continue
        yield from shape.scoped(ground, site, change, (case.requirement,), [EVERY])
        if not shape.breaks(ground, site, near.MISSING):
            gone = near.Near("missing-in-this-format", "left out", lambda _: bodies.DROP)
            yield from shape.scoped(ground, site, gone, (case.requirement,), [EVERY])


def _another(old: Any) -> Any:
    if isinstance(old, bool):
        return not old
    if isinstance(old, (int, float)):
        return old + 3
    text = str(old)
    if text[:2] == "20" and text[4:5] == "-":
        return text.replace(text[:4], str(int(text[:4]) - 1), 1)
    return f"{text} x" if text else "x"
