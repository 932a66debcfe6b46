"""Is a request told what it lacks: credentials, or a version that is offered?

For Blue Badge; FHIR and DWP interfaces are closed in the same way, and media types carry versions elsewhere too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop_harness.evidence import Exchange, Finding


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
