"""Text from suppliers, made safe to sign: by a frozen list of code points, never by a Unicode database.

A database would let the same text be clean on one Python and unclean on the next. The list names what can
hide, reorder or overlay text on a page or a terminal; each such character is shown as ``[U+202E]``. What is
signed is the shown form, so a payload that still holds one of them was not made by this software.
"""

from __future__ import annotations

import re

from interop_harness.certificate import marks

MAX_TEXT = 600
"""Longest text taken from a report, in characters; more is cut and marked."""

# Controls, soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian
# separators, zero-width and bidirectional controls, line and paragraph separators, invisible operators,
# ideographic blank, Braille blank, private use, variation selectors, byte order mark, interlinear
# annotation, object replacement, surrogates, non-characters, musical and shorthand format controls, tags.
UNSAFE = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ud800-\\uf8ff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff0-\\ufffc\\ufffe\\uffff\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U0001fffe\\U0001ffff"
    "\\U0002fffe\\U0002ffff\\U0003fffe-\\U0010ffff"
)
# More than two of these on one letter paint over the neighbouring lines; of those of all scripts, more than MOST.
MARKS = "\\u0300-\\u036f\\u0483-\\u0489\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f"
PATTERN = f"[{UNSAFE}]|(?<=[{MARKS}][{MARKS}])[{MARKS}]|(?<=[{marks.MARKS}]{{{marks.MOST}}})[{marks.MARKS}]"
_UNSAFE = re.compile(PATTERN)
_ASCII_UNSAFE = re.compile("[\x00-\x1f\x7f]")
_SPACE = re.compile("[\t\n\r\f\v ]+")
_SCRIPTS = (
    ("Latin", re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
    ("Greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("Cyrillic", re.compile("[\u0400-\u052f]")),
    ("Armenian", re.compile("[\u0530-\u058f]")),
    ("Cherokee", re.compile("[\u13a0-\u13ff\uab70-\uabbf]")),
    ("full-width Latin", re.compile("[\uff21-\uff3a\uff41-\uff5a]")),
    ("mathematical letters", re.compile("[\U0001d400-\U0001d7ff]")),
)


def sanitise(text: str, limit: int = MAX_TEXT) -> str:
    """One line of visible text: white space collapsed, unsafe characters shown by number, length bounded."""
    bounded = text[: limit * 8]
    shown = visible(_SPACE.sub(" ", bounded).strip(" "))
    if len(shown) > limit:
        shown = shown[: limit - 4].rstrip(" ") + " ..."
    return shown


def visible(text: str) -> str:
    """``text`` with every unsafe character shown by its number; also for what goes to a terminal."""
    if text.isascii() and _ASCII_UNSAFE.search(text) is None:
        return text
    previous = None
    while previous != text:  # showing one mark can leave the next as the third in a row
        previous, text = text, _UNSAFE.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)
    return text


def is_safe(text: str) -> bool:
    if text.isascii():  # of the list only the controls are ASCII; most statements are, and looked through sooner so
        return _ASCII_UNSAFE.search(text) is None
    return _UNSAFE.search(text) is None


def mixed_scripts(text: str) -> tuple[str, ...]:
    """The scripts found together in a single word of ``text``, as look-alike names do; empty when none."""
    for word in text.split():
        found = tuple(name for name, letters in _SCRIPTS if letters.search(word))
        if len(found) > 1:
            return found
    return ()
