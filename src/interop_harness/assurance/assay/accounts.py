"""Mutants of a record's own address that say otherwise than the list, inside what both of them say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.ground import ONE, Ground, drawn, edit
from interop_harness.assurance.assay.links import _before, _both
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case

EACH = 3
"""So many places of one member are tried."""


def _anothers(old: Any) -> Any:
    """What another record has there: an address of its own path, or another value of the same kind."""
    if isinstance(old, str) and old.isdigit():
        return f"{old[:-1]}{'2' if old.endswith('1') else '1'}"
    return f"{old}-2" if isinstance(old, str) and ("://" in old or old.startswith("/")) else _before(old)


OTHERS = near.Near("of-another", "what another record has", _anothers)


@rule("references.list_detail_agree")
def of_another(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Something of another record stands in one record: the customer, the address, the containers."""
    item = ground.operation(str(case.arguments["item"]))
    if item is None:
        return
    record = ground.record_path(item)
    for member in case.arguments.get("alike", ()):
        above = (*record, *bodies.steps(member))
        inside = [site for site in shape.sites(ground, item) if site.path[: len(above)] == above and _said(site)]
        start = drawn(f"{item.id} {member}", max(len(inside), 1))
        for site in (inside[start:] + inside[:start])[:EACH]:
            pair = _both(ground, case, site)
            if not pair:
                continue
            chosen = pair[drawn(site.where, len(pair))]
            for made in shape.scoped(ground, site, OTHERS, (case.requirement,), [ONE]):
                yield replace(
                    made,
                    description=f"{item.path}: {site.where} is {OTHERS.told} at {chosen}",
                    apply=edit(ground, item, site.path, _anothers, ONE, chosen=chosen),
                )


def _said(site: shape.Site) -> bool:
    """A value of its own: what a member is called by, and of which type, other texts may leave out."""
    return not site.path[-1].startswith("@") and isinstance(site.value, (str, int, float))
