"""Open Referral UK: suppliers whose filtered lists say something else of a record than they say elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.run import Outcome, replay
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

ID = "open-referral-uk"
SERVICES, PLACES = "/services", "/service_at_locations"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


def filtered(path: str, change: Callable[[Record], Record], *, paged: bool = False) -> Handler:
    """The reference supplier with each record of a list changed, once it is asked for with a further parameter.

    ``paged``: with none, too.
    """
    supplier = handler(ID, now=CLOCK)

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        further = paged or {name for name, _ in request.query} - {"page", "per_page"}
        if answer.status != 200 or request.path != path or not further:
            return answer
        body = json.loads(answer.body)
        body["contents"] = [change(record) for record in body["contents"]]
        return replace(answer.without_header("content-length"), body=json.dumps(body).encode())

    return handle


def nested(name: str, /, **members: Any) -> Callable[[Record], Record]:
    return lambda record: {**record, name: {**record[name], **members}} if name in record else record


def failing(outcome: Outcome) -> set[str]:
    rows = json.loads(outcome.report_bytes)["requirements"]
    return {row["id"] for row in rows if row["verdict"] == "fail"}


@pytest.mark.parametrize(
    ("supplier", "row"),
    [
        (filtered(SERVICES, lambda record: {**record, "description": "Nothing to see."}), "ORUK-REF-03"),
        (filtered(SERVICES, nested("organization", name="Another Ltd")), "ORUK-FIELD-07"),
        (filtered(PLACES, nested("service", name="An old name")), "ORUK-REF-32"),
        (filtered(PLACES, nested("service", name="An old name"), paged=True), "ORUK-REF-32"),
        (filtered(PLACES, nested("location", latitude=999.5)), "ORUK-FIELD-13"),
    ],
    ids=["description", "organisation", "service of a place", "service of a place on any list", "latitude"],
)
def test_a_filtered_list_that_says_something_else_is_found(profile: Profile, supplier: Handler, row: str) -> None:
    outcome = run_in_process(reference_plan(profile), supplier)
    assert row in failing(outcome)
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


def test_members_that_only_the_full_record_gives_accuse_nobody(profile: Profile) -> None:
    def shorter(record: Record) -> Record:
        kept = {name: record[name] for name in ("id", "name", "status", "organization_id") if name in record}
        return {**kept, "description": record["description"]} if "description" in record else kept

    outcome = run_in_process(reference_plan(profile), filtered(SERVICES, shorter))
    assert not {"ORUK-REF-02", "ORUK-REF-03", "ORUK-FIELD-07"} & failing(outcome)
