"""Which commands there are, in the order of a run."""

from __future__ import annotations

import importlib

import typer

from interop_harness.cli.blank import refuse_blank

COMMANDS = (
    *(
        "demo",
        "init",
        "doctor",
        "run",
        "replay",
        "sign",
        "verify",
        "explain",
        "plan",
        "sandbox",
        "faults",
        "selftest",
        "assay",
    ),
)
GROUPS = ("keys", "trust", "challenge", "verifier", "profiles")


def register(app: typer.Typer, wanted: str = "") -> None:
    """Add every command module that this package has, or only the one that is wanted, which starts quicker.

    Each module has ``command``; each group has ``app``.
    """
    if wanted in (*COMMANDS, *GROUPS):
        app.callback()(_main)  # with a single command Typer would take its name for an argument
    else:
        wanted = ""
    for name in (wanted,) if wanted in COMMANDS else () if wanted else COMMANDS:
        module = importlib.import_module(f"interop_harness.cli.{name}")
        app.command(name)(module.command)
    for name in (wanted,) if wanted in GROUPS else () if wanted else GROUPS:
        module = importlib.import_module(f"interop_harness.cli.{name}")
        refuse_blank(module.app)
        app.add_typer(module.app, name=name)
    refuse_blank(app)


def _main() -> None:
    pass
