"""Judges the recorded exchanges with pytest, isolated from whatever surrounds the run.

No ini file, no foreign conftest, no plugin autoload, no PYTEST_ADDOPTS: nothing outside the installed suite can
add, drop or rewrite a case; the executed cases are compared with the plan afterwards all the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from interop_harness.errors import InternalError
from interop_harness.plan import Case, Plan
from interop_harness.requirement import Outcome
from interop_harness.suite import Context
from interop_harness.suite.functions import conformance_folder, function_of
from interop_harness.suite.judgement import CaseFunction, CaseResult, judge

ISOLATED = (
    *("--disable-plugin-autoload", "--noconftest", "-c", os.devnull, "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler"),
    *("-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:warnings", "-p", "no:doctest"),
    *("-p", "no:junitxml", "-p", "no:pastebin", "-p", "no:stepwise", "-p", "no:setuponly", "--capture=no"),
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """One item a case, in the plan's order.

        pytest's own search asks the file system some thousand times, and each time a live case takes the turn. Items
        of its own, with parameters and fixtures, cost as much as the judgement.
        """
        items = [
            CaseItem.from_parent(session, name=case.id, function=function, case=case)
            for case in self.plan.cases
            if (function := self._function(case)) is not None
        ]
        session.items = list(items)
        session.testscollected = len(items)
        return True

    def _function(self, case: Case) -> CaseFunction | None:
        """The test function of a case's family; none where the suite has none, or does not load."""
        try:
            return function_of(case.family)
        except InternalError:
            return None
        except Exception as error:
            self.trouble.append(f"{type(error).__name__}: {error}"[:400])
            return None

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
