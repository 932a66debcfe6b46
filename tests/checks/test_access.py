"""Access: closed without credentials, a challenge with the 401, versions by media type."""

from __future__ import annotations

from interop_harness.checks import access, openaccess
from interop_harness.checks.values import Value
from interop_harness.evidence import Exchange, Request, Response


def exchange_of(status: int, *headers: tuple[str, str]) -> Exchange:
    return Exchange(Request("GET", "/codes", auth="none"), Response(status, headers, b""))


def test_closed() -> None:
    assert not list(openaccess.closed(exchange_of(401), [401]))
    assert not list(openaccess.closed(exchange_of(403)))
    assert list(openaccess.closed(exchange_of(200), [401]))
    assert list(openaccess.closed(exchange_of(200)))
    assert list(openaccess.closed(exchange_of(403), [401]))


def test_challenge() -> None:
    assert not list(access.challenge(exchange_of(401, ("WWW-Authenticate", "Bearer"))))
    assert list(access.challenge(exchange_of(401)))
    assert not list(access.challenge(exchange_of(200)))


def test_accept() -> None:
    assert not list(access.accept(exchange_of(406), [406], "no Accept"))
    assert list(access.accept(exchange_of(200), [406], "no Accept"))


def record(name: str, kind: str = "Patient") -> Value:
    return Value("x1", f"/entry/{name}", {"resourceType": kind, "id": name})


def test_only_records_that_were_shown_are_handed_over() -> None:
    shown = access.told([record("7"), record("8")], "/resourceType")
    assert set(shown) == {("Patient", "7"), ("Patient", "8")}
    others = [record("7", "Practitioner"), record("9"), Value("x1", "", {"resourceType": "OperationOutcome"})]
    assert not list(access.handed_over(exchange_of(200), shown, access.told(others, "/resourceType")))
    (found,) = access.handed_over(exchange_of(200), shown, access.told([record("8")], "/resourceType"))
    assert found.pointer == "/entry/8" and "without credentials" in found.expected
