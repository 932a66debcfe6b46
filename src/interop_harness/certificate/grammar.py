"""The grammar of a certificate file: ASCII lines, two marker lines, a base64 block between them.

The *core* is the file without the lines of the block and with both markers, so the place of the block is
part of what is signed. A file is read into its parts or refused; nothing is repaired except one thing: when
every line end is CRLF, as e-mail makes of text attachments, they are read as LF and that is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interop_harness.errors import VerificationError
from interop_harness.signing.canonical import CanonicalError
from interop_harness.signing.envelope import decode64, encode64

BEGIN = b"-----BEGIN CONFORMANCE SIGNATURE V1-----\n"
END = b"-----END CONFORMANCE SIGNATURE V1-----\n"
SUFFIX = b"</pre></details></body></html>\n"
WIDTH = 76
MAX_FILE = 10 * 1024**2
_ANY_MARKER = re.compile(rb"-----(?:BEGIN|END) CONFORMANCE")
_NOT_ALLOWED = re.compile(rb"[^\n\x20-\x7e]")
_RESEND = "It was changed on its way or edited. Ask the sender for the file again, as the zip package."


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A certificate taken apart: the page without the block, and the bytes the block holds."""

    core: bytes
    block: bytes
    line_endings_changed: bool = False


def assemble(core: bytes, block: bytes) -> bytes:
    """Put ``block`` between the markers of a rendered page."""
    text = encode64(block)
    lines = "".join(text[start : start + WIDTH] + "\n" for start in range(0, len(text), WIDTH))
    head, marker, tail = core.partition(BEGIN)
    assert marker and tail.startswith(END), "a rendered page holds both markers, next to each other"
    return head + marker + lines.encode("ascii") + tail


def split(data: bytes) -> CertificateFile:
    """Take a certificate file apart, or say what is wrong with it."""
    if len(data) > MAX_FILE:
        raise VerificationError("file-too-large", "The file is larger than any certificate (10 MB).")
    if not data:
        raise VerificationError("file-empty", "The file is empty.", _RESEND)
    kind = _kind_of(data)
    if kind:
        raise VerificationError("file-not-ascii", kind, "Ask the sender for the certificate, best as the zip package.")
    data, changed = _line_endings(data)
    found = _NOT_ALLOWED.search(data)
    if found:
        place = f"(Byte 0x{found.group()[0]:02x} at {found.start()}.)"
        raise VerificationError(
            "file-not-ascii", "The file holds characters that no certificate has.", f"{_RESEND} {place}"
        )
    markers = _ANY_MARKER.findall(data)
    if not markers:
        raise _no_block(data)
    begin, end = data.find(b"\n" + BEGIN), data.find(b"\n" + END)
    if len(markers) != 2 or begin < 0 or end < begin:
        raise VerificationError(
            "signature-block-malformed", "The file does not hold exactly one signature block.", _RESEND
        )
    start, stop = begin + 1 + len(BEGIN), end + 1
    if data[stop + len(END) :] != SUFFIX:
        raise VerificationError(
            "signature-block-misplaced", "The signature block does not stand at the end of the page.", _RESEND
        )
    return CertificateFile(data[:start] + data[stop:], _block(data[start:stop]), changed)


def _kind_of(data: bytes) -> str:
    """What a file that cannot be a certificate is, in words that help whoever picked it; empty when it may be one."""
    for start, words in (
        (b"%PDF", "This is a PDF. A certificate is an HTML file; a PDF or a printed copy of one proves nothing."),
        (
            b"\x1f\x8b",
            "This is a compressed file, perhaps the evidence: give the certificate, and this with --evidence.",
        ),
        (b"\x89PNG", "This is a picture. A certificate is an HTML file; a picture of one proves nothing."),
    ):
        if data.startswith(start):
            return words
    return ""


def _line_endings(data: bytes) -> tuple[bytes, bool]:
    returns = data.count(b"\r")
    if not returns:
        return data, False
    if returns == data.count(b"\n") == data.count(b"\r\n"):
        return data.replace(b"\r\n", b"\n"), True
    raise VerificationError("line-endings-mixed", "Some line endings of the file were changed.", _RESEND)


def _no_block(data: bytes) -> VerificationError:
    if data.endswith(b"</html>\n") and data[:15].lower() == b"<!doctype html>":
        return VerificationError(
            "unsigned",
            "This page carries no signature: it is not a certificate.",
            "Anybody can write such a page. Ask the supplier for the signed certificate.",
            exit_code=4,
        )
    return VerificationError("not-a-certificate", "The file is not a certificate, or only a part of one.", _RESEND)


def _block(lines: bytes) -> bytes:
    try:
        block = decode64(lines.replace(b"\n", b"").decode("ascii"))
    except CanonicalError as error:
        raise VerificationError("signature-block-malformed", "The signature block is damaged.", _RESEND) from error
    text = encode64(block)
    expected = "".join(text[start : start + WIDTH] + "\n" for start in range(0, len(text), WIDTH))
    if not block or expected.encode("ascii") != lines:
        raise VerificationError("signature-block-malformed", "The signature block is damaged.", _RESEND)
    return block
