"""Whether a service answers every ordinary client alike: who asks, and what two answers are compared by.

A service that behaves only for its examiner has to recognise the examiner: by the name it gives itself, by the
order of its headers, by a header that it sends or leaves out. So the same question is put under other names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from interop_harness.evidence import Exchange, Request

FIRST_FRESH = 100
"""Repetitions are numbered from here on, so that none is taken for the run's own."""
MAX_VALUES = 20_000
MAX_ITEMS = 500

Headers = tuple[tuple[str, str], ...]
_ANY, _PACKED, _OPEN = ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"), ("Connection", "keep-alive")
_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_CURL = "curl/8.14.1"
_LIBRARY = "python-requests/2.32.5"

GROUPS: Mapping[str, tuple[tuple[str, Headers], ...]] = {
    # Nothing but the name differs; it stands where the suite's own stands.
    "user-agent": (
        ("a client with a browser's name", (("User-Agent", _BROWSER),)),
        ("a client with curl's name", (("User-Agent", _CURL),)),
        ("a client with another library's name", (("User-Agent", _LIBRARY),)),
    ),
    # The same headers with the same values, in another order: what is not named here goes in front of what is.
    "header-order": (
        ("the same client with its headers in reverse order", (_OPEN, _PACKED, _ANY)),
        ("the same client with its name in front", (_ANY, _PACKED, _OPEN)),
    ),
    # Whole header sets, as these clients send them; an empty value leaves a header out.
    "header-set": (
        (
            "a browser",
            (
                _OPEN,
                ("User-Agent", _BROWSER),
                _ANY,
                ("Sec-Fetch-Site", "none"),
                ("Sec-Fetch-Mode", "cors"),
                ("Sec-Fetch-Dest", "empty"),
                ("Cache-Control", "no-cache"),
                _PACKED,
                ("Accept-Language", "en-GB,en;q=0.9"),
            ),
        ),
        ("curl", (("User-Agent", _CURL), _ANY, ("Accept-Encoding", ""), ("Connection", ""))),
        ("a scripting library", (("User-Agent", _LIBRARY), _PACKED, _ANY, _OPEN)),
    ),
}


def disguised(request: Request, headers: Headers, attempt: int) -> Request:
    """The request as another client would send it. What the request itself says in a header stays said."""
    said = {name.lower(): value for name, value in request.headers}
    named = {name.lower() for name, _ in headers}
    kept = [(name, value) for name, value in request.headers if name.lower() not in named]
    return _again(request, (*((name, said.get(name.lower(), value)) for name, value in headers), *kept), attempt)


def repeated(request: Request, attempt: int) -> Request:
    """The very same request once more, as a control."""
    return _again(request, request.headers, attempt)


def _again(request: Request, headers: Headers, attempt: int) -> Request:
    return Request(
        request.method,
        request.target,
        headers,
        request.body,
        request.auth,
        request.fresh + FIRST_FRESH + attempt,
        request.repeatable,
    )


def look(exchange: Exchange, value: Any) -> dict[str, str]:
    """What two answers are compared by: status, media type, and every place of the body with what stands there.

    ``value`` is the body as data, or None when it is none. Contents are compared by their kind, identifiers and the
    length of lists by their value.
    """
    if exchange.response is None:
        return {"status": "no answer"}
    found = {"status": str(exchange.status), "media type": exchange.response.media_type or "none"}
    if exchange.status == 304:
        return found
    body = exchange.response.body
    if value is None:
        tags = sorted(set(re.findall(rb"<([A-Za-z][\w:.-]{0,40})", body[:1_000_000])))
        found["body"] = f"markup of {b' '.join(tags).decode('ascii')[:2000]}" if tags else "text" if body else "empty"
        return found
    places: dict[str, set[str]] = {}
    _walk(places, value, "", 0, [MAX_VALUES])
    found.update((place, " or ".join(sorted(kinds))) for place, kinds in places.items())
    return found


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """Where two looks differ, in words: what the second has instead. Empty when they are alike."""
    said = []
    for place in sorted(first.keys() | second.keys(), key=lambda name: (name not in {"status", "media type"}, name)):
        one, other = first.get(place, "nothing"), second.get(place, "nothing")
        if one != other:
            said.append(f"{place} is {_short(other)} instead of {_short(one)}")
    return said


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:76] + " ..."


def _walk(places: dict[str, set[str]], value: Any, place: str, depth: int, left: list[int]) -> None:
    if depth > 40 or left[0] <= 0:
        return
    if not isinstance(value, (dict, list)):
        _see(places, place or "body", _kind(value), left)
    elif isinstance(value, dict):
        _see(places, place or "body", "an object", left)
        for name, member in value.items():
            if name == "id" and isinstance(member, str | int) and not isinstance(member, bool):
                _see(places, f"{place}/id", str(member), left)
            else:
                _walk(places, member, f"{place}/{name}", depth + 1, left)
    else:
        _see(places, place or "body", f"a list of {len(value)}" if "[]" not in place else "a list", left)
        for item in value[:MAX_ITEMS]:
            _walk(places, item, f"{place}[]", depth + 1, left)


def _see(places: dict[str, set[str]], place: str, kind: str, left: list[int]) -> None:
    if left[0] > 0:
        left[0] -= 1
        places.setdefault(place, set()).add(kind)


_KINDS = (
    ("an empty text", re.compile(r"\s*")),
    ("a date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("a time", re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.{0,20}")),
    ("a UUID", re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")),
    ("an address", re.compile(r"https?://\S{1,2000}")),
    ("a number as text", re.compile(r"-?\d{1,40}(\.\d{1,40})?")),
)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return _kind_of_text(value)


@lru_cache(maxsize=16_384)
def _kind_of_text(text: str) -> str:
    return next((name for name, pattern in _KINDS if pattern.fullmatch(text)), "a text")
