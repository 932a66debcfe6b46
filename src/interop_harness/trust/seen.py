"""Which version of each distributed store was last seen on this machine: an older one may hide a revocation."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from interop_harness.errors import VerificationError
from interop_harness.signing import KeyId

SEEN = "trust-seen.json"
MAX_SEEN = 1024**2
FORGOTTEN = (
    "Which version of a handed-out trust store was read cannot be remembered in {}, so an older one that lacks "
    "revocations would not be noticed. Set XDG_STATE_HOME to a folder that can be written."
)


def name_of(publisher: KeyId, store: str) -> str:
    """A store is its publisher's: what another calls by the same name is another store."""
    return f"{publisher} {store}"


def refuse_rollback(read: Iterable[tuple[str, int]]) -> str:
    """Refuse a store older than the newest one seen, here or before; the newest are remembered either way.

    Names are of `name_of`. Gives what the reader has to know when nothing could be remembered, else nothing.
    """
    read = list(read)
    if not read:
        return ""
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "interop-harness"
    except RuntimeError:  # nobody's home is known
        folder = None
    seen = _read(folder / SEEN) if folder else {}
    newest: dict[str, int] = {}
    for name, version in read:
        last = seen.get(name)
        newest[name] = max(newest.get(name, 0), version, last if isinstance(last, int) else 0)
    kept = _remember(folder, {**seen, **newest})
    for name, version in read:
        if version < newest[name]:
            publisher, _, store = name.partition(" ")
            raise VerificationError(
                "trust-store-rolled-back",
                f"The trust store {store} is version {version}; version {newest[name]} was seen here before.",
                "Get the current one from its publisher: the old one may lack revocations. "
                f"(Its publisher's key is {publisher}.)",
                exit_code=7,
            )
    # Without a place to remember, rollback cannot be seen; the expiry date still bounds it.
    return "" if kept else FORGOTTEN.format(folder or "the home folder, which is not known")


def _remember(folder: Path | None, seen: Mapping[str, object]) -> bool:
    if folder is None:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SEEN).write_text(json.dumps(seen), encoding="utf-8")
    except OSError:
        return False
    return True


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_SEEN))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
