"""A text that never ends is looked for once: what would be looked at a million times over does not come to an end."""

from __future__ import annotations

import pytest

from interop_harness.signing import CanonicalError, parse_canonical


@pytest.mark.parametrize("piece", [b'\\"', b"\\\\", b"a", b'"\\'])
def test_a_text_without_an_end_is_refused_at_once(piece: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse_canonical(b'{"a":"' + piece * 1_000_000 + b"}")
