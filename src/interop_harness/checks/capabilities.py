"""Is what a service declares of itself what it does, and the other way about?

For FHIR CapabilityStatements; the conformance declaration of OGC API is a list of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interop_harness.checks.values import Value, at, filled
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show


def matching(entries: Sequence[Value], where: Mapping[str, Any]) -> list[Value]:
    """The declared entries that have all the values; an empty path is the entry itself."""
    return [
        entry
        for entry in entries
        if all(str(value) in [str(found.value) for found in at([entry], path)] for path, value in where.items())
    ]


def told(where: Mapping[str, Any]) -> str:
    return " with ".join(str(value) for value in where.values())


def states(body: Value, path: str, accepts: str) -> Iterator[Finding]:
    """At least one value at a path is written in an accepted way."""
    found = filled([body], path)
    if not any(re.search(accepts, str(value.value)) for value in found):
        has = ", ".join(show(value.value) for value in found) or "nothing"
        place = found[0].pointer if found else path.partition("/*")[0]
        yield Finding(f"a value at {path} that matches {accepts}", has, body.exchange, place)


def requires(
    entries: Sequence[Value], where: Mapping[str, Any], holds: Mapping[str, Sequence[str]], exchange: str
) -> Iterator[Finding]:
    """What the standard requires is declared: an entry, and the values in it."""
    found = matching(entries, where)
    if not found:
        yield Finding(f"a declaration of {told(where)}", "none", exchange)
        return
    for path, names in holds.items():
        declared = {str(value.value) for value in at(found, path)}
        for name in names:
            if name not in declared:
                observed = ", ".join(sorted(declared)) or "nothing"
                expected = f"{name} declared at {path} of {told(where)}"
                yield Finding(expected, observed, exchange, found[0].pointer)


def works(name: str, declared: Value, exchange: Exchange) -> Iterator[Finding]:
    """What is declared is done."""
    if not exchange.ok:
        expected = f"success, since {name} is declared (exchange {declared.exchange} at {declared.pointer})"
        yield Finding(f"{expected}: {exchange.request.target}", exchange.describe(), exchange.id)


def states_of(record: Value, members: Sequence[str]) -> tuple[frozenset[str], ...]:
    """The codes of a record at each of the members that tell its state; what is no text is for the schema to say."""
    found = (filled([record], member) for member in members)
    return tuple(frozenset(each.value for each in values if isinstance(each.value, str)) for values in found)


def stale(asked: str, shown: Value, read: Value, members: Sequence[str]) -> Iterator[Finding]:
    """A record says another state at its own address than in the list (FHIR R4 http.html#read: the current contents).

    Codes of several systems may stand beside each other, so one code that both have is enough.
    """
    for member, listed, there in zip(members, states_of(shown, members), states_of(read, members), strict=True):
        if listed and there and not listed & there:
            place = filled([read], member)[0]
            where = f"at {asked}, as the list has it (exchange {shown.exchange} at {shown.pointer})"
            expected = f"{' or '.join(sorted(listed))} for {member} {where}"
            yield Finding(expected, ", ".join(sorted(there)), place.exchange, place.pointer)


def no_record(exchange: Exchange, body: Value, member: str, kind: str) -> Iterator[Finding]:
    """An id that nothing has gives no record of the kind that was asked for. ``body``: the answer as data."""
    found = at([body], member)
    if exchange.ok and any(each.value == kind for each in found):
        expected = f"no {kind} at {exchange.request.target}, an id that nothing has"
        names = ", ".join(show(each.value) for each in filled([body], "/id")) or "no id"
        yield Finding(expected, f"{exchange.status} with a {kind} ({names})", exchange.id, found[0].pointer)


def refused(exchange: Exchange) -> Iterator[Finding]:
    """An id that nothing has is no success (FHIR R4 http.html#read: 404, or 410 for what was deleted)."""
    if exchange.ok:
        yield Finding(f"404 or 410 for {exchange.request.target}", exchange.describe(), exchange.id)


def declared(name: str, exchange: Exchange, declaration: str) -> Iterator[Finding]:
    """What is done is declared."""
    if exchange.ok:
        observed = (
            f"not declared (exchange {declaration}), although {exchange.request.target} answers {exchange.status}"
        )
        yield Finding(f"{name} among what is declared", observed, exchange.id)


def has_effect(name: str, value: str, count: int, exchange: Exchange) -> Iterator[Finding]:
    """A declared parameter is heeded: a value that nothing has finds nothing, or is refused."""
    if exchange.ok and count:
        expected = f"no record for {name}={value}, since {name} is declared"
        yield Finding(expected, f"{count} record(s), as if it were not there", exchange.id)


def effect_untold(name: str, value: str, count: int, exchange: Exchange) -> Iterator[Finding]:
    """A parameter that is heeded is declared."""
    if exchange.ok and not count:
        observed = f"not declared, although {name}={value} makes a difference"
        yield Finding(f"{name} among the declared parameters", observed, exchange.id)
