"""Step 18: the recorded answers, judged again, and what it means when another result comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from interop_harness.certificate import statement
from interop_harness.certificate.statement import parse_time
from interop_harness.errors import EvidenceError, HarnessError, ProfileError, SigningError
from interop_harness.verification.result import Judge, Refuse

CLOCK_STEP = timedelta(minutes=5)
MAX_EVIDENCE = 512 * 1024**2
MAX_RECORDS = 300_000
"""Thirty times what the longest measured run has recorded: a few bytes, repeated, must not be read for minutes."""
KINDS = ("header", "probe", "exchange", "end")  # compared, not looked up: what stands there may be no text


def check_evidence(  # noqa: RET503 - refusing never returns
    predicate: Mapping[str, Any], evidence: bytes | None, judge: Judge | None, refuse: Refuse
) -> tuple[str, ...]:
    if evidence is None:
        return ()
    from interop_harness.evidence.lines import measured

    try:
        # The certificate says how large its evidence is: what unpacks to far more is not unpacked to its end.
        stated = max(2 * predicate["evidence"]["bytes"], 1024**2)
        found = measured(evidence, limit=min(stated, MAX_EVIDENCE))
    except EvidenceError as error:
        refuse("evidence-unreadable", f"The evidence file cannot be read: {error.message}")
    if found.sha256 != predicate["evidence"]["sha256"]:
        refuse("evidence-does-not-match", "The evidence file is not the one this certificate was made from.")
    size = predicate["evidence"]
    if found.records > MAX_RECORDS:
        refuse(
            "evidence-unreadable", f"The evidence holds {found.records} records: no more than {MAX_RECORDS} are read."
        )
    if (size["bytes"], size["records"]) != (found.bytes, found.records):
        refuse("evidence-size-misstated", "The certificate misstates the size of its evidence.")
    _check_times(predicate, evidence, refuse)
    if judge is None:
        return ()
    try:
        report = json.loads(judge(evidence))
        again = statement.content(report)
        # How good the tests were measured to be changes with the copy that judges, and no answer depends on it.
        again["profile"]["detection"] = predicate["profile"]["detection"]
    except Exception as error:  # the evidence is hostile: whatever it provokes must end in words
        said = error.message if isinstance(error, HarnessError) else type(error).__name__
        if isinstance(error, ProfileError) or getattr(error, "code", "") == "evidence-profile":
            hint = (
                "Install that version of the profile, name its folder with --profile-folder FOLDER, or leave the "
                "evidence out."
            )
            refuse("evidence-profile-not-here", f"The evidence cannot be judged here: {said}", hint, 7)
        refuse("evidence-not-judged", f"The evidence does not bear the plan it claims: {said.rstrip('.')}.")
    other_suite = again["suite"] != predicate["suite"]
    differing = sorted(name for name, value in again.items() if value != predicate[name])
    try:
        statement.refuse_unfit(report)
    except SigningError as error:
        # A chosen seed, a selection, a record that breaks off: the rows alone would not show it.
        if error.code != "run-not-conclusive":
            refuse("evidence-of-unfit-run", f"The evidence is of a run that is never signed. {error.message}")
        if not other_suite:
            refuse("evidence-contradicts-result", f"The evidence does not lead to the result signed. {error.message}")
        differing = sorted({*differing, "verdict"})
    drawn = () if predicate["challenge"] is None else ("what was asked was drawn from the challenge named",)
    if not differing:
        return ("the recorded answers, judged again here, lead to exactly this result", *drawn)
    if differing == ["suite"]:
        return ("the recorded answers, judged again by another version of the suite, lead to the same result", *drawn)
    if other_suite:
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


def _check_times(predicate: Mapping[str, Any], evidence: bytes, refuse: Refuse) -> None:
    """Every answer was recorded while the tests ran: what was recorded earlier belongs to another run."""
    begins, ends = (parse_time(predicate["run"][name]) for name in ("startedAt", "finishedAt"))
    begins, ends = begins - CLOCK_STEP, ends + CLOCK_STEP
    for record in _records(evidence, refuse):
        if record.get("type") != "exchange":
            continue
        stamp = record.get("sent_at", "")
        if stamp == "" and "response" not in record:
            continue  # it was never sent, and it answers nothing
        try:
            sent = datetime.fromisoformat(stamp)
            fits = sent.tzinfo is not None and begins <= sent <= ends
        except (ValueError, TypeError, OverflowError):
            fits = False
        if not fits:
            refuse("evidence-of-another-time", "Answers in the evidence were not recorded while the tests ran.")


def _records(evidence: bytes, refuse: Refuse) -> Iterator[dict[str, Any]]:
    from interop_harness.evidence.lines import lines_of, parse

    try:
        for number, piece in enumerate(lines_of(evidence, limit=MAX_EVIDENCE), 1):
            record = parse(piece, number)
            if record.get("type") not in KINDS or (record["type"] == "header") is not (number == 1):
                raise EvidenceError("evidence-record", f"line {number} of the evidence is of an unknown type")
            yield record
    except EvidenceError as error:
        refuse("evidence-unreadable", f"The evidence file cannot be read: {error.message}")


def _changed(predicate: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    before = {row["id"]: row for row in predicate["results"]}
    after = {row["id"]: row for row in again["results"]}
    rows = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    if rows:
        return ", ".join(rows[:10]) + (f" and {len(rows) - 10} more" if len(rows) > 10 else "")
    return ", ".join(sorted(name for name, value in again.items() if value != predicate[name])) or "the verdict"
