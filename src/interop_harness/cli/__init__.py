"""The command line: one module a command; this one puts them together and turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys

# Starting up makes some hundred thousand objects that all stay: looking for garbage among them is a tenth of it.
gc.set_threshold(50_000)

import typer  # noqa: E402

from interop_harness.errors import HarnessError  # noqa: E402

HELP = """Prove that a live API does what the sector's interoperability profile says.

Start with:  interop demo    or:  interop run open-referral-uk --target https://api.example.org

Which version this is:  interop --version
"""

SIGNING = frozenset({"sign", "keys", "trust"})
"""The commands that may use a signing key."""

app = typer.Typer(
    name="interop",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _register() -> None:
    from interop_harness.cli import commands

    commands.register(app, sys.argv[1] if len(sys.argv) > 1 else "")


def _verified_quickly() -> bool:
    """Run `interop verify` without building the Typer application, where its arguments are plain to read."""
    if sys.argv[1:2] != ["verify"]:
        return False
    from interop_harness.cli import quick, verify

    given = quick.arguments(verify.command, sys.argv[2:])
    if given is None:
        return False
    try:
        verify.command(**given)
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from None
    return True


def _leave_signing_secrets() -> None:
    """A key or passphrase meant for `interop sign` is not carried through a run: begin again without it.

    Unsetting would leave it in the environment that the system shows of this process.
    """
    if len(sys.argv) > 1 and sys.argv[1] in SIGNING:
        return
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTEROP_SIGNING_")}
    if len(kept) == len(os.environ):
        return
    if os.name == "posix" and sys.executable:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], kept)  # noqa: S606 - this very command
    for name in set(os.environ) - set(kept):
        del os.environ[name]


def main() -> None:
    """Run the command line. Every HarnessError ends in its message and its family's exit code."""
    # Typer would colour and box its errors with Rich, which costs start-up time and breaks plain pipelines.
    os.environ.setdefault("TYPER_USE_RICH", "0")
    _leave_signing_secrets()
    if sys.argv[1:] == ["--version"]:
        # Not an option of Typer's, which would cost every other command the time of making it.
        from interop_harness import __version__

        sys.stdout.write(f"interop-harness {__version__}\n")
        return
    try:
        if not _verified_quickly():
            _register()
            app()
    except HarnessError as error:
        sys.stderr.write(_sentence(error))
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(141) from None


def _sentence(error: HarnessError) -> str:
    from interop_harness.rendering.text import visible

    lines = [f"Error: {visible(error.message)}"]
    if error.hint:
        lines.append(f"       {visible(error.hint)}")
    lines.append(f"       ({error.code})")
    return "\n".join(lines) + "\n"
