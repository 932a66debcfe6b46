"""Is the way to the service closed to others? Judged by what the preflight saw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from interop_harness.evidence import Finding, Probe

VERSIONS = ("1.0", "1.1", "1.2", "1.3")
CERTIFICATE = re.compile(r"^The server's certificate|^An authority in the server's certificate")


def https(base_url: str) -> Iterator[Finding]:
    """The base address is an https one."""
    scheme = base_url.partition(":")[0]
    if scheme != "https":
        yield Finding("an https address", f"{scheme} ({base_url})")


def version_of(protocol: object) -> str:
    """``TLSv1.2`` as ``1.2``; ``TLSv1`` is 1.0. Empty when it is none of those known."""
    text = str(protocol).removeprefix("TLSv")
    text = "1.0" if text == "1" else text
    return text if text in VERSIONS else ""


def at_least(probe: Probe, wanted: str) -> Iterator[Finding]:
    """The connection was made with this version of TLS or a later one."""
    found = version_of(probe.facts.get("protocol"))
    if VERSIONS.index(found) < VERSIONS.index(wanted):
        yield Finding(f"TLS {wanted} or later", f"TLS {found}")


def refuses(probe: Probe, version: str) -> Iterator[Finding]:
    """The version is refused.

    The probe offers 1.0 and 1.1 together, and a server takes the later of those it knows.
    """
    taken = version_of(probe.facts.get("protocol"))
    if probe.ok is False and taken == version:
        yield Finding(f"TLS {version} to be refused", probe.summary)


def hides(probe: Probe, version: str) -> bool:
    """Whether the later of two old versions was taken, so that nothing was seen of this earlier one."""
    taken = version_of(probe.facts.get("protocol"))
    return probe.ok is False and (not taken or VERSIONS.index(taken) > VERSIONS.index(version))


def certificate(probe: Probe) -> Iterator[Finding]:
    """The certificate is valid for the host and comes from a trusted authority."""
    if probe.ok is False:
        names = probe.facts.get("names")
        listed = f" It names {', '.join(str(name) for name in names[:5])}." if isinstance(names, list) and names else ""
        yield Finding("a valid certificate for this host, from a trusted authority", f"{probe.summary}{listed}")


def maybe_the_proxy(probe: Probe) -> str:
    """The proxy that may have spoken in the service's place, where no authority that everybody trusts vouched."""
    found = probe.facts.get("proxy")
    return found if isinstance(found, str) else ""


def about_certificate(probe: Probe) -> bool:
    """Whether a failed handshake failed for the certificate, and not for anything else."""
    return bool(CERTIFICATE.match(probe.summary))


def expires(probe: Probe) -> datetime | None:
    """When the certificate runs out; None when that was not seen."""
    try:
        found = datetime.fromisoformat(str(probe.facts.get("not_after")))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def certificate_expiry(probe: Probe, now: datetime, days: int) -> Iterator[Finding]:
    """The certificate does not run out within so many days of the run's start."""
    end = expires(probe)
    if end is not None and end - now < timedelta(days=days):
        left = (end - now).days
        when = end.date().isoformat()
        observed = f"{when}, in {left} days" if left >= 0 else f"{when}, which is past"
        yield Finding(f"a certificate that is valid for {days} more days", observed)


def http_redirects(probe: Probe) -> Iterator[Finding]:
    """Plain HTTP is closed or leads to HTTPS."""
    if probe.ok is False:
        yield Finding("plain HTTP closed, or redirected to HTTPS", probe.summary)
