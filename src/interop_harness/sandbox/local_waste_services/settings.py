"""The switches that faults set and the endpoints read; untouched, the supplier conforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from .store import LONDON, Record

Change = Callable[[Record], object]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the records of a collection as they are listed, as they are read by id, or both."""

    collection: str
    views: tuple[str, ...]
    change: Change
    when: Callable[[Record], bool] = lambda record: True


@dataclass(slots=True)
class Settings:
    """One supplier's behaviour. Collections are named by their path segment."""

    zone: ZoneInfo = LONDON
    """Where it takes its day from."""
    behind: int = 0
    """Days by which the calendar was not brought up to date."""
    edits: list[Edit] = field(default_factory=list)
    ignored: set[tuple[str, str]] = field(default_factory=set)
    """Query parameters that do nothing, each with its collection."""
    emptied: set[str] = field(default_factory=set)
    missing: set[tuple[str, str]] = field(default_factory=set)
    """Records that are listed and not served, each with its collection."""
    doubled: set[str] = field(default_factory=set)
    """Collections whose first record is listed twice."""
    street_events: bool = True
    collections_of: str = ""
    """The one property whose collections everybody is shown."""
    property_collections: bool = True
    """Whether a single service shows a property's collections when a UPRN is given."""
    exclusive: set[tuple[str, str]] = field(default_factory=set)
    """Query parameters that lose records which should come."""
    swapped: set[str] = field(default_factory=set)
    """Collections whose single records are those of another id."""
    checked: bool = True
    """Whether query values are looked at before they are used."""
    refusal: int = 400
    error: Callable[[Record], object] | None = None
