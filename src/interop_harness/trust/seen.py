"""Which version of each distributed store was last seen on this machine: an older one may hide a revocation."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from interop_harness.errors import VerificationError
from interop_harness.signing import KeyId
from interop_harness.trust.lock import FileLock

SEEN = "trust-seen.json"
ASIDE = "trust-seen.damaged.json"
MAX_SEEN = 1024**2
FORGOTTEN = (
    "Which version of a handed-out trust store was read cannot be remembered in {}, so an older one that lacks "
    "revocations would not be noticed. Set XDG_STATE_HOME to a folder that can be written."
)
DAMAGED = (
    "What was remembered of the versions of handed-out trust stores, {}, is damaged and was put aside as {}: this once "
    "an older store that lacks revocations would not have been noticed. Get the current one from its publisher."
)


def name_of(publisher: KeyId, store: str) -> str:
    """A store is its publisher's: what another calls by the same name is another store."""
    return f"{publisher} {store}"


def refuse_rollback(read: Iterable[tuple[str, int]]) -> str:
    """Refuse a store older than the newest one seen, here or before; the newest are remembered either way.

    Names are of `name_of`. Gives what the reader has to know when nothing could be remembered, or when what was
    remembered is lost; else nothing.
    """
    read = list(read)
    if not read:
        return ""
    newest: dict[str, int] = {}
    for name, version in read:
        newest[name] = max(newest.get(name, 0), version)
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "interop-harness"
    except RuntimeError:  # nobody's home is known
        folder = None
    seen, note = _remembered(folder, newest) if folder else ({}, "")
    for name, version in read:
        last = max(newest[name], seen.get(name, 0))
        if version < last:
            publisher, _, store = name.partition(" ")
            raise VerificationError(
                "trust-store-rolled-back",
                f"The trust store {store} is version {version}; version {last} was seen here before.",
                "Get the current one from its publisher: the old one may lack revocations. "
                f"(Its publisher's key is {publisher}.)",
                exit_code=7,
            )
    # Without a place to remember, rollback cannot be seen; the expiry date still bounds it.
    return note if folder else FORGOTTEN.format("the home folder, which is not known")


def _remembered(folder: Path, newest: Mapping[str, int]) -> tuple[dict[str, int], str]:
    """What was seen before, once the newest are written beside it; and what the reader has to know of that.

    Others read other stores at the same moment: what they remember is read and written under one lock.
    """
    path, note = folder / SEEN, ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(path):
            try:
                seen = _read(path)
            except ValueError:
                seen, note = {}, DAMAGED.format(path, ASIDE)
                path.replace(folder / ASIDE)
            merged = {**seen, **{name: max(version, seen.get(name, 0)) for name, version in newest.items()}}
            if merged != seen:
                _write(path, merged)
    except OSError:
        note = FORGOTTEN.format(folder)
        seen = {}
        with contextlib.suppress(OSError, ValueError):
            seen = _read(path)
    return seen, note


def _write(path: Path, seen: Mapping[str, int]) -> None:
    """Replaces the file at once, so that nobody ever reads half of it."""
    data = json.dumps(seen).encode("utf-8")
    if len(data) > MAX_SEEN:
        raise OSError("more than is read again")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".seen-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> dict[str, int]:
    """Raises ValueError for a file that nothing of this kind was written to."""
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_SEEN))
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict) or not all(type(version) is int for version in value.values()):
        raise ValueError("no versions of stores")
    return value
