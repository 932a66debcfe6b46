"""What two answers are compared by: kinds where values change by themselves, values where they do not."""

from __future__ import annotations

import time

import pytest

from interop_harness.checks.likeness import MAX_VALUES, Look, differences, look, told
from interop_harness.checks.likeness import words as said
from interop_harness.evidence import Exchange, Request, Response


def seen(value: object, name: str = "", body: bytes = b"x") -> Look:
    headers = (("User-Agent", name),) if name else ()
    return look(Exchange(Request("GET", "/", headers), Response(200, (), body)), value)


def all_of(*values: object) -> list[Look]:
    return [seen(value) for value in values]


def page(*telephones: str, **more: object) -> dict[str, object]:
    return {"contents": [{"id": str(n), "telephone": each} for n, each in enumerate(telephones)], **more}


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ({"a": "01632 960001"}, {"a": "01632 960002"}, "/a holds another value (a text)"),
        ({"a": 1}, {"a": 2}, "/a holds another value (a number)"),
        ({"a": -1}, {"a": -2}, "/a holds another value (a number)"),
        ({"a": True}, {"a": False}, "/a holds another value (true or false)"),
        ({"a": "2026-11-02T10:00:00Z"}, {"a": "2026-11-02T11:00:00Z"}, "/a holds another value (a time)"),
        (page("1", "2"), page("1", "3"), "/contents[]/telephone holds another value (a number as text)"),
        (page("1", "2"), page("2", "1"), "/contents[]/telephone holds the same values in another order"),
        (page("1", "1", "2"), page("1", "2", "2"), "/contents[]/telephone holds another value (a number as text)"),
        ("one text", "another", "body holds another value (a text)"),
    ],
)
def test_values_are_compared_and_not_repeated(mine: object, theirs: object, words: str) -> None:
    assert told(all_of(mine, mine, mine), all_of(theirs, theirs, theirs)) == [words]
    assert said(differences(seen(mine), seen(theirs))) == [words]


@pytest.mark.parametrize(
    ("own", "others"),
    [
        # A clock: nobody gets the same twice.
        (({"at": 1}, {"at": 3}, {"at": 5}), ({"at": 2}, {"at": 4}, {"at": 6})),
        # A value that changes once, wherever that falls between the answers.
        *[
            (tuple({"v": turn >= change} for turn in (0, 2, 4)), tuple({"v": turn >= change} for turn in (1, 3, 5)))
            for change in range(7)
        ],
        # The same records in an order that nobody decides.
        ((page("1", "2"), page("2", "1"), page("1", "2")), (page("2", "1"), page("2", "1"), page("2", "1"))),
        # Members that come and go under names of their own.
        (({"r1": 1}, {"r3": 1}, {"r5": 1}), ({"r2": 1}, {"r4": 1}, {"r6": 1})),
        # What grows all the time.
        (({"n": [1]}, {"n": [1] * 3}, {"n": [1] * 5}), ({"n": [1] * 2}, {"n": [1] * 4}, {"n": [1] * 6})),
        # The other client is answered alike at least once.
        (({"a": 1}, {"a": 1}, {"a": 1}), ({"a": 2}, {"a": 1}, {"a": 2})),
        (({"a": 1}, {"a": 1}, {"a": 1}), ({"b": 2}, {"a": 1}, {"b": 2})),
        # 1 and 1.0 are one number.
        (({"a": 1}, {"a": 1}), ({"a": 1.0}, {"a": 1.0})),
    ],
)
def test_what_changes_by_itself_is_no_difference(own: tuple[object, ...], others: tuple[object, ...]) -> None:
    assert told(all_of(*own), all_of(*others)) == []


def test_a_volatile_place_leaves_the_others_compared() -> None:
    """What the suite gets otherwise each time is compared by its kind, and nothing else is let off."""
    own = all_of({"at": 1, "name": "x"}, {"at": 2, "name": "x"}, {"at": 3, "name": "x"})
    assert told(own, all_of({"at": 4, "name": "y"})) == ["/name holds another value (a text)"]
    assert told(own, all_of({"at": "soon", "name": "x"})) == ["/at is a text instead of a number"]
    # A list in random order still holds the same values.
    mixed = all_of(page("1", "2"), page("2", "1"))
    assert told(mixed, all_of(page("1", "3"))) == ["/contents[]/telephone holds another value (a number as text)"]


def test_the_client_s_own_name_in_an_answer_is_no_difference() -> None:
    def hello(name: str) -> dict[str, str]:
        return {"told": f"You are {name}.", "name": name}

    mine, browser = "python-httpx/0.28.1", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"
    own = seen(hello(mine), body=b"You are python-httpx/0.28.1")
    assert told([own], [seen(hello(browser), browser, f"You are {browser}".encode())]) == []
    other = seen({"told": "Go away.", "name": browser}, browser, browser.encode())
    assert told([own], [other]) == ["/told holds another value (a text)"]


def test_texts_in_another_language_and_what_is_no_text() -> None:
    """What is said is compared with what the suite gets in that language; the rest with what it usually gets."""
    own, welsh = all_of({"a": "bore da"}), all_of({"a": "good morning"})
    english = all_of({"a": "good morning"})
    assert told(own, english) == ["/a holds another value (a text)"]
    assert told(own, english, english) == []
    assert told(own, all_of({"a": "go away"}), welsh) == ["/a holds another value (a text)"]
    # Not translated yet: a service that says that the language decides may leave it out, but nothing may come instead.
    for missing in ({"a": ""}, {"a": None}, {}):
        assert told(own, all_of(missing), all_of(missing)) != []
        assert told(own, all_of(missing), all_of(missing), translated=True) == []
    for other in ({"b": "bore da"}, {"a": 1}, {"a": "bore da", "b": "x"}):
        assert told(own, all_of(other), all_of(other), translated=True) != []


def test_a_large_body_is_looked_at_within_bounds() -> None:
    record = {f"member{n}": "x" * 400 + str(n) for n in range(100)} | {"n": 10**5000, "f": 1e308}
    began = time.process_time()
    found = seen({"contents": [{"id": str(n), **record} for n in range(50)]})
    assert time.process_time() - began < 2
    assert len(found.values) == 102
    many = seen([{f"m{n}": n} for n in range(3 * MAX_VALUES)])
    assert len(many.shape) <= MAX_VALUES


def test_long_names_are_not_repeated_for_all_that_is_below_them() -> None:
    name, other = "n" * 100_000, "n" * 99_999 + "m"
    found = seen({name: {str(n): n for n in range(10_000)}})
    assert sum(map(len, found.shape)) < 2_000_000
    assert told([seen({name: 1})], [seen({other: 1})])
    assert seen({name: 1, "\ud800" * 200: 2}) == seen({name: 1, "\ud800" * 200: 2})
