"""What verification costs: a whole process for a large certificate, and judging its evidence again."""

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

    from benchmarks.measures import timed
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
            wall, cpu, done = timed(ours)
            assert json.loads(done.stdout)["code"] in {"genuine-fail", "expired"}, done.stdout + done.stderr
            others = [timed([sys.executable, "-c", text, str(v1.__file__), str(predicate)]) for text in (PROGRAM, BARE)]
            assert all(other[2].returncode == 0 for other in others)
            found.append((wall, cpu, cpu / others[0][1], cpu / others[1][1]))
        wall, cpu, program, bare = (statistics.median(column) for column in zip(*found, strict=True))
        yield (
            f"verify, {ROWS} requirements ({len(data) / 1000:.0f} KB): wall {wall:.2f} s, CPU {cpu:.2f} s; "
            f"{program:.2f} x a Typer program that renders the same page, "
            f"{bare:.2f} x a process that only imports Typer and renders it"
        )


def judging(rounds: int) -> Iterator[str]:
    """Evidence of a complete run, repeated with every class claimed, judged again by ``interop verify``."""
    from benchmarks.measures import CLAIMS, PROFILE, supplier, timed
    from interop_harness.evidence import read_evidence

    interop = [sys.executable, "-m", "interop_harness"]
    with tempfile.TemporaryDirectory() as place, supplier(0) as url:
        folder = Path(place)
        timed([*interop, "run", PROFILE, "--target", url, "--out", str(folder / "run"), *CLAIMS, "--quiet"])
        timed([*interop, "keys", "new", "--issuer", "A", "--out", "a.key", "--unencrypted"], cwd=folder)
        timed([*interop, "trust", "add", "a.pub.pem", "--issuer", "A", "--yes"], cwd=folder)
        timed([*interop, "sign", "run", "--key", "a.key", "--zip"], cwd=folder)
        count = len(read_evidence((folder / "run" / "evidence.jsonl.gz").read_bytes()).exchanges)
        words = [*interop, "verify", "run/certificate.zip", "--trust", "trust.json", "--environment", "development"]
        found = [timed(words, cwd=folder) for _ in range(rounds)]
        assert all("judged again here" in done.stdout for _, _, done in found), found[0][2].stdout
        wall, cpu = (statistics.median(one[place] for one in found) for place in (0, 1))
        yield f"verify with evidence of {count} exchanges judged again: {wall:.2f} s, CPU {cpu:.2f} s"
