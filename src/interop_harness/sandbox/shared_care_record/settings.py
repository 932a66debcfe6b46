"""What the endpoints read and faults set; untouched, the supplier conforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .store import CLINICAL

Change = Callable[[Any], Any]
"""Changes an answer's data in place, or returns other data to send instead."""


@dataclass(slots=True)
class Settings:
    """A supplier that keeps every rule, until a fault changes something here."""

    page: int = 10
    ignored: set[tuple[str, str]] = field(default_factory=set)
    """Search parameters that are accepted and do nothing, each with its resource type."""
    beside: set[tuple[str, str]] = field(default_factory=set)
    """Pairs of parameters of which the first does nothing while the second is there."""
    lost: set[tuple[str, str]] = field(default_factory=set)
    """Search parameters that lose the first record which should come, each with its resource type."""
    systems: bool = True
    """Whether the system of an identifier is looked at."""
    names: set[str] = field(default_factory=lambda: {"family", "given", "prefix"})
    """The parts of a name that a search by name looks at."""
    whole: set[str] = field(default_factory=set)
    """Parameters that compare a name as a whole and not from its beginning."""
    dates: set[str] = field(default_factory=lambda: {"checked", "parts", "prefixes", "several", "days"})
    """What is understood of dates."""
    guess: bool = False
    """Whether somebody is shown where nobody has the identifier."""
    leaks: set[str] = field(default_factory=set)
    """Types whose later pages, of a size that was asked for, forget whose records were asked for."""
    shared: set[str] = field(default_factory=set)
    """Types of which one patient's first record comes, under another's name, for others too."""
    closed: bool = True
    """Whether records are given only to those who say who they are."""
    readable: set[str] = field(default_factory=lambda: {"Patient", *CLINICAL})
    """Types that can be read by id."""
    missing: set[str] = field(default_factory=set)
    """Types whose search answers 404 when it finds nothing."""
    strict: bool = False
    """Whether unknown parameters are refused without being asked to."""
    counted: bool = True
    """Whether _count is looked at."""
    edits: dict[str, list[Change]] = field(default_factory=dict)
    """By resource type: changes of a resource before it is sent. Bundle is the answer to a search as a whole."""
    paging: list[Callable[[Any, str, int], None]] = field(default_factory=list)
    """Changes of a Bundle that come with the type that was searched and the number of the page."""
    overlap: int = 0
    """Records by which a page begins too late (or, below nought, too early)."""
