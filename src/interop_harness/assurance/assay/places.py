"""What the arguments of a case name: words, and places in a body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.bodies import Path
from interop_harness.plan import Case

if TYPE_CHECKING:
    pass


def words_of(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from words_of(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from words_of(value)


def names_place(case: Case, wanted: Path) -> bool:
    prefix = bodies.steps(str(case.arguments.get("each", "")))
    for word in words_of({key: value for key, value in case.arguments.items() if key not in NO_PLACES}):
        found = tuple(step for step in bodies.steps(word) if step != "*")
        for full in (found, (*(step for step in prefix if step != "*"), *found)):
            if full and (wanted[: len(full)] == full or full[: len(wanted)] == wanted):
                return True
    return False


NO_PLACES = frozenset({"operation", "operations", "item", "detail", "target", "list", "family", "match", "format"})
