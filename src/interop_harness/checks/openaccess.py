"""May anyone read, from anywhere, without asking?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from urllib.parse import parse_qsl, urljoin, urlsplit

from interop_harness.evidence import Exchange, FailureKind, Finding

ALLOW_ORIGIN = "Access-Control-Allow-Origin"


def turned_away(exchange: Exchange) -> bool:
    """Refused for want of credentials, or sent elsewhere to obtain some."""
    elsewhere = exchange.failure is not None and exchange.failure.kind is FailureKind.REDIRECT
    return elsewhere or exchange.status in (401, 403, 407, 511)


def fails(exchange: Exchange) -> bool:
    """Refused or broken, and neither for being asked too often nor for being overloaded."""
    return exchange.response is not None and not exchange.ok and not exchange.busy


def not_for_a_value(filtered: Sequence[Exchange], paging: Collection[str]) -> list[Exchange]:
    """Those of an operation's ``filtered`` requests that were turned away, and not for a value that they hold.

    RFC 9110, 15.5.2: a 401 asks for credentials. Firewalls answer 403, or send elsewhere, whoever asks for a text
    that they mistrust: so then the parameter counts, and only if none of at least two values was answered.
    ``paging`` are the parameters that stand beside any filter.
    """
    asked = {exchange.id: _filters(exchange, paging) for exchange in filtered}

    def names(exchange: Exchange) -> frozenset[str]:
        return frozenset(name for name, _ in asked[exchange.id])

    def all_refused(group: Sequence[Exchange]) -> bool:
        values = {asked[exchange.id] for exchange in group if turned_away(exchange)}
        return len(values) > 1 and not any(exchange.ok for exchange in group)

    return [
        exchange
        for exchange in filtered
        if exchange.status == 401
        or (
            turned_away(exchange)
            and (all_refused(filtered) or all_refused([each for each in filtered if names(each) == names(exchange)]))
        )
    ]


def _filters(exchange: Exchange, paging: Collection[str]) -> frozenset[tuple[str, str]]:
    query = parse_qsl(exchange.request.target.partition("?")[2], keep_blank_values=True)
    return frozenset(pair for pair in query if pair[0] not in paging)


def anonymous(
    exchange: Exchange, usual: Exchange | None = None, records: tuple[int, int] | None = None
) -> Iterator[Finding]:
    """A request without credentials is answered as the ``usual`` one is.

    ``records``: how many records the answer without credentials holds, and how many the usual one does.
    """
    asked = f"{exchange.request.method} {exchange.request.target}"
    if turned_away(exchange) or (usual is not None and not exchange.ok):
        yield Finding(f"success for {asked} without any credentials", exchange.describe(), exchange.id)
        return
    here, there = exchange.response, usual.response if usual is not None else None
    if here is not None and there is not None and here.media_type != there.media_type:
        expected = f"{there.media_type}, as with credentials (exchange {usual.id if usual else ''})"
        yield Finding(expected, exchange.describe(), exchange.id, "Content-Type")
    if records is not None and not records[0] and records[1]:
        expected = f"records without credentials too: {records[1]} came with them"
        yield Finding(expected, "no record", exchange.id)


def broken_off(exchange: Exchange) -> bool:
    """Whether the connection itself was refused, as it is to whoever shows no client certificate."""
    return exchange.failure is not None and exchange.failure.kind in {FailureKind.TLS, FailureKind.RESET}


def closed(exchange: Exchange, expect: Sequence[int] = ()) -> Iterator[Finding]:
    """A request without credentials is given nothing, and is told so with one of the statuses ``expect``, if any."""
    asked = f"{exchange.request.method} {exchange.request.target}"
    if exchange.ok or (expect and exchange.response is not None and exchange.status not in expect):
        told = f" with {' or '.join(map(str, expect))}" if expect else ""
        yield Finding(f"a refusal{told} of {asked} without credentials", exchange.describe(), exchange.id)


def cors(exchange: Exchange, *allow: str) -> Iterator[Finding]:
    """The answer may be read by a page of any site: exactly one header, with exactly one of these values."""
    if exchange.response is None:
        return
    lines = [line.strip() for line in exchange.response.header_lines(ALLOW_ORIGIN)]
    if len(lines) != 1 or lines[0] not in allow:
        observed = " and ".join(repr(line) for line in lines) if lines else "no such header"
        expected = f"{ALLOW_ORIGIN}: {' or '.join(allow)} on {exchange.request.target} ({exchange.status})"
        yield Finding(expected, observed[:200], exchange.id, ALLOW_ORIGIN)


def kept_out(exchange: Exchange, origin: str) -> Iterator[Finding]:
    """A request that is answered well without an Origin was refused, or broke, with one."""
    asked = f"{exchange.request.method} {exchange.request.target}"
    yield Finding(
        f"success for {asked} from a page of {origin}, as without an Origin", exchange.describe(), exchange.id
    )


def same_base(base_url: str, exchange: Exchange) -> Iterator[Finding]:
    """The answer comes from below the base address, and no redirect leads away from it."""
    asked = f"{exchange.request.method} {exchange.request.target}"
    if exchange.failure is not None and exchange.failure.kind is FailureKind.REDIRECT:
        yield Finding(f"an answer to {asked} below {base_url}", exchange.failure.message, exchange.id)
    here = f"{base_url}{exchange.request.target}"
    for status, location in exchange.response.redirects if exchange.response is not None else ():
        here = urljoin(here, location)
        if not _below(base_url, here):
            observed = f"a redirect ({status}) to {location[:200]}"
            yield Finding(f"an answer to {asked} below {base_url}", observed, exchange.id, "Location")
            return


def _below(base_url: str, address: str) -> bool:
    root, path = urlsplit(base_url).path.rstrip("/"), urlsplit(address).path or "/"
    return not root or path == root or path.startswith(f"{root}/")
