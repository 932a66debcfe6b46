"""The words that every rendering uses: verdicts, outcomes, environments, numbers, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable

LEVELS = ("MUST", "SHOULD", "MAY")

VERDICTS = {
    "conformant": "Conformant",
    "not-conformant": "Not conformant",
    "inconclusive": "Inconclusive",
    "error": "Error of the test harness",
}
OUTCOMES = {
    "pass": "Passed",
    "fail": "Failed",
    "inconclusive": "Could not be judged",
    "error": "Error of the test harness",
    "not-applicable": "Not applicable",
    "observed": "Observed, not judged",
    "not-tested": "Not tested",
    "declared": "Declared by the supplier",
}
ENVIRONMENTS = {
    "production": "production endpoint",
    "preproduction": "pre-production endpoint",
    "test": "test endpoint",
    "development": "development endpoint",
}
STATUSES = {
    "adopted": "adopted by its publisher",
    "draft": "a draft, which may still change",
    "dormant": "no longer maintained by its publisher",
    "project-defined": "written by the makers of this test suite, because no published standard exists",
    "experimental": "experimental, not agreed by anybody yet",
}
CLAIMS = {"claimed": "Claimed", "disclaimed": "Declared as not provided", "not-claimed": "Not claimed"}
CONCERNS = {
    "your service": "your service",
    "your configuration": "your configuration of this test",
    "the network": "the network between this machine and the service",
    "our harness": "this test harness, not your service",
    "the profile is ambiguous": "the profile, which is ambiguous here",
}
PROBES = {"dns": "Name", "connect": "Connection", "tls": "TLS", "http": "HTTP", "clock": "Clock"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)\Z")


def number(value: int) -> str:
    """1204 as 1,204."""
    return f"{value:,}"


def count(value: int, noun: str, plural: str = "") -> str:
    """``1 requirement``, ``1,204 requirements``."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    items = list(names)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def moment(stamp: object) -> str:
    """``2026-11-21T10:30:00Z`` as ``21 November 2026 at 10:30am UTC``; anything else as it stands."""
    found = _MOMENT.match(str(stamp))
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[4]) > 23:
        return str(stamp)
    hour = int(found[4])
    half = "am" if hour < 12 else "pm"
    return f"{int(found[3])} {MONTHS[int(found[2]) - 1]} {found[1]} at {(hour + 11) % 12 + 1}:{found[5]}{half} UTC"


def duration(milliseconds: int) -> str:
    """``0.4 seconds``, ``75 seconds``, ``12 minutes``."""
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} seconds"
    if milliseconds < 120_000:
        return f"{milliseconds // 1000} seconds"
    return f"{milliseconds // 60_000:,} minutes"
