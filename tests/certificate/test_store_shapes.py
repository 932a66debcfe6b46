"""A trust store is read only where everything in it is of the kind that the tool writes: nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.signing import KeySigner, canonical, sign_envelope
from interop_harness.trust import to_json, write_local
from interop_harness.trust.files import PAYLOAD_TYPE
from tests.certificate import made
from tests.certificate.test_bad_input import NOW, WORDS, Desk

CERTIFICATE = "urn:uuid:01234567-89ab-4cde-8f01-23456789abcd"
WRONG: dict[str, Callable[[Any], Any]] = {
    "profiles of a key as a text": lambda s: s["keys"][0].update(profiles="open311-*"),
    "profiles of a key as an object": lambda s: s["keys"][0].update(profiles={"open311-*": 1, "*": 2}),
    "profiles of a key with a number": lambda s: s["keys"][0].update(profiles=["*", 5]),
    "roles as a text": lambda s: s["keys"][0].update(roles=""),
    "roles as an object": lambda s: s["keys"][0].update(roles={"sign:first_party": 1}),
    "a role unknown": lambda s: s["keys"][0].update(roles=["sign:everything"]),
    "a role in a list": lambda s: s["keys"][0].update(roles=[["sign:first_party"]]),
    "revocations as a text": lambda s: s.update(revokedCertificates=CERTIFICATE),
    "revocations as an object": lambda s: s.update(revokedCertificates={CERTIFICATE: 1}),
    "revocations empty, as a text": lambda s: s.update(revokedCertificates=""),
    "revocations absent": lambda s: s.update(revokedCertificates=None),
    "keys as an object": lambda s: s.update(keys={}),
    "keys as a text": lambda s: s.update(keys=""),
    "a key as a text": lambda s: s["keys"].append("x"),
    "listed profiles as a text": lambda s: s.update(profiles=""),
    "listed profiles as an object": lambda s: s.update(profiles={}),
    "a listed profile as a text": lambda s: s["profiles"].append("example-directory"),
    "a listed profile with a member more": lambda s: s["profiles"][0].update(revoked=True),
    "a listed profile with a member less": lambda s: s["profiles"][0].pop("requirementsSha256"),
    "an issuer with a member more": lambda s: s["keys"][0]["issuer"].update(x=1),
    "an issuer with a member less": lambda s: s["keys"][0]["issuer"].pop("companyNumber"),
    "an issuer as a text": lambda s: s["keys"][0].update(issuer="Example Ltd"),
    "a company number as a list": lambda s: s["keys"][0]["issuer"].update(companyNumber=[]),
    "a company number as false": lambda s: s["keys"][0]["issuer"].update(companyNumber=False),
    "a company number as nought": lambda s: s["keys"][0]["issuer"].update(companyNumber=0),
    "a public key that is no list of letters": lambda s: s["keys"][0].update(public=5),
    "a public key in other letters": lambda s: s["keys"][0].update(public="\u00e9"),
    "an id of a key as a list": lambda s: s["keys"][0].update(keyid=[]),
    "a status unknown": lambda s: s["keys"][0].update(status="Revoked"),
    "a status as a list": lambda s: s["keys"][0].update(status=["active"]),
    "a digest in capitals": lambda s: s["profiles"][0].update(sha256="A" * 64),
    "a date with short parts": lambda s: s["keys"][0].update(validUntil="2027-1-1T0:0:0z"),
    "a date with a small z": lambda s: s["keys"][0].update(validUntil="2027-01-01T00:00:00z"),
    "a date with a space after it": lambda s: s["keys"][0].update(validUntil="2027-01-01T00:00:00Z\n"),
    "a date in other digits": lambda s: s["keys"][0].update(validUntil="\u0662\u0660\u0662\u0667-01-01T00:00:00Z"),
    "a date that does not exist": lambda s: s["keys"][0].update(validUntil="2027-02-30T00:00:00Z"),
    "a first day with short parts": lambda s: s.update(issued="2026-1-1T00:00:00Z"),
    **{
        f"digest of requirements {value!r}": lambda s, value=value: s["profiles"][0].update(requirementsSha256=value)
        for value in ([], {}, "", 5, False, 0, ["x"], "x", "A" * 64, "1" * 63, "1" * 64 + "\n")
    },
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def plain(desk: Desk) -> Any:
    return json.loads((desk.folder / "trust.json").read_bytes())


def refused(desk: Desk, *words: str) -> None:
    said = desk.interop(*words)
    assert (said.code, "(trust-store-malformed)" in said.text) == (2, True), (words, said.text)
    text = " ".join(said.text.split())
    assert text.startswith("Error: ") and "is not a trust store: " in text and "Get the file again" in text, text
    assert not WORDS.search(text.replace(".json", "")), text


@pytest.mark.parametrize("name", WRONG)
def test_a_store_of_another_shape_is_refused(desk: Desk, name: str) -> None:
    value = plain(desk)
    WRONG[name](value)
    desk.write("wrong", json.dumps(value).encode())
    refused(desk, "verify", "certificate.html", "--trust", "wrong")


@pytest.mark.parametrize("name", WRONG)
def test_a_handed_out_store_of_another_shape_is_refused(desk: Desk, name: str) -> None:
    publisher = made.trusted(made.PUBLISHER, "Sector body", "publish-trust", "publish-profile")
    write_local(desk.folder / "own.json", made.store(publisher, issued=NOW - timedelta(days=2)))
    value = to_json(made.store(issued=NOW - timedelta(days=2), expires=NOW + timedelta(days=30)))
    WRONG[name](value)
    signed = sign_envelope(PAYLOAD_TYPE, canonical(value), KeySigner(made.PUBLISHER)).as_bytes() + b"\n"
    desk.write("sector", signed)
    refused(desk, "verify", "certificate.html", "--trust", "own.json", "--trust", "sector")


def test_a_key_for_one_profile_is_not_trusted_for_all_by_a_slip_of_the_pen(desk: Desk) -> None:
    value = plain(desk)
    for profiles, code in ((["open311-*"], 4), ("open311-*", 2), (["example-*"], 0)):
        for entry in value["keys"]:
            entry["profiles"] = profiles
        desk.write("own.json", json.dumps(value).encode())
        said = desk.verify(desk.genuine, trust="own.json")
        assert said.code == code, (profiles, said.text)


def test_what_the_tool_writes_is_read_again(desk: Desk) -> None:
    (desk.folder / "key.pub.pem").write_text(made.STRANGER.public.pem)
    (desk.folder / "body.pub.pem").write_text(made.PUBLISHER.public.pem)
    dates = ("--since", "2026-01-01", "--until", "2027-12-31", "--company-number", "01234567")
    add = ("trust", "add", "--yes", "--trust", "own.json")
    for words in (
        (*add, "key.pub.pem", "--issuer", "Other Ltd", "--profile", "open311-*", *dates),
        (*add, "body.pub.pem", "--issuer", "Sector body", "--role", "publish-trust"),
        ("trust", "revoke", CERTIFICATE, "--trust", "own.json"),
        ("trust", "revoke", str(made.STRANGER.public.keyid), "--trust", "own.json", "--retire"),
        (
            "trust",
            "revoke",
            str(made.STRANGER.public.keyid),
            "--trust",
            "own.json",
            "--compromised-since",
            "2026-01-01",
        ),
        ("trust", "list", "--trust", "own.json", "--trust", "trust.json"),
        ("verifier", "build", "--trust", "own.json", "--trust", "trust.json"),
        ("verify", "certificate.html", "--trust", "own.json", "--trust", "trust.json"),
    ):
        said = desk.interop(*words)
        assert said.code == 0, (words, said.text)
    desk.write("body.key", made.PUBLISHER.to_openssh(None))
    give = ("trust", "publish", "--trust", "trust.json", "--out", "sector.json", "--expires", "2099-12-31")
    assert desk.interop(*give, "--key", "body.key").code == 0
    for words in (("trust", "list"), ("verifier", "build"), ("verify", "certificate.html")):
        said = desk.interop(*words, "--trust", "own.json", "--trust", "sector.json", "--trust", "trust.json")
        assert said.code == 0, (words, said.text)


@pytest.mark.parametrize("data", [b"[]\n", b"null", b"5", b'"x"', b"[{}]", b"true", b"{}", b"[5.5]"])
def test_a_file_that_holds_no_object_is_refused_by_every_command(desk: Desk, data: bytes) -> None:
    desk.write("wrong", data)
    (desk.folder / "key.pub.pem").write_text(made.STRANGER.public.pem)
    for words in (
        ("verify", "certificate.html"),
        ("trust", "list"),
        ("trust", "add", "key.pub.pem", "--issuer", "Other Ltd", "--yes"),
        ("trust", "revoke", CERTIFICATE),
        ("verifier", "build"),
    ):
        said = desk.interop(*words, "--trust", "wrong")
        assert (said.code, "(trust-store-malformed)" in said.text) == (2, True), (words, said.text)
    assert (desk.folder / "wrong").read_bytes() == data


@pytest.mark.parametrize(
    "data", [b"[" * 40 + b"]" * 40, b'{"\xc3\xa9":1}', b'{"a":' * 40 + b"1" + b"}" * 40, b'{"version":5.5}']
)
def test_a_file_that_cannot_be_read_as_a_store_ends_in_words(desk: Desk, data: bytes) -> None:
    desk.write("wrong", data)
    said = desk.interop("verify", "certificate.html", "--trust", "wrong")
    assert said.code == 2 and "is not a trust store" in said.text, said.text


def handed_out(desk: Desk, version: int) -> tuple[str, str]:
    """The words that give one version of the sector body's store."""
    store = made.store(name="sector", version=version, issued=NOW - timedelta(days=1), expires=NOW + timedelta(days=30))
    signed = sign_envelope(PAYLOAD_TYPE, canonical(to_json(store)), KeySigner(made.PUBLISHER)).as_bytes() + b"\n"
    return "--trust", desk.write(f"v{version}", signed)


def publishing(desk: Desk) -> None:
    publisher = made.trusted(made.PUBLISHER, "Sector body", "publish-trust", "publish-profile")
    write_local(desk.folder / "own", made.store(keys=(publisher,), issued=NOW - timedelta(days=2)))


def remembered(desk: Desk) -> list[int]:
    return list(json.loads((desk.folder / "state" / "interop-harness" / "trust-seen.json").read_text()).values())


@pytest.mark.parametrize("order", [(2, 1), (1, 2), (3, 1, 2)])
def test_of_two_versions_in_one_command_the_older_is_refused_and_the_newest_remembered(
    desk: Desk, order: tuple[int, ...]
) -> None:
    publishing(desk)
    given = [word for version in order for word in handed_out(desk, version)]
    said = desk.interop("verify", "certificate.html", "--trust", "own", *given)
    assert (said.code, "trust-store-rolled-back" in said.text) == (7, True), said.text
    assert f"version {max(order)} was seen here before" in " ".join(said.text.split())
    assert remembered(desk) == [max(order)]
    said = desk.interop("verify", "certificate.html", "--trust", "own", *handed_out(desk, 1))
    assert (said.code, "trust-store-rolled-back" in said.text) == (7, True), said.text
    assert remembered(desk) == [max(order)]
    again = 2 * handed_out(desk, max(order))
    assert desk.interop("verify", "certificate.html", "--trust", "own", *again).code == 0


def nowhere() -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize("homeless", [False, True])
def test_a_version_that_cannot_be_remembered_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, homeless: bool
) -> None:
    publishing(desk)
    (desk.folder / "state").write_text("a file where the folder should be")
    if homeless:
        monkeypatch.delenv("XDG_STATE_HOME")
        monkeypatch.setattr(Path, "home", nowhere)
    for words in (("verify", "certificate.html"), ("trust", "list"), ("verifier", "build")):
        said = desk.interop(*words, "--trust", "own", *handed_out(desk, 1))
        assert said.code == 0, said.text
        assert "cannot be remembered" in " ".join(said.text.split()), said.text
    assert "cannot be remembered" not in desk.interop("trust", "list", "--trust", "trust.json").text
