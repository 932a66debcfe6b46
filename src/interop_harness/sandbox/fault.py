"""Named faults: how a reference supplier is made to break one rule, and which rule that is."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from interop_harness.errors import ProfileError, UsageError

from .message import Handler

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class Fault(Generic[Settings]):
    """``switch`` changes the settings that the endpoints read, ``wrap`` the handler's answers."""

    name: str
    switch: Callable[[Settings], None] | None = None
    wrap: Callable[[Handler], Handler] | None = None


@dataclass(frozen=True, slots=True)
class MayChange:
    """Another requirement whose verdict may change with a fault, and why."""

    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """A row of ``faults.yaml``: the requirement that must catch the fault, the few that may change too."""

    name: str
    description: str
    must_fail: str
    may_change: tuple[MayChange, ...] = ()


def select(catalogue: Mapping[str, Fault[Settings]], names: Sequence[str]) -> tuple[Fault[Settings], ...]:
    """The named faults in the order given, or a UsageError that lists close matches."""
    return tuple(catalogue[name] if name in catalogue else _unknown(catalogue, name) for name in names)


def _unknown(catalogue: Iterable[str], name: str) -> Any:
    close = difflib.get_close_matches(name, list(catalogue), n=3, cutoff=0.4)
    hint = f"Did you mean: {', '.join(close)}?" if close else "List them with: interop faults PROFILE."
    raise UsageError("fault-unknown", f"There is no fault named {name!r}.", hint)


def switched(faults: Iterable[Fault[Settings]], settings: Settings) -> Settings:
    """Let every fault set its switches; later faults see what earlier ones set."""
    for fault in faults:
        if fault.switch is not None:
            fault.switch(settings)
    return settings


def wrapped(faults: Iterable[Fault[Settings]], handler: Handler) -> Handler:
    """Let every fault wrap the handler; the last one named answers the client."""
    for fault in faults:
        if fault.wrap is not None:
            handler = fault.wrap(handler)
    return handler


def read_records(path: Path) -> tuple[FaultRecord, ...]:
    """The rows of a ``faults.yaml``; a profile without one has no faults."""
    if not path.exists():
        return ()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = [_record(row) for row in content["faults"]]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ProfileError("faults-invalid", f"{path.name} of the profile is not a list of faults: {error}.") from error
    if len({row.name for row in rows}) != len(rows):
        raise ProfileError("faults-invalid", f"{path.name} of the profile names a fault twice.")
    return tuple(rows)


def _record(row: Mapping[str, Any]) -> FaultRecord:
    changes = tuple(MayChange(change["requirement"], change["reason"]) for change in row.get("may_change") or ())
    return FaultRecord(row["name"], row["description"], row["must_fail"], changes)
