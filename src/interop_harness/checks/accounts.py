"""Two accounts of one record, such as the list's and its own address's: do they contradict each other anywhere?

What only one of them says accuses nobody, nor does another way to write the same: ids as text or number, addresses
relative or absolute, a day for a moment, coordinates with fewer digits, words that are shortened or masked. Objects are
compared member by member, arrays without their order. For household waste; any profile with nested records may ask it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from interop_harness.checks.references import id_at, identifier, member, same_id, same_value
from interop_harness.checks.values import Value, escape, is_blank
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

SHOWN = 3
"""Contradictions named for one record; they mostly have one cause."""
MAX_DEPTH, MAX_ITEMS = 12, 200
"""Deeper than this nothing is compared, and longer arrays are not."""
HIDDEN = re.compile(r"\*{2,}|[\u2022\u25cf\u2026]|\.{3}|x{4,}", re.IGNORECASE)
"""Signs that a text is masked or shortened: what stands there is no account of it."""
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|/", re.IGNORECASE)
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt ].*)?\Z", re.ASCII)

Pair = tuple[Value, Value]


def contradict(listed: Value, detail: Value, names: Sequence[str], id_pointer: str = "/id") -> Iterator[Finding]:
    """What the list says at these members, the record's own address does not say otherwise.

    Of a record with another id nothing is compared: that the rest differs follows from it.
    """
    one, other = id_at(listed, id_pointer), id_at(detail, id_pointer)
    if one and other and not same_id(one, other):
        return
    found = 0
    for name in names:
        here, there = (member(side, name if name.startswith("/") else f"/{name}") for side in (listed, detail))
        if here is None or there is None:
            continue
        for left, right in _differences(here, there, 0):
            if found == SHOWN:
                return
            found += 1
            expected = f"{show(left.value)}, as in the list (exchange {left.exchange} at {left.pointer})"
            yield Finding(expected, show(right.value), right.exchange, right.pointer)


def _differences(here: Value, there: Value, depth: int) -> Iterator[Pair]:
    """The innermost values that contradict each other, or the item of the list that the other account lacks."""
    left, right = here.value, there.value
    if depth > MAX_DEPTH or is_blank(left) or (is_blank(right) and not isinstance(right, list)):
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in left:
            if name in right and not name.startswith("@"):
                yield from _differences(_below(here, name), _below(there, name), depth + 1)
    elif isinstance(left, list) and isinstance(right, list):
        if max(len(left), len(right)) <= MAX_ITEMS:
            for number in range(len(left)):
                yield from _missing(_below(here, number), there, depth + 1)
    elif not isinstance(left, (Mapping, list)) and not isinstance(right, (Mapping, list)) and not alike(left, right):
        yield here, there


def _missing(item: Value, there: Value, depth: int) -> Iterator[Pair]:
    """How an item of the list's array contradicts the other array: its namesake says otherwise, or it has none."""
    others = [_below(there, number) for number in range(len(there.value))]
    known = {number: _namesakes(item.value, other.value) for number, other in enumerate(others)}
    same = [others[number] for number, answer in known.items() if answer is True]
    candidates = same or [others[number] for number, answer in known.items() if answer is None]
    ways = [list(_differences(item, other, depth)) for other in candidates]
    if all(ways):
        yield from ways[0] if len(same) == 1 else [(item, there)]


def _namesakes(left: Any, right: Any) -> bool | None:
    """Whether two items are of one thing, by their ids, addresses or names; None when they do not say."""
    if not isinstance(left, Mapping) or not isinstance(right, Mapping):
        return None
    for names in (_ids(left), _ids(right)), (_name(left), _name(right)):
        if all(names):
            return bool(names[0] & names[1])
    return None


def _ids(item: Mapping[str, Any]) -> set[str]:
    address = item.get("@id")
    last = _last(address) if isinstance(address, str) else ""
    return {name for name in (identifier(item.get("id")), last) if name}


def _name(item: Mapping[str, Any]) -> set[str]:
    name = item.get("name")
    return {_plain(name)} if isinstance(name, str) and name.strip() else set()


def alike(left: Any, right: Any) -> bool:
    """One value, in whichever of the ways to write it."""
    here, there = str(left), str(right)
    if same_value(left, right) or _plain(here) == _plain(there) or HIDDEN.search(here) or HIDDEN.search(there):
        return True
    if ADDRESS.match(here) and ADDRESS.match(there):
        return _last(here) == _last(there)
    return _one_day(here, there) or _rounded(here, there)


def _one_day(left: str, right: str) -> bool:
    """A bare day and a moment of it, or one moment with a zone and without; a zone may move the day by one."""
    days = [DAY.match(text) for text in (left, right)]
    if not all(days):
        return False
    try:
        one, other = (date.fromisoformat(day[1]) for day in days if day is not None)
    except ValueError:
        return False
    bare = sum(len(text) == 10 for text in (left, right))
    return abs(one - other) <= timedelta(days=1) if bare == 1 else left[:16] == right[:16]


def _rounded(left: str, right: str) -> bool:
    """One number, written with fewer digits on one side: coordinates are."""
    if not all(re.fullmatch(r"-?\d{1,9}(\.\d{1,20})?", text, re.ASCII) for text in (left, right)):
        return False
    digits = min(len(text.partition(".")[2]) for text in (left, right))
    return float(left) == float(right) or (digits >= 2 and abs(float(left) - float(right)) <= 10**-digits)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _last(address: str) -> str:
    return re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/").rpartition("/")[2]


def _below(value: Value, step: str | int) -> Value:
    return Value(value.exchange, f"{value.pointer}/{escape(str(step))}", value.value[step], value.value)
