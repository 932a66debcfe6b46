"""The published schema of the statement, applied: unknown members and wrong types end here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent.parent / "schemas"


def problem(value: Any, name: str = "certificate") -> str | None:
    """The first breach of the named schema, in words with its place; None when there is none."""
    for error in _validator(name).iter_errors(value):
        place = "/".join(str(step) for step in error.instance_path)
        return f"at /{place}: {error.kind.name if hasattr(error.kind, 'name') else 'not allowed'}"
    return None


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs

    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))
