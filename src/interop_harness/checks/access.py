"""Is a request told what it lacks: credentials, or a version that is offered?

For Blue Badge; FHIR and DWP interfaces are closed in the same way, and media types carry versions elsewhere too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from interop_harness.checks.values import Value, filled
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show

SHOWN = 3
"""Records named for one answer; the others came with them."""


def challenge(exchange: Exchange) -> Iterator[Finding]:
    """A 401 says how to be let in."""
    if exchange.status == 401 and exchange.response is not None and not exchange.response.header("www-authenticate"):
        yield Finding("WWW-Authenticate with the 401", "no such header", exchange.id, "WWW-Authenticate")


def accept(exchange: Exchange, expect: Sequence[int], told: str) -> Iterator[Finding]:
    """The answer to a certain Accept header has the right status."""
    if exchange.status not in expect:
        wanted = " or ".join(str(code) for code in expect)
        asked = f"{exchange.request.method} {exchange.request.target}"
        yield Finding(f"status {wanted} for {asked} with {told}", exchange.describe(), exchange.id, "Accept")


def told(records: Sequence[Value], kind: str) -> dict[tuple[str, str], Value]:
    """The records that say which they are, by the value at ``kind`` (a pointer) and their id, each with its place."""
    found = {}
    for record in records:
        kinds, names = filled([record], kind), filled([record], "/id")
        if kinds and names:
            found[str(kinds[0].value), str(names[0].value)] = record
    return found


def handed_over(
    exchange: Exchange, shown: Mapping[tuple[str, str], Value], given: Mapping[tuple[str, str], Value]
) -> Iterator[Finding]:
    """A request without credentials is given none of the records ``shown`` to whoever has some."""
    for name in [name for name in given if name in shown][:SHOWN]:
        expected = f"a refusal of {exchange.request.method} {exchange.request.target} without credentials"
        observed = f"{exchange.status} with the {name[0]} {show(name[1])}"
        yield Finding(expected, observed, exchange.id, given[name].pointer)
