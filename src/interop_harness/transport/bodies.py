"""Reading a body within bounds: of bytes received, of bytes decoded."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterable
from typing import Protocol

from interop_harness.evidence import FailureKind, Response
from interop_harness.evidence.crowd import MOST_CONTAINERS, crowd
from interop_harness.evidence.shelf import Shelf
from interop_harness.transport.failures import Trouble, printable

__all__ = ["MOST_CONTAINERS", "Store", "announced_too_large", "read_body", "refuse_crowded"]

MOST_CODINGS = 3


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes: ...
    def finish(self) -> None: ...


class _Gzip:
    """gzip (RFC 1952), one member or several: the same however its bytes are cut."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(31)
        self._behind = b""
        """What came behind a member and may be the first byte of the next."""
        self._complete = False

    def feed(self, data: bytes, room: int) -> bytes:
        out = bytearray()
        while data and not self._complete:
            if self._unpacker.eof:
                data, self._behind = self._behind + data, b""
                if data == _MEMBER[:1]:
                    self._behind = data
                    break
                if not data.startswith(_MEMBER):
                    # Anything after the last member is padding, as other clients take it.
                    self._complete = True
                    break
                self._unpacker = zlib.decompressobj(31)
            out += self._unpacker.decompress(data, room + 1 - len(out))
            if len(out) > room:
                break
            data = self._unpacker.unused_data
        return bytes(out)

    def finish(self) -> None:
        if not self._unpacker.eof:
            raise zlib.error("truncated")


class _Deflate:
    """deflate: a zlib stream (RFC 1950), or the bare one (RFC 1951) that some servers send."""

    def __init__(self) -> None:
        self._unpacker: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes, room: int) -> bytes:
        if self._unpacker is None:
            # The first two bytes tell which it is: no stream is shorter.
            self._head += data
            if len(self._head) < 2:
                return b""
            data = self._head
            self._unpacker = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else -zlib.MAX_WBITS)
        if self._unpacker.eof or not data:
            return b""
        return self._unpacker.decompress(data, room + 1)

    def finish(self) -> None:
        if self._unpacker is None or not self._unpacker.eof:
            raise zlib.error("truncated")


_MEMBER = b"\x1f\x8b"
"""How a member of gzip begins (RFC 1952, 2.3.1)."""


def _is_zlib(head: bytes) -> bool:
    """Whether a stream begins as zlib's do: deflate, a window it has, no dictionary, a sum that is right (RFC 1950)."""
    method, flags = head[0], head[1]
    return method & 0x0F == 8 and method >> 4 <= 7 and not flags & 0x20 and (method * 256 + flags) % 31 == 0


_DECODERS: dict[str, type[_Gzip] | type[_Deflate]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> tuple[bytes, int]:
    """The decoded body, and how many bytes of it came before decoding. Raises Trouble."""
    codings = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    received: list[bytes] = []
    size = 0
    came = 0
    decoders: list[_Decoder] | None = None
    for piece in chunks:
        if not piece:
            continue
        came += len(piece)
        chunk = piece
        if codings:
            if decoders is None:
                # Made at the first byte: an answer without a body may name any coding.
                decoders = _decoders(codings)
            chunk = _decode(decoders, chunk, limit - size, limit)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        received.append(chunk)
    try:
        for decoder in decoders or ():
            decoder.finish()
    except zlib.error as error:
        raise _broken("ends before its content encoding does") from error
    return b"".join(received), came


def refuse_crowded(body: bytes) -> None:
    """Raise Trouble for JSON that is small to send and very large to read."""
    if told := crowd(body):
        raise Trouble(FailureKind.TOO_LARGE, told)


def _decode(decoders: list[_Decoder], data: bytes, room: int, limit: int) -> bytes:
    try:
        for decoder in decoders:
            data = decoder.feed(data, room)
            if len(data) > room:
                raise _too_large(limit)
    except zlib.error as error:
        raise _broken("is not what its Content-Encoding says") from error
    return data


def _decoders(codings: list[str]) -> list[_Decoder]:
    if len(codings) > MOST_CODINGS:
        raise _broken(f"is encoded {len(codings)} times over")
    unknown = [name for name in codings if name not in _DECODERS]
    if unknown:
        raise _broken(f"has the Content-Encoding {printable(unknown[0])[:60]}, which the request did not offer,")
    # The last coding named was applied last, so it is undone first.
    return [_DECODERS[name]() for name in reversed(codings)]


def _broken(what: str) -> Trouble:
    return Trouble(FailureKind.DECODING, f"The body {what} and cannot be read.")


def _too_large(limit: int) -> Trouble:
    return Trouble(
        FailureKind.TOO_LARGE,
        f"The body is larger than the {limit:,} bytes that the harness reads (limits.max_body_bytes).",
    )


class Store:
    """How much of a run's answers is kept, together: no service may fill the disk, or make evidence nobody can open."""

    MOST = 1024**3
    MOST_PACKED = 512 * 1024**2
    SURELY = 40 * 1024**2
    RATIO = 60
    """Evidence that unpacks to very much more than its size is refused as a bomb by whoever reads it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelf = Shelf()

    @property
    def much(self) -> bool:
        return self._shelf.packs

    def add(self, response: Response) -> bool:
        """Take an answer in. False when it is one too many."""
        return not self.refusal(response)

    def refusal(self, response: Response) -> str:
        """Take an answer in. Else the sentence that says why it is one too many."""
        with self._lock:
            shelf = self._shelf
            shelf.add(response)
            told = ""
            if shelf.bytes > self.MOST or shelf.held > self.MOST_PACKED:
                told = "The answers of this run together are larger than the harness keeps."
            elif shelf.bytes > self.SURELY and shelf.bytes > self.RATIO * shelf.held:
                told = (
                    f"The answers of this run together are more than {self.SURELY // 1024**2} MiB and shrink to less "
                    f"than a {self.RATIO}th when packed: evidence like that is refused as a bomb by whoever reads it."
                )
            if told:
                shelf.remove(response)
            return told


def announced_too_large(length: str | None, limit: int) -> Trouble | None:
    """Trouble when Content-Length alone says that the body is beyond the bound."""
    if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > limit:
        return _too_large(limit)
    return None
