"""Whether a service answers every ordinary client alike: how a request is put as somebody else would put it.

A service that behaves only for its examiner has to recognise the examiner: by the name it gives itself, by the
order of its headers, by a header that it sends or leaves out. So the same question is put under other names.
"""

from __future__ import annotations

from interop_harness.checks.identities import SUITE, USUAL, Client, Headers, played
from interop_harness.checks.likeness import Look, differences, look, shapes, told, words
from interop_harness.evidence import Exchange, Request

__all__ = [
    "Client",
    "Headers",
    "Look",
    "asked_alike",
    "differences",
    "disguised",
    "look",
    "played",
    "repeated",
    "shapes",
    "shared",
    "told",
    "varies",
    "words",
]

FIRST_FRESH = 100
"""Repetitions are numbered from here on, so that none is taken for the run's own."""


def disguised(request: Request, headers: Headers, attempt: int) -> Request:
    """The request as another client would send it. What the request itself says in a header stays said."""
    said = {name.lower(): value for name, value in request.headers}
    named = {name.lower() for name, _ in headers}
    kept = [(name, value) for name, value in request.headers if name.lower() not in named]
    return _again(request, (*((name, said.get(name.lower(), value)) for name, value in headers), *kept), attempt)


def repeated(request: Request, attempt: int) -> Request:
    """The very same request once more, as a control."""
    return _again(request, request.headers, attempt)


def shared(headers: Headers, *answers: Exchange) -> frozenset[str]:
    """The headers of a client that may rightly decide what an answer says, in lower case.

    The language asked for may (RFC 9110, 12.5.4). What can be unpacked decides which copy of a cache is served
    (12.5.3), and so does what an answer names in Vary (12.5.5): one copy may be older than another.
    """
    sent = {name.lower() for name, value in headers if (name, value) not in USUAL}
    return frozenset(sent & ({"accept-language", "accept-encoding"} | varies(*answers)))


def varies(*answers: Exchange) -> set[str]:
    """What the answers name in Vary, in lower case."""
    said = [answer.response.header("vary") or "" for answer in answers if answer.response is not None]
    return {name.strip().lower() for text in said for name in text.split(",")}


def asked_alike(request: Request, headers: Headers, names: frozenset[str], attempt: int) -> Request:
    """The suite's own request with these headers as the other client says them.

    Of its name it changes the version alone: a cache that keeps a copy for each name then serves it another copy.
    """
    given = tuple((name, value) for name, value in headers if name.lower() in names and name.lower() != "user-agent")
    if "user-agent" in names:
        given = (*given, ("User-Agent", SUITE[attempt % len(SUITE)]))
    return disguised(request, given, attempt)


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
