"""The published vectors: the index is right about every file, and the files are what the generator makes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interop_harness.errors import VerificationError
from interop_harness.trust import read_local
from interop_harness.verification import verify
from tests.certificate.check import expectations
from tests.vectors import make

FOLDER = Path(make.__file__).parent
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="ascii"))
TRUST = read_local((FOLDER / "trust.json").read_bytes())


@pytest.mark.parametrize("vector", INDEX["vectors"], ids=lambda vector: str(vector["name"]))
def test_vector(vector: dict[str, Any]) -> None:
    now = datetime.strptime(vector["clock"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    evidence = vector.get("evidenceText")
    try:
        found = verify(
            (FOLDER / vector["file"]).read_bytes(),
            trust=TRUST,
            now=now,
            expect=expectations(**vector["expectations"]),
            evidence=evidence.encode() if evidence is not None else None,
        )
    except VerificationError as error:
        assert (error.exit_code, error.code) == (vector["exit"], vector["reason"])
    else:
        assert (found.exit_code, found.code) == (vector["exit"], vector["reason"])


def test_there_are_enough_and_every_renderer_and_algorithm_has_a_valid_one() -> None:
    invalid = [vector for vector in INDEX["vectors"] if vector["exit"] > 1]
    assert len(invalid) >= 60
    names = {vector["name"] for vector in INDEX["vectors"] if vector["exit"] == 0}
    assert {"pass-ed25519", "pass-p256"} <= names


def test_the_files_are_what_the_generator_makes() -> None:
    pytest.importorskip("cryptography", minversion="44")
    made = make.files()
    kept = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*") if path.suffix in {".html", ".zip"}}
    assert kept == {name for name in made if "/" in name}
    for name, data in made.items():
        assert (FOLDER / name).read_bytes() == data, f"{name} differs: run python -m tests.vectors.make"
