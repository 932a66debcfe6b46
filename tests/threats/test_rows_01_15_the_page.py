"""Rows 1 to 15 of the threat table: the page and the file. Each attack is carried out on a real certificate."""

from __future__ import annotations

import re

import pytest

from interop_harness.certificate import grammar
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, failed, genuine
from tests.certificate.check import assert_refused, check, refusal

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "</title></style></main><style>*{display:none}</style>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "-----BEGIN CONFORMANCE SIGNATURE V1-----",
    "\n-----END CONFORMANCE SIGNATURE V1-----\n",
    "&lt;script&gt;&#x202e;",
)


def test_row_01_verdict_edited() -> None:
    for name in ("verdict-edited", "verdict-word-edited"):
        assert_refused(name)


@pytest.mark.parametrize("name", ["target-edited", "date-edited"])
def test_row_02_target_or_date_edited(name: str) -> None:
    assert_refused(name)


def test_row_03_payload_edited() -> None:
    assert_refused("payload-edited")


def test_row_04_block_transplanted() -> None:
    assert_refused("block-of-another")


@pytest.mark.parametrize("name", ["style-added", "overlay-added", "comment-added"])
def test_row_05_overlay_or_hidden_text(name: str) -> None:
    assert_refused(name)


def test_row_05_style_is_pinned_by_the_policy() -> None:
    page = grammar.split(genuine()).core.decode("ascii")
    import base64
    import hashlib

    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page


def test_row_06_signer_lies_on_the_page() -> None:
    assert_refused("signer-lies-on-page")


def test_row_06_unknown_renderer_is_never_called_valid() -> None:
    assert_refused("renderer-unknown")


@pytest.mark.parametrize("name", ["script-added", "handler-added"])
def test_row_07_script_added(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("text", HOSTILE)
def test_row_07_supplier_text_is_escaped_and_stays_verifiable(text: str) -> None:
    read = made.failing()
    read["implementation"] |= {"supplier": text, "product": text, "version": text}
    for row in read["requirements"]:
        for finding in row["findings"]:
            finding |= {"expected": text, "observed": text, "pointer": text}
    data = made.issued(read)
    page = grammar.split(data).core.decode("ascii").lower()
    assert "<script" not in page and "<img" not in page and "onerror=alert(1)>" not in page
    assert page.count("<meta") == 4 and page.count("<style") == 1 and "href" not in page and "<a " not in page
    assert check(data).code == "genuine-fail"


@pytest.mark.parametrize("name", ["csp-removed", "title-edited"])
def test_row_08_head_weakened(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 9])
def test_row_09_second_block(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 10])
def test_row_10_block_moved_or_added_to(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 11])
def test_row_11_encodings(name: str) -> None:
    assert_refused(name)


def test_row_12_uniform_line_endings_are_accepted_and_said() -> None:
    result = check(genuine().replace(b"\n", b"\r\n"))
    assert result.exit_code == 0
    assert "line endings were changed" in result.notes[0]


def test_row_12_mixed_line_endings_are_refused() -> None:
    assert_refused("crlf-mixed")


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == 13])
def test_row_13_hidden_characters_refused(name: str) -> None:
    assert_refused(name)


def test_row_13_hidden_characters_shown_when_signed() -> None:
    hidden = "Exam\u202eple\u200b L\U000e0041td \u2066x"
    read = made.report(implementation={"supplier": hidden})
    data = made.issued(read)
    result = check(data)
    assert result.predicate["implementation"]["supplier"] == "Exam[U+202E]ple[U+200B] L[U+E0041]td [U+2066]x"
    assert b"&#8238;" not in data and b"&#x202e" not in data.lower()
    assert b"<bdi>Exam[U+202E]ple" in data


def test_row_14_lookalike_host_is_shown_in_both_spellings() -> None:
    read = made.report(implementation={"base_url": "https://supplіer.example/v1"})  # noqa: RUF001 - the attack
    result = check(made.issued(read))
    assert result.predicate["target"]["hostAscii"].startswith("xn--suppler-")
    assert any("reads suppl" in note for note in result.notes)
    assert b"the name reads <bdi>suppl&#1110;er.example" in made.issued(read)


def test_row_14_mixed_scripts_are_noted_and_hosts_compared_in_ascii() -> None:
    lookalike = "Exаmple Ltd"  # noqa: RUF001 - a Cyrillic letter
    data = made.issued(made.report(implementation={"supplier": lookalike}), issuer=lookalike)
    result = check(data)
    assert any("mixes Latin and Cyrillic" in note for note in result.notes)
    assert any('in your trust store, that of "Example Ltd"' in note for note in result.notes)
    error = refusal(data, expect={"target": "https://аpi.supplier.example/v1"})  # noqa: RUF001
    assert error.code == "expected-target"


@pytest.mark.parametrize("name", ["host-reading-hidden", "host-reading-false"])
def test_row_14_lookalike_host_lied_about(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("name", ["cut-in-page", "cut-in-block", "cut-last-byte", "empty-file"])
def test_row_15_truncation(name: str) -> None:
    assert_refused(name)


def test_row_15_no_prefix_is_accepted() -> None:
    data = failed()
    for length in range(len(data)):
        error = refusal(data[:length])
        assert error.exit_code == 3, length
