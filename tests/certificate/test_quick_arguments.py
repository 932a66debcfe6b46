"""Arguments of `interop verify` read without Typer are those that Typer reads; what is odd is left to Typer."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from interop_harness.cli import quick, verify

PLAIN = (
    "c.html",
    "c.html --trust a.json",
    "--trust a.json c.html --trust b.json",
    "c.html --trust=a.json --json",
    "c.html -q --ci --accept-waivers",
    "c.html --evidence e.gz --supplier S --product P --product-version 4 --target https://a.example/x?y=z",
    "c.html --profile id@1.0 --min-version 1.0 --class basic --class extended --environment test",
    "c.html --challenge abc --assurance first_party --max-age 30 --json --json",
)
ODD = (
    "",
    "--help",
    "c.html -h",
    "c.html d.html",
    "c.html --trust",
    "c.html --trust --json",
    "c.html --max-age soon",
    "c.html --max-age=-1",
    "c.html --no-such",
    "c.html --json=yes",
    "c.html -- --trust",
    "c.html --supplier A --supplier B",
    "c.html -q=1",
    "c.html --trus a.json",
)


def by_typer(words: list[str]) -> dict[str, Any]:
    app = typer.Typer(rich_markup_mode=None)
    app.command("verify")(verify.command)
    return dict(get_command(app).make_context("verify", words).params)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list | tuple) else value or None for name, value in values.items()}


@pytest.mark.parametrize("line", PLAIN)
def test_the_same_as_typer(line: str) -> None:
    given = quick.arguments(verify.command, line.split())
    assert given is not None
    ours, theirs = plain(given), plain(by_typer(line.split()))
    assert {name: value or None for name, value in ours.items()} == {
        name: ([Path(one) if name == "trust" else one for one in value] or None) if isinstance(value, list) else value
        for name, value in theirs.items()
    }


@pytest.mark.parametrize("line", ODD)
def test_left_to_typer(line: str) -> None:
    assert quick.arguments(verify.command, line.split()) is None


def test_no_order_of_words_breaks_it() -> None:
    for words in itertools.permutations(["c.html", "--trust", "a.json", "--json", "-"]):
        quick.arguments(verify.command, list(words))
