"""report.html: safe whatever the supplier said, readable by everybody, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from interop_harness.rendering.html import report_html
from tests.rendering import made
from tests.rendering.compare import same_as_golden

ALL = ("passing", "failing", "inconclusive", "hostile", "large", "empty")
VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Collects elements and text, and minds that every element is closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((self.open[-1] if self.open else "", data))

    def within(self, tag: str) -> list[str]:
        return [data for where, data in self.text if where == tag]


def page(name: str) -> bytes:
    exchanges = made.hostile_exchanges() if name == "hostile" else made.EXCHANGES
    return report_html(getattr(made, name)(), exchanges, fixes=made.FIXES)


def read(name: str) -> Reader:
    reader = Reader()
    reader.feed(page(name).decode("ascii"))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "hostile", "empty"])
def test_golden(name: str) -> None:
    same_as_golden(f"report-{name}.html", page(name))


@pytest.mark.parametrize("name", ALL)
def test_no_script_no_resource_no_foreign_link(name: str) -> None:
    for tag, attributes in read(name).elements:
        assert tag not in {"script", "iframe", "object", "embed", "link", "img", "base", "form", "input", "svg"}
        assert not any(key.startswith("on") or key in {"src", "style", "srcset", "action"} for key in attributes)
        if "href" in attributes:
            assert attributes["href"].startswith("#") or attributes["href"] == made.URL


@pytest.mark.parametrize("name", ALL)
def test_the_policy_allows_exactly_this_style(name: str) -> None:
    text = page(name).decode("ascii")
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    policy = re.search("style-src 'sha256-([^']+)'", text)
    assert style is not None and policy is not None
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() == policy[1]
    assert "default-src 'none'" in text
    assert text.count("<style") == 1


def test_hostile_text_makes_no_element_and_no_entity() -> None:
    assert {tag for tag, _ in read("hostile").elements} <= {tag for tag, _ in read("failing").elements} | {"h3"}
    shown = "".join(data for _, data in read("hostile").text)
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7*7 }}" in shown and "[U+202E]gnp.exe" in shown
    assert not re.search("[\u202a-\u202e\u200b-\u200f\x00-\x08\x0e-\x1f\x7f-\x9f]", shown)


def test_an_address_of_another_kind_is_no_link() -> None:
    assert b"javascript:alert(1)" not in page("hostile")


@pytest.mark.parametrize("name", ALL)
def test_headings_tables_and_language(name: str) -> None:
    reader = read(name)
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ("html", {"lang": "en-GB"}) in reader.elements
    tables = sum(tag == "table" for tag, _ in reader.elements)
    assert tables == sum(tag == "caption" for tag, _ in reader.elements)
    assert all(attributes.get("scope") in {"row", "col"} for tag, attributes in reader.elements if tag == "th")
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [
        attributes["href"][1:] for _, attributes in reader.elements if attributes.get("href", "").startswith("#")
    ]
    assert set(targets) <= set(ids)


@pytest.mark.parametrize("name", ALL)
def test_it_says_first_that_it_is_no_certificate(name: str) -> None:
    reader = read(name)
    assert reader.within("h1") == ["Unsigned test report - not a certificate"]
    title = "".join(reader.within("title"))
    assert title.startswith("Unsigned test report, not a certificate. ")
    text = page(name).decode("ascii")
    assert "CONFORMANCE SIGNATURE" not in text


def test_failures_come_first_and_everything_is_listed() -> None:
    text = page("failing").decode("ascii")
    order = ["<h1>", 'class="result"', "What failed", "Warnings", "What could not be judged", "What was tested"]
    places = [text.index(words) for words in [*order, "Every requirement", "What was not judged, and why"]]
    assert places == sorted(places)
    for row in made.failing()["requirements"]:
        assert row["id"] in text
    for words in ("Checked 100 of 5,112 services.", "Passed on attempt 2 of 2", "No machine can tell", "curl -i "):
        assert words in text


def test_equal_findings_stand_together() -> None:
    text = page("failing").decode("ascii")
    assert "Observed in 4 places" in text
    assert text.count("Cylch Meithrin") == 2
    assert "31 more findings of this requirement." in text


def test_the_same_bytes_every_time() -> None:
    assert page("failing") == page("failing")


def test_a_large_report_is_quick_and_small() -> None:
    begun = time.process_time()
    assert len(page("large")) < 600_000
    assert time.process_time() - begun < 2


def test_the_baseline_and_whose_problem_an_unjudged_requirement_is_stand_on_the_page() -> None:
    assert b"<dt>Concerns</dt><dd><bdi>your service</bdi>" in page("inconclusive")
    report = made.failing()
    assert b"<dt>Baseline</dt>" not in report_html(report, made.EXCHANGES)
    report["run"]["baseline"] = ["DIR-PAGE-03", "DIR-REF-01"]
    shown = report_html(report, made.EXCHANGES)
    assert b"2 known failures: <bdi>DIR-PAGE-03</bdi>, <bdi>DIR-REF-01</bdi>. The verdict takes no account" in shown
