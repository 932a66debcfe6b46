"""YAML as data only: no tags, no aliases, no duplicate keys, no dates or yes/no in disguise, bounded size.

Everything a profile or a target file holds is hostile until it has been through here. Errors name file and line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from interop_harness.errors import HarnessError, ProfileError

MAX_BYTES = 4 * 1024 * 1024
MAX_DOCUMENT = 32 * 1024 * 1024
"""An interface description of a thousand operations: as JSON, which is YAML that is read fifty times as fast."""
MAX_DEPTH = 60

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """SafeLoader without timestamps, without YAML 1.1's yes/no/on/off, without duplicate keys."""


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:merge"}
    ]
    for letter, resolvers in _Base.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else None
        if key is None:
            raise yaml.constructor.ConstructorError(None, None, "a key is not text", key_node.start_mark)
        if key in result:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice in one mapping", key_node.start_mark
            )
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(
    path: Path, *, family: type[HarnessError] = ProfileError, code: str = "profile-yaml", limit: int = MAX_BYTES
) -> Any:
    """The file's content as plain Python data. Raises ``family`` with the file and line of the trouble."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise family(code, f"{path.name} cannot be read: {error.strerror}.", f"Looked at {path}.") from error
    return parse_yaml(data, path.name, family=family, code=code, limit=limit)


def parse_yaml(
    data: bytes,
    name: str,
    *,
    family: type[HarnessError] = ProfileError,
    code: str = "profile-yaml",
    limit: int = MAX_BYTES,
) -> Any:
    """Parse YAML bytes; ``name`` is what the messages call them."""
    if len(data) > limit:
        raise family(code, f"{name} is larger than {limit} bytes.", "Split it or remove what is not needed.")
    if data[:1] == b"{" and (found := _json(data)) is not None:
        return found
    if len(data) > MAX_BYTES:
        raise family(code, f"{name} is larger than {MAX_BYTES} bytes and no JSON.", "Write it as JSON, or split it.")
    try:
        _refuse_tricks(data, name, family, code)
        return yaml.load(data, Loader=_Loader)  # noqa: S506 - a SafeLoader with less in it
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise family(code, f"{where}: {error.problem or error.context}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise family(code, f"{name} is not readable YAML: {error}") from error


def _json(data: bytes) -> Any:
    """The content where it is JSON that YAML reads alike, else None: then the reader of YAML says what is wrong."""
    if b"\\u" in data or b"\\U" in data:
        return None  # halves of characters are for the reader of YAML to refuse
    try:
        found = json.loads(data, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_float)
    except (ValueError, RecursionError):
        return None
    return found if _depth(found) <= MAX_DEPTH else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _float(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        here, depth = stack.pop()
        deepest = max(deepest, depth)
        if depth <= MAX_DEPTH and isinstance(here, (dict, list)):
            children = here.values() if isinstance(here, dict) else here
            stack.extend((child, depth + 1) for child in children if isinstance(child, (dict, list)))
    return deepest


def _refuse_tricks(data: bytes, name: str, family: type[HarnessError], code: str) -> None:
    # The word check keeps the event scan away from documents that cannot hold an anchor, alias or tag.
    if not (b"&" in data or b"*" in data or b"!" in data) and data.count(b"[") + data.count(b"{") < MAX_DEPTH:
        return
    depth = 0
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for event in yaml.parse(data, Loader=loader):
        where = f"{name}, line {event.start_mark.line + 1}" if event.start_mark else name
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise family(code, f"{where}: YAML anchors and aliases are not allowed.", "Write the value out.")
        if getattr(event, "tag", None) not in (None, "!"):
            raise family(code, f"{where}: YAML tags are not allowed.", "Use plain text, numbers, lists and mappings.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise family(code, f"{where}: nested deeper than {MAX_DEPTH} levels.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
