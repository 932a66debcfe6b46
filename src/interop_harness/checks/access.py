"""Is an answer kept from those who show no credentials, and from those who ask for a version that is not offered?

For Blue Badge; FHIR and DWP interfaces are closed in the same way, and media types carry versions elsewhere too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop_harness.evidence import Exchange, Finding


def closed(exchange: Exchange, expect: Sequence[int]) -> Iterator[Finding]:
    """Without credentials the request is turned away, with the right status."""
    if exchange.status not in expect:
        wanted = " or ".join(str(code) for code in expect)
        asked = f"{exchange.request.method} {exchange.request.target}"
        yield Finding(f"status {wanted} for {asked} without credentials", exchange.describe(), exchange.id)


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
