"""Rows 48 to 57: what surrounds a certificate: files, keys, stores, waivers, terminals, paper."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from interop_harness.certificate import grammar, waiver
from interop_harness.certificate.statement import content
from interop_harness.cli import sign, signing_inputs, verify_text
from interop_harness.errors import SigningError, TrustError, VerificationError
from interop_harness.signing import CommandSigner, KeySigner, canonical, parse_envelope
from interop_harness.trust import Status, TrustedKey, load_stores, overlay, read_local, read_signed, write_local
from interop_harness.trust.files import sign_store
from interop_harness.verification import waivers
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, failed, genuine
from tests.certificate.check import assert_refused, check, refusal


def test_row_48_the_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "certificate.html"
    path.write_bytes(genuine())
    reads: list[str] = []
    for owner in (os, Path):
        real = owner.open

        def watched(opened: Any, *args: Any, real: Any = real, **more: Any) -> Any:
            reads.append(Path(opened).name)
            return real(opened, *args, **more)

        monkeypatch.setattr(owner, "open", watched)
    check(signing_inputs.read_file(path))
    assert reads.count("certificate.html") == 1


def test_row_48_the_bytes_verified_are_the_bytes_parsed() -> None:
    data = bytearray(genuine())
    result = check(bytes(data))
    data[:] = b"x" * len(data)
    assert result.predicate["verdict"] == "CONFORMANT"


def test_row_49_revoked_key_takes_all_its_certificates_with_it() -> None:
    """Without a trusted time stamp even those said to be from before the theft go: it could date them back."""
    for since in (None, made.NOW + timedelta(days=30)):
        key = made.SUPPLIER.public.keyid
        trust = made.store().with_status(key, Status.REVOKED, made.NOW, since)
        error = refusal(genuine(), trust=trust)
        assert (error.exit_code, error.code) == (5, "key-revoked")


def test_row_49_retired_key_keeps_its_certificates() -> None:
    trust = made.store().with_status(made.SUPPLIER.public.keyid, Status.RETIRED, made.NOW)
    assert check(genuine(), trust=trust).exit_code == 0
    with pytest.raises(TrustError, match="cannot become"):
        trust.with_status(made.SUPPLIER.public.keyid, Status.ACTIVE, made.NOW)


def test_row_49_retired_key_signs_no_more() -> None:
    """What is dated after a key was retired is refused, to the second; an earlier last day is never put off."""
    keyid = made.SUPPLIER.public.keyid
    retired = made.store().with_status(keyid, Status.RETIRED, made.NOW - timedelta(seconds=1))
    error = refusal(genuine(), trust=retired)
    assert (error.exit_code, error.code) == (4, "signer-not-authorised") and "was retired on" in error.message
    later = made.store().with_status(keyid, Status.RETIRED, made.NOW, ends=made.NOW + timedelta(days=9))
    assert check(genuine(), trust=later).exit_code == 0
    early = made.NOW - timedelta(days=1)
    ended = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", valid_until=early)
    entry = made.store(keys=(ended,)).with_status(keyid, Status.RETIRED, made.NOW).find(keyid)
    assert entry.valid_until == early
    undated = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", status=Status.RETIRED)
    assert refusal(genuine(), trust=made.store(keys=(undated,))).code == "signer-not-authorised"


def test_row_49_revoked_certificate() -> None:
    trust = made.store().with_revoked_certificate(made.IDENTIFIER, made.NOW)
    assert refusal(genuine(), trust=trust).code == "certificate-revoked"


def publishers(*roles: str, **more: Any) -> Any:
    roles = roles or ("publish-trust", "publish-profile")
    return made.store(made.trusted(made.PUBLISHER, "Sector body", *roles, **more), name="council")


def published(version: int, **more: Any) -> bytes:
    store = made.store(version=version, name="sector", expires=made.NOW + timedelta(days=30), **more)
    return sign_store(store, KeySigner(made.PUBLISHER)).as_bytes() + b"\n"


def test_row_50_stale_store_warns_then_stops() -> None:
    trust = read_signed(published(1), publishers())
    assert check(genuine(), trust=trust).exit_code == 0
    warned = check(genuine(), trust=trust, hours=24 * 40)
    assert any("trust store expired" in note for note in warned.notes)
    error = refusal(genuine(), trust=trust, hours=24 * 61)
    assert (error.exit_code, error.code) == (7, "trust-store-expired")


def test_row_50_older_store_than_the_last_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    local = tmp_path / "local.json"
    write_local(local, publishers())
    for version, accepted in ((4, True), (5, True), (4, False)):
        path = tmp_path / f"sector-{version}.json"
        path.write_bytes(published(version))
        path.chmod(0o600)
        if accepted:
            assert list(load_stores([local, path])[1].values()) == [version]
        else:
            with pytest.raises(VerificationError) as caught:
                load_stores([local, path])
            assert (caught.value.exit_code, caught.value.code) == (7, "trust-store-rolled-back")


def test_row_50_store_signed_by_nobody_known_or_changed_or_cut() -> None:
    data = published(1)
    envelope = parse_envelope(data.rstrip())
    younger = replace(envelope, payload=envelope.payload.replace(b'"version":1', b'"version":9')).as_bytes()
    assert younger.rstrip() != data.rstrip()
    for publishers_, changed, code in (
        (None, data, "trust-store-unknown-publisher"),
        (made.store(), data, "trust-store-unknown-publisher"),
        (publishers(), data[:-40], "trust-store-unreadable"),
        (publishers(), younger, "trust-store-forged"),
    ):
        with pytest.raises(TrustError) as caught:
            read_signed(changed, publishers_)
        assert (caught.value.exit_code, caught.value.code) == (2, code)


def test_row_50_store_issued_outside_the_dates_of_its_publisher() -> None:
    day = timedelta(days=1)
    for dates in ({"valid_from": made.NOW}, {"valid_until": made.store().issued - day}):
        with pytest.raises(TrustError) as caught:
            read_signed(published(1), publishers(**dates))
        assert caught.value.code == "trust-store-unknown-publisher"


def test_row_50_profile_publisher_cannot_smuggle_keys() -> None:
    """Somebody trusted to say what a profile is says whom to trust as well: that part does not count."""
    trust = read_signed(published(1), publishers("publish-profile"))
    assert trust.keys == () and trust.profiles
    assert "keys in sector do not count" in trust.notes[0]
    with pytest.raises(TrustError) as caught:
        made.trusted(made.PUBLISHER, "Sector body", "publish-profile", "sign:first_party")
    assert caught.value.code == "key-two-purposes"


def test_row_50_distributed_store_needs_an_expiry() -> None:
    data = sign_store(made.store(name="sector"), KeySigner(made.PUBLISHER)).as_bytes()
    with pytest.raises(TrustError) as caught:
        read_signed(data, publishers())
    assert caught.value.code == "trust-store-without-expiry"


def test_row_50_overlay_adds_or_restricts_but_never_widens() -> None:
    base = made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", profiles=("example-*",)),))
    wide: TrustedKey = made.trusted(
        made.SUPPLIER, "Example Ltd", "sign:first_party", "sign:third_party", profiles=("*",)
    )
    own = made.trusted(made.STRANGER, "Local Ltd", "sign:first_party")
    publisher = made.trusted(made.PUBLISHER, "Sector body", "publish-trust")
    merged = overlay(base, made.store(keys=(wide, own, publisher)))
    found = merged.find(made.SUPPLIER.public.keyid)
    assert found and found.roles == {"sign:first_party"} and found.profiles == ("example-*",)
    added = merged.find(made.STRANGER.public.keyid)
    assert added and added.roles == {"sign:first_party"}
    barred = merged.find(made.PUBLISHER.public.keyid)
    assert barred and not barred.roles
    revoked = made.store(keys=(wide,)).with_status(made.SUPPLIER.public.keyid, Status.REVOKED, made.NOW)
    assert refusal(genuine(), trust=overlay(made.store(), revoked)).code == "key-revoked"


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -200])
def test_row_50_truncated_local_store(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "trust.json"
    write_local(path, made.store())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(TrustError) as caught:
        read_local(path.read_bytes()[:cut].rstrip(b"}\n"))
    assert caught.value.code == "trust-store-unreadable"


def test_row_50_a_store_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "trust.json").mkdir()
    for path in (tmp_path / "nowhere" / "trust.json", tmp_path / "trust.json"):
        with pytest.raises(TrustError) as caught:
            write_local(path, made.store())
        assert caught.value.code == "trust-store-unwritable"
    assert [path.name for path in tmp_path.iterdir()] == ["trust.json"]


def test_row_50_store_others_can_change_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    write_local(path, made.store())
    path.chmod(0o666)
    with pytest.raises(TrustError) as caught:
        load_stores([path])
    assert caught.value.code == "trust-store-too-open"


def granted(key: Any = made.COUNCIL, **more: Any) -> bytes:
    settings = {
        "now": made.NOW - timedelta(days=1),
        "expires": made.NOW + timedelta(days=30),
        "profile": "example-directory",
        "requirement": "EX-PAGE-01",
        "supplier": "Example Ltd",
        "product": "Directory",
        "reason": "Accepted until the spring release.",
        "identifier": "urn:uuid:019aa5f0-0000-7000-8000-0000000000aa",
    }
    return waiver.grant(signer=KeySigner(key), **{**settings, **more})


def waived(document: bytes, trust: Any = None) -> bytes:
    read = made.failing()
    entry = waivers.entry(document, content(read), trust or made.store(), made.NOW)
    return made.issued(read, waivers=[entry])


def test_row_51_genuine_waiver_is_its_own_verdict() -> None:
    data = waived(granted())
    result = check(data)
    assert (result.exit_code, result.code) == (1, "genuine-pass-with-waivers")
    assert check(data, accept_waivers=True).exit_code == 0
    assert result.predicate["validUntil"] == "2026-12-21T10:30:00Z", "no longer than the waiver"
    assert b"Pass with waivers" in data and b"Accepted until the spring release." in data


def forged() -> bytes:
    """A genuine waiver whose reason was changed afterwards."""
    envelope = parse_envelope(granted().rstrip())
    return replace(envelope, payload=envelope.payload.replace(b"until the spring", b"until some later")).as_bytes()


def unsigned() -> bytes:
    import base64

    return base64.b64decode(json.loads(granted())["payload"])


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (lambda: granted(made.STRANGER), "not in the trust store"),
        (lambda: granted(made.SUPPLIER), "not trusted for grant-waiver"),
        (lambda: granted(now=made.NOW - timedelta(days=9), expires=made.NOW - timedelta(days=1)), "not in force"),
        (lambda: granted(supplier="Other Ltd"), "another product"),
        (lambda: granted(profile="open-referral-uk"), "another product or profile"),
        (unsigned, "not signed"),
        (forged, "signature is not genuine"),
    ],
)
def test_row_51_waiver_that_does_not_count_changes_nothing(document: Any, reason: str) -> None:
    data = waived(document())
    result = check(data)
    assert (result.exit_code, result.code) == (1, "genuine-fail")
    assert not result.predicate["waivers"][0]["accepted"]
    assert reason in result.predicate["waivers"][0]["refusal"]
    assert b"waiver not accepted" in data


def test_row_51_waiver_of_a_revoked_key_counts_no_more() -> None:
    data = waived(granted())
    trust = made.store().with_status(made.COUNCIL.public.keyid, Status.REVOKED, made.NOW)
    result = check(data, trust=trust, accept_waivers=True)
    assert (result.exit_code, result.code) == (1, "waiver-not-accepted")
    assert any("was revoked" in note for note in result.notes)
    expired = check(data, accept_waivers=True, hours=24 * 29)
    assert expired.exit_code == 0
    assert refusal(data, accept_waivers=True, hours=24 * 31).code == "expired", "no longer than its waiver"


def test_row_51_waiver_invented_by_the_supplier() -> None:
    """The supplier's own store says its own key may waive; the council's does not: a fail, exit 1, never 3."""
    own = made.store(keys=(made.trusted(made.STRANGER, "Example council", "grant-waiver"),))
    data = waived(granted(made.STRANGER), own)
    assert b"Pass with waivers" in data
    for accept in (False, True):
        result = check(data, accept_waivers=accept)
        assert (result.exit_code, result.code) == (1, "waiver-not-accepted")
        assert any("EX-PAGE-01 failed. Its waiver is not accepted" in note for note in result.notes)


def waived_by(documents: Any, trust: Any = None, report: Any = None) -> bytes:
    read = report or made.failing()
    parts = content(read)
    entries = [waivers.entry(document, parts, trust or made.store(), made.NOW) for document in documents]
    return made.issued(read, waivers=entries)


def unneeded(**more: Any) -> bytes:
    return granted(requirement="EX-LIST-01", **more)


def test_row_51_waiver_of_what_passed_changes_nothing() -> None:
    """Whoever granted it, a pass with waivers stays one, and nothing is said to have failed that passed."""
    own = made.store(
        keys=(*made.store().keys, made.trusted(made.STRANGER, "Another council", "grant-waiver")),
    )
    data = waived_by([granted(), unneeded(key=made.STRANGER), unneeded()], own)
    result = check(data, accept_waivers=True)
    assert (result.exit_code, result.code) == (0, "genuine-pass-with-waivers")
    assert not any("EX-LIST-01" in note for note in result.notes)
    assert [bool(entry["refusal"]) for entry in result.waivers] == [False, True, True]
    said = verify_text.describe(result)
    assert f"waiver       EX-LIST-01: NOT ACCEPTED: {waivers.NOT_NEEDED}" in said
    passed = check(waived_by([unneeded()], report=made.report()))
    assert (passed.exit_code, passed.waivers[0]["refusal"]) == (0, waivers.NOT_NEEDED)


def test_row_51_one_waiver_that_counts_is_enough() -> None:
    """Two councils waive the same failure; each reads a pass with waivers under its own store alone."""
    theirs = made.trusted(made.STRANGER, "Another council", "grant-waiver")
    data = waived_by([granted(), granted(made.STRANGER)], made.store(keys=(*made.store().keys, theirs)))
    signer = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party")
    for trust, refused in ((made.store(), [False, True]), (made.store(keys=(signer, theirs)), [True, False])):
        result = check(data, trust=trust, accept_waivers=True)
        assert (result.exit_code, result.code) == (0, "genuine-pass-with-waivers")
        assert [bool(entry["refusal"]) for entry in result.waivers] == refused
        assert not any("failed" in note for note in result.notes)
    neither = check(data, trust=made.store(keys=(signer,)), accept_waivers=True)
    assert (neither.exit_code, neither.code) == (1, "waiver-not-accepted")


@pytest.mark.parametrize(
    ("requirement", "words"),
    [("EX-LIST-01", "ended pass"), ("NO-SUCH-01", "was not tested"), ("GOV-HTTPS-01", "does not decide")],
)
def test_row_51_a_waiver_of_nothing_is_not_signed(requirement: str, words: str) -> None:
    read = made.report(
        *(made.row(name) for name in ("EX-LIST-01",)),
        made.row("EX-PAGE-01", "fail"),
        made.row("GOV-HTTPS-01", "fail", layer="gov-base", **{"class": "baseline"}),
    )
    waivers.refuse_unneeded(granted(), content(read))
    with pytest.raises(SigningError) as caught:
        waivers.refuse_unneeded(granted(requirement=requirement), content(read))
    assert caught.value.code == "waiver-not-needed" and words in caught.value.message


def test_row_51_waiver_entry_that_misrepresents_its_document() -> None:
    data = waived(granted())
    for change in ({"reason": "Met."}, {"requirementId": "EX-PAGE-02"}, {"expires": "2027-11-21T10:30:00Z"}):
        lied = made.resigned(data, lambda p, change=change: p["waivers"][0].update(change))
        assert refusal(lied).code == "waiver-misrepresented"


def test_row_52_terminal_escapes_and_markup() -> None:
    hostile = "\x1b]0;owned\x07[red]PASS[/red]\r\x1b[2K%s{0}"
    data = made.issued(made.report(implementation={"supplier": hostile}))
    said = verify_text.describe(check(data))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)
    assert "[red]PASS[/red]" in said, "markup is printed, not interpreted"
    error = refusal(genuine(), expect={"supplier": "\x1b[2J"})
    assert "\x1b" not in error.message
    named = made.trusted(made.SUPPLIER, "Owned\x1b]0;x\x07", "sign:first_party")
    said = verify_text.describe(check(genuine(), trust=made.store(keys=(named,))))
    assert "\x1b" not in said and "Owned[U+001B]" in said


def test_row_53_no_links_and_nothing_loaded() -> None:
    page = grammar.split(failed()).core.decode("ascii").lower()
    for word in (
        "href",
        "src=",
        "url(",
        "@import",
        "<a ",
        "<link",
        "<iframe",
        "<object",
        "<form",
        "<base",
        'http-equiv="refresh',
    ):
        assert word not in page, word


def test_row_54_paper_copy_says_so() -> None:
    page = genuine().decode("ascii")
    assert "cannot be verified on paper" in page
    assert f"Certificate {made.IDENTIFIER}, key {made.SUPPLIER.public.keyid}. Ask for the file." in page
    assert ".paper{display:none}" in page and re.search(r"@media print\{.*\.paper\{display:block", page)


def test_row_55_bodies_and_observations_stay_out() -> None:
    read = made.failing()
    canary = "canary-5f1d2c"
    for row in read["requirements"]:
        row["observations"] = [f"token {canary}"]
        for finding in row["findings"]:
            finding |= {"exchange": f"GET /?key={canary}", "case": canary}
    read["run"]["platform"] = canary
    data = made.issued(read)
    payload = canonical(made.payload(data))
    assert canary.encode() not in data + payload


def test_row_55_key_never_enters_the_environment_of_a_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KEY", "KEY_FILE", "PASSPHRASE", "PASSPHRASE_FILE"):
        monkeypatch.setenv(f"INTEROP_SIGNING_{name}", "canary-5f1d2c")
    seen: dict[str, Any] = {}

    def run(arguments: list[str], **more: Any) -> Any:
        seen.update(arguments=arguments, **more)

        class Done:
            returncode = 0

        return Done()

    monkeypatch.setattr(sign.subprocess, "run", run)
    sign.replay_without_key(tmp_path)
    assert "canary-5f1d2c" not in json.dumps([seen["arguments"], seen["env"]])
    assert seen["close_fds"] is True
    assert seen["stdin"] == sign.subprocess.DEVNULL
    assert seen["arguments"][1:5] == ["-P", "-m", "interop_harness", "replay"]


def test_row_55_a_run_directory_cannot_bring_its_own_judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An assessor signs inside a directory that a supplier handed over, with a module in it that finds all in order."""
    for name in ("interop_harness", "typer", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(0)\n")
    (tmp_path / "report.json").write_bytes(made.encoded(made.report()))
    (tmp_path / "evidence.jsonl.gz").write_bytes(made.EVIDENCE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SigningError) as caught:
        sign.replay_without_key(Path())
    assert caught.value.code == "replay-differs"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
def test_row_55_a_real_judge_finds_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Arguments, environment and open files of the process that judges, while the parent holds the key file open."""
    seen, judge, key = tmp_path / "seen", tmp_path / "judge", tmp_path / "canary-5f1d2c.key"
    judge.write_text(f'#!/bin/sh\nexec > {seen}\necho "$@"; env; ls -l /proc/self/fd; cat\n')
    judge.chmod(0o700)
    key.write_bytes(made.SUPPLIER.to_openssh(None))
    monkeypatch.setenv("INTEROP_SIGNING_KEY_FILE", str(key))
    monkeypatch.setenv("INTEROP_SIGNING_PASSPHRASE", "canary-5f1d2c")
    monkeypatch.setattr(sign.sys, "executable", str(judge))
    with key.open("rb"):
        sign.replay_without_key(tmp_path / "run")
    text = seen.read_text()
    assert "replay" in text and "PATH=" in text and "/proc" in text
    assert "canary-5f1d2c" not in text


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc")
def test_row_55_a_run_carries_no_key_in_its_whole_process_tree(tmp_path: Path) -> None:
    """A shell that has everything set for signing, and a real run: the service it tests looks at it from outside."""
    from interop_harness.sandbox import handler
    from interop_harness.sandbox.server import serving

    canary, key = "canary-5f1d2c", tmp_path / "canary-5f1d2c.key"
    key.write_bytes(made.SUPPLIER.to_openssh(None))
    key.chmod(0o600)
    seen: dict[int, str] = {}
    running: list[subprocess.Popen[bytes]] = []
    answer = handler("open-referral-uk")

    def watching(request: Any) -> Any:
        with contextlib.suppress(OSError):  # a process may end while it is looked at
            for process in tree(running[0].pid):
                seen[process] = seen.get(process, "") + visible_of(process)
        return answer(request)

    secrets = {f"INTEROP_SIGNING_{name}": canary for name in ("KEY", "PASSPHRASE", "PASSPHRASE_FILE")}
    with serving(watching) as url, key.open("rb"):
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "interop_harness", "run", "open-referral-uk", "--target", url, "-q"],
                cwd=tmp_path,
                env={**os.environ, **secrets, "INTEROP_SIGNING_KEY_FILE": str(key)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
        _, said = running[0].communicate(timeout=120)
    assert running[0].returncode == 0, said[-400:]
    assert seen and all("interop_harness" in text for text in seen.values())
    assert not [process for process, text in seen.items() if canary in text]
    assert list(tmp_path.glob("reports/**/report.json")), "the run went on after its environment was left"


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it ended in the meantime
    found = [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def visible_of(process: int) -> str:
    """Arguments, environment and open files of a process, as its owner sees them."""
    place = Path(f"/proc/{process}")
    text = (place / "cmdline").read_bytes() + b"\n" + (place / "environ").read_bytes()
    opened = []
    for entry in (place / "fd").iterdir():
        with contextlib.suppress(OSError):
            opened.append(str(entry.readlink()))
    return text.decode("utf-8", "replace") + "\n".join(opened)


def test_row_55_secrets_are_removed_from_the_environment_once_read(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = made.STRANGER.to_openssh(None).decode()
    monkeypatch.setenv("INTEROP_SIGNING_KEY", secret)
    monkeypatch.setenv("INTEROP_SIGNING_PASSPHRASE", "canary-5f1d2c")
    assert signing_inputs.signer_from(None, None, None).public == made.STRANGER.public
    assert "INTEROP_SIGNING_KEY" not in os.environ
    assert signing_inputs.new_passphrase() == b"canary-5f1d2c"
    assert "INTEROP_SIGNING_PASSPHRASE" not in os.environ


STAND_IN = """
import sys
from tests.certificate import made
message = sys.stdin.buffer.read()
assert message.startswith(b"DSSEv1 28 application/vnd.in-toto+json ")
sys.stdout.buffer.write({expression})
"""


def stand_in(expression: str, key: Any = made.SUPPLIER) -> CommandSigner:
    return CommandSigner((sys.executable, "-c", STAND_IN.format(expression=expression)), key.public)


def issued_by(signer: Any) -> bytes:
    from interop_harness import certificate

    return certificate.issue(
        made.encoded(made.report()), made.EVIDENCE, signer, now=made.NOW, issuer="Example Ltd",
        identifier=made.IDENTIFIER,
    )  # fmt: skip


def test_row_56_signing_command() -> None:
    assert issued_by(stand_in("made.SUPPLIER.sign(message)")) == genuine()
    raw = (
        "b''.join(n.to_bytes(32, 'big') for n in __import__('cryptography.hazmat.primitives.asymmetric.utils', "
        "fromlist=['x']).decode_dss_signature(made.SUPPLIER_P256.sign(message)))"
    )
    assert check(issued_by(stand_in(raw, made.SUPPLIER_P256))).exit_code == 0


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_row_56_openssl_can_be_the_signing_command(tmp_path: Path) -> None:
    """As docs/certificate.md says it: a P-256 key that only OpenSSL reads."""
    path = tmp_path / "p256.pem"
    path.write_bytes(
        made.SUPPLIER_P256.secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    signer = CommandSigner(("openssl", "dgst", "-sha256", "-sign", str(path)), made.SUPPLIER_P256.public)
    assert check(issued_by(signer)).exit_code == 0


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("made.STRANGER.sign(message)", "signature-does-not-verify"),
        ("made.SUPPLIER.sign(message + b'x')", "signature-does-not-verify"),
        ("b''", "signer-command-failed"),
        ("b'x' * 5000", "signer-command-failed"),
        ("sys.exit('no token')", "signer-command-failed"),
    ],
)
def test_row_56_signing_command_that_signs_something_else(expression: str, code: str) -> None:
    with pytest.raises(SigningError) as caught:
        issued_by(stand_in(expression))
    assert caught.value.code == code


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 57])
def test_row_57_timestamp_slots_are_closed_until_they_are_built(name: str) -> None:
    assert_refused(name)


def test_row_57_the_payload_says_that_there_is_no_timestamp() -> None:
    assert made.payload(genuine())["predicate"]["timestampPolicy"] == "none"
