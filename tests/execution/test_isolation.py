"""Nothing around a run can add, drop or rewrite its cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from interop_harness.sandbox import handler
from interop_harness.sandbox.server import serving

CONFTEST = """
import pytest
def pytest_collection_modifyitems(items): items.clear()
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = 'passed'
"""


@pytest.mark.parametrize("surroundings", ["none", "addopts", "conftest", "ini", "plugins"])
def test_a_faulty_supplier_fails_whatever_lies_around(surroundings: str, tmp_path: Path) -> None:
    environment = dict(os.environ)
    if surroundings == "addopts":
        environment["PYTEST_ADDOPTS"] = "--deselect=all -k nothing --collect-only"
    if surroundings == "conftest":
        (tmp_path / "conftest.py").write_text(CONFTEST)
    if surroundings == "ini":
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -k nothing\npython_functions = never_*\n")
    if surroundings == "plugins":
        (tmp_path / "cheat.py").write_text(CONFTEST)
        environment |= {"PYTEST_PLUGINS": "cheat", "PYTHONPATH": str(tmp_path)}
    with serving(handler("open-referral-uk", ["page-size-is-per-page"])) as url:
        done = subprocess.run(
            [sys.executable, "-m", "interop_harness", "run", "open-referral-uk", "--target", url, "--out", "run", "-q"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["verdict"] == "not-conformant"
