"""An address for an id that nothing has: whatever status it is answered with, it gives nobody else's record."""

from __future__ import annotations

import dataclasses
import re

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan
from interop_harness.execution.run import run
from interop_harness.generation.inputs import inputs_of
from interop_harness.plan import Options, make_plan
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.transport.credentials import load_credentials

ROWS = [
    ("open-referral-uk", "ORUK-REF-06", r"/services/[^/]+"),
    ("open311-georeport", "O311-REQ-04", r"/requests/[^/]+\.xml"),
    ("local-waste-services", "LWS-SVC-06", r"/services/[^/]+"),
]


def verdict(name: str, row: str, supplier: Handler) -> str:
    profile = load(name)
    target = reference_plan(profile).implementation
    plan = make_plan(profile, target, Options(only=(row,)), inputs=inputs_of(profile))
    credentials = load_credentials(plan.implementation, {})
    outcome = run(
        plan,
        credentials,
        credentials.redactor(),
        workers=1,
        inner=InProcessTransport(supplier),
        clock=lambda: CLOCK,
    )
    return next(str(found["verdict"]) for found in outcome.report["requirements"] if found["id"] == row)


def answering(name: str, path: str, unknown: bytes | None) -> Handler:
    """The reference supplier; what it does not know is answered with ``unknown``, or with what it answered last."""
    well, known = handler(name, now=CLOCK), list[SandboxResponse]()

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = well(request)
        if not re.fullmatch(path, request.path):
            return answer
        if answer.status == 200:
            known.append(answer)
            return answer
        if unknown is None:
            return known[-1]
        return dataclasses.replace(known[-1], body=unknown)

    return handle


@pytest.mark.parametrize(("name", "row", "path"), ROWS)
def test_another_record_for_an_unknown_id_is_found(name: str, row: str, path: str) -> None:
    assert verdict(name, row, answering(name, path, None)) == "fail"


@pytest.mark.parametrize(("name", "row", "path"), ROWS)
@pytest.mark.parametrize("said", [b"", b'{"id":"incident-7","error":"unknown"}', b"[]", b"<errors/>"])
def test_a_success_without_a_record_is_no_other_record(name: str, row: str, path: str, said: bytes) -> None:
    assert verdict(name, row, answering(name, path, said)) == "pass"


@pytest.mark.parametrize(("name", "row"), [row[:2] for row in ROWS])
def test_the_reference_supplier_passes(name: str, row: str) -> None:
    assert verdict(name, row, handler(name, now=CLOCK)) == "pass"
