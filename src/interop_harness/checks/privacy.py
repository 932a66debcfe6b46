"""Do personal details stay out of the places that are logged: addresses, headers, messages of errors?

For Blue Badge eligibility; for DWP citizen data, cases of waste services and patient searches too. What is looked for
is what the request itself carried, so that nothing has to be known of the people in it.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote_plus

from interop_harness.checks.values import Value, below
from interop_harness.evidence import Exchange, Finding

SHORTEST = 6
"""Texts of fewer letters and digits turn up by chance and are not looked for."""
LONG_AGO = timedelta(days=5 * 366)
"""A date nearer than this may stand in an address for many reasons; a date of birth of an adult does not."""
ADDRESS_HEADERS = ("location", "content-location", "link", "refresh")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|/[^\s/]|\?[^\s=]+=")
ENCODED = re.compile(r"[A-Za-z0-9+_-]{12,}={0,2}")


def details(values: Iterable[Any], today: date) -> dict[str, str]:
    """What to look for, in letters and digits alone → the detail that it betrays.

    A text is looked for as a whole and word by word, a date in the orders that people write it in.
    """
    found: dict[str, str] = {}
    for value in values:
        if not isinstance(value, str):
            continue
        day = ISO.match(value)
        if day:
            if _far(value, today):
                found |= {day[1] + day[2] + day[3]: value, day[3] + day[2] + day[1]: value}
            continue
        for text in (value, *value.split()):
            if len(plain(text)) >= SHORTEST:
                found.setdefault(plain(text), text)
    return found


def _far(text: str, today: date) -> bool:
    try:
        return today - date.fromisoformat(text) > LONG_AGO
    except ValueError:
        return False


def plain(text: str) -> str:
    """Letters and digits alone, without accents and capitals."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in letters if char.isalnum())


def betrayed(text: str, wanted: dict[str, str]) -> str:
    """The first detail that stands in a text: in clear, percent-encoded once or twice, or in base64. Empty: none."""
    once = unquote_plus(text)
    seen = [text, once, unquote_plus(once), *_decoded(text), *_decoded(once)]
    for candidate in seen:
        reduced = plain(candidate)
        for letters, told in wanted.items():
            if letters in reduced:
                return told
    return ""


def _decoded(text: str) -> Iterator[str]:
    for token in ENCODED.findall(text):
        core = token.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(core + "=" * (-len(core) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            continue


def addresses(exchange: Exchange, body: Any, wanted: dict[str, str]) -> Iterator[Finding]:
    """No address in an answer holds a detail that was sent: in the headers for addresses, or anywhere in the body."""
    response = exchange.response
    if response is None:
        return
    for name, value in response.headers:
        if name.lower() in ADDRESS_HEADERS and (told := betrayed(value, wanted)):
            yield _finding("an address", told, exchange, name)
    for _, location in response.redirects:
        if told := betrayed(location, wanted):
            yield _finding("an address", told, exchange, "Location")
    for _, found in below(Value(exchange.id, "", body)):
        if isinstance(found.value, str) and ADDRESS.search(found.value) and (told := betrayed(found.value, wanted)):
            yield _finding("an address", told, exchange, found.pointer)


def headers(exchange: Exchange, wanted: dict[str, str]) -> Iterator[Finding]:
    """No other header holds a detail either: headers are logged on the way."""
    if exchange.response is None:
        return
    for name, value in exchange.response.headers:
        if name.lower() not in ADDRESS_HEADERS and (told := betrayed(value, wanted)):
            yield _finding("a header", told, exchange, name)


def errors(exchange: Exchange, body: Any, wanted: dict[str, str]) -> Iterator[Finding]:
    """The message of an error says which member is wrong and does not repeat what was sent."""
    texts = [found for _, found in below(Value(exchange.id, "", body)) if isinstance(found.value, str)]
    if isinstance(body, str):
        texts.append(Value(exchange.id, "", body))
    for found in texts:
        if not ADDRESS.search(found.value) and (told := betrayed(found.value, wanted)):
            yield _finding("the message of an error", told, exchange, found.pointer)


def _finding(place: str, told: str, exchange: Exchange, pointer: str) -> Finding:
    observed = f"{len(plain(told))} letters and digits that were sent, in {pointer or 'the body'}"
    return Finding(f"no personal detail in {place}", observed, exchange.id, pointer)
