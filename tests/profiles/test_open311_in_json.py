"""Open311 GeoReport: what holds for requests.xml holds for requests.json, and questions that clients usually send."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from interop_harness.generation.inputs import inputs_of
from interop_harness.plan import Options, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.open311_georeport.settings import Edit, Settings
from interop_harness.sandbox.open311_georeport.store import Store
from tests.profiles.test_open311_georeport import ID, WRITES, failed, planned, ran, row, supplier


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def wrong(profile: Profile, handler: Handler) -> set[str]:
    """The rows of this profile that fail over a supplier."""
    outcome = ran(planned(profile), handler)
    return {one for one in failed(outcome) if row(outcome, one)["verdict"] == "fail"}


@pytest.mark.parametrize(
    ("lax", "rows"),
    [
        ("key", {"O311-SUB-21"}),
        ("wrong-key", {"O311-SUB-22"}),
        ("code", {"O311-SUB-23"}),
        ("place", {"O311-SUB-24"}),
        ("unknown", {"O311-SUB-26"}),
        ("attributes", {"O311-SUB-27"}),
        ("every-attribute", {"O311-SUB-27"}),
    ],
)
def test_what_json_takes_in_is_checked_as_well(profile: Profile, lax: str, rows: set[str]) -> None:
    found = wrong(profile, supplier(Settings(careless={lax})))
    # What came in without a service_code is listed without one, too, once the list is read after it.
    assert rows <= found <= rows | {"O311-listRequestsXml-schema", "O311-listRequestsJson-schema"}


def test_one_of_several_required_attributes_is_not_enough(profile: Profile) -> None:
    settings = Settings()
    settings.keeps.remove("every-attribute")
    assert wrong(profile, supplier(settings)) == {"O311-SUB-15", "O311-SUB-27"}


def test_where_one_attribute_is_required_none_is_left_out_alone(profile: Profile) -> None:
    def plainer(store: Store) -> None:
        asked = store.definitions["001"]
        store.definitions = {**store.definitions, "001": [{**one, "required": one["code"] == "FAULT"} for one in asked]}

    outcome = ran(planned(profile), supplier(change=plainer))
    assert {row(outcome, name)["verdict"] for name in ("O311-SUB-15", "O311-SUB-27")} == {"pass"}
    assert failed(outcome) == {}


def test_lat_and_long_alone_are_a_place(profile: Profile) -> None:
    assert wrong(profile, supplier(Settings(deaf={"lat", "long"}))) == {"O311-SUB-25"}


def test_an_address_id_alone_is_a_place(profile: Profile) -> None:
    assert wrong(profile, supplier(Settings(deaf={"address_id"}))) == {"O311-SUB-28"}


def test_without_an_address_id_in_the_target_file_none_is_sent(profile: Profile) -> None:
    plan = planned(profile)
    facts = {name: value for name, value in plan.implementation.facts.items() if name != "address_id"}
    plan = make_plan(profile, replace(plan.implementation, facts=facts), WRITES, inputs=inputs_of(profile))
    outcome = ran(plan, supplier(Settings(deaf={"address_id"})))
    assert row(outcome, "O311-SUB-28")["verdict"] == "not-applicable" and failed(outcome) == {}
    sent = [each.request.body for each in outcome.exchanges.values() if each.request.method == "POST"]
    assert sent and not any(b"address-id-only" in body for body in sent)


def test_where_no_request_has_a_place_none_is_made_up(profile: Profile) -> None:
    def nowhere(store: Store) -> None:
        store.rows = [{name: value for name, value in one.items() if name not in ("lat", "long")} for one in store.rows]

    outcome = ran(planned(profile), supplier(change=nowhere))
    assert row(outcome, "O311-SUB-25")["verdict"] == "not-applicable"


@pytest.mark.parametrize(
    ("member", "other"),
    [
        ("status_notes", "Repaired."),
        ("service_name", "Another service"),
        ("agency_responsible", "Another borough"),
        ("service_notice", "In ten days."),
        ("updated_datetime", "2020-01-01T00:00:00Z"),
        ("expected_datetime", "2031-01-01T00:00:00Z"),
        ("address_id", "99"),
        ("zipcode", "XX9 9XX"),
    ],
)
def test_list_and_request_say_the_same_of_everything(profile: Profile, member: str, other: str) -> None:
    def differs(value: list[dict[str, object]]) -> None:
        for each in value:
            if each[member]:
                each[member] = other

    outcome = ran(
        planned(profile, Options(only=("O311-REQ-05",))), supplier(Settings(edits=[Edit("request", "", differs)]))
    )
    assert row(outcome, "O311-REQ-05")["verdict"] == "fail"


def test_a_picture_may_have_an_address_for_each_reader(profile: Profile) -> None:
    def signed(value: list[dict[str, object]]) -> None:
        for each in value:
            each["media_url"] = each["media_url"] and f"{each['media_url']}?signature=another"

    outcome = ran(
        planned(profile, Options(only=("O311-REQ-05",))), supplier(Settings(edits=[Edit("request", "", signed)]))
    )
    assert row(outcome, "O311-REQ-05")["verdict"] == "pass"


def asked(request: SandboxRequest) -> dict[str, str]:
    return dict(request.query) if request.method == "GET" else {}


def finding(path: str, when: Callable[[dict[str, str]], object], kept: slice) -> Handler:
    """A supplier whose list at a path, asked so, holds a part of what it should."""
    well = supplier()

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if request.path != path or not when(asked(request)) or answer.status != 200:
            return answer
        if path.endswith("json"):
            return replace(answer, body=json.dumps(json.loads(answer.body)[kept]).encode())
        found = re.findall(rb"<request>.*?</request>", answer.body, re.DOTALL)
        for one in found:
            if one not in found[kept]:
                answer = replace(answer, body=answer.body.replace(one, b""))
        return answer

    return handle


def taking(path: str, when: Callable[[dict[str, str]], object], *dropped: str) -> Handler:
    """A supplier that does not hear some parameters of such a question."""
    well = supplier()

    def handle(request: SandboxRequest) -> SandboxResponse:
        lost = request.path == path and when(asked(request))
        kept = tuple(pair for pair in request.query if not lost or pair[0] not in dropped)
        return well(replace(request, query=kept))

    return handle


def spans(question: dict[str, str]) -> bool:
    return {"start_date", "end_date"} <= set(question) and "service_request_id" not in question


@pytest.mark.parametrize(
    ("when", "kept", "rows"),
    [
        (spans, slice(0), {"O311-WIN-09", "O311-WIN-10"}),
        (spans, slice(None, None, 2), {"O311-WIN-09"}),
        (lambda question: "+" in question.get("start_date", ""), slice(0), {"O311-WIN-11"}),
        (lambda question: {"start_date", "service_request_id"} <= set(question), slice(0), {"O311-LIST-07"}),
        (lambda question: "," in question.get("service_code", ""), slice(0), {"O311-LIST-08"}),
        (lambda question: "," in question.get("status", ""), slice(0), {"O311-LIST-09"}),
        (lambda question: question.get("status") == "closed", slice(0), {"O311-FILT-08"}),
    ],
)
def test_a_search_of_the_list_in_json_finds_what_is_there(
    profile: Profile, when: Callable[[dict[str, str]], bool], kept: slice, rows: set[str]
) -> None:
    found = wrong(profile, finding("/requests.json", when, kept))
    assert rows <= found, found
    assert all(one.startswith(("O311-WIN", "O311-LIST", "O311-FILT")) for one in found), found


DATES = ("start_date", "end_date")


@pytest.mark.parametrize(
    ("beside", "lost"),
    [("status", DATES), ("service_code", DATES), ("end_date", ("status",)), ("end_date", ("service_code",))],
)
def test_no_parameter_counts_instead_of_another(profile: Profile, beside: str, lost: tuple[str, ...]) -> None:
    assert wrong(profile, taking("/requests.xml", lambda question: beside in question, *lost)) == {"O311-WIN-12"}


@pytest.mark.parametrize(
    ("beside", "lost"),
    [("status", DATES), ("service_code", DATES), ("end_date", ("status",)), ("end_date", ("service_code",))],
)
def test_no_parameter_counts_instead_of_another_in_json(profile: Profile, beside: str, lost: tuple[str, ...]) -> None:
    assert wrong(profile, taking("/requests.json", lambda question: beside in question, *lost)) == {"O311-WIN-14"}


def test_in_json_a_status_does_not_switch_everything_else_off(profile: Profile) -> None:
    lax = taking("/requests.json", lambda question: "status" in question, *DATES, "service_code")
    assert wrong(profile, lax) == {"O311-WIN-14", "O311-FILT-10"}


PAIRS = [
    ({"status", "service_code"}, ("service_code",), "FILT"),
    ({"status", "service_code"}, ("status",), "FILT"),
    ({*DATES, "status"}, DATES, "WIN"),
    ({*DATES, "status"}, ("status",), "WIN"),
    ({*DATES, "service_code"}, DATES, "WIN"),
    ({*DATES, "service_code"}, ("service_code",), "WIN"),
    ({*DATES, "status", "service_code"}, ("service_code",), "WIN"),
]


@pytest.mark.parametrize(("names", "lost", "about"), PAIRS)
@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/requests.xml", {"FILT": "O311-FILT-09", "WIN": "O311-WIN-12"}),
        ("/requests.json", {"FILT": "O311-FILT-10", "WIN": "O311-WIN-14"}),
    ],
)
def test_what_is_forgotten_of_just_these_is_found(
    profile: Profile, path: str, rows: dict[str, str], names: set[str], lost: tuple[str, ...], about: str
) -> None:
    """Of two things at once either may be the one that is not heard, in one format only."""
    assert wrong(profile, taking(path, lambda question: set(question) == names, *lost)) == {rows[about]}


@pytest.mark.parametrize(("path", "empty"), [("/requests.xml", "O311-FILT-09"), ("/requests.json", "O311-FILT-10")])
def test_two_filters_at_once_find_what_has_both(profile: Profile, path: str, empty: str) -> None:
    nothing = finding(path, lambda question: set(question) == {"status", "service_code"}, slice(0))
    assert wrong(profile, nothing) == {empty}


def test_where_every_service_has_a_status_of_its_own_two_at_once_are_left_open(profile: Profile) -> None:
    """No record would show that one of the two was forgotten."""

    def apart(store: Store) -> None:
        store.rows = [{"closed_after": 2, **one} for one in store.rows]
        for one in store.rows:
            one["status"] = "open" if one["service"] == "002" else "closed"
            one["service"] = "002" if one["service"] == "002" else "001"

    outcome = ran(planned(profile, Options(only=("O311-FILT-09",))), supplier(change=apart))
    assert row(outcome, "O311-FILT-09")["verdict"] == "inconclusive", row(outcome, "O311-FILT-09")


def test_a_status_that_changes_between_two_filters_and_the_plain_list_is_read_again(profile: Profile) -> None:
    stores: list[Store] = []
    well = supplier(change=stores.append)

    def handle(request: SandboxRequest) -> SandboxResponse:
        if request.path == "/requests.json" and set(asked(request)) == {"status", "service_code"}:
            other = {"open": "closed", "closed": "open"}
            stores[0].rows = [{"closed_after": 2, **each, "status": other[each["status"]]} for each in stores[0].rows]
        return well(request)

    outcome = ran(planned(profile, Options(only=("O311-FILT-10",))), handle)
    assert row(outcome, "O311-FILT-10")["verdict"] == "pass", row(outcome, "O311-FILT-10")


def test_more_at_once_costs_a_run_seven_questions(profile: Profile) -> None:
    targets = [each.request.target for each in ran(planned(profile), supplier()).exchanges.values()]
    names = [dict(parse_qsl(target.partition("?")[2])).keys() for target in targets]
    several = [each for each in names if len({"status", "service_code", "start_date"} & each) > 1]
    assert len([each for each in several if "service_request_id" not in each]) == 8  # one of them was asked before


def one_date(question: dict[str, str]) -> bool:
    return len(set(DATES) & set(question)) == 1 and bool(question.get("start_date") or question.get("end_date"))


def test_a_date_alone_bounds_what_comes(profile: Profile) -> None:
    def real(question: dict[str, str]) -> bool:
        return one_date(question) and "last-tuesday" not in question.values()

    assert wrong(profile, taking("/requests.xml", real, *DATES)) == {"O311-WIN-13"}
    assert wrong(profile, finding("/requests.xml", real, slice(0))) == {"O311-WIN-13"}


def test_a_date_alone_may_be_refused(profile: Profile) -> None:
    well = supplier()

    def handle(request: SandboxRequest) -> SandboxResponse:
        refused = request.path.startswith("/requests.") and one_date(asked(request))
        return well(replace(request, query=(("start_date", "last-tuesday"),)) if refused else request)

    outcome = ran(planned(profile), handle)
    assert failed(outcome) == {}
    assert row(outcome, "O311-WIN-13")["verdict"] == "not-applicable"


def test_a_status_that_changes_during_the_run_is_read_again(profile: Profile) -> None:
    """Between the plain list and the question an open report may be closed: it is not lost."""
    stores: list[Store] = []
    well = supplier(change=stores.append)

    def handle(request: SandboxRequest) -> SandboxResponse:
        narrowed = request.path == "/requests.xml" and {"start_date", "status"} <= set(asked(request))
        if narrowed and stores:  # once: cases ask beside each other, and what changes back looks unchanged
            other = {"open": "closed", "closed": "open"}
            store = stores.pop()
            store.rows = [{"closed_after": 2, **each, "status": other[each["status"]]} for each in store.rows]
        return well(request)

    outcome = ran(planned(profile, Options(only=("O311-WIN-12",))), handle)
    assert row(outcome, "O311-WIN-12")["verdict"] == "pass", row(outcome, "O311-WIN-12")


# --- XML and JSON at different moments -------------------------------------------------------------------


def test_a_picture_addressed_anew_for_each_reader_accuses_nobody(profile: Profile) -> None:
    well, asked = supplier(Settings()), []

    def answer(request: SandboxRequest) -> SandboxResponse:
        found = well(request)
        asked.append(request)
        return replace(found, body=re.sub(rb"(https?://[^<\"]+\.jpg)", rb"\1?signed=%d" % len(asked), found.body))

    outcome = ran(planned(profile), answer)
    assert {row(outcome, name)["verdict"] for name in ("O311-SAME-03", "O311-SAME-04")} == {"pass"}


@pytest.mark.parametrize("picture", [None, "", "photo 12.jpg"])
def test_a_picture_that_only_one_format_has_is_found(profile: Profile, picture: str | None) -> None:
    def gone(value: list[dict[str, object]]) -> None:
        for each in value:
            each["media_url"] = each["media_url"] and picture

    edits = [Edit(kind, "json", gone) for kind in ("requests", "request")]
    assert wrong(profile, supplier(Settings(edits=edits))) == {"O311-SAME-03", "O311-SAME-04"}


@pytest.mark.parametrize("blank", [None, "", " "])
def test_no_picture_may_be_written_in_more_than_one_way(profile: Profile, blank: str | None) -> None:
    def none(value: list[dict[str, object]]) -> None:
        for each in value:
            each["media_url"] = each["media_url"] or blank

    assert wrong(profile, supplier(Settings(edits=[Edit("requests", "json", none)]))) == set()


def test_a_request_that_is_closed_between_two_readings_accuses_nobody(profile: Profile) -> None:
    well, first = supplier(Settings()), []

    def answer(request: SandboxRequest) -> SandboxResponse:
        found = well(request)
        if request.path == "/requests.json" and not request.query and not first:
            first.append(request)
            return replace(found, body=found.body.replace(b'"open"', b'"closed"', 1))
        return found

    assert row(ran(planned(profile), answer), "O311-SAME-03")["verdict"] == "pass" and first
