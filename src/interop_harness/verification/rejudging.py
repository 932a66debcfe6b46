"""Step 18: the recorded answers, judged again, and what it means when another result comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from interop_harness.certificate import statement
from interop_harness.errors import EvidenceError, HarnessError, ProfileError
from interop_harness.verification.result import Judge, Refuse

MAX_EVIDENCE = 512 * 1024**2


def check_evidence(  # noqa: RET503 - refusing never returns
    predicate: Mapping[str, Any], evidence: bytes | None, judge: Judge | None, refuse: Refuse
) -> tuple[str, ...]:
    if evidence is None:
        return ()
    from interop_harness.evidence.lines import unpack

    try:
        lines = unpack(evidence, limit=MAX_EVIDENCE)
    except EvidenceError as error:
        refuse("evidence-unreadable", f"The evidence file cannot be read: {error.message}")
    if hashlib.sha256(lines).hexdigest() != predicate["evidence"]["sha256"]:
        refuse("evidence-does-not-match", "The evidence file is not the one this certificate was made from.")
    size = predicate["evidence"]
    if (size["bytes"], size["records"]) != (len(lines), lines.count(b"\n")):
        refuse("evidence-size-misstated", "The certificate misstates the size of its evidence.")
    if judge is None:
        return ()
    try:
        again = statement.content(json.loads(judge(lines)))
    except Exception as error:  # the evidence is hostile: whatever it provokes must end in words
        said = error.message if isinstance(error, HarnessError) else type(error).__name__
        if isinstance(error, ProfileError) or getattr(error, "code", "") == "evidence-profile":
            hint = "Install that version of the profile, or leave the evidence out."
            refuse("evidence-profile-not-here", f"The evidence cannot be judged here: {said}", hint, 7)
        refuse("evidence-not-judged", f"The evidence does not bear the plan it claims: {said}.")
    differing = sorted(name for name, value in again.items() if value != predicate[name])
    if not differing:
        return ("the recorded answers, judged again here, lead to exactly this result",)
    if differing == ["suite"]:
        return ("the recorded answers, judged again by another version of the suite, lead to the same result",)
    if again["suite"] != predicate["suite"]:
        refuse(
            "judged-differently-by-another-suite",
            f"The suite {predicate['suite']['version']} ({predicate['suite']['sha256'][:12]}) judged the evidence "
            f"otherwise than {again['suite']['version']} ({again['suite']['sha256'][:12]}) does here. "
            f"Changed: {_changed(predicate, again)}.",
            "Judge it with the suite version named, or ask for a new run.",
            exit_code=7,
        )
    refuse(
        "evidence-contradicts-result",
        f"The evidence does not lead to the result signed. Different: {_changed(predicate, again)}.",
    )


def _changed(predicate: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    before = {row["id"]: row for row in predicate["results"]}
    after = {row["id"]: row for row in again["results"]}
    rows = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    if rows:
        return ", ".join(rows[:10]) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")
    return ", ".join(sorted(name for name, value in again.items() if value != predicate[name]))
