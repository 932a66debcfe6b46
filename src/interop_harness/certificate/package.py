"""The e-mail package: a zip of exactly three stored files, in one order, with nothing else in it.

It is written and read here, byte by byte, so that only what this software makes is accepted: reading it and
writing it again must give the same bytes. Two entries of one name, a file before the first entry or after
the last, compression: none of it survives that comparison.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from interop_harness.certificate import grammar
from interop_harness.errors import UsageError, VerificationError

CERTIFICATE, BUNDLE, EVIDENCE = "certificate.html", "certificate.sigstore.json", "evidence.jsonl.gz"
NAMES = (CERTIFICATE, BUNDLE, EVIDENCE)
MAGIC = b"PK\x03\x04"
MAX_PACKAGE = 32 * 1024**2
"""Bytes: more than a mail carries, and little enough to be compared part by part within 200 MiB."""
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Package:
    """What an e-mail package holds. ``evidence`` is still compressed."""

    certificate: bytes
    evidence: bytes


def write(certificate: bytes, evidence: bytes) -> bytes:
    """The bytes of the package. Raises UsageError when they would be more than anybody reads."""
    block = grammar.split(certificate).block
    made = _zip((certificate, block, evidence))
    if len(made) > MAX_PACKAGE:
        raise UsageError(
            "package-too-large",
            f"The package would have {len(made):,} bytes, and no more than {MAX_PACKAGE:,} are read.",
            "Send the certificate and the evidence as two files.",
        )
    return made


def not_ours(message: str) -> VerificationError:
    return VerificationError(
        "package-not-ours",
        message,
        "Take the certificate out of it yourself if you trust the sender, and check that file.",
    )


def read(data: bytes) -> Package:
    refused = not_ours("This zip is not a package made by `interop sign --zip`, or it was changed on its way.")
    if len(data) > MAX_PACKAGE:
        raise VerificationError("file-too-large", "The package is larger than this tool reads.")
    parts: list[bytes] = []
    place = 0
    for name in NAMES:
        if len(data) < place + _LOCAL.size or data[place : place + 4] != MAGIC:
            raise refused
        size = _LOCAL.unpack_from(data, place)[8]
        start = place + _LOCAL.size + len(name)
        place = start + size
        if place > len(data):
            raise refused
        parts.append(data[start:place])
    if _zip((parts[0], parts[1], parts[2])) != data:
        raise refused
    if grammar.split(parts[0]).block != parts[1]:
        raise VerificationError("package-inconsistent", "The files in the package do not belong together.")
    return Package(parts[0], parts[2])


def _zip(parts: tuple[bytes, bytes, bytes]) -> bytes:
    body, directory = bytearray(), bytearray()
    for name, part in zip(NAMES, parts, strict=True):
        encoded, check = name.encode("ascii"), zlib.crc32(part)
        common = (20, 0, 0, 0, _DATE, check, len(part), len(part), len(encoded), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", 3 << 8 | 20, *common, 0, 0, 0, _MODE, len(body)) + encoded
        body += _LOCAL.pack(MAGIC, *common) + encoded + part
    end = _END.pack(b"PK\x05\x06", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    return bytes(body + directory + end)
