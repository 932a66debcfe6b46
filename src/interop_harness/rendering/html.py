"""report.html: the unsigned report as a page that people read, visibly not a certificate.

No script, no resource from anywhere, no link made from supplier data; the policy in the page forbids all of them.
The same report gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from interop_harness.evidence import Exchange
from interop_harness.rendering import words
from interop_harness.rendering.text import one_line, visible
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
    grouped,
    headline,
    layer_lines,
    measured,
    product,
    sampling,
    unsignable,
)

FOLDER = Path(__file__).parent / "templates" / "report"
MAX_TEXT = 2500
MAX_FINDINGS = 20
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~!$&'()*+,;=:@/%?#-]*)?\Z")


def report_html(
    report: Report,
    exchanges: Exchanges | Iterable[Exchange] = (),
    *,
    fail_on: str = "must",
    auth: Mapping[str, Any] | None = None,
    fixes: Mapping[str, Mapping[str, str]] | None = None,
) -> bytes:
    """The bytes of report.html. ``fixes`` maps a requirement id to its ``why`` and ``fix``."""
    from markupsafe import Markup

    view = arrange(report, exchanges, fail_on=fail_on, auth=auth)
    style = (FOLDER / "style.css").read_text(encoding="ascii")
    digest = base64.b64encode(hashlib.sha256(style.encode("ascii")).digest()).decode("ascii")
    page = (
        environment()
        .get_template("page.html.j2")
        .render(
            r=report,
            v=view,
            style=Markup(style),  # noqa: S704 - our own file
            style_digest=Markup(digest),  # noqa: S704 - base64
            headline=headline(report),
            explanation=explanation(view),
            claims=claims(report),
            product=product(report),
            layers=layer_lines(report),
            measured=measured(report),
            sampling=sampling(report),
            flakes=flakes(report),
            unsignable=unsignable(report),
            sections=_sections(view, fixes or {}),
            causes=[{"cause": cause, "sentence": cause_sentence(cause)} for cause in view.causes],
            rows=_rows(view),
            left_out=[(words.OUTCOMES[outcome], outcome, view.others[outcome]) for outcome in _LEFT_OUT],
            levels=words.LEVELS,
            words=words,
        )
    )
    return str(page).encode("ascii", "xmlcharrefreplace")


_LEFT_OUT = ("not-tested", "declared", "not-applicable", "observed")
_SECTIONS = (
    ("failures", "What failed", "These requirements decide the verdict."),
    ("errors", "Errors of the test harness", "The harness failed here. This says nothing about the service."),
    ("inherited", "What failed in inherited profiles", "Inherited profiles are judged apart."),
    ("warnings", "Warnings", "These failures do not change the verdict."),
)


def _sections(view: View, fixes: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    found = []
    for name, title, note in _SECTIONS:
        rows: tuple[Row, ...] = getattr(view, name)
        if rows or name == "failures":
            items = [_item(view, row, f"{name[0]}{number}", fixes) for number, row in enumerate(rows, 1)]
            found.append({"title": title, "note": note, "rows": items})
    return found


def _item(view: View, row: Row, anchor: str, fixes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    shown = row["findings"][:MAX_FINDINGS]
    groups = [
        {
            "first": first,
            "findings": findings,
            "curl": " ".join(view.curl(first)),
            "concerns": words.CONCERNS.get(first["attribution"], one_line(first["attribution"], 80)),
        }
        for first, findings in grouped(shown)
    ]
    advice = fixes.get(str(row["id"])) or {}
    return {
        "row": row,
        "anchor": anchor,
        "groups": groups,
        "more": len(row["findings"]) - len(shown) + int(row.get("more_findings") or 0),
        "why": advice.get("why") or "",
        "fix": advice.get("fix") or "",
    }


def _rows(view: View) -> list[dict[str, Any]]:
    """Every requirement in the order of its id, with the place where more is said about it."""
    places = {}
    for name, _, _ in _SECTIONS:
        for number, row in enumerate(getattr(view, name), 1):
            places[str(row["id"])] = f"{name[0]}{number}"
    rows = sorted(view.report["requirements"], key=lambda row: str(row["id"]))
    return [{"row": row, "place": places.get(str(row["id"]), "")} for row in rows]


@cache
def environment(folder: Path = FOLDER) -> Any:
    """The sandboxed environment of a folder of templates: everything escaped, nothing undefined, same bytes twice."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder, encoding="ascii"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        finalize=_shown,
    )
    environment.filters["number"] = words.number
    environment.filters["moment"] = words.moment
    environment.filters["brief"] = one_line
    environment.filters["address"] = lambda url: url if _ADDRESS.match(str(url)) else ""
    return environment


def _shown(value: Any) -> Any:
    """What every expression of the template passes through: visible, bounded, then escaped by Jinja2."""
    if value is None or hasattr(value, "__html__"):
        return value
    text = str(value)
    shown = visible(text[:MAX_TEXT])
    return shown if len(text) <= MAX_TEXT else f"{shown}… ({len(text):,} characters in all)"
