"""The summary that a run ends with, on a terminal or in a log: verdict first, failures next, all of it in words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from interop_harness.evidence import Exchange
from interop_harness.rendering import curl
from interop_harness.rendering.layout import LABEL, Page
from interop_harness.rendering.text import encodable, one_line
from interop_harness.rendering.view import (
    Exchanges,
    Report,
    Row,
    View,
    arrange,
    cause_sentence,
    claims,
    explanation,
    flakes,
    headline,
    layer_lines,
    product,
    sampling,
    some,
    troubles,
    unsignable,
)
from interop_harness.rendering.words import CONCERNS, LEVELS, OUTCOMES, count, duration, listed, moment

MAX_REQUIREMENTS = 20
MAX_FINDINGS = 3
MAX_IDS = 12
_STYLES = {"conformant": "bold green", "not-conformant": "bold red", "inconclusive": "bold yellow", "error": "bold red"}


def summary(
    report: Report,
    exchanges: Exchanges | Iterable[Exchange] = (),
    *,
    width: int = 80,
    colour: bool = False,
    fixes: Mapping[str, Mapping[str, str]] | None = None,
    files: Mapping[str, str] | None = None,
    auth: Mapping[str, Any] | None = None,
    fail_on: str = "must",
    folder: str = "",
    requirements: int = MAX_REQUIREMENTS,
    findings: int = MAX_FINDINGS,
) -> str:
    """The summary as text. Write it with :func:`write`, never through anything that reads markup.

    ``fixes`` maps a requirement id to its ``why`` and ``fix``, ``files`` a file's purpose to its path, ``auth``
    says how the target is let in (``Auth.as_json``), ``folder`` where a profile is that is not installed. At most
    ``requirements`` failed requirements with ``findings`` findings each are shown in full; the rest is counted.
    """
    view = arrange(report, exchanges, fail_on=fail_on, auth=auth)
    page = Page(width)
    _verdict(page, view)
    writer = _Failures(page, view, fixes or {}, requirements, findings)
    writer.section("Failed: these decide the verdict", view.failures, "bold red")
    writer.section("Errors of the test harness, not of the service", view.errors, "bold red")
    if report["verdict"] == "inconclusive":
        _causes(page, view)
    writer.section("Failed in inherited profiles, which are judged apart", view.inherited, "bold yellow")
    writer.section("Warnings: these do not change the verdict", view.warnings, "bold yellow")
    if report["verdict"] != "inconclusive":
        _causes(page, view)
    writer.rest()
    _counts(page, report)
    _notes(page, view)
    _after(page, view, files or {}, folder)
    return page.text(colour=colour)


def write(text: str, stream: TextIO) -> None:
    """Write a summary to a stream whatever its encoding; a reader that went away is no error."""
    try:
        stream.write(encodable(text, stream.encoding))
        stream.flush()
    except BrokenPipeError:
        pass


def wants_colour(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """Colour only on a terminal that can show it, and not when NO_COLOR is set."""
    found = os.environ if environment is None else environment
    return bool(not found.get("NO_COLOR") and found.get("TERM") != "dumb" and stream.isatty())


def terminal_width(stream: TextIO, environment: Mapping[str, str] | None = None) -> int:
    """COLUMNS, else the terminal's width, else 80; kept between 50 and 120."""
    found = os.environ if environment is None else environment
    columns = found.get("COLUMNS", "")
    if columns.isdigit() and columns.isascii() and len(columns) < 5:
        return min(max(int(columns), 50), 120)
    return min(max(shutil.get_terminal_size((80, 24)).columns if stream.isatty() else 80, 50), 120)


def _verdict(page: Page, view: View) -> None:
    report = view.report
    word, _, rest = headline(report).partition(":")
    style = _STYLES[report["verdict"]]
    page.paragraph(f"{word.upper()}:{rest}", style)
    page.blank()
    for sentence in explanation(view):
        page.paragraph(sentence)
    for line in layer_lines(report):
        page.paragraph(line)
    refusal = unsignable(report)
    if refusal:
        page.paragraph(refusal)
    page.blank()
    page.paragraph(f"Product: {product(report)}")
    for label, text in claims(report):
        page.paragraph(f"{label}: {text}")
    wrong = troubles(report)
    if wrong:
        page.heading("Seen before the tests began")
        for probe in wrong:
            page.paragraph(f"{one_line(probe['name'], 40)}: {one_line(probe['summary'])}", indent=2)
            if probe["hint"]:
                page.paragraph(one_line(probe["hint"]), indent=4)


class _Failures:
    """Writes failed requirements in full until its allowance is used up, and counts the others."""

    def __init__(
        self, page: Page, view: View, fixes: Mapping[str, Mapping[str, str]], allowance: int, findings: int
    ) -> None:
        self.page = page
        self.view = view
        self.fixes = fixes
        self.allowance = allowance
        self.findings = findings
        self.left: list[str] = []

    def section(self, title: str, rows: tuple[Row, ...], style: str) -> None:
        if not rows:
            return
        self.page.heading(f"{title} ({len(rows):,})", style)
        shown = rows[: self.allowance]
        self.allowance -= len(shown)
        for row in shown:
            self._requirement(row)
            self.page.blank()
        left = [one_line(row["id"], 100) for row in rows[len(shown) :]]
        if left:
            self.page.paragraph(f"Not shown in full: {some(left, 60)}.")
            self.left += left

    def rest(self) -> None:
        if self.left:
            self.page.blank()
            self.page.paragraph(f"{count(len(self.left), 'more requirement')} with findings: see report.html.")

    def _requirement(self, row: Row) -> None:
        page, identifier = self.page, str(row["id"])
        page.paragraph(
            f"{one_line(identifier, 100)} ({row['level']}, class {one_line(row['class'], 60)})", style="bold"
        )
        page.paragraph(one_line(row["statement"], 500), indent=2)
        if row["reason"]:
            page.labelled("Reason", one_line(row["reason"], 500), indent=2)
        source = row["source"]
        page.labelled("Clause", f"{one_line(source['document'], 80)}, {one_line(source['clause'])}", indent=2)
        if source["url"]:
            page.verbatim("", [one_line(source["url"], 400)], indent=2)
        self._findings(row)
        advice = self.fixes.get(identifier) or {}
        for label, name in (("Matters", "why"), ("Usual fix", "fix")):
            if advice.get(name):
                page.labelled(label, one_line(advice[name], 500), indent=2)

    def _findings(self, row: Row) -> None:
        page, shown = self.page, row["findings"][: self.findings]
        total = len(row["findings"]) + int(row.get("more_findings") or 0)
        before: dict[str, str] = {}
        for number, finding in enumerate(shown, 1):
            if total > 1:
                if number > 1:
                    page.blank()
                page.paragraph(f"Finding {number} of {total:,}", indent=2)
            for label, name in (("Expected", "expected"), ("Observed", "observed"), ("Where", "pointer")):
                text = one_line(finding[name])
                if text and not (name == "expected" and before.get(name) == text):
                    page.labelled(label, text, indent=2)
                before[name] = text
            if before.get("exchange") != finding["exchange"]:
                _request(page, self.view, str(finding["exchange"]))
            before["exchange"] = finding["exchange"]
            if number == len(shown) or shown[number]["attribution"] != finding["attribution"]:
                concern = CONCERNS.get(finding["attribution"], one_line(finding["attribution"], 80))
                page.labelled("Concerns", concern, indent=2)
        if total > len(shown):
            page.paragraph(
                f"{count(total - len(shown), 'more finding')} of this requirement: see report.html.", indent=2
            )


def _causes(page: Page, view: View) -> None:
    if not view.causes:
        return
    total = sum(len(cause.rows) for cause in view.causes)
    page.heading(f"Could not be judged ({total:,})", "bold yellow")
    for cause in view.causes[:MAX_REQUIREMENTS]:
        page.paragraph(cause_sentence(cause))
        for level in LEVELS:
            ids = cause.of(level)
            if ids:
                page.labelled(level, some(ids, MAX_IDS), indent=2)
        if cause.concerns:
            page.labelled("Concerns", listed(cause.concerns), indent=2)
        _request(page, view, cause.exchange)
        page.blank()
    rest = view.causes[MAX_REQUIREMENTS:]
    if rest:
        page.paragraph(f"{count(len(rest), 'more cause')}: see report.html.")


def _request(page: Page, view: View, exchange: str) -> None:
    words = view.curl_of(exchange)
    if words:
        page.verbatim("Request", curl.folded(words, page.width - LABEL - 2), indent=2)
    elif exchange and view.recorded(exchange):
        page.labelled("Request", f"exchange {one_line(exchange, 60)} in evidence.jsonl.gz", indent=2)


def _counts(page: Page, report: Report) -> None:
    totals = report["summary"]
    page.heading("All requirements")
    widest = max(len(word) for word in OUTCOMES.values()) + 2
    column = 8 if page.width >= 60 else 7
    page.row([(" " * (widest + 2) + "".join(f"{level:>{column}}" for level in LEVELS), "cyan")])
    for outcome, word in OUTCOMES.items():
        numbers = [int(totals[level][outcome]) for level in LEVELS]
        if any(numbers) or outcome in {"pass", "fail"}:
            page.row([(f"  {word:<{widest}}" + "".join(f"{value:>{column},}" for value in numbers), "")])


def _notes(page: Page, view: View) -> None:
    lines = sampling(view.report)
    lines = [*lines[:10], *([f"{len(lines) - 10:,} more collections were sampled."] if len(lines) > 10 else [])]
    lines += [f"{words}: {some(ids, MAX_IDS)}." for words, ids in flakes(view.report)]
    if not lines:
        return
    page.blank()
    for line in lines:
        page.paragraph(line)


def _after(page: Page, view: View, files: Mapping[str, str], folder: str) -> None:
    run = view.report["run"]
    page.blank()
    facts = [count(int(view.report["plan"]["cases"]), "case"), count(int(run["exchanges"]), "exchange")]
    started = f" Started {moment(one_line(run['started'], 40))}." if run.get("started") else ""
    took = f" in {duration(int(run['duration_ms']))}" if isinstance(run.get("duration_ms"), int) else ""
    left = f" Not sent: {count(int(run['unsent']), 'request')}." if run["unsent"] else ""
    page.paragraph(f"{' and '.join(facts)}{took}.{left}{started}")
    for purpose, path in files.items():
        page.row([(f"{one_line(purpose, 40)}: {one_line(path, 1000)}", "")])
    named = (*view.failures, *view.inherited, *view.warnings)
    more = f"More about a requirement: interop explain {one_line(named[0]['id'], 100)}" if named else ""
    if more and folder:
        # In one line, as it is to be copied.
        page.row([(f"{more} --profile {one_line(folder, 1000)}", "")])
    elif more:
        page.paragraph(more)
