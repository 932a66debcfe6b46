"""The switches that faults set and the endpoints read; untouched, the supplier conforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Body = Mapping[str, Any]
Problem = tuple[str, str]
"""The member that is wrong, as a path with dots, and why: a word."""


@dataclass(slots=True)
class Settings:
    """One supplier's behaviour."""

    ignored: set[tuple[str, str]] = field(default_factory=set)
    """Problems (member, reason) that are found and not minded; ``*`` stands for any reason."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Members that an error names by another name."""
    codes: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By list: codes that are accepted although they are not on it (True), or refused although they are (False)."""
    extra: list[Callable[[Body, date], Problem | None]] = field(default_factory=list)
    """Rules that there should not be."""
    decide: list[Callable[[Body, str, date], str]] = field(default_factory=list)
    """Changes to the outcome that the table gives."""
    listed: list[Callable[[dict[str, Any]], dict[str, Any] | None]] = field(default_factory=list)
    """Changes to entries of the reference data; None leaves one out."""
    added: list[dict[str, Any]] = field(default_factory=list)
    """Entries of the reference data that there should not be."""
    days: int = 0
    """How far the supplier's idea of today is off."""
    envelope: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    """Changes to the envelope of every answer."""
