"""What verification of a large certificate costs as a whole process."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROWS = 300
IMPORTS = """
import importlib.util, json, sys
from pathlib import Path
import jinja2, typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def main(module: Path, predicate: Path):
    spec = importlib.util.spec_from_file_location("renderer", module)
    renderer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(renderer)
    renderer.render(json.loads(predicate.read_bytes()))

"""
BARE, PROGRAM = IMPORTS + "main(*map(Path, sys.argv[1:]))", IMPORTS + "typer.run(main)"
"""The same libraries and the same page: once with Typer only imported, once as a Typer program, which costs more."""


def verification(rounds: int) -> Iterator[str]:
    """``interop verify`` against a process that imports the same libraries and renders the same page."""
    from tests.certificate import made

    from benchmarks.processes import table, timed
    from interop_harness.certificate.templates import v1
    from interop_harness.trust import write_local

    rows = [
        made.row(
            f"EX-MANY-{number:03d}",
            "fail" if number % 25 == 0 else "pass",
            statement=f"Requirement {number} says what a page of a listing must hold, in one sentence of some length.",
        )
        for number in range(ROWS)
    ]
    report = made.report(*rows)
    data = made.issued(report, days=366)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        certificate, store, predicate = (folder / name for name in ("c.html", "trust.json", "predicate.json"))
        certificate.write_bytes(data)
        write_local(store, made.store(profiles=(made.known(report),)))
        predicate.write_text(json.dumps(made.payload(data)["predicate"]))
        ours = [sys.executable, "-m", "interop_harness", "verify", str(certificate), "--trust", str(store), "--json"]
        found = []
        for _ in range(rounds * 4 + 1):
            done = timed(ours)
            assert json.loads(done.out)["code"] in {"genuine-fail", "expired"}, done.out + done.err
            others = [timed([sys.executable, "-c", text, str(v1.__file__), str(predicate)]) for text in (PROGRAM, BARE)]
            assert all(other.code == 0 for other in others)
            found.append((done.wall, done.cpu, done.cpu / others[0].cpu, done.cpu / others[1].cpu))
        wall, cpu, program, bare = (statistics.median(column) for column in zip(*found, strict=True))
        name = f"verify, {ROWS} requirements ({len(data) / 1000:.0f} kB)"
        heads = [
            "command",
            "seconds",
            "CPU",
            "ratio to a Typer program that renders the page",
            "ratio with Typer imported",
        ]
        row = (name, f"{wall:.2f} s", f"{cpu:.2f} s", f"{program:.2f}", f"{bare:.2f}")
        yield from table(heads, [row])
