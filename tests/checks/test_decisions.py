"""Decisions: outcomes from the table, refusals for the right reason, dates counted from a day, nothing created."""

from __future__ import annotations

from datetime import date

import pytest

from interop_harness.checks import decisions
from interop_harness.checks.decisions import Shape
from interop_harness.evidence import Exchange, Request, Response
from interop_harness.suite.decisions import changed, shifted, told

SHAPE = Shape("/data/outcome", ("yes", "maybe", "no"), "/error/errors", "/field", ("/reason", "/message"))


def exchange_of(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
    return Exchange(Request("POST", "/checks"), Response(status, headers, b""))


def refusal(*fields: str) -> dict[str, object]:
    return {"error": {"errors": [{"field": field} for field in fields]}}


@pytest.mark.parametrize(
    ("found", "wanted", "right"),
    [
        ("yes", "yes", True),
        ("no", "yes", False),
        ("no", ["maybe", "no"], True),
        ("yes", ["maybe", "no"], False),
        ("maybe", "any", True),
        ("perhaps", "any", False),
        (None, "any", False),
        (["yes"], "yes", False),
        ({"yes": 1}, "any", False),
    ],
)
def test_outcome(found: object, wanted: object, right: bool) -> None:
    findings = list(decisions.outcome(exchange_of(200), {"data": {"outcome": found}}, SHAPE, wanted, "this"))
    assert bool(findings) is not right


@pytest.mark.parametrize("body", [None, [], "text", {"data": None}, {"data": ["yes"]}])
def test_an_answer_without_an_outcome_is_a_finding(body: object) -> None:
    assert list(decisions.outcome(exchange_of(200), body, SHAPE, "any", "this"))


@pytest.mark.parametrize(
    ("fields", "right"),
    [
        (["party.person.dob"], True),
        (["/party/person/dob"], True),
        (["$.party.person.dob"], True),
        (["party[0].person[1].dob"], True),
        (["person.dob"], True),
        (["dob"], True),
        (["application.party.person.dob"], True),
        (["party.person.dob", "party.person"], True),  # what holds it is no other member
        (["party.person.dob", "party.person.dob.year"], True),
        (["party.person.dateOfBirth"], False),
        (["party.person"], False),  # too little, by itself
        (["party.person.dob", "party.person.genderCode"], False),  # a member that was right
        (["eligibility.dob"], False),
        ([""], False),
        ([], False),
    ],
)
def test_a_refusal_names_the_member_that_is_wrong_and_no_other(fields: list[str], right: bool) -> None:
    findings = list(decisions.reason(exchange_of(400), refusal(*fields), SHAPE, ["/party/person/dob"], "this"))
    assert bool(findings) is not right


@pytest.mark.parametrize(
    "body",
    [None, [], "text", {"error": None}, {"error": {"errors": {"field": "dob"}}}, {"error": {"errors": [7, None]}}],
)
def test_a_refusal_that_names_nothing(body: object) -> None:
    assert list(decisions.reason(exchange_of(400), body, SHAPE, ["/dob"], "this"))
    assert not list(decisions.whole_path(exchange_of(400), body, SHAPE, ["/dob"]))


def test_places_in_arrays_do_not_matter() -> None:
    for field in ("artifacts[0].type", "artifacts.type", "/artifacts/0/type", "type"):
        assert not list(decisions.reason(exchange_of(400), refusal(field), SHAPE, ["/artifacts/0/type"], "this"))


def test_either_of_two_members_in_conflict() -> None:
    for field in ("speed", "length"):
        assert not list(decisions.reason(exchange_of(400), refusal(field), SHAPE, ["/speed", "/length"], "this"))


def test_the_whole_path() -> None:
    assert not list(decisions.whole_path(exchange_of(400), refusal("party.person.dob"), SHAPE, ["/party/person/dob"]))
    assert not list(decisions.whole_path(exchange_of(400), refusal("party.person"), SHAPE, ["/party/person/dob"]))
    assert list(decisions.whole_path(exchange_of(400), refusal("dob"), SHAPE, ["/party/person/dob"]))


def test_errors_are_explained() -> None:
    whole = {"error": {"errors": [{"field": "a", "reason": "b", "message": "c"}]}}
    assert not list(decisions.explained(exchange_of(400), whole, SHAPE))
    assert len(list(decisions.explained(exchange_of(400), refusal("a", "b"), SHAPE))) == 4


def test_status() -> None:
    assert not list(decisions.refused(exchange_of(400), [400], "this"))
    assert list(decisions.refused(exchange_of(200), [400], "this"))
    assert list(decisions.refused(exchange_of(422), [400], "this"))


def test_nothing_is_created() -> None:
    assert not list(decisions.created(exchange_of(200)))
    assert not list(decisions.created(exchange_of(400, (("Location", "/form"),))))
    assert list(decisions.created(exchange_of(201)))
    assert list(decisions.created(exchange_of(202)))
    assert list(decisions.created(exchange_of(200, (("Location", "/checks/1"),))))


def test_the_same_again() -> None:
    one, other = {"data": {"outcome": "yes"}}, {"data": {"outcome": "no"}}
    assert not list(decisions.repeated(exchange_of(200), exchange_of(200), SHAPE, (one, one)))
    assert list(decisions.repeated(exchange_of(200), exchange_of(200), SHAPE, (one, other)))
    assert list(decisions.repeated(exchange_of(200), exchange_of(409), SHAPE, (one, None)))


@pytest.mark.parametrize(
    ("day", "shifts", "wanted"),
    [
        ("2026-11-02", "", "2026-11-02"),
        ("2026-11-02", "+1d", "2026-11-03"),
        ("2026-12-31", "+1d", "2027-01-01"),
        ("2026-11-02", "-3y+1d", "2023-11-03"),
        ("2028-02-29", "-3y", "2025-02-28"),
        ("2028-02-29", "-3y+1d", "2025-03-01"),
        ("2028-02-29", "+4y", "2032-02-29"),
        ("2026-01-31", "+1m", "2026-02-28"),
        ("2026-01-31", "-2m", "2025-11-30"),
        ("2026-12-15", "+1m", "2027-01-15"),
    ],
)
def test_dates_counted_from_a_day(day: str, shifts: str, wanted: str) -> None:
    assert shifted(date.fromisoformat(day), shifts).isoformat() == wanted


def test_a_request_is_changed_in_a_copy() -> None:
    given = {"party": {"person": {"dob": "x"}}, "list": [{"type": "A"}]}
    row = {
        "set": {"/party/contact/town": "T", "/list/0/type": "B", "/list/1": {"type": "C"}},
        "remove": ["/party/person/dob"],
    }
    made, pointers = changed(given, row)
    assert made == {"party": {"person": {}, "contact": {"town": "T"}}, "list": [{"type": "B"}, {"type": "C"}]}
    assert given == {"party": {"person": {"dob": "x"}}, "list": [{"type": "A"}]}
    assert pointers == ("/party/contact/town", "/list/0/type", "/list/1", "/party/person/dob")
    assert told("pip", {"remove": ["/a"]}) == "pip with no /a"
