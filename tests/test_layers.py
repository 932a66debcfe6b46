"""Imports go one way: each module imports only what the design's table allows it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "interop_harness"
CONFORMANCE = SOURCE.parents[1] / "conformance"

EVERYBODY = {"errors", "requirement", "regular", "lock", "__version__"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "requirement": {"errors"},
    "regular": set(),
    "lock": set(),
    "detection": set(),
    "profile": {"detection"},
    "implementation": {"profile"},  # the hostile-YAML reader
    "evidence": set(),
    "plan": {"profile", "implementation"},
    "transport": {"evidence", "implementation"},
    "preflight": {"evidence", "implementation", "transport"},
    "generation": {"profile", "evidence"},
    "checks": {"profile", "evidence", "generation"},
    "suite": {"plan", "profile", "checks", "evidence", "generation"},
    "verdict": {"plan", "suite", "evidence"},
    "report": {"verdict", "plan", "profile", "implementation", "evidence", "suite", "detection"},
    "execution": {
        *("suite", "transport", "verdict", "plan", "evidence", "report", "profile", "implementation"),
        *("preflight", "generation", "conformance"),
    },
    "plugin": {"execution", "suite", "plan", "profile", "implementation", "transport", "evidence", "generation"},
    "signing": set(),
    "trust": {"signing"},
    "certificate": {"signing", "detection"},
    "verification": {"certificate", "signing", "trust", "evidence"},
    "rendering": {"evidence", "detection"},
    "sandbox": {"profile"},
    "assurance": {
        *("execution", "sandbox", "profile", "verdict", "plan", "suite", "evidence", "generation"),
        *("implementation", "transport", "report", "conformance", "preflight", "checks", "detection"),
    },
}


def modules() -> list[tuple[str, Path]]:
    found = []
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        if parts[0] not in {"__init__", "__main__", "cli"}:
            found.append((parts[0], file))
    return found


def imported(file: Path) -> set[str]:
    """The top-level modules of ours that a file imports, anywhere in it."""
    found = set()
    package = ("interop_harness", *file.relative_to(SOURCE).parts[:-1]) if file.is_relative_to(SOURCE) else ()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "interop_harness" else [module]
        for name in names:
            if name.startswith("interop_harness."):
                found.add(name.split(".")[1])
    return found


@pytest.mark.parametrize(
    ("module", "file"), modules(), ids=lambda value: value.name if isinstance(value, Path) else value
)
def test_module_imports_only_what_its_row_names(module: str, file: Path) -> None:
    """A module that is not in the table has no place in the design yet."""
    assert module in MAY_IMPORT, f"{module} has no row: give it one, and a reason in ARCHITECTURE.md"
    extra = imported(file) - MAY_IMPORT[module] - EVERYBODY - {module}
    assert not extra, f"{file.relative_to(SOURCE)} imports {sorted(extra)}"


def test_nothing_imports_the_command_line() -> None:
    for module, file in modules():
        assert "cli" not in imported(file), f"{module} imports the command line: {file}"


def test_the_suite_imports_nothing_that_runs_or_writes() -> None:
    """Test functions ask and judge: they reach records and the profile, never transport, verdict or report."""
    for file in sorted(CONFORMANCE.glob("*.py")):
        assert imported(file) <= {"suite", "checks", "evidence", "profile", "errors"}, file.name
