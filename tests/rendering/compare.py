"""Comparison with the files in ``golden/``; INTEROP_REFRESH_GOLDEN=1 writes them anew (see golden/README.md)."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def same_as_golden(name: str, made: bytes) -> None:
    path = FOLDER / name
    if os.environ.get("INTEROP_REFRESH_GOLDEN"):
        path.write_bytes(made)
    assert path.is_file(), f"{name} is missing: see tests/rendering/golden/README.md"
    assert made == path.read_bytes(), f"{name} differs: if that is meant, see tests/rendering/golden/README.md"
