"""Do lists, records and the identifiers in them fit together?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from interop_harness.checks.pagination import Page
from interop_harness.checks.values import Value, escape, filled, tokens
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


def member(subject: Value, pointer: str) -> Value | None:
    """The value at a pointer without ``*``; None when it is missing or null."""
    exchange, place, value, parent = subject
    for step in tokens(pointer):
        if not isinstance(value, dict) or step not in value:
            return None
        place, value, parent = f"{place}/{escape(step)}", value[step], value
    return None if value is None else Value(exchange, place, value, parent)


def identifier(value: Any) -> str:
    """An identifier as text; empty when the value is none."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def id_at(subject: Value, pointer: str) -> str:
    found = member(subject, pointer)
    return identifier(found.value) if found is not None else ""


def same_id(left: str, right: str) -> bool:
    """Equal, or the same UUID in other capitals (RFC 9562)."""
    return left == right or (bool(UUID.match(left)) and left.lower() == right.lower())


def same_json(left: Any, right: Any) -> bool:
    """Equal JSON values, however deep: 1 and 1.0 are one number (RFC 8259, 6), and true is none."""
    if left != right:
        return False
    if isinstance(left, (dict, list)):
        return _same_kinds(left, right)
    return isinstance(left, bool) == isinstance(right, bool)


def _same_kinds(left: Any, right: Any) -> bool:
    """Whether arrays or objects that Python calls equal have Booleans in the same places."""
    pairs = zip(left, right, strict=True) if isinstance(left, list) else ((left[name], right[name]) for name in left)
    for one, other in pairs:
        kind = type(one)
        if kind is not type(other):
            if bool in (kind, type(other)):
                return False
        elif kind in (dict, list) and not _same_kinds(one, other):
            return False
    return True


def same_value(left: Any, right: Any) -> bool:
    """Equal JSON values: a Boolean is no number, and one moment written in two zones is one moment."""
    if same_json(left, right):
        return True
    if isinstance(left, str) and isinstance(right, str):
        here, there = _moment(left), _moment(right)
        return same_id(left, right) or (here is not None and here == there)
    return False


def _moment(text: str) -> datetime | None:
    if "T" not in text.upper():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def resolves(path: str, name: str, origin: str, exchange: Exchange) -> Iterator[Finding]:
    """The record that ``name`` identifies can be read. ``origin`` says where the identifier stands."""
    if not exchange.ok:
        yield Finding(f"a record at {path} for {name}, which stands at {origin}", exchange.describe(), exchange.id)


def agree(listed: Value, detail: Value, names: Sequence[str], id_pointer: str = "/id") -> Iterator[Finding]:
    """A list's record and the record at its own address say the same, where both say anything.

    Of a record with another id only the id is compared: that the rest differs follows from it.
    """
    other = not same_id(id_at(listed, id_pointer) or id_at(detail, id_pointer), id_at(detail, id_pointer))
    for name in names:
        pointer = _pointer(name)
        left, right = member(listed, pointer), member(detail, pointer)
        if left is None or right is None or same_value(left.value, right.value) or (other and pointer != id_pointer):
            continue
        expected = f"{name} {show(left.value)}, as in the list (exchange {left.exchange} at {left.pointer})"
        yield Finding(expected, show(right.value), right.exchange, right.pointer)


def gives_both(subject: Value, left: str, right: str) -> bool:
    return member(subject, left) is not None and member(subject, right) is not None


def equal(subject: Value, left: str, right: str) -> Iterator[Finding]:
    """Two members of one record are equal where both are given."""
    here, there = member(subject, left), member(subject, right)
    if here is not None and there is not None and not same_value(here.value, there.value):
        yield Finding(f"{left} equal to {right} ({show(there.value)})", show(here.value), here.exchange, here.pointer)


def unique_ids(page: Page) -> Iterator[Finding]:
    """No two records of one page have the same id."""
    seen: dict[str, str] = {}
    for record in page.records():
        if record.id in seen:
            expected = f"an id of its own ({record.id} stands at {seen[record.id]} too)"
            yield Finding(expected, f"the same id {record.id}", page.exchange.id, record.pointer)
        elif record.id:
            seen[record.id] = record.pointer


def detail_id(asked: str, detail: Value, pointer: str, addressed: str = "") -> Iterator[Finding]:
    """The record is the one asked for: by its id, or where it has none by that in its own address (``addressed``)."""
    found = id_at(detail, pointer) or addressed
    if found and not same_id(found, asked):
        yield Finding(f"the record {asked}, which was asked for", f"the record {found}", detail.exchange, pointer)


def somebody_elses(exchange: Exchange, answer: Value, pointer: str, known: Set[str]) -> Iterator[Finding]:
    """An address for an id that no record has gives no record that is ``known`` under its own."""
    found = id_at(answer, pointer)
    if any(same_id(found, name) for name in known if found):
        expected = f"no record, or one with the id that {exchange.request.target} asks for"
        yield Finding(expected, f"the record {found}", answer.exchange, f"{answer.pointer}{pointer}")


def identifiers(subjects: Sequence[Value], pointer: str) -> dict[str, Value]:
    """Every distinct identifier at ``pointer`` (``*`` is each item of an array), with where it first stands."""
    found: dict[str, Value] = {}
    for value in filled(subjects, pointer):
        name = identifier(value.value)
        if name:
            found.setdefault(name, value)
    return found


def listed(places: Mapping[str, Value], known: Set[str], path: str) -> Iterator[Finding]:
    """Identifiers are among those that a list holds."""
    for name, place in places.items():
        if name not in known:
            yield Finding(f"an identifier that {path} lists", name, place.exchange, place.pointer)


def no_cycles(subjects: Sequence[Value], id_pointer: str, parent_pointer: str) -> Iterator[Finding]:
    """No record is its own ancestor. Each loop is found once, at its first record."""
    places = {name: subject for subject in subjects if (name := id_at(subject, id_pointer))}
    parents = {name: id_at(subject, parent_pointer) for name, subject in places.items()}
    done: set[str] = set()
    for start in places:
        line: dict[str, None] = {}
        here = start
        while parents.get(here) and here not in done and here not in line:
            line[here] = None
            here = parents[here]
        if here in line:
            names = list(line)
            loop = names[names.index(here) :]
            subject = places[loop[0]]
            observed = " → ".join([*loop[:6], *(["…"] if len(loop) > 6 else []), loop[0]])
            pointer = f"{subject.pointer}{parent_pointer}"
            yield Finding("a line of parents that ends", observed, subject.exchange, pointer)
        done.update(line)


def nested_agrees(inner: Value, own: Value, names: Sequence[str]) -> Iterator[Finding]:
    """A record nested in another says the same as at its own address, where both say anything."""
    for name in names:
        left, right = member(inner, _pointer(name)), member(own, _pointer(name))
        if left is not None and right is not None and not same_value(left.value, right.value):
            expected = f"{name} {show(right.value)}, as at its own address (exchange {right.exchange})"
            yield Finding(expected, show(left.value), left.exchange, left.pointer)


def _pointer(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"
