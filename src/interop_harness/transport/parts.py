"""The parts of a credential: what a service repeats of a header's value is often the secret alone.

``Authorization: ApiKey …`` is a scheme and what stands behind it (RFC 9110, 11.4), ``Cookie: SID=…; lang=en`` a list of
pairs (RFC 6265, 4.2.1), other headers imitate either.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from interop_harness.evidence.redaction import is_drawn

SCHEMES = frozenset({"apikey", "api-key", "api_key", "basic", "bearer", "jwt", "key", "oauth", "secret", "token"})
"""First words behind which a secret stands, whatever the header is called."""
MOST = 16

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):?[ ]+(\S.*)\Z")
_PAIR = re.compile(r"(?<![A-Za-z0-9._-])([A-Za-z0-9._-]++)[ ]*=[ ]*(?:\"([^\"]*)\"|([^\s,;&\"]+))")
_OF_NOBODY = re.compile(
    r"account|algorithm|client|consent|country|domain|headers|host|lang|locale|org|realm|region|role|site|tenant|theme"
    r"|time|uri|url|user|version",
    re.IGNORECASE,
)
"""Names of what tells who asks and how, which honest answers may repeat, and is no secret."""
_OF_A_SECRET = re.compile(r"auth|cred|csrf|jwt|key|pass|pwd|secret|secur|sess|sid\Z|sig|token", re.IGNORECASE)
"""Names that are a secret's all the same: ``client_secret``."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a credential. ``plain``: nothing else in it can be the secret."""

    value: str = field(repr=False)
    plain: bool = False


def parts(value: str, header: str = "") -> list[Part]:
    """What may be repeated by itself of a credential that is sent in this header.

    Of a list nobody knows which is the secret: only those that somebody drew, and whose name is not another thing's.
    """
    found = _of_cookies(value) if header.lower() == "cookie" else _of_scheme(value, header.lower())
    kept = [part for part in found if part.value != value and (part.plain or is_drawn(part.value))]
    return list(dict.fromkeys(kept))[:MOST]


def _of_cookies(value: str) -> Iterator[Part]:
    cookies = [cookie.partition("=") for cookie in value.split(";") if "=" in cookie]
    for name, _, text in cookies:
        if len(cookies) == 1 or _may_be_secret(name):
            yield Part(text.strip().strip('"'), plain=len(cookies) == 1)


def _of_scheme(value: str, header: str) -> Iterator[Part]:
    found = _SCHEME.match(value)
    rest = value
    if found is not None:
        rest = found[2]
        known = header in ("authorization", "proxy-authorization") or found[1].lower() in SCHEMES
        yield Part(rest, plain=known and " " not in rest)
    if pair := _login(rest):
        basic = found is not None and found[1].lower() == "basic"
        yield Part(pair, plain=basic)
        yield Part(pair.partition(":")[2], plain=basic)
    for match in _PAIR.finditer(rest):
        text = (match[2] or match[3] or "").strip()
        if text.strip("=") and _may_be_secret(match[1]):
            yield Part(text)
    if ":" in rest and not re.search(r"[\s\"=,;]", rest) and "://" not in rest:
        yield Part(rest.partition(":")[2])


def _may_be_secret(name: str) -> bool:
    return not _OF_NOBODY.search(name) or _OF_A_SECRET.search(name) is not None


def _login(text: str) -> str:
    """``user:password`` that is packed in base64, as Basic sends it (RFC 7617, 2); empty where it is none."""
    try:
        pair = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return pair if ":" in pair and pair.isprintable() else ""
