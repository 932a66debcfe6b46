"""Mutants of text that was encoded once too often on its way to one of two places: bytes as letters, entities."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case


def double_utf8(old: Any) -> Any:
    """UTF-8 taken for Latin-1 and encoded again: two letters for every accented one."""
    return old.encode("utf-8").decode("latin-1") if isinstance(old, str) else old


def entities(old: Any) -> Any:
    """Text escaped for HTML where nobody will read it as HTML."""
    if not isinstance(old, str):
        return old
    return html.escape(old).encode("ascii", "xmlcharrefreplace").decode("ascii")


WAYS = (
    ("double-utf-8", "is encoded as UTF-8 twice", double_utf8),
    ("entities", "is escaped for HTML", entities),
)


@rule("references.list_detail_agree")
def in_the_record_only(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Everywhere alike it could not be told from text that is meant so; against the list it can."""
    item = ground.operation(str(case.arguments["item"]))
    if item is None:
        return
    listed = {
        ground.id_of(str(case.arguments["operation"]), one): one
        for one in ground.records(str(case.arguments["operation"]))
    }
    detailed = ground.details(str(case.arguments["operation"]), item.id)
    record = ground.record_path(item)
    for member in case.arguments["members"]:
        path = bodies.steps(str(member))
        for kind, told, change in WAYS:
            telling = any(
                bodies.values(own, path) == bodies.values(listed[name], path) and change(text) != text
                for name, own in detailed.items()
                if name in listed and isinstance(own, dict)
                for text in bodies.values(own, path)
            )
            if telling:
                yield mutant(
                    item.id,
                    kind,
                    "/".join(path),
                    EVERY,
                    f"{item.path}: {'/'.join(path)} {told}, in the list it is not",
                    ground.order(
                        (case.requirement, *ground.about(item.id, path), *ground.generated(item.id, "schema"))
                    ),
                    edit(ground, item, (*record, *path), change),
                )
