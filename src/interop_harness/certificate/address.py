"""Addresses of endpoints, in the one spelling that can be compared."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from interop_harness.errors import UsageError

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\Z|\[[0-9a-f:.]+\]\Z")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*\Z")
_PART = re.compile(r"(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})\Z")
_PORTS = {"http": 80, "https": 443}


def normalise(url: str) -> str:
    """Scheme and host in small ASCII letters, no default port, no final dot or slash, nothing but a path.

    Two spellings that reach the same endpoint compare equal; user information, queries and fragments have
    no place in the address of an endpoint and are refused.
    """
    wrong = UsageError("address-unusable", "This is not the address of an endpoint: scheme://host[:port]/path.")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError as error:
        raise wrong from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or "@" in parts.netloc or parts.query or parts.fragment or "?" in url or "#" in url:
        raise wrong
    host = f"[{host}]" if ":" in host else host
    path = _dotless(parts.path).rstrip("/")
    if not _HOST.match(host) or not _PATH.match(path):
        raise wrong
    tail = "" if port is None or port == _PORTS[scheme] else f":{port}"
    return f"{scheme}://{host}{tail}{path}"


def host_of(normal: str) -> str:
    """The ASCII host of an address made by `normalise`."""
    return urlsplit(normal).hostname or ""


def unicode_host(ascii_host: str) -> str | None:
    """The host as its owner writes it when it has ``xn--`` labels, else None. Pure punycode (RFC 3492)."""
    if "xn--" not in ascii_host:
        return None
    labels = []
    for label in ascii_host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, ValueError):
            labels.append(label)
    return ".".join(labels)


def is_own(host: str) -> bool:
    """Whether an ASCII host is the machine that asks, in whatever spelling: nobody else's service."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    number = _version_4(host)
    if number is not None:
        return number >> 24 in (0, 127)
    try:
        found = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    inner = found.ipv4_mapped or found.sixtofour
    low = int(found)
    if inner is None and low >> 32 == 0 and low > 1:
        inner = ipaddress.IPv4Address(low)  # the older way to write one inside the other
    return found.is_loopback or found.is_unspecified or (inner is not None and int(inner) >> 24 in (0, 127))


def _version_4(host: str) -> int | None:
    """The number of an address of four bytes as resolvers read it: one to four parts, decimal, octal or hexadecimal."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_PART.match(part) for part in parts):
        return None
    numbers = [int(part, 16 if part[:2] == "0x" else 8 if part[0] == "0" else 10) for part in parts]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    return sum(number << 8 * (3 - place) for place, number in enumerate(numbers[:-1])) + numbers[-1]


def _ascii(host: str) -> str:
    host = host.rstrip(".").lower()
    return host if host.isascii() else host.encode("idna").decode("ascii").lower()


def _dotless(path: str) -> str:
    """RFC 3986 section 5.2.4, so that ``/a/../b`` cannot stand for ``/b``."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)
