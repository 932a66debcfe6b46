"""summary.md, which pipelines append to their job summary.

Everything a supplier can choose stands in a code span that it cannot leave, so that it can be no link, mention,
picture or HTML. Text of the profile is escaped. Tables hold only words of ours, so that no cell can be split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interop_harness.evidence import Exchange
from interop_harness.rendering.text import code_span, markdown
from interop_harness.rendering.view import (
    Exchanges,
    Report,
    Row,
    View,
    arrange,
    claims,
    explanation,
    flakes,
    grouped,
    known_failures,
    layer_lines,
    product,
    sampling,
    some,
    troubles,
    unsignable,
)
from interop_harness.rendering.words import CONCERNS, ENVIRONMENTS, LEVELS, OUTCOMES, VERDICTS, count, listed

MAX_REQUIREMENTS = 30
MAX_FINDINGS = 3
MAX_IDS = 30


def summary_markdown(
    report: Report,
    exchanges: Exchanges | Iterable[Exchange] = (),
    *,
    fail_on: str = "must",
    auth: Mapping[str, Any] | None = None,
    fixes: Mapping[str, Mapping[str, str]] | None = None,
) -> str:
    """The summary as GitHub-flavoured Markdown, bounded well under a job summary's one mebibyte."""
    view = arrange(report, exchanges, fail_on=fail_on, auth=auth)
    lines = [*_verdict(view)]
    allowance = MAX_REQUIREMENTS
    sections = [
        ("Failed: these decide the verdict", view.failures),
        ("Errors of the test harness, not of the service", view.errors),
        ("Failed in inherited profiles, which are judged apart", view.inherited),
        ("Warnings: these do not change the verdict", view.warnings),
    ]
    for title, rows in sections:
        if not rows:
            continue
        lines += ["", f"### {title} ({len(rows):,})"]
        for row in rows[:allowance]:
            lines += ["", *_requirement(view, row, fixes or {})]
        left = [code_span(row["id"], 100) for row in rows[allowance:]]
        allowance -= min(len(rows), allowance)
        if left:
            lines += ["", f"Not shown in full: {some(left, MAX_IDS)}."]
    lines += _causes(view)
    lines += _counts(report)
    lines += _notes(view)
    return "\n".join(lines) + "\n"


def _verdict(view: View) -> list[str]:
    report = view.report
    profile, target = report["profile"], report["implementation"]
    environment = ENVIRONMENTS.get(target["environment"], "endpoint")
    title = f"{markdown(profile['title'], 100)} {markdown(profile['version'], 40)}"
    lines = [f"## {VERDICTS[report['verdict']]}: {title}", ""]
    lines.append(f"Tested: {environment} {code_span(target['base_url'])}. Product: {code_span(product(report), 400)}.")
    lines.append("")
    lines += [f"- {markdown(sentence)}" for sentence in explanation(view)]
    lines += [f"- {markdown(line)}" for line in layer_lines(report)]
    lines += [f"- {label}: {markdown(text)}" for label, text in claims(report)]
    if unsignable(report):
        lines.append(f"- {unsignable(report)}")
    for probe in troubles(report):
        hint = f" {code_span(probe['hint'])}" if probe["hint"] else ""
        lines.append(f"- Seen before the tests began: {code_span(probe['summary'])}{hint}")
    return lines


def _requirement(view: View, row: Row, fixes: Mapping[str, Mapping[str, str]]) -> list[str]:
    source = row["source"]
    lines = [f"#### {code_span(row['id'], 100)} ({row['level']}, class {markdown(row['class'], 60)})"]
    lines += ["", markdown(row["statement"]), ""]
    lines.append(
        f"- Clause: {markdown(source['document'], 80)}, {markdown(source['clause'])} {code_span(source['url'], 400)}"
    )
    if row["reason"]:
        lines.append(f"- Reason: {code_span(row['reason'], 500)}")
    for first, findings in grouped(row["findings"][:MAX_FINDINGS]):
        lines.append(f"- Expected: {code_span(first['expected'])}")
        for finding in findings:
            where = f" at {code_span(finding['pointer'])}" if finding["pointer"] else ""
            lines.append(f"  - Observed{where}: {code_span(finding['observed'])}")
        words = view.curl(first)
        if words:
            lines.append(f"  - Request: {code_span(' '.join(words), 2500)}")
        concern = CONCERNS.get(first["attribution"])
        lines.append(f"  - Concerns: {concern or code_span(first['attribution'], 80)}")
    more = len(row["findings"][MAX_FINDINGS:]) + int(row.get("more_findings") or 0)
    if more:
        lines.append(f"- {count(more, 'more finding')} in report.html")
    advice = fixes.get(str(row["id"])) or {}
    if advice.get("why"):
        lines.append(f"- Why it matters: {markdown(advice['why'])}")
    if advice.get("fix"):
        lines.append(f"- Usual fix: {markdown(advice['fix'])}")
    return lines


def _causes(view: View) -> list[str]:
    if not view.causes:
        return []
    lines = ["", f"### Could not be judged ({sum(len(cause.rows) for cause in view.causes):,})", ""]
    for cause in view.causes[:MAX_REQUIREMENTS]:
        sentence = code_span(cause.sentence.removeprefix("because "), 400)
        lines.append(f"- {count(len(cause.rows), 'requirement')}: {sentence}")
        for level in LEVELS:
            ids = [code_span(name, 100) for name in cause.of(level)]
            if ids:
                lines.append(f"  - {level}: {some(ids, MAX_IDS)}")
        if cause.concerns:
            own = set(CONCERNS.values())
            lines.append(
                f"  - Concerns: {listed(name if name in own else code_span(name, 80) for name in cause.concerns)}"
            )
    rest = len(view.causes) - MAX_REQUIREMENTS
    if rest > 0:
        lines.append(f"- {count(rest, 'more cause')} in report.html")
    return lines


def _counts(report: Report) -> list[str]:
    lines = ["", "### All requirements", "", f"| Result | {' | '.join(LEVELS)} |", "| --- | ---: | ---: | ---: |"]
    for outcome, word in OUTCOMES.items():
        numbers = [int(report["summary"][level][outcome]) for level in LEVELS]
        if any(numbers) or outcome in {"pass", "fail"}:
            lines.append(f"| {word} | {' | '.join(f'{value:,}' for value in numbers)} |")
    return lines


def _notes(view: View) -> list[str]:
    report = view.report
    lines = [f"- {markdown(line)}" for line in sampling(report)[:10]]
    lines += [f"- {words}: {some([code_span(name, 100) for name in ids], MAX_IDS)}" for words, ids in flakes(report)]
    known = [code_span(name, 100) for name in known_failures(report)]
    if "baseline" in report["run"]:
        named = some(known, MAX_IDS) or "none"
        lines.append(f"- Run with `--baseline`, known failures: {named}. The verdict takes no account of them")
    plan, run = report["plan"], report["run"]
    left = f", {count(int(run['unsent']), 'request')} not sent" if run["unsent"] else ""
    lines.append(f"- {count(int(plan['cases']), 'case')}, {count(int(run['exchanges']), 'exchange')}{left}")
    lines.append("- This summary is unsigned and is not a certificate.")
    return ["", *lines]
