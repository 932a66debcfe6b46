"""Ordinary text: what every run writes, so that a credential that stands in it could not be kept out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from interop_harness.evidence import Redactor, Secret
from interop_harness.evidence.redaction import is_word, too_common
from interop_harness.implementation import Implementation

_PACKAGE = Path(__file__).resolve().parents[1]
ORDINARY = (
    (_PACKAGE, "report.py"),
    (_PACKAGE / "rendering", "**/*.py"),
    (_PACKAGE / "rendering", "**/*.j2"),
    *(
        (root, f"*/*/{name}.yaml")
        for root in (_PACKAGE / "profiles", _PACKAGE.parents[1] / "profiles")
        for name in ("openapi", "profile", "requirements")
    ),
)
"""Where the ordinary words of reports stand."""


def stands_in(secret: Secret, implementation: Implementation, *, everywhere: bool = True) -> str:
    """Which text that every run writes holds the secret; empty where none does."""
    alone = Redactor([secret])
    if alone.holds(json.dumps(implementation.as_json(), ensure_ascii=False).encode("utf-8")):
        return "the target file itself"
    if everywhere and not alone.short:
        for path in (path for folder, pattern in ORDINARY for path in folder.glob(pattern)):
            with contextlib.suppress(OSError):
                if alone.holds(path.read_bytes()):
                    return "the words of reports and of the interfaces they are about"
    return ""


def refuse_common(secrets: Iterable[Secret], implementation: Implementation) -> None:
    """Raise TargetError when a secret cannot be told from ordinary text: every report would hold it."""
    for secret in secrets:
        if place := stands_in(secret, implementation, everywhere=is_word(secret.value) or " " in secret.value):
            raise too_common(secret.name, place)
