"""The reference supplier of UK Core Access 0.1.0: an invented place behind tokens, with named faults."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from interop_harness.sandbox.fault import select, switched, wrapped
from interop_harness.sandbox.message import Handler

from .endpoints import endpoints
from .faults import CATALOGUE
from .settings import Settings
from .store import load


def build(folder: Path, faults: tuple[str, ...] = (), now: datetime | None = None) -> Handler:
    """The supplier over the dataset of a profile folder, with the named faults; ``now`` stops its clock."""
    chosen = select(CATALOGUE, faults)
    settings = switched(chosen, Settings())
    return wrapped(chosen, endpoints(load(folder / "dataset" / "record.yaml"), settings, now))


__all__ = ["build"]
