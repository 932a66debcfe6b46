"""Does the service say no in an orderly way: the right status, in JSON, and nothing of how it is built?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from interop_harness.checks.internals import internals
from interop_harness.checks.references import UUID
from interop_harness.evidence import Exchange, FailureKind, Finding


def unknown_path(draw: str) -> str:
    """A path of no operation: twelve letters that mean nothing."""
    return f"/{_letters(draw, 12)}"


def unknown_like(known: Sequence[str], draw: str) -> str:
    """An identifier that no record has, in the form of those that records have."""
    taken = {name.lower() for name in known}
    for number in range(100):
        digest = hashlib.sha256(f"{draw} {number}".encode()).hexdigest()
        made = _like(known, digest)
        if made.lower() not in taken:
            return made
    return f"{_letters(draw, 12)}{len(known)}"


def _like(known: Sequence[str], digest: str) -> str:
    if known and all(UUID.match(name) for name in known):
        variant = "89ab"[int(digest[16], 16) % 4]
        made = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
        return made.upper() if known[0] != known[0].lower() else made
    number = str(int(digest, 16))
    if known and all(name.isascii() and name.isdigit() for name in known):
        length = max(len(name) for name in known)
        return f"9{number}"[: max(length, 3)]
    # Letters for letters, digits for digits, everything else as it is.
    pattern = known[int(digest[:6], 16) % len(known)] if known else "aaaaaaaaaaaa"
    letters, digits = iter(_letters(digest, 64) * (len(pattern) // 64 + 1)), iter(number * (len(pattern) // 60 + 1))
    made = "".join(_swap(char, letters, digits) for char in pattern)
    return made if made != pattern else f"{made}{_letters(digest, 6)}"


def _swap(char: str, letters: Iterator[str], digits: Iterator[str]) -> str:
    if char.isdigit():
        return next(digits)
    if char.isalpha():
        letter = next(letters)
        return letter.upper() if char.isupper() else letter
    return char


def _letters(draw: str, length: int) -> str:
    digest = hashlib.sha256(draw.encode()).digest() * (length // 32 + 1)
    return "".join(chr(97 + byte % 26) for byte in digest[:length])


def broke(exchange: Exchange) -> bool:
    """Whether the connection broke off instead of an answer, which no value may bring about."""
    return exchange.failure is not None and exchange.failure.kind in {FailureKind.RESET, FailureKind.PROTOCOL}


def status(exchange: Exchange, expect: Sequence[int], what: str) -> Iterator[Finding]:
    """The answer has one of the expected statuses."""
    if exchange.status not in expect:
        wanted = " or ".join(str(code) for code in expect)
        yield Finding(f"status {wanted} for {what}", exchange.describe(), exchange.id)


def refused(exchange: Exchange, what: str) -> Iterator[Finding]:
    """The answer is a refusal."""
    if not 400 <= exchange.status < 500:
        yield Finding(f"a refusal (4xx) of {what}", exchange.describe(), exchange.id)


def no_server_error(exchange: Exchange, what: str) -> Iterator[Finding]:
    """The answer is no server error, and there is one."""
    if exchange.status >= 500 or broke(exchange):
        yield Finding(f"no server error for {what}", exchange.describe(), exchange.id)


def head(exchange: Exchange, get: Exchange) -> Iterator[Finding]:
    """HEAD answers with the status of GET, and without a body."""
    asked = f"HEAD {exchange.request.target}"
    if broke(exchange) or exchange.status != get.status:
        yield Finding(f"status {get.status} for {asked}, as for GET", exchange.describe(), exchange.id)
    elif exchange.response is not None and exchange.response.body:
        yield Finding(f"no body for {asked}", f"{len(exchange.response.body)} bytes", exchange.id)


def is_json(exchange: Exchange) -> bool:
    """Whether the media type says JSON."""
    kind = exchange.response.media_type if exchange.response is not None else ""
    return kind == "application/json" or kind.endswith("+json")


def body_json(exchange: Exchange, problem: str) -> Iterator[Finding]:
    """An error has a JSON body. ``problem`` is why it does not parse, empty when it does."""
    if exchange.response is None:
        return
    expected = f"a JSON body with the {exchange.status} for {exchange.request.target}"
    if not exchange.response.body:
        yield Finding(expected, "no body", exchange.id)
    elif not is_json(exchange):
        yield Finding(expected, exchange.describe(), exchange.id, "Content-Type")
    elif problem:
        yield Finding(expected, problem, exchange.id)


def no_internals(exchange: Exchange) -> Iterator[Finding]:
    """An error shows nothing of how the service is built: the first thing found, with the line it stands in."""
    if exchange.response is None:
        return
    shown = internals(exchange.response.body, exchange.request.target)
    if shown is not None:
        expected = f"a message that shows nothing of the software ({exchange.request.target}: {exchange.status})"
        yield Finding(expected, f"{shown[0]}: {shown[1]}", exchange.id)
