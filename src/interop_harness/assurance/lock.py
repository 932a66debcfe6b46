"""The lock of released digests: a profile version that has been released never changes."""

from __future__ import annotations

import json
from pathlib import Path

from interop_harness.profile import Profile, installed, load


def _path() -> Path:
    return next(folder for folder in installed()).parents[1] / "digests.json"


def _own(path: Path) -> dict[str, str]:
    """The digests of the profiles that lie beside the lock file."""
    found: dict[str, str] = {}
    for folder in installed():
        if folder.parents[1] == path.parent:
            profile: Profile = load(str(folder))
            found[f"{profile.id}@{profile.version}"] = profile.sha256
    return found


def locked() -> dict[str, str]:
    """``id@version`` to digest, as locked; empty when nothing is."""
    path = _path()
    if not path.is_file():
        return {}
    content: dict[str, str] = json.loads(path.read_bytes())
    return content


def compare() -> list[str]:
    """A sentence for each profile whose digest is not the locked one, or that is not locked."""
    kept, now = locked(), _own(_path())
    return [
        f"{name}: {'not locked' if name not in kept else 'not here' if name not in now else 'changed'}"
        for name in sorted(kept.keys() | now.keys())
        if kept.get(name) != now.get(name)
    ]


def lock() -> list[str]:
    """Write the digests of today. Returns what changed."""
    changes = compare()
    path = _path()
    path.write_bytes(json.dumps(_own(path), indent=2, sort_keys=True).encode() + b"\n")
    return changes
