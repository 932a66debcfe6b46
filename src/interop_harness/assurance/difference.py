"""What a new version of a profile means for a supplier who passed the old one, in words."""

from __future__ import annotations

from interop_harness.profile import Profile
from interop_harness.requirement import Requirement


def difference(old: Profile, new: Profile) -> list[str]:
    """Sentences, the ones that can cost a pass first. Empty when nothing that is judged has changed."""
    before = {row.id: row for row in old.requirements}
    after = {row.id: row for row in new.requirements}
    costs: list[str] = []
    eases: list[str] = []
    other: list[str] = []
    for identifier in sorted(after.keys() - before.keys()):
        row = after[identifier]
        said = f"{identifier} is new ({row.level}, class {row.conformance_class}): {row.statement}"
        (costs if _decides(row) else other).append(said)
    for identifier in sorted(before.keys() - after.keys()):
        eases.append(f"{identifier} is gone: {before[identifier].statement}")
    for identifier in sorted(before.keys() & after.keys()):
        was, now = before[identifier], after[identifier]
        changes = _changes(was, now)
        if not changes:
            continue
        said = f"{identifier}: {'; '.join(changes)}"
        if _decides(now) and (not _decides(was) or was.checks != now.checks or was.statement != now.statement):
            costs.append(said)
        elif _decides(was) and not _decides(now):
            eases.append(said)
        else:
            other.append(said)
    other += _classes(old, new) + _operations(old, new)
    lines = []
    for title, sentences in (
        ("May cost a pass", costs),
        ("Asks less than before", eases),
        ("Changes nothing for the verdict", other),
    ):
        if sentences:
            lines.append(f"{title} ({len(sentences)})")
            lines += [f"  {sentence}" for sentence in sentences]
    return lines


def _decides(row: Requirement) -> bool:
    return row.level == "MUST" and not row.observe and not row.not_tested and not row.not_applicable


def _changes(was: Requirement, now: Requirement) -> list[str]:
    found = []
    if was.level != now.level:
        found.append(f"{was.level} became {now.level}")
    if was.conformance_class != now.conformance_class:
        found.append(f"moved from class {was.conformance_class} to {now.conformance_class}")
    if was.statement != now.statement:
        found.append(f"now reads: {now.statement}")
    if was.checks != now.checks:
        found.append("is tested differently")
    for word, before, after in (
        ("observed only", was.observe, now.observe),
        ("not tested", bool(was.not_tested), bool(now.not_tested)),
        ("not applicable", bool(was.not_applicable), bool(now.not_applicable)),
    ):
        if before != after:
            found.append(f"is {'now' if after else 'no longer'} {word}")
    return found


def _classes(old: Profile, new: Profile) -> list[str]:
    before = {entry.id: entry for entry in old.classes}
    after = {entry.id: entry for entry in new.classes}
    found = [f"The class {name} is new." for name in sorted(after.keys() - before.keys())]
    found += [f"The class {name} is gone." for name in sorted(before.keys() - after.keys())]
    for name in sorted(before.keys() & after.keys()):
        if before[name].mandatory != after[name].mandatory:
            found.append(f"The class {name} is {'now' if after[name].mandatory else 'no longer'} mandatory.")
    return found


def _operations(old: Profile, new: Profile) -> list[str]:
    found = [f"The operation {name} is new." for name in sorted(new.operations.keys() - old.operations.keys())]
    return found + [f"The operation {name} is gone." for name in sorted(old.operations.keys() - new.operations.keys())]
