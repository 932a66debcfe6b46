"""The dataset as the reference supplier serves it: records composed, serialised and indexed once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from interop_harness.errors import ProfileError

Record = dict[str, Any]

ORGANIZATION_LISTS = ("organization_identifiers", "attributes")
LOCATION_LISTS = ("addresses", "accessibility", "attributes")
SERVICE_LISTS = (
    "schedules",
    "service_areas",
    "service_at_locations",
    "languages",
    "funding",
    "cost_options",
    "contacts",
    "attributes",
)
"""One-to-many members: present in a record read by id, absent from a list."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the filters ask of one service, or of one service at one location."""

    name: str
    text: str
    terms: frozenset[str]
    taxonomies: frozenset[str]
    minimum_age: float | None
    maximum_age: float | None
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    days: frozenset[str]
    wards: frozenset[str] | None
    """The wards served; None when the service names no area."""
    point: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of record, in the order it is served: as listed and as read by id, ready to send."""

    name: str
    listed: Mapping[str, Record]
    detailed: Mapping[str, Record]
    listed_json: Mapping[str, bytes]
    detailed_json: Mapping[str, bytes]
    facts: Mapping[str, Facts]


@dataclass(frozen=True, slots=True)
class Store:
    """Every collection by its path segment, and where each postcode lies."""

    collections: Mapping[str, Collection]
    postcodes: Mapping[str, tuple[str, float, float]]
    """Normalised postcode to ward, latitude and longitude of its middle."""


def serialise(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def minutes(clock: str) -> int:
    """Minutes after midnight; seconds and zone are left aside, every time here being local."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def normalise_postcode(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()


def without(record: Record, names: Iterable[str]) -> Record:
    dropped = set(names)
    return {key: value for key, value in record.items() if key not in dropped}


@lru_cache(maxsize=4)
def load(folder: Path, today: date) -> Store:
    """Read and compose the dataset as of a day; kept, since a self-test starts the supplier once a fault.

    Assurance dates move with the day, so that a directory that was freshly assured stays so.
    """
    return _Composer(folder, today - WRITTEN).store()


WRITTEN = date(2026, 11, 2)
"""The day the dataset's assurance dates were written for."""


class _Composer:
    """Joins the tables of the dataset into nested records."""

    def __init__(self, folder: Path, later: timedelta) -> None:
        self.folder = folder
        self.later = later
        self.taxonomies = self._table("taxonomies")
        self.terms = self._table("taxonomy_terms")
        self.organizations = {key: self._join(row) for key, row in self._table("organizations").items()}
        self.locations = {key: self._join(row) for key, row in self._table("locations").items()}
        self.services = {key: self._join(row) for key, row in self._table("services").items()}
        self.links = self._table("service_at_locations")
        self.wards = {row["uri"]: frozenset(row["wards"]) for row in self._rows("areas")}

    def _rows(self, name: str) -> list[Record]:
        path = self.folder / f"{name}.json"
        try:
            rows: list[Record] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ProfileError(
                "dataset-unreadable", f"The dataset file {path.name} cannot be read: {error}."
            ) from error
        return rows

    def _table(self, name: str) -> dict[str, Record]:
        return {row["id"]: row for row in self._rows(name)}

    def _join(self, value: Any) -> Any:
        """Nest the taxonomy term in every attribute, however deep the attribute stands."""
        if isinstance(value, list):
            return [self._join(item) for item in value]
        if not isinstance(value, dict):
            return value
        joined = {key: self._join(item) for key, item in value.items()}
        if self.later and "assured_date" in joined:
            joined["assured_date"] = (date.fromisoformat(joined["assured_date"]) + self.later).isoformat()
        if "taxonomy_term_id" in joined:
            joined["taxonomy_term"] = self.terms[joined["taxonomy_term_id"]]
        return joined

    def store(self) -> Store:
        collections = (
            self._services(),
            self._plain("taxonomies", self.taxonomies, {key: self._taxonomy(key) for key in self.taxonomies}),
            self._plain("taxonomy_terms", self.terms, self.terms),
            self._service_at_locations(),
        )
        postcodes = {
            normalise_postcode(row["postcode"]): (row["ward"], row["latitude"], row["longitude"])
            for row in self._rows("postcodes")
        }
        return Store({collection.name: collection for collection in collections}, postcodes)

    def _taxonomy(self, key: str) -> Record:
        terms = [term for term in self.terms.values() if term["taxonomy_id"] == key]
        return {**self.taxonomies[key], "taxonomy_terms": terms}

    def _plain(self, name: str, listed: Mapping[str, Record], detailed: Mapping[str, Record]) -> Collection:
        order = sorted(listed, key=lambda key: (listed[key]["name"], key))
        return _collection(name, order, listed, detailed, {})

    def _services(self) -> Collection:
        listed = {key: self._service(key, nested=False) for key in self.services}
        detailed = {key: self._service(key, nested=True) for key in self.services}
        for link in self.links.values():
            nested = {**link, "location": self.locations[link["location_id"]]}
            detailed[link["service_id"]].setdefault("service_at_locations", []).append(nested)
        order = sorted(listed, key=lambda key: (listed[key]["name"], key))
        facts = {key: self._facts(key, None) for key in order}
        return _collection("services", order, listed, detailed, facts)

    def _service(self, key: str, *, nested: bool) -> Record:
        row = self.services[key]
        organization = self.organizations[row["organization_id"]]
        record = dict(row) if nested else without(row, SERVICE_LISTS)
        if nested or len(row) > 4:  # listed with its four compulsory members alone when no more is known
            record["organization"] = organization if nested else without(organization, ORGANIZATION_LISTS)
        return record

    def _service_at_locations(self) -> Collection:
        listed, detailed = {}, {}
        for key, link in self.links.items():
            service, location = link["service_id"], self.locations[link["location_id"]]
            bare = len(location) == 2  # nothing is known of the place: the link stands alone
            listed[key] = link if bare else self._nest(link, without(location, LOCATION_LISTS), service, False)
            detailed[key] = link if bare else self._nest(link, location, service, True)
        names = {key: self.services[link["service_id"]]["name"] for key, link in self.links.items()}
        order = sorted(listed, key=lambda key: (names[key], key))
        facts = {key: self._facts(self.links[key]["service_id"], self.links[key]["location_id"]) for key in order}
        return _collection("service_at_locations", order, listed, detailed, facts)

    def _nest(self, link: Record, location: Record, service: str, nested: bool) -> Record:
        return {**link, "location": location, "service": self._service(service, nested=nested)}

    def _facts(self, service: str, location: str | None) -> Facts:
        row = self.services[service]
        terms = [self.terms[each["taxonomy_term_id"]] for each in row.get("attributes", ())]
        schedules = row.get("schedules", ())
        areas = [self.wards[each["uri"]] for each in row.get("service_areas", ())]
        place = self.locations[location] if location else {}
        return Facts(
            name=row["name"].casefold(),
            text=f"{row['name']}\n{row.get('description', '')}".casefold(),
            terms=frozenset(term["id"] for term in terms),
            taxonomies=frozenset(term["taxonomy_id"] for term in terms),
            minimum_age=row.get("minimum_age"),
            maximum_age=row.get("maximum_age"),
            opens=tuple(minutes(each["opens_at"]) for each in schedules),
            closes=tuple(minutes(each["closes_at"]) for each in schedules),
            days=frozenset(day for each in schedules for day in days_of(each["byday"])),
            wards=frozenset().union(*areas) if areas else None,
            point=(place["latitude"], place["longitude"]) if "latitude" in place else None,
        )


def days_of(byday: str) -> Iterator[str]:
    """The days that an iCalendar BYDAY names, without the number that a monthly one may carry."""
    return (part.strip()[-2:] for part in byday.split(","))


def _collection(
    name: str,
    order: Iterable[str],
    listed: Mapping[str, Record],
    detailed: Mapping[str, Record],
    facts: Mapping[str, Facts],
) -> Collection:
    keys = tuple(order)
    return Collection(
        name=name,
        listed={key: listed[key] for key in keys},
        detailed={key: detailed[key] for key in keys},
        listed_json={key: serialise(listed[key]) for key in keys},
        detailed_json={key: serialise(detailed[key]) for key in keys},
        facts=facts,
    )
