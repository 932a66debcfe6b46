"""Answers as XML and as JSON, from the same data."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from interop_harness.sandbox.message import SandboxResponse

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
ROOTS = {
    "discovery": "discovery",
    "services": "services",
    "definition": "service_definition",
    "requests": "service_requests",
    "request": "service_requests",
    "created": "service_requests",
    "token": "service_requests",
    "errors": "errors",
}
ITEMS = {
    "endpoints": "endpoint",
    "formats": "format",
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def answer(status: int, kind: str, value: Any, fmt: str, *extra: tuple[str, str]) -> SandboxResponse:
    """One answer in one format."""
    if fmt == "json":
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    else:
        body = DECLARATION + element(ROOTS[kind], value) + "\n"
    headers = (
        ("Content-Type", TYPES[fmt]),
        ("Cache-Control", "no-cache"),
        ("Access-Control-Allow-Origin", "*"),
        *extra,
    )
    return SandboxResponse(status, headers, body.encode("utf-8", "replace"))


def element(name: str, value: Any) -> str:
    """A value as an element: a list has one child an item, an object one a member, nothing is an empty element."""
    if isinstance(value, dict):
        inner = "".join(element(key, child) for key, child in value.items())
    elif isinstance(value, list):
        inner = "".join(element(ITEMS.get(name, "item"), child) for child in value)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = "" if value is None else escape(_clean(str(value)))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
