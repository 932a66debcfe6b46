"""Lists asked for one thing: only its records, all of them, nobody else's."""

from __future__ import annotations

from interop_harness.checks import keyed
from interop_harness.checks.values import Value


def listed(**records: object) -> list[tuple[str, Value]]:
    return [(name, Value("x", f"/{name}", body)) for name, body in records.items()]


def test_records_that_say_whose_they_are_say_the_right_thing() -> None:
    records = listed(a={"uprn": "1"}, b={"uprn": "2"}, c={}, d={"uprn": None})
    assert [finding.pointer for finding in keyed.belonging(records, "/uprn", ["1"], "?")] == ["/b/uprn"]
    assert not list(keyed.belonging(records, "/uprn", ["1", "2"], "?"))
    assert keyed.stating(records, "/uprn")
    assert not keyed.stating(listed(c={}), "/uprn")


def test_postcodes_are_the_same_with_and_without_their_space() -> None:
    assert not list(keyed.belonging(listed(a={"postcode": "hm14tq"}), "/postcode", ["HM1 4TQ"], "?"))


def test_things_with_nothing_in_common_share_no_record() -> None:
    assert not list(keyed.apart(listed(a={}, b={}), listed(c={}), "one", "other"))
    assert len(list(keyed.apart(listed(a={}, b={}), listed(b={}, c={}), "one", "other"))) == 1
    assert not list(keyed.apart([("", Value("x", "", {}))], [("", Value("x", "", {}))], "one", "other"))


def test_a_wider_question_brings_all_and_more() -> None:
    narrow, wide = listed(a={}, b={}), dict(listed(a={}, b={}, c={}))
    assert not list(keyed.superset(narrow, wide, "narrow", "wide", "x"))
    assert not list(keyed.more(narrow, wide, "narrow", "wide", "x"))
    assert list(keyed.superset(listed(z={}), wide, "narrow", "wide", "x"))
    assert list(keyed.more(narrow, dict(narrow), "narrow", "wide", "x"))


def test_records_without_a_member() -> None:
    records = listed(a={"uprn": "1"}, b={}, c={"uprn": ""})
    assert [name for name, _ in keyed.lacking(records, "/uprn")] == ["b", "c"]


def test_how_an_unknown_value_was_answered() -> None:
    assert keyed.told("404 application/json", None) == "404 application/json"
    assert keyed.told("", 0) == "an empty list"
    assert keyed.told("", 3) == "a list of 3"


def test_a_number_is_the_same_with_and_without_leading_zeros() -> None:
    assert not list(keyed.belonging(listed(a={"uprn": "000012345678"}), "/uprn", ["12345678"], "?"))
    assert list(keyed.belonging(listed(a={"uprn": "100012345678"}), "/uprn", ["12345678"], "?"))
    assert keyed.same("0", "00")
    assert not keyed.same("0", "")


def test_which_properties_records_say_they_are_at() -> None:
    places = [
        "/sites/12",
        "https://w.example.org/waste/sites/13/?x=1",
        {"@id": "/sites/store"},
        {"uprn": "14"},
        "/streets/15",
    ]
    records = listed(**{f"r{number}": {"location": place} for number, place in enumerate(places)}, none={})
    assert list(keyed.places(records, "/location")) == ["12", "13", "14"]


def test_a_property_is_another_only_where_both_say_so() -> None:
    mine = {"uprn": "1", "parent_uprn": "9"}
    assert keyed.unrelated(mine, {"uprn": "2"}, "2")
    assert keyed.unrelated(mine, {"uprn": "2", "parent_uprn": "8"}, "2")
    for other, name in (
        ({"uprn": "9"}, "9"),
        ({"uprn": "2", "parent_uprn": "1"}, "2"),
        ({"uprn": "2", "parent_uprn": "09"}, "2"),
        ({"uprn": "3"}, "2"),
        ({}, "2"),
        (None, "2"),
        ({"uprn": "1"}, "1"),
    ):
        assert not keyed.unrelated(mine, other, name), other
    assert not keyed.unrelated(None, {"uprn": "2"}, "2")
    assert not keyed.unrelated({}, {"uprn": "2"}, "2")
