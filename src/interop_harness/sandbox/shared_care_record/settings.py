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
    foreign: set[str] = field(default_factory=set)
    """Types whose search for a patient adds a record of somebody else."""
    foreign_after: set[str] = field(default_factory=set)
    """Types whose later pages forget whose records were asked for."""
    lost: set[tuple[str, str]] = field(default_factory=set)
    """Search parameters that lose the first record which should come, each with its resource type."""
    loose: set[str] = field(default_factory=set)
    """What is taken too lightly: ``system``, ``value``, ``case``, ``dates``."""
    closed: bool = True
    """Whether records are given only to those who say who they are."""
    readable: set[str] = field(default_factory=lambda: {"Patient", *CLINICAL})
    """Types that can be read by id."""
    missing_is_404: bool = False
    """Whether a search that finds nothing answers 404."""
    edits: dict[str, list[Change]] = field(default_factory=dict)
    """By resource type: changes of a resource before it is sent. ``Bundle`` is the answer to a search as a whole."""
    paging: list[Callable[[Any, int], None]] = field(default_factory=list)
    """Changes of a Bundle that come with the number of its page."""
    overlap: int = 0
    """Records by which a page begins too late (or, below nought, too early)."""
