"""Bodies that are small to send and very large to read: objects within objects, say.

No run records one, and none is read from evidence: what judging costs is bounded alike, whoever made the record.
"""

from __future__ import annotations

import re

MOST_CONTAINERS = 200_000
"""Objects and arrays of a body: every check walks them all, and what is nested costs many times its bytes."""
MOST_LEVELS = 1_000_000
"""How deep each of them lies, added up."""
SURELY_READ = 20_000
"""Objects and arrays, however deep: not counted level by level."""
DEEPER_THAN_ANY_READER = 50_000
"""Nested so deeply, a body is found unreadable at once, and that is said of it."""
_TEXTS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[][{}]', re.DOTALL)
"""A text without its end goes on to the end of all: sought from each quotation mark within it, it would take hours."""


def crowd(body: bytes) -> str:
    """Why JSON is too crowded to be read, as a sentence; empty for all else.

    A page of ten thousand records with a dozen objects each is read. What begins as no JSON does is not looked at.
    """
    if body.count(b"{") + body.count(b"[") <= SURELY_READ:
        return ""
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return ""
    containers = levels = depth = 0
    for found in _TEXTS_AND_BRACKETS.finditer(body):
        mark = body[found.start()]
        if mark in b"{[":
            depth += 1
            containers += 1
            levels += depth
            if depth > DEEPER_THAN_ANY_READER:
                return ""
        elif mark in b"}]":
            depth -= 1
    if containers <= MOST_CONTAINERS and levels <= MOST_LEVELS:
        return ""
    return (
        f"The body holds more objects and arrays, or deeper ones, than the harness reads: {containers:,}, which "
        f"lie {levels / containers:.0f} deep on average."
    )
