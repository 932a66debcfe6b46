"""What is wrong with a request: required members, codes, forms, and what one member means for another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from .settings import Body, Problem, Settings

CODES: Mapping[str, tuple[str, ...]] = {
    "nation": ("ENG", "SCO", "WLS", "NIR"),
    "application": ("NEW", "RENEW", "CANCEL", "REPLACE"),
    "party": ("PERSON", "ORG"),
    "gender": ("FEMALE", "MALE", "UNSPECIFIE"),
    "eligibility": ("PIP", "DLA", "AFRFCS", "WPMS", "BLIND", "WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC"),
    "difficulty": ("PAIN", "BREATH", "BALANCE", "DANGER", "STRUGGLE", "SOMELSE", "LONGTIME"),
    "length": ("CANTWALK", "LESSMIN", "FEWMIN", "ONEFIVE", "FIVETEN", "MORETEN"),
    "speed": ("MSLOW", "SLOW", "SAME", "FAST"),
    "breathlessness": ("UPHILL", "KEEPUP", "OWNPACE", "DRESSED", "OTHER"),
    "equipment": (
        *("CAST", "OXYSAT", "OXYADMIN", "SYRINGE", "PARENT", "PUMP"),
        *("SUCTION", "VENT", "OTHER", "NONE"),
    ),
    "vehicle": ("CAR", "PEOPLECAR", "MINIBUS", "OTHERVEH"),
    "provided": ("PRESCRIBE", "PRIVATE", "SOCIAL", "PERSON"),
    "artifact": ("PROOF_ELIG", "SUPPORT_DOCS", "PROOF_ADD", "PROOF_ID", "PHOTO"),
    "channel": ("PAPER", "PHONE", "INPERSON", "ONLINE"),
    "deliver": ("HOME", "COUNCIL"),
    "option": ("STAND", "FAST"),
}
FORMS: tuple[tuple[str, str], ...] = (
    ("applicationTypeCode", "code application"),
    ("nationCode", "code nation"),
    ("party", "object"),
    ("party.typeCode", "code party"),
    ("party.person", "object?"),
    ("party.person.badgeHolderName", "text 100"),
    ("party.person.dob", "date"),
    ("party.person.genderCode", "code gender"),
    ("party.organisation", "object?"),
    ("party.organisation.badgeHolderName", "text 100"),
    ("party.organisation.isCharity", "truth"),
    ("party.organisation.numberOfBadges", "number 1"),
    ("party.organisation.vehicles[].typeCode", "code? vehicle"),
    ("party.contact", "object?"),
    ("party.contact.fullName", "text? 100"),
    ("party.contact.buildingStreet", "text 100"),
    ("party.contact.townCity", "text 100"),
    ("party.contact.postCode", "postcode"),
    ("party.contact.primaryPhoneNumber", "text 20"),
    ("eligibility", "object?"),
    ("eligibility.typeCode", "code eligibility"),
    ("eligibility.descriptionOfConditions", "text? 10000"),
    ("eligibility.benefit", "object?"),
    ("eligibility.benefit.isIndefinite", "truth"),
    ("eligibility.benefit.expiryDate", "date?"),
    ("eligibility.award", "object?"),
    ("eligibility.award.movingAroundPoints", "number? 0"),
    ("eligibility.award.planningAndFollowingPoints", "number? 0"),
    ("eligibility.award.planningAndFollowingDescriptor", "text? 1"),
    ("eligibility.award.higherRateMobility", "truth?"),
    ("eligibility.award.tariff", "number? 1"),
    ("eligibility.award.permanentSubstantialDisability", "truth?"),
    ("eligibility.award.severelySightImpaired", "truth?"),
    ("eligibility.walkingDifficulty", "object?"),
    ("eligibility.walkingDifficulty.typeCodes", "codes difficulty 1"),
    ("eligibility.walkingDifficulty.otherDescription", "text? 255"),
    ("eligibility.walkingDifficulty.walkingLengthOfTimeCode", "code length"),
    ("eligibility.walkingDifficulty.walkingSpeedCode", "code? speed"),
    ("eligibility.walkingDifficulty.walkingAids[].howProvidedCode", "code provided"),
    ("eligibility.walkingDifficulty.breathlessness", "object?"),
    ("eligibility.walkingDifficulty.breathlessness.typeCodes", "codes breathlessness 1"),
    ("eligibility.disabilityArms", "object?"),
    ("eligibility.disabilityArms.isAdaptedVehicle", "truth"),
    ("eligibility.childUnder3", "object?"),
    ("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes", "codes equipment 0"),
    ("artifacts[].type", "code artifact"),
    ("artifacts[].link", "text 2000"),
    ("badge", "object?"),
    ("badge.startDate", "date?"),
    ("badge.expiryDate", "date?"),
    ("badge.applicationDate", "date?"),
    ("badge.applicationChannelCode", "code? channel"),
    ("badge.deliverToCode", "code? deliver"),
    ("badge.deliveryOptionCode", "code? option"),
    ("badge.numberOfBadges", "number?"),
)
"""Each member with its form, one that may be missing with a question mark; nothing is asked below what is missing."""

POSTCODE = re.compile(r"(GIR ?0AA|[A-Z]{1,2}\d[\dA-Z]?\s*\d[A-Z]{2})\Z", re.ASCII | re.IGNORECASE)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
DISCRETIONARY = ("WALKD", "ARMS", "CHILDBULK", "CHILDVEHIC")


def problems(body: Body, settings: Settings, today: date) -> list[Problem]:
    """Everything that is wrong, each member once, but for what a fault does not mind."""
    found: dict[str, str] = {}
    for path, reason in (*_forms(body, settings), *_rules(body, today)):
        if not settings.ignored & {(path, reason), (path, "*")}:
            found.setdefault(path, reason)
    for rule in settings.extra:
        if made := rule(body, today):
            found.setdefault(*made)
    return list(found.items())


def _forms(body: Body, settings: Settings) -> Iterator[Problem]:
    for path, form in FORMS:
        for place, holder, name in _places(body, path):
            kind, *arguments = form.split()
            optional = kind.endswith("?")
            if name not in holder or holder[name] is None:
                if not optional:
                    yield place, "missing"
                continue
            for step, reason in CHECKS[kind.rstrip("?")](holder[name], arguments, settings):
                yield f"{place}{step}", reason


def _places(body: Any, path: str) -> Iterator[tuple[str, Body, str]]:
    """Every place where a member may stand: below objects that are there, and each item of an array."""
    *above, name = path.split(".")
    here: list[tuple[str, Any]] = [("", body)]
    for step in above:
        below = []
        for place, value in here:
            key = step.removesuffix("[]")
            child = value.get(key) if isinstance(value, Mapping) else None
            if step.endswith("[]"):
                items = child if isinstance(child, list) else []
                below += [(f"{place}{key}[{number}].", item) for number, item in enumerate(items)]
            else:
                below.append((f"{place}{key}.", child))
        here = below
    for place, value in here:
        if isinstance(value, Mapping):
            yield f"{place}{name}", value, name


Check = Callable[[Any, list[str], Settings], Iterator[tuple[str, str]]]


def _object(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        yield "", "type"


def _code(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    changed = settings.codes.get(arguments[0], {})
    known = isinstance(value, str) and changed.get(value, value in CODES[arguments[0]])
    if not known:
        yield "", "unknown-code"


def _codes(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        yield "", "type"
        return
    if len(value) < int(arguments[1]):
        yield "", "empty"
    for number, item in enumerate(value):
        for _, reason in _code(item, arguments, settings):
            yield f"[{number}]", reason


def _text(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield "", "type"
    elif not value.strip():
        yield "", "missing"
    elif len(value) > int(arguments[0]):
        yield "", "too-long"


def _date(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if day(value) is None:
        yield "", "not-a-date"


def _truth(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, bool):
        yield "", "type"


def _number(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield "", "type"
    elif arguments and value < int(arguments[0]):
        yield "", "too-low"


def _postcode(value: Any, arguments: list[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str) or not POSTCODE.match(value):
        yield "", "not-a-postcode"


CHECKS: Mapping[str, Check] = {
    "object": _object,
    "code": _code,
    "codes": _codes,
    "text": _text,
    "date": _date,
    "truth": _truth,
    "number": _number,
    "postcode": _postcode,
}


def day(value: Any) -> date | None:
    """A day that exists, written YYYY-MM-DD."""
    if not isinstance(value, str) or not DAY.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def inside(body: Any, path: str) -> Any:
    """The value at a path, None when there is none."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, Mapping) else None
    return body


def years_after(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 2, 28)


def _rules(body: Body, today: date) -> Iterator[Problem]:
    yield from _party(body)
    yield from _eligibility(body, today)
    yield from _badge(body, today)
    born = day(inside(body, "party.person.dob"))
    if born is not None and born > today:
        yield "party.person.dob", "in-future"


def _party(body: Body) -> Iterator[Problem]:
    kind = inside(body, "party.typeCode")
    needed, forbidden = {
        "PERSON": (("party.person", "eligibility"), ("party.organisation",)),
        "ORG": (("party.organisation",), ("party.person", "eligibility", "artifacts")),
    }.get(kind if isinstance(kind, str) else "", ((), ()))
    for path in needed:
        if inside(body, path) is None:
            yield path, "needed"
    for path in forbidden:
        if inside(body, path) is not None:
            yield path, "forbidden"


def _eligibility(body: Body, today: date) -> Iterator[Problem]:
    stated = inside(body, "eligibility")
    if not isinstance(stated, Mapping):
        return
    code = stated.get("typeCode")
    renewal = body.get("applicationTypeCode") == "RENEW"
    if code in ("PIP", "DLA", "WPMS") and stated.get("benefit") is None and not renewal:
        yield "eligibility.benefit", "needed"
    for owner, member in (("WALKD", "walkingDifficulty"), ("ARMS", "disabilityArms"), ("CHILDBULK", "childUnder3")):
        if code == owner and stated.get(member) is None:
            yield f"eligibility.{member}", "needed"
    if stated.get("descriptionOfConditions") is not None and code not in DISCRETIONARY:
        yield "eligibility.descriptionOfConditions", "forbidden"
    if stated.get("healthcareProfessionals") is not None and code not in ("WALKD", "CHILDBULK", "CHILDVEHIC"):
        yield "eligibility.healthcareProfessionals", "forbidden"
    ends = day(inside(stated, "benefit.expiryDate"))
    if ends is not None and inside(stated, "benefit.isIndefinite") is True:
        yield "eligibility.benefit.expiryDate", "indefinite"
    elif ends is not None and ends < today:
        yield "eligibility.benefit.expiryDate", "past"
    walking = stated.get("walkingDifficulty")
    if isinstance(walking, Mapping):
        cannot, speed = walking.get("walkingLengthOfTimeCode") == "CANTWALK", walking.get("walkingSpeedCode")
        if cannot and speed is not None:
            yield "eligibility.walkingDifficulty.walkingSpeedCode", "forbidden"
        if not cannot and speed is None and walking.get("walkingLengthOfTimeCode") is not None:
            yield "eligibility.walkingDifficulty.walkingSpeedCode", "needed"


def _badge(body: Body, today: date) -> Iterator[Problem]:
    badge = body.get("badge")
    if not isinstance(badge, Mapping):
        return
    starts, ends, applied = (day(badge.get(name)) for name in ("startDate", "expiryDate", "applicationDate"))
    if starts is not None and starts < today:
        yield "badge.startDate", "past"
    elif starts is not None and ends is not None and ends > years_after(starts, 3):
        yield "badge.expiryDate", "too-late"
    if applied is not None and applied > today:
        yield "badge.applicationDate", "in-future"
    if badge.get("deliverToCode") == "COUNCIL" and badge.get("deliveryOptionCode") == "FAST":
        yield "badge.deliveryOptionCode", "not-to-council"
    number = badge.get("numberOfBadges")
    most = 1 if inside(body, "party.typeCode") == "PERSON" else 999
    if isinstance(number, int) and not isinstance(number, bool) and not 1 <= number <= most:
        yield "badge.numberOfBadges", "out-of-range"
