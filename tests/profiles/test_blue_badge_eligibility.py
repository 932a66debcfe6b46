"""Blue Badge eligibility: conforming suppliers of other habits pass, on any day; people stay in the bodies."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.errors import ProfileError
from interop_harness.execution.run import Outcome, replay, run
from interop_harness.implementation import Auth
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load
from interop_harness.profile.openapi import OpenAPI
from interop_harness.sandbox import faults, handler
from interop_harness.sandbox.blue_badge_eligibility.rules import day, inside
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import load_credentials

ID = "blue-badge-eligibility"
CHECK = "/eligibility-checks"
WITHOUT = "eligible_without_further_assessment"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def ran(plan: Plan, supplier: Handler, now: datetime = CLOCK) -> Outcome:
    credentials = load_credentials(plan.implementation, {})
    transport = InProcessTransport(supplier)
    return run(plan, credentials, credentials.redactor(), workers=1, inner=transport, clock=lambda: now)


def planned(profile: Profile, *, claims: Mapping[str, bool] | None = None, **changes: Any) -> Plan:
    stated = reference_plan(profile).implementation
    target = replace(stated, claims=stated.claims if claims is None else claims, **changes)
    return make_plan(profile, target, Options())


def troubles(outcome: Outcome) -> dict[str, str]:
    return {
        row["id"]: f"{row['verdict']}: {row['reason']} {row['findings'][:1]}"
        for row in outcome.report["requirements"]
        if row["id"].startswith("BBE") and row["verdict"] in {"fail", "error", "inconclusive"}
    }


def verdict(outcome: Outcome, identifier: str) -> str:
    return next(row["verdict"] for row in outcome.report["requirements"] if row["id"] == identifier)


def changed(change: Change, *, status: int = 0, kind: str = "") -> Handler:
    """The reference supplier with the bodies of its answers changed."""
    inner = handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        if not answer.body:
            return answer
        body = json.loads(answer.body)
        change(body)
        answer = replace(answer, body=json.dumps(body).encode())
        return answer.with_header("Content-Type", kind) if kind else answer

    return handle


def fields(rename: Callable[[str], str]) -> Change:
    def change(body: dict[str, Any]) -> None:
        for error in body.get("error", {}).get("errors", []):
            error["field"] = rename(error["field"])

    return change


def with_parents(body: dict[str, Any]) -> None:
    """As validators do that report an object for what is wrong inside it."""
    errors = body.get("error", {}).get("errors", [])
    for error in list(errors):
        parent = error["field"].rpartition(".")[0]
        if parent:
            errors.append({**error, "field": parent})


HABITS: dict[str, Handler] = {
    "pointers": changed(fields(lambda path: "/" + path.replace(".", "/").replace("[", "/").replace("]", ""))),
    "from-the-root": changed(fields(lambda path: f"$.{path}")),
    "without-places": changed(fields(lambda path: path.replace("[0]", ""))),
    "parents-too": changed(with_parents),
    "plain-json": changed(lambda body: None, kind="application/json; charset=utf-8"),
    "chatty": changed(lambda body: body.update(id="c1", method="POST", more={"any": 1})),
}


@pytest.mark.parametrize("habit", HABITS)
def test_conforming_suppliers_of_other_habits_pass(profile: Profile, habit: str) -> None:
    outcome = ran(reference_plan(profile), HABITS[habit])
    assert troubles(outcome) == {}
    assert outcome.report["verdict"] == "conformant"


@pytest.mark.parametrize(
    "now",
    [
        "2026-03-29T00:30:00Z",  # an hour before the clocks go forward
        "2026-06-30T22:20:00Z",  # 23:20 in London
        "2026-06-30T23:10:00Z",  # already July in London
        "2026-10-25T00:59:00Z",
        "2026-12-31T12:00:00Z",
        "2028-02-29T09:00:00Z",
        "2027-03-01T09:00:00Z",
    ],
)
def test_the_table_holds_on_any_day(profile: Profile, now: str) -> None:
    moment = datetime.fromisoformat(now)
    assert troubles(ran(reference_plan(profile), handler(ID, now=moment), moment)) == {}


def test_a_run_just_before_midnight_leaves_dates_open(profile: Profile) -> None:
    moment = datetime(2026, 11, 2, 23, 45, tzinfo=UTC)
    outcome = ran(reference_plan(profile), handler(ID, now=moment), moment)
    assert outcome.report["verdict"] == "inconclusive"
    assert verdict(outcome, "BBE-RULE-19") == "inconclusive"
    assert verdict(outcome, "BBE-OUT-10") == "pass"
    assert not any(row["verdict"] in {"fail", "error"} for row in outcome.report["requirements"])


def test_reads_alone_are_enough_and_nothing_asks_for_leave_to_write(profile: Profile) -> None:
    plan = planned(profile, environment="production", base_url="https://badges.example.org")
    assert plan.options.allow_writes is False
    outcome = ran(plan, handler(ID, now=CLOCK))
    assert troubles(outcome) == {}


def test_badge_details_may_be_left_out(profile: Profile) -> None:
    inner = handler(ID, now=CLOCK)

    def without(request: SandboxRequest) -> SandboxResponse:
        if request.path != CHECK or b'"badge"' not in request.body:
            return inner(request)
        body = json.loads(request.body)
        body.pop("badge", None)
        return inner(replace(request, body=json.dumps(body).encode()))

    claims = {**reference_plan(profile).implementation.claims, "badge-details": False}
    assert troubles(ran(planned(profile, claims=claims), without)) == {}
    assert troubles(ran(reference_plan(profile), without))


def test_without_a_domain_it_is_said_what_to_add(profile: Profile) -> None:
    outcome = ran(planned(profile, facts={}), handler(ID, now=CLOCK))
    assert outcome.report["verdict"] == "inconclusive"
    row = next(row for row in outcome.report["requirements"] if row["id"] == "BBE-REF-01")
    assert row["verdict"] == "inconclusive"
    assert "domain" in row["reason"]


def test_without_credentials_nothing_is_held_against_the_supplier(profile: Profile) -> None:
    outcome = ran(planned(profile, auth=Auth()), handler(ID, now=CLOCK))
    assert outcome.report["verdict"] == "inconclusive"
    assert not {name: why for name, why in troubles(outcome).items() if why.startswith(("fail", "error"))}


def test_another_status_than_400_is_found_everywhere(profile: Profile) -> None:
    inner = handler(ID, now=CLOCK)

    def unprocessable(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        return replace(answer, status=422) if answer.status == 400 else answer

    outcome = ran(reference_plan(profile), unprocessable)
    assert verdict(outcome, "BBE-RULE-01") == "fail"
    assert verdict(outcome, "BBE-OUT-01") == "pass"


def test_a_supplier_that_accepts_nothing_is_not_passed_for_refusing(profile: Profile) -> None:
    inner = handler(ID, now=CLOCK)

    def never(request: SandboxRequest) -> SandboxResponse:
        if request.path == CHECK and request.header("authorization"):
            body = b'{"error": {"errors": [{"field": "party.person"}]}}'
            return SandboxResponse(400, (("Content-Type", "application/json"),), body)
        return inner(request)

    outcome = ran(reference_plan(profile), never)
    assert outcome.report["verdict"] == "not-conformant"
    assert verdict(outcome, "BBE-RULE-01") == "inconclusive"


def test_a_question_is_asked_again_when_the_service_says_later(profile: Profile) -> None:
    inner, seen = handler(ID, now=CLOCK), set()

    def busy(request: SandboxRequest) -> SandboxResponse:
        if request.path == CHECK and request.body not in seen and len(seen) < 3:
            seen.add(request.body)
            return SandboxResponse(429, (("Retry-After", "0"),), b"")
        return inner(request)

    outcome = ran(reference_plan(profile), busy)
    assert troubles(outcome) == {}
    assert any(exchange.attempts == 2 for exchange in outcome.exchanges.values())


def test_evidence_is_judged_again_to_the_same_report(profile: Profile) -> None:
    outcome = ran(reference_plan(profile), handler(ID, now=CLOCK))
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes
    assert ran(reference_plan(profile), handler(ID, now=CLOCK)).report["requirements"] == outcome.report["requirements"]


# --- rules hold for everybody ----------------------------------------------------------------------------


def answering_otherwise(path: str, value: Any, other: str, *, nation: str = "ENG") -> Handler:
    """A supplier with another outcome where a member of the request has a value (``...``: where it is there)."""
    inner = handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        if request.path != CHECK or answer.status != 200:
            return answer
        asked = json.loads(request.body)
        found = inside(asked, path)
        wanted = found in value if isinstance(value, (list, range)) and not isinstance(found, list) else found == value
        if found is None or (not wanted and value is not ...) or asked["nationCode"] != nation:
            return answer
        body = json.loads(answer.body)
        body["data"]["outcome"] = other
        return replace(answer, body=json.dumps(body).encode())

    return handle


@pytest.mark.parametrize(
    ("path", "value", "other", "rule"),
    [
        ("party.person.genderCode", "MALE", "not_eligible", "BBE-OUT-01"),
        ("party.contact", ..., "not_eligible", "BBE-OUT-01"),
        ("artifacts", ..., "further_assessment", "BBE-OUT-01"),
        ("badge", ..., "not_eligible", "BBE-OUT-01"),
        ("party.person.dob", "2016-11-02", "further_assessment", "BBE-OUT-05"),
        ("party.person.dob", "1949-03-02", "not_eligible", "BBE-OUT-01"),
        ("party.person.dob", "1983-06-09", "not_eligible", "BBE-OUT-07"),
        ("party.person.dob", "2004-02-11", "further_assessment", "BBE-OUT-08"),
        ("party.person.dob", "1931-05-23", WITHOUT, "BBE-OUT-12"),
        ("eligibility.award.planningAndFollowingPoints", range(1, 5), "further_assessment", "BBE-OUT-01"),
        ("eligibility.award.movingAroundPoints", range(5, 8), "not_eligible", "BBE-OUT-03"),
        ("eligibility.benefit.expiryDate", "2035-11-02", "further_assessment", "BBE-OUT-07"),
        ("eligibility.walkingDifficulty.walkingLengthOfTimeCode", "MORETEN", "not_eligible", "BBE-OUT-12"),
        ("eligibility.walkingDifficulty.walkingSpeedCode", "FAST", "not_eligible", "BBE-OUT-12"),
        ("eligibility.walkingDifficulty.typeCodes", ["DANGER"], WITHOUT, "BBE-OUT-12"),
        ("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes", ["VENT"], "not_eligible", "BBE-OUT-12"),
    ],
)
def test_a_rule_holds_whatever_else_the_request_says(
    profile: Profile, path: str, value: Any, other: str, rule: str
) -> None:
    outcome = ran(reference_plan(profile), answering_otherwise(path, value, other))
    assert verdict(outcome, rule) == "fail"
    assert outcome.report["verdict"] == "not-conformant"


@pytest.mark.parametrize(
    ("path", "values", "other", "rule"),
    [
        ("eligibility.award.movingAroundPoints", range(5, 8), WITHOUT, "BBE-OUT-02"),
        ("eligibility.award.movingAroundPoints", [5], WITHOUT, "BBE-OUT-02"),
        ("eligibility.award.movingAroundPoints", [6], WITHOUT, "BBE-OUT-02"),
        ("eligibility.award.movingAroundPoints", [8], "not_eligible", "BBE-OUT-01"),
        ("eligibility.award.movingAroundPoints", [11], "not_eligible", "BBE-OUT-01"),
        ("eligibility.award.tariff", range(10, 16), WITHOUT, "BBE-OUT-09"),  # "10" <= "8", letter by letter
        ("eligibility.benefit.isIndefinite", [False], "further_assessment", "BBE-OUT-07"),
    ],
)
def test_each_number_is_compared_rightly(
    profile: Profile, path: str, values: Sequence[Any], other: str, rule: str
) -> None:
    outcome = ran(reference_plan(profile), answering_otherwise(path, values, other))
    assert verdict(outcome, rule) == "fail"


@pytest.mark.parametrize(
    ("path", "value", "other"),
    [
        # A child without equipment, under the code for children with some: no source says what comes of it.
        ("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes", ["NONE"], "not_eligible"),
        # Neither does one for cancellations, nor for replacements.
        ("applicationTypeCode", "CANCEL", "not_eligible"),
        ("applicationTypeCode", "REPLACE", "further_assessment"),
    ],
)
def test_what_no_rule_settles_is_not_held_against_anybody(profile: Profile, path: str, value: Any, other: str) -> None:
    assert troubles(ran(reference_plan(profile), answering_otherwise(path, value, other))) == {}


@pytest.mark.parametrize("nation", ["SCO", "WLS", "NIR"])
def test_the_rules_are_those_of_england(profile: Profile, nation: str) -> None:
    supplier = answering_otherwise("eligibility.typeCode", "WPMS", "further_assessment", nation=nation)
    assert troubles(ran(reference_plan(profile), supplier)) == {}


def test_rules_ask_nothing_of_their_own(profile: Profile) -> None:
    plan = reference_plan(profile)
    rules = [case for case in plan.cases if case.family == "decisions.everywhere"]
    assert rules
    without = replace(plan, cases=tuple(case for case in plan.cases if case.family != "decisions.everywhere"))
    supplier = handler(ID, now=CLOCK)
    assert len(ran(plan, supplier).exchanges) == len(ran(without, supplier).exchanges)


# --- requests read too kindly ----------------------------------------------------------------------------


def reading(path: str, kindly: Callable[[Any], Any], when: Callable[[Any], bool] = lambda body: True) -> Handler:
    """A supplier that takes what stands at a place for something else."""
    inner = handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        try:
            body = json.loads(request.body or b"null")
        except ValueError:
            return inner(request)
        *above, last = path.split(".")
        holder = inside(body, ".".join(above)) if above else body
        if isinstance(holder, dict) and last in holder and when(body):
            holder[last] = kindly(holder[last])
            return inner(replace(request, body=json.dumps(body).encode()))
        return inner(request)

    return handle


def later(old: Any) -> bool:
    found = day(old)
    return found is not None and found > CLOCK.date()


def past(old: Any) -> bool:
    found = day(inside(old, "expiryDate"))
    return found is not None and found < CLOCK.date()


def without_benefit_for(code: str) -> Handler:
    """A supplier that takes this type of application for a renewal where there is no benefit."""

    def bare(body: Any) -> bool:
        return body["applicationTypeCode"] == code and inside(body, "eligibility.benefit") is None

    return reading("applicationTypeCode", lambda old: "RENEW", bare)


def trimmed(old: Any) -> Any:
    """A code, or each of several, alone or in objects, without the blanks around it; all other texts as they are."""
    if isinstance(old, list):
        return [trimmed(each) for each in old]
    if isinstance(old, dict):
        return {name: trimmed(each) for name, each in old.items()}
    return old.strip() if isinstance(old, str) and old.strip().isupper() else old


@pytest.mark.parametrize(
    ("place", "row"),
    [
        ("party.typeCode", "BBE-CODE-05"),
        ("party.person.genderCode", "BBE-CODE-06"),
        ("eligibility.walkingDifficulty.walkingLengthOfTimeCode", "BBE-CODE-08"),
        ("eligibility.walkingDifficulty.walkingSpeedCode", "BBE-CODE-09"),
        ("eligibility.walkingDifficulty.breathlessness.typeCodes", "BBE-CODE-10"),
        ("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes", "BBE-CODE-11"),
        ("party.organisation.vehicles", "BBE-CODE-12"),
        ("eligibility.walkingDifficulty.walkingAids", "BBE-CODE-13"),
        ("artifacts", "BBE-CODE-14"),
        ("badge.applicationChannelCode", "BBE-CODE-16"),
    ],
)
def test_a_code_with_a_blank_is_no_code_wherever_it_stands(profile: Profile, place: str, row: str) -> None:
    assert list(troubles(ran(reference_plan(profile), reading(place, trimmed)))) == [row]


@pytest.mark.parametrize(
    ("place", "row"),
    [
        ("eligibility.walkingDifficulty.breathlessness.typeCodes", "BBE-CODE-10"),
        ("eligibility.childUnder3.bulkyMedicalEquipmentTypeCodes", "BBE-CODE-11"),
        ("party.organisation.vehicles", "BBE-CODE-12"),
        ("eligibility.walkingDifficulty.walkingAids", "BBE-CODE-13"),
        ("artifacts", "BBE-CODE-14"),
    ],
)
def test_what_follows_a_first_one_is_looked_at_too(profile: Profile, place: str, row: str) -> None:
    assert list(troubles(ran(reference_plan(profile), reading(place, lambda old: old[:1])))) == [row]


@pytest.mark.parametrize(
    ("supplier", "row"),
    [
        (reading("party.person.dob", lambda old: "1961-04-17" if old == "19610417" else old), "BBE-FORM-01"),
        (reading("party.person.dob", lambda old: "1961-04-17" if old == "1961-4-17" else old), "BBE-FORM-01"),
        (reading("party.person.dob", lambda old: str(old).partition("T")[0]), "BBE-FORM-01"),
        (reading("eligibility.award.planningAndFollowingPoints", int), "BBE-FORM-03"),
        (reading("party.person.genderCode", lambda old: str(old).upper()), "BBE-CODE-06"),
        (reading("eligibility.typeCode", lambda old: str(old).strip()), "BBE-CODE-02"),
        (reading("eligibility.walkingDifficulty.typeCodes", lambda old: old[:1]), "BBE-CODE-07"),
        (
            reading("eligibility.walkingDifficulty.typeCodes", lambda old: [str(each).strip() for each in old]),
            "BBE-CODE-07",
        ),
        (reading("eligibility.award.tariff", int), "BBE-FORM-03"),
        (reading("nationCode", lambda old: str(old).strip()), "BBE-CODE-15"),
        (reading("applicationTypeCode", lambda old: str(old).strip()), "BBE-CODE-04"),
        (
            reading(
                "party.person.dob",
                lambda old: "1961-04-17" if later(old) else old,
                lambda body: inside(body, "eligibility.typeCode") == "PIP",
            ),
            "BBE-RULE-19",
        ),
        (
            reading(
                "eligibility.benefit",
                lambda old: {"isIndefinite": True} if past(old) else old,
                lambda body: inside(body, "eligibility.typeCode") == "WPMS",
            ),
            "BBE-RULE-11",
        ),
        (without_benefit_for("REPLACE"), "BBE-RULE-08"),
        (without_benefit_for("CANCEL"), "BBE-RULE-08"),
        (
            reading(
                "eligibility.benefit",
                lambda old: {"isIndefinite": True} if old.get("isIndefinite") is True else old,
                lambda body: body["eligibility"].get("typeCode") == "WPMS",
            ),
            "BBE-RULE-10",
        ),
        (
            reading(
                "eligibility.benefit",
                lambda old: {"isIndefinite": True} if old.get("isIndefinite") is True else old,
                lambda body: body["eligibility"].get("typeCode") == "PIP",
            ),
            "BBE-RULE-10",
        ),
    ],
)
def test_what_is_written_otherwise_is_refused(profile: Profile, supplier: Handler, row: str) -> None:
    assert list(troubles(ran(reference_plan(profile), supplier))) == [row]


# --- privacy ---------------------------------------------------------------------------------------------


def people(outcome: Outcome) -> set[str]:
    """The words of every name that the run sent."""
    found = set()
    for exchange in outcome.exchanges.values():
        if exchange.request.body.startswith(b"{") and exchange.request.body.endswith(b"}"):
            person = json.loads(exchange.request.body).get("party", {})
            person = (person.get("person") or {}) if isinstance(person, dict) else {}
            if isinstance(person, dict):
                found |= {word.casefold() for word in str(person.get("badgeHolderName") or "").split()}
    return {word for word in found if "-" in word}


def test_people_stand_in_bodies_and_nowhere_else(profile: Profile) -> None:
    outcome = ran(reference_plan(profile), handler(ID, now=CLOCK))
    markers = people(outcome)
    assert markers
    for exchange in outcome.exchanges.values():
        around = f"{exchange.request.target} {exchange.request.headers}".casefold()
        assert not any(marker in around for marker in markers)
    assert not any(marker in outcome.report_bytes.decode().casefold() for marker in markers)
    for line in gzip.decompress(outcome.evidence_gz).decode().splitlines():
        record = json.loads(line)
        record.get("request", {}).pop("body", None)
        assert not any(marker in json.dumps(record).casefold() for marker in markers)


@pytest.mark.parametrize("fault", [row.name for row in faults(ID) if row.must_fail.startswith("BBE-PRIV")])
def test_reports_of_leaks_do_not_leak(profile: Profile, fault: str) -> None:
    outcome = ran(reference_plan(profile), handler(ID, [fault], now=CLOCK))
    assert outcome.report["verdict"] == ("conformant" if fault == "person-in-message" else "not-conformant")
    assert not any(marker in outcome.report_bytes.decode().casefold() for marker in people(outcome))


def test_no_request_holds_a_national_insurance_number(profile: Profile) -> None:
    assert "nino" not in json.dumps(profile.parameters["decisions"]).lower()
    assert "nino" not in json.dumps([case.as_json() for case in reference_plan(profile).cases]).lower()


# --- an operation that only computes ---------------------------------------------------------------------


def document(method: str, **more: Any) -> dict[str, Any]:
    operation = {"operationId": "one", "responses": {"200": {"description": "ok"}}, "x-interop-safe": True, **more}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/one": {method: operation}}}


EXAMPLE = {"content": {"application/json": {"example": {"a": 1}}}}


def test_the_mark_makes_a_post_safe() -> None:
    marked = OpenAPI(document("post", requestBody=EXAMPLE)).operations["one"]
    assert marked.safe
    assert marked.example == ("application/json", {"a": 1})
    plain = document("post", requestBody=EXAMPLE)
    plain["paths"]["/one"]["post"]["x-interop-safe"] = "yes"
    assert not OpenAPI(plain).operations["one"].safe


def test_credentials_are_owed_where_every_alternative_asks_for_some() -> None:
    asked = {"none": [], "some": [{"key": []}], "optional": [{"key": []}, {}]}
    found = {
        name: OpenAPI(document("post", requestBody=EXAMPLE, security=security)).operations["one"].secured
        for name, security in asked.items()
    }
    assert found == {"none": False, "some": True, "optional": False}
    assert OpenAPI({**document("post", requestBody=EXAMPLE), "security": [{"key": []}]}).operations["one"].secured


@pytest.mark.parametrize("content", [document("post"), document("delete", requestBody=EXAMPLE), document("get")])
def test_the_mark_is_for_posts_with_an_example(content: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match="x-interop-safe"):
        _ = OpenAPI(content).operations


# --- a group of two names ---------------------------------------------------------------------------------


def grounds_called(name: str, *without: str, **added: str) -> Handler:
    """A supplier whose list of grounds has a name, lacks some codes and has others."""

    def change(body: dict[str, Any]) -> None:
        entries = body.get("data")
        if not isinstance(entries, list):
            return
        entries[:] = [entry for entry in entries if entry["shortCode"] not in without]
        entries += [{**entries[0], "shortCode": code, "description": told} for code, told in added.items()]
        for entry in entries:
            if entry["groupShortCode"] == "ELIGIBILIT":
                entry["groupShortCode"] = name

    return changed(change)


def test_the_grounds_may_have_either_published_name(profile: Profile) -> None:
    assert troubles(ran(reference_plan(profile), grounds_called("ELIGIBILITY"))) == {}
    assert verdict(ran(reference_plan(profile), grounds_called("GROUNDS")), "BBE-REF-01") == "fail"


def test_what_is_asked_of_the_grounds_is_asked_under_either_name(profile: Profile) -> None:
    outcome = ran(reference_plan(profile), grounds_called("ELIGIBILITY", "CHILDVEHIC", TERMILL="Terminal illness"))
    assert verdict(outcome, "BBE-REF-01") == "fail"
    assert verdict(outcome, "BBE-REF-06") == "fail"


# --- what the Department's own validators refuse ---------------------------------------------------------


def described(body: Any, holder: str, codes: str, code: str, text: str) -> str:
    """The member that is wrong where something else may be described with its code alone, and must be with it."""
    found = inside(body, holder)
    if not isinstance(found, dict):
        return ""
    wanted, given = code in (found.get(codes) or ()), bool(found.get(text))
    return "" if wanted == given else f"{holder}.{text}"


def as_the_department_does(body: Any) -> str:
    """The member that the Department's validators mind where this profile's reference supplier does not."""
    walking = "eligibility.walkingDifficulty"
    if not isinstance(inside(body, walking), dict):
        return described(
            body, "eligibility.childUnder3", "bulkyMedicalEquipmentTypeCodes", "OTHER", "otherMedicalEquipment"
        )
    breath = "BREATH" in (inside(body, f"{walking}.typeCodes") or ())
    if breath != bool(inside(body, f"{walking}.breathlessness.typeCodes")):
        return f"{walking}.breathlessness.typeCodes"
    within = f"{walking}.breathlessness"
    return described(body, walking, "typeCodes", "SOMELSE", "otherDescription") or described(
        body, within, "typeCodes", "OTHER", "otherDescription"
    )


def test_the_departments_own_validators_conform(profile: Profile) -> None:
    inner = handler(ID, now=CLOCK)

    def stricter(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        accepted = request.path == CHECK and answer.status == 200
        wrong = as_the_department_does(json.loads(request.body)) if accepted else ""
        body = {"error": {"errors": [{"field": wrong, "reason": "NotValid", "message": "This cannot be."}]}}
        return replace(answer, status=400, body=json.dumps(body).encode()) if wrong else answer

    assert troubles(ran(reference_plan(profile), stricter)) == {}
