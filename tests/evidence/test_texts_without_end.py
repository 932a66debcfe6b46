"""A text that never ends costs no more than one that does, wherever it stands: it is looked for once."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from interop_harness.errors import EvidenceError
from interop_harness.evidence import Response
from interop_harness.evidence.crowd import MOST_CONTAINERS, crowd
from interop_harness.evidence.lines import LONG, lines_of, parse

ENDLESS = '"' + '\\"' * 100_000
"""Each quotation mark but the first belongs to an escape, and none ends the text."""


def in_a_body() -> None:
    assert not crowd(b"[" + b"{}," * 20_001 + ENDLESS.encode())
    assert crowd(b"[" + b"{}," * MOST_CONTAINERS + ENDLESS.encode())


def in_a_line_of_evidence() -> None:
    with pytest.raises(EvidenceError):
        parse(next(lines_of(b"{" + b" " * LONG + ENDLESS.encode())), 1)


def in_a_header() -> None:
    assert Response(200, (("Content-Type", f"text/html, {ENDLESS}"),), b"").media_type == "text/html"


@pytest.mark.parametrize("read", [in_a_body, in_a_line_of_evidence, in_a_header])
def test_it_is_looked_for_once(read: Callable[[], None]) -> None:
    began = time.process_time()
    read()
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ('application/json; profile="a, text/html"', "application/json"),
        ('application/json; profile="a\\", text/html"', "application/json"),
        ('application/json; profile="a, text/html', "application/json, text/html"),
        ('application/json; profile="a\\", text/html', "application/json, text/html"),
        ('application/json; profile="a", text/html; x="b', "application/json, text/html"),
        ('application/json; profile="\\', "application/json"),
        ("application/json, text/html", "application/json, text/html"),
    ],
)
def test_a_content_type_says_what_it_said(said: str, read: str) -> None:
    """A quotation mark without its end quotes nothing."""
    assert Response(200, (("Content-Type", said),), b"").media_type == read
