"""Credentials never reach a file: known secrets are replaced before an exchange is kept.

Judgement reads the redacted exchange, live and replayed alike, so redaction can never change a verdict
between the two. A final scan refuses to write a file that holds a secret in any of its usual disguises.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from interop_harness.errors import InternalError

MASK = "[redacted]"
SHORTEST = 8
"""A secret of fewer characters would redact ordinary text: it is redacted by position only."""

_PERCENT = re.compile(r"%[0-9A-F]{2}")

SENSITIVE_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential in memory: never printed, never written."""

    value: str
    name: str

    def __repr__(self) -> str:
        return f"Secret({self.name})"


class Redactor:
    """Replaces every known secret, in clear and in the encodings a server might echo it in."""

    def __init__(self, secrets: Iterable[Secret] = (), *, headers: Iterable[str] = ()) -> None:
        self._headers = SENSITIVE_HEADERS | {name.lower() for name in headers}
        self._forms: tuple[bytes, ...] = ()
        self._adding = threading.Lock()
        self.short: list[str] = []
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Learn one more secret, for example a token obtained during the run."""
        if len(secret.value) < SHORTEST:
            if secret.name not in self.short:
                self.short.append(secret.name)
            return
        with self._adding:
            forms = {*self._forms, *disguises(secret.value)}
            # Longest first, so that a value containing another is replaced whole. Made anew and then put in
            # place, so that a thread that is redacting meanwhile reads either the old list or the new one.
            self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def data(self, value: bytes) -> bytes:
        for form in self._forms:
            if form in value:
                value = value.replace(form, MASK.encode())
        return value

    def text(self, value: str) -> str:
        if not self._forms:
            return value
        return self.data(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        found = []
        for pair in pairs:
            name, value = pair
            told = MASK if name.lower() in self._headers else self.text(value)
            found.append(pair if told == value else (name, told))
        return tuple(found)

    def refuse_leak(self, data: bytes | Iterable[bytes], what: str) -> None:
        """Raise InternalError if a known secret stands anywhere in ``data``; the last line of defence.

        ``data`` may come in pieces, however a secret lies across them.
        """
        forms = self._forms
        overlap, before = max(map(len, forms), default=1) - 1, b""
        for piece in [data] if isinstance(data, bytes) else data if forms else ():
            here = before + piece
            for form in forms:
                if form in here:
                    raise InternalError(
                        "secret-leak",
                        f"{what} would hold a credential and was not written",
                        "Report this as a bug.",
                    )
            before = here[-overlap:] if overlap else b""


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
    for offset in range(3):
        # Base64 of the secret inside a longer text: drop the characters that its neighbours influence.
        start = (0, 2, 3)[offset]
        packed = base64.b64encode(b"\0" * offset + clear).rstrip(b"=")
        whole = (offset + len(clear)) % 3 == 0
        core = packed[start:] if whole else packed[start:-1]
        if len(core) >= SHORTEST:
            forms.add(core)
            forms.add(core.replace(b"+", b"-").replace(b"/", b"_"))
    return sorted(forms)
