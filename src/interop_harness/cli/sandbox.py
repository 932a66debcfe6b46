"""``interop sandbox``: a reference supplier to try things on."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    profile: Annotated[str, typer.Argument(help="Profile whose reference supplier to start.")],
    fault: Annotated[list[str] | None, typer.Option(help="Named fault to start it with; may be repeated.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 0,
    delay_ms: Annotated[int, typer.Option(min=0, max=60000, help="Milliseconds to wait before every answer.")] = 0,
) -> None:
    """Start a reference supplier on this machine; Ctrl-C stops it. Its faults are listed by interop faults.

    Example:  interop sandbox open-referral-uk --fault last-page-lacks-name --port 8080
    """
    import signal
    import threading

    from interop_harness.profile import load
    from interop_harness.sandbox import handler
    from interop_harness.sandbox.server import serving

    found = load(profile)
    made = handler(found.id, fault or [])
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serving(made, port=port, delay_ms=delay_ms) as url:
        typer.echo(f"{found.title} reference supplier: {url}")
        if fault:
            typer.echo(f"Faults: {', '.join(fault)}")
        typer.echo("Ctrl-C stops it.")
        stop.wait()
