"""Requirements, their levels and sources, and the words a verdict may use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

REQUIREMENT_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Za-z0-9_.]+)+\Z")
"""``PREFIX-AREA-NN`` for a written row, ``PREFIX-operationId-aspect`` for a generated one."""


class Level(StrEnum):
    """RFC 2119 levels, as the source's own words decide them."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Outcome(StrEnum):
    """The verdict of one case or one requirement."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not-applicable"
    OBSERVED = "observed"
    NOT_TESTED = "not-tested"
    DECLARED = "declared"


class Verdict(StrEnum):
    """The verdict of a run, of a conformance class or of a layer."""

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not-conformant"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """0 conformant, 1 not conformant, 3 the harness failed, 4 inconclusive."""
        return {"conformant": 0, "not-conformant": 1, "error": 3, "inconclusive": 4}[self.value]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a requirement is written: a document, the clause in it, and its address."""

    document: str
    clause: str
    url: str

    def as_json(self) -> dict[str, str]:
        return {"document": self.document, "clause": self.clause, "url": self.url}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing a profile asks, at one level, from one clause of one source.

    ``checks`` holds one mapping a case (``family`` and its arguments); a requirement without checks has
    either a ``declared`` question or a ``not_tested`` reason. ``observe`` marks behaviour that the
    standard leaves undefined: recorded, never judged.
    """

    id: str
    level: Level
    conformance_class: str
    statement: str
    source: Source
    basis: str
    layer: str
    checks: tuple[Mapping[str, Any], ...] = ()
    declared: str = ""
    not_tested: str = ""
    observe: bool = False
    overridable: bool = False
    not_applicable: str = ""
    skip_environments: tuple[str, ...] = ()
    needs_classes: tuple[str, ...] = ()
    """Classes that must be claimed beside the row's own for it to apply."""
    why: str = ""
    fix: str = ""
