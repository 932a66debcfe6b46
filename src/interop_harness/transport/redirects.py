"""Which redirects are followed: on the same origin, five at most, never in a circle."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from interop_harness.evidence import FailureKind
from interop_harness.transport.failures import Trouble, printable
from interop_harness.transport.resolving import without_zone
from interop_harness.transport.wire import exact

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def follow(base_url: str, target: str, status: int, location: str, *, hops: list[tuple[int, str]], most: int) -> str:
    """The target that a redirect leads to. Raises Trouble when it is not to be followed."""
    shown = printable(location, 120)
    try:
        here = urlsplit(base_url)
        # The header's bytes as they came: what is not ASCII is UTF-8 in practice (RFC 9110, 10.2.2).
        written = exact(location.strip().partition("#")[0].encode("latin-1").decode("utf-8", "replace"))
        there = urlsplit(urljoin(f"{here.scheme}://{here.netloc}{target}", written))
        origin = (there.scheme, without_zone((there.hostname or "").lower()), _port(there.scheme, there.port))
    except ValueError as error:
        raise _refuse(status, f"an address that cannot be read ({shown})") from error
    if origin[0] not in ("http", "https"):
        raise _refuse(status, f"something that is not HTTP ({shown})")
    if "@" in there.netloc:
        raise _refuse(status, "an address with a user name in it")
    own = (here.scheme, without_zone(here.hostname or ""), _port(here.scheme, here.port))
    if origin != own:
        if origin[0] == "http" and own[0] == "https":
            raise _refuse(status, f"plain HTTP ({shown})")
        what = "another host" if origin[1] != own[1] else "another scheme or port of its host"
        raise _refuse(status, f"{what} ({shown})")
    found = (there.path or "/") + (f"?{there.query}" if there.query else "")
    if len(hops) >= most:
        raise Trouble(FailureKind.REDIRECT, f"The answer redirects more than {most} times in a row.")
    if found == target:
        raise Trouble(FailureKind.REDIRECT, f"The answer ({status}) redirects to itself.")
    return found


def _port(scheme: str, port: int | None) -> int:
    return port if port is not None else (443 if scheme == "https" else 80)


def _refuse(status: int, what: str) -> Trouble:
    return Trouble(FailureKind.REDIRECT, f"The answer ({status}) redirects to {what}, which is not followed.")
