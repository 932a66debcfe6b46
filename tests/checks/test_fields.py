"""Members of records: a library whose books are in order passes; each defect is found, at its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from interop_harness.checks import formats
from interop_harness.errors import InternalError

from .library import books, judged, library, outcome, reply, said, uuid

LIST = {"operation": "listBooks"}
BOOK = {"operation": "getBook"}


def stock(**members: Any) -> list[dict[str, Any]]:
    """Books of which the last one is changed: a member given is set, one given as ``...`` is left out."""
    made = copy.deepcopy(books(30))
    for book in made:
        book.update(
            {
                "lender": {"id": uuid(900), "name": "Anna Hill"},
                "loans": [{"id": f"{book['id']}-1", "book_id": book["id"]}, {"id": f"{book['id']}-2"}],
                "first": "2030-01-31",
                "last": "2030-02-01",
                "checked": "2030-06-01",
                "kind": "lent",
                "low": 1,
                "high": 5,
                "shelf": {"id": "s", "rows": [{"shelf_id": "s"}]},
            }
        )
    changed = {**made[-1], **members}
    made[-1] = {name: value for name, value in changed.items() if value is not ...}
    return made


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("required", {"members": ["kind"]}, {"kind": ...}, "no member kind"),
    ("required", {"members": ["kind"]}, {"kind": None}, "null"),
    ("required", {"members": ["lender/name"]}, {"lender": {"id": "x"}}, "/lender"),
    ("required", {"members": ["lender/name"]}, {"lender": ...}, "no member lender"),
    ("required", {"members": ["/loans/*/id"]}, {"loans": [{"id": "1"}, {}]}, "/loans/1"),
    ("populated", {"members": ["kind"]}, {"kind": "   "}, "/kind"),
    ("populated", {"members": ["kind"]}, {"kind": ""}, "/kind"),
    ("populated", {"members": ["kind"]}, {"kind": None}, "/kind"),
    ("no_empty_values", {}, {"note": None}, "/note"),
    ("no_empty_values", {}, {"note": ""}, "/note"),
    ("no_empty_values", {}, {"notes": []}, "an empty array"),
    ("no_empty_values", {}, {"lender": {"id": "x", "more": {"deep": None}}}, "/lender/more/deep"),
    ("no_empty_values", {"optional_only": True}, {"note": None}, "/note"),
    ("identity", {"key": "/lender_id", "nested": "/lender/id"}, {"lender": ...}, "neither"),
    ("identity", {"key": "/lender_id", "nested": "/lender/id"}, {"lender": {"id": " "}}, "neither"),
    (
        "organization_identity",
        {"id": "/lender/id", "members": ["/lender/name"]},
        {"lender": {"id": uuid(900), "name": "Hill, Anna"}},
        "Hill, Anna",
    ),
    (
        "parent_child_ids",
        {"pairs": [{"child": "/loans/*/book_id", "parent": "/id"}]},
        {"loans": [{"id": "1", "book_id": uuid(30)}, {"id": "2", "book_id": uuid(1)}]},
        "/loans/1/book_id",
    ),
    (
        "parent_child_ids",
        {"pairs": [{"child": "/cases/*/rows/*/case_id", "parent": "/cases/*/id"}]},
        {"cases": [{"id": "a", "rows": [{"case_id": "a"}]}, {"id": "b", "rows": [{"case_id": "b"}, {"case_id": "a"}]}]},
        "/cases/1/rows/1/case_id",
    ),
    ("unique_nested_ids", {"members": ["/loans/*/id"]}, {"loans": [{"id": "1"}, {"id": "1"}]}, "/loans/1/id"),
    ("order", {"each": "", "first": "low", "second": "high", "kind": "number"}, {"low": 6}, "/low"),
    ("order", {"first": "first", "second": "last", "kind": "date"}, {"first": "2030-02-02"}, "/first"),
    (
        "order",
        {"each": "/spans/*", "first": "from", "second": "to", "kind": "date-time"},
        {"spans": [{"from": "2030-01-01T10:00:00+01:00", "to": "2030-01-01T08:59:00Z"}]},
        "/spans/0/from",
    ),
    ("range", {"members": ["/low", "/high"], "minimum": 0, "maximum": 130}, {"high": 999}, "999"),
    ("range", {"members": ["/low", "/high"], "minimum": 0, "maximum": 130}, {"low": -1}, "-1"),
    ("depends", {"each": "", "member": "note", "requires": ["author"]}, {"note": "x"}, "without author"),
    ("depends", {"each": "", "member": "note", "requires": ["author"]}, {"note": "x", "author": ""}, "without"),
    ("depends", {"each": "", "member": "low", "above": 1, "requires": ["reason"]}, {"low": 2}, "without reason"),
    ("depends", {"each": "", "member": "kind", "values": {"low": 1}}, {"low": 2}, "low 1"),
    ("one_of", {"member": "/kind", "values": ["lent", "kept"]}, {"kind": "lost"}, "lent, kept"),
    (
        "one_of",
        {"each": "/kinds/*", "member": "/kinds/*/codes/*", "values": ["lent", "kept"]},
        {"kinds": [{"codes": ["own", "lent"]}, {"codes": ["own", "lost"]}]},
        "'own', 'lost'",
    ),
    ("kind", {"member": "/low", "kind": "number"}, {"low": "one"}, "/low"),
    ("recent", {"member": "checked", "days": 92}, {"checked": "2030-03-01"}, "2030-03-01"),
    ("not_future", {"member": "checked", "format": "date"}, {"checked": "2031-01-01"}, "2031-01-01"),
    ("not_future", {"member": "/checked"}, {"checked": "2030-06-17T12:00:00Z"}, "2030-06-17"),
    ("format", {"member": "/checked", "format": "date"}, {"checked": "1/6/2030"}, "YYYY-MM-DD"),
    ("format", {"member": "/checked", "format": "date"}, {"checked": "2030-02-30"}, "YYYY-MM-DD"),
    (
        "format",
        {"member": "/homes/*/code", "format": "uk-postcode", "when": {"country": ["GB"]}},
        {"homes": [{"country": "FR", "code": "75001"}, {"country": "GB", "code": "AB1"}]},
        "/homes/1/code",
    ),
]
POINTS = {"each": "/place", "latitude": "north", "longitude": "east"}
PLACES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**POINTS, "bounds": "world"}, {"place": {"north": 91, "east": 0}}),
    ({**POINTS, "bounds": "world"}, {"place": {"north": 1, "east": -181}}),
    ({**POINTS, "bounds": "uk"}, {"place": {"north": -1.5, "east": 52}}),
    ({**POINTS, "bounds": "uk"}, {"place": {"north": 0, "east": 0}}),
    ({**POINTS, "bounds": [50, 56, -3, 1]}, {"place": {"north": 49, "east": 0}}),
]
CASES += [("coordinates", arguments, members, "/place") for arguments, members in PLACES]


@pytest.mark.parametrize(("family", "arguments", "members", "expected"), CASES)
@pytest.mark.parametrize("where", [LIST, BOOK], ids=["list", "one"])
def test_defect_is_found_where_it_is(family, arguments, members, expected, where):
    result = judged(f"fields.{family}", library(stock(**members), short=False), {**where, **arguments})
    assert outcome(result) == "fail"
    assert expected in said(result)
    if where is LIST:
        assert all(finding.pointer.startswith("/contents/") for finding in result.findings)


@pytest.mark.parametrize(("family", "arguments", "members", "expected"), CASES)
def test_no_defect(family, arguments, members, expected):
    result = judged(f"fields.{family}", library(stock(), short=False), {**BOOK, **arguments})
    assert outcome(result) in {"pass", "not-applicable"}, said(result)


def test_where_one_value_of_the_list_is_enough_others_may_stand_beside_it_in_any_order():
    arguments = {**BOOK, "each": "/kind", "member": "/kind/*", "values": ["lent"]}
    for kinds, word in (
        (["lent", "own"], "pass"),
        (["own", "lent"], "pass"),
        (["own"], "fail"),
        ([], "not-applicable"),
    ):
        assert outcome(judged("fields.one_of", library(stock(kind=kinds), short=False), arguments)) == word, kinds


def test_the_form_of_a_value_that_no_record_has_is_not_applicable():
    for family, arguments in (
        ("format", {"member": "/none", "format": "date"}),
        ("one_of", {"member": "/none", "values": [1]}),
        ("order", {"first": "none", "second": "last", "kind": "date"}),
        ("range", {"members": ["/none"], "minimum": 0}),
        ("depends", {"member": "none", "requires": ["last"]}),
        ("coordinates", {**POINTS, "each": "/none", "bounds": "world"}),
        ("recent", {"member": "none", "days": 3}),
        ("not_future", {"member": "none"}),
        ("parent_child_ids", {"pairs": [{"child": "/none/*/id", "parent": "/id"}]}),
        ("unique_nested_ids", {"members": ["/none/*/id"]}),
        ("organization_identity", {"id": "/none/id", "members": ["/none/name"]}),
    ):
        assert outcome(judged(f"fields.{family}", library(stock()), {**BOOK, **arguments})) == "not-applicable", family


def test_values_of_another_kind_are_left_to_the_schema():
    odd = stock(low="six", high=[], checked=20300601, place={"north": "52", "east": None})
    for family, arguments in (
        ("order", {"first": "low", "second": "high", "kind": "number"}),
        ("range", {"members": ["/low"], "minimum": 10}),
        ("format", {"member": "/checked", "format": "date"}),
        ("coordinates", {**POINTS, "bounds": "world"}),
    ):
        last = [odd[-1]]
        assert outcome(judged(f"fields.{family}", library(last), {**BOOK, **arguments})) in {"pass", "not-applicable"}


def test_empty_values_of_compulsory_members_are_left_to_the_schema():
    empty = stock(name="", notes=[{"text": ""}, None])
    arguments = {**LIST, "optional_only": True}
    assert outcome(judged("fields.no_empty_values", library(empty, short=False), arguments)) == "pass"
    assert outcome(judged("fields.no_empty_values", library(empty, short=False), LIST)) == "fail"
    loose = stock(notes=[{"text": "x", "more": ""}])
    assert "/notes/0/more" in said(judged("fields.no_empty_values", library(loose), {**BOOK, "optional_only": True}))


def test_ids_are_compared_without_regard_to_capitals():
    capitals = stock(loans=[{"id": "1", "book_id": uuid(30).upper()}])
    arguments = {**BOOK, "pairs": [{"child": "/loans/*/book_id", "parent": "/id"}]}
    assert outcome(judged("fields.parent_child_ids", library(capitals), arguments)) == "pass"


def test_coverage_is_recorded():
    result = judged("fields.coverage", library(stock(kind=...)), {**BOOK, "members": ["kind"]}, observe=True)
    assert outcome(result) == "observed"
    assert result.observations == ("kind has a value in 29 of 30 records read.",)


def test_nothing_to_read_is_inconclusive():
    for where in (LIST, BOOK):
        empty = judged("fields.required", library([]), {**where, "members": ["kind"]})
        assert outcome(empty) == "inconclusive"
    broken = library(answer=lambda request: reply({}, 500) if request.path.startswith("/books/") else None)
    result = judged("fields.required", broken, {**BOOK, "members": ["kind"]})
    assert outcome(result) == "inconclusive"
    assert result.blocked_by


def test_other_classes_do_not_count():
    result = judged("fields.required", library(), {"operation": "listShelves", "members": ["kind"]})
    assert outcome(result) == "not-applicable"


GOOD = {
    "date": ["2030-12-31", "2028-02-29"],
    "time": ["09:00", "09:00:00", "09:00Z", "09:00:00+01:00", "23:59:59.5-0500", "24:00"],
    "time-zoned": ["09:00Z", "09:00+01:00"],
    "date-time": ["2030-12-31T09:00:00Z", "2030-12-31T09:00:00.123+01:00", "2030-12-31T09:00:00"],
    "date-time-milliseconds": ["2030-12-31T09:00:00.123Z", "2030-12-31T09:00:00.123456+01:00"],
    "uri": ["https://example.org/", "http://example.org:8080/a?b=c#d", "urn:isbn:123", "https://exämple.org/"],
    "uuid": ["0f8fad5b-d9cb-469f-a165-70867728950e"],
    "email": ["a.b@example.org"],
    "uk-postcode": ["SW1A 1AA", "M1 1AE", "b338th", "GIR 0AA"],
    "country-code": ["GB", "FR", "UK"],
    "ical-byday": ["MO", "MO,TU", "mo, tu", "2MO,-1FR"],
    "ical-bymonthday": ["1", "1,15,-1", "31"],
    "geojson": [
        '{"type": "Point", "coordinates": [0, 51]}',
        '{"type": "Feature", "geometry": null, "properties": {}}',
        '{"type": "FeatureCollection", "features": []}',
        '{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0, 51]}]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}',
    ],
    "nhs-number": ["9912003888", "9990001006"],
    "org-id-scheme": ["GB-COH", "XM-DAC", "CA-CRA_ACR"],
}
BAD = {
    "date": ["2030-1-5", "31/12/2030", "2030-02-30", "2030-12-31T00:00:00Z", "20301231", "2030-12-31\n"],
    "time": ["9am", "9:00", "25:00", "09:60", "09.00", "09:00 ", "09:00+25:00"],
    "time-zoned": ["09:00", "09:00:00", "9am"],
    "date-time": ["2030-12-31", "31/12/2030 09:00", "2030-02-30T09:00:00Z"],
    "date-time-milliseconds": ["2030-12-31T09:00:00Z", "2030-12-31T09:00:00.1Z", "2030-12-31"],
    "uri": ["www.example.org", "/logo.png", "https://", "https://exa mple.org/", "http:logo", "", "https://[bad"],
    "uuid": ["123", "0f8fad5b-d9cb-469f-a165-70867728950"],
    "email": ["nobody", "a@@b", "a b@example.org"],
    "uk-postcode": ["SW1A", "12345", "SW1A-1AA", "SW1A  1AA", "SW1A 1CC"],
    "country-code": ["England", "gb", "EN", "GBR", ""],
    "ical-byday": ["Monday", "MO TU", "MO,", "54MO", "0MO", "MO;TU"],
    "ical-bymonthday": ["0", "32", "-32", "first", "1,,2", ""],
    "geojson": [
        "POLYGON((0 0))",
        "[]",
        '{"type": "Point"}',
        '{"type": "Point", "coordinates": ["0", "1"]}',
        "[" * 99999,
    ],
    "nhs-number": ["9912003887", "9912003814", "4123456879", "991200388", "991 200 3888", "", "٩٩١٢٠٠٣٨٨٨"],
    "org-id-scheme": ["Charity Commission", "gb-coh", "COH"],
}


@pytest.mark.parametrize("name", sorted(formats.FORMATS))
def test_formats(name):
    _, right = formats.known(name)
    for text in GOOD[name]:
        assert right(text, {}), text
    for text in BAD[name]:
        assert not right(text, {}), text


def test_numbered_days_belong_to_monthly_rules():
    _, right = formats.known("ical-byday")
    assert right("2MO", {"freq": "MONTHLY"})
    assert not right("2MO", {"freq": "WEEKLY"})
    assert right("MO", {"freq": "WEEKLY"})


def test_unknown_words_are_our_own_mistake():
    with pytest.raises(InternalError):
        formats.known("roman-numerals")
    for family, arguments in (
        ("format", {"member": "/kind", "format": "roman-numerals"}),
        ("order", {"first": "low", "second": "high", "kind": "colour"}),
    ):
        assert outcome(judged(f"fields.{family}", library(stock()), {**BOOK, **arguments})).startswith("error")
