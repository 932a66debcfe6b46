"""Refusals as a standard documents them: the status, the members of the body, the status in it."""

from __future__ import annotations

import pytest

from interop_harness.checks import refusals
from interop_harness.errors import InternalError
from interop_harness.evidence import Exchange, Request, Response


def exchange_of(status: int) -> Exchange:
    return Exchange(Request("GET", "/services?uprn=x"), Response(status, (), b""))


MEMBERS = {"userMessage": "string", "code": "integer"}


def test_only_a_documented_status_refuses() -> None:
    assert not list(refusals.refused(exchange_of(400), [400], "uprn=x"))
    assert list(refusals.refused(exchange_of(422), [400], "uprn=x"))
    assert list(refusals.refused(exchange_of(200), [400], "uprn=x"))


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"userMessage": "Wrong.", "code": 400, "more": 1}, []),
        ({"code": 400}, ["/userMessage"]),
        ({"userMessage": "", "code": "400"}, ["/userMessage", "/code"]),
        ({"userMessage": "Wrong.", "code": True}, ["/code"]),
        ([{"userMessage": "Wrong.", "code": 400}], [""]),
        ("not JSON", [""]),
    ],
)
def test_members_of_the_body(body: object, missing: list[str]) -> None:
    assert [finding.pointer for finding in refusals.body(exchange_of(400), body, MEMBERS)] == missing


def test_the_status_in_the_body() -> None:
    assert not list(refusals.repeats_status(exchange_of(400), {"code": 400}, "/code"))
    assert not list(refusals.repeats_status(exchange_of(400), {}, "/code"))
    assert list(refusals.repeats_status(exchange_of(400), {"code": 500}, "/code"))


def test_a_kind_that_does_not_exist_is_our_trouble() -> None:
    with pytest.raises(InternalError):
        list(refusals.body(exchange_of(400), {"code": 1}, {"code": "whole"}))
