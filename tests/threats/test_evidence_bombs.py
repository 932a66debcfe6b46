"""Row 46 at every command that reads evidence: what no run has written is refused before it takes memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from interop_harness.errors import EvidenceError
from interop_harness.evidence import lines
from interop_harness.evidence.lines import line, measured, read_evidence, unpack, write_evidence
from interop_harness.verification import rejudging
from tests.certificate import made
from tests.certificate.check import refusal

MIB = 1024**2
MOST = 200 * MIB
HEADER = line({"type": "header", "format": "interop-evidence/1"})
pytestmark = pytest.mark.skipif(os.name != "posix", reason="measures with getrusage")


def bomb(start: bytes, fill: bytes, size: int) -> bytes:
    piece = fill * (MIB // len(fill))

    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return b"".join([packer.compress(start), *(packer.compress(piece) for _ in range(size // MIB)), packer.flush()])


BOMBS = {
    "nothing but zeros": (b"", b"\0", 600 * MIB),
    "zeros, fewer than a run may record": (b"", b"\0", 250 * MIB),
    "zeros after a header": (HEADER, b"\0", 250 * MIB),
    "one long text": (b'{"format":"', b"a", 250 * MIB),
    "a header of empty lists": (b'{"plan":[', b"[],", 7 * MIB),
    "a record of empty lists": (HEADER + b'{"plan":[', b"[],", 90 * MIB),
    "many small lines": (HEADER, b"{}\n", 250 * MIB),
}
MEASURE = (
    "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL); "
    "print('\\n%d %d' % (done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * "
    "(1 if sys.platform == 'darwin' else 1024)))"
)


@pytest.mark.parametrize("name", BOMBS)
def test_row_46_sign_and_replay_refuse_a_bomb_in_little_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / "evidence.jsonl.gz").write_bytes(bomb(*BOMBS[name]))
    (tmp_path / "report.json").write_bytes(made.encoded(made.report()))
    key = tmp_path / "issuer.key"
    key.write_bytes(made.SUPPLIER.to_openssh(None))
    key.chmod(0o600)
    for command, code in ((["replay", str(tmp_path)], 3), (["sign", str(tmp_path), "--key", str(key)], 2)):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, sys.executable, "-m", "interop_harness", *command],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        exit_code, peak = map(int, done.stdout.split()[-2:])
        assert exit_code == code and "evidence" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert peak < MOST, f"{command[0]}: {peak // MIB} MiB"
    assert not (tmp_path / "certificate.html").exists()


def test_row_46_what_a_run_may_write_is_read() -> None:
    """Beyond what is harmless whatever it packs to: as much as a run of long answers records."""
    text = os.urandom(24 * MIB).hex().encode()
    records = [HEADER, *(b'{"type":"probe","text":"' + text + b'"}\n' for _ in range(6))]
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # quicker than a run packs, and of the same length
    packed = b"".join([*map(packer.compress, records), packer.flush()])
    assert measured(packed) == (hashlib.sha256(b"".join(records)).hexdigest(), sum(map(len, records)), 7)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 64 * 1024, 3 * MIB])
@pytest.mark.parametrize("fill", [b"\0", b"line\n"])
def test_pieces_are_the_whole(size: int, fill: bytes) -> None:
    data = (fill * size)[:size]
    packed, digest = write_evidence([data])
    assert unpack(packed) == data
    assert measured(packed) == (digest, size, data.count(b"\n"))
    for damaged in (packed[:-1], packed[:-9], packed + b"x", packed + packed):
        with pytest.raises(EvidenceError, match="truncated or has something after its end"):
            measured(damaged)
    with pytest.raises(EvidenceError):
        read_evidence(packed)


def test_one_record_is_read_as_it_was_written() -> None:
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)  # stored, not packed: another writer's choice
    record = HEADER + line({"type": "end", "exchanges": 0, "complete": True})
    for data in (record, packer.compress(record) + packer.flush(), write_evidence([record])[0]):
        assert read_evidence(data).sha256 == write_evidence([record])[1]
    with pytest.raises(EvidenceError, match="not written as this tool writes it"):
        read_evidence(record[:-1])


@pytest.mark.parametrize("record", [b"{}\n", b'{"type":"header"}\n', b'{"type":["exchange"]}\n'])
def test_row_46_a_strange_record_ends_the_reading_where_it_stands(
    record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes, packed a thousandfold, are not read to their end before they are told."""
    read: list[int] = []
    real = lines.parse
    monkeypatch.setattr(lines, "parse", lambda piece, number: (read.append(number), real(piece, number))[1])
    assert refused(HEADER + record * 50_000) == "evidence-unreadable"
    assert read == [1, 2]


def test_row_46_more_records_than_any_run_makes_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = b"".join(b'{"type":"exchange","sent_at":"%d"}\n' % number for number in range(20))
    monkeypatch.setattr(rejudging, "MAX_RECORDS", 21)
    assert refused(HEADER + answers) == "evidence-of-another-time"
    monkeypatch.setattr(rejudging, "MAX_RECORDS", 20)
    assert refused(HEADER + answers) == "evidence-unreadable"


def refused(evidence: bytes) -> str:
    """The reason why a certificate over this evidence, its digest and size stated truly, is refused."""
    size = {"sha256": hashlib.sha256(evidence).hexdigest(), "bytes": len(evidence), "records": evidence.count(b"\n")}
    return refusal(made.resigned(made.issued(), lambda p: p["evidence"].update(size)), evidence=evidence).code
