"""Privacy: what was sent in a body is found in addresses, headers and messages, however it is written."""

from __future__ import annotations

import base64
from datetime import date

import pytest

from interop_harness.checks import privacy
from interop_harness.evidence import Exchange, Request, Response

TODAY = date(2026, 11, 2)
NAME, BORN = "Synthetica Testperson-12345678", "1961-04-17"
WANTED = privacy.details([NAME, BORN, None, 7, "Ann", ""], TODAY)


def answer(*headers: tuple[str, str], redirects: tuple[tuple[int, str], ...] = ()) -> Exchange:
    return Exchange(Request("POST", "/checks"), Response(200, headers, b"", redirects=redirects))


ENCODED = base64.urlsafe_b64encode(b'{"name":"Synthetica Testperson-12345678"}').decode().rstrip("=")
BETRAYING = [
    "/people/Synthetica%20Testperson-12345678",
    "/people?name=Synthetica+Testperson-12345678",
    "/people/synthetica-testperson-12345678",
    "/people/TESTPERSON12345678",
    "/people?name=Synthetica%2520Testperson",
    "/people/Synth%C3%A9tica",
    f"/state/{ENCODED}",
    "/checks?dob=1961-04-17",
    "/checks/19610417",
    "/checks?born=17%2F04%2F1961",
]


@pytest.mark.parametrize("address", BETRAYING)
def test_found_in_an_address(address: str) -> None:
    for name in ("Location", "content-location", "Link", "Refresh"):
        assert list(privacy.addresses(answer((name, address)), None, WANTED))
    assert list(privacy.addresses(answer(), {"data": {"links": [{"href": address}]}}, WANTED))
    assert list(privacy.addresses(answer(redirects=((302, address),)), None, WANTED))
    assert list(privacy.headers(answer(("X-Trace", address)), WANTED))


@pytest.mark.parametrize(
    "address",
    [
        "/checks/8841",
        "/people/0b5f8c1e-6d1a-4b8e-9c57-2f6f2f0f7a11",
        "/synthetic-data",
        "/checks/20261102",
        "/c/YWJjZGVmZ2hpamts",
    ],
)
def test_other_addresses_are_let_be(address: str) -> None:
    assert not list(privacy.addresses(answer(("Location", address)), {"next": address}, WANTED))


def test_what_stands_in_the_body_of_an_outcome_is_no_address() -> None:
    body = {"data": {"outcome": "yes", "holder": NAME}}
    assert not list(privacy.addresses(answer(), body, WANTED))


def test_addresses_are_told_apart_from_other_headers() -> None:
    assert not list(privacy.headers(answer(("Location", NAME)), WANTED))
    assert list(privacy.headers(answer(("X-Applicant", NAME)), WANTED))


def test_messages() -> None:
    assert list(privacy.errors(answer(), {"error": {"message": f"{NAME} is not known"}}, WANTED))
    assert list(privacy.errors(answer(), f"Error: {BORN} is wrong", WANTED))
    assert not list(privacy.errors(answer(), {"error": {"message": "The date of birth is wrong."}}, WANTED))


def test_days_near_today_may_stand_anywhere() -> None:
    assert privacy.details(["2026-11-02", "2025-01-01"], TODAY) == {}
    assert set(privacy.details([BORN], TODAY)) == {"19610417", "17041961"}
    assert privacy.details(["0000-13-45"], TODAY) == {}


def test_findings_do_not_repeat_what_was_found() -> None:
    for finding in (
        *privacy.addresses(answer(("Location", f"/people/{NAME}")), None, WANTED),
        *privacy.headers(answer(("X-Applicant", NAME)), WANTED),
        *privacy.errors(answer(), {"message": NAME}, WANTED),
    ):
        assert "testperson" not in f"{finding.expected}{finding.observed}".casefold()
