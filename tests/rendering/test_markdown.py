"""summary.md: nothing a supplier says can become markup."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.rendering.markdown import summary_markdown
from tests.rendering import made
from tests.rendering.compare import same_as_golden

MARKUP = {"html_block", "html_inline", "link_open", "image", "fence", "code_block", "strong_open", "em_open", "hr"}


def text(name: str, **more: Any) -> str:
    exchanges = made.hostile_exchanges() if name == "hostile" else made.EXCHANGES
    return summary_markdown(getattr(made, name)(), exchanges, fixes=made.FIXES, **more)


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "hostile", "empty"])
def test_golden(name: str) -> None:
    same_as_golden(f"summary-{name}.md", text(name).encode())


def tokens(source: str) -> list[Any]:
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [child for token in markdown.parse(source) for child in (token, *(token.children or []))]


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "hostile", "large", "empty"])
def test_no_markup_comes_from_a_supplier(name: str) -> None:
    found = tokens(text(name))
    assert MARKUP & {token.type for token in found} == set()
    plain = "".join(token.content for token in found if token.type == "text")
    for spark in ("@everyone", "https://", "http://", "www.", "<script", "#1"):
        assert spark not in plain


def test_hostile_text_adds_no_heading_list_or_cell() -> None:
    headings = [token for token in tokens(text("hostile")) if token.type == "heading_open"]
    assert [token.tag for token in headings] == ["h2", "h3", "h4", "h3", "h4", "h3", "h3"]
    cells = [token for token in tokens(text("hostile")) if token.type in {"th_open", "td_open"}]
    assert len(cells) % 4 == 0


def test_a_large_report_stays_below_the_limit_of_a_job_summary() -> None:
    assert len(text("large").encode()) < 200_000
    assert "Not shown in full" in text("large")
    report = made.large()
    for row in report["requirements"]:
        row["findings"] = [made.finding(made.HOSTILE * 50, observed="`" * 5000) for _ in range(20)]
    assert len(summary_markdown(report, made.EXCHANGES).encode()) < 900_000


def test_it_says_what_the_console_says() -> None:
    shown = text("failing")
    for words in (
        "Not conformant: Example directory 3.0",
        "Checked 100 of 5,112 services",
        "judged apart: not conformant",
    ):
        assert words in shown
    assert "Classes not claimed: Extended" in shown
    assert "unsigned and is not a certificate" in shown


def test_what_could_not_be_judged_names_its_cause_and_whose_problem_it_is() -> None:
    shown = text("inconclusive")
    assert "- 15 requirements: `GET /services answered 500 text/html.`" in shown
    report = made.inconclusive()
    for row in report["requirements"]:
        row["attribution"] = "the network" if row["blocked_by"] == made.TIMEOUT.id else row["attribution"]
    lines = summary_markdown(report, made.EXCHANGES).splitlines()
    assert lines.count("  - Concerns: your service") == 1
    assert lines.count("  - Concerns: the network between this machine and the service") == 1


def test_known_failures_are_named() -> None:
    assert "--baseline" not in text("failing")
    report = made.failing()
    report["run"]["baseline"] = ["DIR-PAGE-03", "DIR-REF-01"]
    shown = summary_markdown(report, made.EXCHANGES)
    assert "Run with `--baseline`, known failures: `DIR-PAGE-03`, `DIR-REF-01`." in shown
    assert shown.startswith("## Not conformant"), "the verdict takes no account of them"
    report["run"]["baseline"] = []
    assert "known failures: none" in summary_markdown(report, made.EXCHANGES)


def test_what_needed_a_second_attempt_is_named() -> None:
    assert "- Passed on attempt 2 of 2: `DIR-PAGE-02`" in text("passing")
