"""junit.xml as CI systems read it. The rules are those of Jenkins' junit-10.xsd, GitLab's and GitHub's readers."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from interop_harness.rendering.junit import junit
from tests.rendering import made
from tests.rendering.compare import same_as_golden

TEXT = {"failure", "error", "skipped", "system-out", "system-err"}
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {  # tag: required, allowed
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package"}
        | {"file", "log", "url"},
    ),
    "testcase": ({"name"}, {"name", "time", "classname", "group"}),
    "properties": (set(), set()),
    "property": ({"name", "value"}, {"name", "value"}),
    "failure": (set(), {"type", "message"}),
    "error": (set(), {"type", "message"}),
    "skipped": (set(), {"type", "message"}),
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "testcase": TEXT,
    "properties": {"property"},
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?\Z")
ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parsed(name: str, **more: Any) -> ET.Element:
    report = getattr(made, name)()
    exchanges = made.hostile_exchanges() if name == "hostile" else made.EXCHANGES
    return ET.fromstring(junit(report, made.cases(report), exchanges=exchanges, **more))


def keep_the_rules(root: ET.Element) -> None:
    assert root.tag == "testsuites"
    for element in root.iter():
        required, allowed = ATTRIBUTES[element.tag]
        assert required <= set(element.attrib) <= allowed, element.tag
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set()), element.tag
        if element.tag in {"testsuites", "testsuite"}:
            assert TIME.match(element.get("time", ""))
        for value in (*element.attrib.values(), element.text or ""):
            assert not ILLEGAL.search(value)
        assert "\n" not in "".join(element.attrib.values())
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", "-1")) == len(cases) > 0
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(kind, "-1")) == sum(case.find(tag) is not None for case in cases)
        for case in cases:
            assert sum(case.find(tag) is not None for tag in ("failure", "error", "skipped")) <= 1
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names)), "GitLab ignores the second of two equal names"
    for kind in ("tests", "failures", "errors"):
        assert int(root.get(kind, "-1")) == sum(int(suite.get(kind, "0")) for suite in root)


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "hostile", "large", "empty"])
def test_every_report_keeps_the_rules(name: str) -> None:
    keep_the_rules(parsed(name))


@pytest.mark.parametrize("name", ["failing", "hostile"])
def test_golden(name: str) -> None:
    report = getattr(made, name)()
    exchanges = made.hostile_exchanges() if name == "hostile" else made.EXCHANGES
    same_as_golden(f"junit-{name}.xml", junit(report, made.cases(report), exchanges=exchanges))


def suite(root: ET.Element, name: str) -> ET.Element:
    found = root.find(f"testsuite[@name='{name}']")
    assert found is not None
    return found


def test_one_test_case_a_case_with_the_requirement_as_properties() -> None:
    root = parsed("failing")
    page = suite(root, "DIR-PAGE-03")
    properties = {entry.get("name"): entry.get("value") for entry in page.iter("property")}
    assert properties["requirement"] == "DIR-PAGE-03"
    assert properties["level"] == "MUST"
    assert properties["clause"] == "components.schemas.Page.size"
    assert properties["url"] == made.URL
    cases = page.findall("testcase")
    assert [case.get("classname") for case in cases] == ["example-directory.basic"] * 2
    assert [case.find("failure") is not None for case in cases] == [True, False]
    failure = cases[0].find("failure")
    assert failure is not None and failure.text is not None
    assert failure.get("message") == "expected size equals the number of items in contents: 49; observed size is 50"
    assert "curl -i 'http://127.0.0.1:8080/services?page=2&per_page=50'" in failure.text


def test_a_warning_is_no_failure_unless_it_is_to_be_one() -> None:
    case = suite(parsed("failing"), "DIR-CORS-02").find("testcase")
    assert case is not None and case.find("failure") is None
    assert "Warning: this SHOULD failed" in (case.findtext("system-out") or "")
    strict = suite(parsed("failing", fail_on="should"), "DIR-CORS-02").find("testcase")
    assert strict is not None and strict.find("failure") is not None


def test_an_inherited_profile_does_not_fail_the_build() -> None:
    case = suite(parsed("failing"), "API-SEC-02").find("testcase")
    assert case is not None and case.find("failure") is None
    assert "Warning: this MUST failed" in (case.findtext("system-out") or "")


def test_what_no_case_tried_is_there_too() -> None:
    root = parsed("failing")
    declared_no = suite(root, "DIR-DATA-04").find("testcase/failure")
    assert declared_no is not None and "answered no" in (declared_no.get("message") or "")
    untested = suite(root, "DIR-DATA-01").find("testcase/skipped")
    assert untested is not None
    assert untested.get("message") == "Not tested: No machine can tell whether a description is true."


@pytest.mark.parametrize(
    ("name", "tag"), [("passing", ""), ("failing", "failure"), ("inconclusive", "error"), ("empty", "error")]
)
def test_the_file_is_never_greener_than_the_run(name: str, tag: str) -> None:
    root = parsed(name)
    verdict = suite(root, "verdict").find("testcase")
    assert verdict is not None
    assert [child.tag for child in verdict if child.tag in {"failure", "error"}] == ([tag] if tag else [])
    bad = int(root.get("failures", "0")) + int(root.get("errors", "0"))
    assert (bad == 0) == (getattr(made, name)()["exit"] == 0)


def test_a_harness_error_is_an_error() -> None:
    assert suite(parsed("hostile"), "DIR-PAGE-06").find("testcase/error") is not None


def test_the_same_bytes_every_time() -> None:
    report = made.failing()
    assert junit(report, made.cases(report)) == junit(made.failing(), made.cases(made.failing()))
