"""Open311 GeoReport: conforming suppliers of every kind pass, nothing is written unasked, hostile XML is found."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.errors import ProfileError
from interop_harness.execution.run import Outcome, replay, run
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import Implementation
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler, profile_folder
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.open311_georeport.endpoints import endpoints
from interop_harness.sandbox.open311_georeport.settings import Edit, Settings
from interop_harness.sandbox.open311_georeport.store import Store
from interop_harness.sandbox.open311_georeport.store import load as borough
from interop_harness.transport.credentials import load_credentials

ID = "open311-georeport"
KEY = "westerby-test-key"
WRITES = Options(allow_writes=True)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def ran(plan: Plan, supplier: Handler, now: datetime = CLOCK) -> Outcome:
    credentials = load_credentials(plan.implementation, {})
    transport = InProcessTransport(supplier)
    return run(plan, credentials, credentials.redactor(), workers=2, inner=transport, clock=lambda: now)


def planned(
    profile: Profile,
    options: Options = WRITES,
    *,
    claims: Mapping[str, bool] | None = None,
    environment: str = "development",
    **facts: str,
) -> Plan:
    stated = reference_plan(profile).implementation
    target = Implementation(
        base_url="http://127.0.0.1",
        environment=environment,
        authorised_by="a test",
        claims=stated.claims if claims is None else claims,
        facts={**stated.facts, **facts},
        declarations=stated.declarations,
        auth=stated.auth,
    )
    return make_plan(profile, target, options, inputs=inputs_of(profile))


def supplier(settings: Settings | None = None, change: Callable[[Store], None] | None = None) -> Handler:
    store = borough(profile_folder(ID) / "dataset")
    if change is not None:
        change(store)
    return endpoints(store, settings or Settings(), CLOCK)


def failed(outcome: Outcome) -> dict[str, str]:
    """What went wrong in this profile's own rows."""
    return {
        row["id"]: row["reason"] or row["findings"][0]["observed"]
        for row in outcome.report["requirements"]
        if row["verdict"] in {"fail", "error", "inconclusive"} and row["layer"] == ID
    }


def row(outcome: Outcome, identifier: str) -> dict[str, Any]:
    return next(row for row in outcome.report["requirements"] if row["id"] == identifier)


def posts(outcome: Outcome) -> list[str]:
    return [exchange.request.target for exchange in outcome.exchanges.values() if exchange.request.method == "POST"]


# --- conforming suppliers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clean(profile: Profile) -> Outcome:
    return ran(planned(profile), handler(ID, now=CLOCK))


def test_the_reference_supplier_conforms(clean: Outcome) -> None:
    assert clean.report["verdict"] == "conformant", failed(clean)
    assert failed(clean) == {}


def test_replay_reaches_the_same_report(clean: Outcome) -> None:
    assert replay(clean.evidence_gz, load).report_bytes == clean.report_bytes


def test_the_key_is_nowhere_in_the_evidence(clean: Outcome) -> None:
    assert all(KEY.encode() not in exchange.request.body for exchange in clean.exchanges.values())


def test_the_ledger_names_everything_that_was_created(clean: Outcome) -> None:
    lines = row(clean, "O311-LEDGER-01")["observations"]
    accepted = [
        exchange.id for exchange in clean.exchanges.values() if exchange.request.method == "POST" and exchange.ok
    ]
    assert len(accepted) == 7
    assert {line.partition("(exchange ")[2][:12] for line in lines} == set(accepted)
    assert all("not removed" in line and "ask the supplier" in line for line in lines)
    assert sum("service_request_id" in line for line in lines) == 5
    assert sum("token T-" in line for line in lines) == 1


@pytest.mark.parametrize("day", [datetime(2028, 2, 29, 0, 0, 5, tzinfo=UTC), datetime(2031, 3, 30, 23, 59, tzinfo=UTC)])
def test_the_reference_supplier_conforms_on_any_day(profile: Profile, day: datetime) -> None:
    outcome = ran(planned(profile), handler(ID, now=day), day)
    assert outcome.report["verdict"] == "conformant", failed(outcome)


def test_a_supplier_that_only_reads_in_xml_conforms(profile: Profile) -> None:
    def without_json(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        json_only = request.path.endswith(".json") and request.path != "/discovery.json"
        return SandboxResponse(404, answer.headers, b"[]") if json_only else answer

    inner = handler(ID, now=CLOCK)
    outcome = ran(planned(profile, Options(), claims={}), without_json)
    assert outcome.report["verdict"] == "conformant", failed(outcome)
    assert posts(outcome) == []


def lexical(value: Any) -> Any:
    """Data as a converter writes it that keeps XML's own way of writing, and leaves out what is empty."""
    if isinstance(value, dict):
        return {name: lexical(child) for name, child in value.items() if child not in (None, "")}
    if isinstance(value, list):
        return [lexical(child) for child in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def numeric(value: Any) -> Any:
    """Identifiers as numbers where they look like numbers, as the standard's own examples have them."""
    if isinstance(value, dict):
        return {name: numeric(child) for name, child in value.items()}
    if isinstance(value, list):
        return [numeric(child) for child in value]
    return int(value) if isinstance(value, str) and value.isdigit() and not value.startswith("0") else value


KINDS = ("discovery", "services", "definition", "requests", "request", "created", "token", "errors")


@pytest.mark.parametrize("way", [lexical, numeric])
def test_json_may_be_written_in_more_than_one_way(profile: Profile, way: Callable[[Any], Any]) -> None:
    settings = Settings(edits=[Edit(kind, "json", way) for kind in KINDS])
    outcome = ran(planned(profile), supplier(settings))
    assert outcome.report["verdict"] == "conformant", failed(outcome)


def test_moments_may_be_written_in_another_zone_without_seconds(profile: Profile) -> None:
    def elsewhere(value: Any) -> None:
        for record in value:
            for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
                if record[name]:
                    moment = datetime.fromisoformat(record[name]) + timedelta(hours=1)
                    record[name] = moment.strftime("%Y-%m-%dT%H:%M:%S+01:00")

    settings = Settings(edits=[Edit(kind, "json", elsewhere) for kind in ("requests", "request")])
    outcome = ran(planned(profile), supplier(settings))
    assert failed(outcome) == {}


def test_success_may_be_201(profile: Profile) -> None:
    def created(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        made = request.method == "POST" and answer.status == 200
        return SandboxResponse(201, answer.headers, answer.body) if made else answer

    inner = handler(ID, now=CLOCK)
    outcome = ran(planned(profile), created)
    assert failed(outcome) == {}


def test_without_further_fields_there_is_no_definition_to_ask_for(profile: Profile) -> None:
    def plain(store: Store) -> None:
        store.services = [{**service, "metadata": False} for service in store.services]
        store.definitions = {}

    claims = {"json": True, "submission": True}
    outcome = ran(planned(profile, claims=claims), supplier(change=plain))
    assert outcome.report["verdict"] == "conformant", failed(outcome)
    assert row(outcome, "O311-getServiceDefinitionJson-status")["verdict"] == "not-applicable"
    assert row(outcome, "O311-SUB-15")["verdict"] == "not-applicable"


def test_a_jurisdiction_that_is_stated_goes_with_every_request(profile: Profile) -> None:
    def only_westerby(request: SandboxRequest) -> SandboxResponse:
        named = dict(request.query).get("jurisdiction_id")
        kept = tuple(pair for pair in request.query if pair[0] != "jurisdiction_id")
        if named != "westerby.example.org" and "discovery" not in request.path and request.path.count(".") == 1:
            missing = SandboxRequest("GET", "/tokens/none.xml", (), request.headers)
            return inner(missing)
        return inner(SandboxRequest(request.method, request.path, kept, request.headers, request.body))

    inner = handler(ID, now=CLOCK)
    outcome = ran(planned(profile, jurisdiction_id="westerby.example.org"), only_westerby)
    assert outcome.report["verdict"] == "conformant", failed(outcome)


# --- nothing is written unasked --------------------------------------------------------------------------


def test_nothing_is_written_unless_it_is_allowed(profile: Profile) -> None:
    outcome = ran(planned(profile, Options()), handler(ID, now=CLOCK))
    assert posts(outcome) == []
    assert outcome.report["verdict"] == "inconclusive"
    assert "--allow-writes" in row(outcome, "O311-SUB-01")["reason"]
    assert "--allow-writes" in row(outcome, "O311-createRequestXml-status")["reason"]


def test_nothing_is_written_in_production(profile: Profile) -> None:
    outcome = ran(planned(profile, environment="production"), handler(ID, now=CLOCK))
    assert posts(outcome) == []
    assert "production" in row(outcome, "O311-SUB-10")["reason"]


def kind_of(which: int, kind: str) -> Callable[[Any], None]:
    return lambda value: value["endpoints"][which].update(type=kind)


def address_of(address: str) -> Callable[[Any], None]:
    return lambda value: value["endpoints"][1].update(url=address)


@pytest.mark.parametrize(
    ("edits", "written"),
    [
        ([kind_of(1, "production")], False),
        ([address_of("https://open311.example.org/test")], False),  # one of those listed is production
        ([address_of("https://open311.example.org/test"), kind_of(0, "test")], True),
        ([address_of("http://127.0.0.1/")], True),
        ([lambda value: value.update(endpoints=[])], False),
    ],
)
def test_nothing_is_written_where_discovery_does_not_say_test(
    profile: Profile, edits: list[Callable[[Any], None]], written: bool
) -> None:
    settings = Settings(edits=[Edit("discovery", "", edit) for edit in edits])
    outcome = ran(planned(profile, Options(allow_writes=True, only=("O311-SUB", "O311-LEDGER-01"))), supplier(settings))
    assert bool(posts(outcome)) is written
    if not written:
        assert "test" in row(outcome, "O311-SUB-01")["reason"]


@pytest.mark.parametrize("status", [400, 404, 500, 501, 503])
def test_a_form_that_cannot_be_read_accuses_no_submission(profile: Profile, status: int) -> None:
    """What it asks for is not known: a submission without it would be refused with good reason."""
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        found = well(request)
        return replace(found, status=status) if request.path.startswith("/services/") else found

    outcome = ran(planned(profile, Options(allow_writes=True)), answer)
    failed = {
        one["id"] for one in outcome.report["requirements"] if one["verdict"] == "fail" and one["level"] == "MUST"
    }
    assert not {one for one in failed if "SUB" in one or "createRequest" in one}, failed
    assert row(outcome, "O311-SUB-01")["verdict"] == "inconclusive"
    assert "/services/" in row(outcome, "O311-SUB-01")["reason"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: re.sub(r"<service_code>[^<]*<", "<service_code>another<", text),
        lambda text: re.sub(r"<key>[^<]*</key>", "<key></key>", text),
        lambda text: text.replace("attributes>", "fields>"),
    ],
    ids=["of another", "nothing to choose", "no fields"],
)
def test_a_form_that_is_wrong_accuses_no_submission(profile: Profile, change: Callable[[str], str]) -> None:
    well = supplier(Settings())

    def answer(request: SandboxRequest) -> SandboxResponse:
        found = well(request)
        told = request.path.startswith("/services/") and request.path.endswith("xml") and found.status == 200
        return replace(found, body=change(found.body.decode()).encode()) if told else found

    outcome = ran(planned(profile, Options(allow_writes=True)), answer)
    wrong = {one["id"] for one in outcome.report["requirements"] if one["verdict"] == "fail" and one["level"] == "MUST"}
    assert wrong and not {one for one in wrong if "SUB" in one or "createRequest" in one}, wrong
    assert row(outcome, "O311-SUB-01")["verdict"] == "inconclusive"


# --- what a 401 is about -----------------------------------------------------------------------------------


Refused = Callable[[SandboxRequest, int], bool]


def unauthorised(when: Refused) -> Handler:
    """A supplier that answers some of what is posted 401, told by what it is and by how many were posted before."""
    well, posted = supplier(), []

    def handle(request: SandboxRequest) -> SandboxResponse:
        if request.method != "POST":
            return well(request)
        posted.append(request)
        answer = well(request)
        return replace(answer, status=401) if when(request, len(posted)) else answer

    return handle


def holds(text: str) -> Refused:
    return lambda request, number: text.encode() in request.body and KEY.encode() in request.body


@pytest.mark.parametrize(
    ("when", "rows"),
    [
        (holds("no-such-thing-0"), {"O311-SUB-13", "O311-SUB-26"}),
        (holds("address-only"), {"O311-SUB-09"}),
        (holds("blackbox"), {"O311-SUB-18"}),
    ],
)
def test_a_401_is_wrong_where_the_same_key_is_let_in_afterwards(
    profile: Profile, when: Refused, rows: set[str]
) -> None:
    outcome = ran(planned(profile), unauthorised(when))
    assert failed(outcome).keys() == rows
    for name in rows:
        assert "401" in row(outcome, name)["findings"][0]["observed"]
    lines = " ".join(row(outcome, "O311-LEDGER-01")["observations"])
    made = [each for each in outcome.exchanges.values() if each.request.method == "POST" and each.ok]
    assert len(made) > 5 and all(each.id in lines for each in made)


@pytest.mark.parametrize("last", range(1, 22, 2))
def test_a_key_that_runs_out_during_the_run_accuses_nobody(profile: Profile, last: int) -> None:
    outcome = ran(planned(profile, Options(allow_writes=True, only=("O311-SUB",))), unauthorised(lambda _, n: n > last))
    wrong = {name for name in failed(outcome) if row(outcome, name)["verdict"] == "fail"}
    assert wrong <= {"O311-SUB-10", "O311-SUB-11", "O311-SUB-21", "O311-SUB-22"}, wrong  # sent without that key


@pytest.mark.parametrize("only", range(2, 22, 3))
def test_a_401_that_does_not_come_again_accuses_nobody(profile: Profile, only: int) -> None:
    def once(request: SandboxRequest, number: int) -> bool:
        return number == only and KEY.encode() in request.body

    outcome = ran(planned(profile, Options(allow_writes=True, only=("O311-SUB",))), unauthorised(once))
    wrong = {name for name in failed(outcome) if row(outcome, name)["verdict"] == "fail"}
    assert wrong <= {"O311-SUB-11", "O311-SUB-22"}, wrong


# --- what a profile may say ------------------------------------------------------------------------------


def altered(tmp_path: Path, file: str, change: Callable[[dict[str, Any]], None]) -> Path:
    folder = tmp_path / ID / "2.0"
    shutil.copytree(profile_folder(ID), folder)
    content = yaml.safe_load((folder / file).read_text("utf-8"))
    change(content)
    (folder / file).write_text(json.dumps(content), "utf-8")
    return folder


def step_elsewhere(content: dict[str, Any]) -> None:
    found = next(row for row in content["requirements"] if row["id"] == "O311-SUB-02")
    found["check"]["steps"][0]["operation"] = "getRequestYaml"


def submit_something_else(content: dict[str, Any]) -> None:
    found = next(row for row in content["requirements"] if row["id"] == "O311-SUB-02")
    found["check"]["submit"] = "complaint"


def gate_elsewhere(content: dict[str, Any]) -> None:
    content["parameters"]["submissions"]["report"]["gate"]["operation"] = "getDiscoveryYaml"


def like_nothing(content: dict[str, Any]) -> None:
    content["parameters"]["submissions"]["batch"]["like"] = "complaint"


@pytest.mark.parametrize(
    ("file", "change", "code", "words"),
    [
        ("profile.yaml", like_nothing, "check-submission", "parameters.submissions.batch: like must name"),
        ("requirements.yaml", step_elsewhere, "check-operation", "O311-SUB-02: operation 'getRequestYaml'"),
        ("requirements.yaml", submit_something_else, "check-submission", "O311-SUB-02: submit 'complaint'"),
        ("profile.yaml", gate_elsewhere, "check-operation", "parameters.submissions.report: operation"),
    ],
)
def test_a_step_that_names_what_does_not_exist_is_refused(
    tmp_path: Path, file: str, change: Callable[[dict[str, Any]], None], code: str, words: str
) -> None:
    with pytest.raises(ProfileError, match=words) as caught:
        load(str(altered(tmp_path, file, change)))
    assert caught.value.code == code


# --- hostile XML -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["xml-document-type", "xml-billion-laughs", "xml-external-entity", "xml-too-deep"])
def test_hostile_xml_is_found_and_not_read(profile: Profile, fault: str) -> None:
    only = ("O311-XML-01", "O311-ERR-01", "O311-ERR-03", "O311-ERR-04")
    outcome = ran(planned(profile, Options(only=only)), handler(ID, [fault], now=CLOCK))
    assert row(outcome, "O311-XML-01")["verdict"] == "fail"
    assert "not read" in row(outcome, "O311-XML-01")["findings"][0]["observed"]
    assert [name for name in only if row(outcome, name)["verdict"] == "inconclusive"]


def test_a_list_of_hostile_xml_ends_the_run_inconclusive(profile: Profile) -> None:
    def hostile(request: SandboxRequest) -> SandboxResponse:
        answer = inner(request)
        if request.path != "/requests.xml":
            return answer
        body = answer.body.replace(b"<service_requests>", b'<!DOCTYPE x [<!ENTITY a "b">]><service_requests>')
        return SandboxResponse(answer.status, answer.headers, body)

    inner = handler(ID, now=CLOCK)
    outcome = ran(planned(profile, Options()), hostile)
    assert outcome.report["verdict"] == "inconclusive"
    assert row(outcome, "O311-XML-01")["verdict"] == "fail"
    assert row(outcome, "O311-listRequestsXml-schema")["verdict"] == "inconclusive"
