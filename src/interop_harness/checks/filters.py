"""Does a filter return what matches, and nothing that does not? Records are compared, never the status alone.

A record counts as wrongly returned only when everything known of it says so: a value that stands elsewhere in
the record, or a term whose ancestors are not known, leaves the question open.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interop_harness.checks.values import Value, at, leaves, number, tokens
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

WITNESSES = 3
SHOWN = 3
"""Wrong records named for one value; the others are the same mistake."""
MAX_VALUE = 200

TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
DAY = re.compile(r"(MO|TU|WE|TH|FR|SA|SU)\Z", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{3,}")
ORDERED = ("at-least", "at-most", "one-side")
MATCHES = ("exact", "contains", "token", *ORDERED)
TIME_MARGIN = 60
"""Minutes: a supplier may compare in local time or in UTC, which differ by an hour in summer."""


@dataclass(frozen=True, slots=True)
class Known:
    """A record as far as it was read."""

    id: str
    value: Value


@dataclass(frozen=True, slots=True)
class Witness:
    """A record that has a value, and the value as it is asked for: asked, the record must come back."""

    id: str
    asked: str
    record: Known


@dataclass(frozen=True, slots=True)
class Filter:
    """How a query parameter compares: with what in a record, by which rule, written how."""

    parameter: str
    path: str
    match: str
    transform: str = ""
    also: tuple[str, ...] = ()
    """Where a record names the parent of what stands at ``path``: the parent's records may come back too."""
    absent_differs: bool = False
    """Whether a record without any value at ``path`` is known not to match; else nothing is said of it."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """Term → parent as far as known; an empty parent is a term without one."""
    kept: dict[tuple[str, str, str], Any] = field(default_factory=dict, compare=False, repr=False)
    """What was read of each record, by the exchange and the place it stands at: asked for again with every value."""
    members: dict[tuple[str, str], Mapping[str, list[Any]]] = field(default_factory=dict, compare=False, repr=False)
    """Everything that stands in a record, by the name it stands under: the same for every filter."""

    @classmethod
    def of(cls, parameter: str, stated: Mapping[str, Any], memory: dict[Any, dict[Any, Any]] | None = None) -> Filter:
        """From a row's (or the profile's) arguments; filters with one ``memory`` read each record once between them.

        Raises InternalError for a rule that does not exist.
        """
        match, transform = str(stated.get("match", "exact")), str(stated.get("transform") or "")
        if match not in MATCHES or transform not in TRANSFORMS:
            raise InternalError("filter-rule", f"{parameter}: no such match or transform: {match} {transform}".strip())
        also = tuple(str(path) for path in stated.get("also", ()))
        path, absent = str(stated["from"]), stated.get("absent") == "mismatch"
        memory = {} if memory is None else memory
        kept = memory.setdefault((path, transform, match in ORDERED), {})
        return cls(parameter, path, match, transform, also, absent, {}, kept, memory.setdefault("members", {}))

    @property
    def ordered(self) -> bool:
        return self.match in ORDERED

    def values(self, record: Value) -> list[str]:
        """What a record has at ``path``, each as it would be asked for."""
        key = ("path", record.exchange, record.pointer)
        if key not in self.kept:
            self.kept[key] = self._read(found.value for found in at([record], self.path))
        made: list[str] = self.kept[key]
        return made

    def _anywhere(self, record: Value) -> frozenset[str]:
        """Every value of a record, wherever it stands, as it would be asked for."""
        key = ("anywhere", record.exchange, record.pointer)
        if key not in self.kept:
            every = self._members(record).values()
            self.kept[key] = frozenset(written(each).casefold() for values in every for each in values)
        found: frozenset[str] = self.kept[key]
        return found

    def _read(self, found: Iterable[Any]) -> list[str]:
        made: dict[str, None] = {}
        for value in found:
            for each in value if isinstance(value, list) else [value]:
                for text in TRANSFORMS[self.transform](each):
                    if not self.ordered or self.measure(text) is not None:
                        made[text] = None
        return list(made)

    def askable(self, record: Value) -> list[str]:
        """The values that can well be asked for."""
        found = [text for text in self.values(record) if 0 < len(text) <= MAX_VALUE]
        return [text for text in found if self.match != "contains" or WORD.search(text)]

    def measure(self, text: str) -> float | None:
        """A text as something that can be more or less: minutes of a time, else the number itself."""
        if self.transform == "hh-mm":
            return float(int(text[:2]) * 60 + int(text[3:5]))
        try:
            return float(text)
        except ValueError:
            return None

    def side(self, record: Value, asked: str) -> int:
        """-1 when all values of a record lie below ``asked``, 1 when all lie above it, else 0."""
        middle = self.measure(asked)
        found = [self.measure(text) for text in self.values(record)]
        measures = [one for one in found if one is not None]
        if middle is None or not measures:
            return 0
        return 1 if min(measures) > middle else -1 if max(measures) < middle else 0

    @property
    def margin(self) -> int:
        return TIME_MARGIN if self.transform == "hh-mm" else 0

    def well_within(self, record: Value, asked: str) -> bool:
        """Whether every value of a record lies beyond ``asked`` on the wanted side, by more than the margin."""
        middle = self.measure(asked)
        found = [self.measure(text) for text in self.values(record)]
        measures = [one for one in found if one is not None]
        if middle is None or not measures:
            return False
        if self.match == "at-least":
            return min(measures) > middle + self.margin
        return max(measures) < middle - self.margin

    def mismatch(self, record: Value, asked: str) -> bool:
        """Whether a record is known not to match ``asked``."""
        if not self.values(record) and not (self.absent_differs and self._could_hold(record)):
            return False
        if self.match == "token":
            found = self._named(record)
            return bool(found) and asked.casefold() not in {text.casefold() for text in found}
        if self.match == "exact":
            wanted = asked.casefold()
            return wanted not in self._anywhere(record) and not self._may_descend(record, wanted)
        if self.match in {"at-least", "at-most"}:
            middle = self.measure(asked)
            measures = [self.measure(text) for text in self._named(record)]
            numbers = [one for one in measures if one is not None]
            if middle is None or not numbers:
                return False
            if self.match == "at-least":
                return max(numbers) < middle - self.margin
            return min(numbers) > middle + self.margin
        return False

    def _could_hold(self, record: Value) -> bool:
        """Whether the object that would hold the value, or the list of such, was given at all."""
        steps = tokens(self.path)
        holder = steps[: steps.index("*") - 1] if "*" in steps else steps[:-1]
        return any(isinstance(found.value, Mapping) for found in at([record], "/".join(holder)))

    def _named(self, record: Value) -> list[str]:
        """Values of the same member wherever in the record it stands: any of them may have been meant."""
        key = ("named", record.exchange, record.pointer)
        if key not in self.kept:
            name = next((step for step in reversed(tokens(self.path)) if step != "*"), "")
            self.kept[key] = self._read(self._members(record).get(name, ()))
        found: list[str] = self.kept[key]
        return found

    def _members(self, record: Value) -> Mapping[str, list[Any]]:
        place = (record.exchange, record.pointer)
        if place not in self.members:
            self.members[place] = leaves(record.value)
        return self.members[place]

    def _may_descend(self, record: Value, wanted: str) -> bool:
        """Whether some term of the record lies below the wanted one, or may do so for all that is known."""
        if not self.also:
            return False
        known = {name.casefold(): parent.casefold() for name, parent in self.parents.items()}
        for text in self.values(record):
            here, seen = text.casefold(), set[str]()
            while here and here not in seen:
                if here == wanted or here not in known:
                    return True
                seen.add(here)
                here = known[here]
        return False

    def with_parents(self, records: Iterable[Value]) -> Filter:
        """The same filter, knowing the parents that these records state beside what stands at ``path``."""
        found = dict(self.parents)
        steps = tokens(self.path)
        for path in self.also:
            above = tokens(path)
            if above[:-1] != steps[:-1]:
                continue
            for holder in at(records, "/".join(steps[:-1])):
                if isinstance(holder.value, Mapping):
                    _adopt(found, holder.value, steps[-1], above[-1])
        return dataclasses.replace(self, parents=found)

    def with_terms(self, records: Iterable[Value]) -> Filter:
        """The same filter, knowing the parents that a list of terms states: records with both members at the top."""
        found = dict(self.parents)
        steps = tokens(self.path)
        for path in self.also:
            member = tokens(path)[-1]
            listed = [record.value for record in records if isinstance(record.value, Mapping)]
            if any(member in record for record in listed):
                for record in listed:
                    _adopt(found, record, steps[-1], member)
        return dataclasses.replace(self, parents=found)


def _adopt(found: dict[str, str], term: Mapping[str, Any], name: str, parent: str) -> None:
    if isinstance(term.get(name), str):
        above = term.get(parent)
        found[term[name]] = above if isinstance(above, str) and above else found.get(term[name], "")


def written(value: Any) -> str:
    """A scalar as it would be written in a query, or nothing."""
    if isinstance(value, str):
        return value.strip()
    amount = number(value)
    if amount is None:
        return ""
    return str(int(amount)) if amount.is_integer() else str(value)


def _one(value: Any) -> list[str]:
    text = written(value)
    return [text] if text else []


def _hours(value: Any) -> list[str]:
    found = TIME.match(value.strip()) if isinstance(value, str) else None
    return [f"{found[1]}:{found[2]}"] if found else []


def _days(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else []
    return [found[1].upper() for part in parts if (found := DAY.search(part.strip()))]


def _longest(value: Any) -> list[str]:
    words = WORD.findall(value) if isinstance(value, str) else []
    return [max(words, key=lambda word: (len(word), word))] if words else []


TRANSFORMS: Mapping[str, Callable[[Any], list[str]]] = {
    "": _one,
    "hh-mm": _hours,
    "ical-day": _days,
    "longest-word": _longest,
}
VARIANTS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "no-space": lambda text: re.sub(r"\s+", "", text),
}


def spellings(asked: str, names: Sequence[str]) -> list[str]:
    """Other ways of writing a value. Raises InternalError for a way that does not exist."""
    for name in names:
        if name not in VARIANTS:
            raise InternalError("filter-variant", f"There is no variant {name!r} of a value.")
    return [text for text in dict.fromkeys(VARIANTS[name](asked) for name in names) if text != asked]


def choose(
    known: Sequence[Known], question: Filter, rank: Callable[[str], str], count: int = WITNESSES
) -> list[Witness]:
    """Up to ``count`` witnesses from different parts of the list, with different values where there are some."""
    able = [record for record in known if question.askable(record.value)]
    chosen: list[Witness] = []
    for part in range(count):
        span = able[part * len(able) // count : (part + 1) * len(able) // count]
        asked = {witness.asked for witness in chosen}
        usual = None
        for witness in _drawn(span, question, rank):
            if witness.asked not in asked:
                chosen.append(witness)
                break
            usual = usual or witness
        else:
            chosen += [usual] if usual else []
    return chosen


def _drawn(span: Sequence[Known], question: Filter, rank: Callable[[str], str]) -> Iterator[Witness]:
    """Every witness of a part, in drawn order: mostly the first one serves, so no more are made than are asked for."""
    for record in sorted(span, key=lambda record: rank(f"{question.parameter} witness {record.id}")):
        for text in sorted(question.askable(record.value), key=lambda text: rank(f"{record.id} {text}")):
            yield Witness(record.id, text, record)


def beyond(known: Sequence[Known], question: Filter, rank: Callable[[str], str]) -> list[Witness]:
    """Records that lie wholly on the wanted side of a value that another record has, by more than the margin.

    Asked for is the value nearest to that side's end, so that few records match, and the one in the middle.
    """
    if question.match not in {"at-least", "at-most"}:
        raise InternalError("filter-rule", f"{question.parameter}: nothing lies beyond a value by {question.match}.")

    def drawn(asked: str) -> Witness | None:
        able = [record for record in known if question.well_within(record.value, asked)]
        record = min(able, key=lambda each: rank(f"{question.parameter} beyond {each.id}"), default=None)
        return Witness(record.id, asked, record) if record is not None else None

    every = dict.fromkeys(text for record in known for text in question.values(record.value))
    upwards = question.match == "at-least"
    values = sorted(every, key=lambda text: (question.measure(text) or 0.0, text), reverse=upwards)
    nearest = next((witness for asked in values if (witness := drawn(asked)) is not None), None)
    middle = drawn(values[len(values) // 2]) if values else None
    found = {witness.asked: witness for witness in (nearest, middle) if witness is not None}
    return list(found.values())


def telling(known: Sequence[Known], question: Filter, witnesses: Sequence[Witness]) -> list[str]:
    """The values whose answer would show a filter that does nothing: some known record would be wrong in it.

    The witnesses' own values where they serve, then the value in the middle of all, in case those return nothing.
    """

    def tells(asked: str) -> bool:
        if question.match == "one-side":
            return {1, -1} <= {question.side(record.value, asked) for record in known}
        return any(question.mismatch(record.value, asked) for record in known)

    found = [asked for asked in dict.fromkeys(witness.asked for witness in witnesses) if tells(asked)]
    if question.ordered:
        every = [text for record in known for text in question.values(record.value)]
        middle = sorted(every, key=lambda text: (question.measure(text) or 0.0, text))
        found += [asked for asked in middle[len(middle) // 2 :][:1] if asked not in found and tells(asked)]
    return found


def tight(known: Sequence[Known], question: Filter) -> list[str]:
    """A time of day that leaves few records, a quarter of all: their own are often so wide that hardly any is out.

    Hours of opening and closing lie apart by much, so that one taken for the other shows only there.
    """
    if question.transform != "hh-mm" or question.match not in {"at-least", "at-most"}:
        return []
    every = [text for record in known for text in question.values(record.value)]
    ordered = sorted(every, key=lambda text: (question.measure(text) or 0.0, text))
    place = len(ordered) // 4 if question.match == "at-most" else len(ordered) * 3 // 4
    return ordered[place:][:1]


def missing(witness: str, asked: str, why: str, came: str, exchange: str) -> Iterator[Finding]:
    """The witness did not come back. ``asked`` is the query, ``why`` what makes it match, ``came`` what came."""
    yield Finding(f"record {witness} for {asked}: {why}", came, exchange)


def wrong(
    question: Filter, asked: str, returned: Sequence[tuple[str, Value]], known: Mapping[str, Value]
) -> Iterator[Finding]:
    """Records that came back although they are known not to match."""
    if question.match == "one-side":
        yield from _both_sides(question, asked, returned, known)
        return
    named = 0
    for identifier, listed in returned:
        record = _best(question, identifier, listed, known)
        if record is not None and named < SHOWN and question.mismatch(record, asked):
            named += 1
            has = question.values(record)
            observed = f"record {identifier}, which has {show(has) if has else 'nothing'} at {question.path}"
            expected = f"only records that match {question.parameter}={asked}"
            yield Finding(expected, observed, listed.exchange, listed.pointer)


def _both_sides(
    question: Filter, asked: str, returned: Sequence[tuple[str, Value]], known: Mapping[str, Value]
) -> Iterator[Finding]:
    sides: dict[int, tuple[str, Value]] = {}
    for identifier, listed in returned:
        record = _best(question, identifier, listed, known)
        side = question.side(record, asked) if record is not None else 0
        sides.setdefault(side, (identifier, listed))
    if 1 in sides and -1 in sides:
        (lower, _), (upper, place) = sides[-1], sides[1]
        expected = f"records from one side of {question.parameter}={asked} only"
        observed = f"both {lower} (below it) and {upper} (above it)"
        yield Finding(expected, observed, place.exchange, place.pointer)


def _best(question: Filter, identifier: str, listed: Value, known: Mapping[str, Value]) -> Value | None:
    """What is known of a returned record: the full record where it was read, else the list's own entry if it tells."""
    full = known.get(identifier)
    if full is not None:
        return full
    return listed if question.values(listed) else None


def judged(question: Filter, returned: Sequence[tuple[str, Value]], known: Mapping[str, Value]) -> bool:
    """Whether enough is known of what came back to say that it belongs there."""
    return any(_best(question, identifier, listed, known) is not None for identifier, listed in returned)


def refused(asked: str, wanted: str, came: str, exchange: str) -> Iterator[Finding]:
    """A query that the standard allows was not answered with success."""
    yield Finding(f"{wanted} for {asked}", came, exchange)


def something(
    parameter: str, asked: str, returned: Sequence[tuple[str, Value]], exchange: str, items: str = ""
) -> Iterator[Finding]:
    """Something came back for a value that nothing has."""
    if returned:
        observed = f"{len(returned)} record(s), the first of them {returned[0][0] or 'without an id'}"
        yield Finding(f"no record for {parameter}={asked}, which no record has", observed, exchange, items)


def beyond_both(
    pair: str, returned: Sequence[tuple[str, Value]], alone: Sequence[tuple[str, frozenset[str]]]
) -> Iterator[Finding]:
    """Records returned for two filters at once that one of them alone does not return."""
    named = 0
    for identifier, place in returned:
        lacking = [name for name, ids in alone if identifier and identifier not in ids]
        if lacking and named < SHOWN:
            named += 1
            observed = f"record {identifier}, which {' and '.join(lacking)} alone does not return"
            yield Finding(f"only records that each filter of {pair} returns", observed, place.exchange, place.pointer)


def strangers(query: str, found: Sequence[tuple[str, Value]], ids: frozenset[str]) -> Iterator[Finding]:
    """Records on a later page that the filtered result, read with larger pages, does not hold."""
    for identifier, place in [each for each in found if each[0] and each[0] not in ids][:SHOWN]:
        expected = f"only records of the result of {query} on its page 2"
        yield Finding(expected, f"record {identifier}, which is not one of them", place.exchange, place.pointer)


def changed_totals(parameter: str, first: Any, later: Any, page: int, exchange: str, pointer: str) -> Iterator[Finding]:
    """The total of a filtered result is the same on every page."""
    if first is not None and later is not None and first != later:
        expected = f"{show(first)} as on page 1 of the result filtered by {parameter}"
        yield Finding(expected, f"{show(later)} on page {page}", exchange, pointer)


def counted(query: str, stated: Any, count: int, exchange: str, pointer: str) -> Iterator[Finding]:
    """The total of a filtered result is the number of records in it. ``count``: so many came on all its pages."""
    if isinstance(stated, int) and not isinstance(stated, bool) and stated != count:
        yield Finding(f"{count}: so many records come with {query}", show(stated), exchange, pointer)


def variant(
    parameter: str, asked: str, spelt: str, plain: frozenset[str], other: frozenset[str], exchange: str
) -> Iterator[Finding]:
    """Another way of writing a value gives other records."""
    if plain != other:
        expected = f"the {len(plain)} record(s) of {parameter}={asked} for {parameter}={spelt}"
        gone, new = len(plain - other), len(other - plain)
        yield Finding(expected, f"{len(other)} record(s): {gone} of them missing, {new} others", exchange)
