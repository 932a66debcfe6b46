"""What a dishonest signer may not say: of the tests, of its machine, of when, and of whose service it was."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from interop_harness.certificate import address
from interop_harness.verification.result import KnownProfile
from tests.certificate import made
from tests.certificate.attacks import genuine
from tests.certificate.check import check, refusal

FIGURES = {
    "caught": 90,
    "total": 1100,
    "excused": 4,
    "survived": 6,
    "blamed_elsewhere": 0,
    "mandatory_caught": 50,
    "mandatory_total": 50,
    "variants": {"judged": 1000, "false_alarms": 0},
    "suite": "6" * 64,
    "profile": "1" * 64,
}


def words(changed: str = "", into: str = "") -> str:
    text = made.payload(made.issued(made.report(profile={"detection": FIGURES})))["predicate"]["profile"]["detection"]
    assert changed in text
    return str(text).replace(changed, into)


def saying(text: str) -> bytes:
    return made.resigned(genuine(), lambda p: p["profile"].update(detection=text))


@pytest.mark.parametrize(
    "text",
    [
        "Independently audited and approved by the National Cyber Security Centre; no fault was found",
        words() + " and approved by somebody",
        "Approved. " + words(),
        words("1,100", "1100"),
        words("90 of", "1,101 of"),
        words("0 of 1,000", "1,001 of 1,000"),
        words("66666", "77777"),
        words("version 1.0", "version 2.0"),
    ],
)
def test_how_good_the_tests_are_is_said_in_figures_of_this_suite_and_profile(text: str) -> None:
    error = refusal(saying(text))
    assert (error.exit_code, error.code) == (3, "detection-malformed")


def test_figures_are_compared_with_those_kept_here() -> None:
    def found(figures: Any) -> Any:
        return lambda *name: KnownProfile("1" * 64, made.known().requirements_sha256, figures)

    kept = found(FIGURES)
    assert not any("how good" in text for text in check(saying(words()), profiles=kept).not_proved)
    assert not any("how good" in text for text in check(genuine(), profiles=kept).not_proved)
    for none in (found(None), found({**FIGURES, "suite": "7" * 64}), found("spoilt")):
        assert any("how good the tests are" in text for text in check(saying(words()), profiles=none).not_proved)
    error = refusal(saying(words("90 of", "1,096 of")), profiles=kept)
    assert (error.exit_code, error.code) == (7, "detection-contradicted")


def test_the_installed_profile_brings_its_figures() -> None:
    from interop_harness.cli.known_profiles import _locked, known_profile
    from interop_harness.detection import figures

    for name, entry in _locked().items():
        found = known_profile(*name.split("@"), entry["sha256"])
        assert found is not None and (found.figures is None or figures(found.figures))


@pytest.mark.parametrize("python", ["3.13 (audited build)", "3", "three", "3.11.7 ", "3.11.7\u00a0"])
def test_a_version_of_python_is_a_version(python: str) -> None:
    error = refusal(made.resigned(genuine(), lambda p: p["harness"].update(python=python)))
    assert error.exit_code == 3 and error.code in {"harness-malformed", "payload-hidden-text"}


@pytest.mark.parametrize("python", ["", "3.11.7", "3.14.0rc1", "3.15.0a2+"])
def test_versions_that_python_gives_itself_are_accepted(python: str) -> None:
    assert check(made.resigned(genuine(), lambda p: p["harness"].update(python=python))).exit_code == 0


def test_tests_do_not_end_before_they_begin() -> None:
    error = refusal(made.resigned(genuine(), lambda p: p["run"].update(startedAt="2026-11-21T10:00:04Z")))
    assert (error.exit_code, error.code) == (3, "dates-inconsistent")


OWN = (
    "https://127.0.0.1:8443",
    "http://0.0.0.0",
    "https://2130706433",
    "http://127.1",
    "http://0x7f.1",
    "http://017700000001",
    "https://[::ffff:127.0.0.1]",
    "https://[::1]",
    "https://[::]",
    "https://[::127.0.0.1]",
    "https://api.localhost",
)


@pytest.mark.parametrize("url", OWN)
def test_the_testers_own_machine_is_no_service_in_any_spelling(url: str) -> None:
    def at(environment: str) -> bytes:
        report = made.report(implementation={"base_url": url, "environment": environment})
        return made.issued(report)

    error = refusal(at("production"))
    assert (error.exit_code, error.code) == (3, "target-malformed")
    assert check(at("development"), expect={"environment": "development"}).exit_code == 0


def at_address(*addresses: str, environment: str = "production") -> bytes:
    endpoint = {**made.report()["run"]["endpoint"], "addresses": list(addresses)}
    return made.issued(made.report(run={"endpoint": endpoint}, implementation={"environment": environment}))


@pytest.mark.parametrize("found", ["127.0.0.1", "127.0.1.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"])
def test_a_name_that_led_to_the_testers_own_machine_is_said(found: str) -> None:
    """Whoever tests may write any name into its own list of hosts."""
    (said,) = check(at_address("192.0.2.17", found)).warnings
    assert f"api.supplier.example was the tester's own machine ({found})" in said
    allowed = check(at_address(found, environment="development"), expect={"environment": "development"})
    assert not allowed.warnings
    assert not check(at_address("192.0.2.17", "fe80::1%eth0", "::ffff:10.0.0.1", "10.0.0.1")).warnings


@pytest.mark.parametrize("host", ["api.example.org", "128.0.0.1", "10.0.0.1", "2001:db8::1", "127.example"])
def test_other_machines_are_others(host: str) -> None:
    assert not address.is_own(host)


@pytest.mark.parametrize("read", [made.report(), made.failing()], ids=["pass", "fail"])
def test_a_seed_that_was_chosen_is_refused_without_the_evidence_too(read: dict[str, Any]) -> None:
    from interop_harness.plan import SEED_LABEL

    fair = hashlib.sha256(f"{SEED_LABEL}\n{'1' * 64}\nhttps://api.supplier.example/v1".encode()).hexdigest()
    assert read["plan"]["seed"] == fair
    check(made.issued(read))
    for seed in ("0" * 64, made.seed("a challenge", "", ""), made.seed(None, "1" * 64, "https://partner.example")):
        error = refusal(made.issued({**read, "plan": {**read["plan"], "seed": seed}}))
        assert (error.exit_code, error.code) == (3, "seed-does-not-follow")


def test_the_seed_of_a_host_with_a_final_dot_follows() -> None:
    """A run keeps the dot that a target's address has; the certificate's one spelling has none."""
    from interop_harness.implementation import check_base_url

    dotted = check_base_url("https://api.supplier.example./v1")
    assert dotted == "https://api.supplier.example./v1"
    read = made.report(implementation={"base_url": dotted})
    assert made.payload(made.issued(read))["predicate"]["target"]["url"] == "https://api.supplier.example/v1"
    assert check(made.issued(read)).exit_code == 0
