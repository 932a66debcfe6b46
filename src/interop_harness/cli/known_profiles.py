"""Which profiles this installation knows, by their digests: from the lock of released ones, else by loading them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interop_harness.profile import Profile
    from interop_harness.verification import KnownProfile

LOCK = "catalogues.json"
"""Beside the profiles, written by ``interop profiles lock``: reading it is much quicker than loading them."""
_PROFILE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*\Z")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*\Z")


def known_profile(identifier: str, version: str, sha256: str = "") -> KnownProfile | None:
    """The digests of an installed profile. The names come from a certificate: they are never used as a path.

    ``sha256`` is the digest looked for: when the lock holds it, nothing is loaded.
    """
    from interop_harness.errors import ProfileError
    from interop_harness.verification import KnownProfile

    entry = _locked().get(f"{identifier}@{version}")
    if isinstance(entry, dict) and sha256 and entry.get("sha256") == sha256:
        return KnownProfile(sha256, entry.get("requirementsSha256"), _figures(_place() / identifier / version))
    try:
        profile = load_named(f"{identifier}@{version}")
    except ProfileError:
        return None
    return KnownProfile(profile.sha256, catalogue_of(profile), profile.detection)


def load_named(name: str) -> Profile:
    """An installed profile by ``id@version``, both from a file that nobody vouches for. Raises ProfileError."""
    from interop_harness.errors import ProfileError
    from interop_harness.profile import load

    identifier, _, version = name.partition("@")
    if not _PROFILE_ID.match(identifier) or not _VERSION.match(version):
        raise ProfileError("profile-unknown", "There is no such profile.")
    return load(name)


def catalogue_of(profile: Profile) -> str:
    """The digest over everything that a certificate says of a profile."""
    from interop_harness.certificate.statement import catalogue_of_profile

    layers = [
        {
            "id": layer.id,
            "version": layer.version,
            "title": layer.title,
            "binding": layer.binding,
            "sha256": layer.sha256,
        }
        for layer in profile.layers
        if layer.id != profile.id
    ]
    about = {
        "id": profile.id,
        "version": profile.version,
        "title": profile.title,
        "status": profile.status,
        "layers": layers,
    }
    classes = [{"id": entry.id, "title": entry.title, "mandatory": entry.mandatory} for entry in profile.classes]
    rows = [
        {
            "id": row.id,
            "level": row.level.value,
            "class": row.conformance_class,
            "layer": row.layer,
            "statement": row.statement,
            "source": row.source.as_json(),
        }
        for row in profile.requirements
    ]
    return catalogue_of_profile(about, classes, rows)


def catalogues() -> dict[str, dict[str, str]]:
    """What the lock must hold: every profile beside it, loaded."""
    from interop_harness.profile import installed, load

    found = {}
    for folder in installed():
        if folder.parents[1] == _place():
            profile = load(str(folder))
            entry = {"sha256": profile.sha256, "requirementsSha256": catalogue_of(profile)}
            found[f"{profile.id}@{profile.version}"] = entry
    return found


def lock_catalogues() -> None:
    """Write the lock."""
    data = json.dumps(catalogues(), indent=2, sort_keys=True).encode("ascii")
    (_place() / LOCK).write_bytes(data + b"\n")


def _locked() -> dict[str, Any]:
    try:
        value = json.loads((_place() / LOCK).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _figures(folder: Path) -> Any:
    """How good a suite was measured to be at a profile of the lock; the figures say themselves of which suite."""
    try:
        return json.loads((folder / "detection.json").read_bytes())["figures"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _place() -> Path:
    """The profiles that come with this package: in the wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "profiles"
    return inside if inside.is_dir() else package.parents[1] / "profiles"
