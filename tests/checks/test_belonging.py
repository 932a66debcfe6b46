"""Whose a record is, and what a value that is asked for brings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from interop_harness.checks import belonging, spans
from interop_harness.checks.persons import Person
from interop_harness.checks.values import Value
from interop_harness.errors import InternalError


def value(body: Any, pointer: str = "/entry/0/resource") -> Value:
    return Value("x", pointer, body)


@pytest.mark.parametrize(
    ("reference", "whose"),
    [
        ("Patient/7", "7"),
        ("https://host.example/fhir/Patient/7", "7"),
        ("Patient/7/_history/3", "7"),
        ("Patient/7#part", "7"),
        ("RelatedPerson/7", ""),
        ("XPatient/7", ""),
        ("7", ""),
        ("urn:uuid:7", ""),
        (None, ""),
        (["Patient/7"], ""),
    ],
)
def test_a_reference_names_one_subject_of_one_kind(reference: Any, whose: str) -> None:
    assert belonging.subject(reference, "Patient") == whose


def test_an_account_has_no_kind() -> None:
    assert belonging.subject("77", "") == belonging.subject(77, "") == "77"


def test_every_record_says_that_it_is_the_subjects() -> None:
    member = "/patient/reference"
    mine, other, nobody = ({"patient": {"reference": text}} for text in ("Patient/7", "Patient/8", ""))
    assert not list(belonging.belongs([value(mine)], member, "Patient", "7", "?"))
    found = list(belonging.belongs([value(mine), value(other), value(nobody), value({})], member, "Patient", "7", "?"))
    assert [finding.observed for finding in found] == ["'Patient/8'", f"nothing at {member}", f"nothing at {member}"]
    assert len(list(belonging.belongs([value({})] * 50, member, "Patient", "7", "?"))) == belonging.SHOWN


NHS, LOCAL = "https://fhir.nhs.uk/Id/nhs-number", "urn:local"
CARRIED = [{"system": NHS, "value": "9990001006"}, {"system": LOCAL, "value": "L-1"}]
KNOWN = Person.of("Patient", [(LOCAL, "L-1"), (LOCAL, "L-0")], [Value("p", "", {"identifier": CARRIED})])


def identified(number: str, system: str = NHS, **more: Any) -> dict[str, Any]:
    return {"patient": {"identifier": {"system": system, "value": number, **more}}}


def contained(*identifiers: dict[str, str], kind: str = "Patient", name: str = "Pat1") -> dict[str, Any]:
    inside = {"resourceType": kind, "id": "Pat1", "identifier": list(identifiers)}
    return {"contained": [inside], "patient": {"reference": f"#{name}"}}


@pytest.mark.parametrize(
    ("record", "found", "untold"),
    [
        (identified("9990001006"), 0, 0),
        (identified("999 000 1006"), 0, 0),
        (identified("L-0", LOCAL), 0, 0),  # stated in the target file, and not in the person's own record
        (identified("9990001197"), 1, 0),
        (identified("L-2", LOCAL), 1, 0),
        (identified("L-2", LOCAL, use="old"), 0, 1),
        (identified("L-1", "urn:elsewhere"), 0, 1),
        ({"patient": {"identifier": {"value": "9990001006"}}}, 0, 1),
        ({"patient": {"type": "Patient", "identifier": CARRIED[0]}}, 0, 0),
        ({"patient": {"type": "Group", "identifier": CARRIED[0]}}, 1, 0),
        ({"patient": {"display": "R. Larkfield"}}, 1, 0),
        ({"patient": {"reference": "Patient/8", "identifier": CARRIED[0]}}, 1, 0),
        ({"patient": {"reference": "Patient/7"}}, 0, 0),
        (contained(*CARRIED), 0, 0),
        (contained(CARRIED[0]), 0, 0),
        (contained({"system": NHS, "value": "9990001197"}), 1, 0),
        (contained(), 0, 1),
        (contained({"system": "urn:elsewhere", "value": "1"}), 0, 1),
        (contained(CARRIED[0], kind="RelatedPerson"), 1, 0),
        (contained(CARRIED[0], name="Pat2"), 1, 0),
        ({}, 1, 0),
    ],
)
def test_a_reference_without_an_address_is_judged_by_its_identifier(
    record: dict[str, Any], found: int, untold: int
) -> None:
    """R4 references.html: contained and logical references say whose a record is, too."""
    member, records = "/patient/reference", [value(record)]
    assert len(list(belonging.belongs(records, member, "Patient", "7", "?", KNOWN))) == found
    assert len(belonging.untold(records, member, KNOWN)) == untold


def test_without_the_persons_own_record_no_other_number_is_held_to_be_anothers() -> None:
    person = Person.of("Patient", [(LOCAL, "L-1")], [])
    records = [value(identified("L-2", LOCAL)), value(identified("9990001197"))]
    assert not list(belonging.belongs(records, "/patient/reference", "Patient", "7", "?", person))
    assert belonging.untold(records, "/patient/reference", person) == records


def test_values_must_stand_together_and_to_the_letter() -> None:
    wanted = {"/system": "urn:a", "/value": "1"}

    def wrong(*identifiers: dict[str, str]) -> bool:
        return bool(list(belonging.carries([value({"identifier": list(identifiers)})], "/identifier/*", wanted, "?")))

    assert not wrong({"system": "urn:a", "value": "1"})
    assert not wrong({"system": "urn:b", "value": "1"}, {"system": "urn:a", "value": "1"})
    assert wrong({"system": "urn:b", "value": "1"})
    assert wrong({"system": "urn:a", "value": "2"}, {"system": "urn:b", "value": "1"})
    assert wrong({"system": "urn:a", "value": "1 "})
    assert wrong({"system": "URN:A", "value": "1"})
    assert wrong({"value": "1"})
    assert wrong()


def question(**stated: Any) -> belonging.Question:
    return belonging.Question.of({"parameter": "p", **stated})


def test_a_rule_that_does_not_exist_is_our_own_mistake() -> None:
    with pytest.raises(InternalError):
        question(**{"from": "/a", "match": "sounds-like"})


NAME = ["/name/*/given/*", "/name/*/family"]


def test_letters_within_a_name_begin_no_known_name() -> None:
    by = question(**{"from": NAME, "match": "word-begins", "ask": ["/name/*/family"]})

    def piece(*families: str) -> str:
        return belonging.inner(
            by, [value({"name": [{"family": family, "given": ["Rowan"]}]}) for family in families], str
        )

    assert piece("Larkfield") == "ark" and piece("Larkfield", "O'Arkwright") == "rkw"
    assert piece("Larkfield", "Arkwright") == "rkw"
    assert piece("Trowan") == ""  # the given name begins so
    assert piece("Siân") == piece("Lee") == ""
    assert piece("Lárkfield") == ""


def test_parts_of_a_name_are_divided_by_whatever_is_no_letter() -> None:
    by = question(**{"from": NAME, "match": "word-begins", "cut": 3})
    for family in ("O\u2019Brannigan", "Mc.Brannigan", "Larkfield/Brannigan", "van Brannigan"):
        assert not by.wrong(value({"name": [{"family": family}]}), "Bra")
    assert by.wrong(value({"name": [{"family": "Obrannigan"}]}), "Bra")


def test_a_value_is_shortened_to_one_that_nobody_is_known_to_have() -> None:
    assert belonging.shortened("NM-104117", ["NM-104117"]) == "NM-10411"
    assert belonging.shortened("NM-104117", ["NM-104117", "NM-10411"]) == ""
    assert belonging.shortened("7", []) == ""


@pytest.mark.parametrize(
    ("stated", "record", "asked", "right", "wrong"),
    [
        ({"from": "/sex"}, {"sex": "female"}, "female", {"sex": "female"}, {"sex": "male"}),
        ({"from": "/n", "match": "begins", "cut": 3}, {"n": "Siân"}, "Siâ", {"n": "SIAN"}, {"n": "Asian"}),
        (
            {"from": NAME, "match": "word-begins", "cut": 3},
            {"name": [{"family": "Ox", "given": ["Rowan"]}]},
            "Row",
            {"name": [{"family": "Moss-Rowley"}]},
            {"name": [{"family": "Crowe", "given": ["Tom"]}]},
        ),
        ({"from": "/d", "match": "date"}, {"d": "2020-02-29"}, "2020-02-29", {"d": "2020-02"}, {"d": "2020-03-01"}),
        (
            {"from": "/d", "match": "date", "cut": 7},
            {"d": "2020-02-29"},
            "2020-02",
            {"d": "2020-02-01"},
            {"d": "2020-03-02"},
        ),
        (
            {"from": "/d", "match": "date", "prefix": "ge"},
            {"d": "2020-03-30"},
            "ge2020-02-29",
            {"d": {"start": "2001"}},
            {"d": "2020-01-01"},
        ),
        (
            {"from": ["/d", "/e"], "match": "date", "prefix": "le"},
            {"e": "2020-03-30T12:00:00Z"},
            "le2020-04-29",
            {"e": {"end": "2031"}},
            {"d": {"start": "2020-05-01", "end": "2020-05-09"}},
        ),
    ],
)
def test_records_are_asked_for_by_their_own_values(
    stated: dict[str, Any], record: Any, asked: str, right: Any, wrong: Any
) -> None:
    made = question(**stated)
    assert made.asked(value(record)) == asked
    assert not made.wrong(value(record), asked)
    assert not made.wrong(value(right), asked)
    assert made.wrong(value(wrong), asked)
    assert not made.wrong(value({}), asked), "a record that says nothing is not known to be wrong"


@pytest.mark.parametrize("record", [{}, {"d": ""}, {"d": "2020-02-29T23:30:00Z"}, {"d": {"start": "2020"}}, {"d": 7}])
def test_what_might_not_be_found_is_not_asked_for(record: Any) -> None:
    assert question(**{"from": "/d", "match": "date"}).asked(value(record)) == ""


def test_a_value_with_a_comma_is_two_values_in_a_query() -> None:
    assert question(**{"from": "/n"}).asked(value({"n": "a,b"})) == ""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2024-03-01T00:30:00Z", date(2024, 2, 29), date(2024, 3, 2)),
        ({"start": "2024-01", "end": "2024-02"}, date(2024, 1, 1), date(2024, 2, 29)),
        ({"start": "2024-01"}, date(2024, 1, 1), date.max),
        ({"end": "2024-01"}, date.min, date(2024, 1, 31)),
    ],
)
def test_the_days_that_a_date_may_mean(text: Any, first: date, last: date) -> None:
    assert spans.span(text) == (first, last)


@pytest.mark.parametrize("text", ["", "2023-13", "2023-02-30", "soon", None, 7, {}, [], "0000", "2023-1"])
def test_what_is_no_date_has_no_days(text: Any) -> None:
    assert spans.span(text) is None


def test_strangers_are_named_a_few_times() -> None:
    made = question(**{"from": "/sex"})
    records = [(str(n), value({"sex": "male" if n % 2 else "female"})) for n in range(40)]
    found = list(belonging.strangers([(made, "female")], records, "sex=female"))
    assert len(found) == belonging.SHOWN
    assert "record 1" in found[0].observed


def test_only_values_that_the_guide_names_are_asked_for() -> None:
    coded = value({"kind": [{"code": "5561"}, {"code": "active"}]})
    assert question(**{"from": "/kind/*/code"}).asked(coded) == "5561"
    assert question(**{"from": "/kind/*/code", "among": ["active"]}).asked(coded) == "active"
    assert question(**{"from": "/kind/*/code", "among": ["resolved"]}).asked(coded) == ""
    assert not question(**{"from": "/kind/*/code", "among": ["active"]}).wrong(coded, "active")


def test_of_several_values_the_last_of_the_first_list_can_be_asked_for() -> None:
    named = value({"name": [{"given": ["Rowan", "Sian"]}, {"given": ["Former"]}]})
    stated = {"from": "/name/*/given/*", "match": "begins", "cut": 3}
    assert question(**stated).asked(named) == "Row"
    assert question(**stated, last=True).asked(named) == "Sia"
    assert question(**stated, last=True).asked(value({"name": [{"given": ["Rowan"]}]})) == "Row"
    assert question(**stated, last=True).asked(value({"name": []})) == ""


def test_of_several_values_only_the_first_may_be_asked_for() -> None:
    stated = {"from": ["/given/*", "/family", "/prefix/*"], "ask": ["/given/*", "/family"], "firsts": True, "cut": 3}
    asked = question(**stated, match="word-begins").asked
    assert asked(value({"given": ["Rowan", "Sian"], "family": "Moss"})) == "Row"
    assert asked(value({"given": ["Jo", "Sian"], "family": "Moss"})) == "Mos"
    assert asked(value({"given": ["Jo", "Sian"], "family": "Ng", "prefix": ["Mrs"]})) == ""
    assert not question(**stated, match="word-begins").wrong(value({"prefix": ["Rowan"]}), "Row"), "it may match all"


def test_every_record_has_a_member_or_the_reason_why_not() -> None:
    def lacking(record: Any, member: str) -> list[str]:
        return [finding.pointer for finding in belonging.present([value(record)], member)]

    assert not lacking({"gender": "other"}, "/gender")
    assert not lacking({"_gender": {"extension": [{"valueCode": "masked"}]}}, "/gender")
    assert len(lacking({}, "/gender")) == len(lacking({"_gender": {}}, "/gender")) == 1
    assert len(lacking({"ids": [{"value": "1"}, {"system": "urn:a"}]}, "/ids/*/system")) == 1
    assert not lacking({"ids": []}, "/ids/*/system"), "that there are some is another member's rule"


def test_what_is_read_by_its_id_is_compared_by_whatever_says_whose_it_is() -> None:
    mine, another = {"system": "s", "value": "1"}, {"system": "s", "value": "2"}
    person = Person.of("Patient", [("s", "1")], [Value("p", "", {"identifier": [mine]})])

    def record(holder: object) -> Value:
        return Value("x", "", {"subject": holder})

    def kept(shown: object, read: object) -> bool:
        return not list(belonging.kept(record(shown), record(read), "/subject/reference", person, "7", "8"))

    by_number, address, other = {"identifier": mine}, {"reference": "Patient/7"}, {"reference": "Patient/8"}
    assert not kept(by_number, {"identifier": another}) and not kept(address, {"identifier": another})
    assert not kept(by_number, other)
    assert kept(by_number, address) and kept(address, by_number) and kept(by_number, {"reference": "Patient/9"})
    assert kept(by_number, {"identifier": {"system": "t", "value": "2"}}) and not kept(by_number, {"display": "M"})
    assert kept({"identifier": another}, other) and kept({"display": "M"}, other)
    assert kept(address, other)  # two addresses are compared elsewhere


def test_an_id_that_is_cut_short_brings_nothing_of_the_one_it_was_cut_from() -> None:
    records = [Value("x", "", {"subject": {"reference": f"Patient/{name}"}}) for name in ("p-1", "p-10")]
    (found,) = belonging.cut(records, "/subject/reference", "Patient", "p-10", "/R?patient=p-1")
    assert "Patient/p-10" in found.observed
    assert not list(belonging.cut(records[:1], "/subject/reference", "Patient", "p-10", "/R?patient=p-1"))
