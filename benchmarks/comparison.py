"""Against ``schemathesis run`` with its defaults: the same document, the same suppliers, the same faults.

A fault is found where the judge reports something that it does not report of the supplier without it: this suite the
requirement that the fault breaks, Schemathesis any failure (operation and title) that none of its two runs over
the supplier without faults reports.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import fuzzer
from benchmarks.processes import Supplier, interop, reference, supplier, table, timed
from interop_harness.assurance.assay.catalogue import sample
from interop_harness.assurance.selftest import reference_target
from interop_harness.profile import Profile, load
from interop_harness.sandbox import faults

FAULTS = {
    "open-referral-uk": 6,
    "open311-georeport": 3,
    "local-waste-services": 2,
    "blue-badge-eligibility": 1,
    "shared-care-record": 3,
}
"""How many named faults of each profile are drawn."""
SEED = "compared"
SECRET = "INTEROP_BENCH"  # the name of a variable
CLEAN_SEEDS = ("1", "2")


@dataclass(slots=True)
class Judge:
    """What one judge spent on the faulty suppliers and found there, and what it says of the one without faults."""

    name: str
    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    found: list[str] = field(default_factory=list)
    false: int = 0

    def row(self, profile: str, count: int) -> tuple[object, ...]:
        each, spent = count or 1, f"{self.seconds / (count or 1):.1f} s"
        return (profile, self.name, self.requests // each, spent, f"{len(self.found)} of {count}", self.false)


def secret_of(profile: Profile) -> str:
    return str((reference_target(profile).get("auth") or {}).get("value", ""))


def target_file(profile: Profile, url: str, folder: Path) -> Path:
    """The target file of a reference supplier, every class claimed. JSON is YAML."""
    stated: dict[str, Any] = dict(reference_target(profile))
    auth = dict(stated.pop("auth", {}))
    if auth:
        auth.pop("value")
        auth["token_env" if auth["kind"] == "bearer" else "value_env"] = SECRET
        stated["auth"] = auth
    stated |= {"base_url": url, "claims": {entry.id: True for entry in profile.classes}}
    path = folder / "target.yaml"
    path.write_text(json.dumps({name: value for name, value in stated.items() if value}))
    return path


def ours(profile: Profile, served: Supplier, judge: Judge) -> dict[str, str]:
    """The verdict of each requirement in one whole run."""
    before = len(served.asked)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target = target_file(profile, served.url, folder)
        words = ("--target", str(target), "--out", str(folder / "run"), "--allow-writes", "--quiet")
        os.environ[SECRET] = secret_of(profile)
        done = interop("run", profile.id, *words, allowed=(0, 1, 4))
        report = json.loads((folder / "run" / "report.json").read_bytes())
    judge.requests += len(served.asked) - before
    judge.seconds += done.wall
    judge.cpu += done.cpu
    return {row["id"]: row["verdict"] for row in report["requirements"]}


def theirs(profile: Profile, served: Supplier, judge: Judge, seed: str) -> set[str]:
    """The failures of one run of Schemathesis, each as operation and title."""
    before = len(served.asked)
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        done = timed(fuzzer.command(profile, served.url, report, seed), cwd=Path(place))
        told = fuzzer.failures(report)
    judge.requests += len(served.asked) - before
    judge.seconds += done.wall
    judge.cpu += done.cpu
    return told


def compare(name: str, count: int) -> tuple[Judge, Judge]:
    profile, us, them = load(name), Judge("this suite"), Judge("schemathesis run")
    clean, usual, spent = {}, set[str](), Judge("not counted")
    with supplier(reference(name)) as served:
        clean = ours(profile, served, spent)
        for seed in CLEAN_SEEDS:
            usual |= theirs(profile, served, spent, seed)
    us.false = sum(verdict in ("fail", "error") for verdict in clean.values())
    them.false = len(usual)
    known = {fault.name: fault for fault in faults(name)}
    for fault in sample(sorted(known), count, SEED):
        with supplier(reference(name, [fault])) as served:
            if ours(profile, served, us)[known[fault].must_fail] == "fail":
                us.found.append(fault)
            if theirs(profile, served, them, CLEAN_SEEDS[0]) - usual:
                them.found.append(fault)
    return us, them


def comparison(rounds: int) -> Iterator[str]:
    """Requests, seconds and named faults found, by either judge."""
    rows, us, them, total = [], Judge("this suite"), Judge("schemathesis run"), 0
    for name, count in FAULTS.items():
        total += count
        for whole, part in zip((us, them), compare(name, count), strict=True):
            rows.append(part.row(name, count))
            whole.requests += part.requests
            whole.seconds += part.seconds
            whole.cpu += part.cpu
            whole.found += [f"{name} {fault}" for fault in part.found]
            whole.false += part.false
    rows += [us.row("all", total), them.row("all", total)]
    yield f"Compared with {fuzzer.version()}."
    yield ""
    heads = ["supplier", "judge", "requests a run", "seconds a run", "named faults found", "false reports"]
    yield from table(heads, rows)
    yield ""
    yield from ratios(us, them)


def ratios(us: Judge, them: Judge) -> Iterator[str]:
    missed = sorted(set(them.found) - set(us.found))
    only = "All that it finds are found here. " if not missed else f"It finds and this suite does not: {missed}. "
    if not them.found:
        yield f"{only}Schemathesis finds none, so there is no ratio."
        return
    second = (len(us.found) / us.seconds) / (len(them.found) / them.seconds)
    request = (len(us.found) / us.requests) / (len(them.found) / them.requests)
    cpu = (len(us.found) / us.cpu) / (len(them.found) / them.cpu)
    yield (
        f"{only}Named faults found per second: {second:.1f} times as many, per request {request:.1f}, "
        f"per second of CPU {cpu:.1f}."
    )
