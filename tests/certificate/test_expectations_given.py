"""What a reader says that they expect: nothing given may pass as if it were checked. And files too large to read."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.certificate import made
from tests.certificate.attacks import genuine
from tests.certificate.check import check, refusal
from tests.certificate.test_bad_input import Desk

TARGET = "--target=https://api.supplier.example/v1"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Desk:
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--challenge=",), "expectation-empty"),
        (("--challenge=-",), "expectation-empty"),
        (("--challenge= - ",), "expectation-empty"),
        (("--ci", "--profile=", TARGET), "expectation-empty"),
        (("--ci", "--profile=@", TARGET), "expectation-empty"),
        (("--ci", "--profile=@1.0", TARGET), "expectation-empty"),
        (("--profile=example-directory@",), "expectation-empty"),
        (("--ci", "--profile=example-directory", "--target="), "expectation-empty"),
        (("--supplier=",), "expectation-empty"),
        (("--product= ",), "expectation-empty"),
        (("--class=",), "expectation-empty"),
        (("--environment=",), "expectation-empty"),
        (("--min-version=",), "expectation-empty"),
        (("--min-version=latest",), "min-version-unusable"),
        (("--max-age=99999999999",), "max-age-unusable"),
        (("--max-age=-1",), "max-age-unusable"),
    ],
)
def test_an_expectation_that_says_nothing_is_wrong_use(desk: Desk, words: tuple[str, ...], code: str) -> None:
    for more in ((), ("--json",)):
        said = desk.verify(desk.genuine, *words, *more)
        assert (said.code, code in said.text) == (2, True), said.text
        if more:
            assert json.loads(said.text)["code"] == code


def test_an_empty_challenge_is_met_by_no_certificate() -> None:
    assert refusal(genuine(), expect={"challenge": "-"}).code == "expected-challenge"


NEW = "abcdefgh-ijklmnop-qrstuvwx-yz234567"
SPELLINGS = [
    # what the certificate names, what the reader typed, whether it is met
    (NEW, NEW, True),
    (NEW, NEW.upper(), True),
    (NEW, NEW.replace("-", " "), True),
    (NEW.upper(), NEW, False),
    (NEW.replace("-", ""), NEW, False),
    (NEW.replace("-", "--"), NEW, False),
    (NEW.replace("a", "A"), NEW.upper(), False),
    ("council-tender-42", "council-tender-42", True),
    ("council-tender-42", " council-tender-42 ", True),
    ("Council-tender-42", "council-tender-42", False),
    ("council-tender42", "council-tender-42", False),
]


@pytest.mark.parametrize(("named", "typed", "met"), SPELLINGS)
def test_a_supplier_cannot_choose_among_the_spellings_of_a_challenge(named: str, typed: str, met: bool) -> None:
    """Each spelling draws other samples: of a challenge with 32 letters there would be some thousand million."""
    data = made.issued(made.report(plan={"challenge": named}))
    if met:
        assert check(data, expect={"challenge": typed}).exit_code == 0
    else:
        error = refusal(data, expect={"challenge": typed})
        assert (error.exit_code, error.code) == (6, "expected-challenge")
        assert "another spelling of your challenge" in error.message


def test_the_challenges_made_here_have_one_spelling(capsys: pytest.CaptureFixture[str]) -> None:
    from interop_harness.cli.challenge import new
    from interop_harness.verification.expectations import _ONE_SPELLING

    new()
    assert _ONE_SPELLING.match(capsys.readouterr().out.strip())


@pytest.mark.parametrize(
    ("lowest", "met"), [("1.0.0", True), ("1", True), ("v1.0", True), ("1.0.1", False), ("2", False)]
)
def test_zeros_at_the_end_of_a_version_say_nothing(lowest: str, met: bool) -> None:
    if met:
        assert check(genuine(), expect={"min_version": lowest}).exit_code == 0
    else:
        assert refusal(genuine(), expect={"min_version": lowest}).code == "expected-min-version"


def test_json_is_printed_whatever_is_wrong(desk: Desk) -> None:
    desk.write("bad.json", b"{")
    for words, code in (
        (("verify", "missing.html", "--trust", "trust.json"), "file-unreadable"),
        (("verify", "certificate.html", "--trust", "missing.json"), "trust-store-unreadable"),
        (("verify", "certificate.html", "--trust", "bad.json"), "trust-store-unreadable"),
        (("verify", "certificate.html"), "trust-store-missing"),
        (("verify", "certificate.html", "--trust", "trust.json", "--evidence", "none.gz"), "file-unreadable"),
    ):
        said = desk.interop(*words, "--json")
        found = json.loads(said.text)
        assert (said.code, found["exit"], found["code"], found["genuine"]) == (2, 2, code, False)


@pytest.mark.parametrize(
    ("start", "as_evidence", "code"),
    [
        (b"<!doctype html>", False, "file-too-large"),
        (b"PK\x03\x04", False, "file-too-large"),
        (b"\x1f\x8b", True, "evidence-too-large"),
        (b"{}", True, "evidence-too-large"),
    ],
)
def test_a_file_too_large_is_refused_before_it_is_read(desk: Desk, start: bytes, as_evidence: bool, code: str) -> None:
    with (desk.folder / "large").open("wb") as file:
        file.write(start)
        file.truncate(1000 * 1024**2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    words = ("certificate.html", "--evidence", "large") if as_evidence else ("large",)
    said = desk.interop("verify", *words, "--trust", "trust.json")
    assert (said.code, code in said.text) == (3, True), said.text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_sentences_end_once_and_names_stand_in_quotation_marks() -> None:
    from interop_harness.errors import EvidenceError

    def judge(evidence: bytes) -> bytes:
        raise EvidenceError("evidence-draws-differ", "These are not the values that the challenge gives.")

    message = refusal(genuine(), evidence=made.EVIDENCE, judge=judge).message
    assert message.endswith("challenge gives.") and ".." not in message
    assert check(genuine()).proved[0].startswith('"Example Ltd" signed')
