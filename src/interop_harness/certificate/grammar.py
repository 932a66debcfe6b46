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
    data, changed = _line_endings(data)
    found = _NOT_ALLOWED.search(data)
    if found:
        raise VerificationError(
            "file-not-ascii",
            f"The file holds a byte that no certificate has (0x{found.group()[0]:02x} at {found.start()}).",
            _RESEND,
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
