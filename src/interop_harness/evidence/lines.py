"""Evidence as JSON Lines: a header, probes, exchanges sorted by key, and a terminal record.

The digest that a certificate signs covers the uncompressed lines. Reading treats every byte as hostile:
sizes are bounded and anything unexpected ends in an EvidenceError.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from interop_harness.errors import EvidenceError
from interop_harness.evidence.crowd import crowd
from interop_harness.evidence.exchange import Exchange, Probe
from interop_harness.evidence.shelf import Shelf

FORMAT = "interop-evidence/1"
MAX_BYTES = 2 * 1024**3
MAX_LINE = 96 * 1024**2
MAX_HEADER = 8 * 1024**2
"""The first line holds the plan: some 500 bytes a requirement, and no answer."""
LONG, MAX_STRUCTURE = 1024**2, 4 * 1024**2
"""Of a line longer than the first, no more than the second may be anything else than texts."""
HARMLESS = 256 * 1024**2
PIECE = 64 * 1024
MOST_AT_ONCE = 1024**2
PACKED = b"\x1f\x8b"
LEVEL = 3
"""Less than half the time of zlib's usual 6, for a quarter more bytes."""
MAX_RATIO = 400
"""A gzip stream that grows to more than HARMLESS bytes, and by more than this, is a bomb and not evidence."""


_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
"""One without its end goes on to the end of the line: sought from each quotation mark in it, it would take hours."""


class Measures(NamedTuple):
    """Of the lines: their SHA-256, their bytes, and how many they are."""

    sha256: str
    bytes: int
    records: int


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
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
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
    """Undo the gzip of an evidence file. Raises EvidenceError for bombs, truncation and trailing bytes.

    Nothing is kept before the whole was seen to be no bomb.
    """
    if data[:2] != PACKED:
        if len(data) > limit:
            raise EvidenceError("evidence-too-large", "the evidence is larger than this tool reads")
        return data
    for _ in _pieces(data, limit):
        pass
    return b"".join(_pieces(data, limit))


def measured(data: bytes, *, limit: int = MAX_BYTES) -> Measures:
    """What a certificate says of its evidence, piece by piece: none of it is kept. Raises as `unpack`."""
    digest, size, records = hashlib.sha256(), 0, 0
    for piece in _pieces(data, limit):
        digest.update(piece)
        size += len(piece)
        records += piece.count(b"\n")
    return Measures(digest.hexdigest(), size, records)


def _pieces(data: bytes, limit: int) -> Iterator[bytes]:
    """The lines in pieces of a mebibyte at most. What breaks a bound is known before it is all unpacked."""
    if data[:2] != PACKED:
        if len(data) > limit:
            raise EvidenceError("evidence-too-large", "the evidence is larger than this tool reads")
        yield from (data[start : start + MOST_AT_ONCE] for start in range(0, len(data), MOST_AT_ONCE))
        return
    allowed = min(limit, max(len(data) * MAX_RATIO, HARMLESS))
    unpacker = zlib.decompressobj(31)
    size = 0
    for start in range(0, len(data), PIECE):
        packed = data[start : start + PIECE]
        more = True
        while more:
            try:
                piece = unpacker.decompress(packed, MOST_AT_ONCE)
            except zlib.error as error:
                raise EvidenceError("evidence-gzip", f"the evidence is not a readable gzip file: {error}") from error
            size += len(piece)
            if size > allowed:
                raise EvidenceError("evidence-bomb", "the evidence unpacks to far more than a run could have recorded")
            yield piece
            packed = unpacker.unconsumed_tail
            # What fills a piece may leave more behind, although all that was given has been read.
            more = not unpacker.eof and (bool(packed) or len(piece) == MOST_AT_ONCE)
        if unpacker.eof:
            if unpacker.unused_data or start + PIECE < len(data):
                break
            return
    raise EvidenceError("evidence-gzip", "the evidence file is truncated or has something after its end")


def lines_of(data: bytes, *, limit: int = MAX_BYTES) -> Iterator[bytearray]:
    """Line after line with its line end, no more than one of them held. Raises as `unpack`, and for one too long."""
    held = bytearray()
    number = 1
    for piece in _pieces(data, limit):
        start = 0
        while (end := piece.find(b"\n", start) + 1) > 0:
            held += piece[start:end]
            _refuse_long(len(held), number)
            yield held
            held = bytearray()  # another: a long line is handed on as it is, and not copied
            number, start = number + 1, end
        held += piece[start:]
        _refuse_long(len(held), number)
        if held and held[0] != ord("{"):
            raise _no_object(number)
    if held:
        yield held


def _refuse_long(size: int, number: int) -> None:
    if size > (MAX_LINE if number > 1 else MAX_HEADER):
        raise EvidenceError("evidence-line", f"line {number} of the evidence is too long")


def read_evidence(data: bytes) -> Evidence:
    """Parse an evidence file, compressed or not. Raises EvidenceError whatever the bytes."""
    # All of it is seen once before anything is kept: a bomb ends here.
    sha256 = measured(data).sha256
    header: Mapping[str, Any] | None = None
    end: Mapping[str, Any] | None = None
    probes: list[Probe] = []
    exchanges: dict[str, Exchange] = {}
    shelf = Shelf()
    last = ""
    for number, piece in enumerate(lines_of(data), 1):
        record = parse(piece, number)
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
                if told := crowd(exchange.response.body):
                    raise EvidenceError("evidence-crowded", f"line {number} of the evidence is of no run: {told}")
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
    return Evidence(header, tuple(probes), exchanges, end.get("complete") is True, sha256)


def parse(piece: bytes | bytearray, number: int) -> dict[str, Any]:
    """The record of a line. Raises EvidenceError for what is none."""
    if (
        len(piece) > LONG
        and len(piece) - sum(text.end() - text.start() for text in _TEXTS.finditer(piece)) > MAX_STRUCTURE
    ):
        # A list of empty lists takes twenty times its length once it is read.
        raise EvidenceError("evidence-line", f"line {number} of the evidence holds more members than any record has")
    try:
        record = json.loads(piece)
    except (ValueError, RecursionError) as error:
        raise EvidenceError("evidence-json", f"line {number} of the evidence is not JSON") from error
    if not isinstance(record, dict):
        raise _no_object(number)
    return record


def _no_object(number: int) -> EvidenceError:
    return EvidenceError("evidence-json", f"line {number} of the evidence is not an object")
