"""Text from suppliers, made safe to show: on a terminal, in XML, in Markdown.

What can hide, reorder, overlay or execute is replaced by its number, ``[U+202E]``, so that a reader sees that
it was there. The list is frozen code points: a Unicode database would let two Pythons show two texts.
"""

from __future__ import annotations

import re

from interop_harness.rendering import marks

# Controls, soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers, Mongolian
# separators, zero-width and bidirectional controls, line and paragraph separators, invisible operators, Braille
# blank, surrogates, private use, non-characters, variation selectors, byte order mark, interlinear annotation,
# object replacement, shorthand and musical format controls, tags.
UNSAFE = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ud800-\\uf8ff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0"
    "\\ufff0-\\ufffc\\ufffe\\uffff\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U0001fffe\\U0001ffff"
    "\\U0002fffe\\U0002ffff\\U0003fffe-\\U0010ffff"
)
# More than two of these on one letter paint over the neighbouring lines; of those of all scripts, more than MOST.
MARKS = "\\u0300-\\u036f\\u0483-\\u0489\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f"

_UNSAFE = re.compile(f"[{UNSAFE}]")
_PILED = re.compile(f"(?<=[{MARKS}]{{2}})[{MARKS}]+|(?<=[{marks.MARKS}]{{{marks.MOST}}})[{marks.MARKS}]+")
_SPACE = re.compile("[\t\n\r\f\v ]+")
_HALF_NUMBER = re.compile(r"\[U?\+?[0-9A-F]*\Z")
_BACKTICKS = re.compile("`+")
_LINKABLE = re.compile(r"@|://|www\.|mailto:|xmpp:|#[0-9]|GH-[0-9]", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#+|~$^=&<>!\"])")


def visible(text: str) -> str:
    """``text`` with every unsafe character shown by its number, line feeds and tabs included."""
    if text.isascii() and text.isprintable():
        return text  # the usual case, and a run shows tens of thousands of characters
    return _PILED.sub(lambda match: "".join(map(_number, match[0])), _UNSAFE.sub(lambda match: _number(match[0]), text))


def one_line(text: object, limit: int = 300) -> str:
    """One visible line: white space collapsed, unsafe characters shown, what is beyond ``limit`` cut and counted."""
    whole = str(text)
    bounded = _SPACE.sub(" ", whole[: limit * 4]).strip(" ")
    shown = visible(bounded[:limit])
    if len(bounded) <= limit and len(whole) <= limit * 4 and len(shown) <= limit * 2:
        return shown
    return f"{_HALF_NUMBER.sub('', shown[:limit]).rstrip(' ')}… ({len(whole):,} characters in all)"


def xml_text(text: object, limit: int = 4000) -> str:
    """Visible text that XML 1.0 can hold; line feeds and tabs stay, so that a curl line can be copied."""
    whole = str(text)
    pieces = re.split("([\n\t])", whole[:limit])
    shown = "".join(piece if piece in {"\n", "\t"} else visible(piece) for piece in pieces)
    return shown if len(whole) <= limit else f"{shown}… ({len(whole):,} characters in all)"


def code_span(text: object, limit: int = 300) -> str:
    """A Markdown code span that ``text`` cannot leave: nothing in it is a link, a mention, markup or HTML."""
    shown = one_line(text, limit)
    if not shown:
        return "(empty)"
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def markdown(text: object, limit: int = 600) -> str:
    """Prose as Markdown: what could be markup is escaped; what a linker would take whole becomes a code span."""
    shown = one_line(text, limit)
    # Mentions, issue numbers and addresses are found after the escapes are gone; only code is left alone.
    return code_span(shown, limit * 2) if _LINKABLE.search(shown) else _MARKDOWN.sub(r"\\\1", shown)


def encodable(text: str, encoding: str | None) -> str:
    """``text`` as a stream of this encoding can take it; what it cannot say becomes a backslash escape."""
    name = encoding or "utf-8"
    try:
        text.encode(name)
    except UnicodeEncodeError:
        plain = text.translate(_TYPOGRAPHY)
        return plain.encode(name, "backslashreplace").decode(name)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")
    return text


_TYPOGRAPHY = {0x2013: "-", 0x2014: "-", 0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2026: "..."}


def _number(character: str) -> str:
    return f"[U+{ord(character):04X}]"
