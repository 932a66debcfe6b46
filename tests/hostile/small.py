"""A part of the profile under test, so that a run against a server that is never well takes a third of the time.

Three operations, with every requirement that is about them alone, the whole baseline, and the same identifiers.
What must come out conformant is run with the whole profile.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from interop_harness.profile import Profile, find_folder, load, read_yaml

NAME = "open-referral-uk"
PATHS = ("/", "/services", "/services/{id}")
NAMES_OPERATION = ("operation", "operations", "item", "detail", "target", "list")


@cache
def small() -> Profile:
    """The profile, written into a folder that is gone when the tests end."""
    whole = find_folder(NAME)
    document = read_yaml(whole / "openapi.yaml")
    document["paths"] = {path: document["paths"][path] for path in PATHS}
    kept = {entry[method]["operationId"] for entry in document["paths"].values() for method in entry if method == "get"}
    manifest = read_yaml(whole / "profile.yaml")
    collections = manifest["parameters"]["collections"]
    manifest["parameters"]["collections"] = {name: stated for name, stated in collections.items() if name in kept}
    rows = read_yaml(whole / "requirements.yaml")["requirements"]
    about = [row for row in rows if set(named(row.get("check", {}))) <= kept]
    place = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = Path(place) / NAME / whole.name
    (folder / "dataset").mkdir(parents=True)
    for name, value in (
        ("openapi.yaml", document),
        ("profile.yaml", manifest),
        ("requirements.yaml", {"requirements": about}),
    ):
        (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    for name in ("inputs.json", "dataset/target.yaml"):
        shutil.copyfile(whole / name, folder / name)
    stated = read_yaml(folder / "dataset" / "target.yaml")
    known = {row["id"] for row in about} | {row.id for row in load("gov-api-baseline").requirements}
    stated["declarations"] = {name: said for name, said in stated["declarations"].items() if name in known}
    (folder / "dataset" / "target.yaml").write_text(json.dumps(stated), encoding="utf-8")
    return load(str(folder))


def named(node: Any) -> Iterator[str]:
    """The operations that a check names, however deep."""
    if isinstance(node, list):
        for child in node:
            yield from named(child)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key in NAMES_OPERATION:
                yield from (one for one in (value if isinstance(value, list) else [value]) if one != "all")
            else:
                yield from named(value)
