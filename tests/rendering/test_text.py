"""Hostile text is shown, never obeyed."""

from __future__ import annotations

import re
import sys

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
