"""Findings that rest on our own credentials, on silence or on an overload say nothing of the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.evidence import FailureKind
from interop_harness.execution.run import Outcome, run
from interop_harness.generation.inputs import inputs_of
from interop_harness.implementation import Auth, Implementation, Reference
from interop_harness.plan import Options, Plan, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.suite.collection import without_masks
from interop_harness.transport.credentials import load_credentials

KEY = "sesame-4711-open-long"


def ran(plan: Plan, supplier: Handler, environment: dict[str, str] | None = None) -> Outcome:
    credentials = load_credentials(plan.implementation, environment or {})
    inner = InProcessTransport(supplier)
    return run(plan, credentials, credentials.redactor(), workers=1, inner=inner, clock=lambda: CLOCK)


def planned(profile: str, auth: Auth, *only: str) -> Plan:
    stated = reference_plan(load(profile)).implementation
    claims = {name: claimed and name != "open-data" for name, claimed in stated.claims.items()}
    target = Implementation(
        base_url="http://127.0.0.1", environment="development", claims=claims, facts=stated.facts, auth=auth
    )
    return make_plan(load(profile), target, Options(only=only), inputs=inputs_of(load(profile)))


def decided(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in outcome.report["requirements"]}


def answering(status: int) -> Handler:
    return lambda request: SandboxResponse(status, (("Content-Type", "application/json"),), b'{"error": "no"}')


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("profile", ["shared-care-record", "local-waste-services"])
def test_whoever_is_not_let_in_is_told_to_look_at_the_target_file(profile: str, status: int) -> None:
    """The interface description of neither asks for credentials, and neither says that anybody may read."""
    outcome = ran(planned(profile, Auth()), answering(status))
    rows = decided(outcome)
    wrong = [name for name, row in rows.items() if name.endswith("-status") and row["verdict"] == "fail"]
    assert not wrong and outcome.report["verdict"] == "inconclusive"
    told = [row for name, row in rows.items() if name.endswith("-status") and row["verdict"] == "inconclusive"]
    assert told and {row["attribution"] for row in told} == {"your configuration"}


@pytest.mark.parametrize("status", [401, 403])
def test_where_everybody_may_read_asking_for_a_key_is_the_services_own_fault(status: int) -> None:
    rows = decided(
        ran(planned("open-referral-uk", Auth(), "ORUK-OPEN-01", "ORUK-listServices-status"), answering(status))
    )
    assert rows["ORUK-OPEN-01"]["verdict"] == "fail"
    assert rows["ORUK-listServices-status"]["verdict"] == "fail"


def test_a_masked_value_is_no_finding() -> None:
    """The password is an id in the service's own data: what is compared is our mask, and not what came."""
    organisation = json.loads(asked("/services").body)["contents"][0]["id"]
    auth = Auth("api-key", "header", "X-Tenant", references={"value": Reference(env="TENANT")})
    outcome = ran(planned("open-referral-uk", auth), handler("open-referral-uk", now=CLOCK), {"TENANT": organisation})
    rows = decided(outcome)
    assert not [name for name, row in rows.items() if row["verdict"] == "fail" and row["level"] == "MUST"]
    assert outcome.report["verdict"] == "inconclusive"
    masked = [row for row in rows.values() if "a credential of this test stands" in (row["reason"] or "")]
    assert masked and {row["attribution"] for row in masked} == {"your configuration"}


def asked(path: str) -> SandboxResponse:
    return handler("open-referral-uk", now=CLOCK)(SandboxRequest("GET", path, (), (("host", "x"),), b"", ""))


@pytest.mark.parametrize("placed", [lambda u: f"{u}&api_key={KEY}", lambda u: u.replace("?", f"?api_key={KEY}&", 1)])
def test_a_key_that_a_link_repeats_is_not_followed_as_its_mask(placed: Callable[[str], str]) -> None:
    well = handler("shared-care-record", now=CLOCK)
    seen: list[str] = []

    def answer(request: SandboxRequest) -> SandboxResponse:
        mine = tuple(pair for pair in request.query if pair[0] != "api_key")
        seen.append(request.raw_query)
        with_token = (*request.headers, ("Authorization", "Bearer northmere-published-key"))
        raw = "&".join(part for part in request.raw_query.split("&") if not part.startswith("api_key="))
        found = well(replace(request, query=mine, raw_query=raw, headers=with_token))
        if found.status != 200 or b'"link"' not in found.body:
            return found
        body = json.loads(found.body)
        for link in body.get("link", ()):
            link["url"] = placed(link["url"])
        return replace(found, body=json.dumps(body).encode())

    auth = Auth("api-key", "query", "api_key", references={"value": Reference(env="KEY")})
    wanted = ("SCR-BUN-04", "SCR-BUN-05", "SCR-BUN-07")
    rows = decided(ran(planned("shared-care-record", auth, *wanted), answer, {"KEY": KEY}))
    assert not any("redacted" in query for query in seen)
    assert {rows[name]["verdict"] for name in wanted} == {"pass"}


@pytest.mark.parametrize(
    ("masked", "followed"),
    [
        ("/M?patient=p&page=2[redacted]", "/M?patient=p&page=2"),
        ("/M[redacted]&patient=p", "/M?patient=p"),
        ("/M?api_key=[redacted]&patient=p", "/M?patient=p"),
        ("/M?a=1&api_key=[redacted]&b=2", "/M?a=1&b=2"),
        ("/M?x=[redacted]&y=[redacted]&z=1", "/M?z=1"),
        ("/M?a=1", "/M?a=1"),
    ],
)
def test_an_address_without_its_masks(masked: str, followed: str) -> None:
    assert without_masks(masked) == followed


def test_silence_proves_nothing() -> None:
    """A rule over what an answer must not hold is not kept where nothing was answered."""
    plan = planned("blue-badge-eligibility", Auth(), "BBE-SAFE-02", "BBE-ENV-01")
    rows = decided(ran(plan, answering(503)))
    assert "pass" not in {row["verdict"] for row in rows.values() if row["id"].startswith(("BBE-SAFE", "BBE-ENV"))}


@pytest.mark.parametrize("profile", ["blue-badge-eligibility", "open311-georeport", "open-referral-uk"])
def test_what_a_closed_port_leaves_open_concerns_no_service(profile: str, closed: Callable[[Plan], Outcome]) -> None:
    outcome = closed(planned(profile, Auth()))
    rows = decided(outcome).values()
    assert not [row["id"] for row in rows if row["verdict"] in ("fail", "error")]
    blamed = [row["id"] for row in rows if row["verdict"] == "inconclusive" and row["attribution"] == "your service"]
    assert not blamed
    assert not [row["id"] for row in rows if row["verdict"] in ("pass", "observed")]


@pytest.fixture
def closed() -> Callable[[Plan], Outcome]:
    def run_against(plan: Plan) -> Outcome:
        implementation = replace(plan.implementation, base_url="http://127.0.0.1:9")
        credentials = load_credentials(implementation, {})
        outcome = run(replace(plan, implementation=implementation), credentials, credentials.redactor(), workers=2)
        assert {one.failure.kind for one in outcome.exchanges.values() if one.failure} <= {FailureKind.CONNECT}
        return outcome

    return run_against
