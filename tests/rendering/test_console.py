"""What people read at the end of a run."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest

from interop_harness.evidence import Exchange, Request
from interop_harness.rendering.console import summary, terminal_width, wants_colour, write
from tests.rendering import made
from tests.rendering.compare import same_as_golden

ESCAPES = re.compile("\x1b\\[[0-9;]*m")
ALL = ("passing", "failing", "inconclusive", "hostile", "large", "empty")


def text(name: str, width: int = 80, **more: Any) -> str:
    report = getattr(made, name)()
    exchanges = made.hostile_exchanges() if name == "hostile" else made.EXCHANGES
    return summary(report, exchanges, width=width, fixes=made.FIXES, files={"Report": "reports/x/report.html"}, **more)


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "hostile", "empty"])
def test_golden(name: str) -> None:
    same_as_golden(f"console-{name}.txt", text(name).encode())


def test_golden_at_other_widths() -> None:
    same_as_golden("console-failing-60.txt", text("failing", 60).encode())
    same_as_golden("console-failing-120.txt", text("failing", 120).encode())


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_colour_adds_escape_codes_and_nothing_else(name: str, width: int) -> None:
    plain, coloured = text(name, width), text(name, width, colour=True)
    assert ESCAPES.sub("", coloured) == plain
    assert "\x1b" not in plain
    assert "\x1b" in coloured


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "large", "empty"])
@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_only_what_is_to_be_copied_is_wider_than_the_terminal(name: str, width: int) -> None:
    wide = [line for line in text(name, width).splitlines() if len(line) > width]
    assert [line for line in wide if "http" not in line and "Report:" not in line] == []


def test_the_verdict_comes_first_in_words() -> None:
    first = text("failing").splitlines()[0]
    assert first.startswith("NOT CONFORMANT: Example directory 3.0, development endpoint")
    assert text("passing").startswith("CONFORMANT: ")
    assert text("inconclusive").startswith("INCONCLUSIVE: ")


def test_failures_come_before_warnings_before_what_could_not_be_judged() -> None:
    shown = text("failing")
    order = ["these decide the verdict", "judged apart (1)", "Warnings: ", "Could not be judged", "All requirements"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)


def test_a_failure_says_all_that_is_needed_to_act() -> None:
    shown = text("failing", 120)
    for words in (
        "DIR-PAGE-03 (MUST, class basic)",
        "size equals the number of items in contents.",
        "reference, components.schemas.Page.size",
        made.URL,
        "Expected   size equals",
        "Observed   size is 50",
        "Where      /size",
        "curl -i 'http://127.0.0.1:8080/services?page=2&per_page=50'",
        "Concerns   your service",
        made.FIXES["DIR-PAGE-03"]["fix"],
    ):
        assert words in shown


def test_one_cause_is_said_once() -> None:
    shown = " ".join(text("inconclusive").split())
    assert "15 requirements could not be judged because GET /services answered 500 text/html." in shown
    assert shown.count("answered 500 text/html") == 1
    assert "GET /taxonomy_terms had no answer: No answer within 30 seconds." in shown


def test_a_cause_says_whose_problem_it_is() -> None:
    report = made.inconclusive()
    for row in report["requirements"]:
        row["attribution"] = "the network" if row["blocked_by"] == made.TIMEOUT.id else row["attribution"]
    shown = summary(report, made.EXCHANGES)
    _, first, second = shown.partition("Could not be judged")[2].split(" could not be judged because ")
    assert "Concerns   your service" in first and "the network" not in first
    assert "Concerns   the network" in second


def test_an_unreachable_service_is_one_cause() -> None:
    seen = "No connection to the service at 127.0.0.1, port 9."
    rows = [
        made.row(
            f"DIR-PAGE-0{number}", "inconclusive", reason=f"GET /{number} answered {seen}.", blocked_by=str(number)
        )
        for number in range(5)
    ]
    report = made.report(rows, "inconclusive", [])
    report["run"]["preflight"].append({"name": "connect", "ok": False, "summary": seen, "hint": "Start it."})
    shown = " ".join(summary(report).split())
    assert f"5 requirements could not be judged because the service could not be reached. {seen} MUST" in shown


def test_the_same_silence_is_one_cause() -> None:
    other = Exchange(Request("GET", "/services?page=3"), failure=made.TIMEOUT.failure)
    rows = [
        made.row("DIR-PAGE-01", "inconclusive", reason="x", blocked_by=made.TIMEOUT.id),
        made.row("DIR-PAGE-02", "inconclusive", reason="y", blocked_by=other.id),
    ]
    shown = " ".join(summary(made.report(rows, "inconclusive", []), [made.TIMEOUT, other]).split())
    words = "because GET /services?page=3 and 1 other request had no answer: No answer within 30 seconds."
    assert f"2 requirements could not be judged {words}" in shown


def test_what_decides_an_inconclusive_run_comes_before_warnings() -> None:
    report = made.inconclusive()
    report["requirements"].append(made.row("DIR-ZZZ-01", "fail", level="SHOULD"))
    shown = summary(report, made.EXCHANGES)
    assert shown.index("Could not be judged") < shown.index("Warnings: ")


def test_sampling_flakes_layers_and_claims_are_said() -> None:
    shown = " ".join(text("failing").split())
    for words in (
        "Checked 100 of 5,112 services.",
        "Passed on attempt 2 of 2: DIR-PAGE-02.",
        "Public-sector API baseline 1.0, judged apart: not conformant, 1 failure.",
        "Classes not claimed: Extended",
        "interop explain DIR-DATA-04",
        "Report: reports/x/report.html",
    ):
        assert words in shown


def test_a_long_report_is_cut_and_the_rest_counted() -> None:
    shown = text("large")
    assert len(shown.splitlines()) < 700
    assert shown.count("Usual fix") <= 20
    assert "80 more requirements with findings: see report.html." in shown
    assert "117 more findings of this requirement" in shown


def test_fail_on_should_moves_a_warning_to_the_failures() -> None:
    shown = text("failing", fail_on="should")
    assert "Warnings: " not in shown
    assert "1 requirement at level SHOULD failed, which this run counts as failure." in shown


def test_a_run_that_cannot_be_signed_says_why() -> None:
    assert "cannot be signed: it was interrupted" in " ".join(text("empty").split())
    report = made.passing()
    report["plan"]["selection"] = ["DIR-PAGE"]
    report["plan"]["modified"] = True
    assert "only a selection was run and the suite was modified" in " ".join(summary(report).split())
    assert "cannot be signed" not in text("passing")


def test_a_binding_layer_decides_too() -> None:
    report = made.failing()
    report["profile"]["layers"][0]["binding"] = True
    shown = " ".join(summary(report).split())
    assert "these decide the verdict (4)" in shown
    assert "Public-sector API baseline 1.0, which counts towards the verdict: not conformant" in shown
    assert "inherited profiles" not in shown


def test_classes_of_an_inherited_profile_stand_apart() -> None:
    report = made.passing()
    entry = {"id": "tls", "title": "Secure transport", "layer": "api-baseline", "mandatory": True, "claim": "claimed"}
    report["classes"].append({**entry, "verdict": "conformant"})
    report["claims"]["claimed"].append("tls")
    shown = summary(report, width=120)
    assert "\nClasses claimed: Basic (mandatory), Open access (mandatory)\n" in shown
    assert "\nPublic-sector API baseline, classes claimed: Secure transport (mandatory)\n" in shown


def test_a_product_that_nobody_named() -> None:
    report = made.passing()
    for name in ("supplier", "product", "version"):
        report["implementation"][name] = "not stated"
    assert "Product: not stated, nor its version and supplier" in summary(report)
    report["implementation"]["product"] = "Directory"
    assert "Product: Directory, version not stated, supplier not stated" in summary(report)


def test_an_error_of_ours_is_not_the_suppliers() -> None:
    report = made.report([made.row("DIR-PAGE-01", "error", reason="KeyError: 'x'")], "error", ["DIR-PAGE-01: KeyError"])
    shown = " ".join(summary(report).split())
    assert shown.startswith("ERROR OF THE TEST HARNESS: ")
    assert "This says nothing about the service." in shown
    assert "Reason KeyError: 'x'" in shown


def test_hostile_text_reaches_no_terminal() -> None:
    shown = text("hostile")
    assert all(
        line.isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u202e\u200b]", line) for line in shown.split("\n")
    )
    assert "[U+001B][2J" in shown and "[bold" in shown


def test_reports_of_both_shapes_of_exchanges() -> None:
    report = made.failing()
    by_id = {exchange.id: exchange for exchange in made.EXCHANGES.values()}
    assert summary(report, by_id) == summary(report, made.EXCHANGES) == summary(report, list(made.EXCHANGES.values()))
    assert "in evidence.jsonl.gz" in summary(report)


def test_it_is_quick() -> None:
    begun = time.process_time()
    text("large")
    assert time.process_time() - begun < 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_and_width_follow_stream_and_surroundings() -> None:
    assert wants_colour(Terminal(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert wants_colour(Terminal(), {"NO_COLOR": ""})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(io.StringIO(), {})
    assert terminal_width(io.StringIO(), {}) == 80
    assert terminal_width(io.StringIO(), {"COLUMNS": "60"}) == 60
    assert terminal_width(io.StringIO(), {"COLUMNS": "9"}) == 50
    assert terminal_width(io.StringIO(), {"COLUMNS": "x"}) == 80
    assert terminal_width(io.StringIO(), {"COLUMNS": "500"}) == 120


def test_a_stream_of_another_encoding_takes_the_summary() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write(text("failing"), stream)
    assert b"T\\u0177 Bach" in raw.getvalue()
