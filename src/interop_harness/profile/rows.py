"""The rows of ``requirements.yaml``: each a requirement with a level, a clause and a way to be judged."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interop_harness.errors import ProfileError
from interop_harness.profile.yaml_reader import read_yaml
from interop_harness.requirement import REQUIREMENT_ID, Level, Requirement, Source

_ROW_KEYS = {
    *("id", "level", "class", "statement", "source", "basis", "why", "fix", "check", "declared", "not_tested"),
    *("observe", "overridable", "applies", "note", "errata"),
}


def read_rows(path: Path, layer: str, prefix: str, documents: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """Every row of the table, in order. Raises ProfileError naming the row and what to change."""
    if not path.is_file():
        return ()
    content = mapping(read_yaml(path), "requirements.yaml")
    rows: dict[str, Requirement] = {}
    for number, entry in enumerate(content.get("requirements", []), 1):
        where = f"requirements.yaml, row {number}"
        row = _row(mapping(entry, where), where, layer, documents)
        if row.id in rows:
            raise ProfileError(
                "requirement-repeated", f"{where}: the id {row.id} stands twice.", "Ids are never reused."
            )
        if not row.id.startswith(f"{prefix}-"):
            raise ProfileError("requirement-prefix", f"{where}: {row.id} does not begin with {prefix}-.")
        rows[row.id] = row
    return tuple(rows.values())


def _row(entry: Mapping[str, Any], where: str, layer: str, documents: Mapping[str, Any]) -> Requirement:
    identifier = text(entry, "id", where)
    where = f"{where} ({identifier})"
    if not REQUIREMENT_ID.match(identifier):
        raise ProfileError("requirement-id", f"{where}: an id looks like PREFIX-AREA-01.")
    unknown = sorted(set(entry) - _ROW_KEYS)
    if unknown:
        close = difflib.get_close_matches(unknown[0], _ROW_KEYS, 1)
        hint = f"Did you mean {close[0]}?" if close else ""
        raise ProfileError("requirement-key", f"{where}: unknown key {unknown[0]!r}.", hint)
    ways = [key for key in ("check", "declared", "not_tested") if entry.get(key)]
    if len(ways) != 1:
        raise ProfileError(
            "requirement-way", f"{where}: exactly one of check, declared and not_tested is needed, found {len(ways)}."
        )
    basis = entry.get("basis")
    if basis not in {"stated", "derived"}:
        raise ProfileError("requirement-basis", f"{where}: basis must be stated or derived.")
    check = entry.get("check", [])
    checks = tuple(_check(item, where) for item in (check if isinstance(check, list) else [check]))
    applies = mapping(entry.get("applies", {}), where)
    return Requirement(
        id=identifier,
        level=level(entry.get("level"), where),
        conformance_class=text(entry, "class", where),
        statement=text(entry, "statement", where),
        source=source(entry.get("source"), documents, where),
        basis=basis,
        layer=layer,
        checks=checks,
        declared=str(entry.get("declared", "")),
        not_tested=str(entry.get("not_tested", "")),
        observe=entry.get("observe") is True,
        overridable=entry.get("overridable") is True,
        skip_environments=tuple(applies.get("environment_not", ())),
        needs_classes=tuple(applies.get("claimed", ())),
        why=str(entry.get("why", "")),
        fix=str(entry.get("fix", "")),
    )


def _check(item: Any, where: str) -> Mapping[str, Any]:
    found = mapping(item, f"{where}, check")
    if not re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", str(found.get("family", ""))):
        raise ProfileError("check-family", f"{where}: check needs a family such as pagination.size.")
    return found


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """``value``, which must be a mapping."""
    if not isinstance(value, Mapping):
        raise ProfileError("profile-shape", f"{where}: a mapping is expected here.")
    return value


def text(holder: Any, key: str, where: str = "profile.yaml") -> str:
    """The text that stands under ``key``, which must be there."""
    value = mapping(holder, where).get(key)
    if not isinstance(value, str) or not value.strip():
        raise ProfileError("profile-text", f"{where}: {key} must be text (in quotes, if it looks like a number).")
    return value.strip()


def level(value: Any, where: str) -> Level:
    """An RFC 2119 level."""
    try:
        return Level(value)
    except ValueError as error:
        raise ProfileError("requirement-level", f"{where}: level must be MUST, SHOULD or MAY.") from error


def source(value: Any, documents: Mapping[str, Any], where: str) -> Source:
    """A clause of one of the profile's documents; the document gives the address unless the row does."""
    entry = mapping(value, f"{where}, source")
    document = text(entry, "document", f"{where}, source")
    known = documents.get(document)
    if known is None:
        raise ProfileError("source-unknown", f"{where}: the source {document!r} is not among profile.yaml's documents.")
    url = entry.get("url") or mapping(known, "documents").get("url", "")
    unknown = sorted(set(entry) - {"document", "clause", "url"})
    if unknown:
        hint = "A clause with a comma in it needs quotes."
        raise ProfileError("source-key", f"{where}, source: unknown key {unknown[0]!r}.", hint)
    return Source(document, text(entry, "clause", f"{where}, source"), str(url))
