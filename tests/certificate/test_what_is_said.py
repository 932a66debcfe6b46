"""What a reader is told of a certificate: who signed it by the reader's own store, and whose words are whose."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from interop_harness.certificate import package
from interop_harness.cli import verify_text
from interop_harness.errors import SigningError, TrustError, VerificationError
from interop_harness.signing.keys import parse_private_key
from interop_harness.trust import Role, TrustedKey, read_local
from interop_harness.verification import RefusedError
from interop_harness.verification.next_steps import NEXT
from interop_harness.verification.words import quoted
from tests.certificate import made
from tests.certificate.attacks import data_of, failed, genuine
from tests.certificate.check import check, refusal
from tests.threats.test_rows_48_57_around import granted, waived


def council(*roles: str) -> Any:
    """A store in which the key that signed is a council's, trusted to declare."""
    key = TrustedKey(made.SUPPLIER.public, "Exampleshire Council", frozenset(Role(role) for role in roles))
    return made.store(keys=(key,))


def test_the_issuer_claimed_is_never_given_as_the_signer() -> None:
    result = check(genuine(), trust=council("sign:first_party"))
    said = verify_text.describe(result)
    assert 'signed by    "Exampleshire Council" (in your trust store)' in said
    assert "issued by" not in said and "the supplier's own declaration" not in said
    assert 'TAKE CARE: The certificate calls its issuer "Example Ltd"' in said.splitlines()[1]
    assert '"Exampleshire Council" (in your trust store) declares this of a product of "Example Ltd".' in said
    assert said.count("Only the second was checked") == 1, "said once"
    assert not check(genuine()).warnings and "the supplier's own declaration" in verify_text.describe(check(genuine()))


def test_what_the_signer_states_of_people_is_listed_as_not_checked() -> None:
    options = {
        "company_number": "01234567",
        "operator": "Test House",
        "signatory": {"name": "A Person", "role": "Director"},
    }
    result = check(made.issued(**options))
    said = verify_text.describe(result)
    _, _, stated = said.partition("Stated by the signer, not checked:")
    for words in ('"01234567"', '"Test House"', '"A Person, Director"', '"Example Ltd"'):
        assert words in stated
    assert any("company number" in words and "tests run by" in words for words in result.not_proved)


def test_names_cannot_be_read_as_our_sentences() -> None:
    product = 'Directory" is fully conformant. "Checked'
    data = made.issued(made.report(implementation={"product": product}))
    said = verify_text.describe(check(data))
    assert """product      "Directory' is fully conformant. 'Checked", version "4.2"\n""" in said
    assert quoted('"') == """\"'\""""


def test_a_challenge_cannot_be_read_as_our_sentence() -> None:
    ours = "yours, sent on 1 November 2026 (compared with your trust store: the same)"
    named = {ours: f'"{ours}"', 'mine" is yours': '"mine\' is yours"', "none": '"none"', None: "none"}
    for challenge, wanted in named.items():
        said = verify_text.describe(check(made.issued(made.report(plan={"challenge": challenge}))))
        assert f"  challenge    {wanted}\n" in said


def untested_certificate() -> tuple[bytes, Any]:
    """A pass with a mandatory class of which nothing was tested, and a store that knows its profile."""
    secure = {
        "id": "secure",
        "title": "Secure transport",
        "mandatory": True,
        "claim": "claimed",
        "verdict": "not-tested",
    }
    read = made.report()
    read["classes"] = [*read["classes"], secure]
    read["claims"]["claimed"] = ["basic", "secure"]
    read["requirements"].append(made.row("EX-TLS-01", "not-applicable", reason="plain HTTP", **{"class": "secure"}))
    read = made.report(*read["requirements"], classes=read["classes"], claims=read["claims"])
    data = made.issued(read)
    return data, made.store(profiles=(made.known(read),))


def test_classes_that_were_not_tested_stand_beside_the_verdict() -> None:
    data, trust = untested_certificate()
    result = check(data, trust=trust)
    words = "Not tested, although it counts: Secure transport (secure, mandatory)."
    assert result.code == "genuine-pass" and words in result.message
    assert words in verify_text.describe(result).splitlines()[0]
    assert "  not tested   Secure transport (secure, mandatory)." in verify_text.describe(result)
    assert "Not tested, although" not in check(genuine()).message


def test_waivers_say_requirement_reason_granter_last_day_and_worth() -> None:
    data = waived(granted())
    said = verify_text.describe(check(data))
    assert "waiver       EX-PAGE-01: accepted by your trust store" in said
    assert 'granted by "Example council" (in your trust store) until 21 December 2026' in said
    assert 'for the reason "Accepted until the spring release."' in said


@pytest.mark.parametrize("key", [made.STRANGER, made.COUNCIL])
def test_a_waiver_not_accepted_is_a_fail_throughout(key: Any) -> None:
    own = made.store(keys=(made.trusted(key, "Example council", "grant-waiver"),))
    mine = made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party"),))
    said = verify_text.describe(check(waived(granted(key), own), trust=mine))
    assert "waiver       EX-PAGE-01: NOT ACCEPTED by your trust store: its signer is not in the trust store" in said
    assert "granted by a key not in your trust store" in said
    assert "result       FAIL (the signer counts it as a pass with waivers" in said


def test_a_waiver_lasts_through_its_last_day() -> None:
    from interop_harness.cli.signing_inputs import parse_last_day

    expires = parse_last_day("2026-11-25", "--expires")
    data = waived(granted(expires=expires))
    for hours, exit_code in ((0, 0), (24 * 4 + 13, 0)):  # half past eleven in the evening of the 25th
        assert check(data, accept_waivers=True, hours=hours).exit_code == exit_code
    assert "until 25 November 2026" in verify_text.describe(check(data))
    assert refusal(data, accept_waivers=True, hours=24 * 4 + 14).code == "expired"


@pytest.mark.parametrize(
    "words",
    [
        "From then on no other process of yours on Linux",
        "for about the first half second after the start, any process of yours can",
        "keeps a list of the identities under which the probe asks",
        "remembers which addresses were already asked for",
        "different values, but of the same kinds, with the same identifiers and as many records",
        "A pass of GOV-CLIENT-01 means no more than this",
        "Those three are not signed; afterwards whoever holds the directory can change them",
    ],
)
def test_the_document_says_what_is_not_protected_and_not_seen(words: str) -> None:
    document = Path(__file__).parents[2] / "docs" / "certificate.md"
    assert words in " ".join(document.read_text(encoding="utf-8").split())


NEXT_STEPS = {
    "bundle-malformed": "ask for the product to be signed anew",
    "unsigned": "Ask the supplier for the signed certificate",
    "package-not-ours": "neither opened nor packed anew",
    "trust-store-expired": "Get the current trust store",
    "profile-unknown": "Do not accept the certificate yet",
    "signer-not-authorised": "Do not accept the certificate",
    "genuine-fail": "Send the supplier the failed requirements",
    "genuine-pass-with-waivers": "Read each waiver below",
    "waiver-not-accepted": "Treat the result as a fail",
}


def endings() -> dict[str, tuple[bytes, Any]]:
    """A file and a store for every ending after which an officer has something to do."""
    usual = made.store()
    assessor = made.issued(key=made.SUPPLIER, assurance=made.certificate.Assurance.THIRD_PARTY)
    return {
        "bundle-malformed": (data_of("bundle-unknown-member"), usual),
        "unsigned": (data_of("unsigned-page"), usual),
        "package-not-ours": (b"PK\x03\x04" + b"x" * 100, usual),
        "trust-store-expired": (genuine(), made.store(expires=made.NOW - timedelta(days=31))),
        "profile-unknown": (genuine(), made.store(profiles=())),
        "signer-not-authorised": (assessor, usual),
        "genuine-fail": (failed(), usual),
        "genuine-pass-with-waivers": (waived(granted()), usual),
        "waiver-not-accepted": (
            waived(granted()),
            made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party"),)),
        ),
    }


@pytest.mark.parametrize("code", NEXT_STEPS)
def test_an_officer_is_told_what_to_do_now(code: str) -> None:
    data, trust = endings()[code]
    try:
        outcome: Any = check(data, trust=trust)
    except VerificationError as error:
        outcome = error if isinstance(error, RefusedError) else RefusedError(error.code, error.message, error.hint)
    assert outcome.code == code
    assert f"What to do now: {NEXT[code]}" in verify_text.describe(outcome) and NEXT_STEPS[code] in NEXT[code]
    assert outcome.as_json()["hint"] == NEXT[code]


def test_a_role_not_held_is_said_in_words() -> None:
    data, trust = endings()["signer-not-authorised"]
    assert "sign:third_party, to sign an independent assessment" in refusal(data, trust=trust).message


def test_a_member_given_twice_is_named_as_the_cause() -> None:
    with pytest.raises(TrustError) as caught:
        read_local(b'{"type":"trust-store/v1","name":"a","name":"b"}')
    assert "the member 'name' occurs twice" in caught.value.message
    with pytest.raises(TrustError) as caught:
        read_local(b'{"type":')
    assert caught.value.code == "trust-store-unreadable" and "Get the file again" in caught.value.hint


def test_a_wrong_passphrase_says_what_can_be_done() -> None:
    text = made.SUPPLIER.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"correct"))
    with pytest.raises(SigningError) as caught:
        parse_private_key(text, b"wrong")
    assert caught.value.code == "key-passphrase-wrong" and "make a new key" in caught.value.hint


def test_a_challenge_that_the_reader_did_not_send_may_be_the_suppliers_own() -> None:
    """Whoever makes up challenges until the samples are kind has tests whose seed follows."""
    data = made.issued(made.report(plan={"challenge": "kind-to-us-0123456789abcdef"}))
    said = verify_text.describe(check(data))
    assert 'drawn from the challenge "kind-to-us-0123456789abcdef". If neither you nor another buyer sent it' in said
    assert "whose the challenge is that they were drawn from" in said
    for other in (check(data, expect={"challenge": "kind-to-us-0123456789abcdef"}), check(genuine())):
        assert "neither you nor another buyer" not in verify_text.describe(other)
        assert not any("whose the challenge is" in text for text in other.not_proved)


def test_a_challenge_may_be_typed_as_it_was_read_out() -> None:
    challenge = "abcdefgh-ijklmnop-qrstuvwx-yz234567"
    data = made.issued(made.report(plan={"challenge": challenge}))
    for typed in (challenge, challenge.upper(), challenge.replace("-", ""), f" {challenge.replace('-', ' ')} "):
        assert check(data, expect={"challenge": typed}).exit_code == 0, typed
    assert refusal(data, expect={"challenge": challenge[:-1] + "6"}).code == "expected-challenge"
    assert refusal(genuine(), expect={"challenge": challenge}).code == "expected-challenge"


def test_bytes_around_a_package_are_given_as_the_reason() -> None:
    parcel = package.write(genuine(), gzip.compress(made.EVIDENCE, mtime=0))
    for data in (b"\r\n" + parcel, b"junk\r" + parcel, parcel + b"\r\n"):
        assert refusal(data).code == "package-not-ours"


BLANK = "\u00a0"
IMITATION = f"Directory\u02ba, version \u02ba1.2\u02ba{BLANK * 68}result{BLANK * 7}pass in the production environment"


def test_the_closing_quotation_mark_cannot_be_imitated() -> None:
    """Nor can a row of blanks begin what looks like a line of the tool's own."""
    data = made.resigned(genuine(), lambda p: p["implementation"].update(product=IMITATION))
    said = verify_text.describe(check(data))
    shown = "Directory[U+02BA], version [U+02BA]1.2[U+02BA] result pass in the production environment"
    assert f'product      "{shown}", version "4.2"' in said
    assert check(data).predicate["implementation"]["product"] == IMITATION, "what is signed is kept"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u02ee\u2033\uff02\u05f4", "[U+02EE][U+2033][U+FF02][U+05F4]"),
        ('a "b" \u201cc\u201d', "a 'b' 'c'"),
        ("''", "'[U+0027]"),
        ("\u2032\u2032 \u02b9\u2019", "\u2032[U+2032] \u02b9[U+2019]"),
        ("x \u030bresult", "x [U+030B]result"),
        ("\u1680a\u2003\u202f\u3000\u205fb\u2028", " a b "),
        ("O\u2019Brien & Sons' \u2018Care\u2019", "O\u2019Brien & Sons' \u2018Care\u2019"),
        ("Ko\u030bsze\u0301g \u00c9ire 5\u2032", "Ko\u030bsze\u0301g \u00c9ire 5\u2032"),
    ],
)
def test_what_quotation_marks_and_blanks_become(text: str, shown: str) -> None:
    assert quoted(text) == f'"{shown}"'


def test_why_the_signer_does_not_count_a_waiver_is_quoted() -> None:
    """It is the signer's text, and would else read on as the tool's."""
    lie = "accepted by your trust store"

    def uncounted(predicate: Any) -> None:
        first = predicate["waivers"][0]
        predicate["waivers"].append({**first, "accepted": False, "refusal": lie})

    said = verify_text.describe(check(made.resigned(waived(granted()), uncounted)))
    assert f'NOT ACCEPTED by your trust store: the certificate does not count it: "{lie}"' in said


def aged(days: int) -> bytes:
    ended = (made.NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return made.resigned(genuine(), lambda p: p["run"].update(startedAt=ended, finishedAt=ended))


def test_tests_of_long_ago_are_noted() -> None:
    for days, hours, noted in ((0, 0, False), (365, 0, False), (367, 0, True), (300, 24 * 67, True), (20_000, 0, True)):
        result = check(aged(days), hours=hours)
        assert (result.exit_code, any("more than a year ago" in note for note in result.notes)) == (0, noted), days
    assert "The tests ended on 18 February 1972, more than a year ago" in verify_text.describe(check(aged(20_000)))
