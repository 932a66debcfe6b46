"""A media type is one: of several, nobody knows which a client takes."""

from __future__ import annotations

import dataclasses

import pytest

from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
from interop_harness.evidence import Response
from interop_harness.plan import Options
from interop_harness.profile import load
from interop_harness.sandbox import handler
from interop_harness.sandbox.message import SandboxRequest, SandboxResponse


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["application/json; charset=utf-8"], "application/json"),
        (["Application/JSON"], "application/json"),
        (["application/json", "application/json; charset=utf-8"], "application/json"),
        (['application/fhir+json; profile="a/b, text/html"; fhirVersion=4.0'], "application/fhir+json"),
        (["application/json; charset=utf-8", "text/html"], "application/json, text/html"),
        (["application/json; charset=utf-8, text/html"], "application/json, text/html"),
        (["text/html", "application/json"], "text/html, application/json"),
        ([], ""),
    ],
)
def test_what_an_answer_says_it_is(lines: list[str], said: str) -> None:
    assert Response(200, tuple(("Content-Type", line) for line in lines), b"{}").media_type == said


@pytest.mark.parametrize("joined", [True, False])
def test_a_second_media_type_behind_the_right_one_is_a_breach(joined: bool) -> None:
    profile = load("open-referral-uk")
    clean = handler(profile.id, now=CLOCK)

    def twice(request: SandboxRequest) -> SandboxResponse:
        answer = clean(request)
        if joined:
            return answer.with_header("Content-Type", f"{answer.header('content-type')}, text/html")
        return dataclasses.replace(answer, headers=(*answer.headers, ("Content-Type", "text/html")))

    only = Options(only=("ORUK-listServices-media-type",))
    report = run_in_process(reference_plan(profile, options=only), twice).report
    (row,) = [row for row in report["requirements"] if row["id"] == "ORUK-listServices-media-type"]
    assert row["verdict"] == "fail" and "text/html" in row["findings"][0]["observed"]
