"""``interop doctor``: what can be seen of an endpoint before it is tested, with the fix for each trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interop_harness.evidence import Probe


def command(
    target: Annotated[str, typer.Argument(help="The address of the service, or a target file.")],
    profile: Annotated[
        str, typer.Option(help="Profile whose first list is asked for if the root gives no answer.")
    ] = "",
    authorised_by: Annotated[str, typer.Option(help="Who allowed this test of the endpoint.")] = "",
    timeout: Annotated[float | None, typer.Option(min=0.05, max=600, help="Seconds for one request.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what is wrong.")] = False,
) -> None:
    """Look at an endpoint without testing it: name, connection, TLS, clock, credentials, proxy.

    Exit code 0: it can be tested; 4: it cannot; 2: the target is wrong.

    Example:  interop doctor http://127.0.0.1:8080
    """
    import json

    from interop_harness.implementation import load_target
    from interop_harness.preflight import preflight, put_off, unreachable
    from interop_harness.transport import LiveTransport, load_credentials

    targets = [""]
    if profile:
        from interop_harness.execution.run import first_lists
        from interop_harness.profile import load

        targets += first_lists(load(profile))
    implementation = load_target(target, authorised_by=authorised_by or None, timeout=timeout)
    with LiveTransport(implementation, load_credentials(implementation)) as transport:
        probes = preflight(implementation, transport, targets=targets)
    stopper = unreachable(probes) or put_off(probes)
    if json_output:
        found = {
            "base_url": implementation.base_url,
            "testable": stopper is None,
            "probes": [probe.as_json() for probe in probes],
            "notes": [implementation.unsignable] if implementation.unsignable else [],
        }
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        _show(implementation.base_url, probes, stopper, note=implementation.unsignable, quiet=quiet)
    raise typer.Exit(0 if stopper is None else 4)


def _show(base_url: str, probes: list[Probe], stopper: Probe | None, *, note: str, quiet: bool) -> None:
    from interop_harness.rendering.text import visible

    words = {True: "ok", False: "FAIL", None: "-"}
    if not quiet:
        typer.echo(f"{visible(base_url)}\n")
    for probe in probes:
        if quiet and probe.ok is not False:
            continue
        typer.echo(f"{words[probe.ok]:<5} {probe.name:<12} {visible(probe.summary)}")
        if probe.hint:
            typer.echo(f"{'':<18} {visible(probe.hint)}")
    if note:
        typer.echo(f"\n{visible(note)}")
    if quiet:
        return
    failed = sum(probe.ok is False for probe in probes)
    if stopper is not None:
        typer.echo(f"\nThis endpoint cannot be tested yet: {stopper.name}.")
    elif failed:
        typer.echo(f"\nThis endpoint can be tested, but {failed} of these observations may count against it.")
    else:
        typer.echo("\nThis endpoint can be tested.")
