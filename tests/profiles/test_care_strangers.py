"""Records that are read by their ids without credentials, where the searches ask for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.run import replay
from interop_harness.generation.inputs import inputs_of
from interop_harness.plan import Options, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.shared_care_record.store import CLINICAL

from .test_shared_care_record import ID, changed, judged, links, verdicts, wrong

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


def later(request: SandboxRequest) -> bool:
    return dict(request.query).get("page", "1") != "1"


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


def test_one_record_of_each_kind_and_one_later_page_are_asked_for_without_credentials(
    profile: Profile, supplier: Handler
) -> None:
    read: list[str] = []
    turned: list[str] = []

    def handle(request: SandboxRequest) -> SandboxResponse:
        if without_key(request):
            read.extend([request.path] if reads(request) else [])
            turned.extend([request.path] if later(request) else [])
        return supplier(request)

    run_in_process(reference_plan(profile), handle)
    kinds = [path.split("/")[1] for path in read]
    assert len(kinds) == len(set(kinds)) == 1 + len(CLINICAL) and len(turned) == 1


@pytest.mark.parametrize("kind", ["Patient", *CLINICAL])
def test_one_kind_of_record_that_is_open_is_caught(kind: str, profile: Profile, supplier: Handler) -> None:
    def handle(request: SandboxRequest) -> SandboxResponse:
        opened = reads(request) and without_key(request) and request.path.startswith(f"/{kind}/")
        return supplier(replace(request, headers=(*request.headers, KEY)) if opened else request)

    found = judged(profile, handle, "SCR-CAP-16", "SCR-ACC-01")  # what is read by its id, and by whom
    assert found == {"SCR-CAP-16": "pass", "SCR-ACC-01": "fail"}


def opening_pages(supplier: Handler, body: bytes = b"") -> Handler:
    """Later pages are given, or answered with ``body``, without credentials."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        if not later(request) or not without_key(request):
            return supplier(request)
        answer = supplier(replace(request, headers=(*request.headers, KEY)))
        return replace(answer, body=body) if body else answer

    return handle


def test_a_later_page_that_is_open_is_caught(profile: Profile, supplier: Handler) -> None:
    outcome = run_in_process(reference_plan(profile), opening_pages(supplier))
    assert set(wrong(outcome)) == {"SCR-ACC-01"} and verdicts(outcome)["SCR-ACC-01"] == "fail"
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b'{"resourceType":"Bundle","type":"searchset","total":0}'])
def test_a_later_page_that_shows_a_stranger_nothing_is_closed(body: bytes, profile: Profile, supplier: Handler) -> None:
    assert judged(profile, opening_pages(supplier, body), "SCR-ACC-01") == {"SCR-ACC-01": "pass"}


def test_a_later_page_may_lie_below_its_list(profile: Profile, supplier: Handler) -> None:
    """As POST _search is often turned into a next link."""

    def below(body: dict, request: SandboxRequest) -> None:  # type: ignore[type-arg]
        links(lambda url: url.replace("?", "/_search?"))(body, request)

    def handle(request: SandboxRequest) -> SandboxResponse:
        request = replace(request, path=request.path.removesuffix("/_search"))
        return changed(opening_pages(supplier), below)(request)

    assert judged(profile, handle, "SCR-ACC-01") == {"SCR-ACC-01": "fail"}


def test_a_kind_that_is_not_claimed_is_closed_to_strangers_too(profile: Profile, supplier: Handler) -> None:
    target = replace(reference_plan(profile).implementation, claims={})
    plan = make_plan(profile, target, Options(), inputs=inputs_of(profile))

    def handle(request: SandboxRequest) -> SandboxResponse:
        opened = without_key(request) and request.path.startswith("/Immunization/")
        return supplier(replace(request, headers=(*request.headers, KEY)) if opened else request)

    assert not wrong(run_in_process(plan, supplier))
    assert wrong(run_in_process(plan, handle)) == {"SCR-ACC-01": "fail"}
