"""The ways a value may be written, by name: a table of predicates over a text and the object it stands in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from interop_harness.checks.values import number
from interop_harness.errors import InternalError

Predicate = Callable[[str, Mapping[str, Any]], bool]

ZONE = r"(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)"
CLOCK = r"(([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?|24:00(:00)?)"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
TIME = re.compile(rf"{CLOCK}{ZONE}?\Z", re.ASCII)
TIME_ZONED = re.compile(rf"{CLOCK}{ZONE}\Z", re.ASCII)
DATE_TIME = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})[Tt ]{CLOCK}(?P<zone>{ZONE})?\Z", re.ASCII | re.IGNORECASE)
MILLISECONDS = re.compile(r"[Tt ]\d{2}:\d{2}:\d{2}[.,]\d{3,}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII | re.IGNORECASE)
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*\Z")
POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|GIR ?0AA)\Z", re.ASCII | re.IGNORECASE)
BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z", re.ASCII | re.IGNORECASE)
ORG_ID = re.compile(r"[A-Z]{2}-[A-Z0-9_]+(-[A-Z0-9_]+)*\Z", re.ASCII)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z", re.ASCII)
GEOMETRIES = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
COUNTRIES = frozenset(
    re.findall(
        r"\w+",
        """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW UK
    """,
    )
)
"""ISO 3166-1 alpha-2, with UK, which the standard reserves for the United Kingdom."""


def real_date(text: str) -> bool:
    """A day that exists, written YYYY-MM-DD."""
    if not DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _date_time(text: str) -> bool:
    found = DATE_TIME.match(text)
    return found is not None and real_date(found[1])


def moment(text: str) -> datetime | None:
    """A date with a time as a datetime, with its zone where it says one; None when it is not one."""
    if not _date_time(text):
        return None
    try:
        return datetime.fromisoformat(text.upper().replace(",", "."))
    except ValueError:
        return None


def _uri(text: str) -> bool:
    if re.search(r"[\s<>\"\\^`{|}]", text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    if not SCHEME.match(parts.scheme):
        return False
    return bool(host) if parts.scheme.lower() in {"http", "https", "ftp"} else bool(parts.netloc or parts.path)


def _byday(text: str, parent: Mapping[str, Any]) -> bool:
    frequency = parent.get("freq")
    numbered = not isinstance(frequency, str) or frequency.upper() in {"MONTHLY", "YEARLY"}
    for part in text.split(","):
        found = BYDAY.match(part.strip())
        if found is None or (found[1] and not (numbered and 1 <= abs(int(found[1])) <= 53)):
            return False
    return True


def _bymonthday(text: str) -> bool:
    parts = [part.strip() for part in text.split(",")]
    return all(re.fullmatch(r"[+-]?\d{1,2}", part, re.ASCII) and 1 <= abs(int(part)) <= 31 for part in parts)


def _geojson_text(text: str) -> bool:
    try:
        return geojson(json.loads(text))
    except (ValueError, RecursionError):
        return False


def geojson(value: Any, depth: int = 0) -> bool:
    """Whether a value has the shape of a GeoJSON object (RFC 7946)."""
    if not isinstance(value, Mapping) or depth > 16:
        return False
    kind = value.get("type")
    if kind in GEOMETRIES:
        return _positions(value.get("coordinates"))
    if kind == "GeometryCollection":
        members = value.get("geometries")
        return isinstance(members, list) and all(geojson(member, depth + 1) for member in members)
    if kind == "Feature":
        return "geometry" in value and (value["geometry"] is None or geojson(value["geometry"], depth + 1))
    if kind == "FeatureCollection":
        members = value.get("features")
        return isinstance(members, list) and all(geojson(member, depth + 1) for member in members)
    return False


def _positions(value: Any, depth: int = 0) -> bool:
    if not isinstance(value, list) or depth > 4:
        return False
    if value and all(number(part) is not None for part in value):
        return len(value) >= 2
    return all(_positions(part, depth + 1) for part in value)


FORMATS: Mapping[str, tuple[str, Predicate]] = {
    "date": ("a date written YYYY-MM-DD", lambda text, _: real_date(text)),
    "time": ("a time written HH:MM, with or without seconds and zone", lambda text, _: bool(TIME.match(text))),
    "time-zoned": ("a time with its zone, such as 09:30Z or 09:30+01:00", lambda text, _: bool(TIME_ZONED.match(text))),
    "date-time": ("a date and time such as 2030-01-31T09:30:00Z", lambda text, _: _date_time(text)),
    "date-time-milliseconds": (
        "a date and time to the millisecond, such as 2030-01-31T09:30:00.000Z",
        lambda text, _: _date_time(text) and bool(MILLISECONDS.search(text)),
    ),
    "uri": ("an absolute address, such as https://www.example.org/", lambda text, _: _uri(text)),
    "uuid": ("a UUID", lambda text, _: bool(UUID.match(text))),
    "email": ("an e-mail address", lambda text, _: bool(EMAIL.match(text))),
    "uk-postcode": ("a UK postcode", lambda text, _: bool(POSTCODE.match(text))),
    "country-code": ("a two-letter code of ISO 3166-1", lambda text, _: text in COUNTRIES),
    "ical-byday": ("two-letter days with commas between, numbered only in a monthly rule", _byday),
    "ical-bymonthday": (
        "days of the month from 1 to 31 or -31 to -1, with commas between",
        lambda t, _: _bymonthday(t),
    ),
    "geojson": ("a GeoJSON object", lambda text, _: _geojson_text(text)),
    "nhs-number": (
        "an NHS number: ten digits, the last of them the check digit",
        lambda text, _: nhs_number(text),
    ),
    "org-id-scheme": ("a list code of org-id.guide, such as GB-COH", lambda text, _: bool(ORG_ID.match(text))),
}


def nhs_number(text: str) -> bool:
    """Ten digits, the last of which follows from the others by modulus 11."""
    if not re.fullmatch(r"\d{10}", text, re.ASCII):
        return False
    check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(text[:9])) % 11
    return check % 11 == int(text[9]) if check != 10 else False


def known(name: str) -> tuple[str, Predicate]:
    """A format by name. Raises InternalError when there is none."""
    if name not in FORMATS:
        raise InternalError("format-unknown", f"There is no format {name!r}.", f"Known: {', '.join(FORMATS)}.")
    return FORMATS[name]
