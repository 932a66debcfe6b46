"""Which commands there are, in the order of a run."""

from __future__ import annotations

import importlib

import typer

COMMANDS = (
    *("demo", "init", "doctor", "run", "replay", "sign", "verify", "explain", "plan", "sandbox", "faults", "selftest"),
)
GROUPS = ("keys", "trust", "challenge", "verifier", "profiles")


def register(app: typer.Typer) -> None:
    """Add every command module that this package has. Each module has ``command``; each group has ``app``."""
    for name in COMMANDS:
        module = importlib.import_module(f"interop_harness.cli.{name}")
        app.command(name)(module.command)
    for name in GROUPS:
        module = importlib.import_module(f"interop_harness.cli.{name}")
        app.add_typer(module.app, name=name)
