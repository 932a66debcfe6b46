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
from typing import Any

import pytest

from interop_harness.errors import InternalError
from interop_harness.plan import Case, Plan
from interop_harness.requirement import Outcome
from interop_harness.suite import Context, Supplier
from interop_harness.suite.functions import PACKAGE, conformance_folder
from interop_harness.suite.judgement import CaseResult, judge

ISOLATED = (
    *("--disable-plugin-autoload", "--noconftest", "-c", os.devnull, "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler"),
    *("-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:warnings", "-p", "no:doctest"),
    *("-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:setuponly", "--capture=no"),
    *("--import-mode=importlib",),
)


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
        self._families: dict[str, list[Case]] = {}
        for case in plan.cases:
            self._families.setdefault(case.family, []).append(case)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "case" in metafunc.fixturenames:
            module = metafunc.module.__name__.rpartition(".")[2].removeprefix("test_")
            family = f"{module}.{metafunc.function.__name__.removeprefix('test_')}"
            cases = self._families.get(family, [])
            metafunc.parametrize("case", cases, ids=[case.id for case in cases])

    @pytest.fixture
    def supplier(self, case: Case) -> Supplier:
        return Supplier(case, self.context)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        # An empty list of cases makes one item without a case; it is no case and must not look like one.
        items[:] = [item for item in items if isinstance(getattr(item, "callspec", None) and _case(item), Case)]
        order = {case.id: number for number, case in enumerate(self.plan.cases)}
        items.sort(key=lambda item: order[_case(item).id])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        """Judge one item. Fixture set-up and reports cost more than the judgement and have nothing to add."""
        case = _case(item)
        if self._wait is not None:
            self._wait(case)
        function = item.function  # type: ignore[attr-defined]
        result = judge(function, case, self.context, observe=case.requirement in self._observe)
        self.results[case.id] = result
        if self._on_result is not None:
            self._on_result(result)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(f"{report.nodeid}: {report.longreprtext[-400:]}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.trouble.append(str(excrepr)[-400:])


def _case(item: pytest.Item) -> Case:
    found: Case = item.callspec.params.get("case")  # type: ignore[attr-defined]
    return found


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
    families = sorted({case.family.partition(".")[0] for case in plan.cases})
    folder = conformance_folder()
    modules = [str(folder / f"test_{name}.py") for name in families if (folder / f"test_{name}.py").is_file()]
    if modules:
        for name in families:
            # A live case may be importing it at this moment, and pytest takes a module that it finds half imported
            # for the whole. A module that cannot be imported is pytest's to report.
            with contextlib.suppress(Exception):
                importlib.import_module(f"{PACKAGE}.test_{name}")
        with _isolated():
            code = pytest.main([*ISOLATED, f"--rootdir={folder}", *modules], plugins=[plugin])
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
