"""A profile as plain data for publication: everything that a reader of its page needs, in the order of the page."""

from __future__ import annotations

from typing import Any

from interop_harness.assurance.explanation import tested
from interop_harness.profile import Profile
from interop_harness.requirement import Requirement


def publication(profile: Profile) -> dict[str, Any]:
    """Identity, classes with their requirements, errata."""
    return {
        "id": profile.id,
        "version": profile.version,
        "title": profile.title,
        "publisher": profile.publisher,
        "status": profile.status,
        "standard": ", ".join(str(value) for value in profile.standard.values()),
        "licence": profile.licence or "not stated",
        "extends": ", ".join(f"{layer.title} {layer.version}" for layer in profile.layers[1:]) or "nothing",
        "sha256": profile.sha256,
        "precedence": profile.precedence,
        "classes": [
            {
                "id": entry.id,
                "title": entry.title,
                "mandatory": entry.mandatory,
                "description": entry.description,
            }
            for entry in profile.classes
        ],
        "groups": [
            {
                "id": entry.id,
                "title": entry.title,
                "rows": [_row(profile, row) for row in profile.requirements if row.conformance_class == entry.id],
            }
            for entry in profile.classes
        ],
        "errata": [
            {"id": str(entry.get("id", "")), "problem": str(entry.get("problem", "")), "reading": _reading(entry)}
            for entry in profile.errata
        ],
    }


def _reading(entry: Any) -> str:
    return str(entry.get("reading", ""))


def _row(profile: Profile, row: Requirement) -> dict[str, Any]:
    document = profile.documents.get(row.source.document, {})
    return {
        "id": row.id,
        "level": row.level.value,
        "statement": row.statement,
        "clause": f"{document.get('title', row.source.document)}: {row.source.clause}",
        "url": row.source.url,
        "derived": row.basis == "derived",
        "not_applicable": row.not_applicable,
        "tested": tested(profile, row),
        "why": row.why,
        "fix": row.fix,
    }
