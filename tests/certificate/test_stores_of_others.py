"""What a distributed store may say: of its publisher's profiles, and nothing against the reader's own store."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.signing import KeySigner
from interop_harness.trust import Status, TrustedProfile, write_local
from interop_harness.trust.files import sign_store
from interop_harness.verification.result import KnownProfile
from tests.certificate import made
from tests.certificate.check import check, refusal
from tests.certificate.test_bad_input import NOW, Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def own(desk: Any, *roles: str) -> None:
    """The reader's own store: it trusts the supplier, lists the profile, and lets a sector body publish."""
    publisher = made.trusted(made.PUBLISHER, "Sector body", *roles)
    write_local(desk.folder / "own.json", made.store(publisher, issued=NOW - timedelta(days=2)))


def sector(desk: Any, key: Any = made.PUBLISHER, file: str = "sector.json", **more: Any) -> str:
    settings = {"name": "sector", "issued": NOW - timedelta(days=1), "expires": NOW + timedelta(days=30), "keys": ()}
    signed = sign_store(made.store(**{**settings, **more}), KeySigner(key)).as_bytes() + b"\n"
    return str(desk.write(file, signed))


def weakened() -> tuple[bytes, TrustedProfile]:
    """A certificate whose failed row was dropped, and the listing that makes it look complete."""
    failed = made.failing()
    read = made.report(*(row for row in failed["requirements"] if row["id"] != "EX-PAGE-01"))
    return made.issued(read, now=NOW - timedelta(hours=1)), made.known(read)


def test_a_publisher_cannot_list_a_profile_otherwise_than_the_readers_own_store(desk: Any) -> None:
    data, listing = weakened()
    assert listing != made.known() and listing.sha256 == made.known().sha256
    own(desk, "publish-profile")
    said = desk.verify(data, "--trust", sector(desk, profiles=(listing,)), trust="own.json")
    assert (said.code, "results-incomplete" in said.text) == (3, True), said.text
    other = replace(listing, sha256="9" * 64)
    said = desk.verify(desk.genuine, "--trust", sector(desk, profiles=(other,)), trust="own.json")
    assert said.code == 0 and "What sector lists as example-directory 1.0 does not count" in said.text


def test_two_publishers_who_contradict_each_other_are_refused(desk: Any) -> None:
    data, listing = weakened()
    write_local(
        desk.folder / "own.json",
        made.store(
            made.trusted(made.PUBLISHER, "Sector body", "publish-profile"),
            made.trusted(made.STRANGER, "Another body", "publish-profile"),
            issued=NOW - timedelta(days=2),
            profiles=(),
        ),
    )
    stores = ("--trust", sector(desk), "--trust", sector(desk, made.STRANGER, "other.json", profiles=(listing,)))
    for each in (data, desk.genuine):
        said = desk.verify(each, *stores, trust="own.json")
        assert (said.code, "profile-contradicted" in said.text) == (7, True), said.text


def test_no_listing_goes_against_the_installed_profile() -> None:
    data, listing = weakened()
    real = made.known()
    hours = int((NOW - made.NOW) / timedelta(hours=1)) + 1
    found = lambda *name: KnownProfile(real.sha256, real.requirements_sha256)  # noqa: E731
    error = refusal(data, trust=made.store(profiles=(listing,)), profiles=found, hours=hours)
    assert (error.exit_code, error.code) == (7, "profile-contradicted")
    bare = TrustedProfile(real.id, real.version, real.sha256, None)
    assert refusal(data, trust=made.store(profiles=(bare,)), profiles=found, hours=hours).code == "results-incomplete"
    assert check(made.issued(), trust=made.store(profiles=(bare,)), profiles=found).exit_code == 0


@pytest.mark.parametrize(("pattern", "code"), [("open-referral-uk", 4), ("example-directory", 0), ("exam*", 0)])
def test_a_published_key_counts_for_the_profiles_of_its_publisher_only(desk: Any, pattern: str, code: int) -> None:
    write_local(
        desk.folder / "own.json",
        made.store(
            issued=NOW - timedelta(days=2),
            keys=(made.trusted(made.PUBLISHER, "Sector body", "publish-trust", profiles=(pattern,)),),
        ),
    )
    keys = (made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", profiles=("*",)),)
    store = sector(desk, keys=keys, profiles=())
    said = desk.verify(desk.genuine, "--trust", store, trust="own.json")
    assert said.code == code, said.text
    gone = (replace(keys[0], status=Status.REVOKED),)
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=gone, profiles=(), version=4), trust="own.json")
    assert said.code in {4, 5}, said.text


def test_a_store_of_the_same_name_by_another_publisher_rolls_nothing_back(desk: Any) -> None:
    write_local(
        desk.folder / "own.json",
        made.store(
            made.trusted(made.PUBLISHER, "Sector body", "publish-profile"),
            made.trusted(made.STRANGER, "Another body", "publish-profile"),
            issued=NOW - timedelta(days=2),
        ),
    )
    high = sector(desk, made.STRANGER, "high.json", version=999)
    assert desk.verify(desk.genuine, "--trust", high, trust="own.json").code == 0
    real = sector(desk, version=3)
    assert desk.verify(desk.genuine, "--trust", real, trust="own.json").code == 0
    low = sector(desk, file="low.json", version=2)
    said = desk.verify(desk.genuine, "--trust", low, trust="own.json")
    assert (said.code, "trust-store-rolled-back" in said.text) == (7, True)


def test_every_command_refuses_a_store_older_than_the_last_one_seen(desk: Any) -> None:
    own(desk, "publish-profile")
    new, old = sector(desk, version=5), sector(desk, file="old.json", version=4)
    assert desk.interop("trust", "list", "--trust", "own.json", "--trust", new).code == 0
    for words in (("trust", "list"), ("verifier", "build"), ("verify", "certificate.html")):
        said = desk.interop(*words, "--trust", "own.json", "--trust", old)
        assert (said.code, "trust-store-rolled-back" in said.text) == (7, True), (words, said.text)


def test_a_trust_store_that_is_no_ordinary_file_is_refused_at_once(desk: Any) -> None:
    os.mkfifo(desk.folder / "pipe")
    for name in ("pipe", "/dev/zero", "."):
        said = desk.interop("verify", "certificate.html", "--trust", name)
        assert (said.code, "trust-store-unreadable" in said.text) == (2, True), said.text


def test_a_publisher_of_one_profile_takes_nothing_from_another(desk: Any) -> None:
    """Its listing of a key that the reader lists as well counts where it is trusted; what it revokes is revoked."""
    publisher = made.trusted(made.PUBLISHER, "Sector body", "publish-trust", profiles=("other",))
    write_local(desk.folder / "own.json", made.store(publisher, issued=NOW - timedelta(days=2)))
    listed = made.trusted(made.SUPPLIER, "Misnamed", "sign:first_party", valid_until=NOW - timedelta(days=3))
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=(listed,), profiles=()), trust="own.json")
    assert said.code == 0 and 'signed by    "Example Ltd"' in said.text, said.text
    said = desk.interop("trust", "list", "--trust", "own.json", "--trust", "sector.json")
    assert "for other also active Misnamed: sign:first_party; other" in said.text
    gone = (replace(listed, status=Status.REVOKED),)
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=gone, profiles=(), version=4), trust="own.json")
    assert (said.code, "key-revoked" in said.text) == (5, True), said.text
    here = made.trusted(made.PUBLISHER, "Sector body", "publish-trust", profiles=("example-*",))
    write_local(desk.folder / "own.json", made.store(here, issued=NOW - timedelta(days=2)))
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=(listed,), profiles=(), version=5), trust="own.json")
    assert said.code == 4 and "the key of Example Ltd was no longer valid" in said.text, "by the reader's own name"


def test_the_dates_of_a_publisher_end_a_certificate_for_its_profiles_only(desk: Any) -> None:
    """An active key whose last moment is between the issue of the certificate and now."""
    listed = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", valid_until=NOW - timedelta(minutes=30))
    for number, (scope, code) in enumerate((("other", 0), ("example-*", 5))):
        publisher = made.trusted(made.PUBLISHER, "Sector body", "publish-trust", profiles=(scope,))
        write_local(desk.folder / "own.json", made.store(publisher, issued=NOW - timedelta(days=2)))
        store = sector(desk, keys=(listed,), profiles=(), version=4 + number)
        assert desk.verify(desk.genuine, "--trust", store, trust="own.json").code == code


def test_who_may_publish_profiles_alone_revokes_but_introduces_nobody(desk: Any) -> None:
    own(desk, "publish-profile")
    stranger = made.trusted(made.STRANGER, "Stranger", "sign:first_party")
    gone = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", status=Status.REVOKED)
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=(stranger,)), trust="own.json")
    assert said.code == 0 and "may publish profiles only." in said.text
    theirs = made.issued(key=made.STRANGER, now=NOW - timedelta(hours=1))
    assert "signer-unknown" in desk.verify(theirs, "--trust", "sector.json", trust="own.json").text
    said = desk.verify(desk.genuine, "--trust", sector(desk, keys=(gone,), version=4), trust="own.json")
    assert (said.code, "key-revoked" in said.text) == (5, True), said.text
    assert "may publish profiles only; those that it revokes are revoked." in said.text
