"""Does a service say the same in each format that it speaks, and is its XML written as every reader expects?

Two formats write one content differently: true and "true", 5 and "5", null, an empty text and nothing at all, one
moment in two zones are each the same here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from interop_harness.checks.formats import moment
from interop_harness.checks.values import Value, escape, is_blank
from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import SchemaError, show

SHOWN = 5
NUMBER = re.compile(r"-?\d{1,30}\.\d{1,30}")
MAX_DEPTH = 40
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def same(left: Value, right: Value, left_name: str, right_name: str) -> Iterator[Finding]:
    """Two answers hold the same content. The finding stands in the right one, compared with the left."""
    for pointer, one, other in islice(differences(left.value, right.value), SHOWN):
        expected = f"{said(one)}, as in {left_name} (exchange {left.exchange} at {left.pointer}{pointer or '/'})"
        yield Finding(expected, f"{said(other)} in {right_name}", right.exchange, f"{right.pointer}{pointer}")


def said(value: Any) -> str:
    return "nothing" if is_blank(value) else show(value)


def differences(left: Any, right: Any, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, in the left one's order. An array's length is told before its items.

    The same items in another order are the same content: nothing that the formats say gives the order a meaning.
    """
    if depth > MAX_DEPTH or (is_blank(left) and is_blank(right)):
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in [*left, *(name for name in right if name not in left)]:
            yield from differences(left.get(name), right.get(name), f"{pointer}/{escape(str(name))}", depth + 1)
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield pointer, left, right
            return
        pairs = enumerate(zip(left, right, strict=True))
        found = (each for n, pair in pairs for each in differences(*pair, f"{pointer}/{n}", depth + 1))
        apart = list(islice(found, SHOWN))
        if apart and Counter(map(_content, left)) != Counter(map(_content, right)):
            yield from apart
    elif lexical(left) != lexical(right) and not _same_moment(left, right):
        yield pointer, left, right


def _content(value: Any, depth: int = 0) -> Hashable:
    """A value without what makes no difference, so that equal ones are found in another order."""
    if is_blank(value) or depth > MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        members = ((str(name), _content(each, depth + 1)) for name, each in value.items())
        return frozenset((name, each) for name, each in members if each is not None)
    if isinstance(value, list):
        return "list", frozenset(Counter(_content(each, depth + 1) for each in value).items())
    text: Hashable = lexical(value)
    read = moment(text) if isinstance(text, str) else None
    if read is None:
        return text
    # How far away, since a moment at the edge of the calendar has no time in another zone.
    zoned = read.tzinfo is not None
    return "moment", zoned, read - (EPOCH if zoned else EPOCH.replace(tzinfo=None))


def lexical(value: Any) -> Any:
    """A scalar as text in one way of writing: numbers without idle zeros, outer space taken off."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").strip()
        return str(Decimal(text).normalize()) if NUMBER.fullmatch(text) else text
    return value


def _same_moment(left: Any, right: Any) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        return False
    one, other = moment(left.strip()), moment(right.strip())
    return one is not None and other is not None and (one.tzinfo is None) == (other.tzinfo is None) and one == other


def lasting(value: Any) -> Any:
    """What of an address stays when it is made anew for each reader: that it is one. Anything else stays as it is.

    Words with blanks between them are no address, and nothing at all is none either.
    """
    return "an address" if isinstance(value, str) and len(value.split()) == 1 else value


def missing(gone: Sequence[str], present: str, absent: str, exchange: Exchange) -> Iterator[Finding]:
    """Records that one format lists and the other does not."""
    if gone:
        names = ", ".join(gone[:SHOWN])
        more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
        yield Finding(f"the record(s) {names}{more}, which {present} lists", f"not in {absent}", exchange.id)


def declaration(exchange: Exchange, declared: bool, encoding: str | None) -> Iterator[Finding]:
    """The XML begins with a declaration that names UTF-8."""
    if not declared:
        yield Finding('<?xml version="1.0" encoding="UTF-8"?> before the root element', "none", exchange.id)
    elif (encoding or "").lower() != "utf-8":
        yield Finding('encoding="UTF-8" in the XML declaration', encoding or "no encoding", exchange.id)


def refused(exchange: Exchange, reason: str) -> Finding:
    """XML that was not read, because reading it the usual way can harm the reader."""
    expected = "XML without a document type declaration or entities, of bounded depth and size"
    return Finding(expected, reason, exchange.id)


def plain_names(exchange: Exchange, names: Iterable[str], namespaces: Iterable[str], allowed: str) -> Iterator[Finding]:
    """Elements have no prefix, and no namespace is declared but the allowed one."""
    foreign = sorted({name for name in names if ":" in name})
    if foreign:
        yield Finding("elements without a namespace prefix", ", ".join(foreign[:SHOWN]), exchange.id)
    others = sorted({uri for uri in namespaces if uri != allowed})
    if others:
        yield Finding(
            f"no namespace declaration but {allowed or 'none at all'}", ", ".join(others[:SHOWN]), exchange.id
        )


def entry(exchange: Exchange, where: str, wanted: str, found: Sequence[str]) -> Finding:
    """No entry of a list has the values that one must have."""
    observed = f"{len(found)} entries: {'; '.join(found[:3])}" if found else "no entry"
    return Finding(f"an entry with {wanted}", observed, exchange.id, where)


def refusal(exchange: Exchange, expect: Sequence[int], what: str) -> Iterator[Finding]:
    """A request that cannot be met is answered with one of the statuses (``4`` stands for any from 400 to 499)."""
    if exchange.status not in expect and not (4 in expect and 400 <= exchange.status < 500):
        wanted = " or ".join("from 400 to 499" if code == 4 else str(code) for code in expect)
        yield Finding(f"status {wanted} for {what}", exchange.describe(), exchange.id)


def unreadable(exchange: Exchange, media: str, reason: str) -> Iterator[Finding]:
    """The body of a refusal is not what the format asked for is made of."""
    yield Finding(f"a body in {media or 'the format asked for'} with the {exchange.status}", reason, exchange.id)


def body(exchange: Exchange, errors: Iterable[SchemaError]) -> Iterator[Finding]:
    """The body of a refusal has the documented shape."""
    for error in errors:
        expected = f"{error.expected} in the body of the {exchange.status}"
        yield Finding(expected, error.observed, exchange.id, error.pointer)
