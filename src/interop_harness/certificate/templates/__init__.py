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
            import jinja2

            from interop_harness.certificate.templates import compiled_v1, v1

            # Compiling takes longer than rendering. What was compiled before counts for the very same files alone.
            same = (vars(jinja2).get("__version__"), digest(version)) == (compiled_v1.JINJA2, compiled_v1.RENDERER)
            return v1.render(predicate, compiled_v1.build if same else None)
    raise KeyError(version)
