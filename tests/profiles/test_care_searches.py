"""Searches for people that find more than was asked for: identifiers by their beginning, names by what is within."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.execution.run import replay
from interop_harness.profile import Profile, load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .test_shared_care_record import ID, judged, wrong

LOCAL = "https://northmere.example.org/Id/record-number"
PEOPLE = [f"{LOCAL}|{number}" for number in ("NM-104117", "NM-205001", "NM-418830", "NM-529946", "NM-630058")]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load(ID)


@pytest.fixture(scope="module")
def supplier() -> Handler:
    return handler(ID, now=CLOCK)


def found_with(supplier: Handler, parameter: str, more: Callable[[str], list[str]]) -> Handler:
    """The supplier whose search by one parameter also finds what it finds for other values of it."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        asked = dict(request.query).get(parameter, "")
        answer = supplier(request)
        if request.path != "/Patient" or answer.status != 200 or not asked:
            return answer
        body = json.loads(answer.body)
        entries: dict[str, Any] = {entry["resource"]["id"]: entry for entry in body.get("entry", ())}
        for other in more(asked):
            query = tuple((name, other if name == parameter else value) for name, value in request.query)
            again = json.loads(supplier(replace(request, query=query, raw_query=urlencode(query))).body)
            entries.update((entry["resource"]["id"], entry) for entry in again.get("entry", ()))
        if entries:
            body.update(entry=list(entries.values()), total=len(entries))
        return replace(answer, body=json.dumps(body).encode())

    return handle


def test_an_identifier_found_by_its_beginning_is_caught(profile: Profile, supplier: Handler) -> None:
    loose = found_with(supplier, "identifier", lambda asked: [one for one in PEOPLE if one.startswith(asked)])
    assert judged(profile, loose, "SCR-PAT-01") == {"SCR-PAT-01": "fail"}


def test_a_name_found_by_what_is_within_it_is_caught(profile: Profile, supplier: Handler) -> None:
    names = ["Larkfield", "Penhallow", "Osei", "O'Brannigan"]
    loose = found_with(supplier, "name", lambda asked: [one for one in names if asked.lower() in one.lower()])
    outcome = run_in_process(reference_plan(profile), loose)
    assert "SCR-IDX-02" in wrong(outcome)
    assert replay(outcome.evidence_gz, load).report_bytes == outcome.report_bytes


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_is_too_short_to_be_looked_for_may_be_refused(status: int, profile: Profile, supplier: Handler) -> None:
    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = supplier(request)
        asked = dict(request.query)
        refuses = answer.status == 200 and b'"entry"' not in answer.body and {"identifier", "name"} & set(asked)
        return replace(answer, status=status) if refuses else answer

    found = judged(profile, handle, "SCR-PAT-01", "SCR-IDX-02")
    assert set(found.values()) == {"pass"}
