"""Is a wrong value refused as the standard documents it: the status, the members of the body, the status in it?

For waste services; Open311's and OGC's error bodies repeat the status in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interop_harness.checks.values import Value, filled
from interop_harness.errors import InternalError
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show

KINDS: Mapping[str, type | tuple[type, ...]] = {"string": str, "integer": int, "object": dict, "array": list}


def refused(exchange: Exchange, expect: Sequence[int], what: str) -> Iterator[Finding]:
    """The answer has one of the documented statuses of a refusal."""
    if exchange.status not in expect:
        wanted = " or ".join(str(code) for code in expect)
        yield Finding(f"status {wanted} for {what}", exchange.describe(), exchange.id)


def body(exchange: Exchange, parsed: Any, members: Mapping[str, str]) -> Iterator[Finding]:
    """The body of a refusal is an object with the documented members, each of its type and not blank."""
    if not isinstance(parsed, Mapping):
        yield Finding(f"an object with {', '.join(members)}", show(parsed), exchange.id)
        return
    for name, kind in members.items():
        if kind not in KINDS:
            raise InternalError("member-kind", f"There is no kind of member {kind!r}.", f"Known: {', '.join(KINDS)}.")
        value = parsed.get(name)
        right = isinstance(value, KINDS[kind]) and not isinstance(value, bool) and value not in ("", [], {})
        if not right:
            observed = show(value) if name in parsed else f"no member {name}"
            yield Finding(f"{name}, of type {kind}, with the {exchange.status}", observed, exchange.id, f"/{name}")


def repeats_status(exchange: Exchange, parsed: Any, member: str) -> Iterator[Finding]:
    """The member that repeats the status says the status that was sent."""
    for found in filled([Value(exchange.id, "", parsed)], member):
        if str(found.value) != str(exchange.status):
            yield Finding(f"{exchange.status}, the status of the answer", show(found.value), exchange.id, found.pointer)
