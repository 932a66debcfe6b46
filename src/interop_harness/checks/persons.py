"""Whom a reference without an address means: a contained record, or an identifier alone.

For FHIR (R4 references.html): a reference is literal (``Patient/7``), leads to a record that is contained in its own
one (``#p``), or is logical: an identifier and no address. The last two are compared with the identifiers that a person
is known to carry. What cannot be compared says nothing, neither that it is this person nor that it is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from interop_harness.checks.values import Value, at, filled

SPACES = re.compile(r"[\s-]+")
FORMER = "old"
"""Identifier.use of a number that is no longer in use: whoever has another one now may have had it."""

Pair = tuple[str, str]


class Whose(Enum):
    MINE = "this person"
    ANOTHER = "another person"
    UNTOLD = "cannot be told"


@dataclass(frozen=True, slots=True)
class Person:
    """One person: ``carried`` identifiers, each system and value; ``listed``: systems of which these are all."""

    kind: str
    carried: frozenset[Pair]
    listed: frozenset[str]

    @classmethod
    def of(cls, kind: str, stated: Iterable[Pair], records: Sequence[Value]) -> Person:
        """From single identifiers that the target file states, and from the person's own record where one was read.

        A person may carry several numbers of one system, so only their own record shows which are all of them.
        """
        own = {pair for pair, _ in _identifiers(records, "/identifier/*")}
        carried = {_plain(*pair) for pair in stated if all(pair)} | own
        return cls(kind, frozenset(carried), frozenset(system for system, _ in own))

    def means(self, holder: Value, record: Value) -> Whose | None:
        """Whose a reference is that has no address of its own; None when it names nobody of the kind at all."""
        named = filled([holder], "/reference")
        if named and not str(named[0].value).startswith("#"):
            return None
        if not named:
            kinds = [str(each.value).rpartition("/")[2] for each in filled([holder], "/type")]
            return self._judged([holder], "/identifier") if not kinds or kinds == [self.kind] else None
        name = str(named[0].value)[1:]
        inside = [
            each
            for each in at([record], "/contained/*")
            if isinstance(each.value, Mapping) and str(each.value.get("id", "")).removeprefix("#") == name != ""
        ]
        kept = [each for each in inside if each.value.get("resourceType") == self.kind]
        return (self._judged(kept, "/identifier/*") or Whose.UNTOLD) if kept else None

    def _judged(self, places: Sequence[Value], path: str) -> Whose | None:
        found = filled(places, path)
        if not found:
            return None
        told = _identifiers(places, path)
        if any(pair in self.carried for pair, _ in told):
            return Whose.MINE
        if any(pair[0] in self.listed and use != FORMER for pair, use in told):
            return Whose.ANOTHER
        return Whose.UNTOLD


def _identifiers(places: Sequence[Value], path: str) -> list[tuple[Pair, str]]:
    """Each identifier that has a system and a value, with its use."""
    found = []
    for each in at(places, path):
        system, value, use = (
            str(each.value.get(name) or "") if isinstance(each.value, Mapping) else ""
            for name in ("system", "value", "use")
        )
        if system and value:
            found.append((_plain(system, value), use))
    return found


def _plain(system: str, value: str) -> Pair:
    """A number may be written in groups."""
    return system, SPACES.sub("", value)
