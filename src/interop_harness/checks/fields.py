"""Are the members of a record there, well written, possible, and consistent with each other?

Each check takes the places to look at and yields a finding for each that is wrong. Members without a value are
passed over except by the checks that are about just that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from interop_harness.checks import formats
from interop_harness.checks.values import Value, at, empties, escape, filled, is_blank, number, tokens
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show
from interop_harness.profile.openapi import OpenAPI, find

BOUNDS: Mapping[str, tuple[float, float, float, float]] = {
    "world": (-90, 90, -180, 180),
    "uk": (49, 61.5, -14, 3),
}
"""South, north, west, east. "uk" reaches from Scilly to Shetland and from Rockall to Lowestoft, with room."""
GRACE = timedelta(days=1)
SHOWN = 5
"""Values of one place that are named; the others are the same mistake."""
"""Now is UTC, and a date has no zone: tomorrow's date may be today's elsewhere."""


def required(subjects: Iterable[Value], member: str) -> Iterator[Finding]:
    """Every record has the member, and it is not null. Below ``*`` it is asked of each item there is."""
    steps = tokens(member)
    for subject in subjects:
        yield from _required(subject, steps, member)


def _required(here: Value, steps: Sequence[str], member: str) -> Iterator[Finding]:
    if not steps:
        if here.value is None:
            yield Finding(f"a value for {member}", "null", here.exchange, here.pointer)
        return
    head, rest = steps[0], steps[1:]
    if head == "*":
        for index, child in enumerate(here.value if isinstance(here.value, list) else ()):
            yield from _required(Value(here.exchange, f"{here.pointer}/{index}", child), rest, member)
    elif isinstance(here.value, Mapping) and head in here.value:
        yield from _required(Value(here.exchange, f"{here.pointer}/{escape(head)}", here.value[head]), rest, member)
    elif "*" not in rest:
        yield Finding(f"the member {member}", f"no member {head}", here.exchange, here.pointer)


def populated(subjects: Iterable[Value], member: str) -> Iterator[Finding]:
    """A member that is there is not blank."""
    for found in at(subjects, member):
        if found.blank:
            yield Finding(f"a value for {member}", show(found.value), found.exchange, found.pointer)


def no_empty_values(
    subjects: Iterable[Value], compulsory: Callable[[str], bool] = lambda pointer: False
) -> Iterator[Finding]:
    """No member, however deep, is null or empty, but for those whose pointer is ``compulsory``."""
    for subject in subjects:
        for name, pointer, value in empties(subject.value, subject.pointer):
            if not compulsory(pointer):
                observed = "an empty array" if value == [] else show(value)
                yield Finding(f"{name} left out when it has no value", observed, subject.exchange, pointer)


def is_compulsory(openapi: OpenAPI, schema: Mapping[str, Any], pointer: str) -> bool:
    """Whether the schema of a body requires what stands at a pointer. An item of an array is compulsory too."""
    here = _parts(openapi, schema)
    *above, last = pointer.split("/")[1:] or [""]
    for step in above:
        here = [part for each in here for part in _parts(openapi, _child(each, step))]
    if last.isdigit() and any("items" in part for part in here):
        return True
    return any(last in part.get("required", ()) for part in here)


def _child(schema: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    found = schema.get("properties", {}).get(step.replace("~1", "/").replace("~0", "~"))
    if found is None and step.isdigit():
        found = schema.get("items")
    return found if isinstance(found, Mapping) else {}


def _parts(openapi: OpenAPI, schema: Mapping[str, Any], depth: int = 0) -> list[Mapping[str, Any]]:
    """A schema with those it is put together from, their references resolved."""
    resolved = openapi.resolve(schema)
    found = [resolved]
    for word in ("allOf", "anyOf", "oneOf"):
        for part in resolved.get(word, ()) if depth < 16 else ():
            found += _parts(openapi, part, depth + 1)
    return found


def identity(subjects: Iterable[Value], key: str, nested: str) -> Iterator[Finding]:
    """Every record names what it belongs to: by an id, or by the record nested in it."""
    for subject in subjects:
        if not filled([subject], key) and not filled([subject], nested):
            yield Finding(f"a value at {key} or {nested}", "neither", subject.exchange, subject.pointer)


def same_identity(subjects: Iterable[Value], identifier: str, members: Sequence[str]) -> Iterator[Finding]:
    """Wherever one id occurs, the members beside it say the same."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    told: set[tuple[str, str]] = set()
    for subject in subjects:
        for name in filled([subject], identifier)[:1]:
            for member in members:
                for found in filled([subject], member)[:1]:
                    key = (str(name.value).casefold(), member)
                    text = " ".join(str(found.value).split())
                    first, where = seen.setdefault(key, (text, f"{found.exchange} at {found.pointer}"))
                    if text != first and key not in told:
                        told.add(key)
                        expected = f"{show(first)} for {identifier} {name.value}, as in exchange {where}"
                        yield Finding(expected, show(found.value), found.exchange, found.pointer)


def repeated(subjects: Iterable[Value], identifier: str) -> bool:
    """Whether some id occurs twice, so that there is something to compare."""
    seen: set[str] = set()
    for found in filled(subjects, identifier):
        name = str(found.value).casefold()
        if name in seen:
            return True
        seen.add(name)
    return False


def ordered(containers: Iterable[Value], first: str, second: str, kind: str) -> Iterator[Finding]:
    """One member is not after (or above) the other."""
    for holder in containers:
        low, high = (next(iter(filled([holder], member)), None) for member in (first, second))
        if low is None or high is None or (kind == "date-time" and _zoned(low.value) != _zoned(high.value)):
            continue  # a moment with a zone and one without may lie hours apart either way
        one, other = _comparable(low.value, kind), _comparable(high.value, kind)
        if one is not None and other is not None and one > other:
            observed = f"{first} {show(low.value)} and {second} {show(high.value)}"
            yield Finding(f"{first} not after {second}", observed, low.exchange, low.pointer)


def _comparable(value: Any, kind: str) -> Any:
    """A value as something that can be compared; None when it is not of its kind, which other checks say."""
    match kind:
        case "number":
            return number(value)
        case "date":
            return date.fromisoformat(value) if isinstance(value, str) and formats.real_date(value) else None
        case "date-time":
            return _instant(formats.moment(value)) if isinstance(value, str) else None
    raise InternalError("field-kind", f"There is no kind of order {kind!r}.")


def _zoned(value: Any) -> bool:
    moment = formats.moment(value) if isinstance(value, str) else None
    return moment is not None and moment.tzinfo is not None


def _instant(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment is not None else None


def in_range(found: Iterable[Value], minimum: float | None, maximum: float | None) -> Iterator[Finding]:
    """Numbers lie between two bounds, both included."""
    for each in found:
        amount = number(each.value)
        if amount is None:
            continue
        if (minimum is not None and amount < minimum) or (maximum is not None and amount > maximum):
            low, high = (show(bound) if bound is not None else "any" for bound in (minimum, maximum))
            yield Finding(f"a number from {low} to {high}", show(each.value), each.exchange, each.pointer)


def coordinates(
    containers: Iterable[Value], latitude: str, longitude: str, bounds: str | Sequence[float]
) -> Iterator[Finding]:
    """Points lie within bounds: ``world``, ``uk``, or south, north, west and east as numbers."""
    south, north, west, east = BOUNDS[bounds] if isinstance(bounds, str) else bounds
    area = {"world": "possible degrees", "uk": "in or near the United Kingdom"}.get(str(bounds), "within the bounds")
    for holder in containers:
        for member, low, high in ((latitude, south, north), (longitude, west, east)):
            for found in filled([holder], member):
                amount = number(found.value)
                if amount is not None and not low <= amount <= high:
                    expected = f"{member} from {show(low)} to {show(high)} ({area})"
                    yield Finding(expected, show(found.value), found.exchange, found.pointer)


def depends(
    holders: Iterable[Value], requires: Sequence[str], values: Mapping[str, Any], member: str
) -> Iterator[Finding]:
    """Where a member is given, others are given too, or have certain values. ``holders`` all have the member."""
    for holder in holders:
        for other in requires:
            if not filled([holder], other):
                observed = f"{member} without {other}"
                yield Finding(f"{other} wherever {member} is given", observed, holder.exchange, holder.pointer)
        for other, wanted in values.items():
            allowed = wanted if isinstance(wanted, list) else [wanted]
            for found in filled([holder], other):
                if found.value not in allowed:
                    expected = f"{other} {' or '.join(show(value) for value in allowed)} wherever {member} is given"
                    yield Finding(expected, show(found.value), found.exchange, found.pointer)


def holders(containers: Iterable[Value], member: str, above: float | None) -> list[Value]:
    """The containers that give a member, and more than ``above`` of it where that is asked."""
    return [
        holder
        for holder in containers
        if any(above is None or (number(found.value) or 0) > above for found in filled([holder], member))
    ]


def formatted(found: Iterable[Value], name: str) -> Iterator[Finding]:
    """Texts are written as a format says. What is no text is for the schema to say."""
    expected, predicate = formats.known(name)
    for each in found:
        parent = each.parent if isinstance(each.parent, Mapping) else {}
        if isinstance(each.value, str):
            right = predicate(each.value, parent)
        elif name == "geojson":
            right = formats.geojson(each.value)
        else:
            continue
        if not right:
            yield Finding(expected, show(each.value), each.exchange, each.pointer)


def of_kind(found: Iterable[Value], kind: str) -> Iterator[Finding]:
    """Values are JSON numbers, texts (``string``) or truths (``boolean``)."""
    if kind not in {"number", "string", "boolean"}:
        raise InternalError("field-type", f"There is no kind of value {kind!r}.")
    for each in found:
        value = each.value
        right = {
            "number": number(value) is not None,
            "string": isinstance(value, str),
            "boolean": isinstance(value, bool),
        }
        if not right[kind]:
            yield Finding(f"a {kind}", show(value), each.exchange, each.pointer)


def one_of(found: Iterable[Value], values: Sequence[Any]) -> Iterator[Finding]:
    """Values come from a list."""
    for each in found:
        if each.value not in values:
            expected = f"one of {', '.join(str(value) for value in values)}"
            yield Finding(expected, show(each.value), each.exchange, each.pointer)


def among(found: Iterable[tuple[Value, Sequence[Value]]], values: Sequence[Any]) -> Iterator[Finding]:
    """Of what is said at each place, one at least comes from a list; others may stand beside it."""
    for holder, said in found:
        if said and not any(each.value in values for each in said):
            expected = f"at least one of {', '.join(str(value) for value in values)}"
            observed = ", ".join(show(each.value) for each in said[:SHOWN])
            yield Finding(expected, observed, holder.exchange, holder.pointer)


def recent(found: Iterable[Value], now: datetime, days: int) -> Iterator[Finding]:
    """Dates lie no more than so many days back."""
    oldest = now - timedelta(days=days)
    for each in found:
        when = _when(each.value)
        if when is not None and when < oldest - GRACE:
            yield Finding(f"a date since {oldest.date().isoformat()}", show(each.value), each.exchange, each.pointer)


def not_future(found: Iterable[Value], now: datetime) -> Iterator[Finding]:
    """Dates do not lie in the future."""
    for each in found:
        when = _when(each.value)
        if when is not None and when > now + GRACE:
            yield Finding(f"a date up to {now.date().isoformat()}", show(each.value), each.exchange, each.pointer)


def _when(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    if formats.real_date(value):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return _instant(formats.moment(value))


def parent_child_ids(subjects: Iterable[Value], child: str, parent: str) -> Iterator[Finding]:
    """An id inside a nested record is the id of the record it names."""
    for found, wanted in nested_pairs(subjects, child, parent):
        if str(found.value).casefold() != str(wanted).casefold():
            expected = f"{show(wanted)}, the id at {parent}"
            yield Finding(expected, show(found.value), found.exchange, found.pointer)


def nested_pairs(subjects: Iterable[Value], child: str, parent: str) -> Iterator[tuple[Value, Any]]:
    """Each value at ``child`` with the one at ``parent``, whose stars stand for the child's own places."""
    for subject in subjects:
        for found in filled([subject], child):
            place = _placed(parent, tokens(child), found.pointer.removeprefix(subject.pointer))
            wanted = find(subject.value, place) if place else None
            if not is_blank(wanted):
                yield found, wanted


def _placed(parent: str, child: Sequence[str], pointer: str) -> str:
    """``parent`` with its stars replaced by the numbers that the child's stars stand for in ``pointer``."""
    numbers = [step for name, step in zip(child, pointer.split("/")[1:], strict=True) if name == "*"]
    places = iter(numbers)
    steps = [next(places, "") if step == "*" else escape(step) for step in tokens(parent)]
    return "".join(f"/{step}" for step in steps) if all(steps) else ""


def unique_nested_ids(subjects: Iterable[Value], member: str) -> Iterator[Finding]:
    """Within one record, nested records of one kind have different ids."""
    for subject in subjects:
        seen: dict[str, str] = {}
        for found in filled([subject], member):
            first = seen.setdefault(str(found.value).casefold(), found.pointer)
            if first != found.pointer:
                expected = f"an id of its own, other than at {first}"
                yield Finding(expected, show(found.value), found.exchange, found.pointer)


def coverage(subjects: Sequence[Value], member: str) -> str:
    """How many records fill a member, in a sentence."""
    count = sum(1 for subject in subjects if filled([subject], member))
    return f"{member} has a value in {count} of {len(subjects)} records read."
