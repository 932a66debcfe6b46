"""The kept figures of a profile (detection.json), the floor they must not fall below, and the excuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from interop_harness.assurance.assay.score import MOST_EXCUSED, Floor, Score
from interop_harness.errors import ProfileError, UsageError
from interop_harness.execution.record import suite_sha256
from interop_harness.profile import Profile, load, read_yaml

KEPT = "detection.json"
EXCUSED = "excused.yaml"
MAKING = ("assurance", "sandbox")
"""The parts of this package that make mutants, and the reference suppliers that they are made of."""
HINT = "docs/detection.md says what stands in it."
WAYS = ("absent", "text", "empty", "codes", "signed", "translated")
"""How a member that the standard leaves open may differ: left out, filled with other text, a list without entries,
another of its codes, an address signed anew at each reading, codings with some of the supplier's own beside them."""


@dataclass(frozen=True, slots=True)
class Free:
    """Members that the standard leaves open, and how suppliers may differ in them.

    A member is named by the last steps of its path, after an operation and a colon where only that one is meant.
    """

    members: tuple[tuple[str, tuple[str, ...]], ...]
    ways: tuple[str, ...]
    reason: str
    codes: tuple[str, ...] = ()
    """The legal codes, where the document does not list them."""

    def means(self, operation: str, path: tuple[str, ...]) -> bool:
        return any(stands(one, operation, path) for one in self.members)


def stands(member: tuple[str, tuple[str, ...]], operation: str, path: tuple[str, ...]) -> bool:
    """Whether a member of the list is what stands at this path of an operation's answers."""
    only, last = member
    return only in ("", operation) and tuple(step for step in path if step != "*")[-len(last) :] == last


def excuses(profile: Profile) -> dict[str, str]:
    """Mutant id → the reason why the clause does not forbid it. Raises ProfileError for one without a reason."""
    path = profile.folder / EXCUSED
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    stated = _content(path).get("excused") or []
    if not isinstance(stated, list) or not all(isinstance(entry, Mapping) for entry in stated):
        raise ProfileError("excuse-unclear", f"{path.name}: excused is no list of mappings.", HINT)
    for entry in stated:
        names = entry.get("mutants") or [entry.get("mutant")]
        if not isinstance(names, list):
            raise ProfileError("excuse-unclear", f"{path.name}: mutants is no list: {names!r:.80}", HINT)
        reason = str(entry.get("reason") or "").strip()
        for name in names:
            if not name or not reason:
                raise ProfileError("excuse-without-reason", f"{path.name}: {name or entry} has no reason.")
            found[str(name)] = reason
    return found


def floor(profile: Profile) -> Floor:
    """What the profile's file says, else the harness's own floor. Raises ProfileError for what is no floor."""
    path = profile.folder / EXCUSED
    stated = _content(path).get("floor") or {} if path.is_file() else {}
    known = {one.name for one in fields(Floor)}
    if not isinstance(stated, Mapping):
        raise ProfileError("floor-unknown", f"{path.name} states a floor that is no mapping: {stated!r:.80}", HINT)
    wrong = [
        f"{name}: {value}" for name, value in stated.items() if name not in known or type(value) is not int or value < 0
    ]
    if wrong:
        told = f"{path.name} states a floor that is none of {', '.join(sorted(known))} with a whole number: {wrong[0]}"
        raise ProfileError("floor-unknown", told)
    return Floor(**stated)


def _content(path: Path) -> Mapping[str, Any]:
    content = read_yaml(path)
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise _unclear(path, "stands in a file that is no mapping")
    return content


def free(profile: Profile) -> tuple[Free, ...]:
    """What the profile says that the standard leaves open. Raises ProfileError for a list that says nothing."""
    path = profile.folder / EXCUSED
    content = _content(path) if path.is_file() else {}
    beside = sorted(str(key) for key in set(content) - {"floor", "excused", "free"})
    if beside:
        raise _unclear(path, f"stands beside the key {beside[0]}, which is none of floor, excused, free")
    stated = content.get("free") or ()
    if not isinstance(stated, (list, tuple)):
        raise _unclear(path, f"is no list: {stated!r}")
    return tuple(_free(path, entry) for entry in stated)


def _free(path: Path, entry: Any) -> Free:
    if not isinstance(entry, Mapping):
        raise _unclear(path, f"holds an entry that is no mapping: {entry!r}")
    strange = sorted(str(key) for key in set(entry) - {"members", "ways", "reason", "codes"})
    if strange:
        raise _unclear(path, f"has the key {strange[0]}, which is none of members, ways, reason, codes")
    lists = {name: entry.get(name) or [] for name in ("members", "ways", "codes")}
    for name, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise _unclear(path, f"states {name} that are no list of words: {value!r}")
        if not value and name != "codes":
            raise _unclear(path, f"holds an entry without {name}: {dict(entry)!r}")
    strange = [way for way in lists["ways"] if way not in WAYS]
    if strange:
        raise _unclear(path, f"states the way {strange[0]}, which is none of {', '.join(WAYS)}")
    reason = str(entry.get("reason") or "").strip()
    if not reason:
        raise _unclear(path, f"gives no reason why {', '.join(lists['members'])} may differ")
    named = [name.rpartition(":") for name in lists["members"]]
    members = tuple((operation, tuple(steps.strip("/").split("/"))) for operation, _, steps in named)
    return Free(members, tuple(lists["ways"]), reason, tuple(lists["codes"]))


def _unclear(path: Path, told: str) -> ProfileError:
    return ProfileError("free-unclear", f"The list free of {path.name} {told}.", HINT)


def keep(profile: Profile, made: Score, variants: dict[str, int]) -> Path:
    """Write the figures of a complete assay, with the digests of what they are figures of.

    Raises UsageError when the suite or the profile changed meanwhile: the figures would be of neither.
    """
    made_of = mutants_sha256(profile)
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
        "mutants": made_of,
    }
    path = profile.folder / KEPT
    path.write_bytes(json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False).encode("utf-8") + b"\n")
    return path


def mutants_sha256(profile: Profile) -> str:
    """The digest of what makes the mutants and variants of a profile: with another one, others were tried."""
    package = Path(__file__).resolve().parents[2]
    files = {file.relative_to(package).as_posix(): file for part in MAKING for file in (package / part).rglob("*.py")}
    files |= {f"profile/{name}": profile.folder / name for name in (EXCUSED,) if (profile.folder / name).is_file()}
    data = profile.folder / "dataset"
    files |= {f"profile/{file.relative_to(data).as_posix()}": file for file in data.rglob("*") if file.is_file()}
    lines = (f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n" for name, file in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
    if json.loads((profile.folder / KEPT).read_bytes()).get("mutants") != mutants_sha256(profile):
        found.append(f"{profile.name}: the mutants, or the supplier they are made of, have changed since then")
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
