"""The reference supplier of Open Referral UK 3.0: a fictional directory, every parameter, named faults."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from interop_harness.sandbox.fault import select, switched, wrapped
from interop_harness.sandbox.message import Handler

from .endpoints import endpoints
from .examples import examples_handler
from .faults import CATALOGUE
from .settings import Settings
from .store import load


def build(folder: Path, faults: tuple[str, ...] = (), now: datetime | None = None) -> Handler:
    """The supplier over the dataset of a profile folder, with the named faults."""
    chosen = select(CATALOGUE, faults)
    settings = switched(chosen, Settings())
    store = load(folder / "dataset", (now or datetime.now(UTC)).date())
    return wrapped(chosen, endpoints(store, settings, folder / "openapi.yaml", now))


__all__ = ["build", "examples_handler"]
