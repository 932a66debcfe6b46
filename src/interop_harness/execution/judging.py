"""Judges the recorded exchanges with pytest, isolated from whatever surrounds the run.

No ini file, no foreign conftest, no plugin autoload, no PYTEST_ADDOPTS: nothing outside the installed suite can
add, drop or rewrite a case; the executed cases are compared with the plan afterwards all the same.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from interop_harness.errors import InternalError
from interop_harness.plan import Case, Plan
from interop_harness.requirement import Outcome
from interop_harness.suite import Context
from interop_harness.suite.functions import PACKAGE, conformance_folder
from interop_harness.suite.judgement import CaseFunction, CaseResult, judge

ISOLATED = (
    *("--disable-plugin-autoload", "--noconftest", "-c", os.devnull, "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler"),
    *("-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:warnings", "-p", "no:doctest"),
    *("-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:setuponly", "--capture=no"),
    *("--import-mode=importlib",),
)


class CaseItem(pytest.Item):
    """One case, and the test function of its family."""

    def __init__(self, *, function: CaseFunction, case: Case, **more: Any) -> None:
        super().__init__(**more)
        self.function = function
        self.case = case

    def runtest(self) -> None:
        raise AssertionError("SuitePlugin judges; nothing else runs an item")


class SuitePlugin:
    """Hands the plan's cases to the test functions of their family and keeps what became of each."""

    def __init__(
        self,
        plan: Plan,
        context: Context,
        wait: Callable[[Case], None] | None = None,
        on_result: Callable[[CaseResult], None] | None = None,
    ) -> None:
        self.plan = plan
        self.context = context
        self.results: dict[str, CaseResult] = {}
        self.trouble: list[str] = []
        self._wait = wait
        self._on_result = on_result
        self._observe = {row.id for row in plan.requirements if row.observe}
        self.modules = {f"test_{case.family.partition('.')[0]}" for case in plan.cases}
        self._families: dict[str, list[Case]] = {}
        for case in plan.cases:
            self._families.setdefault(case.family, []).append(case)

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Of the suite's folder, take the modules that a case needs and nothing else."""
        folder = conformance_folder()
        if folder not in collection_path.parents:
            return None
        return None if collection_path.parent == folder and collection_path.stem in self.modules else True

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> list[pytest.Item] | None:
        """One item a case. Items of pytest's own, with parameters and fixtures, cost as much as the judgement."""
        if not name.startswith("test_") or not callable(obj) or not isinstance(collector, pytest.Module):
            return None
        family = f"{collector.path.stem.removeprefix('test_')}.{name.removeprefix('test_')}"
        cases = self._families.get(family, [])
        return [CaseItem.from_parent(collector, name=f"{name}[{case.id}]", function=obj, case=case) for case in cases]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {case.id: number for number, case in enumerate(self.plan.cases)}
        ours = [item for item in items if isinstance(item, CaseItem)]
        ours.sort(key=lambda item: order[item.case.id])
        items[:] = ours

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: CaseItem) -> bool:
        """Judge one item. Set-up and reports cost more than the judgement and have nothing to add."""
        case = item.case
        if self._wait is not None:
            self._wait(case)
        result = judge(item.function, case, self.context, observe=case.requirement in self._observe)
        self.results[case.id] = result
        if self._on_result is not None:
            self._on_result(result)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(f"{report.nodeid}: {report.longreprtext[-400:]}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.trouble.append(str(excrepr)[-400:])


def judge_all(
    plan: Plan,
    context: Context,
    *,
    wait: Callable[[Case], None] | None = None,
    on_result: Callable[[CaseResult], None] | None = None,
) -> list[CaseResult]:
    """Run the suite over the record and return one result a case, in the plan's order.

    Raises InternalError when the suite itself does not load. A case that no test function took is an ``error``.
    """
    plugin = SuitePlugin(plan, context, wait, on_result)
    folder = conformance_folder()
    modules = sorted(name for name in plugin.modules if (folder / f"{name}.py").is_file())
    if modules:
        for name in modules:
            # A live case may be importing it at this moment, and pytest takes a module that it finds half imported
            # for the whole. A module that cannot be imported is pytest's to report.
            with contextlib.suppress(Exception):
                importlib.import_module(f"{PACKAGE}.{name}")
        with _isolated():
            code = pytest.main([*ISOLATED, f"--rootdir={folder}", str(folder)], plugins=[plugin])
        if plugin.trouble or code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            detail = plugin.trouble[0] if plugin.trouble else f"pytest ended with {int(code)}"
            if code == pytest.ExitCode.INTERRUPTED and not plugin.trouble:
                raise KeyboardInterrupt
            raise InternalError("suite-broken", f"The conformance suite does not load: {detail}")
    missing = "The suite has no test function for the family {family}."
    return [
        plugin.results.get(case.id) or CaseResult(case, Outcome.ERROR, missing.format(family=case.family))
        for case in plan.cases
    ]


@contextmanager
def _isolated() -> Iterator[None]:
    """Take pytest's own environment variables away for the time of a run."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_THEME", "PYTEST_DEBUG")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
