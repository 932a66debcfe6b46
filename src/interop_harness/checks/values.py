"""Values and the place each one came from: what the checks of record contents look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Value:
    """Something in an answer: the exchange's id, the JSON Pointer to it, and the object it stands in."""

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
    return value is None or (isinstance(value, (list, Mapping)) and not value)


def tokens(path: str) -> tuple[str, ...]:
    """``/schedules/*/byday`` (or ``organization/name``) as steps; ``*`` is every item of an array."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.strip("/").split("/") if part)


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


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
    elif isinstance(here.value, Mapping) and head in here.value:
        child = here.value[head]
        yield from _descend(Value(here.exchange, f"{here.pointer}/{escape(head)}", child, here.value), rest)


def filled(subjects: Iterable[Value], path: str) -> list[Value]:
    """The values at ``path`` that say something."""
    return [found for found in at(subjects, path) if not found.blank]


def below(subject: Value) -> Iterator[tuple[str, Value]]:
    """Every member below a subject with its name, outermost first; items of an array carry the array's name."""
    stack: list[tuple[str, Value, int]] = [("", subject, 0)]
    while stack:
        name, here, depth = stack.pop()
        if depth:
            yield name, here
        if depth >= MAX_DEPTH:
            continue
        children: list[tuple[str, Value, int]] = []
        if isinstance(here.value, Mapping):
            for key, child in here.value.items():
                pointer = f"{here.pointer}/{escape(str(key))}"
                children.append((str(key), Value(here.exchange, pointer, child, here.value), depth + 1))
        elif isinstance(here.value, list):
            for index, child in enumerate(here.value):
                children.append((name, Value(here.exchange, f"{here.pointer}/{index}", child, here.value), depth + 1))
        stack.extend(reversed(children))


def number(value: Any) -> float | None:
    """A JSON number as a float; booleans, texts and numbers beyond all measure are none."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
