"""Bodies read as data, changed at a path and written again: JSON as it is, XML by the documented schema.

A path is a tuple of member names; ``*`` stands for every item of an array.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from interop_harness.profile import Operation, Profile
from interop_harness.suite import xml

Path = tuple[str, ...]
Change = Callable[[Any], Any]


class _Dropped:
    """Stands for a member that is taken out."""


DROP = _Dropped()


def documented(profile: Profile, operation: Operation, status: int) -> tuple[str, Mapping[str, Any]]:
    """The media type and schema that an operation documents for a status; empty when it documents none."""
    content = (operation.documented(status) or {}).get("content", {})
    names = sorted(content, key=lambda name: ("json" not in name, name))
    return (names[0], content[names[0]].get("schema", {})) if names else ("", {})


def read(profile: Profile, operation: Operation, status: int, body: bytes) -> Any:
    """The body as data. Raises ValueError when it is neither JSON nor the documented XML."""
    media, schema = documented(profile, operation, status)
    if media.endswith("xml"):
        return xml.read(body, schema, profile.openapi.resolve)
    return json.loads(body.decode("utf-8"))


def write(profile: Profile, operation: Operation, status: int, value: Any) -> bytes:
    media, schema = documented(profile, operation, status)
    if media.endswith("xml"):
        return _document(profile, schema, value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _document(profile: Profile, schema: Mapping[str, Any], value: Any) -> bytes:
    text = _element(profile, profile.openapi.resolve(schema), value, "document")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def _element(profile: Profile, schema: Mapping[str, Any], value: Any, name: str) -> str:
    resolve = profile.openapi.resolve
    name = str((schema.get("xml") or {}).get("name", "")) or name
    if isinstance(value, list):
        items = resolve(schema.get("items", {}))
        inner = "".join(_element(profile, items, item, "item") for item in value)
    elif isinstance(value, Mapping):
        members = schema.get("properties", {})
        inner = "".join(
            _element(profile, resolve(members.get(key, {})), child, key if key.isidentifier() else "value")
            for key, child in value.items()
        )
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = "" if value is None else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def places(value: Any, path: Path) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) at ``path`` below ``value`` that is there."""
    head, *rest = path
    if head == "*":
        keys: list[Any] = list(range(len(value))) if isinstance(value, list) else []
    else:
        keys = [head] if isinstance(value, dict) and head in value else []
    for key in keys:
        if rest:
            yield from places(value[key], tuple(rest))
        else:
            yield value, key


def values(value: Any, path: Path) -> list[Any]:
    """What stands at ``path``."""
    return [container[key] for container, key in places(value, path)] if path else [value]


def holders(value: Any, path: Path) -> list[Any]:
    """Every object in which the last step of ``path`` could stand, whether it does or not."""
    return [found for found in values(value, path[:-1]) if isinstance(found, dict)]


def changed(value: Any, path: Path, change: Change) -> Any:
    """A copy with every value at ``path`` replaced by what ``change`` makes of it; DROP takes it out.

    Only what lies on the way is copied. ``change`` must not write into what it is given: the rest is shared.
    """
    if not path:
        return change(value)
    head, rest = path[0], path[1:]
    if head == "*":
        if not isinstance(value, list):
            return value
        return [made for each in value if (made := changed(each, rest, change)) is not DROP]
    if not isinstance(value, dict) or head not in value:
        return value
    made = changed(value[head], rest, change)
    if made is DROP:
        return {key: each for key, each in value.items() if key != head}
    return {**value, head: made}


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value below ``value`` with its path, arrays as ``*``."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield (*path, key), child
            yield from walk(child, (*path, key))
    elif isinstance(value, list):
        for child in value:
            yield (*path, "*"), child
            yield from walk(child, (*path, "*"))


def steps(pointer: str) -> Path:
    """``/contents/*/id`` (or ``organization/name``) as a path."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/") if part)
