"""The page renderers: one frozen folder a version. A released one is never edited; a repair is a new version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

CURRENT = "v1"
VERSIONS = ("v1",)
_FILES = ("__init__.py", "page.html.j2", "style.css")


@cache
def digest(version: str) -> str | None:
    """SHA-256 over the files of a renderer, or None when this installation does not have it."""
    if version not in VERSIONS:
        return None
    total = hashlib.sha256()
    for name in _FILES:
        data = (Path(__file__).parent / version / name).read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode())
    return total.hexdigest()


def render(version: str, predicate: Mapping[str, Any]) -> bytes:
    """The page of ``predicate`` with both markers and nothing between them."""
    match version:
        case "v1":
            from interop_harness.certificate.templates import v1

            return v1.render(predicate)
    raise KeyError(version)
