"""Records that are read by their ids without credentials, where the searches ask for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.run import replay
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .test_shared_care_record import ID, changed, judged, verdicts, wrong

KEY = ("Authorization", "Bearer northmere-published-key")


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


@pytest.fixture(scope="module")
def supplier() -> Handler:
    return handler(ID, now=CLOCK)


def without_key(request: SandboxRequest) -> bool:
    return not request.header("authorization")


def reads(request: SandboxRequest) -> bool:
    return request.path.count("/") == 2


def open_where(supplier: Handler, picks: bool) -> Handler:
    def handle(request: SandboxRequest) -> SandboxResponse:
        opened = reads(request) is picks and without_key(request)
        return supplier(replace(request, headers=(*request.headers, KEY)) if opened else request)

    return handle


def test_a_record_read_by_its_id_without_credentials_is_caught(profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), open_where(supplier, True))
    assert set(wrong(outcome)) == {"SCR-ACC-01"} and verdicts(outcome)["SCR-ACC-01"] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b'{"resourceType":"OperationOutcome"}'])
def test_a_page_to_log_in_at_is_no_record(body: bytes, profile: Profile, supplier: Handler) -> None:
    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        return replace(answer, status=200, body=body) if reads(request) and without_key(request) else answer

    assert judged(profile, handle, "SCR-ACC-01") == {"SCR-ACC-01": "pass"}


def test_nobody_reads_where_reading_is_not_declared(profile: Profile, supplier: Handler) -> None:
    def undeclared(body: dict, request: SandboxRequest) -> None:  # type: ignore[type-arg]
        for resource in body["rest"][0]["resource"]:
            resource["interaction"] = [{"code": "search-type"}]

    asked: list[str] = []

    def handle(request: SandboxRequest) -> SandboxResponse:
        if without_key(request) and reads(request):
            asked.append(request.path)
        return changed(supplier, undeclared, "/metadata")(request)

    assert judged(profile, handle, "SCR-ACC-01") == {"SCR-ACC-01": "pass"} and not asked


def test_one_record_is_asked_for_without_credentials(profile: Profile, supplier: Handler) -> None:
    asked: list[str] = []

    def handle(request: SandboxRequest) -> SandboxResponse:
        if without_key(request) and reads(request):
            asked.append(request.path)
        return supplier(request)

    run_in_process(reference_plan(profile), handle)
    assert len(asked) == 1
