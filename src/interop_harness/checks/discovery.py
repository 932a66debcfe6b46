"""Does the front door say what stands behind it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from interop_harness.evidence import Exchange, Finding
from interop_harness.generation.validation import show

_PORTS = {"http": 80, "https": 443}


def shown(value: Any) -> str:
    """A value in a few words."""
    return show(value)


def members(exchange: Exchange, body: Any, names: Iterable[str]) -> Iterator[Finding]:
    """The answer is an object with every one of the named members."""
    if not isinstance(body, Mapping):
        yield Finding("a JSON object", show(body), exchange.id)
        return
    for name in names:
        if body.get(name) is None:
            yield Finding(f"the member {name}", "missing" if name not in body else "null", exchange.id, f"/{name}")


def version(exchange: Exchange, found: Any, pointer: str, accepts: str) -> Iterator[Finding]:
    """The version is written in one of the accepted ways."""
    text = str(found) if isinstance(found, (str, int, float)) and not isinstance(found, bool) else ""
    if not re.search(accepts, text.strip()):
        yield Finding(f"a version that matches {accepts}", show(found), exchange.id, pointer)


def absolute_uri(exchange: Exchange, found: Any, pointer: str) -> Iterator[Finding]:
    """The value is an absolute web address."""
    parts = _split(found)
    if parts is None or parts.scheme.lower() not in _PORTS or not parts.hostname or re.search(r"\s", str(found)):
        yield Finding("an absolute web address (http or https)", show(found), exchange.id, pointer)


def below(base_url: str, link: str) -> str | None:
    """The target of a link relative to the base address under test; None when the link leads elsewhere."""
    base, there = urlsplit(base_url), _split(link)
    if there is None or _origin(base) != _origin(there):
        return None
    path = there.path or "/"
    root = base.path.rstrip("/")
    if root and path != root and not path.startswith(f"{root}/"):
        return None
    target = path[len(root) :] or "/"
    return f"{target}?{there.query}" if there.query else target


def resolves(link: str, exchange: Exchange) -> Iterator[Finding]:
    """A link leads to something."""
    if not exchange.ok:
        yield Finding(f"a page or document at {link}", exchange.describe(), exchange.id)


def openapi_document(exchange: Exchange, document: Any, paths: Iterable[str]) -> Iterator[Finding]:
    """The document is an OpenAPI description that has the paths, all below one prefix if it has one.

    What a path parameter is called makes no difference.
    """
    if not isinstance(document, Mapping) or not ({"openapi", "swagger"} & set(document)):
        yield Finding("an OpenAPI document as JSON", show(document), exchange.id)
        return
    described = document.get("paths")
    names = {_plain(str(path)) for path in described} if isinstance(described, Mapping) else set()
    wanted = {path: _plain(path) for path in paths}
    prefixes = {""} | {
        name.removesuffix(end) for name in names for end in wanted.values() if end and name.endswith(end)
    }
    missing = min(
        ([path for path, end in wanted.items() if f"{prefix}{end}" not in names] for prefix in sorted(prefixes)),
        key=len,
    )
    for path in missing:
        yield Finding(f"a description of {path}", "no such path in the document", exchange.id, "/paths")


def _plain(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/")


def _split(value: Any) -> SplitResult | None:
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)
