"""The pytest plugin: the same suite as a gate inside somebody else's project.

    pytest --pyargs interop_harness.conformance --interop-profile open-referral-uk --interop-target target.yaml

A foreign project's ini files, conftest and plugins may change what such a session does, so the run directory it
writes (``--interop-out``) is marked modified and can never be signed. Without ``--interop-profile`` it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from interop_harness.execution.gate import Gate
    from interop_harness.plan import Case
    from interop_harness.suite.judgement import CaseResult

CONFORMANCE = "interop_harness.conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("interop", "conformance of a live endpoint (interop-harness)")
    group.addoption("--interop-profile", metavar="PROFILE", help="profile to test against, e.g. open-referral-uk")
    group.addoption("--interop-target", metavar="URL|FILE", help="base URL or target file")
    group.addoption("--interop-claim", action="append", default=[], metavar="CLASS=true", help="class claimed")
    group.addoption("--interop-authorised-by", default="", metavar="WHO", help="who allowed this test")
    group.addoption("--interop-workers", type=int, metavar="N", help="requests at once; default: as for a run")
    group.addoption("--interop-out", metavar="DIR", help="write a run directory (marked modified)")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--interop-profile", None) and not config.pluginmanager.hasplugin("interop-gate"):
        config.pluginmanager.register(GatePlugin(config), "interop-gate")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Without a profile the suite has no cases: say so instead of failing on a missing fixture."""
    asked = metafunc.config.getoption("--interop-profile", None)
    if _is_suite(metafunc.module.__name__, metafunc) and not asked:
        reason = "give --interop-profile and --interop-target to run the conformance suite"
        metafunc.parametrize("case", [pytest.param(None, marks=pytest.mark.skip(reason=reason))], ids=["no-profile"])


@pytest.fixture
def supplier() -> None:
    """Replaced by the gate's session; here only so that collection finds it."""


def _is_suite(module: str, metafunc: pytest.Metafunc) -> bool:
    parts = module.split(".")
    return {"case", "supplier"} <= set(metafunc.fixturenames) and "conformance" in parts[:-1]


class GatePlugin:
    """Drives a live run beside the session and judges one case an item."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._stack = ExitStack()
        self._gate: Gate | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        from interop_harness.errors import HarnessError
        from interop_harness.execution.gate import Gate

        option = self._config.getoption
        target = option("--interop-target")
        if not target:
            raise pytest.UsageError("--interop-profile needs --interop-target")
        out = option("--interop-out")
        try:
            self._gate = self._stack.enter_context(
                Gate(
                    option("--interop-profile"),
                    target,
                    claims=option("--interop-claim"),
                    authorised_by=option("--interop-authorised-by"),
                    workers=option("--interop-workers"),
                    out=Path(out) if out else None,
                )
            )
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if not _is_suite(metafunc.module.__name__, metafunc) or self._gate is None:
            return
        module = metafunc.module.__name__.rpartition(".")[2].removeprefix("test_")
        cases = self._gate.cases(f"{module}.{metafunc.function.__name__.removeprefix('test_')}")
        marks = [] if cases else [pytest.mark.skip(reason="the profile asks for no case of this family")]
        parameters: list[Any] = list(cases) or [pytest.param(None, marks=marks)]
        metafunc.parametrize("case", parameters, ids=[case.id for case in cases] or ["no-case"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        callspec = getattr(pyfuncitem, "callspec", None)
        case = callspec.params.get("case") if callspec else None
        if self._gate is None or case is None or not hasattr(case, "family"):
            return None
        result = self._gate.judge(pyfuncitem.function, case)
        for name, value in self._gate.properties(case):
            pyfuncitem.user_properties.append((name, value))
        _raise(result, self._gate.must(case))
        return True

    def pytest_report_header(self) -> str:
        return f"interop-harness: {self._gate.title}" if self._gate else ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> Iterator[None] | None:
        self._stack.close()
        return None


def _raise(result: CaseResult, must: bool) -> None:
    """The case's verdict as pytest knows verdicts; what could not be told is never green."""
    from interop_harness.requirement import Outcome

    text = _text(result)
    if result.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE} and must:
        pytest.fail(text, pytrace=False)
    if result.outcome is Outcome.ERROR:
        raise RuntimeError(f"the harness failed, not the supplier: {result.reason}")
    if result.outcome is not Outcome.PASS:
        pytest.skip(text)


def _text(result: CaseResult) -> str:
    case: Case = result.case
    lines = [f"{result.outcome.value}: {case.requirement}: {case.title}"]
    if result.reason:
        lines.append(f"  {result.reason}")
    for finding in result.findings:
        lines.append(f"  expected {finding.expected}")
        where = f" at {finding.pointer}" if finding.pointer else ""
        lines.append(f"  observed {finding.observed}{where} (exchange {finding.exchange})")
    return "\n".join(line.encode("ascii", "backslashreplace").decode() for line in lines)
