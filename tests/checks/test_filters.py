"""Filters: a library that filters rightly passes, one that does not is caught by the rule that it breaks."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from interop_harness.checks import geographic
from interop_harness.checks.filters import Filter, Known, choose, telling, tight
from interop_harness.checks.values import Value
from interop_harness.errors import InternalError

from .library import (
    AROUND,
    COPIES,
    DAY,
    FILTERS,
    OPENS,
    SEARCH,
    TERM,
    TERMS,
    ancestors,
    books,
    judged,
    library,
    minutes,
    near,
    opening,
    outcome,
    reply,
    said,
)

BOOKS = {"operation": "listBooks"}
SEARCHED = {**BOOKS, "parameter": "search", **SEARCH}
TERMED = {**BOOKS, "parameter": "term", **TERM}
COPIED = {**BOOKS, "parameter": "copies", **COPIES}
OPENED = {**BOOKS, "parameter": "opens", **OPENS}
DAYED = {**BOOKS, "parameter": "day", **DAY}
NOTHING = {"impossible": "qzxvkj"}


def nobody(book: Any, value: str) -> bool:
    return False


# --- beyond ------------------------------------------------------------------------------------------------

EARLIER = {**OPENED, "match": "at-most"}


@pytest.mark.parametrize("arguments", [OPENED, COPIED])
def test_what_lies_beyond_the_value_comes_back(arguments):
    assert outcome(judged("filters.beyond", library(), arguments)) == "pass"
    equal = {
        "opens": lambda book, value: minutes(value) in opening(book),
        "copies": lambda book, value: book.get("copies") == float(value),
    }
    result = judged("filters.beyond", library(filters=equal), arguments)
    assert outcome(result) == "fail" and "lies beyond that value" in said(result)


def test_what_lies_before_the_value_comes_back():
    before = {"opens": lambda book, value: any(opens <= minutes(value) for opens in opening(book))}
    assert outcome(judged("filters.beyond", library(filters=before), EARLIER)) == "pass"
    assert outcome(judged("filters.beyond", library(), EARLIER)) == "fail"


def test_an_hour_either_way_is_the_zone_and_no_fault():
    """Whether 09:30 in summer is 08:30 or 09:30 is left open: only what lies farther apart tells."""
    stock = [{**book, "hours": [{"opens": f"{9 + n % 2:02}:00Z", "days": "MO"}]} for n, book in enumerate(books(12))]
    equal = {"opens": lambda book, value: minutes(value) in opening(book)}
    assert outcome(judged("filters.beyond", library(stock, filters=equal), OPENED)) == "inconclusive"
    assert "nothing lies beyond" in judged("filters.beyond", library(), {**COPIED, "match": "exact"}).reason


# --- witness -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [SEARCHED, TERMED, COPIED, OPENED, DAYED])
def test_witness_comes_back(arguments):
    assert outcome(judged("filters.witness", library(), arguments)) == "pass"


@pytest.mark.parametrize(
    ("arguments", "broken"),
    [
        (SEARCHED, nobody),
        (SEARCHED, lambda book, value: value not in book["name"]),
        (SEARCHED, lambda book, value: value in book.get("description", "")),
        (TERMED, lambda book, value: value in {tag["term"].get("parent_id") for tag in book.get("tags", ())}),
        (COPIED, lambda book, value: book.get("copies", -1) > float(value)),
        (OPENED, lambda book, value: any(opens > minutes(value) for opens in opening(book))),
        (DAYED, lambda book, value: any(value == each["days"][:1] for each in book.get("hours", ()))),
    ],
)
def test_witness_stays_away(arguments, broken):
    result = judged("filters.witness", library(filters={arguments["parameter"]: broken}), arguments)
    assert outcome(result) == "fail"
    assert f"{arguments['parameter']}=" in said(result)


def test_refused_filter_is_a_missing_witness_and_an_overloaded_server_is_not():
    refused, busy = (
        library(answer=lambda request, status=status: reply({}, status) if "search" in dict(request.query) else None)
        for status in (400, 503)
    )
    assert outcome(judged("filters.witness", refused, SEARCHED)) == "fail"
    assert outcome(judged("filters.witness", busy, SEARCHED)) == "inconclusive"
    lost = judged("filters.witness", library(), SEARCHED, lost=lambda request: "search=" in request.target)
    assert outcome(lost) == "inconclusive"
    assert "no answer in time" in lost.reason


def test_without_a_value_to_ask_for_nothing_can_be_told():
    bare = [{"id": book["id"], "name": book["name"]} for book in books()]
    for arguments in (COPIED, TERMED):
        result = judged("filters.witness", library(bare), arguments)
        assert outcome(result) == "inconclusive"
        assert arguments["from"] in result.reason


def test_witness_is_looked_for_on_every_page():
    ignored = library(books(95), filters={"search": None})
    assert outcome(judged("filters.witness", ignored, SEARCHED)) == "pass"


def test_witness_lost_between_pages_is_not_held_against_the_filter():
    def twice(shown, number):
        return [*shown[:1], *shown[:-1]]

    result = judged("filters.witness", library(window=twice, filters={"copies": None}), COPIED)
    assert outcome(result) in {"pass", "inconclusive"}
    assert not result.findings
    withheld = judged("filters.witness", library(window=lambda shown, number: shown[1:2], short=False), TERMED)
    assert not withheld.findings


def test_witness_removed_during_the_run_is_not_held_against_the_filter():
    asked: Counter[str] = Counter()

    def vanish(request):
        asked[request.path] += 1
        removed = request.path.startswith("/books/") and asked[request.path] > 1
        return reply({}, 404) if removed else None

    result = judged("filters.witness", library(filters={"term": nobody}, answer=vanish), TERMED)
    assert outcome(result) == "inconclusive"
    assert "removed" in result.reason


def test_details_serve_where_the_list_lacks_the_member():
    arguments = {**BOOKS, "parameter": "term", "from": "/tags/*/term/id", "detail": None, "match": "exact"}
    assert outcome(judged("filters.witness", library(), arguments)) == "pass"
    assert outcome(judged("filters.witness", library(filters={"term": nobody}), arguments)) == "fail"


def test_longest_word_of_a_text():
    stock = [{**book, "text": "An old and venerable book."} for book in books()]
    arguments = {**BOOKS, "parameter": "search", "from": "/text", "match": "contains", "transform": "longest-word"}
    found = library(stock, filters={"search": lambda book, value: value == "venerable"}, short=False)
    assert outcome(judged("filters.witness", found, arguments)) == "pass"
    assert outcome(judged("filters.witness", library(stock, short=False), arguments)) == "fail"


# --- excludes ----------------------------------------------------------------------------------------------


def test_impossible_value_returns_nothing():
    arguments = {**BOOKS, "parameter": "search", **NOTHING}
    assert outcome(judged("filters.excludes", library(), arguments)) == "pass"
    ignored = judged("filters.excludes", library(filters={"search": None}), arguments)
    assert outcome(ignored) == "fail"
    assert "search=qzxvkj" in said(ignored)
    prefix = library(filters={"search": lambda book, value: value[:1] in book["name"] or value[:1] == "q"})
    assert outcome(judged("filters.excludes", prefix, arguments)) == "fail"
    refusing = library(answer=lambda request: reply({}, 400) if "search" in dict(request.query) else None)
    assert outcome(judged("filters.excludes", refusing, arguments)) == "inconclusive"


@pytest.mark.parametrize("arguments", [{**TERMED, **NOTHING}, COPIED, OPENED, DAYED, {**COPIED, "match": "one-side"}])
def test_only_what_matches_comes_back(arguments):
    assert outcome(judged("filters.excludes", library(), arguments)) == "pass"


@pytest.mark.parametrize(
    ("arguments", "broken"),
    [
        (TERMED, None),
        (TERMED, lambda book, value: any(tag["term"]["id"][:4] == value[:4] for tag in book.get("tags", ()))),
        (TERMED, lambda book, value: not FILTERS["term"](book, value)),
        (COPIED, None),
        (COPIED, lambda book, value: book.get("copies", 99) <= float(value)),
        (COPIED, lambda book, value: len(book["name"]) >= 1),
        ({**COPIED, "match": "at-most"}, lambda book, value: book.get("copies", -1) >= float(value)),
        ({**COPIED, "match": "one-side"}, None),
        (OPENED, None),
        (OPENED, lambda book, value: any(opens <= minutes(value) for opens in opening(book))),
        (DAYED, None),
        (DAYED, lambda book, value: any(value[0] == day[0] for each in book.get("hours", ()) for day in each["days"])),
        (DAYED, lambda book, value: not FILTERS["day"](book, value)),
    ],
)
def test_what_does_not_match_is_found(arguments, broken):
    result = judged("filters.excludes", library(filters={arguments["parameter"]: broken}), arguments)
    assert outcome(result) == "fail"
    assert f"{arguments['parameter']}=" in said(result)


def test_either_side_of_an_age_passes_one_side():
    arguments = {**COPIED, "match": "one-side"}
    other = library(filters={"copies": lambda book, value: book.get("copies", 99) <= float(value)})
    assert outcome(judged("filters.excludes", other, arguments)) == "pass"


def test_narrower_terms_are_let_pass_only_where_the_row_says_so():
    wide = library(filters={"term": lambda book, value: value in ancestors(book)})
    arguments = {**TERMED, "also": ["/tags/*/term/parent_id"]}
    assert outcome(judged("filters.excludes", wide, arguments)) == "pass"
    assert outcome(judged("filters.excludes", library(filters={"term": None}), arguments)) == "fail"


def test_an_answer_with_nothing_to_judge_is_inconclusive():
    result = judged("filters.excludes", library(filters={"copies": nobody}), COPIED)
    assert outcome(result) == "inconclusive"
    alike = [{**book, "copies": 3} for book in books()]
    assert outcome(judged("filters.excludes", library(alike), COPIED)) == "inconclusive"


def test_a_record_without_the_value_is_judged_only_where_the_row_says_so():
    everything = [book for book in books() if "tags" in book and book["tags"][0]["term"]["id"] == "term-1"]
    untagged = [book for book in books() if "tags" not in book]
    lax = {key: value for key, value in TERMED.items() if key != "absent"}
    both = library([*everything, *untagged], filters={"term": None})
    assert outcome(judged("filters.excludes", both, TERMED)) == "fail"
    assert outcome(judged("filters.excludes", both, lax)) == "inconclusive"


def test_returned_records_that_were_never_read_are_looked_up():
    stock = books(400)
    for number, book in enumerate(stock):
        book["tags"] = [{"term": {"id": "rare" if number % 2 else "common"}}]
    result = judged("filters.excludes", library(stock, filters={"term": None}), TERMED)
    assert outcome(result) == "fail"


# --- the other rules ---------------------------------------------------------------------------------------


def test_no_match_is_an_empty_list():
    arguments = {**BOOKS, "parameter": "search", **NOTHING}
    assert outcome(judged("filters.no_match", library(), arguments)) == "pass"
    assert outcome(judged("filters.no_match", library(filters={"search": None}), arguments)) == "fail"
    for status, expected in ((404, "fail"), (500, "fail"), (503, "inconclusive")):
        other = library(answer=lambda request, s=status: reply({}, s) if "search" in dict(request.query) else None)
        assert outcome(judged("filters.no_match", other, arguments)) == expected


PAIR = {**BOOKS, "parameters": ["term", "search"]}
RANGE = {**BOOKS, "parameters": ["copies", "term"]}


@pytest.mark.parametrize("arguments", [PAIR, RANGE])
def test_two_filters_narrow(arguments):
    assert outcome(judged("filters.combined", library(), arguments)) == "pass"


@pytest.mark.parametrize("arguments", [PAIR, RANGE])
@pytest.mark.parametrize(
    "combine",
    [any, lambda tests: next(iter(tests)), lambda tests: list(tests)[-1], lambda tests: len(list(tests)) == 1],
    ids=["either", "first", "last", "none"],
)
def test_two_filters_that_do_not_narrow(arguments, combine):
    def forgetful(tests):
        found = list(tests)
        return combine(found) if len(found) > 1 else all(found)

    result = judged("filters.combined", library(combine=forgetful), arguments)
    assert outcome(result) == "fail"
    assert "term=" in said(result)


@pytest.mark.parametrize("arguments", [PAIR, RANGE])
@pytest.mark.parametrize("dropped", [0, 1])
def test_one_pair_of_values_is_enough_to_tell_which_filter_is_dropped(arguments, dropped):
    def forgetful(tests):
        found = list(tests)
        return found[1 - dropped] if len(found) > 1 else all(found)

    asked = {**arguments, "pairs": 1}
    few = judged("filters.combined", library(), asked)
    assert outcome(few) == "pass"
    assert len(few.exchanges) < len(judged("filters.combined", library(), arguments).exchanges)
    assert outcome(judged("filters.combined", library(combine=forgetful), asked)) == "fail"


def test_where_one_filter_always_returns_what_the_other_does_the_pair_is_asked_all_the_same():
    every = [{**book, "tags": [{"term": {"id": "term-1"}}]} for book in books()]
    asked = {**PAIR, "pairs": 1}
    assert outcome(judged("filters.combined", library(every), asked)) == "pass"
    found = judged("filters.combined", library(every, combine=any), asked)
    assert outcome(found) == "fail", "either is enough"


def test_two_filters_refused_together():
    def refuse(request):
        return reply({}, 400) if {"term", "search"} <= set(dict(request.query)) else None

    assert outcome(judged("filters.combined", library(answer=refuse), PAIR)) == "fail"
    assert outcome(judged("filters.combined", library(filters={"term": None, "search": None}), PAIR)) == "inconclusive"


KEPT = {**BOOKS, "parameters": ["search", "term"], "size": 2}


def test_filter_is_kept_across_pages():
    assert outcome(judged("filters.kept_across_pages", library(), KEPT)) == "pass"
    result = judged("filters.kept_across_pages", library(forget=True), KEPT)
    assert outcome(result) == "fail"
    assert "on page 2" in said(result)
    few = [book for book in books(8) if book.pop("tags", None) or True]
    assert outcome(judged("filters.kept_across_pages", library(few), KEPT)) == "inconclusive"


def changed(change, when=lambda query: bool({"search", "term"} & set(query)), **more):
    """The library with the numbers of some pages of its list changed."""
    plain = library(**more)

    def answer(request):
        came = plain(request)
        if request.path != "/books" or not when(dict(request.query)):
            return None
        page = json.loads(came.body)
        change(page)
        return reply(page, came.status)

    return library(answer=answer)


COUNTED = {**BOOKS, "parameters": ["search", "term"]}


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.update(total_items=60),
        lambda page: page.update(total_items=60, total_pages=6),
        lambda page: page.update(total_pages=6),
        lambda page: page.update(total_items=page["total_items"] - 1),
    ],
)
def test_a_filtered_list_counts_what_the_filter_leaves(change):
    assert outcome(judged("filters.counted", library(), COUNTED)) == "pass"
    assert outcome(judged("filters.counted", changed(change), COUNTED)) == "fail"


def test_a_list_that_counts_wrongly_without_a_filter_says_nothing_about_filters():
    everywhere = changed(lambda page: page.update(total_items=page["total_items"] + 1), when=lambda query: True)
    assert outcome(judged("filters.counted", everywhere, COUNTED)) == "inconclusive"


def test_a_filtered_list_that_changes_meanwhile_is_not_counted():
    turns = iter(range(1, 10_000))
    restless = changed(lambda page: page.update(total_items=page["total_items"] + next(turns)))
    assert outcome(judged("filters.counted", restless, COUNTED)) == "inconclusive"


def test_filtered_records_on_page_two_are_compared_where_totals_stay():
    stock = books()

    def swap(shown, number):
        return [stock[-1], stock[-8]] if number == 2 and len(shown) == 2 else shown

    result = judged("filters.kept_across_pages", library(stock, window=swap), KEPT)
    assert outcome(result) == "fail"


def test_records_on_page_two_are_compared_with_the_whole_result():
    alike = [{**book, "name": book["name"][:-3]} for book in books()]
    arguments = {**KEPT, "parameters": ["search"]}
    assert outcome(judged("filters.kept_across_pages", library(alike), arguments)) == "pass"

    def swap(shown, number):
        return alike[:2] + alike[-2:] if number == 2 and len(shown) == 2 else shown

    result = judged("filters.kept_across_pages", library(alike, window=swap), arguments)
    assert outcome(result) == "fail"
    assert "not one of them" in said(result)


def test_ways_of_writing_a_value():
    arguments = {**SEARCHED, "variants": ["upper", "lower"]}
    alike = judged("filters.variant", library(), arguments, observe=True)
    assert outcome(alike) == "observed"
    assert "returns the same" in alike.observations[0]
    exact = library(filters={"search": lambda book, value: value in book["name"]})
    differs = judged("filters.variant", exact, arguments, observe=True)
    assert "0 record(s)" in differs.observations[0]
    assert outcome(judged("filters.variant", exact, arguments)) == "fail"
    assert "no such" in judged("filters.variant", exact, {**SEARCHED, "match": "near"}).reason
    assert outcome(judged("filters.variant", library(), {**SEARCHED, "variants": ["sideways"]})).startswith("error")


def test_unknown_parameter():
    arguments = {**BOOKS, "name": "utm", "value": "x", "expect": "no-server-error"}
    assert outcome(judged("filters.unknown_parameter", library(), arguments)) == "pass"
    breaks = library(answer=lambda request: reply({}, 500) if "utm" in dict(request.query) else None)
    assert outcome(judged("filters.unknown_parameter", breaks, arguments)) == "fail"
    down = library(answer=lambda request: reply({}, 500))
    assert outcome(judged("filters.unknown_parameter", down, arguments)) == "inconclusive"


WITNESS = {**BOOKS, **AROUND, "expect": "witness", "metres": 1000}
BEYOND = {**BOOKS, **AROUND, "expect": "none-beyond", "metres": 1000, "margin": 5000}
NEIGHBOUR = {**BOOKS, **AROUND, "expect": "neighbour", "metres": 20000, "margin": 5000}
WIDENS = {**BOOKS, **AROUND, "expect": "widens", "metres": [500, 5000, 50000]}


def widest(book, metres, code, stock):
    return near(book, "90000" if metres == "500" else metres, code, stock)


@pytest.mark.parametrize("arguments", [WITNESS, NEIGHBOUR, BEYOND, WIDENS])
def test_around_a_place(arguments):
    assert outcome(judged("filters.geographic", library(), arguments)) == "pass"


@pytest.mark.parametrize(
    ("arguments", "circle"),
    [
        (WITNESS, lambda *_: False),
        (WITNESS, lambda *asked: not near(*asked)),
        (NEIGHBOUR, lambda book, metres, code, stock: near(book, str(int(metres) / 100), code, stock)),
        (NEIGHBOUR, lambda *_: False),
        (BEYOND, lambda *_: True),
        (BEYOND, lambda book, metres, code, stock: near(book, f"{metres}0", code, stock)),
        (BEYOND, lambda *asked: not near(*asked)),
        (WIDENS, widest),
        (WIDENS, lambda *asked: not near(*asked)),
    ],
)
def test_not_around_the_place(arguments, circle):
    result = judged("filters.geographic", library(circle=circle), arguments)
    assert outcome(result) == "fail"
    assert "AB" in said(result)


def test_one_neighbour_that_comes_back_is_enough():
    """A service may serve certain areas only, so that its place rightly stays away."""

    def few(book, metres, code, stock):
        return near(book, metres, code, stock) and (near(book, "500", code, stock) or book["name"].startswith("Quiet"))

    assert outcome(judged("filters.geographic", library(circle=few), NEIGHBOUR)) == "pass"
    lonely = [
        {**book, "place": {**book["place"], "north": 52 + 3 * n}} for n, book in enumerate(books(14)) if "place" in book
    ]
    assert outcome(judged("filters.geographic", library(lonely), NEIGHBOUR)) == "inconclusive"


def test_circles_whose_pages_are_in_doubt_are_counted():
    def twice(shown, number):
        return shown[:1] + shown[:-1] if number == 1 else shown

    assert outcome(judged("filters.geographic", library(window=twice), WIDENS)) == "pass"
    assert outcome(judged("filters.geographic", library(window=twice, circle=widest), WIDENS)) == "fail"


def test_around_nothing():
    nothing = library(circle=lambda *_: False)
    assert outcome(judged("filters.geographic", nothing, BEYOND)) == "inconclusive"
    assert outcome(judged("filters.geographic", nothing, WIDENS)) == "inconclusive"
    nowhere = library([{"id": book["id"], "name": book["name"]} for book in books()])
    assert outcome(judged("filters.geographic", nowhere, WITNESS)) == "inconclusive"
    near_by = [{**book, "place": {**book["place"], "north": 52}} for book in books() if "place" in book]
    assert outcome(judged("filters.geographic", library(near_by), BEYOND)) == "inconclusive"


def test_places_limited_to_areas_are_no_witnesses_where_the_row_names_them():
    stock = [{**book, "areas": ["elsewhere"]} if number % 2 else book for number, book in enumerate(books())]
    limited = library(stock, circle=lambda book, *asked: "areas" not in book and near(book, *asked))
    for arguments in (WITNESS, {**WITNESS, "areas": "/areas"}):
        assert outcome(judged("filters.geographic", limited, arguments)) == "pass"
    free = library(stock, circle=lambda book, *asked: "areas" in book and near(book, *asked))
    assert outcome(judged("filters.geographic", free, {**WITNESS, "areas": "/areas"})) == "fail"


def test_operation_of_a_class_that_is_not_claimed():
    result = judged("filters.witness", library(), {**SEARCHED, "operation": "listShelves"})
    assert outcome(result) == "not-applicable"


def test_an_empty_library_is_inconclusive():
    for family, arguments in (("witness", SEARCHED), ("combined", PAIR), ("kept_across_pages", KEPT)):
        assert outcome(judged(f"filters.{family}", library([]), arguments)) == "inconclusive"


# --- choosing ----------------------------------------------------------------------------------------------


def test_witnesses_come_from_different_parts_and_the_seed_chooses_them():
    known = [Known(book["id"], Value("x", f"/{number}", book)) for number, book in enumerate(books())]
    question = Filter.of("search", SEARCH)
    chosen = choose(known, question, lambda label: label[::-1])
    places = [next(n for n, each in enumerate(known) if each.id == witness.id) // 20 for witness in chosen]
    assert places == [0, 1, 2]
    assert chosen != choose(known, question, lambda label: label[-2:])
    assert len({witness.asked for witness in chosen}) == 3
    assert choose([], question, str) == []


def test_telling_values_have_a_record_that_would_be_wrong():
    known = [Known(book["id"], Value("x", "", book)) for book in books()]
    question = Filter.of("copies", COPIES)
    for asked in telling(known, question, choose(known, question, str)):
        assert any(question.mismatch(record.value, asked) for record in known)


def test_what_is_not_known_is_not_a_mismatch():
    term = Filter.of("term", {**TERM, "also": ["/tags/*/term/parent_id"]})
    book = Value("x", "", {"tags": [{"term": dict(TERMS[8])}]})
    assert not term.mismatch(book, "term-1")  # the parent's own parent is not known
    assert term.with_terms([Value("x", "", each) for each in TERMS.values()]).mismatch(book, "term-1")
    assert not term.with_terms([Value("x", "", each) for each in TERMS.values()]).mismatch(book, "term-2")
    nested = Value("x", "", {"tags": [], "owner": {"tag": "term-1"}})
    assert not Filter.of("term", TERM).mismatch(nested, "term-1")
    assert not Filter.of("opens", OPENS).mismatch(Value("x", "", {"hours": [{"opens": "08:30Z"}]}), "09:00")


def test_rules_that_do_not_exist_are_our_own_mistake():
    with pytest.raises(InternalError):
        Filter.of("x", {"from": "/x", "match": "roughly"})
    with pytest.raises(InternalError):
        Filter.of("x", {"from": "/x", "match": "exact", "transform": "rot13"})


def test_distance():
    assert abs(geographic.metres((51.5, 0.0), (52.5, 0.0)) - 111_195) < 10
    assert geographic.metres((51.5, -0.1), (51.5, -0.1)) == 0


def test_of_times_of_day_one_is_asked_that_leaves_few_records():
    known = [Known(book["id"], Value("x", f"/{number}", book)) for number, book in enumerate(books())]
    (late,) = tight(known, Filter.of("opens", OPENS))
    (early,) = tight(known, Filter.of("opens", {**OPENS, "match": "at-most"}))
    assert early < late
    assert not tight(known, Filter.of("search", SEARCH))
    assert not tight([], Filter.of("opens", OPENS))
