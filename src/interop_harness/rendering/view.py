"""A report arranged for readers: what decides, what warns, what could not be judged and why.

Every rendering starts from here, so that console, Markdown and page say the same in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interop_harness import detection
from interop_harness.evidence import Exchange
from interop_harness.rendering import curl
from interop_harness.rendering.text import one_line
from interop_harness.rendering.words import CONCERNS, ENVIRONMENTS, LEVELS, VERDICTS, count, listed

Row = Mapping[str, Any]
Report = Mapping[str, Any]
Exchanges = Mapping[str, Exchange]


MAX_COMMAND = 2000
"""A longer command line is of no use to anybody; the exchange stands in the evidence."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One root cause, and the requirements that it kept from being judged."""

    sentence: str
    exchange: str
    rows: tuple[Row, ...]

    def of(self, level: str) -> list[str]:
        return [one_line(row["id"], 100) for row in self.rows if row["level"] == level]

    @property
    def concerns(self) -> list[str]:
        """Whose problem it is, in words; empty where the report does not say."""
        found = sorted({str(row["attribution"]) for row in self.rows if row.get("attribution")})
        return [CONCERNS.get(name, one_line(name, 80)) for name in found]


@dataclass(frozen=True, slots=True)
class View:
    """The requirements of a report in the order of their weight for the reader."""

    report: Report
    exchanges: Exchanges
    auth: Mapping[str, Any] | None
    failures: tuple[Row, ...]
    """Those that decide the verdict (under the run's ``--fail-on``)."""
    errors: tuple[Row, ...]
    inherited: tuple[Row, ...]
    """Failed MUSTs of inherited profiles: judged apart."""
    warnings: tuple[Row, ...]
    causes: tuple[Cause, ...]
    others: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Not applicable, not tested, observed and declared rows by outcome."""

    def curl(self, finding: Row) -> list[str]:
        """The words of the ``curl`` line behind a finding; empty when the exchange is not at hand."""
        return self.curl_of(str(finding.get("exchange") or ""))

    def recorded(self, exchange: str) -> bool:
        """Whether the evidence holds the exchange, as far as can be known here."""
        return exchange in self.exchanges or (not self.exchanges and bool(self.report["run"]["exchanges"]))

    def curl_of(self, exchange: str) -> list[str]:
        found = self.exchanges.get(exchange)
        if found is None:
            return []
        words = curl.arguments(found, str(self.report["implementation"]["base_url"]), self.auth)
        return words if sum(map(len, words)) <= MAX_COMMAND else []


def arrange(
    report: Report,
    exchanges: Exchanges | Iterable[Exchange] = (),
    *,
    fail_on: str = "must",
    auth: Mapping[str, Any] | None = None,
) -> View:
    """Sort a report's requirements by what they mean for the verdict.

    ``exchanges`` are found by their id, whatever the mapping's own keys are.
    """
    found = exchanges.values() if isinstance(exchanges, Mapping) else exchanges
    by_id = {exchange.id: exchange for exchange in found}
    rows = sorted(report["requirements"], key=lambda row: (LEVELS.index(row["level"]), row["id"]))
    failed = [row for row in rows if row["verdict"] == "fail"]
    failures = tuple(row for row in failed if decides(report, row, fail_on))
    inherited = tuple(row for row in failed if row not in failures and row["level"] == "MUST")
    return View(
        report=report,
        exchanges=by_id,
        auth=auth,
        failures=failures,
        errors=tuple(row for row in rows if row["verdict"] == "error"),
        inherited=inherited,
        warnings=tuple(row for row in failed if row not in failures and row not in inherited),
        causes=causes(report, (row for row in rows if row["verdict"] == "inconclusive"), by_id),
        others={
            outcome: tuple(row for row in rows if row["verdict"] == outcome)
            for outcome in ("not-applicable", "not-tested", "observed", "declared")
        },
    )


def decides(report: Report, row: Row, fail_on: str = "must") -> bool:
    """Whether a failure changes the exit code: MUSTs that are not judged apart, and every SHOULD when asked."""
    if row["level"] == "SHOULD":
        return fail_on == "should"
    profile = report["profile"]
    apart = {layer["id"] for layer in profile["layers"] if not layer.get("binding")}
    return bool(row["level"] == "MUST") and (row["layer"] == profile["id"] or row["layer"] not in apart)


def causes(report: Report, rows: Iterable[Row], exchanges: Exchanges) -> tuple[Cause, ...]:
    """Unjudged requirements under what kept them from it.

    That is what the preflight saw, where nothing could be asked; else the same kind of silence (whatever was asked),
    else the same answer, else the same reason. ``exchanges`` are by id.
    """
    rows = tuple(rows)
    if (stopper := stopped(report, rows)) is not None:
        return (Cause(f"because {_REACHING[stopper['name']]}. {stopper['summary']}", "", rows),)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        blocked, reason = str(row.get("blocked_by") or ""), str(row["reason"] or "no reason was recorded")
        found = exchanges.get(blocked)
        if found is not None and found.failure is not None:
            key = ("silence", found.failure.message)
        else:
            key = ("answer", blocked) if blocked else ("reason", reason)
        groups.setdefault(key, []).append(row)
    made = [_cause(*key, tuple(group), exchanges) for key, group in groups.items()]
    return tuple(sorted(made, key=lambda cause: (-len(cause.of("MUST")), -len(cause.rows), cause.sentence)))


_REACHING = {
    **dict.fromkeys(("proxy", "dns", "connect", "tls"), "the service could not be reached"),
    "credentials": "there were no credentials to ask with",
    "http": "no request was answered",
}
"""The preflight observations without which nothing can be asked, in the order of a connection."""


def stopped(report: Report, rows: Sequence[Row]) -> Row | None:
    """The preflight observation for which nothing was asked, or None where the tests began.

    Then it is why each of these unjudged requirements is one, also of those that say no more than that there was
    nothing to look at. Credentials that were refused stopped nothing: no requirement gives them for its reason.
    """
    seen = {str(probe["name"]): probe for probe in troubles(report) if probe["summary"]}
    return next(
        (
            seen[name]
            for name in _REACHING
            if name in seen and any(str(seen[name]["summary"]) in str(row["reason"]) for row in rows)
        ),
        None,
    )


def _cause(kind: str, text: str, rows: tuple[Row, ...], exchanges: Exchanges) -> Cause:
    blocked = sorted({str(row["blocked_by"]) for row in rows if row.get("blocked_by")})
    calls = sorted(
        (f"{exchanges[name].request.method} {exchanges[name].request.target}", name)
        for name in blocked
        if name in exchanges
    )
    if kind == "silence":
        others = f" and {count(len(calls) - 1, 'other request')}" if len(calls) > 1 else ""
        return Cause(f"because {calls[0][0]}{others} had no answer: {text}", calls[0][1], rows)
    reason = min(str(row["reason"] or text) for row in rows)
    joint = "because " if kind == "answer" and reason[:2].isupper() else ""
    return Cause(f"{joint}{reason}", blocked[0] if kind == "answer" else "", rows)


def cause_sentence(cause: Cause) -> str:
    """``14 requirements could not be judged because GET /services answered 500 …``."""
    joint = " " if cause.sentence.startswith("because ") else ": "
    return f"{count(len(cause.rows), 'requirement')} could not be judged{joint}{one_line(cause.sentence, 400)}"


def grouped(findings: Iterable[Row]) -> list[tuple[Row, list[Row]]]:
    """Findings of a requirement that expect the same of the same exchange together: (the first, all of them)."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for finding in findings:
        key = tuple(str(finding[name]) for name in ("expected", "exchange", "attribution"))
        groups.setdefault(key, []).append(finding)
    return [(group[0], group) for group in groups.values()]


def headline(report: Report) -> str:
    """``Not conformant: Open Referral UK 3.0, development endpoint http://127.0.0.1:8080``."""
    profile, target = report["profile"], report["implementation"]
    environment = ENVIRONMENTS.get(target["environment"], f"{one_line(target['environment'], 40)} endpoint")
    return (
        f"{VERDICTS[report['verdict']]}: {one_line(profile['title'], 100)} {one_line(profile['version'], 40)}, "
        f"{environment} {one_line(target['base_url'])}"
    )


def explanation(view: View) -> list[str]:
    """Why the verdict is what it is, a sentence each; the rows themselves follow elsewhere."""
    report = view.report
    verdict = report["verdict"]
    musts = sum(row["level"] == "MUST" for row in view.failures)
    doubtful = sum(len(cause.of("MUST")) for cause in view.causes)
    sentences = []
    if musts:
        sentences.append(f"{count(musts, 'requirement')} at level MUST failed.")
    elif verdict == "error":
        sentences.append("The test harness itself failed. This says nothing about the service.")
    elif verdict == "inconclusive":
        sentences.append("Nothing failed at level MUST, but too little could be seen to call the service conformant.")
    shoulds = len(view.failures) - musts
    if shoulds:
        sentences.append(f"{count(shoulds, 'requirement')} at level SHOULD failed, which this run counts as failure.")
    if doubtful:
        sentences.append(f"{count(doubtful, 'requirement')} at level MUST could not be judged.")
    ids = [str(row["id"]) for row in report["requirements"]]
    for reason in report["reasons"]:
        # Reasons about one requirement repeat what stands with it below.
        if not any(str(reason).startswith((f"{name} ", f"{name}:")) for name in ids):
            sentences.append(one_line(reason))
    return sentences


def unsignable(report: Report) -> str:
    """Why this run can never be signed, or nothing."""
    plan, why = report["plan"], []
    if report["run"].get("complete") is not True:
        why.append("it was interrupted")
    if plan["selection"]:
        why.append("only a selection was run")
    if plan["modified"]:
        why.append("the suite was modified, its seed was chosen by hand, or known failures were let pass")
    if not why and report["verdict"] in {"inconclusive", "error"}:
        why.append("only a run that passed or failed can be")
    return f"This run cannot be signed: {listed(why)}." if why else ""


def claims(report: Report) -> list[tuple[str, str]]:
    """(``Classes claimed``, their titles) and so on; classes that nobody claims are always named.

    The classes of each inherited profile stand together after the profile's own.
    """
    entries = {entry["id"]: entry for entry in report["classes"]}
    own = report["profile"]["id"]
    layers = {own: "", **{layer["id"]: layer.get("title") or layer["id"] for layer in report["profile"]["layers"]}}
    found = []
    for layer, title in layers.items():
        for member, label in _CLAIMS:
            names = [
                one_line(name, 80) if name not in entries else _class_title(entries[name])
                for name in report["claims"][member]
                if entries.get(name, {}).get("layer", own) == layer
            ]
            if names or (layer == own and member != "disclaimed"):
                lead = f"{one_line(title, 80)}, {label[0].lower()}{label[1:]}" if title else label
                found.append((lead, ", ".join(names) or "none"))
    return found


_CLAIMS = (
    ("claimed", "Classes claimed"),
    ("not_claimed", "Classes not claimed"),
    ("disclaimed", "Classes declared as not provided"),
)


def _class_title(entry: Row) -> str:
    return one_line(entry["title"], 80) + (" (mandatory)" if entry["mandatory"] else "")


def product(report: Report) -> str:
    """``Open Directory 2.4.1, by Example Software Ltd``, or that nobody said."""
    target = report["implementation"]
    name, version, supplier = (one_line(target[key], 100) for key in ("product", "version", "supplier"))
    if {name, version, supplier} == {NOT_STATED}:
        return "not stated, nor its version and supplier"
    return f"{name}{', version ' if version == NOT_STATED else ' '}{version}, by {supplier}".replace(
        f"by {NOT_STATED}", "supplier not stated"
    )


NOT_STATED = "not stated"


def layer_lines(report: Report) -> list[str]:
    """``Public-sector API baseline 1.0, judged apart: conformant, 3 warnings``."""
    lines = []
    for layer in report["profile"]["layers"]:
        rows = [row for row in report["requirements"] if row["layer"] == layer["id"]]
        failed = [row for row in rows if row["verdict"] == "fail"]
        counts = [
            (sum(row["level"] == "MUST" for row in failed), "failure"),
            (sum(row["level"] != "MUST" for row in failed), "warning"),
        ]
        parts = [VERDICTS[layer["verdict"]].lower() if layer["verdict"] else "not judged"]
        parts += [count(value, noun) for value, noun in counts if value]
        unclear = sum(row["verdict"] in {"inconclusive", "error"} for row in rows)
        if unclear:
            parts.append(f"{unclear:,} could not be judged")
        title = one_line(layer.get("title") or layer["id"], 100)
        how = "which counts towards the verdict" if layer.get("binding") else "judged apart"
        lines.append(f"{title} {one_line(layer['version'], 40)}, {how}: {', '.join(parts)}.")
    return lines


def measured(report: Report) -> str:
    """How good the suite was measured to be at this profile, as the run recorded it; or why that is not shown."""
    profile = report["profile"]
    return detection.told(
        profile["detection"],
        suite=str(report["suite"]["sha256"]),
        profile=str(profile["sha256"]),
        version=one_line(profile["version"], 40),
    )


def sampling(report: Report) -> list[str]:
    """``Checked 100 of 5,112 services``: what was not read in full, each collection once."""
    seen: dict[tuple[str, int], int] = {}
    for row in report["requirements"]:
        for entry in row["sampled"]:
            key = (one_line(entry["what"], 80), int(entry["total"]))
            seen[key] = min(seen.get(key, int(entry["checked"])), int(entry["checked"]))
    return [f"Checked {checked:,} of {total:,} {what}." for (what, total), checked in sorted(seen.items())]


def flakes(report: Report) -> list[tuple[str, list[str]]]:
    """(``Passed on attempt 2 of 2``, requirement ids): what did not answer at the first try."""
    groups: dict[tuple[int, str], list[str]] = {}
    words = {"pass": "Passed", "fail": "Failed", "inconclusive": "Not judged"}
    for row in report["requirements"]:
        if row["attempts"] > 1:
            word = words.get(row["verdict"], "Answered")
            groups.setdefault((row["attempts"], word), []).append(one_line(row["id"], 100))
    return [(f"{word} on attempt {number} of {number}", ids) for (number, word), ids in sorted(groups.items())]


def known_failures(report: Report) -> list[str]:
    """The requirements that the run's baseline named as known to fail."""
    return [one_line(name, 100) for name in report["run"].get("baseline") or []]


def troubles(report: Report) -> list[Row]:
    """Preflight observations that went wrong: the likeliest cause of everything after them."""
    return [probe for probe in report["run"].get("preflight") or [] if probe["ok"] is False]


def some(items: list[str], limit: int) -> str:
    """The first few, and how many more."""
    rest = len(items) - limit
    return ", ".join(items) if rest <= 0 else f"{', '.join(items[:limit])} and {rest:,} more"
