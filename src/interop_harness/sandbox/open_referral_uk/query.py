"""The query parameters: which operation takes which, what a value may be, and what each one asks.

The published descriptions decide. Where they leave room, this is the reading taken:

* ``minimum_age=N``: services whose own minimum age is N or more; ``maximum_age=N``: services whose own maximum
  age is N or less (the words of the published parameters, although a resident's age would be more useful).
  A service that states no such age does not come back.
* ``start_time``: some schedule opens at that time or later; ``end_time``: some schedule closes at that time or
  earlier; ``day``: some schedule names that day (2TU is a Tuesday). The zone of a schedule's times is left
  aside. Each parameter may be met by another schedule of the same service: parameters are cumulative over
  services, and nothing published says over schedules.
* ``search``: every word occurs in the name or the description, whatever its case.
* ``taxonomy_id``: some term of the service belongs to that taxonomy; ``taxonomy_term_id``: that very term.
* ``postcode``: the service's areas hold the postcode; a service that names no area serves every postcode. With
  ``proximity`` the location must also lie within so many metres of the middle of the postcode; a location
  without coordinates does not. A postcode that the dataset's table does not hold matches nothing.
  ``proximity`` without ``postcode`` has nothing to measure from and asks nothing.
* A parameter given twice is refused, as is a value that cannot be read; parameters that are not known are
  passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .store import Facts, Store, minutes, normalise_postcode

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)
NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?\Z", re.ASCII)
WHOLE = re.compile(r"\d{1,40}\Z", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII | re.IGNORECASE)
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}\Z", re.ASCII)
OLDEST = 130
EARTH_METRES = 6_371_008.8

PAGING = ("page", "per_page")
SERVICE_FILTERS = (
    "search",
    "taxonomy_term_id",
    "taxonomy_id",
    "minimum_age",
    "maximum_age",
    "start_time",
    "end_time",
    "day",
)
LINK_FILTERS = (*SERVICE_FILTERS, "postcode", "proximity")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "services": (*PAGING, *SERVICE_FILTERS),
    "taxonomies": PAGING,
    "taxonomy_terms": PAGING,
    "service_at_locations": (*PAGING, *LINK_FILTERS),
}


class BadParameterError(Exception):
    """A parameter whose value cannot be read."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(name)
        self.name = name
        self.expected = expected


Predicate = Callable[[Facts, Any], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode that was asked for: its ward and its middle, or nothing when it is not in the table."""

    ward: str = ""
    point: tuple[float, float] | None = None
    within: int | None = None


def _whole(text: str) -> int:
    if not WHOLE.match(text) or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _age(text: str) -> float:
    if not NUMBER.match(text) or not 0 <= float(text) <= OLDEST:
        raise ValueError(f"an age in years from 0 to {OLDEST}")
    return float(text)


def _metres(text: str) -> int:
    if not WHOLE.match(text) or int(text) < 1:
        raise ValueError("a whole number of metres from 1")
    return int(text)


def _id(text: str) -> str:
    if not UUID.match(text):
        raise ValueError("a UUID")
    return text.lower()


def _postcode(text: str) -> str:
    code = normalise_postcode(text)
    if not POSTCODE.match(code):
        raise ValueError("a United Kingdom postcode")
    return code


def _time(text: str) -> int:
    if not TIME.match(text):
        raise ValueError("a time of day such as 09:30")
    return minutes(text)


def _day(text: str) -> str:
    if text not in DAYS:
        raise ValueError(f"one of {', '.join(DAYS)}")
    return text


READERS: Mapping[str, Callable[[str], Any]] = {
    "page": _whole,
    "per_page": _whole,
    "search": lambda text: tuple(text.casefold().split()),
    "taxonomy_term_id": _id,
    "taxonomy_id": _id,
    "minimum_age": _age,
    "maximum_age": _age,
    "start_time": _time,
    "end_time": _time,
    "day": _day,
    "postcode": _postcode,
    "proximity": _metres,
}


def is_near(facts: Facts, place: Place) -> bool:
    if facts.point is None or place.point is None or place.within is None:
        return False
    return metres(facts.point, place.point) <= place.within


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two points of latitude and longitude in degrees."""
    (north, east), (north_2, east_2) = one, other
    first, second = math.radians(north), math.radians(north_2)
    half = (
        math.sin((second - first) / 2) ** 2
        + math.cos(first) * math.cos(second) * math.sin(math.radians(east_2 - east) / 2) ** 2
    )
    return 2 * EARTH_METRES * math.asin(math.sqrt(half))


PREDICATES: Mapping[str, Predicate] = {
    "search": lambda facts, value: all(word in facts.text for word in value),
    "taxonomy_term_id": lambda facts, value: value in facts.terms,
    "taxonomy_id": lambda facts, value: value in facts.taxonomies,
    "minimum_age": lambda facts, value: facts.minimum_age is not None and facts.minimum_age >= value,
    "maximum_age": lambda facts, value: facts.maximum_age is not None and facts.maximum_age <= value,
    "start_time": lambda facts, value: any(opens >= value for opens in facts.opens),
    "end_time": lambda facts, value: any(closes <= value for closes in facts.closes),
    "day": lambda facts, value: value in facts.days,
    "postcode": lambda facts, value: bool(value.ward) and (facts.wards is None or value.ward in facts.wards),
    "proximity": is_near,
}


def read(collection: str, query: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The values asked for, by parameter; BadParameterError for one that cannot be read."""
    known = PARAMETERS[collection]
    values: dict[str, Any] = {}
    for name, text in query:
        if name not in known:
            continue
        if name in values:
            raise BadParameterError(name, "given once")
        try:
            values[name] = READERS[name](text)
        except ValueError as error:
            raise BadParameterError(name, str(error)) from None
    return values


def locate(store: Store, values: dict[str, Any]) -> dict[str, Any]:
    """Look the postcode up; postcode and proximity become one place, asked about twice."""
    within = values.pop("proximity", None)
    if "postcode" not in values:
        return values
    ward, *point = store.postcodes.get(values["postcode"], ("",))
    place = Place(ward, (point[0], point[1]) if point else None, within)
    located = {**values, "postcode": place}
    return located if within is None else {**located, "proximity": place}
