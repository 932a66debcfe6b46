"""What the endpoints read and faults set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

Change = Callable[[Any], Any]
"""Changes an answer's data in place, or returns other data to send instead."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of what one kind of answer says, in one format or in both (an empty ``format``)."""

    kind: str
    format: str
    change: Change


@dataclass(slots=True)
class Settings:
    """A supplier that keeps every rule, until a fault changes something here."""

    window_days: int = 90
    filters: set[str] = field(default_factory=lambda: {"ids", "service_code", "status", "start_date", "end_date"})
    """The parameters of /requests that are looked at."""
    several: set[str] = field(default_factory=lambda: {"service_request_id", "service_code", "status"})
    """The parameters that may hold several values divided by commas."""
    keeps: set[str] = field(
        default_factory=lambda: {
            *("key", "wrong-key", "code", "unknown"),
            *("place", "attributes", "every-attribute"),
        }
    )
    """What a submission is checked for."""
    careless: set[str] = field(default_factory=set)
    """What of that is not looked at where JSON is asked for."""
    ids_override: bool = True
    ends_included: bool = True
    zones: bool = True
    """Whether the zone of a parameter's moment is looked at."""
    empty_is_absent: bool = True
    late_by: timedelta = timedelta()
    """How much later than asked a span begins."""
    swapped: bool = False
    """Whether a filter by status returns the other status."""
    by_name: bool = False
    """Whether a filter by service looks at the service's name."""
    unseen: set[str] = field(default_factory=set)
    """Where new reports are not found: ``ids``, ``lists``, ``tokens``."""
    edits: list[Edit] = field(default_factory=list)
    kept: list[Callable[[Any, Any], None]] = field(default_factory=list)
    """Changes of a new report before it is kept, with the form it came in."""
    passes: set[str] = field(default_factory=set)
    """Nonsense that is let pass: ``bad-date``, ``bad-status``."""
    deaf: set[str] = field(default_factory=set)
    """Fields of a form that give no place."""
