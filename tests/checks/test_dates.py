"""Dates in any answer: ISO 8601 passes, other forms and missing zones are found, and nothing else is."""

from __future__ import annotations

import pytest

from interop_harness.checks.dates import OTHER

from .library import books, judged, library, outcome, reply, said

FORMS = {"operations": ["listBooks", "getBook"], "rule": "no-other-forms"}
ZONE = {"operations": ["listBooks", "getBook"], "rule": "zone"}

OTHERS = [
    *("31/12/2030", "31-12-2030", "31.12.2030", "1/2/2030", "12/31/2030", "2030/12/31", "2030.12.31", "2030-31-12"),
    *("31 December 2030", "31 Dec 2030", "31st December 2030", "December 31, 2030", "Tue, 31 Dec 2030 09:30:00 GMT"),
    *("31/12/2030 09:30", "12/31/2030 9:30:00 PM", "2030-1-5", "Tuesday 31 December 2030"),
]
FINE = [
    *("2030-12-31", "2030-12-31T09:30:00Z", "20301231", "12/34", "1.2.3", "192.168.20.30", "31/12/20301", "10/12/1850"),
    *("A talk on 31/12/2030", "020 7946 0018", "2030", "may 2030", "01-02-03", "40/12/2030", "1234-5678-2030", "Mon"),
]


def diary(text, member="noted"):
    return library(
        [{**book, "noted": "2030-01-01T10:00:00+01:00"} for book in books(3)] + [{**books(4)[3], member: text}]
    )


@pytest.mark.parametrize("text", OTHERS)
def test_other_forms(text):
    result = judged("dates.rfc3339", diary(text), FORMS)
    assert outcome(result) == "fail"
    assert said(result).endswith("/noted")
    assert outcome(judged("dates.rfc3339", diary(text), ZONE)) == "pass"


@pytest.mark.parametrize("text", FINE)
def test_no_other_form(text):
    assert not OTHER.fullmatch(text)
    assert outcome(judged("dates.rfc3339", diary(text), FORMS)) == "pass"


@pytest.mark.parametrize("text", ["2030-12-31T09:30:00", "2030-12-31T09:30", "2030-12-31 09:30:00.5"])
def test_zone(text):
    assert "its zone" in said(judged("dates.rfc3339", diary(text), ZONE))
    assert outcome(judged("dates.rfc3339", diary(text), FORMS)) == "pass"


@pytest.mark.parametrize("text", ["2030-12-31T09:30:00Z", "2030-12-31T09:30:00+01:00", "2030-12-31", "09:30"])
def test_zone_is_there_or_not_needed(text):
    assert outcome(judged("dates.rfc3339", diary(text), ZONE)) == "pass"


def test_nothing_to_look_at():
    assert outcome(judged("dates.rfc3339", library(), FORMS)) == "not-applicable"
    down = library(answer=lambda request: reply({}, 500))
    assert outcome(judged("dates.rfc3339", down, FORMS)) == "inconclusive"
    assert outcome(judged("dates.rfc3339", diary("2030-01-01"), {**FORMS, "rule": "roman"})).startswith("error")
