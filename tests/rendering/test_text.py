"""Hostile text is shown, never obeyed."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from interop_harness.rendering.text import code_span, encodable, markdown, one_line, visible, xml_text
from tests.rendering import made

POINTS = [*range(0x32000), *range(0x32000, sys.maxunicode + 1, 509), sys.maxunicode]
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def test_every_code_point_is_shown_or_numbered_and_never_both() -> None:
    for point in POINTS:
        assert visible(chr(point)) in {chr(point), f"[U+{point:04X}]"}


def test_the_list_is_the_certificates() -> None:
    text = pytest.importorskip("interop_harness.certificate.text")
    everything = "a".join(map(chr, POINTS))
    assert visible(everything) == text.visible(everything)
    assert visible(made.HOSTILE) == text.visible(made.HOSTILE)


def test_ordinary_text_of_these_islands_stays() -> None:
    text = "Cylch Meithrin Tŷ Bach – “£5” café naïve Ŵ Àrd 10:30am 日本"  # noqa: RUF001
    assert visible(text) == text


def test_piled_marks_are_shown() -> None:
    assert visible("e" + "\u0301" * 4) == "e\u0301\u0301[U+0301][U+0301]"


@pytest.mark.parametrize("mark", "\u0615\u0591\u0951\ua66f\u0730\u0e4e\u302a\u3099\U0001d1aa")
def test_piled_marks_of_any_script_are_shown(mark: str) -> None:
    text = pytest.importorskip("interop_harness.certificate.text")
    number = f"[U+{ord(mark):04X}]"
    assert visible("e" + mark * 60) == text.visible("e" + mark * 60) == "e" + mark * 4 + number * 56
    mixed = "e" + "\u0301\u0301\u0301" + mark * 9
    assert visible(mixed) == text.visible(mixed) and visible(mixed).count("[") >= 8


@pytest.mark.parametrize(
    "word",
    [
        "\u05e9\u05c1\u05bc\u05b8\u0591",  # Hebrew: shin with its dot, dagesh, a vowel and an accent
        "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f",  # Arabic: shadda with its vowel
        "\u0e17\u0e35\u0e48 \u0e19\u0e49\u0e33",  # Thai: vowel with tone
        "\u0939\u093f\u0928\u094d\u0926\u0940\u0902 \u095c\u0902",  # Devanagari
        "\u101b\u103d\u103e\u1036\u1037 \u1014\u103e\u102d\u102f\u1037",  # Burmese: four marks on one letter
        "\u0f66\u0f92\u0fb2\u0f74\u0f56",  # Tibetan: a stack
        "vi\u1ec7t e\u0323\u0302",  # Vietnamese
    ],
)
def test_marks_that_a_script_needs_stay(word: str) -> None:
    text = pytest.importorskip("interop_harness.certificate.text")
    assert visible(word) == text.sanitise(word) == word
    assert text.is_safe(word)


def test_the_marks_are_the_certificates() -> None:
    ours, theirs = (pytest.importorskip(f"interop_harness.{name}.marks") for name in ("rendering", "certificate"))
    assert (ours.MARKS, ours.MOST) == (theirs.MARKS, theirs.MOST)


def test_every_mark_that_this_python_knows_is_on_the_list() -> None:
    from interop_harness.rendering.marks import MARKS

    listed = re.compile(f"[{MARKS}]")
    kinds = {point: unicodedata.category(chr(point)) for point in range(0xE0000)}
    on = {point for point in kinds if listed.match(chr(point))}
    assert {kinds[point] for point in on} <= {"Mn", "Me", "Mc", "Cn"}, "never a letter"
    # Which newer versions call spacing marks: they stand beside their letter.
    assert {point for point, kind in kinds.items() if kind in {"Mn", "Me"}} - on <= {0x1171E}


def test_visible_text_stays_as_it_is() -> None:
    assert visible(visible(made.HOSTILE)) == visible(made.HOSTILE)


def test_one_line_is_one_bounded_line() -> None:
    assert one_line("a\r\n\tb   c") == "a b c"
    assert one_line("x" * 1000, 50) == "x" * 50 + "… (1,000 characters in all)"
    assert not CONTROLS.search(one_line(made.HOSTILE))
    assert len(one_line("\u202e" * 5000, 100)) < 150
    assert one_line("\u202e" * 5000, 100).count("[") == one_line("\u202e" * 5000, 100).count("]")
    assert one_line(" " * 9000) == "… (9,000 characters in all)"


def test_xml_text_keeps_lines_and_nothing_else_that_xml_forbids() -> None:
    assert xml_text("a\n\tb\x0b\x00\ufffe") == "a\n\tb[U+000B][U+0000][U+FFFE]"
    assert xml_text("a\r\nb") == "a[U+000D]\nb"


@pytest.mark.parametrize("text", ["plain", "`", "``x``", "` x", "a`b``c```", made.HOSTILE])
def test_a_code_span_cannot_be_left(text: str) -> None:
    span = code_span(text, 2000)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inner)
    assert "\n" not in span


def test_prose_that_a_linker_would_take_becomes_code() -> None:
    assert markdown("Page *size*") == r"Page \*size\*"
    assert markdown("ask a@b.example") == "`ask a@b.example`"
    assert markdown("https://evil.example") == "`https://evil.example`"


def test_a_stream_that_knows_only_ascii_still_gets_the_text() -> None:
    assert encodable("5,000… – ŷ", "ascii") == "5,000... - \\u0177"  # noqa: RUF001
    assert encodable("ŷ", None) == "ŷ"
    assert encodable("ŷ", "no-such-encoding") == "\\u0177"
    assert encodable("ok", "ascii") == "ok"
