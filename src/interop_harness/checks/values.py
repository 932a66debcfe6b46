"""Values and the place each one came from: what the checks of record contents look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

MAX_DEPTH = 64


class Value(NamedTuple):
    """Something in an answer: the exchange's id, the JSON Pointer to it, and the object it stands in.

    A tuple, because a run makes hundreds of thousands of them.
    """

    exchange: str
    pointer: str
    value: Any
    parent: Any = None

    @property
    def blank(self) -> bool:
        """No value at all: null, an empty or all-blank text, an empty array or object."""
        return is_blank(self.value)


def is_blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, (list, dict)) and not value)


def tokens(path: str) -> tuple[str, ...]:
    """``/schedules/*/byday`` (or ``organization/name``) as steps; ``*`` is every item of an array."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.strip("/").split("/") if part)


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def at(subjects: Iterable[Value], path: str) -> Iterator[Value]:
    """Every value at ``path`` below the subjects, null and empty ones too."""
    steps = tokens(path)
    for subject in subjects:
        yield from _descend(subject, steps)


def _descend(here: Value, steps: tuple[str, ...]) -> Iterator[Value]:
    if not steps:
        yield here
        return
    head, rest = steps[0], steps[1:]
    if head == "*":
        for index, child in enumerate(here.value if isinstance(here.value, list) else ()):
            yield from _descend(Value(here.exchange, f"{here.pointer}/{index}", child, here.value), rest)
    elif isinstance(here.value, dict) and head in here.value:
        child = here.value[head]
        yield from _descend(Value(here.exchange, f"{here.pointer}/{escape(head)}", child, here.value), rest)


def filled(subjects: Iterable[Value], path: str) -> list[Value]:
    """The values at ``path`` that say something."""
    return [found for found in at(subjects, path) if not found.blank]


def below(subject: Value) -> Iterator[tuple[str, Value]]:
    """Every member below a subject with its name, outermost first; items of an array carry the array's name."""
    return _below(subject.exchange, "", subject.pointer, subject.value, 0)


def _below(exchange: str, name: str, pointer: str, value: Any, depth: int) -> Iterator[tuple[str, Value]]:
    if depth >= MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, child in value.items():
            here = f"{pointer}/{escape(key)}"
            yield key, Value(exchange, here, child, value)
            if isinstance(child, (dict, list)):
                yield from _below(exchange, key, here, child, depth + 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            here = f"{pointer}/{index}"
            yield name, Value(exchange, here, child, value)
            if isinstance(child, (dict, list)):
                yield from _below(exchange, name, here, child, depth + 1)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every text, number, boolean and null below a value with the name of its member, in no promised order."""
    stack: list[tuple[str, Any, int]] = [(name, value, 0)]
    while stack:
        here, found, depth = stack.pop()
        if isinstance(found, dict):
            if depth < MAX_DEPTH:
                stack.extend((key, child, depth + 1) for key, child in found.items())
        elif isinstance(found, list):
            if depth < MAX_DEPTH:
                stack.extend((here, child, depth + 1) for child in found)
        else:
            yield here, found


def number(value: Any) -> float | None:
    """A JSON number as a float; booleans, texts and numbers beyond all measure are none."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
