"""Made-up reports and exchanges for the renderings: a pass, a fail, an inconclusive run, hostile text, a large one.

Nothing here is random or reads a clock: the same call gives the same report, so that golden files can be compared.
"""

from __future__ import annotations

import copy
from typing import Any

from interop_harness.evidence import Exchange, Failure, FailureKind, Request, Response

OUTCOMES = ("pass", "fail", "inconclusive", "error", "not-applicable", "observed", "not-tested", "declared")
URL = "https://standards.example/directory/3.0/reference"
JSON = (("Content-Type", "application/json"),)

SERVICES = Exchange(Request("GET", "/services?page=2&per_page=50"), Response(200, JSON, b"{}"))
DETAIL = Exchange(Request("GET", "/services/0b6e9a52-6f2c-4d5b-9f43-5d8b8f6f6a10"), Response(200, JSON, b"{}"))
BROKEN = Exchange(Request("GET", "/services"), Response(500, (("Content-Type", "text/html"),), b"<h1>Oops</h1>"))
TIMEOUT = Exchange(
    Request("GET", "/taxonomy_terms"), failure=Failure(FailureKind.TIMEOUT, "No answer within 30 seconds.")
)
ORIGIN = Exchange(
    Request("GET", "/services", (("Origin", "https://browser.example"),), auth="none"), Response(200, JSON, b"{}")
)
EXCHANGES = {exchange.request.key: exchange for exchange in (SERVICES, DETAIL, BROKEN, TIMEOUT, ORIGIN)}

HOSTILE = (
    "\x1b[2J\x1b[31mALL PASSED\x1b[0m \x07\x08\x00 \u202egnp.exe\u202c \u200bzero [bold red]markup[/] :smile: "
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt; ]]> | `tick` ``` [link](https://evil.example) "
    "![i](https://evil.example/x.png) https://evil.example www.evil.example @everyone #1 \\ \" ' $(rm -rf ~) ; # -- "
    "\r\n# Heading\n\n- item\ud800 \ufffe \u0301\u0301\u0301\u0301\u0301 \U000e0041 {{ 7*7 }} {% raw %} %s {0} \u200f"
)


def finding(expected: str = "size equals the number of items in contents: 49", **more: Any) -> dict[str, Any]:
    return {
        "case": "DIR-PAGE-03",
        "expected": expected,
        "observed": "size is 50",
        "pointer": "/size",
        "exchange": SERVICES.id,
        "attribution": "your service",
        **more,
    }


def row(identifier: str, verdict: str = "pass", **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "level": "MUST",
        "class": "basic",
        "layer": "example-directory",
        "statement": "size equals the number of items in contents.",
        "source": {"document": "reference", "clause": "components.schemas.Page.size", "url": URL},
        "basis": "stated",
        "verdict": verdict,
        "reason": None,
        "blocked_by": None,
        "attribution": "your service" if verdict == "inconclusive" else None,
        "attempts": 1,
        "cases": 1,
        "sampled": [],
        "findings": [finding()] if verdict == "fail" else [],
        "more_findings": 0,
        "observations": [],
        **more,
    }


def figures(report: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Figures of detection, of the suite and profile that a report names."""
    return {
        "caught": 2305,
        "total": 2315,
        "excused": 5,
        "survived": 10,
        "blamed_elsewhere": 0,
        "mandatory_caught": 780,
        "mandatory_total": 780,
        "variants": {"judged": 1000, "false_alarms": 0},
        "suite": report["suite"]["sha256"],
        "profile": report["profile"]["sha256"],
        **more,
    }


def report(rows: list[dict[str, Any]], verdict: str, reasons: list[str], **more: Any) -> dict[str, Any]:
    totals = {level: dict.fromkeys(OUTCOMES, 0) for level in ("MUST", "SHOULD", "MAY")}
    for each in rows:
        totals[each["level"]][each["verdict"]] += 1
    made: dict[str, Any] = {
        "format": "interop-report/1",
        "verdict": verdict,
        "exit": {"conformant": 0, "not-conformant": 1, "error": 3, "inconclusive": 4}[verdict],
        "reasons": reasons,
        "profile": {
            "id": "example-directory",
            "version": "3.0",
            "title": "Example directory",
            "status": "adopted",
            "sha256": "1" * 64,
            "requirements_sha256": "2" * 64,
            "layers": [
                {
                    "id": "api-baseline",
                    "version": "1.0",
                    "title": "Public-sector API baseline",
                    "sha256": "3" * 64,
                    "verdict": "conformant",
                }
            ],
            "detection": None,
        },
        "implementation": {
            "supplier": "Example Software Ltd",
            "product": "Open Directory",
            "version": "2.4.1",
            "environment": "development",
            "base_url": "http://127.0.0.1:8080",
        },
        "authorised_by": None,
        "claims": {"claimed": ["basic", "open-access"], "disclaimed": [], "not_claimed": ["extended"]},
        "classes": [
            {
                "id": "basic",
                "title": "Basic",
                "layer": "example-directory",
                "mandatory": True,
                "claim": "claimed",
                "verdict": verdict,
            },
            {
                "id": "open-access",
                "title": "Open access",
                "layer": "example-directory",
                "mandatory": True,
                "claim": "claimed",
                "verdict": "conformant",
            },
            {
                "id": "extended",
                "title": "Extended",
                "layer": "example-directory",
                "mandatory": False,
                "claim": "not-claimed",
                "verdict": None,
            },
        ],
        "plan": {
            "sha256": "4" * 64,
            "cases": sum(each["cases"] for each in rows),
            "seed": "5" * 64,
            "challenge": None,
            "selection": None,
            "exhaustive": False,
            "writes": False,
            "modified": False,
        },
        "suite": {"name": "interop-harness", "version": "0.1.0", "sha256": "6" * 64},
        "summary": totals,
        "requirements": sorted(rows, key=lambda each: each["id"]),
        "run": {
            "started": "2026-11-21T10:30:00Z",
            "finished": "2026-11-21T10:30:02Z",
            "duration_ms": 2140,
            "python": "3.12.4",
            "platform": "linux",
            "workers": 4,
            "complete": True,
            "evidence_sha256": "7" * 64,
            "exchanges": 218,
            "answered": 218,
            "unsent": 0,
            "preflight": [
                {"name": "connect", "ok": True, "summary": "The service accepts connections.", "hint": ""},
                {"name": "tls", "ok": None, "summary": "Plain HTTP: nothing to look at.", "hint": ""},
            ],
        },
    }
    return {**made, **copy.deepcopy(more)}


def _quiet_rows() -> list[dict[str, Any]]:
    return [
        row("DIR-PAGE-01", sampled=[{"what": "services", "checked": 100, "total": 5112}]),
        row("DIR-PAGE-02", attempts=2),
        row("DIR-CORS-01", **{"class": "open-access"}),
        row("DIR-DATA-01", "not-tested", cases=0, reason="No machine can tell whether a description is true."),
        row("DIR-DATA-02", "declared", cases=0, reason="The supplier answered yes: Are records reviewed each year?"),
        row("DIR-DATA-03", "observed", level="MAY", observations=["sends 12 members that the standard does not name"]),
        row("DIR-TAX-01", "not-applicable", cases=0, reason="Extended: not claimed.", **{"class": "extended"}),
        row("API-SEC-01", layer="api-baseline", **{"class": "baseline"}),
    ]


def passing() -> dict[str, Any]:
    return report(_quiet_rows(), "conformant", ["All 3 judged requirements at level MUST passed."])


def failing() -> dict[str, Any]:
    rows = [
        *_quiet_rows(),
        row("DIR-PAGE-03", "fail", cases=2, findings=[finding(case="DIR-PAGE-03.1")]),
        row(
            "DIR-REF-01",
            "fail",
            statement="Every service that a list names can be read by its identifier and is the same record there.",
            findings=[
                finding(
                    "the member name of the list's record: 'Cylch Meithrin Tŷ Bach'",
                    observed="the member name is missing",
                    pointer=f"/contents/{number}/name",
                    exchange=DETAIL.id if number < 2 else SERVICES.id,
                )
                for number in range(6)
            ],
            more_findings=31,
        ),
        row(
            "DIR-DATA-04",
            "fail",
            cases=0,
            findings=[],
            statement="The records are published under an open licence.",
            reason="The supplier answered no: Are the records published under an open licence?",
        ),
        row(
            "DIR-CORS-02",
            "fail",
            level="SHOULD",
            statement="A browser on another site may read the answers.",
            findings=[
                finding(
                    "Access-Control-Allow-Origin is * or the Origin sent",
                    observed="no such header",
                    pointer="Access-Control-Allow-Origin",
                    exchange=ORIGIN.id,
                    attribution="your configuration",
                )
            ],
        ),
        row(
            "API-SEC-02",
            "fail",
            layer="api-baseline",
            statement="An error says nothing about the inside of the service.",
            findings=[
                finding(
                    "no stack trace", observed='Traceback (most recent call last): File "app.py"', exchange=BROKEN.id
                )
            ],
            **{"class": "baseline"},
        ),
        row(
            "DIR-TERM-01",
            "inconclusive",
            level="SHOULD",
            reason="GET /taxonomy_terms answered No answer within 30 seconds.",
            blocked_by=TIMEOUT.id,
        ),
        row("DIR-FILT-01", "inconclusive", reason="No service has a postcode to search for."),
    ]
    made = report(rows, "not-conformant", ["DIR-PAGE-03 failed.", "DIR-REF-01 failed.", "DIR-DATA-04 failed."])
    made["profile"]["layers"][0]["verdict"] = "not-conformant"
    return made


def inconclusive() -> dict[str, Any]:
    reason = "GET /services answered 500 text/html."
    rows = [
        *(row(f"DIR-PAGE-{number:02}", "inconclusive", reason=reason, blocked_by=BROKEN.id) for number in range(1, 15)),
        row("DIR-PAGE-20", "inconclusive", level="SHOULD", reason=reason, blocked_by=BROKEN.id),
        row("DIR-TERM-01", "inconclusive", reason="No answer within 30 seconds.", blocked_by=TIMEOUT.id),
        row("DIR-DISC-01"),
    ]
    reasons = [f"{each['id']} could not be judged: {each['reason']}" for each in rows if each["reason"]]
    reasons.append("GET /services was never answered with success.")
    made = report(rows, "inconclusive", reasons)
    made["profile"]["layers"] = []
    made["run"]["preflight"].append(
        {
            "name": "http",
            "ok": False,
            "summary": "GET / answered 200 but GET /services answered 500.",
            "hint": "Look at the log of the service before running again.",
        }
    )
    return made


def hostile() -> dict[str, Any]:
    """Supplier text wherever supplier text can be, and in places where only a profile's can."""
    wicked = Exchange(
        Request(
            "POST",
            f"/x?q={HOSTILE}",
            (("X-Name", HOSTILE), ("Authorization", "[redacted]")),
            HOSTILE.encode("utf-8", "replace"),
        ),
        Response(200, JSON, b"{}"),
    )
    rows = [
        row(
            "DIR-PAGE-03",
            "fail",
            statement=HOSTILE,
            reason=HOSTILE,
            source={"document": HOSTILE, "clause": HOSTILE, "url": "javascript:alert(1)"},
            findings=[
                finding(
                    HOSTILE, observed=HOSTILE, pointer=HOSTILE, exchange=wicked.id, attribution=HOSTILE, case=HOSTILE
                ),
                finding("x" * 5000, observed="\u202e" * 5000, pointer="", exchange="unknown"),
            ],
            observations=[HOSTILE],
            sampled=[{"what": HOSTILE, "checked": 1, "total": 2}],
        ),
        row("DIR-PAGE-04", "inconclusive", reason=HOSTILE, blocked_by=wicked.id, attribution=HOSTILE),
        row("DIR-PAGE-05", "not-tested", reason=HOSTILE, cases=0, **{"class": HOSTILE}),
        row("DIR-PAGE-06", "error", reason=HOSTILE),
        row("DIR-PAGE-07", "observed", reason=HOSTILE, observations=[HOSTILE]),
    ]
    made = report(rows, "not-conformant", [HOSTILE])
    made["implementation"] = {
        "supplier": HOSTILE,
        "product": HOSTILE,
        "version": HOSTILE,
        "environment": "development",
        "base_url": "http://127.0.0.1:8080",
    }
    made["authorised_by"] = HOSTILE
    made["classes"][0]["title"] = HOSTILE
    made["claims"]["not_claimed"] = [HOSTILE]
    made["run"]["preflight"].append({"name": HOSTILE, "ok": False, "summary": HOSTILE, "hint": HOSTILE})
    made["plan"]["challenge"] = HOSTILE
    made["run"]["baseline"] = [HOSTILE]
    made["profile"]["title"] = HOSTILE
    return made


def hostile_exchanges() -> list[Exchange]:
    return [
        Exchange(
            Request(
                "POST",
                f"/x?q={HOSTILE}",
                (("X-Name", HOSTILE), ("Authorization", "[redacted]")),
                HOSTILE.encode("utf-8", "replace"),
            ),
            Response(200, JSON, b"{}"),
        )
    ]


def large() -> dict[str, Any]:
    rows = [
        row(
            f"DIR-MANY-{number:03}",
            ("fail", "pass", "inconclusive")[number % 3],
            level=("MUST", "SHOULD", "MAY")[number % 5 % 3],
            reason=f"Reason number {number % 40}." if number % 3 == 2 else None,
            findings=[finding() for _ in range(20)] if number % 3 == 0 else [],
            more_findings=100,
        )
        for number in range(300)
    ]
    return report(rows, "not-conformant", ["DIR-MANY-000 failed."])


def empty() -> dict[str, Any]:
    made = report([], "inconclusive", ["No requirement at level MUST was seen to pass."])
    made["run"]["complete"] = False
    made["run"]["exchanges"] = 0
    made["profile"]["layers"] = []
    return made


def cases(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Case records that fit a report: one or more for each requirement that was tried."""
    found = []
    for each in made["requirements"]:
        for number in range(1, each["cases"] + 1):
            first = number == 1
            found.append(
                {
                    "id": each["id"] if each["cases"] == 1 else f"{each['id']}.{number}",
                    "requirement": each["id"],
                    "family": "pagination.size",
                    "title": each["statement"],
                    "outcome": each["verdict"] if first else "pass",
                    "reason": (each["reason"] or "") if first else "",
                    "findings": [{k: v for k, v in item.items() if k != "case"} for item in each["findings"]]
                    if first
                    else [],
                    "exchanges": sorted({item["exchange"] for item in each["findings"]}),
                    "elapsed_ms": 37,
                    "attempts": each["attempts"],
                }
            )
    return found


FIXES = {
    "DIR-PAGE-03": {
        "why": "A reader that trusts size stops too early or waits for records that never come.",
        "fix": "Count the items of contents when the page is built.",
    }
}
