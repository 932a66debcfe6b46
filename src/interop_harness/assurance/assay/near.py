"""Values that are nearly right: what suppliers write when they get a member, a type, a code or a format wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interop_harness.assurance.assay.bodies import DROP


@dataclass(frozen=True, slots=True)
class Near:
    """A way to spoil a value: its short name, what it does in words, and the doing."""

    kind: str
    told: str
    make: Callable[[Any], Any]


def always(kind: str, told: str, value: Any) -> Near:
    return Near(kind, told, lambda _: value)


MISSING = Near("missing", "left out", lambda _: DROP)
NULL = always("null", "null", None)
EMPTY = always("empty", "an empty text", "")
BLANK = always("blank", "blanks only", "   ")


def given(change: Near) -> Near:
    """The change made only where there is a value: nothing has neither a type nor a form."""
    return Near(change.kind, change.told, lambda old: None if old is None else change.make(old))


def other_types(value: Any) -> Iterator[Near]:
    """The same thing as another JSON type, the way serialisers slip."""
    return map(given, _other_types(value))


def _other_types(value: Any) -> Iterator[Near]:
    if isinstance(value, bool):
        yield Near("boolean-as-text", "a truth written as text", lambda old: str(old).lower())
        yield Near("boolean-as-number", "a truth written as 0 or 1", int)
    elif isinstance(value, (int, float)):
        yield Near("number-as-text", "a number written as text", str)
        yield Near("number-in-array", "a number inside an array", lambda old: [old])
        if isinstance(value, int):
            yield Near("fraction", "a whole number with a fraction", lambda old: old + 0.5)
    elif isinstance(value, str):
        yield Near("text-as-number", "a text written as a number", _as_number)
        yield Near("text-in-array", "a text inside an array", lambda old: [old])
        yield Near("text-in-object", "a text inside an object", lambda old: {"value": old})
    elif isinstance(value, list):
        yield Near("array-as-object", "an array written as an object", lambda old: dict(enumerate_text(old)))
        yield Near("array-unwrapped", "an array of one written as its only item", lambda old: old[0] if old else {})
    elif isinstance(value, Mapping):
        yield Near("object-in-array", "an object inside an array", lambda old: [old])
        yield Near("object-as-text", "an object replaced by its id or name", _as_text)


def enumerate_text(value: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(f"item{number}", item) for number, item in enumerate(value)]


def _as_number(old: Any) -> Any:
    digits = re.sub(r"\D", "", str(old))
    return int(digits[:9] or "7")


def _as_text(old: Mapping[str, Any]) -> str:
    return str(old.get("id") or old.get("name") or "object")


def near_codes(codes: Sequence[Any], *, strict: bool = True) -> Iterator[Near]:
    """Near misses of a code: other capitals, a space, another separator, a word that means the same.

    With ``strict`` off only what no reader can take for the code: standards that put capitals aside forgive the rest.
    """
    known = {str(code) for code in codes}
    if strict:
        yield Near("code-case", "a code in other capitals", lambda old: _differ(str(old), known))
        yield Near("code-space", "a code with a space behind it", lambda old: f"{old} ")
        yield Near("code-separator", "a code with another separator", _separator)
    yield Near("code-synonym", "a word of one's own for a code", lambda old: f"{old}_local")
    yield always("code-number", "a number of one's own for a code", "17")


def _differ(text: str, known: set[str]) -> str:
    for made in (text.upper(), text.lower(), text.title()):
        if made not in known:
            return made
    return text


def _separator(old: Any) -> str:
    text = str(old)
    for here, there in ((" ", "_"), ("_", "-"), ("-", " ")):
        if here in text:
            return text.replace(here, there)
    return text


def _cut(count: int) -> Callable[[Any], Any]:
    return lambda old: str(old)[:-count]


_FORMATS: Mapping[str, tuple[Near, ...]] = {
    "uuid": (
        Near("uuid-short", "a UUID with one digit short", _cut(1)),
        Near("uuid-letters", "a UUID with a letter that is no digit", lambda old: f"g{str(old)[1:]}"),
    ),
    "date-time": (
        Near("no-zone", "a date and time without its zone", lambda old: re.sub(r"(Z|[+-]\d\d:?\d\d)$", "", str(old))),
        Near("day-31-feb", "the 31st of February", lambda old: f"2026-02-31{str(old)[10:]}"),
        Near("slashes", "a date the British way", lambda o: f"{str(o)[8:10]}/{str(o)[5:7]}/{str(o)[:4]}"),
        Near("date-only", "a date without its time", lambda old: str(old)[:10]),
    ),
    "date": (
        always("day-31-feb", "the 31st of February", "2026-02-31"),
        Near("slashes", "a date the British way", lambda old: f"{str(old)[8:10]}/{str(old)[5:7]}/{str(old)[:4]}"),
    ),
    "uri": (
        Near("no-scheme", "an address without its scheme", lambda old: re.sub(r"^[a-z]+:/*", "", str(old))),
        always("blank-in-uri", "an address with a blank in it", "https://www.example.org/a page"),
    ),
    "email": (
        Near("no-domain", "an e-mail address without its domain", lambda old: str(old).split("@")[0] + "@"),
        Near("no-at", "an e-mail address without its sign", lambda old: str(old).replace("@", " at ")),
    ),
    "time": (
        always("words", "a time in words", "half past nine"),
        always("hour-25", "the 25th hour", "25:10"),
        always("dots", "a time with a dot", "9.30am"),
    ),
    "time-zoned": (always("words", "a time in words", "half past nine"), always("no-zone", "a time bare", "09:30")),
    "date-time-milliseconds": (
        always("seconds-only", "a moment to the second", "2026-10-01T09:30:00Z"),
        always("day-31-feb", "the 31st of February", "2026-02-31T09:30:00.000Z"),
    ),
    "uk-postcode": (
        Near("postcode-short", "a postcode with a letter short", _cut(1)),
        always("postcode-digits", "a postcode of digits", "12345"),
    ),
    "country-code": (always("country-name", "a country in full", "England"), always("gbr", "three letters", "GBR")),
    "ical-byday": (always("day-names", "days in full", "Monday"), always("day-numbers", "days as numbers", "1,3")),
    "ical-bymonthday": (always("day-40", "the 40th of a month", "40"), always("day-words", "a day in words", "first")),
    "geojson": (
        always("kind-unknown", "a shape that GeoJSON does not have", '{"type":"Circle","coordinates":[0,51]}'),
        always("wkt", "well-known text", "POINT (0 51)"),
    ),
    "nhs-number": (
        Near("check-digit", "a wrong check digit", lambda old: str(old)[:-1] + str((int(old[-1]) + 1) % 10)),
    ),
    "org-id-scheme": (always("scheme-name", "a register in words", "Companies House"),),
}
FORMATS: Mapping[str, tuple[Near, ...]] = {name: tuple(map(given, ways)) for name, ways in _FORMATS.items()}
"""Format → ways to get it subtly wrong. The oracle decides whether one really is wrong where it is put."""
