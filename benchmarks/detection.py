"""What others notice of the same mutants: ``python -m benchmarks.detection [PROFILE] [--sample N] [--examples N]``.

The same document, the same conforming supplier and the same mutants of it, before three judges: this suite,
``schemathesis run`` with its defaults but for a bound on the examples, and, for Open Referral UK, the fields that the
standard's own validator looks at (three pages of five, their flags and counts, up to ten records of each list, all
against the schema). A mutant counts as noticed where a judge reports something that it does not report of the
unchanged supplier.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import fuzzer
from interop_harness.assurance.assay.catalogue import sample
from interop_harness.assurance.assay.trial import Bench, Found
from interop_harness.generation.validation import Validators
from interop_harness.profile import Profile, load
from interop_harness.sandbox.message import Handler
from interop_harness.sandbox.server import serving
from interop_harness.suite.collection import specification

PROFILE = "open-referral-uk"
"""The profile whose standard has a validator of its own; taken where none is named."""
SECONDS = 300
"""Longer than this no run of Schemathesis is waited for."""


def by_schemathesis(profile: Profile, handler: Handler, examples: int) -> set[str]:
    """The failures it reports, each as operation and title."""
    with serving(handler) as base, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        bounds = ("--max-examples", str(examples), "--request-timeout", "10")
        words = fuzzer.command(profile, base, report, "1", *bounds)
        try:
            subprocess.run(words, capture_output=True, timeout=SECONDS, check=False, cwd=folder)
        except subprocess.TimeoutExpired:
            return set()
        return fuzzer.failures(report)


def by_validator(bench: Bench, validators: Validators, handler: Handler) -> set[str]:
    """What a check of the standard's own validator's fields finds."""
    found: set[str] = set()
    for operation in bench.profile.operations.values():
        spec = specification(bench.profile, operation)
        if operation.path_parameters or not spec.page_parameter:
            continue
        first = _page(bench, handler, operation.path, 1)
        if first is None:
            found.add(f"{operation.id}: no answer")
            continue
        last = first.get("total_pages") if isinstance(first.get("total_pages"), int) else 1
        ids: list[str] = []
        for number in sorted({1, max(last // 2, 1), max(last, 1)}):
            page = _page(bench, handler, operation.path, number)
            if page is None:
                found.add(f"{operation.id}: page {number}")
                continue
            items = page.get("contents") if isinstance(page.get("contents"), list) else []
            ids += [str(item.get("id")) for item in items if isinstance(item, dict)]
            if validators.response_errors(page, operation.id, 200, "application/json"):
                found.add(f"{operation.id}: schema")
            right = {"size": len(items), "first_page": number == 1, "last_page": number == last, "empty": not items}
            found |= {f"{operation.id}: {name}" for name, value in right.items() if page.get(name) != value}
        item = bench.profile.operations.get(spec.item_operation)
        for name in ids[:10] if item is not None else ():
            body = _json(bench, handler, item.path.replace("{id}", name))
            if body is None or validators.response_errors(body, item.id, 200, "application/json"):
                found.add(f"{item.id}: schema")
    root = next(one for one in bench.profile.operations.values() if one.path == "/")
    details = _json(bench, handler, "/")
    if details is None or validators.response_errors(details, root.id, 200, "application/json"):
        found.add("root")
    return found | {name for name in ("version", "profile", "openapi_url") if not (details or {}).get(name)}


def _page(bench: Bench, handler: Handler, path: str, number: int) -> Any:
    return _json(bench, handler, f"{path}?page={number}&per_page=5")


def _json(bench: Bench, handler: Handler, target: str) -> Any:
    answer = bench.ground.get(target, handler)
    try:
        value = json.loads(answer.body)
    except ValueError:
        return None
    return value if answer.status == 200 and isinstance(value, dict) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("profile", nargs="?", default=PROFILE, metavar="PROFILE")
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--examples", type=int, default=10)
    parser.add_argument("--seed", default="compare")
    chosen = parser.parse_args()
    bench = Bench(load(chosen.profile))
    judges: dict[str, Callable[[Handler], set[str]]] = {
        "schemathesis run": lambda handler: by_schemathesis(bench.profile, handler, chosen.examples)
    }
    if bench.profile.id == PROFILE:
        validators = Validators(bench.profile.openapi)
        judges["validator's fields"] = lambda handler: by_validator(bench, validators, handler)
    clean = {name: judge(bench.supplier()) for name, judge in judges.items()}
    noticed = dict.fromkeys(["this suite", *judges], 0)
    names = sample(list(bench.mutants), chosen.sample, chosen.seed)
    for name in names:
        here = {"this suite": bench.try_one(name, whole=False).found is Found.CAUGHT}
        for judge, ask in judges.items():
            new = ask(bench.mutants[name].apply(bench.supplier())) - clean[judge]
            here[judge] = bool(new)
        for judge, seen in here.items():
            noticed[judge] += seen
        print(f"{' '.join('x' if seen else '.' for seen in here.values())}  {name}", flush=True)
    print(f"\nReported of the unchanged supplier: {', '.join(f'{k}: {len(v)}' for k, v in clean.items())}")
    print("| judge | mutants noticed |\n|---|---|")
    for judge, count in noticed.items():
        print(f"| {judge} | {count} of {len(names)} |")


if __name__ == "__main__":
    main()
