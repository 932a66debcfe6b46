"""Whether two clients were answered alike: what an answer is compared by, and which differences hold every time.

Shape and values are looked at apart. What the suite itself gets otherwise from one time to the next says nothing about
who asks, and what a client hears of its own name, or in the language that it asked for, is no other treatment.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from interop_harness.evidence import Exchange

MAX_VALUES = 20_000
MAX_ITEMS = 500
MAX_DEPTH = 40
MAX_NAME = 100
ABOVE_ALL = ("status", "media type")
"""What an answer is before anything is said in it."""
IN_A_LANGUAGE = {"a text", "an empty text", "null", "an address", "a number as text"}
"""What may stand for one another where a text is there in one language only; an absent member may, too."""
_SUITE = re.compile(r"python-httpx/\w{1,10}(?:\.\w{1,10}){0,5}")

Values = tuple[int, int]
"""The values of a place: as many and as they are, and in their order."""


@dataclass(frozen=True, slots=True)
class Look:
    """An answer: at every place (a pointer, ``[]`` for the items of a list) the kind of what stands there, and what."""

    shape: Mapping[str, str]
    values: Mapping[str, Values] = field(default_factory=dict)

    @property
    def outside(self) -> tuple[str | None, ...]:
        return tuple(self.shape.get(name) for name in ABOVE_ALL)


def look(exchange: Exchange, value: Any) -> Look:
    """What two answers are compared by: status, media type, and every place of the body with what stands there.

    ``value`` is the body as data, or None when it is none.
    """
    if exchange.response is None:
        return Look({"status": "no answer"})
    found = {"status": str(exchange.status), "media type": exchange.response.media_type or "none"}
    if exchange.status == 304:
        return Look(found)
    body = exchange.response.body
    if value is None:
        tags = sorted(set(re.findall(rb"<([A-Za-z][\w:.-]{0,40})", body[:1_000_000])))
        found["body"] = f"markup of {b' '.join(tags).decode('ascii')[:2000]}" if tags else "text" if body else "empty"
        mark = hash(_unnamed(exchange)(body.decode("utf-8", "replace")))
        return Look(found, {"body": (mark, mark)})
    walk = _Walk(_unnamed(exchange))
    walk.into(value, "", 0)
    found.update((place, " or ".join(sorted(kinds))) for place, kinds in walk.kinds.items())
    return Look(found, {place: (sum(marks), hash(tuple(marks))) for place, marks in walk.marks.items()})


def _unnamed(exchange: Exchange) -> Callable[[str], str]:
    """How texts are read that may repeat what the client called itself: without the name."""
    body = exchange.response.body if exchange.response is not None else b""
    named = next((value for name, value in exchange.request.headers if name.lower() == "user-agent" and value), "")
    if named and named.split("/")[0].encode("latin-1", "replace") in body:
        return lambda text: text.replace(named, "the client's name")
    if not named and b"python-httpx" in body:
        return lambda text: _SUITE.sub("the client's name", text)
    return lambda text: text


class _Walk:
    """Goes through a body once, within bounds."""

    def __init__(self, unnamed: Callable[[str], str]) -> None:
        self.unnamed = unnamed
        self.kinds: dict[str, set[str]] = {}
        self.marks: dict[str, list[int]] = {}
        self.left = MAX_VALUES

    def into(self, value: Any, place: str, depth: int) -> None:
        if depth > MAX_DEPTH or self.left <= 0:
            return
        if isinstance(value, dict):
            self.see(place or "body", "an object")
            for name, member in value.items():
                if name == "id" and isinstance(member, str | int) and not isinstance(member, bool):
                    self.see(f"{place}/id", str(member))
                else:
                    self.into(member, f"{place}/{_named(name)}", depth + 1)
        elif isinstance(value, list):
            self.see(place or "body", f"a list of {len(value)}" if "[]" not in place else "a list")
            for item in value[:MAX_ITEMS]:
                self.into(item, f"{place}[]", depth + 1)
        else:
            self.see(place or "body", _kind(value))
            self.marks.setdefault(place or "body", []).append(_mark(value, self.unnamed))

    def see(self, place: str, kind: str) -> None:
        if self.left > 0:
            self.left -= 1
            self.kinds.setdefault(place, set()).add(kind)


def _named(name: str) -> str:
    """A member's name, of a length that can stand in the place of everything below it."""
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME // 2]}...{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _mark(value: Any, unnamed: Callable[[str], str]) -> int:
    """A number for a value: 1 and 1.0 are one value, 1 and true are not. No bound of digits is met."""
    if isinstance(value, str):
        return hash(unnamed(value))
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    return hash(hex(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)) ^ 1


def told(
    own: Sequence[Look], others: Sequence[Look], asked_alike: Sequence[Look] = (), translated: bool = False
) -> list[str]:
    """What the others were answered otherwise each time, in words; empty when at some time they were answered alike.

    ``own``: what the suite got for the very same request, each time. ``asked_alike``: what it got when it asked in
    the language of the other client, or for the copy of a cache that serves the other client; what an answer says is
    compared with these where there are any. ``translated``: the service says that the language decides.
    """
    return shapes(own, others, translated) or values(asked_alike or own, others)


def shapes(own: Sequence[Look], others: Sequence[Look], translated: bool = False) -> list[str]:
    """Where what stands in the answers is of another kind each time."""
    usual = own[0].shape
    unsteady = {
        place
        for mine in own[1:]
        if mine.shape != usual
        for place in usual.keys() | mine.shape.keys()
        if usual.get(place) != mine.shape.get(place)
    }
    # Where members come and go, one that the suite has not met yet proves nothing.
    coming_and_going = any(mine.shape.keys() != usual.keys() for mine in own[1:])
    said: list[str] = []
    for other in others:
        said = []
        for place in _in_order(usual.keys() | other.shape.keys()):
            one, another = usual.get(place), other.shape.get(place)
            if one == another or place in unsteady or (one is None and coming_and_going):
                continue
            if not (translated and _of_a_language(place, one, another)):
                said.append(_instead(place, one, another))
        if not said:
            return []
    return said


def values(own: Sequence[Look], others: Sequence[Look]) -> list[str]:
    """Where the same kind of value stands each time, but another value or order than the suite gets each time."""
    said = []
    for place in _in_order(own[0].values):
        usual = own[0].values[place]
        every = [each.values.get(place) for each in own]
        theirs = [values for each in others if (values := each.values.get(place)) is not None]
        if None in every or len(theirs) < len(others):
            continue  # what is absent is a matter of shape
        # Where the suite's own differ from one another, the place is volatile.
        steady = [index for index in (0, 1) if all(mine is not None and mine[index] == usual[index] for mine in every)]
        differing = [index for index in steady if all(values[index] != usual[index] for values in theirs)]
        if differing:
            said.append(_otherwise(place, others[-1], only_in_order=0 not in differing))
    return said


Difference = tuple[str, str]
"""What differs (``kind``, ``value`` or ``order``), and where."""


def differences(one: Look, other: Look) -> dict[Difference, str]:
    """Every difference between two answers, and its words."""
    found: dict[Difference, str] = {}
    for place in _in_order(one.shape.keys() | other.shape.keys()):
        mine, theirs = one.shape.get(place), other.shape.get(place)
        if mine != theirs:
            found["kind", place] = _instead(place, mine, theirs)
    for place in _in_order(one.values.keys() & other.values.keys()):
        if one.values[place][0] != other.values[place][0]:
            found["value", place] = _otherwise(place, other)
        if one.values[place][1] != other.values[place][1]:
            found["order", place] = _otherwise(place, other, only_in_order=True)
    return found


def words(found: Mapping[Difference, str]) -> list[str]:
    """What differs, in words: of places with other values their order says nothing."""
    return [said for (what, place), said in found.items() if what != "order" or ("value", place) not in found]


def _instead(place: str, one: str | None, another: str | None) -> str:
    return f"{place} is {_short(another or 'nothing')} instead of {_short(one or 'nothing')}"


def _otherwise(place: str, other: Look, *, only_in_order: bool = False) -> str:
    """Values may be of people, so they are not repeated."""
    if only_in_order:
        return f"{place} holds the same values in another order"
    return f"{place} holds another value ({_short(other.shape.get(place, 'nothing'))})"


def _of_a_language(place: str, one: str | None, another: str | None) -> bool:
    """Whether these may be the same content in two languages: no member, record or identifier is exchanged by that."""
    if place in ABOVE_ALL or one is None or place.endswith("/id"):
        return False
    return set(one.split(" or ")) <= IN_A_LANGUAGE and set((another or "null").split(" or ")) <= IN_A_LANGUAGE


def _in_order(places: Iterable[str]) -> list[str]:
    return sorted(places, key=lambda name: (name not in ABOVE_ALL, name))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:76] + " ..."


_KINDS = (
    ("an empty text", re.compile(r"\s*")),
    ("a date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("a time", re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.{0,20}")),
    ("a UUID", re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")),
    ("an address", re.compile(r"https?://\S{1,2000}")),
    ("a number as text", re.compile(r"-?\d{1,40}(\.\d{1,40})?")),
)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return _kind_of_text(value)


@lru_cache(maxsize=16_384)
def _kind_of_text(text: str) -> str:
    return next((name for name, pattern in _KINDS if pattern.fullmatch(text)), "a text")
