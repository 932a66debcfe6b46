"""Does the supplier accept what the interface description allows, and withstand what it does not?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from interop_harness.evidence import Exchange, FailureKind, Finding, Request


def replaced(request: Request, name: str, value: str, together: Mapping[str, str] | None = None) -> Request:
    """The same request with one query parameter set to ``value``, and those without which it means nothing."""
    path, _, query = request.target.partition("?")
    changed = {name, *(together or {})}
    pairs = [(key, text) for key, text in parse_qsl(query, keep_blank_values=True) if key not in changed]
    text = urlencode([*pairs, *(together or {}).items(), (name, value)], quote_via=quote)
    return dataclasses.replace(request, target=f"{path}?{text}")


def accepted(arguments: Mapping[str, Any], exchange: Exchange) -> Iterator[Finding]:
    """A valid value is answered with success; a filter that matches nothing is still a success.

    404 is let pass: the value may name something this supplier does not have, which most standards leave open.
    """
    if not exchange.ok and exchange.status != 404:
        expected = f"success for {arguments['parameter']}={arguments['value']} ({arguments['description']})"
        yield Finding(expected, exchange.describe(), exchange.id)


def broke(exchange: Exchange) -> bool:
    """Whether the connection broke off instead of an answer, which a value must not bring about."""
    return exchange.failure is not None and exchange.failure.kind in {FailureKind.RESET, FailureKind.PROTOCOL}


def withstood(arguments: Mapping[str, Any], exchange: Exchange) -> Iterator[Finding]:
    """``expect: refused`` asks for a 4xx, a list for one of those statuses; otherwise anything but a server error."""
    expect = arguments.get("expect", "no-server-error")
    what = f"{arguments['parameter']}={arguments['value']!r} ({arguments['description']})"
    if isinstance(expect, list):
        if exchange.status not in expect:
            wanted = " or ".join(str(code) for code in expect)
            yield Finding(f"status {wanted} for {what}", exchange.describe(), exchange.id)
    elif expect == "refused":
        if not 400 <= exchange.status < 500:
            yield Finding(f"a refusal (4xx) of {what}", exchange.describe(), exchange.id)
    elif exchange.status >= 500 or broke(exchange):
        yield Finding(f"no server error for {what}", exchange.describe(), exchange.id)
