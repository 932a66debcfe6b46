"""Renderer v1: the predicate in, the bytes of the page out. Frozen: its digest is pinned by a test.

No clock, no locale, no Unicode database, nothing imported from this project: the same predicate gives the
same bytes on every machine and every supported version of Python and Jinja2.
"""

# fmt: off
import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
LEVELS = ("MUST", "SHOULD", "MAY")
OUTCOMES = {
    "pass": "Pass",
    "fail": "Fail",
    "inconclusive": "Could not be told",
    "error": "Error of the test harness",
    "not-applicable": "Not applicable",
    "observed": "Observed, not judged",
    "not-tested": "Cannot be tested by machine",
    "declared": "Declared by the supplier",
}
PARTS = {
    "conformant": "conformant",
    "not-conformant": "not conformant",
    "inconclusive": "could not be told",
    "error": "error of the test harness",
    "not-tested": "not tested",
}
VERDICTS = {
    "CONFORMANT": ("Pass", "conformant"),
    "CONFORMANT_WITH_WAIVERS": ("Pass with waivers", "conformant except for the requirements waived below"),
    "NOT_CONFORMANT": ("Fail", "not conformant"),
}
HEADINGS = {
    "first_party": "Supplier self-declaration of conformance",
    "second_party": "Buyer\u2019s assessment of conformance",
    "third_party": "Conformance certificate",
}
WHO = {
    "first_party": "The supplier, or someone working for it, ran these tests and signed this page. "
    "Nobody independent has checked the result.",
    "second_party": "A buyer, or someone working for it, ran these tests and signed this page.",
    "third_party": "An independent assessor ran these tests and signed this page.",
}
STATUSES = {
    "adopted": "adopted by its publisher",
    "draft": "a draft: it may still change",
    "dormant": "no longer maintained by its publisher",
    "project-defined": "written by the makers of this test suite, because no published standard exists",
    "experimental": "experimental: not agreed by anybody yet",
}
ENVIRONMENTS = {
    "production": "the production environment",
    "preproduction": "a preproduction environment, not the live service",
    "test": "a test environment, not the live service",
    "development": "a development environment, not the live service",
}
CLAIMS = {"claimed": "Claimed", "disclaimed": "Declared as not provided", "not-claimed": "Not claimed"}
PROBES = {
    "pass": "The service answered an ordinary client as it answered the tests.",
    "fail": "The service answered an ordinary client differently from the tests.",
    "inconclusive": "Could not be told.",
    "not-run": "Not checked in this run.",
}


SEEN = ((False, "Not in order"), (True, "In order"), (None, "Not looked at, or does not apply"))


def environment_of() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="ascii"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
        finalize=_shown,
    )
    environment.filters["day"] = _day
    environment.filters["minute"] = _minute
    environment.filters["last_day"] = _last_day
    environment.filters["groups"] = _groups
    environment.filters["number"] = _number
    return environment


def render(predicate: Mapping[str, Any], compiled: Callable[[Any], dict[str, Any]] | None = None) -> bytes:
    """``compiled`` is what Jinja2 makes of the template, when somebody has it already."""
    style = (Path(__file__).parent / "style.css").read_text(encoding="ascii")
    environment = environment_of()
    if compiled is None:
        template = environment.get_template("page.html.j2")
    else:
        members = compiled(environment)
        template = environment.template_class.from_module_dict(environment, members, environment.make_globals(None))
    digest = base64.b64encode(hashlib.sha256(style.encode("ascii")).digest()).decode("ascii")
    page = template.render(
        p=predicate,
        style=Markup(style),  # noqa: S704 - our own file
        style_digest=Markup(digest),  # noqa: S704 - base64
        words={
            "outcomes": OUTCOMES,
            "parts": PARTS,
            "result": VERDICTS[predicate["verdict"]][0],
            "verdict": VERDICTS[predicate["verdict"]][1],
            "heading": HEADINGS[predicate["assurance"]],
            "who": WHO[predicate["assurance"]],
            "status": STATUSES[predicate["profile"]["status"]],
            "environment": ENVIRONMENTS[predicate["target"]["environment"]],
            "claims": CLAIMS,
            "classes": {name: _classes(predicate, ids) for name, ids in predicate["claims"].items()},
            "probe": PROBES[predicate["clientIdentity"]["disguisedProbe"]],
        },
        levels=LEVELS,
        failures=_failures(predicate),
        untested=_untested(predicate["classes"]),
        seen=_seen(predicate["preflight"]),
        unclear=[row for row in predicate["results"] if row["outcome"] in ("inconclusive", "error")],
    )
    return page.encode("ascii", "xmlcharrefreplace")


def _classes(predicate: Mapping[str, Any], ids: list[str]) -> list[str]:
    titles = {entry["id"]: entry["title"] for entry in predicate["classes"]}
    return [f"{titles[name]} ({name})" if name in titles else name for name in ids]


def _untested(classes: list[Mapping[str, Any]]) -> list[str]:
    """The classes that count and of which nothing was tested."""
    return [
        f"{entry['title']} ({entry['id']}{', mandatory' if entry['mandatory'] else ''})"
        for entry in classes
        if entry["verdict"] == "not-tested" and (entry["mandatory"] or entry["claim"] == "claimed")
    ]


def _seen(entries: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What was seen before the tests, in at most three rows: what is wrong first, then what is right."""
    groups = []
    for state, title in SEEN:
        lines: dict[str, list[str]] = {}
        for entry in entries:
            if entry["ok"] is state:
                lines.setdefault(entry["said"], []).append(entry["name"])
        if lines:
            groups.append({"title": title, "lines": [{"names": n, "said": said} for said, n in lines.items()]})
    return groups


def _failures(predicate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Failed requirements, those that decide the verdict first, each with what its failure means."""
    binding = {entry["id"] for entry in predicate["classes"] if entry["mandatory"] or entry["claim"] == "claimed"}
    apart = {layer["id"] for layer in predicate["profile"]["layers"] if not layer["binding"]}
    waived = {waiver["requirementId"] for waiver in predicate["waivers"] if waiver["accepted"]}
    found = []
    for row in predicate["results"]:
        if row["outcome"] != "fail":
            continue
        if row.get("layer") in apart:
            rank, effect = 2, "Judged apart: it belongs to an inherited profile."
        elif row["class"] not in binding:
            rank, effect = 3, "Does not decide the result: this class was not claimed."
        elif row["level"] != "MUST":
            rank, effect = 4, "A warning: it does not decide the result."
        elif row["id"] in waived:
            rank, effect = 1, "Waived: see the waivers below."
        else:
            rank, effect = 0, "Decides the result."
        found.append((rank, LEVELS.index(row["level"]), row["id"], {"row": row, "effect": effect}))
    return [item[3] for item in sorted(found, key=lambda item: item[:3])]


def _shown(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    return Markup(str(escape(value)).replace("-----", "&#45;&#45;&#45;&#45;&#45;"))  # noqa: S704 - escaped


def _day(stamp: str) -> str:
    return f"{int(stamp[8:10])} {MONTHS[int(stamp[5:7]) - 1]} {int(stamp[:4])}"


def _minute(stamp: str) -> str:
    hour = int(stamp[11:13])
    return f"{_day(stamp)} at {hour % 12 or 12}:{stamp[14:16]}{'am' if hour < 12 else 'pm'} UTC"


def _last_day(stamp: str) -> str:
    return _day(stamp) if stamp.endswith("T23:59:59Z") else _minute(stamp)


def _groups(keyid: str) -> str:
    digits = keyid.partition(":")[2]
    return "SHA256: " + " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _number(value: int) -> str:
    return f"{value:,}"
