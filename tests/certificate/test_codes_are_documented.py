"""Every reason code that a command can end with stands in docs/errors.md, with its exit code, and none besides."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop_harness import errors
from interop_harness.cli import running, verify
from interop_harness.errors import HarnessError

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "interop_harness"
PAGE = ROOT / "docs" / "errors.md"
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+|expired|unsigned")
FAMILIES = {name: value.exit_code for name, value in vars(errors).items() if name.endswith("Error")}
FAMILIES |= {"RefusedError": 3, "refuse": 3}
UNFIT = ("report-format-unknown", "run-incomplete", "run-modified", "run-selected", "run-not-conclusive")
PASSED_ON = {
    "certificate/statement.py": dict.fromkeys(UNFIT, 2),
    "cli/running.py": {"profile-missing": 2, "target-missing": 2},
    "verification/steps.py": {},  # the expectations below, and what `refuse` was given
    "cli/verify.py": {},  # an error of another step, put into the shape of a result
    "transport/recorded.py": {"evidence-exchange-missing": 3},
}
"""Where a code is not written at the place that raises it: which ones those are."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in FAMILIES:
                yield name, node


def exit_of(name: str, call: ast.Call) -> int:
    """The exit code written at the call, else its family's."""
    given = [word.value for word in call.keywords if word.arg == "exit_code"]
    given += call.args[3:4] if name in {"refuse", "RefusedError"} else []
    number = given[0] if given else None
    return number.value if isinstance(number, ast.Constant) and isinstance(number.value, int) else FAMILIES[name]


def raised() -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        for name, call in calls(path):
            code = call.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str) and CODE.fullmatch(code.value):
                found[code.value].add(exit_of(name, call))
            elif not isinstance(code, ast.Constant) and "pytest" not in ast.unparse(call.func):
                assert place in PASSED_ON, f"{place}:{call.lineno} gives a code that this test cannot read"
        for passed, number in PASSED_ON.get(place, {}).items():
            found[passed].add(number)
    expectations = (SOURCE / "verification" / "expectations.py").read_text(encoding="utf-8")
    for unmet in re.findall(r'yield "(expected-[a-z-]+)"', expectations):
        found[unmet].add(6)
    for name in ("supplier", "product", "product-version"):
        found[f"expected-{name}"].add(6)
    results = {
        "genuine-pass": {0},
        "genuine-fail": {1},
        "genuine-pass-with-waivers": {0, 1},
        "waiver-not-accepted": {1},
    }
    return {**found, **results}


def documented() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for code, numbers in re.findall(
        r"^\| `([a-z0-9-]+)` \| ([0-9][0-9, or]*) \|", PAGE.read_text("utf-8"), re.MULTILINE
    ):
        assert code not in found, f"{code} stands on the page twice"
        found[code] = {int(number) for number in re.findall(r"\d", numbers)}
    return found


def test_code_and_page_agree() -> None:
    source, page = raised(), documented()
    assert sorted(set(source) - set(page)) == [], "not on the page"
    assert sorted(set(page) - set(source)) == [], "on the page, and never given"
    assert {code: page[code] for code in source if page[code] != source[code]} == {}, "with another exit code"


def test_the_codes_that_are_passed_on_exist() -> None:
    from interop_harness.certificate.statement import refuse_unfit
    from tests.certificate import made

    for change, code in (
        ({"format": "x"}, UNFIT[0]),
        ({"run": {"complete": False}}, UNFIT[1]),
        ({"plan": {"modified": True}}, UNFIT[2]),
        ({"plan": {"selection": ["X"]}}, UNFIT[3]),
        ({"verdict": "error"}, UNFIT[4]),
    ):
        with pytest.raises(HarnessError) as caught:
            refuse_unfit(made.report(**change))
        assert caught.value.code == code
    nothing = {"--seed": "", "--challenge": "", "--only": ()}
    for name in ("profile", "target"):
        given = {"resume": None, "baseline": None, "profile": "x", "target": "x", name: ""}
        with pytest.raises(HarnessError) as caught:
            running.checked_together(nothing, **given)
        assert caught.value.code == f"{name}-missing"
    assert verify.command.__doc__ is not None
