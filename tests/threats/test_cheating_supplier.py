"""Beyond the table: a supplier with a trusted key, a real run and an editor. What it hands in, and what comes back.

Each attack signs with the genuine key, so nothing is wrong with the signature; the recorded answers are given too.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from interop_harness import certificate
from interop_harness.assurance.selftest import reference_plan
from interop_harness.cli.known_profiles import catalogue_of, load_named
from interop_harness.errors import EvidenceError, VerificationError
from interop_harness.evidence import Exchange, Request, Response, read_evidence, write_evidence
from interop_harness.evidence.lines import encode, unpack
from interop_harness.execution.run import Outcome, replay, run
from interop_harness.generation.draws import draw_inputs
from interop_harness.generation.inputs import inputs_of
from interop_harness.plan import Options, Plan, derive_seed, make_plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox import faults, handler
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.signing import KeySigner
from interop_harness.transport.credentials import load_credentials
from interop_harness.trust import TrustedProfile, TrustStore
from interop_harness.verification import Expectations, verify
from tests.certificate import made

PROFILE = "local-waste-services"
CHALLENGE = "council-tender-42-0123456789"
Edit = Callable[[dict[str, Any]], Any]


@cache
def profile() -> Profile:
    return load(PROFILE)


def run_of(plan: Plan, *names: str) -> Outcome:
    credentials = load_credentials(plan.implementation, {})
    inner = InProcessTransport(handler(PROFILE, names))
    return run(plan, credentials, credentials.redactor(), inner=inner, workers=2)


@cache
def honest() -> Outcome:
    return run_of(reference_plan(profile()))


@cache
def failing() -> Outcome:
    """The same service with a fault that fails a MUST of the profile itself."""
    for fault in faults(PROFILE):
        row = next((row for row in profile().requirements if row.id == fault.must_fail), None)
        if row is not None and row.level == "MUST" and row.layer == PROFILE:
            found = run_of(reference_plan(profile()), fault.name)
            if found.report["verdict"] == "not-conformant":
                return found
    raise AssertionError("no fault fails a MUST")


def planned(**more: Any) -> Plan:
    settings = {"options": Options(), "inputs": inputs_of(profile()), **more}
    options = settings.pop("options")
    implementation = settings.pop("implementation", reference_plan(profile()).implementation)
    return make_plan(profile(), implementation, options, **settings)


def repacked(made_: Outcome, header: Edit | None = None, exchanges: Any = None, complete: bool = True) -> bytes:
    """The evidence of a run with its header or its exchanges edited, put together as the suite would."""
    evidence = read_evidence(made_.evidence_gz)
    head = copy.deepcopy({k: v for k, v in evidence.header.items() if k not in {"type", "format"}})
    if header is not None:
        header(head)
    kept = list(evidence.exchanges.values())
    kept = exchanges(kept) if exchanges is not None else kept
    return write_evidence(encode(head, evidence.probes, kept, complete=complete))[0]


def handed_in(report: dict[str, Any], evidence: bytes, *edits: Edit) -> bytes:
    """A certificate for any report at all over any evidence at all, under the trusted key."""
    forged = copy.deepcopy(report)
    forged["run"]["evidence_sha256"] = hashlib.sha256(unpack(evidence)).hexdigest()
    for edit in edits:
        edit(forged)
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    return certificate.issue(
        json.dumps(forged).encode(), unpack(evidence), KeySigner(made.SUPPLIER), now=now, issuer="Reference"
    )


def check(data: bytes, evidence: bytes | None, **expect: Any) -> tuple[int, str]:
    listed = TrustedProfile(PROFILE, profile().version, profile().sha256, catalogue_of(profile()))
    key = made.trusted(made.SUPPLIER, "Reference", "sign:first_party")
    now = datetime.now(UTC)
    trust = TrustStore("council", 1, now - timedelta(days=1), keys=(key,), profiles=(listed,))
    try:
        result = verify(
            data,
            trust=trust,
            now=now,
            evidence=evidence,
            judge=lambda lines: replay(lines, load_named).report_bytes,
            expect=Expectations(environment="development", **expect),
        )
    except VerificationError as error:
        return error.exit_code, error.code
    return result.exit_code, result.code


def test_the_honest_run_is_accepted() -> None:
    assert honest().report["verdict"] == "conformant"
    data = handed_in(honest().report, honest().evidence_gz)
    assert check(data, honest().evidence_gz) == (0, "genuine-pass")


def test_a_fail_stays_a_fail_whatever_the_report_says() -> None:
    assert check(handed_in(failing().report, failing().evidence_gz), failing().evidence_gz) == (1, "genuine-fail")
    doctored = {**honest().report, "run": failing().report["run"]}
    assert check(handed_in(doctored, failing().evidence_gz), failing().evidence_gz) == (
        3,
        "evidence-contradicts-result",
    )


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda r: r["implementation"].update(product="Better"), "evidence-contradicts-result"),
        (lambda r: r["implementation"].update(version="99"), "evidence-contradicts-result"),
        (lambda r: r["implementation"].update(base_url="http://127.0.0.1:9"), "evidence-contradicts-result"),
        (lambda r: r.update(authorised_by="The Minister"), "evidence-contradicts-result"),
        (lambda r: r["run"]["endpoint"].update(addresses=["203.0.113.1"]), "evidence-contradicts-result"),
        (lambda r: r["run"].update(answered=5000), "evidence-contradicts-result"),
        (lambda r: r["run"].update(preflight=[]), "evidence-contradicts-result"),
        (lambda r: r["plan"].update(challenge=CHALLENGE), "seed-does-not-follow"),
        (
            lambda r: r["plan"].update(challenge=CHALLENGE, seed=derive_seed(profile(), None, CHALLENGE)),
            "evidence-contradicts-result",
        ),
        (lambda r: r["requirements"].pop(), "results-incomplete"),
        (lambda r: r["requirements"][0].update(level="MAY"), "results-incomplete"),
        (lambda r: r["classes"][0].update(title="Gold"), "results-incomplete"),
        (lambda r: r["profile"].update(status="adopted"), "results-incomplete"),
    ],
)
def test_report_edited_evidence_honest(edit: Edit, code: str) -> None:
    data = handed_in(honest().report, honest().evidence_gz, edit)
    assert check(data, honest().evidence_gz) == (3, code)


def test_a_challenge_written_in_without_evidence_is_said_to_be_unproved() -> None:
    seed = derive_seed(profile(), None, CHALLENGE)  # type: ignore[arg-type] - a challenge decides alone
    data = handed_in(honest().report, honest().evidence_gz, lambda r: r["plan"].update(challenge=CHALLENGE, seed=seed))
    key = made.trusted(made.SUPPLIER, "Reference", "sign:first_party")
    now = datetime.now(UTC)
    listed = TrustedProfile(PROFILE, profile().version, profile().sha256, catalogue_of(profile()))
    trust = TrustStore("council", 1, now - timedelta(days=1), keys=(key,), profiles=(listed,))
    found = verify(data, trust=trust, now=now, expect=Expectations(environment="development", challenge=CHALLENGE))
    assert any("made with your challenge" in words for words in found.not_proved)


@pytest.mark.parametrize(
    ("edit", "complete", "code"),
    [
        (lambda h: h.update(modified=True), True, "evidence-of-unfit-run"),
        (lambda h: None, False, "evidence-of-unfit-run"),
        (lambda h: h["plan"]["implementation"].update(base_url="http://127.0.0.1:9"), True, "evidence-not-judged"),
        (lambda h: h["plan"]["implementation"].update(supplier="Other Ltd"), True, "evidence-not-judged"),
        (lambda h: h["plan"].update(cases=h["plan"]["cases"][1:]), True, "evidence-not-judged"),
        (lambda h: h["plan"]["options"].update(seed="00" * 32), True, "evidence-not-judged"),
        (lambda h: h["plan"].update(challenge=CHALLENGE), True, "evidence-not-judged"),
        (lambda h: h["plan"]["profile"].update(sha256="7" * 64), True, "evidence-profile-not-here"),
        (lambda h: h["run"].update(started="2026-01-01T00:00:00+00:00"), True, "evidence-contradicts-result"),
    ],
)
def test_evidence_header_edited(edit: Edit, complete: bool, code: str) -> None:
    evidence = repacked(honest(), edit, complete=complete)
    assert check(handed_in(honest().report, evidence), evidence)[1] == code


@pytest.mark.parametrize(
    "exchanges",
    [
        lambda kept: kept[1:],
        lambda kept: [*kept, Exchange(Request("GET", "/zzz"), Response(200, (), b""), sent_at=kept[0].sent_at)],
        lambda kept: [one for one in kept if one.request.fresh < 100],
    ],
)
def test_exchanges_left_out_or_added(exchanges: Any) -> None:
    evidence = repacked(honest(), exchanges=exchanges)
    assert check(handed_in(honest().report, evidence), evidence) == (3, "evidence-contradicts-result")


def test_a_chosen_seed_is_never_signed_and_never_accepted() -> None:
    chosen = run_of(planned(options=Options(seed="00" * 32)))
    data = handed_in(chosen.report, chosen.evidence_gz, lambda r: r["plan"].update(modified=False))
    assert check(data, chosen.evidence_gz) == (3, "evidence-of-unfit-run")


def test_a_selection_passed_off_as_the_whole() -> None:
    only = run_of(planned(options=Options(only=("GOV-JSON",))))
    whole = {**honest().report, "run": only.report["run"]}
    assert check(handed_in(whole, only.evidence_gz), only.evidence_gz) == (3, "evidence-of-unfit-run")


def test_a_partners_evidence_under_our_own_address() -> None:
    """Everything mended by hand, plan and digests too: what is sampled follows from the address, and is missing."""
    moved = planned(implementation=replace(reference_plan(profile()).implementation, base_url="http://127.0.0.1:9"))

    def put(header: dict[str, Any]) -> None:
        header.update(plan=json.loads(json.dumps(moved.as_json())), plan_sha256=moved.sha256)

    evidence = repacked(honest(), put)
    report = copy.deepcopy(honest().report)
    report["implementation"]["base_url"] = "http://127.0.0.1:9"
    report["plan"] |= {"sha256": moved.sha256, "seed": moved.seed}
    assert check(handed_in(report, evidence), evidence) == (3, "evidence-contradicts-result")


def test_a_challenge_that_was_met() -> None:
    implementation = reference_plan(profile()).implementation
    drawn = draw_inputs(profile(), derive_seed(profile(), implementation, CHALLENGE))
    good = run_of(planned(challenge=CHALLENGE, drawn=drawn))
    data = handed_in(good.report, good.evidence_gz)
    assert check(data, good.evidence_gz, challenge=CHALLENGE) == (0, "genuine-pass")
    assert check(data, good.evidence_gz, challenge=CHALLENGE + "x") == (6, "expected-challenge")


def other_draws(fair: dict[str, Any]) -> list[dict[str, Any]]:
    """What a supplier might rather be asked: nothing, another challenge's values, one value less, one milder."""
    seed = derive_seed(profile(), reference_plan(profile()).implementation, CHALLENGE + "x")
    fewer, milder = copy.deepcopy(fair), copy.deepcopy(fair)
    rows = next(aspects["invalid"] for aspects in fewer["operations"].values() if aspects["invalid"])
    rows.pop()
    next(aspects["invalid"] for aspects in milder["operations"].values() if aspects["invalid"])[0]["value"] = "mild"
    nothing = {"operations": {name: {"parameters": [], "invalid": []} for name in fair["operations"]}}
    return [{"operations": {}}, nothing, draw_inputs(profile(), seed), fewer, milder]


@pytest.mark.parametrize("which", range(5))
def test_a_challenge_whose_values_were_not_drawn_from_it(which: int) -> None:
    """A whole, honest run of other values: only drawing them again from the challenge tells."""
    fair = draw_inputs(profile(), derive_seed(profile(), reference_plan(profile()).implementation, CHALLENGE))
    spared = run_of(planned(challenge=CHALLENGE, drawn=other_draws(fair)[which]))
    assert spared.report["verdict"] == "conformant"
    data = handed_in(spared.report, spared.evidence_gz)
    assert check(data, spared.evidence_gz, challenge=CHALLENGE) == (3, "evidence-not-judged")


def test_values_may_not_be_added_without_a_challenge() -> None:
    fair = draw_inputs(profile(), derive_seed(profile(), reference_plan(profile()).implementation, CHALLENGE))
    padded = run_of(planned(drawn=fair))
    assert check(handed_in(padded.report, padded.evidence_gz), padded.evidence_gz) == (3, "evidence-not-judged")


def test_old_answers_under_a_new_date() -> None:
    evidence = repacked(honest(), exchanges=lambda kept: [replace(e, sent_at="2026-05-01T10:00:00.000Z") for e in kept])
    assert check(handed_in(honest().report, evidence), evidence) == (3, "evidence-of-another-time")


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (rb'"sent_at":"[^"]*"', b'"sent_at": "2024-05-01T10:00:00.000Z"'),
        (rb'"sent_at":"[^"]*"', b'"sent_at":"2024\\u002d05-01T10:00:00.000Z"'),
        (rb'"sent_at":"[^"]*"', b'"sent_at":""'),
        (rb'"sent_at":"[^"]*"', b'"sent_at" :"rubbish"'),
        (rb'"sent_at":"[^"]*"', b'"sent_at":5'),
        (rb'"sent_at":"[^"]*"', b'"sent_at":"2026-05-01"'),
    ],
)
def test_the_time_of_an_answer_is_what_a_reader_of_the_record_reads(pattern: bytes, instead: bytes) -> None:
    evidence = gzip.compress(re.sub(pattern, lambda _: instead, unpack(honest().evidence_gz)), mtime=0)
    assert check(handed_in(honest().report, evidence), evidence) == (3, "evidence-of-another-time")


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (rb'"type":"exchange"\}', b'"type":"exchange","zz":"approved by somebody"}'),
        (rb'"type":"exchange"\}', b'"type":"probe","type":"exchange"}'),
        (rb'"type":"exchange"\}', b'"type":"exchange" }'),
        (rb'"method":"GET"', b'"auth":"default","method":"GET"'),
        (rb'"type":"probe"\}', b'"type":"probe","zz":1}'),
        (rb'"type":"end"\}', b'"type":"end","zz":1}'),
        (rb"\n", b"\r\n"),
    ],
)
def test_evidence_has_one_spelling(pattern: bytes, instead: bytes) -> None:
    lines = unpack(honest().evidence_gz)
    changed = re.sub(pattern, lambda _: instead, lines)
    assert changed != lines
    with pytest.raises(EvidenceError) as caught:
        read_evidence(changed)
    assert caught.value.code == "evidence-rewritten"
    evidence = gzip.compress(changed, mtime=0)
    assert check(handed_in(honest().report, evidence), evidence) == (3, "evidence-not-judged")


def test_evidence_has_no_empty_lines() -> None:
    lines = unpack(honest().evidence_gz)
    evidence = gzip.compress(lines.replace(b"\n", b"\n\n"), mtime=0)
    assert check(handed_in(honest().report, evidence), evidence) == (3, "evidence-unreadable")


def test_another_suite_is_named_and_not_called_a_forger() -> None:
    other = handed_in(honest().report, honest().evidence_gz, lambda r: r["suite"].update(sha256="0" * 64))
    assert check(other, honest().evidence_gz) == (0, "genuine-pass"), "the same rows by another version"
    doctored = {
        **honest().report,
        "run": failing().report["run"],
        "suite": {**honest().report["suite"], "sha256": "0" * 64},
    }
    found = check(handed_in(doctored, failing().evidence_gz), failing().evidence_gz)
    assert found == (7, "judged-differently-by-another-suite")
    missing = repacked(honest(), exchanges=lambda kept: kept[1:])
    lost = handed_in(honest().report, missing, lambda r: r["suite"].update(sha256="0" * 64))
    assert check(lost, missing) == (7, "judged-differently-by-another-suite")
