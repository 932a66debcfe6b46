"""Shared care records: conforming suppliers of many kinds pass, dangerous ones do not, and credentials are for real."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, reference_target, run_in_process
from interop_harness.checks.formats import nhs_number
from interop_harness.evidence import FailureKind, Request
from interop_harness.execution.run import Outcome, replay, run
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import load_target
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import Profile, load, read_yaml
from interop_harness.sandbox import faults, handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.server import Tls, serving
from interop_harness.transport import LiveTransport, load_credentials
from tests.hostile.certificates import authority, make

ID = "shared-care-record"
Change = Callable[[dict[str, Any], SandboxRequest], object]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


@pytest.fixture(scope="module")
def supplier() -> Handler:
    return handler(ID, now=CLOCK)


def verdicts(outcome: Outcome) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in outcome.report["requirements"]}


def wrong(outcome: Outcome) -> dict[str, str]:
    return {name: word for name, word in verdicts(outcome).items() if word in {"fail", "error", "inconclusive"}}


def changed(supplier: Handler, change: Change, path: str = "") -> Handler:
    """The supplier with every JSON answer below a path changed."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        if answer.status != 200 or not request.path.startswith(path):
            return answer
        body = json.loads(answer.body)
        returned = change(body, request)
        return replace(answer, body=json.dumps(body if returned is None else returned).encode())

    return handle


def only(profile: Profile, *names: str) -> Plan:
    return reference_plan(profile, options=Options(only=names))


def judged(profile: Profile, supplier: Handler, *names: str) -> dict[str, str]:
    """The verdicts of some requirements over a supplier."""
    found = verdicts(run_in_process(only(profile, *names), supplier))
    return {name: found[name] for name in names}


def links(change: Callable[[str], str | None], relation: str = "next") -> Change:
    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        for link in list(body.get("link", ())):
            if link["relation"] == relation:
                address = change(link["url"])
                if address is None:
                    body["link"].remove(link)
                else:
                    link["url"] = address

    return on


# --- suppliers that conform ------------------------------------------------------------------------------


def test_the_reference_supplier_conforms_and_its_run_replays_to_the_same_bytes(
    profile: Profile, supplier: Handler
) -> None:
    outcome = run_in_process(reference_plan(profile), supplier)
    assert not wrong(outcome)
    assert outcome.report["verdict"] == "conformant"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes
    again = run_in_process(reference_plan(profile), supplier).report
    assert {**again, "run": {}} == {**outcome.report, "run": {}}


def _absolute(body: dict[str, Any], request: SandboxRequest) -> None:
    for entry in body.get("entry", ()):
        for member in ("patient", "subject"):
            if member in entry["resource"]:
                reference = entry["resource"][member]["reference"]
                entry["resource"][member]["reference"] = f"https://northmere.example.org/fhir/{reference}/_history/2"


def _no_total(body: dict[str, Any], request: SandboxRequest) -> None:
    body.pop("total", None)


def _with_includes(body: dict[str, Any], request: SandboxRequest) -> None:
    """What matches is followed by the patient, which was not searched for and is marked so."""
    if body.get("resourceType") == "Bundle" and request.path != "/Patient" and "entry" in body:
        patient = {"resourceType": "Patient", "id": "p-104117"}
        address = "http://127.0.0.1/Patient/p-104117"
        body["entry"].append({"fullUrl": address, "resource": patient, "search": {"mode": "include"}})


def _with_urns(body: dict[str, Any], request: SandboxRequest) -> None:
    for number, entry in enumerate(body.get("entry", ())):
        entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012d}"


@pytest.mark.parametrize(
    "change",
    [
        _absolute,
        _no_total,
        _with_includes,
        _with_urns,
        links(lambda url: url.partition("127.0.0.1")[2]),
        links(lambda url: f"http://127.0.0.1:80{url.partition('127.0.0.1')[2]}"),
    ],
    ids=["absolute references", "no totals", "includes", "urns", "relative links", "links with the usual port"],
)
def test_other_suppliers_that_keep_the_rules_pass(change: Change, profile: Profile, supplier: Handler) -> None:
    assert not wrong(run_in_process(reference_plan(profile), changed(supplier, change)))


def test_a_supplier_that_gives_everything_on_one_page_passes(profile: Profile, supplier: Handler) -> None:
    def one_page(request: SandboxRequest) -> SandboxResponse:
        query = tuple(pair for pair in request.query if pair[0] != "_count")
        return supplier(replace(request, query=(*query, ("_count", "100")) if len(request.path) > 1 else query))

    found = judged(profile, one_page, "SCR-BUN-05", "SCR-BUN-06", "SCR-BUN-07", "SCR-BUN-04")
    assert found == {
        "SCR-BUN-05": "pass",
        "SCR-BUN-06": "not-applicable",
        "SCR-BUN-07": "not-applicable",
        "SCR-BUN-04": "pass",
    }


def test_a_supplier_of_one_part_is_judged_by_that_part(profile: Profile, supplier: Handler) -> None:
    stated = reference_plan(profile).implementation
    target = replace(stated, claims={"allergies": True, "clinical-data": True}, declarations={})
    outcome = run_in_process(make_plan(profile, target, Options(), inputs=inputs_of(profile)), supplier)
    assert outcome.report["verdict"] == "conformant"
    found = verdicts(outcome)
    assert found["SCR-ALL-01"] == "pass"
    assert found["SCR-MRE-01"] == found["SCR-IDX-01"] == "not-applicable"


def test_without_facts_nothing_is_called_wrong(profile: Profile, supplier: Handler) -> None:
    target = replace(reference_plan(profile).implementation, facts={})
    outcome = run_in_process(make_plan(profile, target, Options(), inputs=inputs_of(profile)), supplier)
    assert outcome.report["verdict"] == "inconclusive"
    assert "fail" not in set(verdicts(outcome).values())


# --- what is narrowed ------------------------------------------------------------------------------------


def _narrowed(change: Callable[[dict[str, Any]], None]) -> Change:
    """A change of what comes when more than a person or a patient is asked for."""

    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        more = {name for name, _ in request.query} - {"identifier", "patient", "_count", "page"}
        if body.get("resourceType") == "Bundle" and more:
            change(body)

    return on


def _off(body: dict[str, Any]) -> None:
    body["total"] += 5


def _twice(body: dict[str, Any]) -> None:
    if body.get("entry") and body["entry"][0]["search"]["mode"] == "match":
        body["entry"].append(body["entry"][0])
        body["total"] += 1


def _without_total(body: dict[str, Any]) -> None:
    body.pop("total")


@pytest.mark.parametrize(("change", "row"), [(_off, "SCR-BUN-04"), (_twice, "SCR-BUN-07")])
def test_what_is_narrowed_is_counted_and_holds_each_match_once(
    change: Callable[[dict[str, Any]], None], row: str, profile: Profile, supplier: Handler
) -> None:
    found = verdicts(run_in_process(reference_plan(profile), changed(supplier, _narrowed(change))))
    assert [name for name, word in found.items() if word == "fail"] == [row]


def test_pages_that_a_link_leads_to_are_no_lists_of_their_own(profile: Profile, supplier: Handler) -> None:
    """A narrowed list of two pages, of which the second is asked for at an address that does not tell."""

    def paged(request: SandboxRequest) -> SandboxResponse:
        query = dict(request.query)
        if "_id" not in query or not query["_id"].startswith("after-"):
            answer = supplier(request)
            body = json.loads(answer.body)
            if len({"status", "clinical-status"} & query.keys()) and len(body.get("entry", ())) > 1:
                rest = f"{request.path}?_id=after-{'-'.join(sorted(query.values()))}"
                rest += "".join(f"&{name}={value}" for name, value in query.items())
                body["link"] = [*body["link"][:1], {"relation": "next", "url": rest}]
                body["entry"] = body["entry"][:1]
            return replace(answer, body=json.dumps(body).encode())
        left = tuple(pair for pair in request.query if pair[0] != "_id")
        answer = supplier(replace(request, query=left))
        body = json.loads(answer.body)
        body["link"], body["entry"] = body["link"][:1], body["entry"][1:]
        return replace(answer, body=json.dumps(body).encode())

    found = verdicts(run_in_process(reference_plan(profile), paged))
    assert found["SCR-BUN-04"] == found["SCR-BUN-07"] == found["SCR-MRE-03"] == "pass"


def test_a_narrowed_list_that_is_cut_off_at_the_size_asked_for_is_not_counted(
    profile: Profile, supplier: Handler
) -> None:
    def crowd(body: dict[str, Any], request: SandboxRequest) -> None:
        query = dict(request.query)
        if request.path == "/Patient" and "gender" in query and "_count" in query and body.get("entry"):
            first = body["entry"][0]
            more = [f"p-{number}" for number in range(int(query["_count"]) - len(body["entry"]))]
            body["entry"] += [{**first, "resource": {**first["resource"], "id": name}} for name in more]
            body["total"] = 800

    found = verdicts(run_in_process(reference_plan(profile), changed(supplier, crowd)))
    assert found["SCR-BUN-04"] == found["SCR-BUN-07"] == "pass"


def test_a_narrowed_list_need_not_state_a_total(profile: Profile, supplier: Handler) -> None:
    found = verdicts(run_in_process(reference_plan(profile), changed(supplier, _narrowed(_without_total))))
    assert "fail" not in found.values()


# --- halves of what is asked for -------------------------------------------------------------------------

LOCAL, NHS = "https://northmere.example.org/Id/record-number", "https://fhir.nhs.uk/Id/nhs-number"


def _without_systems(supplier: Handler, only: tuple[str, ...] = ()) -> Handler:
    """A supplier that passes over the system of an identifier, of people of whom no two share a value."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        system, bar, number = dict(request.query).get("identifier", "").partition("|")
        if not bar or b'"entry"' in answer.body or (only and system not in only):
            return answer
        for other in (LOCAL, NHS):
            query = tuple((name, f"{other}|{number}" if name == "identifier" else text) for name, text in request.query)
            found = supplier(replace(request, query=query))
            if b'"entry"' in found.body:
                return found
        return answer

    return handle


@pytest.mark.parametrize(
    "only", [(), (LOCAL, NHS), (NHS,)], ids=["any system", "systems that are known", "one of them"]
)
def test_a_system_that_is_passed_over_is_found_where_no_two_people_share_a_value(
    only: tuple[str, ...], profile: Profile, supplier: Handler
) -> None:
    found = verdicts(run_in_process(reference_plan(profile), _without_systems(supplier, only)))
    assert [name for name, word in found.items() if word == "fail"] == ["SCR-PAT-01"]


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_unknown_system_may_be_refused(status: int, profile: Profile, supplier: Handler) -> None:
    def strict(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        system, bar, _ = dict(request.query).get("identifier", "").partition("|")
        return replace(answer, status=status) if bar and system not in (LOCAL, NHS) else answer

    assert judged(profile, strict, "SCR-PAT-01") == {"SCR-PAT-01": "pass"}


def test_a_second_given_name_must_be_found_by_given_and_may_be_found_by_name(
    profile: Profile, supplier: Handler
) -> None:
    def first_only(*names: str) -> Handler:
        def change(body: dict[str, Any], request: SandboxRequest) -> None:
            asked = "".join(value for name, value in request.query if name in names).casefold()
            entries = body.pop("entry", [])
            for entry in entries:
                name = entry["resource"]["name"][0]
                if not asked or any(text.casefold().startswith(asked) for text in (name["family"], name["given"][0])):
                    body.setdefault("entry", []).append(entry)
            body["total"] -= len(entries) - len(body.get("entry", ()))

        return changed(supplier, change, "/Patient")

    assert judged(profile, first_only("given"), "SCR-IDX-06") == {"SCR-IDX-06": "fail"}
    assert judged(profile, first_only("name"), "SCR-IDX-01", "SCR-IDX-06") == {
        "SCR-IDX-01": "pass",
        "SCR-IDX-06": "pass",
    }


# --- codes of several systems ----------------------------------------------------------------------------


def _coded(first: bool, code: str = "") -> Change:
    """A coding of another system beside the clinical status, or in its place."""
    other = {"system": "http://snomed.info/sct", "code": "55561003", "display": "Active"}

    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        for entry in body.get("entry", ()):
            status = entry["resource"].get("clinicalStatus")
            if status:
                own = [{**each, "code": code or each["code"]} for each in status["coding"]]
                status["coding"] = [other, *own] if first else [*own, other]

    return on


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("first", [True, False])
def test_a_status_coded_twice_conforms_and_only_the_codes_of_the_guide_are_asked_for(
    first: bool, seed: int, profile: Profile, supplier: Handler
) -> None:
    asked: set[str] = set()

    def watched(request: SandboxRequest) -> SandboxResponse:
        asked.update(value for name, value in request.query if name == "clinical-status")
        return changed(supplier, _coded(first), "/AllergyIntolerance")(request)

    names = ("SCR-ALL-03", "SCR-ALL-11")
    plan = reference_plan(profile, options=Options(only=names, seed=str(seed)))
    found = verdicts(run_in_process(plan, watched))
    assert {name: found[name] for name in names} == dict.fromkeys(names, "pass")
    assert asked == {"active", "inactive", "resolved"}
    assert judged(profile, watched, "SCR-ALL-04") == {"SCR-ALL-04": "pass"}


@pytest.mark.parametrize("code", ["aktiv", "Active"])
def test_a_status_of_which_no_code_is_the_guide_s_is_found(code: str, profile: Profile, supplier: Handler) -> None:
    found = judged(profile, changed(supplier, _coded(True, code), "/AllergyIntolerance"), "SCR-ALL-11")
    assert found == {"SCR-ALL-11": "fail"}


# --- reading by id --------------------------------------------------------------------------------------


def _read(change: Callable[[dict[str, Any]], object]) -> Change:
    """A change of what is read by id alone."""

    def on(body: dict[str, Any], request: SandboxRequest) -> object:
        return change(body) if request.path.count("/") == 2 else None

    return on


@pytest.mark.parametrize(
    "change",
    [
        lambda body: {},
        lambda body: [body],
        lambda body: {"resourceType": "Bundle", "type": "searchset"},
        lambda body: {"resourceType": body["resourceType"], "id": body["id"]},
        lambda body: {**body, "id": "p-205001"},
        lambda body: {**body, "patient": {"reference": "Patient/p-205001"}},
        lambda body: {**body, "subject": {"reference": "Patient/p-205001"}},
        lambda body: {**body, "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990001197"}]},
    ],
    ids=["nothing", "list", "bundle", "bare", "other id", "other patient", "other subject", "other number"],
)
def test_another_record_than_the_one_asked_for_by_id_is_found(
    change: Callable[[dict[str, Any]], object], profile: Profile, supplier: Handler
) -> None:
    assert judged(profile, changed(supplier, _read(change)), "SCR-CAP-16") == {"SCR-CAP-16": "fail"}


@pytest.mark.parametrize(
    "change",
    [
        lambda body: {**body, "meta": {"versionId": "7"}, "text": {"status": "generated", "div": "<div/>"}},
        lambda body: dict(reversed(body.items())),
        lambda body: {**body, "identifier": body.get("identifier", [])[::-1]},
        lambda body: {
            **body,
            **{
                member: {"reference": f"https://northmere.example.org/fhir/{body[member]['reference']}"}
                for member in ("patient", "subject")
                if member in body
            },
        },
    ],
    ids=["meta and text", "order of members", "order of identifiers", "absolute references"],
)
def test_the_same_record_written_otherwise_conforms(
    change: Callable[[dict[str, Any]], object], profile: Profile, supplier: Handler
) -> None:
    assert judged(profile, changed(supplier, _read(change)), "SCR-CAP-16") == {"SCR-CAP-16": "pass"}


def test_a_record_that_changes_between_search_and_reading_accuses_nobody(profile: Profile, supplier: Handler) -> None:
    read = False

    def moving(request: SandboxRequest) -> SandboxResponse:
        nonlocal read
        answer = supplier(request)
        read = read or request.path == "/Patient/p-104117"
        return replace(answer, body=answer.body.replace(b'"9990001006"', b'"9990001197"')) if read else answer

    assert judged(profile, moving, "SCR-CAP-16") == {"SCR-CAP-16": "inconclusive"}


# --- links that lead astray ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/steal?_count=10&page=2",
        "//evil.example/Patient?page=2",
        "http://127.0.0.1:9/Patient?page=2",
    ],
)
def test_a_next_link_to_another_host_is_found_and_its_host_never_asked(
    address: str, profile: Profile, supplier: Handler
) -> None:
    asked: list[SandboxRequest] = []

    def watched(request: SandboxRequest) -> SandboxResponse:
        asked.append(request)
        return changed(supplier, links(lambda url: address))(request)

    assert judged(profile, watched, "SCR-BUN-06") == {"SCR-BUN-06": "fail"}
    assert {request.header("host") for request in asked} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://[::1", "ftp://127.0.0.1/Patient?page=2", "urn:next", "http://a:b.c/"]
)
def test_a_next_link_that_cannot_be_followed_is_found(address: str, profile: Profile, supplier: Handler) -> None:
    hostile = changed(supplier, links(lambda url: address))
    assert judged(profile, hostile, "SCR-BUN-05") == {"SCR-BUN-05": "fail"}


def test_a_list_that_never_ends_ends_the_run_all_the_same(profile: Profile, supplier: Handler) -> None:
    """Each page links to a new one, with what was seen before."""

    def endless(body: dict[str, Any], request: SandboxRequest) -> None:
        if request.path == "/MedicationRequest" and body.get("link"):
            turn = dict(request.query).get("turn", "0")
            body["link"] = [link for link in body["link"] if link["relation"] == "self"]
            address = f"/MedicationRequest?patient=p-104117&turn={int(turn) + 1}"
            body["link"].append({"relation": "next", "url": address})

    found = judged(profile, changed(supplier, endless), "SCR-BUN-05", "SCR-BUN-07", "SCR-MRE-01")
    assert found["SCR-BUN-07"] == "fail"
    assert "error" not in found.values()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'{"resourceType":"Bundle","entry":{}}', b'{"entry":[null,7,{"resource":[]}]}', b"<Bundle/>"],
)
def test_strange_bodies_are_never_our_crash(body: bytes, profile: Profile, supplier: Handler) -> None:
    def strange(request: SandboxRequest) -> SandboxResponse:
        return replace(supplier(request), body=body)

    outcome = run_in_process(reference_plan(profile), strange)
    assert "error" not in set(verdicts(outcome).values())
    assert outcome.report["verdict"] == "not-conformant"


# --- synthetic people only -------------------------------------------------------------------------------


def test_every_nhs_number_of_the_dataset_is_one_that_is_never_issued(profile: Profile) -> None:
    people = read_yaml(profile.folder / "dataset" / "record.yaml")["patients"]
    numbers = [person["nhs"] for person in people if "nhs" in person]
    assert len(numbers) > 3
    assert all(number.startswith("999") and nhs_number(number) for number in numbers)
    assert all(person.get("phone", "0113 496 0").startswith("0113 496 0") for person in people)


def test_faults_name_what_must_catch_them(profile: Profile) -> None:
    records = faults(ID)
    assert len(records) >= 25
    assert {record.must_fail for record in records} <= {row.id for row in profile.requirements}
    assert all(len(record.may_change) <= 3 for record in records)


@pytest.mark.parametrize(
    "name",
    [
        "allergy-of-another-patient",
        "request-next-page-of-everybody",
        "identifier-system-not-compared",
        "open-to-strangers",
    ],
)
def test_what_is_dangerous_is_caught(name: str, profile: Profile) -> None:
    record = next(record for record in faults(ID) if record.name == name)
    found = judged(profile, handler(ID, [name], now=CLOCK), record.must_fail)
    assert found == {record.must_fail: "fail"}


# --- credentials, over real sockets ----------------------------------------------------------------------


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> str:
    found: str = read_yaml(profile.folder / "dataset" / "record.yaml")["client"]["secret"]
    monkeypatch.setenv("INTEROP_CLIENT_SECRET", found)
    return found


def target_file(folder: Path, profile: Profile, url: str, auth: dict[str, str], **more: str) -> Path:
    stated = {
        "base_url": url,
        "environment": "development",
        "claims": {entry.id: True for entry in profile.classes},
        **reference_target(profile),
        "auth": auth,
        **more,
    }
    path = folder / "target.yaml"
    path.write_text(json.dumps(stated))
    return path


def oauth(url: str, **more: str) -> dict[str, str]:
    return {
        "kind": "oauth2-client-credentials",
        "token_url": f"{url}/oauth2/token",
        "client_id": "interop-harness",
        "client_secret_env": "INTEROP_CLIENT_SECRET",
        **more,
    }


def run_over(path: Path, profile: Profile) -> Outcome:
    implementation = load_target(str(path))
    credentials = load_credentials(implementation)
    plan = make_plan(profile, implementation, Options(), inputs=inputs_of(profile))
    return run(plan, credentials, credentials.redactor(), workers=4)


@pytest.mark.parametrize("way", ["header", "body"])
def test_a_whole_run_with_oauth_client_credentials(way: str, profile: Profile, secret: str, tmp_path: Path) -> None:
    asked: list[str] = []
    made = handler(ID)

    def watched(request: SandboxRequest) -> SandboxResponse:
        asked.append(request.path)
        return made(request)

    with serving(watched) as url:
        started = time.monotonic()
        outcome = run_over(target_file(tmp_path, profile, url, oauth(url, client_authentication=way)), profile)
        elapsed = time.monotonic() - started
    assert not wrong(outcome)
    assert outcome.report["verdict"] == "conformant"
    assert asked.count("/oauth2/token") == 1, "one token serves the whole run"
    assert secret.encode() not in outcome.evidence_gz
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes
    assert elapsed < 20, "five seconds on a quiet machine"


def test_a_wrong_client_secret_is_said_to_be_one(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("INTEROP_CLIENT_SECRET", "some-other-secret-altogether")
    with serving(handler(ID)) as url:
        outcome = run_over(target_file(tmp_path, profile, url, oauth(url)), profile)
    assert outcome.report["verdict"] == "inconclusive"
    assert any("invalid_client" in reason or "credential" in reason.lower() for reason in outcome.report["reasons"])


def test_a_token_of_the_supplier_expires_and_cannot_be_made_up(supplier: Handler) -> None:
    body = b"grant_type=client_credentials&client_id=interop-harness&client_secret=northmere-client-secret"
    issued = json.loads(supplier(SandboxRequest("POST", "/oauth2/token", (), (), body)).body)["access_token"]

    def answer(token: str, made: Handler = supplier) -> int:
        headers = (("Authorization", f"Bearer {token}"),)
        return made(SandboxRequest("GET", "/Patient", (("_id", "p-104117"),), headers)).status

    assert answer(issued) == 200
    assert answer(issued, handler(ID, now=CLOCK + timedelta(minutes=6))) == 401
    expires, _, signature = issued.partition(".")
    assert answer(f"{int(expires) + 1}.{signature}") == answer(f"{expires}.") == answer("") == answer("٣.x") == 401
    assert supplier(SandboxRequest("POST", "/oauth2/token", (), (), b"\xff")).status == 401
    assert supplier(SandboxRequest("GET", "/oauth2/token", (), ())).status == 405


@pytest.fixture
def mutual(tmp_path: Path) -> Iterator[Tls]:
    """A server that lets nobody in without a certificate of the test authority."""
    certificate, key = make("northmere", authority()).write(tmp_path, "server")
    ca, _ = authority().write(tmp_path, "authority")
    make("consumer", authority(), client=True).write(tmp_path, "client")
    make("stranger", make("Another authority", authority=True), client=True).write(tmp_path, "stranger")
    yield Tls(certificate, key, client_authority=ca)


CERTIFICATE = {"certificate_file": "client.pem", "key_file": "client-key.pem"}


def gateway(made: Handler) -> Handler:
    """What stands behind a gateway that has looked at the client certificate, and says so in its own way."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        return made(replace(request, headers=(*request.headers, ("Authorization", "Bearer northmere-published-key"))))

    return handle


def test_a_whole_run_with_mutual_tls(profile: Profile, mutual: Tls, tmp_path: Path) -> None:
    with serving(gateway(handler(ID)), tls=mutual) as url:
        auth = {"kind": "client-certificate", **CERTIFICATE}
        outcome = run_over(target_file(tmp_path, profile, url, auth, ca_file="authority.pem"), profile)
    found = verdicts(outcome)
    assert not wrong(outcome)
    assert found["SCR-ACC-01"] == "pass", "without the certificate nothing was given"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_a_whole_run_with_mutual_tls_and_a_token(profile: Profile, mutual: Tls, secret: str, tmp_path: Path) -> None:
    with serving(handler(ID), tls=mutual) as url:
        path = target_file(tmp_path, profile, url, oauth(url, **CERTIFICATE), ca_file="authority.pem")
        outcome = run_over(path, profile)
    assert not wrong(outcome)
    assert outcome.report["verdict"] == "conformant"


@pytest.mark.parametrize("name", ["", "stranger"])
def test_without_the_right_certificate_there_is_no_answer(name: str, mutual: Tls, tmp_path: Path) -> None:
    stated: dict[str, Any] = {"ca_file": "authority.pem"}
    if name:
        files = {"certificate_file": f"{name}.pem", "key_file": f"{name}-key.pem"}
        stated["auth"] = {"kind": "client-certificate", **files}
    with serving(gateway(handler(ID)), tls=mutual) as url:
        (tmp_path / "target.yaml").write_text(json.dumps({"base_url": url, **stated}))
        implementation = load_target(str(tmp_path / "target.yaml"))
        with LiveTransport(implementation, load_credentials(implementation)) as transport:
            exchange = transport.send(Request("GET", "/metadata"))
    assert exchange.failure is not None
    assert exchange.failure.kind in {FailureKind.TLS, FailureKind.RESET}


# --- whose records come when more is asked ---------------------------------------------------------------


def _with_more(change: Callable[[dict[str, Any]], None]) -> Change:
    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        asked = dict(request.query)
        if "patient" in asked and set(asked) - {"patient", "_count", "page"}:
            for entry in body.get("entry", ())[:1]:
                change(entry["resource"])

    return on


def _of_another(record: dict[str, Any]) -> None:
    for member in {"patient", "subject"} & set(record):
        record[member] = {"reference": "Patient/somebody-else"}


def _of_nobody(record: dict[str, Any]) -> None:
    for member in {"patient", "subject"} & set(record):
        del record[member]


@pytest.mark.parametrize("row", ["SCR-ALL-01", "SCR-IMM-01", "SCR-MRE-01"])
def test_a_patient_forgotten_as_soon_as_more_is_asked_is_a_breach(
    profile: Profile, supplier: Handler, row: str
) -> None:
    """A further parameter narrows what comes; another person's record is another person's record there, too."""
    outcome = run_in_process(reference_plan(profile), changed(supplier, _with_more(_of_another)))
    assert verdicts(outcome)[row] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_what_an_answer_leaves_out_beside_another_parameter_accuses_nobody(profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), changed(supplier, _with_more(_of_nobody)))
    assert {name for name in wrong(outcome) if name.endswith("-01")} <= {"SCR-BUN-01"}


# --- what is read by id: the state, and ids that nothing has ----------------------------------------------


def _in_state(member: str, code: str) -> Change:
    """Another state of what is read by id alone."""

    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        if request.path.count("/") == 2 and member in body:
            body[member] = {"coding": [{"code": code}]} if member != "status" else code

    return on


@pytest.mark.parametrize(
    ("member", "code", "path"),
    [
        ("clinicalStatus", "resolved", "/AllergyIntolerance"),
        ("clinicalStatus", "active", "/AllergyIntolerance"),
        ("status", "entered-in-error", "/Immunization"),
        ("status", "completed", "/MedicationRequest"),
    ],
)
def test_another_state_by_id_than_in_the_search_is_found(
    member: str, code: str, path: str, profile: Profile, supplier: Handler
) -> None:
    stale = changed(supplier, _in_state(member, code), path)
    outcome = run_in_process(only(profile, "SCR-CAP-16"), stale)
    assert verdicts(outcome)["SCR-CAP-16"] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_a_state_in_one_code_more_or_not_told_at_all_is_no_other_state(profile: Profile, supplier: Handler) -> None:
    def more(body: dict[str, Any], request: SandboxRequest) -> None:
        if request.path.count("/") == 2 and "clinicalStatus" in body:
            body["clinicalStatus"]["coding"].insert(0, {"system": "http://snomed.info/sct", "code": "55561003"})
        body.pop("status", None)

    assert judged(profile, changed(supplier, more), "SCR-CAP-16") == {"SCR-CAP-16": "pass"}


def test_a_state_that_changes_between_search_and_reading_accuses_nobody(profile: Profile, supplier: Handler) -> None:
    read = False

    def moving(request: SandboxRequest) -> SandboxResponse:
        nonlocal read
        answer = supplier(request)
        if request.path.startswith("/Immunization"):
            read = read or request.path.count("/") == 2
            if read:
                return replace(answer, body=answer.body.replace(b'"not-done"', b'"completed"'))
        return answer

    assert judged(profile, moving, "SCR-CAP-16") == {"SCR-CAP-16": "inconclusive"}


def _for_unknown(status: int, change: Callable[[dict[str, Any], str], dict[str, Any]]) -> Callable[[Handler], Handler]:
    """What an id that nothing has gives: made from the first patient, or from what the supplier says."""

    def wrapped(supplier: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = supplier(request)
            if answer.status != 404 or not request.path.startswith("/Patient/"):
                return answer
            somebody = supplier(replace(request, path="/Patient/p-104117"))
            made = change(json.loads(somebody.body), request.path.rpartition("/")[2])
            return replace(answer, status=status, body=json.dumps(made).encode())

        return handle

    return wrapped


@pytest.mark.parametrize(
    ("status", "change", "verdict"),
    [
        (200, lambda body, asked: body, ("fail", "fail")),
        (200, lambda body, asked: {**body, "id": asked}, ("fail", "fail")),
        (200, lambda body, asked: {"resourceType": "OperationOutcome"}, ("pass", "fail")),
        (200, lambda body, asked: {"resourceType": "Bundle", "type": "searchset", "total": 0}, ("pass", "fail")),
        (404, lambda body, asked: {}, ("pass", "pass")),
        (410, lambda body, asked: {"resourceType": "OperationOutcome"}, ("pass", "pass")),
        (400, lambda body, asked: {"resourceType": "OperationOutcome"}, ("pass", "pass")),
        (403, lambda body, asked: {"resourceType": "OperationOutcome"}, ("pass", "pass")),
    ],
    ids=["somebody", "made up", "outcome", "empty bundle", "404", "410", "400", "403"],
)
def test_an_id_that_nothing_has_gives_no_record(
    status: int,
    change: Callable[[dict[str, Any], str], dict[str, Any]],
    verdict: tuple[str, str],
    profile: Profile,
    supplier: Handler,
) -> None:
    found = judged(profile, _for_unknown(status, change)(supplier), "SCR-CAP-21", "SCR-CAP-22")
    assert found == dict(zip(("SCR-CAP-21", "SCR-CAP-22"), verdict, strict=True))


def test_ids_are_not_tried_where_reading_is_not_declared(profile: Profile, supplier: Handler) -> None:
    def undeclared(body: dict[str, Any], request: SandboxRequest) -> None:
        for entry in body["rest"][0]["resource"]:
            entry["interaction"] = [{"code": "search-type"}]

    found = judged(profile, changed(supplier, undeclared, "/metadata"), "SCR-CAP-21", "SCR-CAP-22")
    assert found == dict.fromkeys(("SCR-CAP-21", "SCR-CAP-22"), "not-applicable")


def test_another_form_of_json_in_the_declaration_conforms(profile: Profile, supplier: Handler) -> None:
    """FHIR R4 (http.html, versioning) lets the version stand as a parameter of the media type."""

    def versioned(body: dict[str, Any], request: SandboxRequest) -> None:
        body["format"] = ["application/fhir+json; fhirVersion=4.0"]

    assert judged(profile, changed(supplier, versioned, "/metadata"), "SCR-CAP-04") == {"SCR-CAP-04": "pass"}


# --- people who are found by something else than the usual identifier -------------------------------------


def _found_otherwise(change: Callable[[dict[str, Any]], object]) -> Change:
    """A change of the people who are found without an identifier."""

    def on(body: dict[str, Any], request: SandboxRequest) -> None:
        if "identifier" not in dict(request.query):
            for entry in body.get("entry", ()):
                if entry["resource"]["id"] != "p-104117":
                    change(entry["resource"])

    return on


def _wrong_check_digit(person: dict[str, Any]) -> None:
    for each in person["identifier"]:
        if each["system"] == NHS:
            each["value"] = f"{each['value'][:-1]}{(int(each['value'][-1]) + 1) % 10}"


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (_wrong_check_digit, "SCR-PAT-06"),
        (lambda person: person.pop("identifier"), "SCR-IDX-15"),
        (lambda person: person["identifier"][0].pop("system"), "SCR-IDX-15"),
        (lambda person: person.pop("name"), "SCR-IDX-16"),
        (lambda person: person.pop("gender"), "SCR-IDX-17"),
    ],
    ids=["check digit", "no identifier", "no system", "no name", "no gender"],
)
def test_whoever_is_found_by_name_is_judged_as_whoever_is_found_by_identifier(
    change: Callable[[dict[str, Any]], object], row: str, profile: Profile, supplier: Handler
) -> None:
    outcome = run_in_process(reference_plan(profile), changed(supplier, _found_otherwise(change), "/Patient"))
    assert verdicts(outcome)[row] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def _masked(person: dict[str, Any]) -> None:
    reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    person["_gender"] = {"extension": [reason]}
    del person["gender"]


def _shortened(person: dict[str, Any]) -> None:
    person["meta"] = {"tag": [{"code": "SUBSETTED"}]}
    for member in ("name", "gender", "identifier"):
        del person[member]


@pytest.mark.parametrize("change", [_masked, _shortened])
def test_what_is_withheld_for_a_reason_accuses_nobody(
    change: Callable[[dict[str, Any]], object], profile: Profile, supplier: Handler
) -> None:
    """R4: an extension such as data-absent-reason may stand in a value's place; SUBSETTED tells of what is left out."""
    found = verdicts(run_in_process(reference_plan(profile), changed(supplier, _found_otherwise(change), "/Patient")))
    names = ("SCR-PAT-06", "SCR-IDX-15", "SCR-IDX-16", "SCR-IDX-17")
    assert {name: found[name] for name in names} == dict.fromkeys(names, "pass")


@pytest.mark.parametrize(
    "name",
    [
        {"prefix": ["Mrs"], "given": ["Jo", "Rowena"], "family": "Ng"},
        {"prefix": ["Mrs"], "given": ["Jo"], "family": "Ng", "text": "Mrs Jo Ng", "suffix": ["PhD"]},
        {"prefix": ["Mrs"], "given": ["Jo"], "family": "Ngata"},
    ],
    ids=["second given name", "prefix and suffix", "family name"],
)
def test_nobody_is_asked_for_by_a_part_of_the_name_that_need_not_be_found(
    name: dict[str, Any], profile: Profile, supplier: Handler
) -> None:
    """ERR-09: name must find the family name and the first given name; other parts are left to the server."""
    asked: set[str] = set()

    def renamed(request: SandboxRequest) -> SandboxResponse:
        asked.update(value for key, value in request.query if key == "name")

        def change(body: dict[str, Any], request: SandboxRequest) -> None:
            for entry in body.get("entry", ()):
                if entry["resource"]["id"] == "p-104117":
                    entry["resource"]["name"] = [name]

        return changed(supplier, change, "/Patient")(request)

    run_in_process(only(profile, "SCR-IDX-01"), renamed)
    assert asked <= {"Nga"}


# --- whom nobody knows, and whom somebody else's identifier finds -----------------------------------------


def _for_a_stranger(answered: str) -> Callable[[Handler], Handler]:
    """A patient whom nobody knows is given what another has, an error, or something that names him after all."""

    def wrapped(supplier: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            if dict(request.query).get("patient") != "no-such-record-0":
                return supplier(request)
            query = tuple((name, "p-104117" if name == "patient" else value) for name, value in request.query)
            answer = supplier(replace(request, query=query))
            if answered == "named":
                body = answer.body.replace(b"Patient/p-104117", b"Patient/no-such-record-0")
                return replace(answer, body=body)
            return answer if answered == "another" else replace(supplier(request), status=int(answered))

        return handle

    return wrapped


@pytest.mark.parametrize(
    ("answered", "word"), [("another", "fail"), ("named", "pass"), ("404", "pass"), ("400", "pass"), ("200", "pass")]
)
@pytest.mark.parametrize("row", ["SCR-ALL-01", "SCR-MRE-01"])
def test_a_patient_whom_nobody_knows_has_nobody_elses_records(
    answered: str, word: str, row: str, profile: Profile, supplier: Handler
) -> None:
    assert judged(profile, _for_a_stranger(answered)(supplier), row) == {row: word}


def test_whoever_has_the_other_identifier_is_judged_too(profile: Profile, supplier: Handler) -> None:
    def mixed_up(request: SandboxRequest) -> SandboxResponse:
        query = tuple((name, value.replace("NM-205001", "NM-104117")) for name, value in request.query)
        return supplier(replace(request, query=query))

    assert judged(profile, mixed_up, "SCR-PAT-01") == {"SCR-PAT-01": "fail"}


def test_without_another_identifier_the_first_one_decides(profile: Profile, supplier: Handler) -> None:
    stated = only(profile, "SCR-PAT-01").implementation
    facts = {name: value for name, value in stated.facts.items() if name != "other_patient_identifier"}
    plan = make_plan(profile, replace(stated, facts=facts), Options(only=("SCR-PAT-01",)), inputs=inputs_of(profile))
    assert verdicts(run_in_process(plan, supplier))["SCR-PAT-01"] == "pass"


def test_a_name_that_is_withheld_among_others_conforms(profile: Profile, supplier: Handler) -> None:
    """FHIR R4 (json.html#primitive): null stands in an array where one of its values has an extension and no value."""

    def withheld(body: dict[str, Any], request: SandboxRequest) -> None:
        for person in [entry["resource"] for entry in body.get("entry", ())] or [body]:
            for name in person.get("name", ()):
                reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
                name["given"] = [*name["given"], None]
                name["_given"] = [None] * (len(name["given"]) - 1) + [{"extension": [reason]}]

    assert not wrong(run_in_process(reference_plan(profile), changed(supplier, withheld, "/Patient")))
