"""The command line: one module a command; this one puts them together and turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


@contextmanager
def _starting() -> Iterator[None]:
    """Ctrl-C while modules are loaded, when nothing is under way: an exception there would be told as a traceback."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end_at_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"\nInterrupted.\n")
    finally:
        os._exit(INTERRUPTED)


# Starting up makes some hundred thousand objects that all stay: looking for garbage among them is a tenth of it.
gc.set_threshold(50_000)

with _starting():
    import typer

    from interop_harness.cli.streams import Lasting, last
    from interop_harness.errors import HarnessError, UsageError

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
    with _starting():
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
    """Run the command line. Every HarnessError ends in its message and its family's exit code.

    Exit code 1 is a finding about a service. No trouble of this machine or of the harness may look like one.
    """
    # Typer would colour and box its errors with Rich, which costs start-up time and breaks plain pipelines.
    os.environ.setdefault("TYPER_USE_RICH", "0")
    out, _ = last()
    _leave_signing_secrets()
    try:
        code = _ended()
        sys.stdout.flush()
        if code != INTERRUPTED:
            code = _told(code, out)
        sys.stderr.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise SystemExit(code)


def _ended() -> int:
    """Run the command; the exit code that it ends with."""
    try:
        _command()
    except SystemExit as end:
        if isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt):
            sys.stderr.write("\nInterrupted.\n")  # Typer makes an exit code of it, and no sound
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except HarnessError as error:
        sys.stderr.write(_sentence(error))
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        return INTERRUPTED
    except OSError as error:
        place = f"{_short(str(error.filename))}: " if error.filename is not None else ""
        refused = UsageError("system-refused", f"The system refused to go on: {place}{error.strerror or error}.")
        sys.stderr.write(_sentence(refused))
        return refused.exit_code
    except Exception:
        import traceback

        traceback.print_exc()
        sys.stderr.write("\nError: this is a fault of the test harness, not of the service. Please report it.\n")
        return 3
    return 0


def _command() -> None:
    if sys.argv[1:] == ["--version"]:
        # Not an option of Typer's, which would cost every other command the time of making it.
        from interop_harness import __version__

        sys.stdout.write(f"interop-harness {__version__}\n")
    elif not _verified_quickly():
        with _starting():
            _register()
        app()


def _told(code: int, out: Lasting | None) -> int:
    """Say that what was to be printed could not be. A reader that went away has seen what it wanted."""
    if out is None or out.trouble is None or isinstance(out.trouble, BrokenPipeError):
        return code
    lost = UsageError(
        "output-unwritable",
        f"Standard output cannot be written: {out.trouble.strerror}.",
        "What the command was to write into files is written. Its result is not in this exit code.",
    )
    sys.stderr.write(_sentence(lost))
    return lost.exit_code


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"


def _sentence(error: HarnessError) -> str:
    from interop_harness.rendering.text import visible

    lines = [f"Error: {visible(error.message)}"]
    if error.hint:
        lines.append(f"       {visible(error.hint)}")
    lines.append(f"       ({error.code})")
    return "\n".join(lines) + "\n"
