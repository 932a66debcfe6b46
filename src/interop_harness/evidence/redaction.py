"""Credentials never reach a file: known secrets are replaced before an exchange is kept.

Judgement reads the redacted exchange, live and replayed alike, so redaction can never change a verdict
between the two. A final scan, which looks in the same way, refuses to write a file that holds a secret.

A secret is looked for in the text as it is and in what remains when its escapes are undone, whichever software
wrote them and whichever characters it chose to escape: ``%2B``, ``\\u002B``, ``\\x2b``, ``\\/``, ``&#043;``, ``&amp;``,
one within another too. Capitals and small letters are one, and so are ``+`` and the space.
Base64 and hexadecimal are also found in broken lines and in groups, a private key's also in part.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import json
import re
import threading
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from interop_harness.errors import InternalError, TargetError
from interop_harness.evidence.pieces import own, pieces_of, stands, stretches

MASK = "[redacted]"
SHORTEST = 8
"""A secret of fewer characters would redact ordinary text: it is redacted by position only."""
FEWEST = 4
"""Different characters of a key that somebody drew."""
LEVELS = 4
"""Escapes within escapes that the last scan undoes."""
DEEPER = 2
"""What is redacted may be written with other levels of escapes than it came with: it is looked at more closely."""
LONGEST_ESCAPE = 12
"""Bytes that one byte of a secret may take, for secrets that lie across two pieces."""
REFUSED = 2
"""Pieces in a row for which a file is refused. Each that was masked is one at least, wherever the file has it."""

CUT = "..."
"""Ends a text from outside that was cut before it came here: a secret's beginning before it is taken for the secret."""
CUT_BEGINNING = 8
"""Characters of a secret that tell it when the rest is cut off; half of a shorter one."""
CUT_WITHIN = 4096
"""Bytes before CUT that are looked at: more than any such text has."""
CUT_PLACES = 16

_PERCENT = re.compile(r"%[0-9A-F]{2}")
_NAMED = re.compile(rb"&(?:[A-Za-z]{2,8}|#0{0,6}[0-9]{2,7}|#[xX]0{0,6}[0-9A-Fa-f]{2,6});")
_BACKSLASHES = re.compile(rb"\\+")
_HALF = re.compile(rb"(?:%[0-9A-Fa-f]?|\\+(?:u\{?[0-9A-Fa-f]{0,7}|x[0-9A-Fa-f]?)?|&[#0-9A-Za-z]{0,9})\Z")
"""An escape that a cut broke off."""
# What marks an escape, and the escape: first those that matter to secrets of ASCII, then all. Each is of bounded length
# and has no repetition within a repetition: a hostile text costs no more than an ordinary one.
_ASCII_ESCAPES = (
    (b"\\u", re.compile(rb"\\u(?:00[2-7][0-9A-Fa-f]|\{0{0,6}[2-7][0-9A-Fa-f]\})")),
    (b"\\x", re.compile(rb"\\x[2-7][0-9A-Fa-f]")),
    (b"%", re.compile(rb"%[2-7][0-9A-Fa-f]")),
    (b"&", _NAMED),
)
_ESCAPES = (
    (
        b"\\u",
        re.compile(
            rb"\\u(?:[dD][89abAB][0-9A-Fa-f]{2}\\{1,8}u[dD][c-fC-F][0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}|\{[0-9A-Fa-f]{2,8}\})"
        ),
    ),
    (b"\\x", re.compile(rb"\\x[2-9A-Fa-f][0-9A-Fa-f]")),
    (b"%", re.compile(rb"%[2-9A-Fa-f][0-9A-Fa-f]")),
    (b"&", _NAMED),
)
# White space as software breaks lines with, its escapes too, and what a broken text is compared without.
_BREAKS = tuple(
    written
    for letter, digits in ((b"n", b"0a"), (b"r", b"0d"), (b"t", b"09"))
    for written in (
        b"\\" + letter,
        *(mark + digits for mark in (b"%", b"\\x", b"\\u00")),
        *(mark + digits.upper() for mark in (b"%", b"\\x", b"\\u00")),
    )
)
_BLANKS = b" +\\\r\n\t"
_GAP = b"(?:" + b"|".join(re.escape(written) for written in dict.fromkeys(_BREAKS)) + rb"|[ +\\\r\n\t])*+"
_GAPS = re.compile(_GAP.removesuffix(b"*+") + b"++")
_FOLD = bytes(b" "[0] if byte == b"+"[0] else bytes([byte]).lower()[0] for byte in range(256))
_WORD = re.compile(r"[A-Z]?[a-z_]{1,24}\Z|[A-Z_]{1,24}\Z")
_DRAWN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\x21-\x7e]+\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:\Z|[Tt_])")

SENSITIVE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential in memory: never printed, never written."""

    value: str
    name: str
    issued: bool = False
    """Whether a token endpoint chose it: then it is whatever that endpoint likes, an ordinary phrase too."""
    sent: bool = True
    """Whether it lets a request in. One that does not is masked where an answer holds it, and refuses no file."""
    in_part: bool = False
    """Whether any longer piece of it, a text in base64, is as secret as the whole."""

    def __repr__(self) -> str:
        return f"Secret({self.name})"

    @property
    def common(self) -> bool:
        """Whether it may stand in what a run writes by chance: a word, or a phrase that a token endpoint chose."""
        return is_word(self.value) or (self.issued and not is_drawn(self.value))


@dataclass(frozen=True, slots=True, repr=False)
class _Known:
    """What is looked for: each form folded, with the name of its secret where that is ordinary text."""

    needles: tuple[tuple[bytes, str], ...] = ()
    escapes: tuple[tuple[bytes, re.Pattern[bytes]], ...] = _ASCII_ESCAPES
    broken: tuple[tuple[bytes, str], ...] = ()
    """Forms that may stand in broken lines, without what breaks them."""
    pieces: frozenset[bytes] = frozenset()
    """Pieces of forms, without what breaks lines: of secrets that are looked for in part too."""
    overlap: int = 0

    def plus(self, secret: Secret) -> _Known:
        """This and the forms of one more secret; this itself where they are all known."""
        word = secret.name if secret.common else ""
        needles = {**dict.fromkeys(_folded(secret.value), word), **dict(self.needles)}
        pieces = self.pieces | (_in_part(secret.value) if secret.in_part else frozenset())
        if len(needles) == len(self.needles) and len(pieces) == len(self.pieces):
            return self
        broken = {**dict.fromkeys(_broken(secret.value), word), **dict(self.broken)}
        plain = self.escapes is _ASCII_ESCAPES and secret.value.isascii()
        return _Known(
            tuple(sorted(needles.items())),
            _ASCII_ESCAPES if plain else _ESCAPES,
            tuple(sorted(broken.items())),
            pieces,
            max(self.overlap, LONGEST_ESCAPE * len(secret.value.encode("utf-8", "replace")) + 64),
        )

    def first(self, data: bytes, levels: int, *, in_a_row: int = 1) -> tuple[bytes, str] | None:
        """A form that stands in ``data``, whatever escapes it is written with, or so many pieces of one."""
        if not self.needles:
            return None
        for _ in range(levels + 1):
            folded = _bare(data)
            for needle in self.needles:
                if needle[0] in folded:
                    return needle
            joined = _joined(data)
            for needle in self.broken:
                if needle[0] in joined:
                    return needle
            if self.pieces and stands(self.pieces, joined, in_a_row):
                return joined, ""
            undone = _undone(data, self.escapes)
            if undone == data:
                return None
            data = undone
        return None

    def spans(self, data: bytes, levels: int) -> list[tuple[int, int]]:
        """Where the forms stand in ``data``, in order and without overlap."""
        found: list[tuple[int, int]] = []
        layers: list[_Layer] = []
        whole = data
        for _ in range(levels + 1):
            bare = _Layer(data, _BACKSLASHES)
            folded = bare.undone.translate(_FOLD)
            for needle, _name in self.needles:
                at = folded.find(needle)
                while at >= 0:
                    start, last = at, at + len(needle) - 1
                    for layer in (bare, *reversed(layers)):
                        start, last = layer.start(start), layer.last(last)
                    # A backslash that escapes the first character goes with it.
                    found.append((start - _backslashes(whole, start) % 2, last + 1))
                    at = folded.find(needle, at + len(needle))
            joined = _joined(data)
            for needle, _name in self.broken:
                # What stands unbroken was found above; a text without any is not searched for its pieces.
                if needle in joined:
                    for match in _in_pieces(needle).finditer(data):
                        start, last = match.start(), match.end() - 1
                        for layer in reversed(layers):
                            start, last = layer.start(start), layer.last(last)
                        found.append((start, last + 1))
            if self.pieces and stands(self.pieces, joined):
                gaps = _Layer(data, _GAPS, lambda _: b"")
                for stretch in stretches(self.pieces, gaps.undone.translate(_FOLD)):
                    start, last = stretch[0], stretch[1] - 1
                    for layer in (gaps, *reversed(layers)):
                        start, last = layer.start(start), layer.last(last)
                    found.append((start, last + 1))
            came = data
            for mark, escape in self.escapes:
                if mark in data:
                    layers.append(_Layer(data, escape))
                    data = layers[-1].undone
            if data == came:
                break
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def beginning(self, data: bytes, levels: int) -> int:
        """Where the beginning of a form starts with which ``data`` ends; its length if it ends with none."""
        layers: list[_Layer] = []
        first = len(data)
        for _ in range(levels + 1):
            for whole in {data, _HALF.sub(b"", data)}:
                bare = _Layer(whole, _BACKSLASHES)
                folded = bare.undone.translate(_FOLD)
                at = min((len(folded) - _ending(folded, needle) for needle, _name in self.needles), default=len(folded))
                if at < len(folded):
                    for layer in (bare, *reversed(layers)):
                        at = layer.start(at)
                    first = min(first, at)
            came = data
            for mark, escape in self.escapes:
                if mark in data:
                    layers.append(_Layer(data, escape))
                    data = layers[-1].undone
            if data == came:
                break
        return first


def _ending(text: bytes, needle: bytes) -> int:
    """How many bytes of the beginning of ``needle`` end ``text``; 0 where they are too few to tell."""
    fewest = min(CUT_BEGINNING, (len(needle) + 1) // 2)
    for length in range(min(len(needle), len(text)), fewest - 1, -1):
        if text.endswith(needle[:length]):
            return length
    return 0


class _Layer:
    """One level of escapes undone, and where each byte of what remains came from."""

    def __init__(
        self, data: bytes, escape: re.Pattern[bytes], meant: Callable[[re.Match[bytes]], bytes] | None = None
    ) -> None:
        # A body may be nothing but escapes: four plain numbers for each, no objects.
        kind = "I" if len(data) < 1 << 31 else "Q"
        self._here, self._here_end = array(kind), array(kind)
        """Where, in what remains, each undone escape begins and ends."""
        self._there, self._there_end = array(kind), array(kind)
        """Where it began and ended before."""
        undone, done = bytearray(), 0
        for match in escape.finditer(data):
            start, end = match.span()
            undone += data[done:start]
            self._here.append(len(undone))
            undone += (meant or _meant)(match)
            self._here_end.append(len(undone))
            self._there.append(start)
            self._there_end.append(end)
            done = end
        self.undone = bytes(undone + data[done:]) if done else data

    def start(self, at: int) -> int:
        escape = bisect_right(self._here, at) - 1
        if escape < 0:
            return at
        end = self._here_end[escape]
        return self._there[escape] if at < end else self._there_end[escape] + at - end

    def last(self, at: int) -> int:
        escape = bisect_right(self._here, at) - 1
        if escape < 0:
            return at
        end = self._here_end[escape]
        return self._there_end[escape] - 1 if at < end else self._there_end[escape] + at - end


def _backslashes(data: bytes, before: int) -> int:
    """How many stand before a place, as far as that is of interest."""
    piece = data[max(0, before - 64) : before]
    return len(piece) - len(piece.rstrip(b"\\"))


def _bare(data: bytes) -> bytes:
    """Folded, and without its backslashes: what they escape, they escape in more ways than one."""
    return data.translate(_FOLD, b"\\")


def _joined(data: bytes) -> bytes:
    """Folded, and without white space, however it is written."""
    for written in _BREAKS:
        if written in data:
            data = data.replace(written, b"\n")
    return data.translate(_FOLD, _BLANKS)


@functools.lru_cache(maxsize=256)
def _in_pieces(needle: bytes) -> re.Pattern[bytes]:
    return re.compile(_GAP.join(re.escape(needle[at : at + 1]) for at in range(len(needle))), re.IGNORECASE)


def _undone(data: bytes, escapes: Iterable[tuple[bytes, re.Pattern[bytes]]]) -> bytes:
    for mark, escape in escapes:
        if mark in data:
            data = escape.sub(_meant, data)
    return data


_MEANT: dict[bytes, bytes] = {}


def _meant(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    known = _MEANT.get(escape)
    if known is None:
        known = _read(escape)
        if len(_MEANT) < 4096:
            _MEANT[escape] = known
    return known


def _read(escape: bytes) -> bytes:
    """What an escape stands for; itself where it stands for nothing."""
    text = escape.decode("ascii")
    if text[0] == "%":
        return bytes([int(text[1:], 16)])
    if text[0] == "&":
        return html.unescape(text).encode("utf-8", "replace")
    kind, digits = text[1:2], text[2:].strip("{}")
    if kind not in ("u", "x"):
        return b""
    if "\\" in digits:
        return bytes.fromhex(digits[:4] + digits[-4:]).decode("utf-16-be", "replace").encode("utf-8")
    number = int(digits, 16)
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else escape


class Redactor:
    """Replaces every known secret, in clear and in the encodings a server might echo it in."""

    def __init__(self, secrets: Iterable[Secret] = (), *, headers: Iterable[str] = ()) -> None:
        self._headers = SENSITIVE_HEADERS | {name.lower() for name in headers}
        self._known = self._refused = _Known()
        """What is masked, and the part of it that no file may hold."""
        self._adding = threading.Lock()
        self.short: list[str] = []
        self.learnt: Callable[[Secret], None] | None = None
        """Told of each secret that was not known before: what is written by then may hold it."""
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Learn one more secret, for example a token obtained during the run. One of blanks alone is none."""
        if not secret.value.strip():
            return
        if len(secret.value) < SHORTEST:
            if secret.name not in self.short:
                self.short.append(secret.name)
            return
        with self._adding:
            # Made anew and then put in place, so that a thread that is redacting meanwhile reads either the old
            # list or the new one.
            masked, refused = self._known, self._refused
            self._known = masked.plus(secret)
            if not secret.sent:
                return
            self._refused = self._known if refused is masked else refused.plus(secret)
            if self._refused is refused:
                return
        if self.learnt is not None:
            self.learnt(secret)

    def data(self, value: bytes) -> bytes:
        known, levels = self._known, LEVELS + DEEPER
        if known.first(value, levels) is None:
            return value
        pieces: list[bytes] = []
        done = 0
        for start, end in known.spans(value, levels):
            pieces += (value[done:start], MASK.encode())
            done = end
        return b"".join((*pieces, value[done:]))

    def text(self, value: str) -> str:
        if not self._known.needles:
            return value
        data = self.data(value.encode("utf-8", "surrogatepass"))
        return (self._cut(data) if CUT in value else data).decode("utf-8", "surrogatepass")

    def _cut(self, data: bytes) -> bytes:
        """Without the beginnings of secrets whose rest was cut off."""
        mark, at = CUT.encode(), len(data)
        for _ in range(CUT_PLACES):
            # Places overlap: a full stop may follow what was cut.
            at = data.rfind(mark, 0, at + len(mark) - 1)
            if at < 0:
                break
            before = max(0, at - CUT_WITHIN)
            start = before + self._known.beginning(data[before:at], LEVELS + DEEPER)
            if start < at:
                data = data[:start] + MASK.encode() + data[at:]
                at = start
        return data

    def wire(self, value: str) -> str:
        """A header or reason phrase: its bytes, which were read as Latin-1."""
        try:
            data = value.encode("latin-1")
        except UnicodeEncodeError:
            return self.text(value)
        return self.data(data).decode("latin-1")

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        found = []
        for pair in pairs:
            name, value = pair
            told = (self.wire(name), MASK if name.lower() in self._headers else self.wire(value))
            found.append(pair if told == pair else told)
        return tuple(found)

    def values(self, value: Any) -> Any:
        """Every string within a JSON value, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.values(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.values(item) for item in value]
        return value

    def holds(self, data: bytes) -> bool:
        """Whether a known secret stands in ``data``, one that no file may hold."""
        return self._refused.first(data, LEVELS, in_a_row=REFUSED) is not None

    def refuse_leak(self, data: bytes | Iterable[bytes], what: str) -> None:
        """Raise InternalError if a known secret stands anywhere in ``data``; the last line of defence.

        ``data`` may come in pieces, however a secret lies across them. TargetError if the secret is a word that
        any text may hold.
        """
        known, before = self._refused, b""
        for piece in [data] if isinstance(data, bytes) else data if known.needles else ():
            here = before + piece
            found = known.first(here, LEVELS, in_a_row=REFUSED)
            if found is not None:
                if found[1]:
                    raise too_common(found[1], what)
                raise InternalError(
                    "secret-leak",
                    f"{what} would hold a credential and was not written",
                    "Report this as a bug.",
                )
            before = here[-known.overlap :]


def is_word(value: str) -> bool:
    """Whether this may stand in any text, as words and rulers do, and is no key that somebody drew."""
    return _WORD.match(value) is not None or len(set(value)) < FEWEST


def is_drawn(value: str) -> bool:
    """Whether somebody drew this: letters and digits together, and no date; what no sentence holds by chance."""
    return len(value) >= SHORTEST and not is_word(value) and bool(_DRAWN.match(value)) and not _DATE.match(value)


def too_common(name: str, what: str) -> TargetError:
    """A credential that cannot be told from ordinary text: nothing could be written without it."""
    return TargetError(
        "credential-common",
        f"The credential {name} is too common a word to be told from ordinary text: it stands in {what}.",
        "Give this tool a credential of random letters and digits: a report without that word cannot be written.",
    )


def _folded(value: str) -> list[bytes]:
    """What to look for in folded text: every disguise without its escapes, also as other character sets write it."""
    # Half of a surrogate pair, which a token endpoint can send in JSON, stands in no answer as itself.
    value = value.encode("utf-8", "replace").decode("utf-8")
    plain = {value, value.lower(), value.upper()}
    forms = {value.encode("utf-16-le"), value.encode("utf-16-be"), *(text.encode("utf-8") for text in plain)}
    if not value.isascii():
        # UTF-8 that was read as Latin-1, and Latin-1 itself.
        forms |= {text.encode("utf-8").decode("latin-1").encode("utf-8") for text in plain}
        for text in plain:
            with contextlib.suppress(UnicodeEncodeError):
                forms.add(text.encode("latin-1"))
    # As a sentence shows it in which only printable ASCII may stand.
    shown = " ".join("".join(letter if " " <= letter <= "~" else " " for letter in value).split())
    if len(shown) >= SHORTEST:
        forms.add(shown.encode())
    for disguise in disguises(value):
        undone = disguise
        for _ in range(LEVELS + DEEPER):
            undone = _undone(undone, _ESCAPES)
        forms.add(undone)
    return sorted({_bare(form) for form in forms if len(_bare(form)) > SHORTEST // 2})


def disguises(value: str) -> list[bytes]:
    """The forms in which a secret may reappear: clear in any case, URL-encoded, JSON-escaped, hexadecimal, base64.

    Base64 at each offset; escapes of what must be escaped and of every character.
    """
    clear = value.encode("utf-8")
    forms = {clear, html.escape(value).encode("utf-8"), value.lower().encode("utf-8"), value.upper().encode("utf-8")}
    units = value.encode("utf-16-be").hex()
    for digits in (str.lower, str.upper):
        forms.add(digits(clear.hex()).encode())
        forms.add("".join(f"%{digits(f'{byte:02x}')}" for byte in clear).encode())
        forms.add("".join(f"\\u{digits(units[at : at + 4])}" for at in range(0, len(units), 4)).encode())
    for encoded in (quote(value, safe=""), quote(value), quote_plus(value), quote_plus(value, safe="/")):
        forms |= {encoded.encode(), _PERCENT.sub(lambda match: match[0].lower(), encoded).encode()}
    for written in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        # PHP escapes slashes, Go escapes what HTML reads.
        angles = written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
        forms |= {form.encode("utf-8") for form in (written, written.replace("/", "\\/"), angles)}
    forms |= _base64(clear)
    return sorted(forms)


def _base64(clear: bytes) -> set[bytes]:
    """Of a secret inside a longer text, in both alphabets, without the characters that its neighbours influence."""
    forms = set()
    for offset in range(3):
        start = (0, 2, 3)[offset]
        packed = base64.b64encode(b"\0" * offset + clear).rstrip(b"=")
        whole = (offset + len(clear)) % 3 == 0
        core = packed[start:] if whole else packed[start:-1]
        if len(core) >= SHORTEST:
            forms |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def _broken(value: str) -> list[bytes]:
    """What to look for in joined text: base64 and hexadecimal, which come in lines and groups."""
    clear = value.encode("utf-8", "replace")
    joined = {_joined(form) for form in (*_base64(clear), clear.hex().encode())}
    return sorted(form for form in joined if len(form) >= SHORTEST)


def _in_part(value: str) -> frozenset[bytes]:
    """The pieces of a private key's text, in base64 at each offset and in hexadecimal, and of its own text likewise."""
    forms = {form for clear in own(value) for form in (*_base64(clear), clear.hex().encode())}
    return frozenset[bytes]().union(*(pieces_of(_joined(form)) for form in (value.encode()[48:], *forms)))
