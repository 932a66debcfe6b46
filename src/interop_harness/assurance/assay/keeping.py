"""The kept figures of a profile (detection.json), the floor they must not fall below, and the excuses."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from interop_harness.assurance.assay.score import MOST_EXCUSED, Floor, Score
from interop_harness.errors import ProfileError, UsageError
from interop_harness.execution.record import suite_sha256
from interop_harness.profile import Profile, load, read_yaml

KEPT = "detection.json"
EXCUSED = "excused.yaml"


def excuses(profile: Profile) -> dict[str, str]:
    """Mutant id → the reason why the clause does not forbid it. Raises ProfileError for one without a reason."""
    path = profile.folder / EXCUSED
    if not path.is_file():
        return {}
    content = read_yaml(path)
    found: dict[str, str] = {}
    for entry in content.get("excused") or ():
        names = entry.get("mutants") or [entry.get("mutant")]
        reason = str(entry.get("reason") or "").strip()
        for name in names:
            if not name or not reason:
                raise ProfileError("excuse-without-reason", f"{path.name}: {name or entry} has no reason.")
            found[str(name)] = reason
    return found


def floor(profile: Profile) -> Floor:
    """What the profile's file says, else the harness's own floor. Raises ProfileError for what is no floor."""
    path = profile.folder / EXCUSED
    stated = read_yaml(path).get("floor") or {} if path.is_file() else {}
    known = {one.name for one in fields(Floor)}
    wrong = [f"{name}: {value}" for name, value in stated.items() if name not in known or type(value) is not int]
    if wrong:
        told = f"{path.name} states a floor that is none of {', '.join(sorted(known))} with a whole number: {wrong[0]}"
        raise ProfileError("floor-unknown", told)
    return Floor(**stated)


def keep(profile: Profile, made: Score, variants: dict[str, int]) -> Path:
    """Write the figures of a complete assay, with the digests of what they are figures of.

    Raises UsageError when the suite or the profile changed meanwhile: the figures would be of neither.
    """
    if suite_sha256.__wrapped__() != suite_sha256() or load(str(profile.folder)).sha256 != profile.sha256:
        raise UsageError(
            "assay-moved",
            f"The suite or {profile.name} changed while its figures were taken, so they are not kept.",
            "Take them again when nobody is at work on either.",
        )
    content = {
        "format": "interop-detection/1",
        "figures": {
            **made.figures(),
            "suite": suite_sha256(),
            "profile": profile.sha256,
            "variants": variants,
        },
        "excused": {trial.id: made.excuse(trial) for trial in made.excused},
        "missed": [trial.id for trial in made.unexcused],
    }
    path = profile.folder / KEPT
    path.write_bytes(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False).encode("utf-8") + b"\n")
    return path


def stale(profile: Profile) -> list[str]:
    """Why the kept figures say nothing of what is here now; empty when they do."""
    kept = profile.detection
    if kept is None:
        return [f"{profile.name} has no kept figures: run interop assay {profile.id} --all --keep"]
    found = []
    if kept["suite"] != suite_sha256():
        found.append(f"{profile.name}: the suite has changed since its figures were taken")
    if kept["profile"] != profile.sha256:
        found.append(f"{profile.name}: the profile has changed since its figures were taken")
    return found


def fallen(profile: Profile) -> list[str]:
    """Where the kept figures fall short of the profile's floor. Nothing is said of figures that are not there."""
    kept, least = profile.detection, floor(profile)
    if kept is None:
        return []
    found = []
    for what, caught, total, share in (
        ("caught", kept["caught"], kept["total"] - kept["excused"], least.caught),
        ("of MUSTs of mandatory classes", kept["mandatory_caught"], kept["mandatory_total"], least.mandatory),
        ("blamed on the right requirement", kept["caught"], kept["caught"] + kept["blamed_elsewhere"], least.blamed),
    ):
        if caught * 1000 < share * total:
            found.append(f"{profile.name}: {caught} of {total} {what}: the floor is {share / 10:.1f} %")
    if kept["excused"] * 1000 > MOST_EXCUSED * kept["total"]:
        most = f"the most is {MOST_EXCUSED / 10:.1f} %"
        found.append(f"{profile.name}: {kept['excused']} of {kept['total']} excused: {most}")
    if kept["total"] < least.mutants:
        found.append(f"{profile.name}: {kept['total']} mutants: the floor is {least.mutants}")
    judged, alarms = kept["variants"]["judged"], kept["variants"]["false_alarms"]
    if alarms:
        found.append(f"{profile.name}: {alarms} false alarms over {judged} conforming variants")
    if judged < least.variants:
        found.append(f"{profile.name}: {judged} conforming variants were judged: the floor is {least.variants}")
    return found
