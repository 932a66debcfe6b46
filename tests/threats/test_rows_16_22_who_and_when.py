"""Rows 16 to 22: whose signature it is, and when it was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.certificate import made
from tests.certificate.attacks import ATTACKS, genuine, p256
from tests.certificate.check import assert_refused, check, refusal


def test_row_16_unknown_key() -> None:
    error = assert_refused("unknown-key")
    assert "Do not add that key" in error.hint


def test_row_22_a_store_may_say_any_date() -> None:
    """The first and the last that a calendar has are reckoned with, and end in no fault of the tool."""
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert check(genuine(), trust=made.store(issued=first, expires=last)).exit_code == 0
    assert refusal(genuine(), trust=made.store(issued=last)).code == "clock-behind-trust-store"
    assert refusal(genuine(), trust=made.store(issued=first, expires=first)).code == "trust-store-expired"
    key = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", valid_from=first, valid_until=last)
    assert check(genuine(), trust=made.store(keys=(key,))).exit_code == 0


def test_row_16_unsigned_page() -> None:
    assert_refused("unsigned-page")


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 17])
def test_row_17_key_hint_forged(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 18])
def test_row_18_role_not_held(name: str) -> None:
    assert_refused(name)


def test_row_18_a_key_signs_for_the_profiles_it_is_trusted_for() -> None:
    for pattern, accepted in (("*", True), ("example-*", True), ("example-directory", True), ("open-*", False)):
        key = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", profiles=(pattern,))
        if accepted:
            assert check(genuine(), trust=made.store(keys=(key,))).exit_code == 0
        else:
            error = refusal(genuine(), trust=made.store(keys=(key,)))
            assert (error.exit_code, error.code) == (4, "signer-not-authorised")
            assert "not trusted for the profile example-directory" in error.message


def test_row_18_heading_says_self_declaration() -> None:
    assert b"<h1>Supplier self-declaration of conformance</h1>" in genuine()
    third = made.issued(
        key=made.ASSESSOR, assurance=made.certificate.Assurance.THIRD_PARTY, issuer="Independent Testing CIC"
    )
    assert b"<h1>Conformance certificate</h1>" in third
    assert check(third, expect={"assurance": "third_party"}).exit_code == 0


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 19])
def test_row_19_expired_or_post_dated(name: str) -> None:
    assert_refused(name)


def test_row_19_five_minutes_of_clock_difference_are_allowed() -> None:
    assert check(genuine(), hours=0).exit_code == 0
    now = made.NOW - timedelta(minutes=4)
    from interop_harness.verification import verify

    assert verify(genuine(), trust=made.store(), now=now).exit_code == 0


def test_row_20_issued_outside_the_life_of_the_key() -> None:
    day = timedelta(days=1)
    for dates in ({"valid_from": made.NOW + day}, {"valid_until": made.NOW - day}):
        trust = made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", **dates),))
        error = refusal(genuine(), trust=trust)
        assert (error.exit_code, error.code) == (4, "signer-not-authorised")


def test_row_20_a_certificate_does_not_outlive_its_key() -> None:
    until = made.NOW + timedelta(days=10)
    trust = made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", valid_until=until),))
    assert check(genuine(), trust=trust, hours=24 * 9).exit_code == 0
    assert refusal(genuine(), trust=trust, hours=24 * 11).code == "expired"


def test_row_21_signers_clock_against_the_run() -> None:
    """A signer whose clock ran a day behind signed before its own tests ended, which cannot be."""
    assert_refused("signed-before-tests-ended")


def test_row_21_clock_seen_before_the_tests_is_on_the_page() -> None:
    probe = {"name": "clock", "ok": False, "summary": "the server's clock is 86400 s ahead", "hint": ""}
    data = made.issued(made.report(run={"preflight": [probe]}))
    assert b'<dt>Not in order</dt><dd><span class="line"><strong>clock</strong>: the server&#39;s clock is' in data
    assert "signer's own claim" in " ".join(check(data).notes)


def test_row_22_verifiers_clock_is_behind_the_trust_store() -> None:
    error = refusal(genuine(), hours=-24 * 60)
    assert (error.exit_code, error.code) == (7, "clock-behind-trust-store")


def test_row_22_no_clock_is_read() -> None:
    """The time is an argument: the same bytes and time give the same answer in any year."""
    from interop_harness.verification import verify

    far = datetime.fromisoformat("2099-01-01T00:00:00+00:00")
    assert verify(p256(), trust=made.store(), now=made.NOW).exit_code == 0
    with pytest.raises(Exception, match="expired"):
        verify(p256(), trust=made.store(), now=far)
