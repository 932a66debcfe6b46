"""JUnit XML as CI systems read it: a test suite for each requirement, a test case for each case.

The Jenkins schema (junit-10.xsd) allows properties on a test suite only, which is why a requirement is one.
Nothing here is greener than the run: a requirement that no case tried, and the verdict itself, are test cases too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from interop_harness.evidence import Exchange
from interop_harness.rendering.text import one_line, xml_text
from interop_harness.rendering.view import Exchanges, Report, Row, View, arrange, decides, explanation, headline
from interop_harness.rendering.words import CONCERNS, OUTCOMES, count

MAX_FINDINGS = 5
VERDICT_CASE = "verdict"


def junit(
    report: Report,
    cases: Iterable[Mapping[str, Any]],
    *,
    exchanges: Exchanges | Iterable[Exchange] = (),
    fail_on: str = "must",
    auth: Mapping[str, Any] | None = None,
) -> bytes:
    """The bytes of junit.xml. ``cases`` are those of ``report.case_records``.

    ``failure``: a failure that decides the verdict. ``error``: ours. ``skipped``: could not be judged, does not
    apply, is not tested, was only observed. Any other failure is a warning in ``system-out``.
    """
    view = arrange(report, exchanges, fail_on=fail_on, auth=auth)
    by_requirement: dict[str, list[Mapping[str, Any]]] = {}
    for case in cases:
        by_requirement.setdefault(case["requirement"], []).append(case)
    suites = [_verdict_suite(view)]
    for row in sorted(report["requirements"], key=lambda row: str(row["id"])):
        tried = by_requirement.get(row["id"]) or [_untried(row)]
        suites.append(_suite(view, row, tried, fail_on))
    root = ET.Element("testsuites", {"name": one_line(headline(report), 600)})
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", _seconds(_milliseconds(report["run"].get("duration_ms"))))
    root.extend(suites)
    ET.indent(root)
    # Not ET.tostring with a declaration: its quotes and encoding name differ between versions of Python.
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8")) + b"\n"


def _suite(view: View, row: Row, cases: Sequence[Mapping[str, Any]], fail_on: str) -> ET.Element:
    source = row["source"]
    properties = {
        "requirement": row["id"],
        "statement": row["statement"],
        "level": row["level"],
        "class": row["class"],
        "layer": row["layer"],
        "document": source["document"],
        "clause": source["clause"],
        "url": source["url"],
        "basis": row["basis"],
        "verdict": row["verdict"],
    }
    decisive = decides(view.report, row, fail_on)
    profile = view.report["profile"]
    classname = ".".join(one_line(name, 100) for name in (profile["id"], row["class"]))
    elements = [_case(view, row, case, classname, decisive) for case in cases]
    return _made_suite(view.report, str(row["id"]), properties, elements)


def _verdict_suite(view: View) -> ET.Element:
    report = view.report
    case = ET.Element(
        "testcase",
        {
            "name": "verdict of the run",
            "classname": f"{one_line(report['profile']['id'], 100)}.verdict",
            "time": "0.000",
        },
    )
    text = "\n".join([headline(report), *explanation(view)])
    if view.failures:
        _add(case, "failure", text, {"type": report["verdict"], "message": headline(report)})
    elif report["verdict"] in {"inconclusive", "error"}:
        _add(case, "error", text, {"type": report["verdict"], "message": headline(report)})
    else:
        _add(case, "system-out", text)
    return _made_suite(report, VERDICT_CASE, {"verdict": report["verdict"]}, [case])


def _made_suite(report: Report, name: str, properties: Mapping[str, Any], cases: list[ET.Element]) -> ET.Element:
    def having(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    attributes = {
        "name": one_line(name, 200),
        "tests": str(len(cases)),
        "failures": having("failure"),
        "errors": having("error"),
        "skipped": having("skipped"),
        "time": _seconds(sum(round(float(case.get("time", "0")) * 1000) for case in cases)),
    }
    if report["run"].get("started"):
        attributes["timestamp"] = one_line(report["run"]["started"], 40).removesuffix("Z").removesuffix("+00:00")
    suite = ET.Element("testsuite", attributes)
    holder = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(holder, "property", {"name": key, "value": one_line(value, 600)})
    suite.extend(cases)
    return suite


def _case(view: View, row: Row, case: Mapping[str, Any], classname: str, decisive: bool) -> ET.Element:
    element = ET.Element(
        "testcase",
        {
            "name": f"{one_line(case['id'], 200)}: {one_line(case['title'], 300)}",
            "classname": classname,
            "time": _seconds(_milliseconds(case["elapsed_ms"])),
        },
    )
    outcome, text = case["outcome"], _text(view, row, case)
    message = _message(case)
    if outcome == "fail" and decisive:
        _add(element, "failure", text, {"type": f"{row['level']} failed", "message": message})
    elif outcome == "fail":
        _add(element, "system-out", f"Warning: this {row['level']} failed; it does not decide the verdict.\n{text}")
    elif outcome == "error":
        _add(element, "error", text, {"type": "error of the test harness", "message": message})
    elif outcome not in {"pass", "declared"}:
        _add(
            element, "skipped", "", {"type": outcome, "message": ": ".join(filter(None, [OUTCOMES[outcome], message]))}
        )
    elif message:
        _add(element, "system-out", message)
    return element


def _untried(row: Row) -> dict[str, Any]:
    """A requirement without a case, as one: declared, not tested, not applicable."""
    return {
        "id": row["id"],
        "title": row["statement"],
        "outcome": row["verdict"],
        "reason": row["reason"] or "",
        "findings": row["findings"],
        "elapsed_ms": 0,
    }


def _message(case: Mapping[str, Any]) -> str:
    if not case["findings"]:
        return one_line(case["reason"] or "", 500)
    first = case["findings"][0]
    return f"expected {one_line(first['expected'])}; observed {one_line(first['observed'])}"


def _text(view: View, row: Row, case: Mapping[str, Any]) -> str:
    source = row["source"]
    lines = [
        f"{row['id']} ({row['level']}): {row['statement']}",
        f"Clause: {source['document']}, {source['clause']} {source['url']}",
    ]
    if case["reason"]:
        lines.append(f"Reason: {case['reason']}")
    for finding in case["findings"][:MAX_FINDINGS]:
        lines += ["", f"Expected: {one_line(finding['expected'])}", f"Observed: {one_line(finding['observed'])}"]
        if finding["pointer"]:
            lines.append(f"Where: {one_line(finding['pointer'])}")
        words = view.curl(finding)
        if words:
            lines.append(f"Request: {' '.join(words)}")
        lines.append(f"Concerns: {CONCERNS.get(finding['attribution'], finding['attribution'])}")
    rest = len(case["findings"]) - MAX_FINDINGS
    if rest > 0:
        lines += ["", f"{count(rest, 'more finding')}: see report.html."]
    return "\n".join(one_line(line, 3000) for line in lines)


def _add(parent: ET.Element, tag: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    element = ET.SubElement(parent, tag, {key: one_line(value, 700) for key, value in (attributes or {}).items()})
    if text:
        element.text = xml_text(text, 20_000)


def _milliseconds(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
