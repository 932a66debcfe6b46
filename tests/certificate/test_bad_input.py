"""What people hand in by mistake or on purpose, through the command line: the exit code, and words first."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness import cli
from interop_harness.certificate import package
from interop_harness.signing import KeySigner
from interop_harness.trust import write_local
from interop_harness.trust.files import sign_store
from tests.certificate import made

NOW = datetime.now(UTC).replace(microsecond=0)
WORDS = re.compile(r"\b(JSON|DSSE|base64|traceback|exception|0x[0-9a-f]+|KeyError|errno|NoneType)\b", re.IGNORECASE)


class Said:
    def __init__(self, code: int, out: str) -> None:
        self.code, self.text = code, out
        self.first = out.strip().splitlines()[0] if out.strip() else ""


class Desk:
    """A reader's folder: a genuine certificate of today, a store that trusts its signer, and a command line."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.folder, self._patch, self._capsys = folder, monkeypatch, capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.setenv("INTEROP_PROFILES", "")
        self.genuine = made.issued(now=NOW - timedelta(hours=1))
        self.write("certificate.html", self.genuine)
        self.store = made.store(issued=NOW - timedelta(days=2))
        write_local(folder / "trust.json", self.store)

    def write(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        (self.folder / name).chmod(0o600)
        return name

    def interop(self, *words: str) -> Said:
        import typer

        self._patch.setattr(sys, "argv", ["interop", *words])
        self._patch.setattr(
            cli, "app", typer.Typer(name="interop", rich_markup_mode=None, pretty_exceptions_enable=False)
        )
        self._patch.setattr(sys, "stdin", io.StringIO())
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0) if not isinstance(end.code, str) else 1
        seen = self._capsys.readouterr()
        return Said(code, seen.out + seen.err)

    def verify(self, data: bytes, *words: str, name: str = "given", trust: str = "trust.json") -> Said:
        return self.interop("verify", self.write(name, data), "--trust", trust, *words)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


def test_the_desk_itself_is_in_order(desk: Desk) -> None:
    said = desk.verify(desk.genuine)
    assert said.code == 0, said.text
    assert said.first == "GENUINE: Genuine and current. The result is a pass."


def pdf() -> bytes:
    return b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\n1 0 obj <</Type/Catalog>> endobj\ntrailer\n%%EOF\n"


def strange_zip(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"\0" * 1024**2) for _ in range(100)) + packer.flush()


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda d: pdf(), 3, "PDF"),
        (lambda d: b"PK\x05\x06" + b"\0" * 18, 3, "zip"),
        (lambda d: strange_zip(certificate_html=d.genuine), 3, "zip"),
        (lambda d: package.write(d.genuine, gzip.compress(made.EVIDENCE)) + b"x", 3, "zip"),
        (lambda d: d.genuine.replace(b"\n", b"\r\n", 5), 3, "line endings"),
        (lambda d: d.genuine.replace(b"Example Ltd", b"Example PLC"), 3, "page"),
        (lambda d: d.genuine[:-500], 3, "signature block"),
        (lambda d: d.genuine[:500], 3, "not a certificate"),
        (lambda d: b"", 3, "empty"),
        (lambda d: b"\xff\xfe" + d.genuine.decode().encode("utf-16-le"), 3, "changed on its way"),
        (lambda d: b"<!doctype html>\n<title>Report</title></html>\n", 4, "carries no signature"),
        (lambda d: made.issued(now=NOW, key=made.STRANGER), 4, "Nobody in your trust store"),
        (lambda d: gzip.compress(made.EVIDENCE), 3, "certificate"),
        (lambda d: json.dumps({"payload": "x"}).encode(), 3, "not a certificate"),
    ],
)  # fmt: skip
def test_given_as_a_certificate(desk: Desk, make: Any, code: int, words: str) -> None:
    said = desk.verify(make(desk))
    assert said.code == code, said.text
    assert words.lower() in said.text.lower(), said.text
    assert not WORDS.search(said.first), said.first
    assert said.first.partition(":")[0] in {"NOT GENUINE", "NOT TRUSTED"}


def test_line_endings_changed_alike_are_accepted_and_said(desk: Desk) -> None:
    said = desk.verify(desk.genuine.replace(b"\n", b"\r\n"))
    assert said.code == 0 and "line endings were changed in transit, and nothing else" in said.text


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (bomb, "far more than a run could have recorded"),
        (lambda: gzip.compress(made.EVIDENCE)[:-9], "cannot be read"),
        (lambda: gzip.compress(made.EVIDENCE) + b"more", "cannot be read"),
        (lambda: gzip.compress(made.evidence("another")), "not the one this certificate was made from"),
        (pdf, "not the one this certificate was made from"),
    ],
)
def test_given_as_evidence(desk: Desk, evidence: Any, words: str) -> None:
    desk.write("evidence.gz", evidence())
    said = desk.verify(desk.genuine, "--evidence", "evidence.gz")
    assert said.code == 3 and words in said.text, said.text


def distributed(desk: Desk, version: int, expires: datetime) -> bytes:
    store = replace(desk.store, name="sector", version=version, expires=expires)
    return sign_store(store, KeySigner(made.PUBLISHER)).as_bytes() + b"\n"


def test_given_as_a_trust_store(desk: Desk) -> None:
    whole = (desk.folder / "trust.json").read_bytes()
    for data, words in (
        (whole[: len(whole) // 2], "cut short"),
        (b"", "cut short"),
        (b"{}", "not a trust store"),
        (pdf(), "cut short"),
        (whole.replace(b'"sign:first_party"', b'"sign:everything"', 1), "not a trust store"),
        (distributed(desk, 1, NOW + timedelta(days=9)), "does not trust to publish"),
    ):
        desk.write("other.json", data)
        said = desk.verify(desk.genuine, trust="other.json")
        assert said.code == 2 and words in said.text, (data[:40], said.text)
        assert said.first.startswith("Error: ")
    (desk.folder / "trust.json").chmod(0o666)
    assert "chmod 600" in desk.verify(desk.genuine).text


def test_a_trust_store_that_expired_or_is_older_than_the_last_one_seen(desk: Desk) -> None:
    own = made.store(
        made.trusted(made.PUBLISHER, "Sector body", "publish-trust", "publish-profile"),
        name="own",
        issued=NOW - timedelta(days=90),
        keys=(made.trusted(made.PUBLISHER, "Sector body", "publish-trust", "publish-profile"),),
        profiles=(),
    )
    write_local(desk.folder / "own.json", own)

    def verify(version: int, expires: datetime) -> Said:
        desk.write("sector.json", distributed(desk, version, expires))
        return desk.verify(desk.genuine, "--trust", "own.json", trust="sector.json")

    assert verify(4, NOW + timedelta(days=9)).code == 0
    warned = verify(5, NOW - timedelta(days=9))
    assert warned.code == 0 and "The trust store expired" in warned.text
    stale = verify(6, NOW - timedelta(days=40))
    assert stale.code == 7 and "may lack revocations" in stale.text
    older = verify(3, NOW + timedelta(days=9))
    assert older.code == 7 and "was seen here before" in older.text
    assert stale.first.startswith("CANNOT BE TOLD: ") and older.first.startswith("CANNOT BE TOLD: ")


def test_a_key_with_the_wrong_passphrase(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.threats.test_rows_48_57_around import sign

    desk.write("issuer.key", made.SUPPLIER.to_openssh(b"correct horse"))
    run = desk.folder / "run"
    run.mkdir()
    (run / "report.json").write_bytes(made.encoded(made.report()))
    (run / "evidence.jsonl.gz").write_bytes(made.EVIDENCE)
    monkeypatch.setattr(sign, "replay_without_key", lambda directory: None)
    for passphrase, words in (("wrong horse", "does not open the key"), ("", "The passphrase configured is empty")):
        monkeypatch.setenv("INTEROP_SIGNING_PASSPHRASE", passphrase)
        said = desk.interop("sign", "run", "--key", "issuer.key")
        assert said.code == 2 and words in said.first, said.text
        assert "horse" not in said.text and not (run / "certificate.html").exists()
    monkeypatch.delenv("INTEROP_SIGNING_PASSPHRASE", raising=False)
    assert "none was given" in desk.interop("sign", "run", "--key", "issuer.key").text
