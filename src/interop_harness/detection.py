"""How good the suite was measured to be at a profile: figures, and the suite and profile that they are figures of.

They are recorded with a run as they were then, so that a replay needs no other file, and said in one way everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

COUNTS = ("caught", "total", "excused", "survived", "blamed_elsewhere", "mandatory_caught", "mandatory_total")
VARIANTS = ("judged", "false_alarms")
DIGESTS = ("suite", "profile")
MOST = 10**9
SHOWN = 12
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def figures(value: Any) -> dict[str, Any] | None:
    """What is known of figures that come from a file; None unless every member is there and can be right."""
    if not isinstance(value, Mapping) or not isinstance(value.get("variants"), Mapping):
        return None
    counts = {name: _count(value.get(name)) for name in COUNTS}
    variants = {name: _count(value["variants"].get(name)) for name in VARIANTS}
    digests = {name: value.get(name) for name in DIGESTS}
    if not all(isinstance(one, str) and _DIGEST.match(one) for one in digests.values()):
        return None
    possible = (
        min(*counts.values(), *variants.values()) >= 0
        and counts["caught"] + counts["excused"] <= counts["total"]
        and counts["mandatory_caught"] <= counts["mandatory_total"] <= counts["total"]
        and variants["false_alarms"] <= variants["judged"]
    )
    return {**counts, "variants": variants, **digests} if possible else None


def _count(value: Any) -> int:
    """A number of things; -1 for what is none."""
    return value if type(value) is int and 0 <= value <= MOST else -1


def stale(found: Mapping[str, Any], suite: str, profile: str) -> str:
    """Why figures say nothing of this suite (or of this profile), by their digests; empty when they do."""
    other = [
        name
        for name, here in (("suite", suite), ("profile", profile))
        if found[name] != here  # anything else measured something else
    ]
    return f"another version of the {' and of the '.join(other)}" if other else ""


def sentence(value: Any, *, suite: str, profile: str, version: str) -> str:
    """The figures in words without a full stop; empty when they are not there or are figures of something else."""
    found = figures(value)
    if found is None or stale(found, suite, profile):
        return ""
    variants = found["variants"]
    wrongly = f"{variants['false_alarms']:,} of {variants['judged']:,} conforming variants wrongly failed"
    return (
        f"This suite catches {found['caught']:,} of {found['total']:,} known faults of this profile"
        f" ({found['excused']:,} excused), {wrongly if variants['judged'] else 'no conforming variant judged'};"
        f" figures of suite digest {suite[:SHOWN]}, profile version {version}"
    )


def told(value: Any, *, suite: str, profile: str, version: str) -> str:
    """The same for every case: the figures, or why there are none to show."""
    found = figures(value)
    if found is None:
        return "Not measured." if value is None else "The kept figures cannot be read."
    other = stale(found, suite, profile)
    if other:
        return f"The kept figures are of {other}, so they are not shown."
    return f"{sentence(value, suite=suite, profile=profile, version=version)}."
