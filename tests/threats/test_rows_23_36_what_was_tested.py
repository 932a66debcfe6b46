"""Rows 23 to 36: for what it is, whether the results are whole, and what the evidence says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from interop_harness.certificate import grammar
from interop_harness.certificate.statement import refuse_unfit
from interop_harness.cli import verify_text
from interop_harness.errors import EvidenceError, ProfileError, SigningError, VerificationError
from interop_harness.execution.run import Outcome
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, data_of, failed, genuine
from tests.certificate.check import assert_refused, check, refusal


def of_row(number: int) -> Any:
    return pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == number])


def judged(report: dict[str, Any]) -> Any:
    return lambda evidence: made.encoded(report)


@of_row(23)
def test_row_23_replayed_for_another_profile_version(name: str) -> None:
    assert_refused(name)


@of_row(24)
def test_row_24_replayed_for_something_else(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize(
    "spelling",
    [
        "https://API.Supplier.Example/v1",
        "https://api.supplier.example:443/v1/",
        "https://api.supplier.example./v1",
        "HTTPS://api.supplier.example/v1/x/..",
    ],
)
def test_row_24_other_spellings_of_the_same_target_are_the_same(spelling: str) -> None:
    assert check(genuine(), expect={"target": spelling}).exit_code == 0


@pytest.mark.parametrize("spelling", ["https://me@api.supplier.example/v1", "ftp://api.supplier.example", "x"])
def test_row_24_user_information_is_refused(spelling: str) -> None:
    error = refusal(genuine(), expect={"target": spelling})
    assert (error.exit_code, error.code) == (2, "expectation-unusable")


@of_row(25)
def test_row_25_challenge_not_met_or_written_in(name: str) -> None:
    assert_refused(name)


def test_row_25_the_tenders_challenge_and_another() -> None:
    data = made.issued(made.report(plan={"challenge": "council-tender-42"}))
    assert check(data, expect={"challenge": "council-tender-42"}).exit_code == 0
    assert refusal(data, expect={"challenge": "council-tender-43"}).exit_code == 6


def test_row_26_addresses_and_key_of_the_service_are_signed_and_said() -> None:
    """A name that was made to point at a partner's machine for an hour leaves that machine's address and key behind."""
    predicate = check(genuine()).predicate
    assert predicate["target"]["addresses"] == ["192.0.2.17"]
    assert predicate["target"]["tls"]["spkiSha256"] == "b" * 64
    assert b"<dt>Network addresses seen</dt><dd>192.0.2.17</dd>" in genuine()
    assert b"b" * 64 in genuine()
    for change in ({"addresses": ["198.51.100.1"]}, {"tls": None}):
        lied = made.resigned(genuine(), lambda p, change=change: p["target"].update(change))
        error = refusal(lied, evidence=made.EVIDENCE, judge=judged(made.report()))
        assert error.code == "evidence-contradicts-result" and "target" in error.message


def test_row_26_they_come_from_the_evidence() -> None:
    from interop_harness.evidence import Probe
    from interop_harness.report import endpoint

    plan = _plan()
    host = {"host": "127.0.0.1", "addresses": ["127.0.0.1"]}
    probes = [Probe("dns", True, "", facts=host), Probe("tls", True, "", facts={"spki_sha256": "c" * 64, "sha256": 7})]
    found = endpoint(plan, probes)
    assert found["addresses"] == ["127.0.0.1"] and found["spki_sha256"] == "c" * 64
    assert found["certificate_sha256"] is None, "a fact of another type is no fact"
    proxied = endpoint(plan, [Probe("dns", True, "", facts={"host": "proxy.example", "addresses": ["192.0.2.9"]})])
    assert proxied["addresses"] == [], "a proxy's address is not the service's"


def _plan() -> Any:
    from interop_harness.assurance.selftest import reference_plan
    from interop_harness.profile import load

    return reference_plan(load("open-referral-uk"))


def test_row_26_challenge_relayed_to_a_partners_endpoint() -> None:
    """Run against a partner's good service with the right challenge: the address gives it away."""
    relayed = made.report(
        plan={"challenge": "council-tender-42"}, implementation={"base_url": "https://api.partner.example"}
    )
    expect = {"challenge": "council-tender-42", "target": "https://api.supplier.example/v1"}
    assert refusal(made.issued(relayed), expect=expect).code == "expected-target"


@of_row(27)
def test_row_27_profile_weakened(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize(
    ("roles", "patterns", "exit_code"),
    [
        (("publish-trust", "publish-profile"), ("*",), 0),
        (("publish-trust",), ("*",), 7),
        (("publish-trust", "publish-profile"), ("open-*",), 4),
        (("publish-profile",), ("*",), 4),
    ],
)
def test_row_27_profiles_count_only_when_their_publisher_may_publish_them(
    roles: tuple[str, ...], patterns: tuple[str, ...], exit_code: int
) -> None:
    """A weakened copy in somebody's list is known to nobody: listing is a power of its own."""
    from interop_harness.trust import read_signed
    from tests.threats.test_rows_48_57_around import published, publishers

    trust = read_signed(published(1), publishers(*roles, profiles=patterns))
    try:
        found = check(genuine(), trust=trust)
    except VerificationError as error:
        assert (error.exit_code, bool(trust.notes)) == (exit_code, True)
    else:
        assert (found.exit_code, trust.notes) == (exit_code, ())


@of_row(28)
def test_row_28_requirement_left_out_or_weakened(name: str) -> None:
    assert_refused(name)


def test_row_28_a_pass_cannot_be_told_by_who_does_not_know_the_requirements() -> None:
    """A store that names the profile's digest alone: a careful signer could leave out what failed."""
    from interop_harness.trust import TrustedProfile

    trust = made.store(profiles=(TrustedProfile("example-directory", "1.0", "1" * 64, None),))
    for data in (genuine(), data_of("row-left-out")):
        error = refusal(data, trust=trust)
        assert (error.exit_code, error.code) == (7, "requirements-unknown")
    told = check(failed(), trust=trust)
    assert told.exit_code == 1 and any("Not checked here" in note for note in told.notes)
    assert check(genuine(), trust=trust, evidence=made.EVIDENCE, judge=judged(made.report())).exit_code == 0
    error = refusal(data_of("row-left-out-clumsily"), trust=trust)
    assert (error.exit_code, error.code) == (3, "results-incomplete"), "against the certificate's own count"


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p["profile"]["layers"].append({**p["profile"]["layers"][0], "verdict": "not-conformant"}),
        lambda p: p["profile"]["layers"].append({**p["profile"]["layers"][0], "id": "example-directory"}),
        lambda p: p["results"][-1].update(layer="somebody-else"),
    ],
)
def test_row_28_layers_hide_nothing_even_from_a_reader_who_knows_no_rows(change: Any) -> None:
    from interop_harness.trust import TrustedProfile
    from tests.certificate.attacks import _consistent

    trust = made.store(profiles=(TrustedProfile("example-directory", "1.0", "1" * 64, None),))
    assert refusal(made.resigned(genuine(), _consistent(change)), trust=trust).code == "layers-inconsistent"


def test_row_32_evidence_that_breaks_the_judge_is_refused_in_words() -> None:
    def judge(evidence: bytes) -> bytes:
        raise KeyError("plan")

    assert refusal(genuine(), evidence=made.EVIDENCE, judge=judge).code == "evidence-not-judged"


@of_row(29)
def test_row_29_rows_repeated(name: str) -> None:
    assert_refused(name)


@of_row(30)
def test_row_30_modified_or_selected_run_on_a_certificate(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"plan": {"modified": True}}, "run-modified"),
        ({"plan": {"selection": ["EX-PAGE-01"]}}, "run-selected"),
        ({"run": {"complete": False}}, "run-incomplete"),
        ({"verdict": "inconclusive"}, "run-not-conclusive"),
        ({"verdict": "error"}, "run-not-conclusive"),
        ({"format": "interop-report/2"}, "report-format-unknown"),
    ],
)
def test_row_30_unfit_runs_are_not_signed(change: dict[str, Any], code: str) -> None:
    with pytest.raises(SigningError) as caught:
        refuse_unfit(made.report(**change))
    assert (caught.value.code, caught.value.exit_code) == (code, 2)


def test_row_31_doctored_result_with_honest_evidence() -> None:
    """A patched harness cannot be prevented: the label says so, and the council's own copy disagrees."""
    error = refusal(genuine(), evidence=made.EVIDENCE, judge=judged(made.failing()))
    assert (error.exit_code, error.code) == (3, "evidence-contradicts-result")
    assert "EX-PAGE-01" in error.message
    assert b"Nobody independent has checked the result" in genuine()


def test_row_31_another_suite_version_is_no_forgery() -> None:
    newer = made.failing() | {"suite": {"name": "interop-harness", "version": "0.2.0", "sha256": "a" * 64}}
    error = refusal(genuine(), evidence=made.EVIDENCE, judge=judged(newer))
    assert (error.exit_code, error.code) == (7, "judged-differently-by-another-suite")
    assert "0.1.0" in error.message and "0.2.0" in error.message and "EX-PAGE-01" in error.message
    same = made.report(suite={"version": "0.2.0", "sha256": "a" * 64})
    assert check(genuine(), evidence=made.EVIDENCE, judge=judged(same)).exit_code == 0


def test_row_31_another_measurement_of_the_suite_is_no_forgery() -> None:
    plain = made.report()
    figures = {
        "caught": 90,
        "total": 100,
        "excused": 4,
        "survived": 9,
        "blamed_elsewhere": 1,
        "mandatory_caught": 50,
        "mandatory_total": 50,
        "variants": {"judged": 1000, "false_alarms": 0},
        "suite": plain["suite"]["sha256"],
        "profile": plain["profile"]["sha256"],
    }
    measured = made.report(profile={"detection": figures})
    data = made.issued(measured)
    words = (
        "This suite catches 90 of 100 known faults of this profile (4 excused), "
        f"0 of 1,000 conforming variants wrongly failed; figures of suite digest {plain['suite']['sha256'][:12]}, "
        f"profile version {plain['profile']['version']}"
    )
    assert words.encode() in data
    assert check(data, evidence=made.EVIDENCE, judge=judged(made.report())).exit_code == 0
    assert check(genuine(), evidence=made.EVIDENCE, judge=judged(measured)).exit_code == 0
    for other in ({**figures, "suite": "0" * 64}, {**figures, "profile": "0" * 64}, {"caught": 90, "total": 100}, "90"):
        stale = made.issued(made.report(profile={"detection": other}))
        assert b"known faults" not in stale and check(stale).exit_code == check(genuine()).exit_code


def test_row_31_judged_again_is_said() -> None:
    result = check(failed(), evidence=made.EVIDENCE, judge=judged(made.failing()))
    assert result.exit_code == 1
    assert "judged again here" in result.proved[1]
    said = [line for line in verify_text.describe(result).splitlines() if "roved:" in line]
    assert len(said) == 1 and said[0].startswith("Proved: ") and " Not proved: " in said[0], "in one line"
    assert all("not given" not in line for line in result.not_proved)
    assert any("not given" in line for line in check(failed()).not_proved)


@of_row(32)
def test_row_32_a_seed_that_was_chosen(name: str) -> None:
    assert_refused(name)


def test_row_32_fabricated_evidence() -> None:
    """Evidence whose requests do not follow from the seed is not what its plan implies."""

    def judge(evidence: bytes) -> bytes:
        raise EvidenceError("evidence-plan-differs", "the ids asked for do not follow from the seed")

    error = refusal(genuine(), evidence=made.EVIDENCE, judge=judge)
    assert (error.exit_code, error.code) == (3, "evidence-not-judged")


def test_row_32_evidence_for_a_profile_that_is_not_here_cannot_be_told() -> None:
    def judge(evidence: bytes) -> bytes:
        raise ProfileError("profile-unknown", "There is no profile 'example-directory'.")

    error = refusal(genuine(), evidence=made.EVIDENCE, judge=judge)
    assert (error.exit_code, error.code) == (7, "evidence-profile-not-here")


def test_row_32_evidence_made_without_the_challenge() -> None:
    challenged = made.report(plan={"challenge": "council-tender-42"})
    data = made.issued(challenged)
    assert "drawn from the challenge" in check(data, evidence=made.EVIDENCE, judge=judged(challenged)).proved[-1]
    error = refusal(data, evidence=made.EVIDENCE, judge=judged(made.report()))
    assert error.code == "evidence-contradicts-result"
    assert "challenge" in error.message


def test_row_32_dates_of_the_run_come_from_the_evidence() -> None:
    """A signer that makes old tests look fresh is contradicted by its own evidence."""
    younger = made.resigned(genuine(), lambda p: p["run"].update(finishedAt="2026-11-21T10:29:00Z"))
    assert check(younger).exit_code == 0
    error = refusal(younger, evidence=made.EVIDENCE, judge=judged(made.report()))
    assert error.code == "evidence-contradicts-result" and "run" in error.message
    larger = made.resigned(genuine(), lambda p: p["evidence"].update(records=9999))
    assert refusal(larger, evidence=made.EVIDENCE).code == "evidence-size-misstated"


@cache
def probed(fault: str) -> Outcome:
    """A run of the rows about other clients, over the reference supplier with one of its defeat devices."""
    from interop_harness.assurance.selftest import CLOCK, reference_plan, run_in_process
    from interop_harness.plan import Options
    from interop_harness.profile import load
    from interop_harness.sandbox import handler

    plan = reference_plan(load("open-referral-uk"), options=Options(only=("GOV-CLIENT",)))
    return run_in_process(plan, handler("open-referral-uk", [fault] if fault else [], now=CLOCK))


DEVICES = ("behaves-for-user-agent", "behaves-for-header-order", "behaves-for-missing-header")


@pytest.mark.parametrize("fault", DEVICES)
def test_row_33_service_keyed_on_its_examiner_is_flagged(fault: str) -> None:
    """Everything else of such a run passes: it is the sample repeated as another client that gives it away."""
    run = probed(fault)
    assert run.report["run"]["disguised_probe"] == "fail"
    findings = [finding for row in run.report["requirements"] for finding in row["findings"]]
    assert findings and all("asked as" in finding["observed"] for finding in findings)
    assert probed("").report["run"]["disguised_probe"] == "pass"


@pytest.mark.parametrize("fault", DEVICES)
def test_row_33_what_the_probe_found_is_in_the_evidence_and_cannot_be_talked_away(fault: str) -> None:
    """Judged again from the record alone; a report edited to say otherwise is contradicted by it."""
    from interop_harness.execution.run import replay
    from interop_harness.profile import load

    again = replay(probed(fault).evidence_gz, load)
    assert again.report_bytes == probed(fault).report_bytes


def test_row_33_repetitions_taken_out_of_the_evidence_are_missed() -> None:
    from interop_harness.evidence import read_evidence, write_evidence
    from interop_harness.evidence.lines import encode
    from interop_harness.execution.run import replay
    from interop_harness.profile import load

    evidence = read_evidence(probed("behaves-for-user-agent").evidence_gz)
    kept = [one for one in evidence.exchanges.values() if one.request.fresh < 100]
    assert len(kept) < len(evidence.exchanges)
    header = {name: value for name, value in evidence.header.items() if name not in {"type", "format"}}
    packed, _ = write_evidence(encode(header, evidence.probes, kept, complete=True))
    report = replay(packed, load).report
    rows = {row["id"]: row["verdict"] for row in report["requirements"] if row["id"].startswith("GOV-CLIENT")}
    assert set(rows.values()) == {"error"} and report["run"]["disguised_probe"] == "inconclusive"


def test_row_33_a_run_that_is_right_for_its_examiner_alone_is_not_conformant() -> None:
    from interop_harness.requirement import Outcome as Word
    from interop_harness.suite import clients
    from interop_harness.suite.judgement import CaseResult

    case = next(result.case for result in probed("").results if result.case.family == "clients.alike")
    said = {word: clients.doubt([CaseResult(case, word)]) for word in Word}
    assert "prove little" in said[Word.FAIL] and "could not be told" in said[Word.INCONCLUSIVE]
    assert not said[Word.PASS] and not said[Word.NOT_APPLICABLE]


@pytest.mark.parametrize("probe", ["fail", "inconclusive"])
def test_row_33_no_certificate_passes_with_a_probe_that_did_not(probe: str) -> None:
    with pytest.raises(SigningError) as caught:
        made.issued(made.report(run={"disguised_probe": probe}))
    assert caught.value.code == "report-inconsistent"
    lied = made.resigned(genuine(), lambda p: p["clientIdentity"].update(disguisedProbe=probe))
    assert refusal(lied).code == "verdict-does-not-follow"
    failed_too = made.issued(made.failing() | {"run": {**made.failing()["run"], "disguised_probe": probe}})
    assert check(failed_too).code == "genuine-fail"
    assert any("ordinary clients" in note for note in check(failed_too).notes)


def test_row_33_the_page_says_what_the_probe_found() -> None:
    assert b"The service answered an ordinary client as it answered the tests." in genuine()
    silent = made.issued(made.report(run={"disguised_probe": "not-run"}))
    assert b"Not checked in this run." in silent
    assert any("was not checked" in note for note in check(silent).notes)


def test_row_34_what_a_self_run_cannot_show_is_said() -> None:
    """By address, by time, by the data asked for: no probe of ours sees those. The council's own run does."""
    assert b"may behave differently for other clients, data or networks" in genuine()
    not_proved = " ".join(check(genuine()).not_proved)
    assert "that the answers recorded are those of the service named" in not_proved


def test_row_34_keyed_on_the_test_data_a_challenge_changes_what_is_asked() -> None:
    """A device keyed on known inputs meets others: a challenge decides the draws, and nobody can foresee them."""
    from interop_harness.assurance.selftest import reference_plan
    from interop_harness.generation.draws import draw_inputs
    from interop_harness.plan import derive_seed
    from interop_harness.profile import load

    profile = load("open-referral-uk")
    implementation = reference_plan(profile).implementation
    challenges = ("", "council-tender-42-0123456789", "council-tender-43-0123456789")
    seeds = {derive_seed(profile, implementation, challenge) for challenge in challenges}
    assert len(seeds) == 3
    drawn = [draw_inputs(profile, derive_seed(profile, implementation, challenge)) for challenge in challenges[1:]]
    assert drawn[0] != drawn[1]


@of_row(35)
def test_row_35_sandbox_for_production(name: str) -> None:
    assert_refused(name)


def test_row_35_environment_stands_in_title_and_verdict() -> None:
    implementation = {"environment": "development", "base_url": "http://127.0.0.1:8080"}
    page = made.issued(made.report(implementation=implementation)).decode("ascii")
    assert ", development environment; classes claimed: Basic (basic); not claimed: Extended (extended)</title>" in page
    assert "as tested in <strong>a development environment, not the live service</strong>" in page
    assert check(page.encode(), expect={"environment": "development"}).exit_code == 0


@of_row(36)
def test_row_36_evidence_swapped(name: str) -> None:
    assert_refused(name)


def test_row_36_evidence_not_supplied_is_said() -> None:
    assert "not given or not judged" in check(genuine()).not_proved[-1]


def test_row_36_signing_refuses_other_evidence() -> None:
    from interop_harness import certificate
    from interop_harness.signing import KeySigner

    with pytest.raises(SigningError) as caught:
        certificate.issue(
            made.encoded(made.report()), b"{}\n", KeySigner(made.SUPPLIER), now=made.NOW, issuer="Example Ltd"
        )
    assert caught.value.code == "evidence-does-not-match"


def test_row_36_edited_run_directory_is_not_signed(tmp_path: Path) -> None:
    from interop_harness.cli.sign import sign_directory
    from interop_harness.signing import KeySigner

    (tmp_path / "report.json").write_bytes(made.encoded(made.report()))
    (tmp_path / "evidence.jsonl.gz").write_bytes(made.EVIDENCE)
    opened: list[str] = []

    def refuse(directory: Path) -> None:
        raise SigningError("replay-differs", "no")

    def signer() -> KeySigner:
        opened.append("key")
        return KeySigner(made.SUPPLIER)

    with pytest.raises(SigningError, match="no"):
        sign_directory(tmp_path, signer, now=made.NOW, replay=refuse)
    assert not opened, "the key is opened only after the evidence was judged again"

    def edit(directory: Path) -> None:
        (directory / "report.json").write_bytes(made.encoded(made.failing()))

    with pytest.raises(SigningError) as caught:
        sign_directory(tmp_path, signer, now=made.NOW, replay=edit)
    assert caught.value.code == "run-directory-changed"
    assert not opened


def test_row_36_core_and_block_are_the_whole_file() -> None:
    file = grammar.split(genuine())
    assert grammar.assemble(file.core, file.block) == genuine()
    assert json.loads(file.block)["mediaType"].startswith("application/vnd.dev.sigstore.bundle.v0.3")


def test_row_30_surroundings_cannot_deselect_or_rewrite(tmp_path: Path) -> None:
    """A real run in a folder whose pytest settings, conftest and environment try to skip and to pass everything."""
    import os
    import subprocess
    import sys

    from interop_harness.sandbox import handler
    from interop_harness.sandbox.server import serving

    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -k nothing --maxfail=1\n")
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items): items.clear()\n"
        "@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n"
        "    outcome.get_result().outcome = 'passed'\n"
    )
    (tmp_path / "evilplugin.py").write_text((tmp_path / "conftest.py").read_text())
    hostile = {
        "PYTEST_ADDOPTS": "-k nothing -p evilplugin",
        "PYTEST_PLUGINS": "evilplugin",
        "PYTHONPATH": str(tmp_path),
    }
    counts = []
    with serving(handler("open-referral-uk", ["page-size-is-per-page"])) as url:
        for name, extra in (("plain", {}), ("hostile", hostile)):
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "interop_harness",
                    "run",
                    "open-referral-uk",
                    "--target",
                    url,
                    "--out",
                    name,
                    "-q",
                ],
                cwd=tmp_path,
                env={**os.environ, **extra},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=180,
                check=False,
            )
            assert done.returncode == 1, (name, done.stderr[-600:])
            report = json.loads((tmp_path / name / "report.json").read_text())
            assert report["run"]["complete"] and not report["plan"]["modified"]
            counts.append((report["plan"]["cases"], report["summary"]))
    assert counts[0] == counts[1]
