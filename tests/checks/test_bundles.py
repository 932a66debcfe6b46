"""Pages joined by links: where the links lead, and what the pages hold together."""

from __future__ import annotations

from typing import Any

import pytest

from interop_harness.checks import bundles
from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request, Response
from interop_harness.profile.openapi import Operation
from interop_harness.suite.collection import Opened, Page, Specification, next_link, records_in

BASE = "http://127.0.0.1:8080/fhir"
LIST = Specification(
    Operation("search", "GET", "/Patient", "core", (), {}, "", None),
    items="/entry",
    record="/resource",
    leave_out={"/search/mode": ("include", "outcome")},
    members={"total_items": "/total"},
    next_link="rel:/link",
)


def page(number: int, target: str, body: dict[str, Any] | None = None) -> Page:
    made = body or {}
    exchange = Exchange(Request("GET", target), Response(200, (), b""))
    items = made.get("entry", [])
    return Page(exchange, number, LIST, lambda: Opened(made, items, list(records_in(items, exchange, LIST))))


PAGES = [page(1, "/Patient?a=b%7Cc&d=e"), page(2, "/Patient?a=b%7Cc&d=e&page=2")]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "can be followed"),
        ("/Patient?a=b%7Cc&d=e&page=2", "itself"),
        ("/Patient?page=2&d=e&a=b|c", "itself"),
        ("/Patient?d=e&a=b|c", "page 1 again"),
    ],
)
def test_links_that_do_not_end_are_found(target: str | None, words: str) -> None:
    found = list(bundles.ends(PAGES, "link", target, "/link"))
    assert len(found) == 1
    assert words in f"{found[0].expected} {found[0].observed}"


def test_links_that_end_pass() -> None:
    assert not list(bundles.ends(PAGES, None, None, "/link"))
    assert not list(bundles.ends(PAGES, "link", "/Patient?a=b%7Cc&d=e&page=3", "/link")), "there is more to read"


@pytest.mark.parametrize(
    "link",
    ["?page=2", "/fhir/Patient?page=2", f"{BASE}/Patient?page=2", "HTTP://127.0.0.1:8080/x", "urn:next", "http://["],
)
def test_links_that_stay_pass(link: str) -> None:
    assert not list(bundles.here(BASE, PAGES[0], link, "/link"))


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1:8080/fhir/Patient",
        "//evil.example/",
        "http://127.0.0.1/fhir",
        "http://127.0.0.1.evil.example:8080/",
    ],
)
def test_links_that_lead_away_are_found(link: str) -> None:
    assert list(bundles.here(BASE, PAGES[0], link, "/link"))


def test_pages_hold_each_record_once() -> None:
    plain = ["a", "b", "c"]
    assert not list(bundles.whole(plain, ["a", "b", "c"], PAGES[0]))
    assert not list(bundles.whole(plain, ["c", "a", "b"], PAGES[0])), "order is another matter"
    for parts, words in (
        (["a", "b"], "pages without c"),
        (["a", "b", "c", "d"], "pages with others: d"),
        ([*plain, "a"], "pages with some twice: a"),
    ):
        assert [finding.observed for finding in bundles.whole(plain, parts, PAGES[0])] == [words]


def test_an_answer_holds_each_record_once() -> None:
    assert not list(bundles.once(["a", "b", "", ""], PAGES[0])), "what has no id cannot be told apart"
    assert [finding.observed for finding in bundles.once(["a", "b", "a"], PAGES[0])] == ["some twice: a"]


def entry(kind: str, name: str, mode: str = "match") -> dict[str, Any]:
    resource = {"resourceType": kind, "id": name}
    return {"fullUrl": f"{BASE}/{kind}/{name}", "resource": resource, "search": {"mode": mode}}


def test_what_stands_beside_the_result_is_no_record() -> None:
    body = {
        "total": 2,
        "entry": [entry("OperationOutcome", "w", "outcome"), entry("Patient", "1"), entry("Patient", "2")],
    }
    made = page(1, "/Patient", body)
    assert [record.id for record in made.records()] == ["1", "2"]
    assert [record.pointer for record in made.records()] == ["/entry/1/resource", "/entry/2/resource"]
    assert not list(bundles.total([made], 2))
    assert [finding.pointer for finding in bundles.total([made], 3)] == ["/total"]


def test_entries_have_what_they_must_have_and_their_own_address() -> None:
    good, bad = entry("Patient", "1"), {**entry("Patient", "2"), "fullUrl": f"{BASE}/Patient/3", "search": {}}
    entries = [Value("x", f"/entry/{number}", each) for number, each in enumerate([good, bad])]
    assert [finding.pointer for finding in bundles.entry_members(entries, ["/fullUrl", "/search/mode"])] == ["/entry/1"]
    names = ("/fullUrl", "/resource", "resourceType", "id")
    assert [finding.pointer for finding in bundles.addresses(entries, *names)] == ["/entry/1/fullUrl"]
    urn = Value("x", "/entry/0", {**good, "fullUrl": "urn:uuid:0d9d1c0e-5c5b-4a57-9f0c-7a3f6a1f2b11"})
    assert not list(bundles.addresses([urn, Value("x", "", None), Value("x", "", {"fullUrl": 7})], *names))


def test_a_page_says_where_it_was_asked_for() -> None:
    assert not list(bundles.own_link(PAGES[0], ["next", "self"], "self", "/link"))
    assert list(bundles.own_link(PAGES[0], [], "self", "/link"))


@pytest.mark.parametrize("links", [None, {}, [None, 7], [{"relation": "next"}], [{"relation": "next", "url": 7}]])
def test_links_of_a_strange_form_are_no_links(links: Any) -> None:
    assert next_link({"link": links}, "rel:/link") is None
