"""The Local Waste Service Standards: the supplier conforms on any day, and what the standard leaves open is let be."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.execution.run import Outcome, replay, run
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import Implementation
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler, profile_folder
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.local_waste_services.endpoints import endpoints
from interop_harness.sandbox.local_waste_services.settings import Edit, Settings
from interop_harness.sandbox.local_waste_services.store import load as council
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import load_credentials

ID = "local-waste-services"
CALENDAR = ("LWS-COLL", "LWS-TASK", "LWS-EVENT", "LWS-CASE", "LWS-DATE")
FIRST = "990000104117"
DUE_TODAY = "990000205001"
BOTH = ("listed", "detailed")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def ran(plan: Plan, supplier: Handler, now: datetime = CLOCK) -> Outcome:
    credentials = load_credentials(plan.implementation, {})
    transport = InProcessTransport(supplier)
    return run(plan, credentials, credentials.redactor(), workers=1, inner=transport, clock=lambda: now)


def planned(profile: Profile, *only: str, claims: Mapping[str, bool] | None = None, **facts: str) -> Plan:
    stated = reference_plan(profile).implementation
    target = Implementation(
        base_url="http://127.0.0.1",
        environment="development",
        claims=stated.claims if claims is None else claims,
        facts={name: value for name, value in {**stated.facts, **facts}.items() if value},
    )
    return make_plan(profile, target, Options(only=only), inputs=inputs_of(profile))


def verdicts(outcome: Outcome) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in outcome.report["requirements"]}


def troubles(outcome: Outcome, only: tuple[str, ...] = ("LWS",)) -> dict[str, str]:
    return {
        row["id"]: f"{row['verdict']}: {row['reason']} {row['findings'][:1]}"
        for row in outcome.report["requirements"]
        if row["id"].startswith(only) and row["verdict"] in {"fail", "error", "inconclusive"}
    }


def supplier(settings: Settings, now: datetime = CLOCK) -> Handler:
    return endpoints(council(profile_folder(ID) / "dataset" / "council.yaml"), settings, now)


def edited(*changes: tuple[str, Change]) -> Handler:
    return supplier(Settings(edits=[Edit(collection, BOTH, change) for collection, change in changes]))


@pytest.mark.parametrize(
    "now",
    [
        "2026-03-28T23:30:00Z",  # both sides of midnight, before and after the clocks go forward
        "2026-03-29T00:30:00Z",
        "2026-03-29T22:30:00Z",
        "2026-03-29T23:30:00Z",
        "2026-10-24T22:30:00Z",  # and back
        "2026-10-24T23:30:00Z",
        "2026-10-25T23:30:00Z",
        "2026-10-26T00:30:00Z",
        "2028-02-29T12:00:00Z",
    ],
)
def test_the_supplier_conforms_on_any_day(profile: Profile, now: str) -> None:
    clock = datetime.fromisoformat(now)
    outcome = ran(planned(profile, *CALENDAR, uprn=DUE_TODAY, other_uprn=FIRST), handler(ID, now=clock), clock)
    assert troubles(outcome, ("LWS-COLL", "LWS-DATE", "LWS-EVENT-05", "LWS-TASK-08", "LWS-CASE-04")) == {}


@pytest.mark.parametrize("now", ["2026-03-29T23:30:00Z", "2026-10-24T23:30:00Z", "2026-07-15T23:30:00Z"])
def test_a_supplier_that_lives_in_utc_is_found_after_midnight_in_summer(profile: Profile, now: str) -> None:
    clock = datetime.fromisoformat(now)
    in_utc = supplier(Settings(zone=ZoneInfo("UTC")), clock)
    found = verdicts(ran(planned(profile, "LWS-COLL", uprn=DUE_TODAY), in_utc, clock))
    assert found["LWS-COLL-03"] == "fail"
    clock = clock.replace(hour=12)
    in_utc = supplier(Settings(zone=ZoneInfo("UTC")), clock)
    assert verdicts(ran(planned(profile, "LWS-COLL", uprn=DUE_TODAY), in_utc, clock))["LWS-COLL-03"] == "pass"


def test_a_day_that_turns_during_the_run_is_not_held_against_anybody(profile: Profile) -> None:
    begun, asked = datetime(2026, 7, 1, 23, 4, tzinfo=UTC), datetime(2026, 7, 1, 22, 58, tzinfo=UTC)
    outcome = ran(planned(profile, "LWS-COLL", uprn=DUE_TODAY), handler(ID, now=asked), begun)
    assert verdicts(outcome)["LWS-COLL-03"] == "inconclusive"


def test_a_replay_gives_the_same_bytes(profile: Profile) -> None:
    outcome = ran(planned(profile), handler(ID, now=CLOCK))
    assert outcome.report["verdict"] == "conformant"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_without_a_clock_of_its_own_the_supplier_lives_today() -> None:
    now = datetime.now(ZoneInfo("Europe/London")).date().isoformat()
    answer = handler(ID)(SandboxRequest("GET", "/services", (("uprn", DUE_TODAY),), ()))
    days = [task["start_date"][:10] for service in json.loads(answer.body) for task in service["next_collections"]]
    assert min(days) >= now


def test_the_core_alone_asks_nothing_of_the_other_classes(profile: Profile) -> None:
    outcome = ran(planned(profile, claims={}), handler(ID, now=CLOCK))
    assert outcome.report["verdict"] == "conformant"
    asked = {re.split(r"[/?]", exchange.request.target)[1] for exchange in outcome.exchanges.values()}
    assert not asked & {"cases", "features", "feature-types"}


def test_a_supplier_who_copied_the_examples_has_warnings_only(profile: Profile) -> None:
    """The standard contradicts itself: whoever followed one of its own texts does not fail a MUST."""

    def as_published(record: dict[str, Any]) -> None:
        record.pop("id", None)
        if "@id" in record:
            record["@id"] = f"https://waste.example.org{record['@id']}"
        for task in [record, *record.get("next_collections", ()), *record.get("last_collections", ())]:
            for name in ("start_date", "end_date", "actual_start_date"):
                if name in task:
                    task[name] = task[name][:16]
            if task.get("@type") == "EmptyBinTask":
                task["status"] = task["status"].lower().replace(" ", "_")
        if "geo" in record:
            record["geo"] = {name: str(value) for name, value in record["geo"].items()}

    names = ("services", "tasks", "events", "event-types", "features", "feature-types", "sites", "cases")
    outcome = ran(planned(profile), edited(*((name, as_published) for name in names)))
    wrong = [row["id"] for row in outcome.report["requirements"] if row["verdict"] == "fail"]
    assert outcome.report["verdict"] == "conformant", troubles(outcome)
    assert {"LWS-DATE-02", "LWS-CODE-02", "LWS-GEO-02"} <= set(wrong)
    assert not [row for row in outcome.report["requirements"] if row["level"] == "MUST" and row["verdict"] == "fail"]


@pytest.mark.parametrize("status", [200, 404])
def test_an_unknown_uprn_is_observed_and_not_judged(profile: Profile, status: int) -> None:
    clean = handler(ID, now=CLOCK)
    known = {site["uprn"] for site in json.loads(clean(SandboxRequest("GET", "/sites", (), ())).body) if "uprn" in site}

    def unhelpful(request: SandboxRequest) -> SandboxResponse:
        asked = dict(request.query).get("uprn", "")
        if status == 404 and asked.isdigit() and asked not in known:
            return SandboxResponse(404, (("Content-Type", "application/json"),), b'{"userMessage":"No.","code":404}')
        return clean(request)

    outcome = ran(planned(profile), unhelpful)
    row = next(row for row in outcome.report["requirements"] if row["id"] == "LWS-ERR-05")
    assert row["verdict"] == "observed"
    assert any(("empty list" if status == 200 else "404") in sentence for sentence in row["observations"])
    assert outcome.report["verdict"] == "conformant"


@pytest.mark.parametrize("path", ["/services", "/tasks", "/events", "/event-types"])
def test_a_list_in_an_object_is_no_list(profile: Profile, path: str) -> None:
    clean = handler(ID, now=CLOCK)

    def wrapped(request: SandboxRequest) -> SandboxResponse:
        answer = clean(request)
        if request.path != path:
            return answer
        return SandboxResponse(answer.status, answer.headers, b'{"results":' + answer.body + b"}")

    name = "list" + "".join(part.capitalize() for part in re.split(r"[/-]", path))
    outcome = ran(planned(profile), wrapped)
    assert verdicts(outcome)[f"LWS-{name}-schema"] == "fail"
    assert outcome.report["verdict"] == "not-conformant"


def test_facts_that_are_not_stated_are_asked_for(profile: Profile) -> None:
    outcome = ran(planned(profile, uprn=""), handler(ID, now=CLOCK))
    assert outcome.report["verdict"] == "inconclusive"
    row = next(row for row in outcome.report["requirements"] if row["id"] == "LWS-COLL-01")
    assert "'uprn'" in row["reason"]
    assert not [row["id"] for row in outcome.report["requirements"] if row["verdict"] == "error"]


def test_a_council_without_flats_does_not_need_one(profile: Profile) -> None:
    outcome = ran(planned(profile, flat_uprn=""), handler(ID, now=CLOCK))
    assert verdicts(outcome)["LWS-TASK-06"] == "not-applicable"
    assert outcome.report["verdict"] == "conformant"


def test_every_published_code_list_is_held_as_data(profile: Profile) -> None:
    counts = {name: len(codes) for name, codes in profile.parameters["codelists"].items()}
    assert counts == {
        "task_statuses": 9,
        "task_types": 4,
        "feature_statuses": 2,
        "frequencies": 2,
        "event_type_types": 3,
        "case_types": 13,
        "event_types": 21,
        "event_subtypes": 18,
        "container_names": 11,
        "container_shapes": 10,
        "material_streams": 88,
        "material_categories": 13,
        "material_items": 49,
        "bulky_items": 148,
        "bulky_categories": 7,
    }


def test_the_sixteen_reads_and_nothing_else(profile: Profile) -> None:
    assert len(profile.operations) == 16
    assert {operation.method for operation in profile.operations.values()} == {"GET"}
    assert profile.status == "dormant"


def test_people_and_places_are_invented() -> None:
    text = (profile_folder(ID) / "dataset" / "council.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"telephone: (\S+ \S{3})", text)) == {"01632 960"}
    assert all(host.endswith("example.org") for host in re.findall(r"[@/]([a-z.]+\.(?:org|uk|com))", text))


def test_errata_and_rows_name_each_other(profile: Profile) -> None:
    text = (profile_folder(ID) / "requirements.yaml").read_text(encoding="utf-8")
    rows = {row.id for row in profile.written}
    named: dict[str, set[str]] = {}
    for row, errata in re.findall(r"- id: (LWS-\S+)(?:(?!- id:).)*?errata: \[([^\]]+)\]", text, re.DOTALL):
        for erratum in errata.split(", "):
            named.setdefault(erratum, set()).add(row)
    for entry in profile.errata:
        assert set(entry.get("requirements", ())) == named.get(str(entry["id"]), set()), entry["id"]
        assert set(entry.get("requirements", ())) <= rows


@pytest.mark.parametrize(("path", "row"), [("/events", "LWS-EVENT-02"), ("/tasks", "LWS-TASK-03")])
def test_a_property_forgotten_as_soon_as_dates_are_asked_is_a_breach(profile: Profile, path: str, row: str) -> None:
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        if request.path == path and {"start_date", "end_date"} & set(dict(request.query)):
            query = tuple(pair for pair in request.query if pair[0] != "uprn")
            return well(dataclasses.replace(request, query=query, raw_query=urlencode(query)))
        return well(request)

    outcome = ran(planned(profile), answer)
    assert verdicts(outcome)[row] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_what_two_keys_mean_together_is_left_open(profile: Profile) -> None:
    """uprn beside usrn: the standard does not say whether both must hold or one is enough."""
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        if request.path == "/events" and {"uprn", "usrn"} <= set(dict(request.query)):
            query = (("uprn", planned(profile).implementation.facts["other_uprn"]),)
            return well(dataclasses.replace(request, query=query, raw_query=urlencode(query)))
        return well(request)

    assert not troubles(ran(planned(profile), answer))


def in_detail(name: str, change: Change) -> Handler:
    """A supplier whose single records of a collection differ from what it lists."""
    return supplier(Settings(edits=[Edit(name, ("detailed",), change)]))


def with_statuses(record: dict[str, Any], status: str) -> None:
    record["features"] = [feature | {"status": status} for feature in record["features"]]


CONTRADICTIONS: list[tuple[str, Change, str]] = [
    ("cases", lambda record: record["customer"].update(name="Somebody Else", telephone="01632 960999"), "LWS-CASE-02"),
    ("events", lambda record: record.update(comments="Quite another."), "LWS-EVENT-22"),
    ("tasks", lambda record: record.update(features=[]), "LWS-TASK-22"),
    ("tasks", lambda record: record.update(location="/sites/990000205001"), "LWS-TASK-22"),
    ("tasks", lambda record: record.update(actual_start_date="2031-01-01"), "LWS-TASK-08"),
    ("tasks", lambda record: with_statuses(record, "broken"), "LWS-CODE-03"),
    ("tasks", lambda record: record.update(status="Gone"), "LWS-CODE-01"),
    ("features", lambda record: record.update(status="broken"), "LWS-CODE-03"),
    ("features", lambda record: record.update(type={"id": "sack-clear", "name": "Clear sack"}), "LWS-FEAT-02"),
    ("sites", lambda record: record["address"].update(postcode="HM9 9ZZ", street="Elsewhere"), "LWS-SITE-24"),
]


@pytest.mark.parametrize(("name", "change", "row"), CONTRADICTIONS, ids=[f"{n}-{r}" for n, _, r in CONTRADICTIONS])
def test_a_record_that_says_otherwise_than_the_list_is_found(
    profile: Profile, name: str, change: Change, row: str
) -> None:
    assert verdicts(ran(planned(profile, row), in_detail(name, change)))[row] == "fail"


def test_a_record_may_say_less_or_more_and_write_it_otherwise(profile: Profile) -> None:
    def otherwise(record: dict[str, Any]) -> None:
        for name in ("comments", "image", "attributes"):
            record.pop(name, None)
        if "customer" in record:
            record["customer"] = {"name": "A*** W***", "address": "12 Tannery Lane"}
        if "features" in record:
            record["features"] = [{"@id": f"https://w.example.org{one['@id']}"} for one in reversed(record["features"])]
        if "geo" in record:
            record["geo"] = {name: f"{value:.3f}" for name, value in record["geo"].items() if name != "@type"}
        if "actual_start_date" in record:
            record["actual_start_date"] = record["actual_start_date"][:10]
        if "location" in record:
            record["location"] = f"https://w.example.org{record['location']}"

    names = ("tasks", "events", "features", "feature-types", "sites", "cases")
    well = supplier(Settings(edits=[Edit(name, ("detailed",), otherwise) for name in names]))
    outcome = ran(planned(profile), well)
    assert outcome.report["verdict"] == "conformant", troubles(outcome)


SAME_STREET = ("990000104117", "990000104118", "99104119")


def asked_otherwise(path: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Handler:
    """A supplier that takes what is asked of a path (or of what stands below it) for something else."""
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        if request.path == path or (path.endswith("/") and request.path.startswith(path)):
            query = tuple(change(dict(request.query)).items())
            return well(dataclasses.replace(request, query=query, raw_query=urlencode(query)))
        return well(request)

    return answer


def of_the_street(path: str) -> Handler:
    """A supplier that answers for all houses of the street when one is asked for."""
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        asked = dict(request.query)
        if request.path != path or asked.get("uprn") not in SAME_STREET:
            return well(request)
        found: dict[str, Any] = {}
        for uprn in SAME_STREET:
            query = tuple({**asked, "uprn": uprn}.items())
            for record in json.loads(well(dataclasses.replace(request, query=query, raw_query=urlencode(query))).body):
                known = found.setdefault(record["id"], record)
                if known is not record and "next_collections" in known:
                    known["next_collections"] += record["next_collections"]
        return SandboxResponse(200, (("Content-Type", "application/json"),), json.dumps(list(found.values())).encode())

    return answer


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("/tasks", "LWS-TASK-03"),
        ("/cases", "LWS-CASE-03"),
        ("/services", "LWS-COLL-11"),
        ("/features", "LWS-FEAT-04"),
        ("/tasks", "LWS-TASK-10"),
    ],
)
def test_what_the_neighbours_have_is_not_the_propertys(profile: Profile, path: str, row: str) -> None:
    outcome = ran(planned(profile, row), of_the_street(path))
    assert verdicts(outcome)[row] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("row", ["LWS-COLL-10", "LWS-COLL-11"])
def test_a_single_service_that_shows_one_property_to_everybody_is_found(profile: Profile, row: str) -> None:
    always = asked_otherwise("/services/", lambda asked: {**asked, "uprn": FIRST} if "uprn" in asked else asked)
    assert verdicts(ran(planned(profile, row), always))[row] == "fail"


@pytest.mark.parametrize(
    ("path", "parameter", "row"),
    [
        ("/features", "usrn", "LWS-FEAT-06"),
        ("/cases", "usrn", "LWS-CASE-06"),
        ("/cases", "postcode", "LWS-CASE-07"),
    ],
)
def test_a_street_or_postcode_that_limits_nothing_is_found(
    profile: Profile, path: str, parameter: str, row: str
) -> None:
    ignoring = asked_otherwise(path, lambda asked: {name: v for name, v in asked.items() if name != parameter})
    assert verdicts(ran(planned(profile, row), ignoring))[row] == "fail"


def test_containers_that_name_no_street_are_found_by_whose_they_are(profile: Profile) -> None:
    well = supplier(
        Settings(edits=[Edit("features", BOTH, lambda record: record.pop("usrn"))], ignored={("features", "usrn")})
    )
    assert verdicts(ran(planned(profile, "LWS-FEAT-06"), well))["LWS-FEAT-06"] == "fail"


def test_two_streets_may_have_one_postcode(profile: Profile) -> None:
    def shared(record: dict[str, Any]) -> None:
        record["address"]["postcode"] = "hm14tq"

    well = supplier(Settings(edits=[Edit("sites", BOTH, shared)], ignored={("cases", "postcode")}))
    assert verdicts(ran(planned(profile, "LWS-CASE-07"), well))["LWS-CASE-07"] == "pass"


def test_nobody_needs_a_neighbour_and_one_without_cases_will_do(profile: Profile) -> None:
    for neighbour in ("", "990000308010"):
        outcome = ran(planned(profile, neighbour_uprn=neighbour), handler(ID, now=CLOCK))
        assert outcome.report["verdict"] == "conformant", troubles(outcome)


def test_a_flats_tasks_may_be_at_its_building(profile: Profile) -> None:
    building = asked_otherwise("/tasks", lambda asked: {**asked, "include": "related"} if "uprn" in asked else asked)
    found = verdicts(ran(planned(profile, "LWS-TASK-10", uprn="990000307701"), building))
    assert found["LWS-TASK-10"] == "pass"


@pytest.mark.parametrize("place", ["/streets/99100417", "/sites/store-tl-1", "Behind the tannery"])
def test_a_task_may_be_at_a_place_that_is_no_property(profile: Profile, place: str) -> None:
    found = verdicts(
        ran(planned(profile, "LWS-TASK-10"), edited(("tasks", lambda record: record.update(location=place))))
    )
    assert found["LWS-TASK-10"] == "not-applicable"


def test_one_property_stated_twice_accuses_nobody(profile: Profile) -> None:
    outcome = ran(planned(profile, "LWS-TASK-03", "LWS-COLL-11", other_uprn=FIRST), handler(ID, now=CLOCK))
    found = verdicts(outcome)
    assert {found["LWS-TASK-03"], found["LWS-COLL-11"]} == {"inconclusive"}


# --- what a lawful council may do otherwise ---------------------------------------------------------------


def changed(path: str, change: Callable[[Any, SandboxRequest], Any], now: datetime = CLOCK) -> Handler:
    """The supplier with the answers below a path changed."""
    well = handler(ID, now=now)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if answer.status != 200 or not request.path.startswith(path):
            return answer
        return dataclasses.replace(answer, body=json.dumps(change(json.loads(answer.body), request)).encode())

    return handle


def lasting(first: str, last: str) -> Handler:
    """Next collections are weeks, the first of which began before today."""

    def change(body: Any, request: SandboxRequest) -> Any:
        for service in body if isinstance(body, list) else [body]:
            for task in service.get("next_collections", [])[:1]:
                task.update(start_date=first, end_date=last)
        return body

    return changed("/services", change)


@pytest.mark.parametrize(
    ("last", "word"), [("2026-11-06", "pass"), ("2026-11-02", "pass"), ("2026-11-01", "fail"), ("soon", "fail")]
)
def test_a_collection_in_a_week_that_has_begun_is_still_to_come(profile: Profile, last: str, word: str) -> None:
    assert verdicts(ran(planned(profile, "LWS-COLL-03"), lasting("2026-10-31", last)))["LWS-COLL-03"] == word


def test_a_round_that_is_done_between_list_and_service_accuses_nobody(profile: Profile) -> None:
    done = False

    def handle(request: SandboxRequest) -> SandboxResponse:
        nonlocal done
        done = done or request.path.startswith("/services/")

        def later(body: Any, request: SandboxRequest) -> Any:
            for service in body if isinstance(body, list) else [body]:
                service["next_collections"] = service.get("next_collections", [])[1:]
            return body

        return changed("/services", later if done else lambda body, _: body)(request)

    assert verdicts(ran(planned(profile, "LWS-COLL-10"), handle))["LWS-COLL-10"] == "inconclusive"


def test_the_days_of_a_building_may_stand_in_the_list_alone(profile: Profile) -> None:
    """RAML: only /services "automatically includes related tasks if the property has a parent UPRN"."""
    flat = "990000307701"

    def listed_too(body: Any, request: SandboxRequest) -> Any:
        for service in body if isinstance(body, list) else []:
            for task in service["next_collections"][:1]:
                task["start_date"] = "2026-11-03"
        return body

    found = verdicts(ran(planned(profile, "LWS-COLL-10", uprn=flat, other_uprn=""), changed("/services", listed_too)))
    assert found["LWS-COLL-10"] == "not-applicable"
    found = verdicts(ran(planned(profile, "LWS-COLL-10"), changed("/services", listed_too)))
    assert found["LWS-COLL-10"] == "fail"


def related(asked: dict[str, str]) -> dict[str, str]:
    return {**asked, "include": "related"} if "uprn" in asked else asked


def test_the_tasks_of_a_building_may_come_without_being_asked_for(profile: Profile) -> None:
    always = asked_otherwise("/tasks", related)
    assert verdicts(ran(planned(profile, "LWS-TASK-06"), always))["LWS-TASK-06"] == "pass"


def unplaced(body: Any, request: SandboxRequest) -> Any:
    return [{name: value for name, value in task.items() if name != "location"} for task in body]


@pytest.mark.parametrize(
    ("change", "word"),
    [(lambda body, request: body, "fail"), (unplaced, "inconclusive")],
    ids=["tasks that say where", "tasks that do not"],
)
def test_the_tasks_of_a_building_that_do_not_come_are_missed(
    profile: Profile, change: Callable[[Any, SandboxRequest], Any], word: str
) -> None:
    well = changed("/tasks", change)

    def deaf(request: SandboxRequest) -> SandboxResponse:
        return well(dataclasses.replace(request, query=tuple(p for p in request.query if p[0] != "include")))

    outcome = ran(planned(profile, "LWS-TASK-06"), deaf)
    assert verdicts(outcome)["LWS-TASK-06"] == word
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_what_is_at_another_flat_of_the_building_is_not_missed(profile: Profile) -> None:
    """A council whose building has the tasks of all its flats, and whose flats have the building's in any case."""
    well, building, flats = handler(ID, now=CLOCK), "990000307700", ("990000307701", "990000307702")

    def of(uprn: str, request: SandboxRequest) -> Any:
        return json.loads(well(dataclasses.replace(request, query=(("uprn", uprn),))).body)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer, asked = well(request), dict(request.query)
        if request.path != "/tasks" or asked.get("uprn") not in (building, *flats):
            return answer
        more = flats if asked["uprn"] == building else (building,)
        tasks = [task for uprn in (asked["uprn"], *more) for task in of(uprn, request)]
        return dataclasses.replace(answer, body=json.dumps(tasks).encode())

    assert verdicts(ran(planned(profile, "LWS-TASK-06"), handle))["LWS-TASK-06"] == "inconclusive"


# --- what the calendar and the tasks say of one collection ------------------------------------------------


def next_ones(change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Handler:
    def on(body: Any, request: SandboxRequest) -> Any:
        for service in body if isinstance(body, list) else [body]:
            if "next_collections" in service:
                ones = enumerate(service["next_collections"], 1)
                service["next_collections"] = [change(number, task) for number, task in ones]
        return body

    return changed("/services", on)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda number, task: {**task, "start_date": "2026-12-24"}, "fail"),
        (lambda number, task: {**task, "@id": f"https://x.example/a{task['@id']}", "start_date": "2026-12-24"}, "fail"),
        (lambda number, task: {**task, "start_date": task["start_date"][:10]}, "pass"),
        (lambda number, task: {"@type": "EmptyBinTask", "start_date": "2026-12-24"}, "not-applicable"),
        (lambda number, task: {"id": str(number), "start_date": "2026-12-24"}, "not-applicable"),
        (lambda number, task: {**task, "name": "Christmas round", "start_date": "2026-12-24"}, "pass"),
    ],
    ids=["another day", "absolute address", "bare day", "no id", "numbers of their own", "another name"],
)
def test_a_next_collection_has_the_day_of_the_task_that_it_is(
    profile: Profile, change: Callable[[int, dict[str, Any]], dict[str, Any]], word: str
) -> None:
    outcome = ran(planned(profile, "LWS-COLL-12"), next_ones(change))
    assert verdicts(outcome)["LWS-COLL-12"] == word
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("whose", [DUE_TODAY, "990000104118"])
def test_a_next_collection_of_another_house_has_the_day_of_its_task_too(profile: Profile, whose: str) -> None:
    late, well = next_ones(lambda number, task: {**task, "start_date": "2026-12-24"}), handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        return (late if asked_property(request) == whose else well)(request)

    assert verdicts(ran(planned(profile, "LWS-COLL-12"), handle))["LWS-COLL-12"] == "fail"
    assert verdicts(ran(planned(profile, "LWS-COLL-12"), well))["LWS-COLL-12"] == "pass"


def test_a_task_that_is_moved_between_two_questions_accuses_nobody(profile: Profile) -> None:
    asked: set[str] = set()

    def moving(request: SandboxRequest) -> SandboxResponse:
        first = request.path == "/services" and request.path not in asked
        asked.add(request.path)
        early = next_ones(lambda number, task: {**task, "start_date": "2026-12-24"})
        return (early if first else handler(ID, now=CLOCK))(request)

    assert verdicts(ran(planned(profile, "LWS-COLL-12"), moving))["LWS-COLL-12"] == "inconclusive"


@pytest.mark.parametrize("path", ["/services", "/services/"])
def test_the_last_collections_of_one_property_shown_to_everybody_are_found(profile: Profile, path: str) -> None:
    well = handler(ID, now=CLOCK)

    def first_s(body: Any, request: SandboxRequest) -> Any:
        if (request.path == "/services") != (path == "/services") or "uprn" not in dict(request.query):
            return body
        mine = json.loads(well(dataclasses.replace(request, query=(("uprn", FIRST),))).body)
        for service, own in zip(*[each if isinstance(each, list) else [each] for each in (body, mine)], strict=False):
            service["last_collections"] = own["last_collections"]
        return body

    outcome = ran(planned(profile, "LWS-COLL-11"), changed("/services", first_s))
    assert verdicts(outcome)["LWS-COLL-11"] == "fail"


def test_collections_that_are_numbered_in_each_answer_are_nobodys_in_particular(profile: Profile) -> None:
    def numbered(body: Any, request: SandboxRequest) -> Any:
        services = body if isinstance(body, list) else [body]
        inner = [one for each in services for name in ("next_collections", "last_collections") for one in each[name]]
        for number, one in enumerate(inner, 1):
            one["id"] = str(number)
            one.pop("@id", None)
        return body

    outcome = ran(planned(profile, "LWS-COLL-11"), changed("/services", numbered))
    assert verdicts(outcome)["LWS-COLL-11"] == "pass"


NUMBERS = re.compile(rb"(?:refuse|recycling|food|garden)-\d+-\d{8}")
Shown = Callable[[SandboxRequest], str]


def small_council(shown: Shown, *, per_answer: bool = False) -> Handler:
    """A council whose tasks have numbers of three digits, and collections inside services no address.

    ``shown``: the property whose collections a list of services has; ``per_answer``: collections are counted there.
    """
    well, known = handler(ID, now=CLOCK), {}

    def number(found: re.Match[bytes]) -> bytes:
        return b"%d" % known.setdefault(found[0], 101 + len(known))

    def handle(request: SandboxRequest) -> SandboxResponse:
        back = {str(value): name.decode() for name, value in known.items()}
        path = "/".join(back.get(step, step) for step in request.path.split("/"))
        query = tuple(
            (name, shown(request) if name == "uprn" and path.startswith("/services") else value)
            for name, value in request.query
        )
        answer = well(dataclasses.replace(request, path=path, query=query))
        body = NUMBERS.sub(number, answer.body)
        if path.startswith("/services") and answer.status == 200:
            value = json.loads(body)
            services = value if isinstance(value, list) else [value]
            inner = [
                one
                for each in services
                for name in ("next_collections", "last_collections")
                for one in each.get(name, ())
            ]
            for place, one in enumerate(inner, 1):
                one.pop("@id")
                one.pop("location"), one.pop("features", None)
                one["id"] = place if per_answer else int(one["id"])
            body = json.dumps(value).encode()
        return dataclasses.replace(answer.without_header("content-length"), body=body)

    return handle


def asked_property(request: SandboxRequest) -> str:
    return dict(request.query).get("uprn", "")


def first_for(whom: str) -> Shown:
    """Somebody is shown the collections of the first property."""
    return lambda request: FIRST if asked_property(request) == whom else asked_property(request)


@pytest.mark.parametrize("whom", [DUE_TODAY, "990000104118"])
def test_small_numbers_that_are_tasks_tell_whose_collections_are_shown(profile: Profile, whom: str) -> None:
    outcome = ran(planned(profile, "LWS-COLL-11"), small_council(first_for(whom)))
    assert verdicts(outcome)["LWS-COLL-11"] == "fail"


@pytest.mark.parametrize("per_answer", [False, True])
def test_a_council_with_small_numbers_conforms(profile: Profile, per_answer: bool) -> None:
    outcome = ran(planned(profile), small_council(asked_property, per_answer=per_answer))
    assert troubles(outcome) == {}
    assert verdicts(outcome)["LWS-COLL-11"] == ("not-applicable" if per_answer else "pass")


def test_numbers_that_are_counted_in_each_answer_are_no_tasks_however_alike(profile: Profile) -> None:
    """As two houses of one round are shown: the same days under the same numbers."""
    supplier = small_council(first_for(DUE_TODAY), per_answer=True)
    assert verdicts(ran(planned(profile, "LWS-COLL-11"), supplier))["LWS-COLL-11"] != "fail"


@pytest.mark.parametrize(
    ("path", "row"), [("/events", "LWS-EVENT-02"), ("/sites/", "LWS-SITE-01"), ("/features", "LWS-FEAT-04")]
)
def test_what_another_property_has_is_not_given_for_an_unknown_one(profile: Profile, path: str, row: str) -> None:
    well = handler(ID, now=CLOCK)

    def anybodys(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if request.path.startswith("/sites/") and path == "/sites/" and answer.status == 404:
            return well(dataclasses.replace(request, path=f"/sites/{FIRST}"))
        if request.path == path and answer.status == 200 and not json.loads(answer.body) and request.query:
            return well(dataclasses.replace(request, query=(("uprn", FIRST),)))
        return answer

    found = [verdicts(ran(planned(profile, row), each))[row] for each in (well, anybodys)]
    assert found == ["pass", "fail"]


def seen_by(whose: str, path: str, members: str, *, when: str = "", deep: str = "") -> Handler:
    """A supplier that shows one property what the first (or, asked by the first, another) has.

    ``members``: the member of a record that is another's; ``deep``: of what is nested there, this member alone.
    """
    well = handler(ID, now=CLOCK)

    def theirs(body: Any, request: SandboxRequest) -> Any:
        if asked_property(request) != whose or (when and when not in dict(request.query)):
            return body
        other = FIRST if whose != FIRST else DUE_TODAY
        shown = json.loads(well(dataclasses.replace(request, query=(("uprn", other),))).body)
        known = {each["id"]: each for each in (shown if isinstance(shown, list) else [shown])}
        for each in body if isinstance(body, list) else [body]:
            found = known.get(each["id"], {}).get(members) if path.startswith("/services") else shown[0][members]
            if found and deep:
                for nested, one in zip(each.get(members, ()), found, strict=False):
                    nested[deep] = one[deep]
            elif found:
                each[members] = found
        return body

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if not request.path.startswith(path) or answer.status != 200:
            return answer
        body = json.dumps(theirs(json.loads(answer.body), request)).encode()
        return dataclasses.replace(answer.without_header("content-length"), body=body)

    return handle


NEIGHBOUR = "990000104118"


@pytest.mark.parametrize(
    ("supplier", "row"),
    [
        (seen_by(FIRST, "/services", "next_collections", when="start_date"), "LWS-COLL-11"),
        (seen_by(FIRST, "/services", "last_collections", when="full"), "LWS-COLL-11"),
        (seen_by(NEIGHBOUR, "/services/", "next_collections"), "LWS-COLL-11"),
        (seen_by(NEIGHBOUR, "/services/", "last_collections"), "LWS-COLL-11"),
        (seen_by(DUE_TODAY, "/services", "last_collections", deep="features"), "LWS-COLL-11"),
        (seen_by(NEIGHBOUR, "/services", "next_collections", deep="features"), "LWS-COLL-11"),
        (seen_by(DUE_TODAY, "/tasks", "features"), "LWS-TASK-11"),
        (seen_by(NEIGHBOUR, "/tasks", "features"), "LWS-TASK-11"),
    ],
)
def test_what_is_nested_is_nobody_elses_either(profile: Profile, supplier: Handler, row: str) -> None:
    assert verdicts(ran(planned(profile), supplier))[row] == "fail"


def of_a_kind(path: str) -> Handler:
    """A supplier whose containers are told by their kind: an address among types, and the type's id."""
    well = handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if not request.path.startswith(path) or answer.status != 200:
            return answer
        body = json.loads(answer.body)
        for each in body if isinstance(body, list) else [body]:
            for holder in [each, *each.get("last_collections", ()), *each.get("next_collections", ())]:
                if "features" in holder:
                    holder["features"] = [{"id": "1001", "@id": "https://council.example/feature-types/1001"}]
        return dataclasses.replace(answer.without_header("content-length"), body=json.dumps(body).encode())

    return handle


@pytest.mark.parametrize(("path", "row"), [("/tasks", "LWS-TASK-11"), ("/services", "LWS-COLL-11")])
def test_containers_that_are_told_by_their_kind_are_nobodys(profile: Profile, path: str, row: str) -> None:
    assert verdicts(ran(planned(profile), of_a_kind(path)))[row] != "fail"


def test_the_neighbour_and_what_is_nested_cost_ten_questions_at_most(profile: Profile) -> None:
    plan = planned(profile)
    beside = {"nested.apart", "schedule.anothers", "keyed.apart_singly"}
    without = dataclasses.replace(plan, cases=tuple(case for case in plan.cases if case.family not in beside))
    well = handler(ID, now=CLOCK)
    assert len(ran(plan, well).exchanges) - len(ran(without, well).exchanges) <= 10


# --- streets that nothing names ---------------------------------------------------------------------------


@pytest.mark.parametrize(("collection", "row"), [("events", "LWS-EVENT-13"), ("sites", "LWS-SITE-28")])
def test_a_street_that_limits_nothing_is_found_where_no_record_names_one(
    profile: Profile, collection: str, row: str
) -> None:
    def unnamed(record: dict[str, Any]) -> None:
        record.pop("usrn", None)

    deaf = Settings(edits=[Edit(collection, BOTH, unnamed)], ignored={(collection, "usrn")})
    assert verdicts(ran(planned(profile, row), supplier(deaf)))[row] == "fail"
    unnamed_only = Settings(edits=[Edit(collection, BOTH, unnamed)])
    assert verdicts(ran(planned(profile, row), supplier(unnamed_only)))[row] == "pass"


@pytest.mark.parametrize(("named", "found"), [(True, ("fail", "fail")), (False, ("fail", "not-applicable"))])
def test_containers_of_houses_need_not_count_as_the_street_s_unless_they_say_so(
    profile: Profile, named: bool, found: tuple[str, str]
) -> None:
    """The standard links a container to its property, and does not say that a street has those of its houses."""

    def of_the_street_alone(body: Any, request: SandboxRequest) -> Any:
        kept = body
        if isinstance(body, list) and "usrn" in dict(request.query):
            kept = [one for one in body if one.get("uprn", "990000307700") == "990000307700"]
        for one in kept if isinstance(kept, list) else [kept]:
            if not named:
                one.pop("usrn", None)
        return kept

    outcome = ran(planned(profile, "LWS-FEAT-05", "LWS-FEAT-07"), changed("/features", of_the_street_alone))
    assert tuple(verdicts(outcome)[row] for row in ("LWS-FEAT-05", "LWS-FEAT-07")) == found
