"""The signed store of a publisher, given to the verifier page beside the reader's own: as the command line takes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.errors import HarnessError
from interop_harness.signing import Envelope, KeySigner, canonical, pae
from interop_harness.trust import PAYLOAD_TYPE, Status, TrustStore, load_stores, to_json, write_local
from interop_harness.trust.files import sign_store
from interop_harness.verification.page import build, fingerprint, fingerprint_of_signed
from tests.browser.test_pages_in_a_browser import look, pytestmark  # noqa: F401
from tests.certificate import made
from tests.certificate.attacks import genuine
from tests.certificate.check import check
from tests.vectors.make import waived_certificate

CLOCK = made.NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
PUBLISHER_P256 = made.p256_key("publisher-p256")
BOTH = ("publish-trust", "publish-profile")
ISSUED = made.NOW - timedelta(days=2)
DAY = timedelta(days=1)


def own(
    *roles: str, key: Any = made.PUBLISHER, keys: Any = (), profiles: Any = (), covers: Any = ("*",), **more: Any
) -> TrustStore:
    """A reader's own store that knows a publisher and, unless told, neither signer nor profile."""
    publisher = made.trusted(key, "Sector body", *(roles or BOTH), profiles=covers, **more)
    return TrustStore("Example council", 3, ISSUED, keys=(publisher, *keys), profiles=profiles)


def sector(**more: Any) -> TrustStore:
    settings: dict[str, Any] = {"name": "sector", "version": 7, "issued": ISSUED, "expires": made.NOW + 30 * DAY}
    return replace(made.store(), **{**settings, **more})


def signed(store: TrustStore | None = None, key: Any = made.PUBLISHER) -> bytes:
    return sign_store(store or sector(), KeySigner(key)).as_bytes() + b"\n"


def put(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The envelope of a store changed after it was signed."""
    value = json.loads(signed())
    change(value)
    return canonical(value)


def reworded(old: bytes, new: bytes) -> bytes:
    def change(value: dict[str, Any]) -> None:
        payload = base64.b64decode(value["payload"])
        assert old in payload
        value["payload"] = base64.b64encode(payload.replace(old, new, 1)).decode()

    return put(change)


def signed_as(body: bytes, kind: str = PAYLOAD_TYPE, said: str = PAYLOAD_TYPE, key: Any = made.PUBLISHER) -> bytes:
    return Envelope(said, body, made.PUBLISHER.public.keyid, key.sign(pae(kind, body))).as_bytes()


def flipped() -> bytes:
    def change(value: dict[str, Any]) -> None:
        raw = bytearray(base64.b64decode(value["signatures"][0]["sig"]))
        raw[-1] ^= 1
        value["signatures"][0]["sig"] = base64.b64encode(raw).decode()

    return put(change)


def supplier(*roles: str, **more: Any) -> Any:
    return made.trusted(made.SUPPLIER, "Example Ltd", *(roles or ("sign:first_party",)), **more)


BODY = canonical(to_json(sector()))
OTHER = replace(made.known(), requirements_sha256="9" * 64)
STALE = sector(issued=datetime(2026, 1, 1, tzinfo=UTC), expires=datetime(2026, 9, 1, tzinfo=UTC))
REVOKING = sector(keys=(supplier(status=Status.REVOKED),), profiles=())
RETIRING = sector(keys=(supplier(status=Status.RETIRED, valid_until=made.NOW - DAY),))
MINE = (supplier(),)
CASES: dict[str, tuple[TrustStore, tuple[bytes, ...], str]] = {
    # name: the reader's own store, what publishers signed, the reason of the command line
    "trusted": (own(), (signed(),), "genuine-pass"),
    "trusted-p256": (own(key=PUBLISHER_P256), (signed(key=PUBLISHER_P256),), "genuine-pass"),
    "without-it": (own(), (), "signer-unknown"),
    "payload-changed": (own(), (reworded(b"Example Ltd", b"Example XYZ"),), "trust-store-forged"),
    "signature-changed": (own(), (flipped(),), "trust-store-forged"),
    "hint-forged": (own(), (signed_as(BODY, key=made.STRANGER),), "trust-store-forged"),
    "signed-as-another-type": (own(), (signed_as(BODY, "application/vnd.in-toto+json"),), "trust-store-forged"),
    "signed-without-type": (
        own(),
        (Envelope(PAYLOAD_TYPE, BODY, made.PUBLISHER.public.keyid, made.PUBLISHER.sign(BODY)).as_bytes(),),
        "trust-store-forged",
    ),
    "another-type": (own(), (signed_as(BODY, "x", "x"),), "trust-store-wrong-type"),
    "stranger": (own(), (signed(key=made.STRANGER),), "trust-store-unknown-publisher"),
    "no-publisher": (
        TrustStore("c", 1, ISSUED, keys=(supplier(),)), (signed(key=made.SUPPLIER),), "trust-store-unknown-publisher"
    ),
    "publisher-revoked": (own(status=Status.REVOKED), (signed(),), "trust-store-unknown-publisher"),
    "publisher-too-early": (own(valid_until=ISSUED - DAY), (signed(),), "trust-store-unknown-publisher"),
    "publisher-too-late": (own(valid_from=ISSUED + DAY), (signed(),), "trust-store-unknown-publisher"),
    "no-expiry": (own(), (signed(sector(expires=None)),), "trust-store-without-expiry"),
    "expired": (own(), (signed(STALE),), "trust-store-expired"),
    "no-store": (own(), (signed_as(b'{"type":"trust-store/v1"}'),), "trust-store-malformed"),
    "not-canonical": (own(), (signed_as(json.dumps(to_json(sector())).encode()),), "trust-store-unreadable"),
    "two-signatures": (own(), (put(lambda v: v["signatures"].append(v["signatures"][0])),), "trust-store-unreadable"),
    "member-added": (own(), (put(lambda v: v.update(zzz="x")),), "trust-store-unreadable"),
    "cut": (own(), (signed()[:-40],), "trust-store-unreadable"),
    "profiles-only": (own("publish-profile"), (signed(),), "signer-unknown"),
    "keys-only": (own("publish-trust"), (signed(),), "profile-unknown"),
    "keys-only-profile-own": (own("publish-trust", profiles=(made.known(),)), (signed(),), "genuine-pass"),
    "publisher-of-other-profiles": (own(covers=("other-*",)), (signed(),), "signer-unknown"),
    "publisher-of-this-profile": (own(covers=("example-directory",)), (signed(),), "genuine-pass"),
    "own-revokes": (own(keys=(supplier(status=Status.REVOKED),)), (signed(),), "key-revoked"),
    "own-forbids": (own(keys=(supplier("sign:second_party"),)), (signed(),), "signer-not-authorised"),
    "own-narrows": (own(keys=(supplier(profiles=("other",)),)), (signed(),), "signer-not-authorised"),
    "own-ends-earlier": (own(keys=(supplier(valid_until=made.NOW - DAY),)), (signed(),), "signer-not-authorised"),
    "never-wider": (
        own(keys=(supplier(),)), (signed(sector(keys=(supplier(profiles=("other",)),))),), "signer-not-authorised"
    ),
    "publisher-revokes": (
        own(keys=(supplier(),), profiles=(made.known(),)),
        (signed(sector(keys=(supplier(status=Status.REVOKED),))),),
        "key-revoked",
    ),
    "certificate-revoked": (
        own(keys=(supplier(),), profiles=(made.known(),)),
        (signed(sector(keys=(), profiles=(), revoked_certificates=frozenset({made.IDENTIFIER}))),),
        "certificate-revoked",
    ),
    "profiles-only-revokes": (
        own("publish-profile", keys=(supplier(),), profiles=(made.known(),)), (signed(REVOKING),), "key-revoked"
    ),
    "profiles-only-revokes-what-another-lists": (
        own(keys=(made.trusted(made.STRANGER, "Another body", "publish-profile"),)),
        (signed(REVOKING, made.STRANGER), signed()),
        "key-revoked",
    ),
    "and-the-other-way-round": (
        own(keys=(made.trusted(made.STRANGER, "Another body", "publish-profile"),)),
        (signed(), signed(replace(REVOKING, name="other"), made.STRANGER)),
        "key-revoked",
    ),
    "of-other-profiles-lists": (
        own(keys=MINE, profiles=(made.known(),), covers=("other-*",)), (signed(),), "genuine-pass"
    ),
    "of-other-profiles-retires": (
        own(keys=MINE, profiles=(made.known(),), covers=("other-*",)), (signed(RETIRING),), "genuine-pass"
    ),
    "of-other-profiles-revokes": (
        own(keys=MINE, profiles=(made.known(),), covers=("other-*",)), (signed(REVOKING),), "key-revoked"
    ),
    "of-this-profile-lists": (own(keys=MINE, covers=("example-*",)), (signed(),), "genuine-pass"),
    "of-this-profile-retires": (own(keys=MINE, covers=("example-*",)), (signed(RETIRING),), "signer-not-authorised"),
    "of-this-profile-narrows": (
        own(keys=MINE, covers=("example-*",)),
        (signed(sector(keys=(supplier("sign:second_party"),))),),
        "signer-not-authorised",
    ),
    "own-revokes-what-is-listed-for-this-profile": (
        own(keys=(supplier(status=Status.REVOKED),), covers=("example-*",)), (signed(),), "key-revoked"
    ),
    "two-publishers-of-two-profiles": (
        own(keys=(made.trusted(made.STRANGER, "Another", *BOTH, profiles=("other",)),), covers=("example-directory",)),
        (signed(sector(name="other"), made.STRANGER), signed()),
        "genuine-pass",
    ),
    "own-profile-counts": (own(profiles=(made.known(),)), (signed(sector(profiles=(OTHER,))),), "genuine-pass"),
    "publishers-contradict": (
        own(keys=(made.trusted(made.STRANGER, "Another body", *BOTH),)),
        (signed(), signed(sector(name="other", profiles=(OTHER,)), made.STRANGER)),
        "profile-contradicted",
    ),
    "no-publisher-makes-another": (
        own(),
        (signed(sector(keys=(made.trusted(made.STRANGER, "Stranger", *BOTH),))), signed(key=made.STRANGER)),
        "trust-store-unknown-publisher",
    ),
    "two-publishers": (
        own(keys=(made.trusted(made.STRANGER, "Another body", "publish-profile"),), profiles=()),
        (signed(sector(profiles=())), signed(sector(name="other", keys=()), made.STRANGER)),
        "genuine-pass",
    ),
}  # fmt: skip
SAME = {"genuine-pass": "checked-pass", "genuine-pass-with-waivers": "checked-waivers"}


def told(folder: Path, local: TrustStore, stores: tuple[bytes, ...], data: bytes) -> tuple[int, str]:
    """What the command line says with the same files."""
    paths = [folder / f"{number}.json" for number in range(len(stores) + 1)]
    for path, content in zip(paths, (canonical(to_json(local)), *stores), strict=True):
        path.write_bytes(content)
        path.chmod(0o600)
    try:
        result = check(data, trust=load_stores(paths)[0])
    except HarnessError as error:
        return error.exit_code, error.code
    return result.exit_code, result.code


def shown(tmp_path: Path, page: bytes, *jobs: tuple[bytes, tuple[bytes, ...]]) -> list[dict[str, Any]]:
    """What the page says of each certificate once these stores were chosen, one after the other."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "verify.html").write_bytes(page)
    vectors = []
    for number, (data, stores) in enumerate(jobs):
        paths = [tmp_path / f"{number}.html", *(tmp_path / f"{number}-{n}.json" for n in range(len(stores)))]
        for path, content in zip(paths, (data, *stores), strict=True):
            path.write_bytes(content)
        vectors.append({
            "name": str(number), "path": str(paths[0]), "clock": CLOCK, "expectations": {},
            "store": [str(path) for path in paths[1:]],
        })  # fmt: skip
    return list(look(tmp_path, kind="vectors", page=(tmp_path / "verify.html").as_uri(), vectors=vectors)["found"])


def test_the_page_takes_signed_stores_as_the_command_line_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waived = waived_certificate()
    cases = [(name, genuine(), *case) for name, case in CASES.items()]
    cases.append(("waiver", waived, own(), (signed(),), "genuine-pass-with-waivers"))
    cases.append(("waiver-not", waived, own("publish-profile", keys=(supplier(),)), (signed(),), "waiver-not-accepted"))
    for name, data, local, stores, code in cases:
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setenv("XDG_STATE_HOME", str(folder))
        assert told(folder, local, stores, data)[1] == code, name
    jobs = [(data, (canonical(to_json(local)), *stores)) for _, data, local, stores, _ in cases]
    seen = shown(tmp_path / "page", build(None), *jobs)
    for (name, data, local, stores, code), entry in zip(cases, seen, strict=True):
        expected = told(tmp_path / name, local, stores, data)[0], SAME.get(code, code)
        assert (entry["exit"], entry["reason"]) == expected, (name, entry["store"], entry["text"])
        assert "genuine:" not in entry["text"].lower()
        if code.startswith("trust-store-") and code != "trust-store-expired":
            assert entry["store"].startswith("The trust store was refused, and no certificate is accepted"), name


def test_the_page_says_what_of_a_signed_store_it_cannot_check(tmp_path: Path) -> None:
    contradicting = signed(sector(profiles=(OTHER,)))
    local = canonical(to_json(own("publish-trust", profiles=(made.known(),))))
    trusted, first, alone, again, back, refused_own, left_out = shown(
        tmp_path,
        build(None),
        (genuine(), (local, signed())),
        (genuine(), (local, signed(), signed(sector(version=8)))),
        (genuine(), (local, signed(key=made.STRANGER))),
        (genuine(), (signed(),)),
        (genuine(), (signed(sector(version=8)), signed())),
        (genuine(), (b"{}", signed())),
        (genuine(), (canonical(to_json(own(profiles=(made.known(),)))), contradicting)),
    )
    assert trusted["reason"] == "checked-pass"
    assert 'signed by "Sector body" (in your own store): sector, version 7' in trusted["store"]
    assert "Your own store lies over it: Example council, version 3" in trusted["store"]
    for text in (trusted["store"], trusted["text"]):
        assert "Whether it is the newest of its publisher is not checked here" in text
    assert "Profiles listed in sector do not count: Sector body is not trusted to publish them" in trusted["text"]
    assert "version 8" in first["store"] and first["reason"] == "checked-pass"
    assert "does not trust to publish, so nothing in it was checked" in alone["text"]
    assert again["reason"] == "checked-pass"  # the own store is still there
    assert (back["exit"], back["reason"]) == (7, "trust-store-rolled-back")
    assert (
        refused_own["reason"] == "trust-store-unknown-publisher" and "Load your own store first" in refused_own["text"]
    )
    assert "What sector lists as example-directory 1.0 does not count" in left_out["text"]


def test_a_signed_store_goes_under_the_one_that_is_built_in(tmp_path: Path) -> None:
    without, under, forged = shown(
        tmp_path,
        build(own()),
        (genuine(), ()),
        (genuine(), (signed(),)),
        (genuine(), (reworded(b"Example Ltd", b"Example XYZ"),)),
    )
    assert [entry["reason"] for entry in (without, under, forged)] == [
        "signer-unknown", "checked-pass", "trust-store-forged",
    ]  # fmt: skip


def test_a_publishers_store_that_is_built_in_can_be_replaced_by_its_newer_one(tmp_path: Path) -> None:
    """Built in as it was handed out, not merged into the reader's own, which alone says whom to trust to publish."""
    gone = (genuine(), (signed(replace(REVOKING, version=8)),))
    built = build(own(keys=MINE, profiles=(made.known(),)), (signed(),))
    as_built, newer, older = shown(
        tmp_path / "1", built, (genuine(), ()), gone, (genuine(), (signed(sector(version=6)),))
    )
    assert as_built["reason"] == "checked-pass"
    assert "Built in: Example council, version 3" in as_built["store"]
    assert fingerprint_of_signed(signed()) in as_built["store"]
    for text in (as_built["store"], as_built["text"]):
        assert "this page keeps no record" in text
    assert newer["reason"] == "key-revoked", newer["text"]
    assert older["reason"] == "trust-store-rolled-back"
    (stranger,) = shown(tmp_path / "2", build(own(), (signed(key=made.STRANGER),)), (genuine(), ()))
    assert stranger["reason"] == "trust-store-unknown-publisher", "what is built in is checked like any other"


def test_the_command_builds_the_stores_in_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from interop_harness.cli.verifier import app

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    write_local(tmp_path / "own.json", own(keys=MINE))
    (tmp_path / "sector.json").write_bytes(signed())
    (tmp_path / "sector.json").chmod(0o600)
    files = [word for name in ("own", "sector") for word in ("--trust", str(tmp_path / f"{name}.json"))]
    done = CliRunner().invoke(app, ["build", *files, "--out", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "page.html").read_bytes() == build(own(keys=MINE), (signed().strip(),))
    assert fingerprint(own(keys=MINE)) in done.output and fingerprint_of_signed(signed()) in done.output
    done = CliRunner().invoke(app, ["build", *files, "--out", str(tmp_path / "page.html"), "--json"])
    assert json.loads(done.stdout)["signed"] == [fingerprint_of_signed(signed())]
