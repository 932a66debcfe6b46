"""A private key in pieces: each line of it is as secret as the whole, and lines may be of any width.

A text is cut into pieces of one length, and each is looked up among all pieces of that length that the key has: a
stretch of the key that is nearly twice as long holds one of them wherever it begins. That costs the same for a short
key and for a long one.
"""

from __future__ import annotations

import base64
import binascii
import re

PIECE = 16
"""Characters of a piece: more than any text has by chance in common with a key."""
_CUT = re.compile(rb".{%d}" % PIECE, re.DOTALL)
_SAME_IN_ALL = 36
"""Bytes with which a key begins that say of which kind it is, where it does not show how many."""
# Up to the number of RFC 5915 (3), the nested octet string of RFC 8410 (7), and the modulus of RFC 8017 (A.1.2).
_BEGINNING = re.compile(
    rb"0.{2,45}?(?:\x02\x01\x01\x04[\x10-\x50]|\x04[\x10-\x50]\x04[\x10-\x50]|\x02\x01\x00\x02\x82..)", re.DOTALL
)


def own(value: str) -> tuple[bytes, ...]:
    """What a key's text in base64 has of its own: its bytes, and its text, both without the beginning of all keys."""
    try:
        clear = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return (value[_SAME_IN_ALL * 4 // 3 :].encode("utf-8", "replace"),)
    found = _BEGINNING.match(clear)
    start = found.end() if found else _SAME_IN_ALL
    return clear[start:], value[-(-start * 4 // 3) :].encode()


def pieces_of(text: bytes) -> frozenset[bytes]:
    """Every piece of a text, wherever it begins."""
    return frozenset(text[at : at + PIECE] for at in range(len(text) - PIECE + 1))


def stands(known: frozenset[bytes], text: bytes, in_a_row: int = 1) -> bool:
    """Whether a long stretch of what is known stands in a text: so many pieces of it, one behind the other."""
    cut = _CUT.findall(text)
    if known.isdisjoint(cut):
        return False
    row = 0
    for piece in cut:
        row = row + 1 if piece in known else 0
        if row == in_a_row:
            return True
    return False


def stretches(known: frozenset[bytes], text: bytes) -> list[tuple[int, int]]:
    """Where they stand, in order: from the first known piece to the last one of each."""
    found: list[tuple[int, int]] = []
    done = 0
    for at in range(0, len(text) - PIECE + 1, PIECE):
        if at < done or text[at : at + PIECE] not in known:
            continue
        start = end = at
        while start > done and text[start - 1 : start - 1 + PIECE] in known:
            start -= 1
        while text[end + 1 : end + 1 + PIECE] in known:
            end += 1
        done = end + 1
        found.append((start, end + PIECE))
    return found
