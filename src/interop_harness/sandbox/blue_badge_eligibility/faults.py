"""Every way in which the reference supplier can be made to break a rule, by name.

What each one is for, and which requirement must catch it, stands in the profile's ``faults.yaml``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, quote_plus

from interop_harness.sandbox.fault import Fault
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .rules import day, inside
from .settings import Body, Problem, Settings
from .table import FURTHER, NOT, WITHOUT

SupplierFault = Fault[Settings]
Decide = Callable[[Body, str, date], str]
Change = Callable[[SandboxRequest, SandboxResponse], SandboxResponse]
POINTS = "eligibility.award.movingAroundPoints"
PLANNING = "eligibility.award.planningAndFollowingPoints"
TARIFF = "eligibility.award.tariff"
NARROW = re.compile(r"([A-Z][0-9]{1,2}|[A-Z][A-HJ-Y][0-9]{1,2})\s*[0-9][A-Z]{2}\Z")


def ignoring(name: str, path: str, reason: str = "*") -> SupplierFault:
    """A problem that is not minded."""
    return Fault(name, switch=lambda settings: settings.ignored.add((path, reason)))


def deciding(name: str, decide: Decide) -> SupplierFault:
    """Another outcome than the table's."""
    return Fault(name, switch=lambda settings: settings.decide.append(decide))


def where(code: str, test: Callable[[Body], bool], outcome: str) -> Decide:
    """One outcome for the requests under a code that pass a test, the table's for all others."""
    return lambda body, old, today: outcome if inside(body, "eligibility.typeCode") == code and test(body) else old


def codes(name: str, listed: str, **changes: bool) -> SupplierFault:
    """Codes accepted that are on no list, or refused that are."""
    return Fault(name, switch=lambda settings: settings.codes.setdefault(listed, {}).update(changes))


def refusing(name: str, rule: Callable[[Body, date], Problem | None]) -> SupplierFault:
    """A rule too many."""
    return Fault(name, switch=lambda settings: settings.extra.append(rule))


def naming(name: str, path: str, other: str) -> SupplierFault:
    """An error that names another member."""
    return Fault(name, switch=lambda settings: settings.renamed.update({path: other}))


def enveloping(name: str, change: Callable[[dict[str, Any]], Any]) -> SupplierFault:
    return Fault(name, switch=lambda settings: settings.envelope.append(change))


def listing(name: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> SupplierFault:
    return Fault(name, switch=lambda settings: settings.listed.append(change))


def lacking(group: str, code: str) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    return lambda entry: None if (entry["groupShortCode"], entry["shortCode"]) == (group, code) else entry


def answers(name: str, when: Callable[[SandboxRequest, SandboxResponse], bool], change: Change) -> SupplierFault:
    """Some answers changed on their way out."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(request, answer) if when(request, answer) else answer

        return handle

    return Fault(name, wrap=wrapper)


def asks(name: str, change: Callable[[SandboxRequest], SandboxRequest]) -> SupplierFault:
    """Requests taken for others than they are."""
    return Fault(name, wrap=lambda handler: lambda request: handler(change(request)))


# what is decided


def number(body: Body, path: str) -> int:
    found = inside(body, path)
    return found if isinstance(found, int) else 0


def summed(body: Body) -> bool:
    return number(body, POINTS) + number(body, PLANNING) >= 8


def nothing_stated(body: Body, old: str, today: date) -> str:
    awarded = inside(body, "eligibility.typeCode") in ("PIP", "DLA", "AFRFCS", "BLIND")
    return NOT if awarded and inside(body, "eligibility.award") is None else old


def low_assessed(body: Body, old: str, today: date) -> str:
    return FURTHER if old == NOT and inside(body, "eligibility.award") is not None else old


# rules too many


def renewal_needs_benefit(body: Body, today: date) -> Problem | None:
    lacks = inside(body, "eligibility.typeCode") in ("PIP", "DLA", "WPMS") and not inside(body, "eligibility.benefit")
    return ("eligibility.benefit", "needed") if lacks else None


def ends_today(body: Body, today: date) -> Problem | None:
    path = "eligibility.benefit.expiryDate"
    return (path, "past") if day(inside(body, path)) == today else None


def born_today(body: Body, today: date) -> Problem | None:
    path = "party.person.dob"
    return (path, "in-future") if day(inside(body, path)) == today else None


def one_breathlessness(body: Body, today: date) -> Problem | None:
    path = "eligibility.walkingDifficulty.breathlessness"
    found = inside(body, path)
    return (f"{path}.typeCode", "missing") if isinstance(found, dict) and "typeCode" not in found else None


def no_contact(body: Body, today: date) -> Problem | None:
    return ("party.contact", "forbidden") if inside(body, "party.contact") else None


def narrow_postcode(body: Body, today: date) -> Problem | None:
    path = "party.contact.postCode"
    found = inside(body, path)
    narrow = isinstance(found, str) and not NARROW.match(found)
    return (path, "not-a-postcode") if narrow else None


def more_than_is_wrong(body: Body, today: date) -> Problem | None:
    return ("party.person.genderCode", "missing") if "nationCode" not in body else None


# what becomes of answers


def checked(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path == "/eligibility-checks" and answer.status == 200


def turned_down(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path == "/eligibility-checks" and answer.status == 400


def coded(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path.startswith("/reference-data/") and answer.status == 200


def sent(request: SandboxRequest) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def holder(request: SandboxRequest) -> str:
    return str(inside(sent(request), "party.person.badgeHolderName") or "")


def header(name: str, value: Callable[[SandboxRequest], str]) -> Change:
    return lambda request, answer: answer.with_header(name, value(request))


def status(code: int) -> Change:
    return lambda request, answer: replace(answer, status=code)


def content(change: Callable[[SandboxRequest, dict[str, Any]], Any]) -> Change:
    """The body changed as data."""

    def made(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        body = json.loads(answer.body)
        change(request, body)
        return replace(answer, body=json.dumps(body).encode())

    return made


def link_to_person(request: SandboxRequest, body: dict[str, Any]) -> None:
    token = base64.urlsafe_b64encode(json.dumps({"name": holder(request)}).encode()).decode().rstrip("=")
    body["data"]["self"] = f"/eligibility-checks/{token}"


def echo(request: SandboxRequest, body: dict[str, Any]) -> None:
    body["error"]["message"] = f"The check of {holder(request)} failed."


def without_message(body: dict[str, Any]) -> None:
    for error in body.get("error", {}).get("errors", []):
        error["message"] = ""


def code_as_text(body: dict[str, Any]) -> None:
    if body.get("error", {}).get("errors"):
        body["error"]["code"] = "400"


def reason_as_number(body: dict[str, Any]) -> None:
    if "outcome" in body.get("data", {}):
        body["data"]["reason"] = 7


def by_address(request: SandboxRequest) -> str:
    born = str(inside(sent(request), "party.person.dob") or "")
    return f"/eligibility-checks?name={quote_plus(holder(request))}&dob={born}"


def male(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return checked(request, answer) and inside(sent(request), "party.person.genderCode") == "MALE"


def to_result(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    return SandboxResponse(303, (("Location", f"/results/{quote(holder(request))}"),), b"")


def partyless(request: SandboxRequest, answer: SandboxResponse) -> bool:
    body = sent(request)
    return turned_down(request, answer) and isinstance(body, dict) and "party" not in body


def not_json(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return turned_down(request, answer) and sent(request) is None


def with_accept(request: SandboxRequest, when: bool) -> SandboxRequest:
    if not when:
        return request
    kept = tuple(pair for pair in request.headers if pair[0].lower() != "accept")
    return replace(request, headers=(*kept, ("Accept", "*/*")))


def flapping() -> SupplierFault:
    """Every second time that one question is asked, the outcome is another."""

    def wrapper(handler: Handler) -> Handler:
        times: dict[bytes, int] = {}

        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            if not checked(request, answer):
                return answer
            times[request.body] = times.get(request.body, 0) + 1
            accept = request.header("accept")
            if times[request.body] % 2 or "v1" not in accept:
                return answer
            return content(lambda request, body: body["data"].update(outcome=NOT))(request, answer)

        return handle

    return Fault("outcome-changes-by-itself", wrap=wrapper)


def open_reference(handler: Handler) -> Handler:
    def handle(request: SandboxRequest) -> SandboxResponse:
        if request.path.startswith("/reference-data/") and not request.header("authorization"):
            token = ("Authorization", "Bearer notown-test-token-0001")
            return handler(replace(request, headers=(*request.headers, token)))
        return handler(request)

    return handle


WITHDRAWN = {
    "shortCode": "TERMILL",
    "description": "Withdrawn",
    "groupShortCode": "ELIGIBILIT",
    "groupDescription": "Eligibility",
}


FAULTS: tuple[SupplierFault, ...] = (
    # outcomes
    deciding("pip-needs-9-points", where("PIP", lambda body: number(body, POINTS) == 8, NOT)),
    deciding("pip-7-points-enough", where("PIP", lambda body: number(body, POINTS) == 7, WITHOUT)),
    deciding(
        "pip-descriptor-ignored",
        where("PIP", lambda body: number(body, PLANNING) > 0 and number(body, POINTS) < 8, NOT),
    ),
    deciding("pip-any-descriptor", where("PIP", lambda body: number(body, PLANNING) == 10, WITHOUT)),
    deciding("pip-points-added", where("PIP", summed, WITHOUT)),
    deciding(
        "dla-assessed",
        where("DLA", lambda body: inside(body, "eligibility.award.higherRateMobility") is True, FURTHER),
    ),
    deciding("dla-any-rate", where("DLA", lambda body: inside(body, "eligibility.award") is not None, WITHOUT)),
    deciding("wpms-assessed", where("WPMS", lambda body: True, FURTHER)),
    deciding("afcs-tariff-8-left-out", where("AFRFCS", lambda body: number(body, TARIFF) == 8, NOT)),
    deciding("afcs-tariff-9-enough", where("AFRFCS", lambda body: number(body, TARIFF) == 9, WITHOUT)),
    deciding(
        "afcs-disability-ignored",
        where(
            "AFRFCS", lambda body: inside(body, "eligibility.award.permanentSubstantialDisability") is False, WITHOUT
        ),
    ),
    deciding(
        "blind-assessed",
        where("BLIND", lambda body: inside(body, "eligibility.award.severelySightImpaired") is True, FURTHER),
    ),
    deciding("blind-any-sight", where("BLIND", lambda body: inside(body, "eligibility.award") is not None, WITHOUT)),
    deciding("arms-decided-at-once", where("ARMS", lambda body: True, WITHOUT)),
    deciding("renewals-assessed", lambda body, old, today: FURTHER if body["applicationTypeCode"] == "RENEW" else old),
    deciding("low-award-assessed", low_assessed),
    deciding("missing-award-is-nought", nothing_stated),
    deciding("child-of-any-age", where("CHILDBULK", lambda body: True, FURTHER)),
    deciding("organisations-entitled", lambda body, old, today: old if "eligibility" in body else WITHOUT),
    deciding("scotland-never", lambda body, old, today: NOT if body["nationCode"] == "SCO" else old),
    # codes
    codes("childvehic-refused", "eligibility", CHILDVEHIC=False),
    codes("termill-accepted", "eligibility", TERMILL=True),
    codes("revoke-accepted", "application", REVOKE=True),
    codes("replace-refused", "application", REPLACE=False),
    codes("lower-case-party", "party", person=True),
    codes("unspecified-in-full", "gender", UNSPECIFIED=True, UNSPECIFIE=False),
    codes("longtime-refused", "difficulty", LONGTIME=False),
    codes("fiveten-refused", "length", FIVETEN=False),
    codes("same-speed-refused", "speed", SAME=False),
    refusing("breathlessness-one-code", one_breathlessness),
    codes("equipment-none-refused", "equipment", NONE=False),
    codes("minibus-refused", "vehicle", MINIBUS=False),
    codes("any-vehicle", "vehicle", LORRY=True),
    codes("social-aid-refused", "provided", SOCIAL=False),
    codes("proof-of-address-refused", "artifact", PROOF_ADD=False),
    codes("wales-as-wal", "nation", WAL=True, WLS=False),
    codes("in-person-refused", "channel", INPERSON=False),
    codes("delivery-anywhere", "deliver", OFFICE=True),
    # conditional rules
    ignoring("person-missing", "party.person", "needed"),
    ignoring("eligibility-missing", "eligibility", "needed"),
    ignoring("person-with-organisation", "party.organisation", "forbidden"),
    ignoring("organisation-missing", "party.organisation", "needed"),
    ignoring("organisation-with-person", "party.person", "forbidden"),
    ignoring("organisation-with-eligibility", "eligibility", "forbidden"),
    ignoring("organisation-with-artifacts", "artifacts", "forbidden"),
    ignoring("benefit-missing", "eligibility.benefit", "needed"),
    refusing("renewal-needs-benefit", renewal_needs_benefit),
    ignoring("indefinite-with-expiry", "eligibility.benefit.expiryDate", "indefinite"),
    ignoring("expired-benefit", "eligibility.benefit.expiryDate", "past"),
    refusing("last-day-refused", ends_today),
    ignoring("walking-without-kind", "eligibility.walkingDifficulty.typeCodes", "empty"),
    ignoring("cannot-walk-with-speed", "eligibility.walkingDifficulty.walkingSpeedCode", "forbidden"),
    ignoring("walks-without-speed", "eligibility.walkingDifficulty.walkingSpeedCode", "needed"),
    ignoring("arms-missing", "eligibility.disabilityArms", "needed"),
    ignoring("child-equipment-missing", "eligibility.childUnder3", "needed"),
    ignoring("conditions-for-anybody", "eligibility.descriptionOfConditions", "forbidden"),
    ignoring("professionals-for-anybody", "eligibility.healthcareProfessionals", "forbidden"),
    ignoring("born-tomorrow", "party.person.dob", "in-future"),
    refusing("born-today-refused", born_today),
    ignoring("badge-from-yesterday", "badge.startDate", "past"),
    ignoring("badge-for-longer", "badge.expiryDate", "too-late"),
    ignoring("application-of-tomorrow", "badge.applicationDate", "in-future"),
    ignoring("fast-to-council", "badge.deliveryOptionCode", "not-to-council"),
    refusing(
        "thousand-badges-too-few",
        lambda body, today: (
            ("badge.numberOfBadges", "out-of-range") if number(body, "badge.numberOfBadges") == 999 else None
        ),
    ),
    # required members and forms
    answers("missing-party-breaks", partyless, status(500)),
    ignoring("nation-assumed", "nationCode", "missing"),
    ignoring("gender-optional", "party.person.genderCode", "missing"),
    ignoring("charity-optional", "party.organisation.isCharity", "missing"),
    ignoring("indefinite-optional", "eligibility.benefit.isIndefinite", "missing"),
    ignoring("aid-from-nowhere", "eligibility.walkingDifficulty.walkingAids[0].howProvidedCode", "missing"),
    ignoring("adapted-optional", "eligibility.disabilityArms.isAdaptedVehicle", "missing"),
    ignoring("artifact-without-link", "artifacts[0].link", "missing"),
    ignoring("telephone-optional", "party.contact.primaryPhoneNumber", "missing"),
    refusing("contact-refused", no_contact),
    ignoring("any-date-of-birth", "party.person.dob", "not-a-date"),
    ignoring("long-names", "party.person.badgeHolderName", "too-long"),
    ignoring("negative-points", POINTS, "too-low"),
    refusing("postcode-pattern-too-narrow", narrow_postcode),
    ignoring("postcode-pattern-not-anchored", "party.contact.postCode", "not-a-postcode"),
    # reasons and the envelope
    naming("birth-under-another-name", "party.person.dob", "party.person.dateOfBirth"),
    naming("birth-by-last-name", "party.person.dob", "dob"),
    refusing("more-named-than-wrong", more_than_is_wrong),
    enveloping("error-code-as-text", code_as_text),
    enveloping("errors-without-message", without_message),
    enveloping("api-version-missing", lambda body: body.pop("apiVersion")),
    enveloping("reason-as-number", reason_as_number),
    # HTTP
    Fault("reference-data-open", wrap=open_reference),
    answers("forbidden-without-token", lambda request, answer: answer.status == 401, status(403)),
    answers(
        "challenge-missing",
        lambda request, answer: answer.status == 401,
        lambda request, answer: answer.without_header("WWW-Authenticate"),
    ),
    asks("any-version", lambda request: with_accept(request, bool(request.header("accept")))),
    asks("accept-optional", lambda request: with_accept(request, not request.header("accept"))),
    answers("broken-json-breaks", not_json, status(500)),
    answers("created", checked, status(201)),
    answers("check-has-an-address", checked, header("Location", lambda request: "/eligibility-checks/8841")),
    flapping(),
    answers("check-as-text", checked, header("Content-Type", lambda request: "text/plain; charset=utf-8")),
    answers(
        "caches-invited", lambda request, answer: True, header("Cache-Control", lambda request: "public, max-age=600")
    ),
    # privacy
    answers("person-in-content-location", checked, header("Content-Location", by_address)),
    answers(
        "person-in-link-of-refusal", turned_down, header("Link", lambda request: f"<{by_address(request)}>; rel=help")
    ),
    answers("person-in-self", checked, content(link_to_person)),
    answers("men-redirected-by-name", male, to_result),
    answers("person-in-header", checked, header("X-Applicant", holder)),
    answers("person-in-message", turned_down, content(echo)),
    # reference data
    listing("eligibility-code-unlisted", lacking("ELIGIBILIT", "CHILDVEHIC")),
    listing("breathlessness-code-unlisted", lacking("BREATHLESS", "DRESSED")),
    listing("length-code-unlisted", lacking("WALKLEN", "MORETEN")),
    listing("cancel-code-unlisted", lacking("CANCEL", "DECEASE")),
    listing(
        "subgroups-missing", lambda entry: {key: value for key, value in entry.items() if key != "subgroupShortCode"}
    ),
    Fault("termill-listed", switch=lambda settings: settings.added.append(WITHDRAWN)),
    listing(
        "description-blank", lambda entry: {**entry, "description": ""} if entry["shortCode"] == "CANTWALK" else entry
    ),
    listing(
        "order-as-text",
        lambda entry: (
            {key: value for key, value in entry.items() if key != "groupDescription"} | {"displayOrder": "first"}
        ),
    ),
    answers(
        "unknown-domain-empty",
        lambda request, answer: request.path.startswith("/reference-data/") and answer.status == 404,
        lambda request, answer: replace(answer, status=200, body=b'{"apiVersion": "1.0", "data": []}'),
    ),
    answers("codes-in-part", coded, status(206)),
    answers("codes-as-text", coded, header("Content-Type", lambda request: "text/plain; charset=utf-8")),
)
CATALOGUE: dict[str, SupplierFault] = {fault.name: fault for fault in FAULTS}
