"""What it costs to judge recorded evidence again, to sign it and to verify it, by its size."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import Timed, interop, supplier, table
from benchmarks.scale import RECORDS
from benchmarks.synthetic import synthetic, write_profile

ENVIRONMENT = ("--environment", "development")


def evidence(rounds: int) -> Iterator[str]:
    """``replay``, ``sign`` and ``verify`` of runs over 100, 1,000 and 10,000 records."""
    rows = []
    for records in RECORDS:
        with tempfile.TemporaryDirectory() as place:
            rows.append(measured(Path(place), records))
    heads = ["exchanges", "evidence", "packed", "replay", "sign", "verify, page alone", "verify, judged again"]
    yield from table([*heads, "memory of replay"], rows)


def measured(folder: Path, records: int) -> tuple[str, ...]:
    profile = write_profile(folder / "profiles", 10)
    interop("profiles", "compile", str(profile))
    with supplier(synthetic(10, records)) as found:
        words = ("--target", found.url, "--out", "run", "--exhaustive", "--quiet")
        interop("run", str(profile), *words, cwd=folder)
    interop("keys", "new", "--issuer", "A", "--out", "a.key", "--unencrypted", cwd=folder)
    interop("trust", "add", "a.pub.pem", "--issuer", "A", "--yes", cwd=folder)
    known = {"INTEROP_PROFILES": str(folder / "profiles")}
    replay = interop("replay", "run", "--check", cwd=folder, peak=True, **known)
    sign = interop("sign", "run", "--key", "a.key", "--zip", cwd=folder, allowed=(0,), **known)
    verify = ("--trust", "trust.json", *ENVIRONMENT)
    page = interop("verify", "run/certificate.html", *verify, cwd=folder, allowed=range(8), **known)
    again = interop("verify", "run/certificate.zip", *verify, cwd=folder, allowed=range(8), **known)
    if "judged again here" not in again.out:
        raise RuntimeError(f"verify did not judge the evidence again: {again.out}{again.err}")
    header = json.loads((folder / "run" / "report.json").read_bytes())["run"]
    from interop_harness.evidence.lines import unpack

    packed = (folder / "run" / "evidence.jsonl.gz").read_bytes()
    return (
        *(f"{header['exchanges']:,}", f"{len(unpack(packed)) / 1e6:.1f} MB", f"{len(packed) / 1e6:.1f} MB"),
        *(shown(one) for one in (replay, sign, page, again)),
        f"{replay.peak_mib:.0f} MiB",
    )


def shown(one: Timed) -> str:
    return f"{one.wall:.2f} s"
