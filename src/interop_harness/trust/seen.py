"""Which version of each distributed store was last seen on this machine: an older one may hide a revocation."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from interop_harness.errors import VerificationError
from interop_harness.signing import KeyId

SEEN = "trust-seen.json"
MAX_SEEN = 1024**2


def name_of(publisher: KeyId, store: str) -> str:
    """A store is its publisher's: what another calls by the same name is another store."""
    return f"{publisher} {store}"


def refuse_rollback(versions: Mapping[str, int]) -> None:
    """Refuse a store older than the last one seen, and remember those that are not. Names are of `name_of`."""
    if not versions:
        return
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "interop-harness"
    seen = _read(folder / SEEN)
    for name, version in versions.items():
        last = seen.get(name, 0)
        if isinstance(last, int) and version < last:
            publisher, _, store = name.partition(" ")
            raise VerificationError(
                "trust-store-rolled-back",
                f"The trust store {store} is version {version}; version {last} was seen here before.",
                "Get the current one from its publisher: the old one may lack revocations. "
                f"(Its publisher's key is {publisher}.)",
                exit_code=7,
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SEEN).write_text(json.dumps({**seen, **versions}), encoding="utf-8")
    except OSError:
        return  # without a place to remember, rollback cannot be seen; the expiry date still bounds it


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_SEEN))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
