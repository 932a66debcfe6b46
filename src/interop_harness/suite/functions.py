"""The test functions of ``conformance/`` by family: ``pagination.size`` is ``test_size`` of ``test_pagination``."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from interop_harness.errors import InternalError
from interop_harness.suite.judgement import CaseFunction

PACKAGE = "interop_harness.conformance"


def conformance_folder() -> Path:
    """Where the suite's modules lie: in the installed package, or at the top of a checkout."""
    package = importlib.import_module(PACKAGE)
    return Path(next(iter(package.__path__)))


@cache
def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"{PACKAGE}.test_{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{PACKAGE}.test_{name}":
            return None
        raise


def function_of(family: str) -> CaseFunction:
    """The test function of a family. Raises InternalError when the suite has none."""
    module, _, function = family.partition(".")
    found = getattr(_module(module), f"test_{function}", None)
    if not callable(found):
        raise InternalError(
            "family-unknown",
            f"The suite has no check family {family!r}.",
            f"Expected test_{function} in conformance/test_{module}.py.",
        )
    checked: CaseFunction = found
    return checked


def families() -> list[str]:
    """Every family the suite offers, sorted."""
    found = []
    for file in sorted(conformance_folder().glob("test_*.py")):
        name = file.stem.removeprefix("test_")
        module = _module(name)
        found += [f"{name}.{attribute[5:]}" for attribute in dir(module) if attribute.startswith("test_")]
    return sorted(found)
