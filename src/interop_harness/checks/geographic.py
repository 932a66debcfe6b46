"""Is what a search around a place returns near that place? Distances are judged with a margin."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from interop_harness.checks.filters import SHOWN, WITNESSES, Known
from interop_harness.checks.values import Value, at, filled, number
from interop_harness.evidence import Finding

EARTH_METRES = 6_371_008.8

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A record with one postcode and one pair of coordinates."""

    id: str
    postcode: str
    point: Point

    def to(self, other: Place) -> float:
        """The distance in metres."""
        return metres(self.point, other.point)


def metres(one: Point, other: Point) -> float:
    """Great-circle distance between two points of latitude and longitude in degrees."""
    north, south = math.radians(one[0]), math.radians(other[0])
    east = math.radians(other[1] - one[1])
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half)))


def point(record: Value, latitude: str, longitude: str) -> Point | None:
    """The coordinates of a record, when it has exactly one possible pair."""
    north = [number(found.value) for found in at([record], latitude)]
    east = [number(found.value) for found in at([record], longitude)]
    if len(north) != 1 or len(east) != 1 or north[0] is None or east[0] is None:
        return None
    possible = abs(north[0]) <= 90 and abs(east[0]) <= 180 and (north[0], east[0]) != (0, 0)
    return (north[0], east[0]) if possible else None


def plain(postcode: str) -> str:
    return re.sub(r"\s+", "", postcode).upper()


def places(known: Iterable[Known], postcode: str, latitude: str, longitude: str, margin: float) -> list[Place]:
    """The records that can serve as witnesses: one postcode, coordinates, and no other record that puts the
    same postcode farther away than ``margin``."""
    found = []
    for record in known:
        codes = {code.value.strip() for code in filled([record.value], postcode) if isinstance(code.value, str)}
        where = point(record.value, latitude, longitude)
        if len(codes) == 1 and where is not None:
            found.append(Place(record.id, codes.pop(), where))
    spots: dict[str, list[Point]] = {}
    for place in found:
        spots.setdefault(plain(place.postcode), []).append(place.point)
    return [
        place for place in found if all(metres(place.point, other) <= margin for other in spots[plain(place.postcode)])
    ]


def choose(found: Sequence[Place], rank: Callable[[str], str], count: int = WITNESSES) -> list[Place]:
    """Up to ``count`` places from different parts of the list, with different postcodes."""
    chosen: list[Place] = []
    for part in range(count):
        span = found[part * len(found) // count : (part + 1) * len(found) // count]
        taken = {plain(place.postcode) for place in chosen}
        drawn = sorted(span, key=lambda place: rank(f"place witness {place.id}"))
        chosen += [place for place in drawn if plain(place.postcode) not in taken][:1]
    return chosen


APART = 1000
"""Metres between a place and a neighbour, so that the neighbour cannot lie at the middle of the same postcode."""


def neighbours(place: Place, found: Iterable[Place], within: float) -> list[Place]:
    """Places with another postcode, a walk away but no farther than ``within`` metres."""
    own = plain(place.postcode)
    return [other for other in found if plain(other.postcode) != own and APART < place.to(other) <= within]


def too_far(
    place: Place, reach: float, margin: float, asked: str, returned: Sequence[tuple[str, Value, Point]]
) -> Iterator[Finding]:
    """Returned records that lie farther from the place than was asked for, by more than the margin."""
    named = 0
    for identifier, listed, where in returned:
        distance = metres(place.point, where)
        if distance > reach + margin and named < SHOWN:
            named += 1
            observed = f"record {identifier}, about {distance / 1000:.0f} km from {place.postcode}"
            yield Finding(f"only places near by for {asked}", observed, listed.exchange, listed.pointer)


@dataclass(frozen=True, slots=True)
class Circle:
    """What a reach returned: how many records, and which, where all of them could be read."""

    count: int
    ids: frozenset[str] | None
    exchange: str


def fewer(parameter: str, circles: Mapping[int, Circle], around: str) -> Iterator[Finding]:
    """A larger reach (in metres) that lacks records of a smaller one."""
    for small, large in pairwise(sorted(circles)):
        inner, outer = circles[small], circles[large]
        expected = f"the {inner.count} record(s) of {parameter}={small} for {parameter}={large} too, around {around}"
        if inner.ids is not None and outer.ids is not None:
            if inner.ids - outer.ids:
                observed = f"{outer.count} record(s), {len(inner.ids - outer.ids)} of the others missing"
                yield Finding(expected, observed, outer.exchange)
        elif outer.count < inner.count:
            yield Finding(expected, f"{outer.count} record(s)", outer.exchange)
