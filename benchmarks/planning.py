"""How long planning takes: a thousand synthetic operations, and a real document of more."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import interop, table
from benchmarks.synthetic import IDENTIFIER, VERSION, write_profile
from interop_harness.assurance.scaffold import scaffold

PACKAGE, MEMBER = "@octokit/openapi", "package/generated/api.github.com.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def planning(rounds: int) -> Iterator[str]:
    """``interop plan`` as a whole process; the inputs, which are made once a profile version, beside it."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows.append(planned("1,000 synthetic operations", write_profile(folder / "made", 1000), rounds))
        document, why = fetched(folder)
        if document is not None:
            profile, count = real_profile(folder / "real", document)
            refused = interop("plan", str(profile), allowed=(0, 2))
            why = refused.err.strip().splitlines()[0] if refused.code else ""
            if not why:
                rows.append(planned(f"{PACKAGE}, {count:,} operations", profile, rounds))
    heads = ["document", "size", "inputs, once", "plan", "CPU of the plan", "cases", "memory at its peak"]
    yield from table(heads, rows)
    if why:
        yield f"\nNot measured: {PACKAGE} ({why})."


def planned(name: str, profile: Path, rounds: int) -> tuple[str, ...]:
    made = interop("profiles", "compile", str(profile))
    found = [interop("plan", str(profile), peak=True) for _ in range(rounds)]
    best = sorted(found, key=lambda one: one.wall)[len(found) // 2]
    cases = re.search(r"([0-9]+) cases, plan", best.out)
    size = (profile / "openapi.yaml").stat().st_size / 1e6
    return (
        *(name, f"{size:.1f} MB", f"{made.wall:.1f} s", f"{best.wall:.2f} s", f"{best.cpu:.2f} s"),
        *(f"{int(cases[1]):,}" if cases else "?", f"{best.peak_mib:.0f} MiB"),
    )


def fetched(folder: Path) -> tuple[Path | None, str]:
    """The document from its package, or why it is not there."""
    npm = shutil.which("npm")
    if npm is None:
        return None, "there is no npm here"
    done = subprocess.run(
        [npm, "pack", PACKAGE, "--silent"], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    packed = next(folder.glob("*.tgz"), None)
    if packed is None:
        return None, f"npm could not fetch it: {(done.stderr.strip().splitlines() or ['no reason given'])[-1][:100]}"
    with tarfile.open(packed) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        path = folder / "document.json"
        path.write_bytes(member.read())
    return path, ""


def real_profile(folder: Path, document: Path) -> tuple[Path, int]:
    """A profile over the document, whose operationIds are spelt as profiles spell them."""
    scaffold(folder, IDENTIFIER, VERSION, "Real document")
    place = folder / IDENTIFIER / VERSION
    manifest = (place / "profile.yaml").read_text().partition("parameters:\n")[0]
    (place / "profile.yaml").write_text(manifest)
    (place / "requirements.yaml").write_text("requirements: []\n")
    tree = json.loads(document.read_bytes())
    count = 0
    for entry in tree["paths"].values():
        for method in METHODS:
            if method in entry:
                entry[method]["operationId"] = re.sub("[^A-Za-z0-9]", "_", entry[method]["operationId"])
                count += 1
    (place / "openapi.yaml").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return place, count
