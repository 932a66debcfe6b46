"""``interop demo``: the main job on this machine alone: reference supplier, run, sign, verify."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    profile: Annotated[str, typer.Argument(help="Profile to demonstrate.")] = "open-referral-uk",
    fault: Annotated[list[str] | None, typer.Option(help="Start the supplier with this fault, to see it fail.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run directory; default reports/demo/TIME.")] = None,
) -> None:
    """Start the reference supplier, run the suite, sign with a demo key, verify, and stop the supplier.

    Exit: the verification's: 0 genuine and a pass, 1 genuine but not a pass.

    Example:  interop demo --fault page-size-wrong
    """
    from datetime import UTC, datetime

    from interop_harness.execution.directory import default_directory
    from interop_harness.profile import load
    from interop_harness.sandbox import handler
    from interop_harness.sandbox.server import serving

    found = load(profile)
    directory = out or default_directory("demo", datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="interop-demo-") as place, serving(handler(found.id, fault or [])) as url:
        folder = Path(place)
        typer.echo(f"1. Reference supplier of {found.title} started at {url}")
        target = folder / "target.yaml"
        target.write_text(_target(found, url, folder), encoding="utf-8")
        typer.echo(f"2. interop run {found.id} --target target.yaml --out {directory}\n")
        code = _interop("run", found.id, "--target", str(target), "--out", str(directory))
        if code not in (0, 1):
            raise typer.Exit(code)
        typer.echo("\n3. interop keys new, interop sign: a demo key that is thrown away afterwards\n")
        key, trust = folder / "demo.key", directory / "trust.json"
        name = f"{found.title} demo supplier"
        steps = (
            ("keys", "new", "--issuer", name, "--out", str(key), "--unencrypted", "--quiet"),
            ("sign", str(directory), "--key", str(key)),
            ("trust", "add", str(key.with_suffix(".pub.pem")), "--issuer", name, "--trust", str(trust), "--yes"),
        )
        for step in steps:
            code = _interop(*step)
            if code:
                raise typer.Exit(code)
        typer.echo("\n4. interop verify: what a council does with the file it was sent\n")
        certificate = directory / "certificate.html"
        code = _interop(
            *("verify", str(certificate), "--trust", str(trust), "--environment", "development"),
            *("--profile", found.id, "--target", url, "--evidence", str(directory / "evidence.jsonl.gz")),
        )
    typer.echo(f"\nThe certificate: {certificate}  (open it in a browser)")
    typer.echo("The supplier is stopped and the demo key is gone.")
    raise typer.Exit(code)


def _interop(*words: str) -> int:
    """One command as a user would give it, in a process of its own."""
    sys.stdout.flush()
    # -I keeps the working directory and PYTHONPATH out: the demo runs what is installed and nothing else.
    done = subprocess.run([sys.executable, "-I", "-m", "interop_harness", *words], check=False)  # noqa: S603
    return done.returncode


def _target(profile: Any, url: str, folder: Path) -> str:
    """A target file for the reference supplier. Its key is public, but a target file holds no keys: it names a file."""
    import json

    from interop_harness.assurance.selftest import reference_target

    stated = {
        "supplier": f"{profile.title} demo supplier",
        "product": "Reference supplier",
        "version": profile.version,
        "environment": "development",
        "base_url": url,
        "claims": {entry.id: True for entry in profile.classes},
        **reference_target(profile),
    }
    auth = dict(stated.get("auth") or {})
    if "value" in auth:
        (folder / "published-key").write_text(auth.pop("value"), encoding="utf-8")
        auth["token_file" if auth["kind"] == "bearer" else "value_file"] = "published-key"
        stated["auth"] = auth
    # JSON is YAML, and needs no quoting rules of its own.
    return json.dumps(stated, indent=1)
