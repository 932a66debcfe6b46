"""The switches that faults set and the endpoints read; untouched, the supplier conforms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .query import PARAMETERS, PREDICATES, Predicate
from .store import Collection, Record, serialise

Pick = Callable[[int, int, Record], bool]
"""Chooses records by position, by how many there are, and by what they hold."""

View = str
"""``listed`` or ``detailed``."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to some records of a collection as they are listed, or as they are read by id."""

    collection: str
    view: View
    change: Callable[[Record], Any]
    pick: Pick


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page of a list was made from."""

    collection: str
    number: int
    per_page: int
    ids: Sequence[str]
    everything: int
    """How many records there are without a filter."""


@dataclass(slots=True)
class Settings:
    """One supplier's behaviour. Mappings are keyed by the collection's path segment."""

    default_per_page: int = 25
    most_per_page: int = 100
    edits: list[Edit] = field(default_factory=list)
    discovery: dict[str, Any] = field(default_factory=dict)
    """Members of ``GET /`` to replace; None removes one, and {base} stands for the supplier's own address."""
    default_page: int = 1
    sizes: dict[str, Callable[[int], int]] = field(default_factory=dict)
    """The page size given for the one that was asked for and allowed."""
    predicates: dict[str, dict[str, Predicate | None]] = field(
        default_factory=lambda: {name: dict(PREDICATES) for name in PARAMETERS}
    )
    """What each filter of a collection asks; None ignores it."""
    any_filter_is_enough: set[str] = field(default_factory=set)
    filters_lost_on_small_pages: set[str] = field(default_factory=set)
    members: list[Callable[[dict[str, Any], PageContext], None]] = field(default_factory=list)
    """Changes to the seven members of a page, its contents left alone."""
    windows: list[Callable[[Sequence[str], PageContext], Sequence[str]]] = field(default_factory=list)
    """Changes to the ids on a page; each gets what the last one made."""
    instead: dict[str, Callable[[Mapping[str, Record], str], str]] = field(default_factory=dict)
    """Which record is answered when one is asked for by id."""
    missing: set[str] = field(default_factory=set)
    """Routes that do not exist: ``taxonomies`` or ``taxonomies/{id}``."""
    emptied: set[str] = field(default_factory=set)
    """Collections whose lists hold nothing."""


def edited(collection: Collection, edits: Sequence[Edit]) -> Collection:
    """The collection with the edits made; records that no edit picks stay as they were serialised."""
    mine = [edit for edit in edits if edit.collection == collection.name]
    if not mine:
        return collection
    listed, listed_json = _apply(collection.listed, collection.listed_json, mine, "listed")
    detailed, detailed_json = _apply(collection.detailed, collection.detailed_json, mine, "detailed")
    return Collection(collection.name, listed, detailed, listed_json, detailed_json, collection.facts)


def _apply(
    records: Mapping[str, Record], sent: Mapping[str, bytes], edits: Sequence[Edit], view: View
) -> tuple[dict[str, Record], dict[str, bytes]]:
    changed, changed_json = dict(records), dict(sent)
    for edit in edits:
        if edit.view != view:
            continue
        for position, key in enumerate(records):
            if edit.pick(position, len(records), changed[key]):
                record = copy.deepcopy(changed[key])
                edit.change(record)
                changed[key], changed_json[key] = record, serialise(record)
    return changed, changed_json
