"""The reference supplier of Blue Badge eligibility 1.0: a decision table, the codes it accepts, named faults."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from interop_harness.sandbox.fault import select, switched, wrapped
from interop_harness.sandbox.message import Handler

from .endpoints import endpoints
from .faults import CATALOGUE
from .settings import Settings


def build(folder: Path, faults: tuple[str, ...] = (), now: datetime | None = None) -> Handler:
    """The supplier over the dataset of a profile folder, with the named faults."""
    chosen = select(CATALOGUE, faults)
    settings = switched(chosen, Settings())
    return wrapped(chosen, endpoints(folder / "dataset", settings, now))


__all__ = ["build"]
