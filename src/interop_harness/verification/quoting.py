"""Words of others in quotation marks that they cannot close, nor seem to close.

What is replaced is so only where it is shown: the signed data and the page of the certificate keep it. The lists
are frozen code points, in the notation of regular expressions, and the verifier page uses the same.
"""

from __future__ import annotations

import re

SPACES = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
"""White space of any width: a row of it would start what looks like a line of our own."""
DOUBLE = '"\\u201c-\\u201f'
"""Quotation marks, which become single ones."""
ALIKE = (
    "[\\u02ba\\u02dd\\u02ee\\u02f5\\u02f6\\u05f4\\u1cd3\\u2033\\u2034\\u2036\\u2037\\u2057\\u275d\\u275e\\u2760"
    "\\u2e42\\u3003\\u301d-\\u301f\\uff02\\U0001f676-\\U0001f678]|(?<![^ ])[\\u030b\\u030e\\u030f]"
)
"""What looks like one and is another character; a double mark over nothing, too."""
SINGLE = (
    "'`\\xb4\\u02b9-\\u02bd\\u02c8\\u02ca\\u02cb\\u02f4\\u055a\\u055b\\u055d\\u05f3\\u07f4\\u07f5\\u1fbd\\u1fbf"
    "\\u1fef\\u1ffd\\u1ffe\\u2018-\\u201b\\u2032\\u2035\\u275b\\u275c\\ua78b\\ua78c\\uff07\\uff40"
)
"""Two of these side by side look like a double one."""

_SPACES = re.compile(f"[{SPACES}]+")
_DOUBLE = re.compile(f"[{DOUBLE}]")
_ALIKE = re.compile(f"{ALIKE}|(?<=[{SINGLE}])[{SINGLE}]")


def shown(text: str) -> str:
    """Text of others as it may stand between our words: its spaces collapsed, its quotation marks single."""
    plain = _DOUBLE.sub("'", _SPACES.sub(" ", text))
    return _ALIKE.sub(lambda match: f"[U+{ord(match[0]):04X}]", plain)


def quoted(text: str) -> str:
    """Text of others in quotation marks that it cannot close."""
    return f'"{shown(text)}"'
