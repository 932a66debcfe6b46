"""Evidence as JSON Lines: a header, probes, exchanges sorted by key, and a terminal record.

The digest that a certificate signs covers the uncompressed lines. Reading treats every byte as hostile:
sizes are bounded and anything unexpected ends in an EvidenceError.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interop_harness.errors import EvidenceError
from interop_harness.evidence.exchange import Exchange, Probe
from interop_harness.evidence.shelf import Shelf

FORMAT = "interop-evidence/1"
MAX_BYTES = 2 * 1024**3
MAX_LINE = 96 * 1024**2
HARMLESS = 256 * 1024**2
PIECE = 64 * 1024
MAX_RATIO = 400
"""A gzip stream that grows to more than HARMLESS bytes, and by more than this, is a bomb and not evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a verdict may rest on. ``header`` holds the plan, the target and the run's clock."""

    header: Mapping[str, Any]
    probes: tuple[Probe, ...]
    exchanges: Mapping[str, Exchange] = field(repr=False)
    complete: bool
    sha256: str = ""


def encode(
    header: Mapping[str, Any], probes: Iterable[Probe], exchanges: Iterable[Exchange], *, complete: bool
) -> Iterator[bytes]:
    """The evidence, line by line, in its one order."""
    yield line({"type": "header", "format": FORMAT, **header})
    for probe in sorted(probes, key=lambda probe: probe.name):
        yield line(probe.as_json())
    count = 0
    for exchange in sorted(exchanges, key=lambda exchange: exchange.request.key):
        yield line(exchange.as_json())
        count += 1
    yield line({"type": "end", "exchanges": count, "complete": complete})


def line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    # A lone surrogate cannot be UTF-8: Python's backslash form of it is JSON's own escape.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def write_evidence(lines: Iterable[bytes]) -> tuple[bytes, str]:
    """Compress the lines. Returns the gzip bytes (no name, no time in them) and the lines' SHA-256."""
    digest = hashlib.sha256()
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    out = bytearray()
    for piece in lines:
        digest.update(piece)
        out += packer.compress(piece)
    out += packer.flush()
    # RFC 1952: byte 9 names the operating system; zlib's own choice differs between builds.
    out[9] = 255
    return bytes(out), digest.hexdigest()


def unpacked(data: bytes) -> Iterator[bytes]:
    """What :func:`write_evidence` packed, piece by piece, for whoever need not hold it at once."""
    unpacker = zlib.decompressobj(31)
    for start in range(0, len(data), PIECE):
        yield unpacker.decompress(data[start : start + PIECE])


def unpack(data: bytes, *, limit: int = MAX_BYTES) -> bytes:
    """Undo the gzip of an evidence file. Raises EvidenceError for bombs, truncation and trailing bytes."""
    if data[:2] != b"\x1f\x8b":
        if len(data) > limit:
            raise EvidenceError("evidence-too-large", "the evidence is larger than this tool reads")
        return data
    allowed = min(limit, max(len(data) * MAX_RATIO, HARMLESS))
    unpacker = zlib.decompressobj(31)
    try:
        out = unpacker.decompress(data, allowed + 1)
    except zlib.error as error:
        raise EvidenceError("evidence-gzip", f"the evidence is not a readable gzip file: {error}") from error
    if len(out) > allowed:
        raise EvidenceError("evidence-bomb", "the evidence unpacks to far more than a run could have recorded")
    if not unpacker.eof or unpacker.unused_data:
        raise EvidenceError("evidence-gzip", "the evidence file is truncated or has something after its end")
    return out


def read_evidence(data: bytes) -> Evidence:
    """Parse an evidence file, compressed or not. Raises EvidenceError whatever the bytes."""
    raw = unpack(data)
    header: Mapping[str, Any] | None = None
    end: Mapping[str, Any] | None = None
    probes: list[Probe] = []
    exchanges: dict[str, Exchange] = {}
    shelf = Shelf()
    last = ""
    for number, piece in enumerate(io.BytesIO(raw), 1):
        if len(piece) > MAX_LINE:
            raise EvidenceError("evidence-line", f"line {number} of the evidence is too long")
        record = _parse(piece, number)
        kind = record.get("type")
        if end is not None:
            raise EvidenceError("evidence-order", f"line {number} of the evidence comes after its end")
        if header is None:
            if kind != "header" or record.get("format") != FORMAT:
                raise EvidenceError("evidence-header", "the first line is not a header this tool knows")
            header = written = record
        elif kind == "probe":
            probe = Probe.from_json(record)
            probes.append(probe)
            written = probe.as_json()
        elif kind == "exchange":
            exchange = Exchange.from_json(record)
            key = exchange.request.key
            if record.get("id") != exchange.id:
                raise EvidenceError("evidence-id", f"line {number}: the id does not follow from the request")
            if key <= last:
                raise EvidenceError("evidence-order", f"line {number}: exchanges repeat or are out of order")
            last = key
            exchanges[key] = exchange
            written = exchange.as_json()
            if exchange.response is not None:
                shelf.add(exchange.response)
        elif kind == "end":
            end = record
            written = {"type": "end", "exchanges": end.get("exchanges"), "complete": end.get("complete") is True}
        else:
            raise EvidenceError("evidence-record", f"line {number} of the evidence is of an unknown type")
        if line(written) != piece:
            # One record has one spelling: what another reader might read otherwise, or not at all, stands nowhere.
            raise EvidenceError(
                "evidence-rewritten", f"line {number} of the evidence is not written as this tool writes it"
            )
    if header is None:
        raise EvidenceError("evidence-empty", "the evidence is empty")
    if end is None or end.get("exchanges") != len(exchanges):
        raise EvidenceError("evidence-truncated", "the evidence has no end record, or records are missing")
    return Evidence(header, tuple(probes), exchanges, end.get("complete") is True, hashlib.sha256(raw).hexdigest())


def _parse(piece: bytes, number: int) -> dict[str, Any]:
    try:
        record = json.loads(piece)
    except (ValueError, RecursionError) as error:
        raise EvidenceError("evidence-json", f"line {number} of the evidence is not JSON") from error
    if not isinstance(record, dict):
        raise EvidenceError("evidence-json", f"line {number} of the evidence is not an object")
    return record
