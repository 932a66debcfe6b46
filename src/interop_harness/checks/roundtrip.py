"""Does what was submitted arrive complete? What was sent is compared with what is read back, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from interop_harness.checks.formats import moment
from interop_harness.errors import InternalError
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show
from interop_harness.profile.openapi import find

SHORTEST = 5
"""Texts of fewer characters turn up by chance and are not looked for."""


def answer(exchange: Exchange, body: Any, present: Sequence[str], absent: Sequence[str]) -> Iterator[Finding]:
    """The answer to a submission has some members and lacks others."""
    asked = f"{exchange.request.method} {exchange.request.target}"
    for pointer in present:
        if blank(find(body, pointer)):
            yield Finding(f"a value at {pointer} in the answer to {asked}", "none", exchange.id, pointer)
    for pointer in absent:
        if not blank(find(body, pointer)):
            observed = show(find(body, pointer))
            yield Finding(f"nothing at {pointer} in the answer to {asked}", observed, exchange.id, pointer)


def one_of(exchange: Exchange, body: Any, pointers: Sequence[str]) -> Iterator[Finding]:
    """Exactly one of some members has a value."""
    given = [pointer for pointer in pointers if not blank(find(body, pointer))]
    if len(given) != 1:
        wanted = " and ".join(pointers)
        yield Finding(f"a value at exactly one of {wanted}", f"at {' and '.join(given) or 'none'}", exchange.id)


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def not_accepted(exchange: Exchange) -> Finding:
    """A submission that the standard allows was turned away."""
    asked = f"{exchange.request.method} {exchange.request.target}"
    return Finding(f"success for {asked}, a complete submission", exchange.describe(), exchange.id)


def not_found(what: str, exchange: Exchange) -> Finding:
    """What was created cannot be read, or is not in the list."""
    came = exchange.describe() if not exchange.ok else f"{exchange.describe()} without it"
    return Finding(f"{what} at {exchange.request.target}", came, exchange.id)


def compared(
    rules: Iterable[Mapping[str, Any]],
    sent: Mapping[str, str | list[str]],
    record: Any,
    place: tuple[Exchange, str],
    now: datetime,
) -> Iterator[Finding]:
    """What was read back against what was sent, or against a value that the rule states."""
    exchange, pointer = place
    for rule in rules:
        here = str(rule["at"])
        found = find(record, here)
        if "within_minutes" in rule:
            yield from _recent(found, now, int(rule["within_minutes"]), exchange, pointer + here)
            continue
        name = str(rule.get("sent", ""))
        wanted = rule["value"] if "value" in rule else sent.get(name)
        if wanted is None:
            continue
        way = str(rule.get("as", "text"))
        if way not in WAYS:
            raise InternalError("roundtrip-comparison", f"There is no comparison {way!r}.")
        if blank(found) or not WAYS[way](str(wanted), found, rule):
            source = f"the {name} that was submitted" if name else "the value of something new"
            observed = "nothing" if blank(found) else show(found)
            yield Finding(f"{show(str(wanted))}, {source}", observed, exchange.id, pointer + here)


def _recent(found: Any, now: datetime, minutes: int, exchange: Exchange, pointer: str) -> Iterator[Finding]:
    when = moment(found.strip()) if isinstance(found, str) else None
    if when is None or when.tzinfo is None or abs(when - now) > timedelta(minutes=minutes):
        expected = f"a time within {minutes} minutes of {now.astimezone(UTC).isoformat(timespec='seconds')}"
        yield Finding(expected, "nothing" if blank(found) else show(found), exchange.id, pointer)


def _text(wanted: str, found: Any, rule: Mapping[str, Any]) -> bool:
    return _plain(wanted) == _plain(str(found))


def _plain(text: str) -> str:
    """Text as people read it: line ends and runs of blanks are one thing wherever they come from."""
    return re.sub(r"[ \t]+", " ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _contains(wanted: str, found: Any, rule: Mapping[str, Any]) -> bool:
    return _plain(wanted).casefold() in _plain(str(found)).casefold()


def _number(wanted: str, found: Any, rule: Mapping[str, Any]) -> bool:
    try:
        return abs(float(wanted) - float(found)) <= float(rule.get("tolerance", 0))
    except (TypeError, ValueError):
        return False


WAYS = {"text": _text, "contains": _contains, "number": _number}


def exposed(
    names: Sequence[str], sent: Mapping[str, str | list[str]], text: str, exchange: Exchange
) -> Iterator[Finding]:
    """Something personal that was submitted stands in an answer that anybody can read."""
    for name in names:
        value = sent.get(name)
        if isinstance(value, str) and len(value) >= SHORTEST and value.casefold() in text.casefold():
            yield Finding(f"no trace of the {name} that was submitted", f"the {name}", exchange.id)


def refused(exchange: Exchange, expect: Sequence[int], what: str) -> Iterator[Finding]:
    """A submission that is not allowed is turned away with the right status (``4``: any from 400 to 499)."""
    if exchange.status not in expect and not (4 in expect and 400 <= exchange.status < 500):
        wanted = " or ".join("from 400 to 499" if code == 4 else str(code) for code in expect)
        asked = f"{exchange.request.method} {exchange.request.target} {what}"
        yield Finding(f"status {wanted} for {asked}", exchange.describe(), exchange.id)


def ledger(exchange: Exchange, names: Sequence[str], removal: str) -> str:
    """The line of the ledger for one submission that was accepted, or may have been; nothing for a refused one."""
    if exchange.failure is None and 400 <= exchange.status < 500:
        return ""
    asked = f"{exchange.request.method} {exchange.request.target} (exchange {exchange.id})"
    if not exchange.ok:
        return f"ledger: {asked} may have created something: {exchange.describe()}. {removal}".strip()
    what = ", ".join(names) or "something that the answer does not name"
    return f"ledger: {asked} created {what}; not removed. {removal}".strip()
