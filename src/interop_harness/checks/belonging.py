"""Does every record that comes belong to whom or what was asked for?

The gravest mistake of a shared record is another person's data. So a record that does not say whose it is counts as
wrong too, unlike in :mod:`~interop_harness.checks.keyed`, where records may belong to nothing in particular.
For FHIR (patients); Open311 accounts and the documents of a planning application are asked for in the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interop_harness.checks import spans
from interop_harness.checks.persons import Person, Whose
from interop_harness.checks.values import Value, at, below, filled
from interop_harness.errors import InternalError
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

SHOWN = 5
"""Records named for one mistake; the others are the same one."""
ASIDE = 30
"""So many days from its own date a record is asked for with a prefix, so that a prefix that is not read shows."""
INNER = 3
"""So many letters of a name are asked for, from its second one on."""
NO_LETTER = re.compile(r"[\W\d_]+")
"""What parts of a name are divided by: blanks, hyphens, apostrophes of any kind, full stops."""
HISTORY = re.compile(r"/_history/[^/]*\Z")


def subject(reference: Any, kind: str) -> str:
    """The identifier that a reference names: ``Patient/7``, ``https://host/base/Patient/7``; without a kind ``7``."""
    text = HISTORY.sub("", str(reference).partition("#")[0]) if isinstance(reference, (str, int)) else ""
    if not kind:
        return text
    *_, named, identifier = ["", "", *text.split("/")]
    return identifier if named == kind else ""


def belongs(
    records: Sequence[Value], member: str, kind: str, wanted: str, asked: str, person: Person | None = None
) -> Iterator[Finding]:
    """Every record says at ``member`` that it belongs to ``wanted``, and to nobody else.

    ``person``: what is known of them, by which a reference without an address is judged (R4 references.html: contained
    and logical references); without it only an address counts.
    """
    whose = f"{kind}/{wanted}" if kind else wanted
    named = 0
    for record in records:
        found = filled([record], member)
        meant = _meant(record, member, person)
        if meant in (Whose.MINE, Whose.UNTOLD):
            continue
        wrong = [value for value in found if subject(value.value, kind) != wanted]
        if (wrong or not found) and named < SHOWN:
            named += 1
            holder = filled([record], _holder(member)) if meant else []
            place = next(iter([*holder, *wrong]), record)
            observed = show(place.value) if holder or wrong else f"nothing at {member}"
            yield Finding(f"{whose} at {member} of every record for {asked}", observed, place.exchange, place.pointer)


def untold(records: Sequence[Value], member: str, person: Person) -> list[Value]:
    """The records whose reference has no address and no identifier that could be compared."""
    return [record for record in records if _meant(record, member, person) is Whose.UNTOLD]


def kept(
    shown: Value, read: Value, member: str, person: Person, wanted: str, other: str, *, short: bool = False
) -> Iterator[Finding]:
    """A record that the list shows as ``wanted``'s is theirs at its own address, too (FHIR R4 http.html#read).

    References have different forms in the two places: what cannot be compared says nothing, and of two addresses it
    is for another check to say. Beside an identifier an address counts that is known to be ``other``'s. Unless it is
    ``short``, the record does not name them by a display alone.
    """
    if _meant(shown, member, person) is not Whose.MINE and not _addressed(shown, member, person.kind, wanted):
        return
    there = filled([read], _holder(member))
    meant = _meant(read, member, person) is Whose.ANOTHER
    known = bool(other) and not by_address(shown, member) and _addressed(read, member, person.kind, other)
    nobody = bool(there) and not short and not refers(read, member)
    if meant or known or nobody:
        where = f"as the list has it (exchange {shown.exchange} at {shown.pointer})"
        expected = f"{person.kind}/{wanted} at {_holder(member)}, {where}"
        yield Finding(expected, show(there[0].value), there[0].exchange, there[0].pointer)


def cut(records: Sequence[Value], member: str, kind: str, wanted: str, asked: str) -> Iterator[Finding]:
    """Nothing comes of ``wanted``, of whose id only the beginning was asked for."""
    named = [place for record in records for place in filled([record], member) if subject(place.value, kind) == wanted]
    for place in named[:SHOWN]:
        yield Finding(f"no record of {kind}/{wanted} for {asked}", show(place.value), place.exchange, place.pointer)


def _addressed(record: Value, member: str, kind: str, whose: str) -> bool:
    return any(subject(value.value, kind) == whose for value in filled([record], member))


def refers(record: Value, member: str) -> bool:
    """Whether a record says anything of whose it is: by an address, or by an identifier alone."""
    return bool(filled([record], member) or filled([record], f"{_holder(member)}/identifier"))


def by_address(record: Value, member: str) -> bool:
    return any(not str(value.value).startswith("#") for value in filled([record], member))


def _holder(member: str) -> str:
    return member.rpartition("/")[0]


def _meant(record: Value, member: str, person: Person | None) -> Whose | None:
    holders = filled([record], _holder(member)) if person else []
    meant = [person.means(holder, record) for holder in holders] if person else []
    return meant[0] if len(meant) == 1 else None


def carries(records: Sequence[Value], each: str, wanted: Mapping[str, str], asked: str) -> Iterator[Finding]:
    """Every record has, in one and the same item, all of the values asked for, to the letter."""
    named = 0
    words = " with ".join(f"{value} at {member}" for member, value in wanted.items())
    for record in records:
        items = list(at([record], each))
        if any(all(_text(item, member) == value for member, value in wanted.items()) for item in items):
            continue
        if named < SHOWN:
            named += 1
            has = "; ".join("|".join(_text(item, member) for member in wanted) for item in items[:SHOWN])
            expected = f"{words} in one item of {each} of every record for {asked}"
            yield Finding(expected, has or f"nothing at {each}", record.exchange, record.pointer)


def _text(item: Value, member: str) -> str:
    found = filled([item], member)
    return str(found[0].value) if found else ""


def present(records: Sequence[Value], member: str) -> Iterator[Finding]:
    """Every record has the member; one that gives a reason in the value's place (FHIR's ``_member``) has it too."""
    holder, _, name = member.rpartition("/")
    named = 0
    for place in at(records, holder):
        if not isinstance(place.value, Mapping) or filled([place], name) or filled([place], f"_{name}/extension"):
            continue
        if named < SHOWN:
            named += 1
            yield Finding(f"{name}, which every record has", f"nothing at {member}", place.exchange, place.pointer)


def nothing(records: Sequence[Value], asked: str) -> Iterator[Finding]:
    """Nothing comes for what nobody has."""
    if records:
        first = records[0]
        yield Finding(f"no record for {asked}", f"{len(records)} record(s)", first.exchange, first.pointer)


def answered(asked: str, ok: bool, came: str, exchange: str) -> Iterator[Finding]:
    """A question that finds nothing is a success all the same."""
    if not ok:
        yield Finding(f"success, and no record, for {asked}", came, exchange)


# --- asking for a record by its own values ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One query parameter: where the value stands in a record, and by which rule it is compared."""

    parameter: str
    paths: tuple[str, ...]
    match: str
    prefix: str = ""
    cut: int = 0
    """So many characters of the value are asked for; 0 is all of them."""
    among: tuple[str, ...] = ()
    """The only values that are asked for, where others may stand beside them; none: any."""
    last: bool = False
    """Whether of several values in one list the last is asked for, and not the first."""
    ask: tuple[str, ...] = ()
    """Where the value that is asked for stands, if not at every path by which a record may match."""
    firsts: bool = False
    """Whether of several values in one list only the first is asked for: later ones need not be found."""

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Question:
        """From a row. Raises InternalError for a rule that does not exist."""
        match = str(stated.get("match", "exact"))
        if match not in RULES:
            raise InternalError("belonging-rule", f"There is no rule {match!r}.", f"Known: {', '.join(RULES)}.")
        where = stated["from"]
        paths = tuple(where) if isinstance(where, list) else (str(where),)
        among = tuple(str(value) for value in stated.get("among", ()))
        prefix, cut = str(stated.get("prefix", "")), int(stated.get("cut", 0))
        ask = tuple(str(path) for path in stated.get("ask", ()))
        last, firsts = stated.get("last") is True, stated.get("firsts") is True
        return cls(str(stated["parameter"]), paths, match, prefix, cut, among, last, ask, firsts)

    def values(self, record: Value) -> list[Any]:
        return [value.value for path in self.paths for value in filled([record], path)]

    def _askable(self, record: Value) -> list[Any]:
        found = [value for path in self.ask or self.paths for value in filled([record], path)]
        if self.firsts:
            places = [value.pointer.rpartition("/")[2] for value in found]
            found = [value for value, place in zip(found, places, strict=True) if place == "0" or not place.isdecimal()]
        if self.last and found:
            # Later lists, of former names say, need not be searched: of the first one it is the last value.
            place = found[0].pointer.rpartition("/")[0]
            found = [value for value in found if value.pointer.rpartition("/")[0] == place][::-1]
        return [value.value for value in found]

    def asked(self, record: Value) -> str:
        """The record's own value as it is asked for; empty when it has none that would surely be found."""
        for value in self._askable(record):
            text = RULES[self.match].written(value, self)
            if self.among and text not in self.among:
                continue
            if self.prefix and self.match == "date" and not self.cut:
                text = spans.moved(text, -ASIDE if self.prefix == "ge" else ASIDE)
            if text and "," not in text and (not self.cut or len(text) >= self.cut):
                return f"{self.prefix}{text[: self.cut] if self.cut else text}"
        return ""

    def wrong(self, record: Value, asked: str) -> bool:
        """Whether a record is known not to match: it has values, and none of them does."""
        found = self.values(record)
        text = asked.removeprefix(self.prefix)
        return bool(found) and not any(RULES[self.match].matches(value, text, self) for value in found)


@dataclass(frozen=True, slots=True)
class Rule:
    written: Callable[[Any, Question], str]
    matches: Callable[[Any, str, Question], bool]


def _plain(text: str) -> str:
    """Without capitals and accents, as names are compared."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _scalar(value: Any, question: Question) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _begins(value: Any, asked: str, question: Question) -> bool:
    return _plain(str(value)).startswith(_plain(asked))


def _any_word(value: Any, asked: str, question: Question) -> bool:
    texts = [str(each.value) for _, each in below(Value("", "", {"it": value})) if isinstance(each.value, str)]
    plain = [_plain(text) for text in texts]
    return any(word.startswith(_plain(asked)) for text in plain for word in (text, *NO_LETTER.split(text)))


def _a_word(value: Any, question: Question) -> str:
    return value if isinstance(value, str) else ""


def _day(value: Any, question: Question) -> str:
    return str(value)[:10] if spans.sure(value) else ""


def _in_time(value: Any, asked: str, question: Question) -> bool:
    found, wanted = spans.span(value), spans.span(asked)
    return found is None or wanted is None or not spans.outside(found, wanted, question.prefix)


RULES: Mapping[str, Rule] = {
    "exact": Rule(_scalar, lambda value, asked, _: str(value) == asked),
    "begins": Rule(_scalar, _begins),
    "word-begins": Rule(_a_word, _any_word),
    "date": Rule(_day, _in_time),
}
"""exact; begins and word-begins pass over capitals and accents; date knows the prefixes ge and le."""


def inner(question: Question, records: Sequence[Value], rank: Callable[[str], str]) -> str:
    """Letters from within a known name with which no part of a known name begins; empty where there are none.

    Only plain letters, since others may be spelt and compared in several ways.
    """
    names = [str(value.value) for path in question.ask for value in filled(records, path)]
    words = {word for name in names for word in NO_LETTER.split(name)}
    pieces = {word[1 : 1 + INNER] for word in words if len(word) > INNER}
    clear = {
        piece
        for piece in pieces
        if piece.isascii() and piece.isalpha() and all(question.wrong(record, piece) for record in records)
    }
    return min(clear, key=rank, default="")


def shortened(value: str, taken: Sequence[str]) -> str:
    """A known value without its last character; empty where somebody is known to have just that, or nothing is left."""
    made = value[:-1].rstrip()
    return "" if made in taken else made


def not_found(witness: str, asked: str, came: str, exchange: str) -> Iterator[Finding]:
    """The record whose own values were asked for did not come."""
    yield Finding(f"record {witness} for {asked}: these are its own values", came, exchange)


def strangers(
    questions: Sequence[tuple[Question, str]], records: Sequence[tuple[str, Value]], asked: str
) -> Iterator[Finding]:
    """Records came that are known not to match."""
    named = 0
    for identifier, record in records:
        for question, text in questions:
            if question.wrong(record, text) and named < SHOWN:
                named += 1
                has = show(question.values(record))
                observed = f"record {identifier}, which has {has} at {' or '.join(question.paths)}"
                yield Finding(f"only records that match {asked}", observed, record.exchange, record.pointer)
                break
