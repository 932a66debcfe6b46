"""Addresses in their one form: the base URL under test, and a proxy."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from interop_harness.errors import TargetError
from interop_harness.implementation.words import shown

_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")

_PATH = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*\Z")


def check_base_url(text: str) -> str:
    """The base URL in its one form: lower-case ASCII host, no default port, no trailing slash. Or TargetError."""
    if any(ord(character) <= 32 or ord(character) == 127 for character in text):
        raise TargetError("target-url", "The base URL contains a space or a control character.")
    if "\\" in text:
        raise TargetError("target-url", "The base URL contains a backslash.")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise TargetError("target-url", f"The base URL cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https"):
        raise TargetError("target-url", "The base URL must start with https:// or http://.", f"It reads {shown(text)}.")
    if "@" in parts.netloc:
        raise TargetError(
            "target-userinfo",
            "The base URL holds a user name or password.",
            "Take it out and use auth with kind basic: the password belongs in an environment variable.",
        )
    if not host or ("[" in parts.netloc and ":" not in host):
        raise TargetError("target-url", "The base URL has no host.")
    if port == 0:
        raise TargetError("target-url", "The base URL names port 0.")
    if "?" in text or "#" in text:
        raise TargetError("target-url", "The base URL must not have a query (?) or a fragment (#).")
    return f"{parts.scheme}://{_netloc(host, port, parts)}{_base_path(parts.path)}"


def check_proxy(text: str) -> str:
    """A proxy's address in its one form. Raises TargetError."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise TargetError("target-proxy", f"The proxy address cannot be read: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TargetError(
            "target-proxy", "A proxy is written http://host:port or https://host:port.", "SOCKS is not supported."
        )
    if "@" in parts.netloc:
        raise TargetError(
            "target-proxy",
            "The proxy address holds a user name or password.",
            "Put user:password into the environment variable INTEROP_PROXY_CREDENTIALS.",
        )
    name = ascii_host(parts.hostname)
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}:{port or (443 if parts.scheme == 'https' else 80)}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, judged by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ascii_host(host: str) -> str:
    """The host's ASCII form: IDNA for international names, compressed form for IPv6. Raises TargetError."""
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed
        except ValueError as error:
            raise TargetError("target-url", f"{shown(host)} is not an IPv6 address.") from error
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise TargetError("target-url", f"The host {shown(host)} is not a valid name.") from error
    host = host.lower()
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_HOST_LABEL.match(label) for label in labels):
        raise TargetError("target-url", f"The host {shown(host)} is not a valid name.")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        # 127.1 and 0x7f000001 are addresses to some resolvers and names to others.
        try:
            return ipaddress.IPv4Address(host).compressed
        except ValueError as error:
            raise TargetError("target-url", f"{shown(host)} is not an IPv4 address.") from error
    return host


def _netloc(host: str, port: int | None, parts: SplitResult) -> str:
    name = ascii_host(host)
    shown = f"[{name}]" if ":" in name else name
    default = 443 if parts.scheme == "https" else 80
    return shown if port in (None, default) else f"{shown}:{port}"


def _base_path(path: str) -> str:
    if not _PATH.match(path):
        raise TargetError(
            "target-url",
            "The path of the base URL has a character that must be percent-encoded.",
            "Write it as it goes over the wire.",
        )
    if any(part in (".", "..") or part.lower() in ("%2e", "%2e%2e") for part in path.split("/")):
        raise TargetError("target-url", "The path of the base URL has a . or .. segment.")
    return path.rstrip("/")
