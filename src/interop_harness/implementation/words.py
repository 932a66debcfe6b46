"""Words that a person wrote into a target: checked, and shown safely in messages."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from interop_harness.errors import TargetError

MAX_TEXT = 300

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")


def shown(text: str) -> str:
    """The text in quotes, short, and with nothing that a terminal would obey."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return ascii(short) if not short.isprintable() else f'"{short}"'


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """The closest of the words that are allowed, else all of them."""
    names = list(allowed)
    close = difflib.get_close_matches(word[:100], names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names)}."


def one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise TargetError("target-value", f"{where} is {shown(value)}.", suggestion(value, allowed))
    return value


def known_keys(tree: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name in tree:
        if name not in allowed:
            raise TargetError(
                "target-key",
                f"{where[0].upper()}{where[1:]} has an unknown key {shown(name)}.",
                suggestion(name, allowed),
            )


def plain_text(text: str, where: str) -> str:
    """Printable text of bounded length: it will stand on a certificate."""
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise TargetError("target-text", f"{where} is longer than {MAX_TEXT} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") for character in text):
        raise TargetError("target-text", f"{where} has an invisible or control character in it.")
    return text


def check_name(text: str, where: str) -> str:
    if not _NAME.match(text):
        raise TargetError("target-name", f"{where} has a name that is not one: {shown(text)}.")
    return text
