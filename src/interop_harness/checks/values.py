"""Values and the place each one came from: what the checks of record contents look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
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


@lru_cache(maxsize=4096)
def tokens(path: str) -> tuple[str, ...]:
    """``/schedules/*/byday`` (or ``organization/name``) as steps; ``*`` is every item of an array."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.strip("/").split("/") if part)


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def at(subjects: Iterable[Value], path: str) -> list[Value]:
    """Every value at ``path`` below the subjects, null and empty ones too."""
    # Past the constructor that a NamedTuple has in Python: it would take as long again.
    found, new = list(subjects), tuple.__new__
    for step in tokens(path):
        if step == "*":
            found = [
                new(Value, (exchange, f"{pointer}/{index}", child, value))
                for exchange, pointer, value, _ in found
                if isinstance(value, list)
                for index, child in enumerate(value)
            ]
        else:
            suffix = f"/{escape(step)}"
            found = [
                new(Value, (exchange, pointer + suffix, value[step], value))
                for exchange, pointer, value, _ in found
                if isinstance(value, dict) and step in value
            ]
    return found


def filled(subjects: Iterable[Value], path: str) -> list[Value]:
    """The values at ``path`` that say something."""
    return [found for found in at(subjects, path) if not found.blank]


def below(subject: Value) -> list[tuple[str, Value]]:
    """Every member below a subject with its name, outermost first; items of an array carry the array's name."""
    found: list[tuple[str, Value]] = []
    _below(found, subject.exchange, "", subject.pointer, subject.value, 0)
    return found


def _below(found: list[tuple[str, Value]], exchange: str, name: str, pointer: str, value: Any, depth: int) -> None:
    if depth >= MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, child in value.items():
            here = f"{pointer}/{escape(key)}"
            found.append((key, Value(exchange, here, child, value)))
            if child and isinstance(child, (dict, list)):
                _below(found, exchange, key, here, child, depth + 1)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            here = f"{pointer}/{index}"
            found.append((name, Value(exchange, here, child, value)))
            if child and isinstance(child, (dict, list)):
                _below(found, exchange, name, here, child, depth + 1)


def texts(value: Any, wanted: Callable[[str], bool]) -> list[tuple[str, str]]:
    """The wanted ones of the texts below a value, each with its pointer: made for few texts among very many."""
    found: list[tuple[str, str]] = []
    _texts(found, wanted, "", value, 0)
    return found


def _texts(found: list[tuple[str, str]], wanted: Callable[[str], bool], pointer: str, value: Any, depth: int) -> None:
    if depth >= MAX_DEPTH:
        return
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(child, str):
            if wanted(child):
                found.append((f"{pointer}/{escape(str(key))}", child))
        elif child and isinstance(child, (dict, list)):
            _texts(found, wanted, f"{pointer}/{escape(str(key))}", child, depth + 1)


def empties(value: Any, pointer: str = "", name: str = "", depth: int = 0) -> Iterator[tuple[str, str, Any]]:
    """What is null or empty below a value: its name, pointer and value; items of an array carry the array's name."""
    if depth >= MAX_DEPTH or not isinstance(value, (dict, list)):
        return
    keyed = isinstance(value, dict)
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        if child is None or (not child and isinstance(child, (str, list, dict))):
            yield str(key) if keyed else name, f"{pointer}/{escape(str(key))}", child
        elif isinstance(child, (dict, list)):
            yield from empties(child, f"{pointer}/{escape(str(key))}", str(key) if keyed else name, depth + 1)


def leaves(value: Any) -> dict[str, list[Any]]:
    """Every text, number, boolean and null below a value by the name of its member, in no promised order.

    Items of an array stand under the array's name.
    """
    found: dict[str, list[Any]] = {}
    stack: list[tuple[str, Any, int]] = [("", value, 0)]
    while stack:
        name, here, depth = stack.pop()
        if isinstance(here, (dict, list)):
            if depth < MAX_DEPTH:
                for key, child in here.items() if isinstance(here, dict) else ((name, child) for child in here):
                    if child and isinstance(child, (dict, list)):
                        stack.append((key, child, depth + 1))
                    elif not isinstance(child, (dict, list)):
                        found.setdefault(key, []).append(child)
        else:
            found.setdefault(name, []).append(here)
    return found


def number(value: Any) -> float | None:
    """A JSON number as a float; booleans, texts and numbers beyond all measure are none."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
