"""The offline verifier page: one HTML file that loads nothing, with a trust store built in or given to it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interop_harness.certificate.schema import SCHEMAS
from interop_harness.certificate.text import PATTERN
from interop_harness.signing import canonical, parse_envelope
from interop_harness.trust import TrustStore, to_json
from interop_harness.trust.store import ROLE_WORDS
from interop_harness.verification import quoting
from interop_harness.verification.next_steps import NEXT

FOLDER = Path(__file__).parent


def build(store: TrustStore | None, signed: Sequence[bytes] = ()) -> bytes:
    """The page, the same bytes for the same stores.

    ``signed`` are publishers' stores as they were handed out, to go under the reader's own ``store``: merged into it
    they could not be told from it any more, nor replaced by newer ones.
    """
    style = (FOLDER / "style.css").read_text(encoding="ascii")
    script = (FOLDER / "verifier.js").read_text(encoding="ascii")
    data: dict[str, Any] = {
        "store": to_json(store) if store else None,
        "signed": [data.decode("ascii") for data in signed],
        "schema": json.loads((SCHEMAS / "certificate.schema.json").read_text(encoding="utf-8")),
        "waiver": json.loads((SCHEMAS / "waiver.schema.json").read_text(encoding="utf-8")),
        "next": NEXT,
        "roles": {role.value: words for role, words in ROLE_WORDS.items()},
        "quoting": {
            "spaces": f"[{quoting.SPACES}]+",
            "double": f"[{quoting.DOUBLE}]",
            "alike": _for_javascript(f"{quoting.ALIKE}|(?<=[{quoting.SINGLE}])[{quoting.SINGLE}]"),
        },
        "unsafe": _for_javascript(PATTERN),
    }
    # Nothing in a data block may end it or open a comment, whatever a trust store calls its keys.
    packed = json.dumps(data, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    values = {
        "STYLE_DIGEST": _digest(style),
        "SCRIPT_DIGEST": _digest(script),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": packed,
    }
    page = (FOLDER / "page.html").read_text(encoding="ascii")
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match[1]], page).encode("ascii")


def fingerprint(store: TrustStore) -> str:
    """The digest that the page shows for a store, to compare with what was built."""
    digest = hashlib.sha256(canonical(to_json(store))).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 64, 4))


def fingerprint_of_signed(data: bytes) -> str:
    """The same of a publisher's store, whose signed bytes are canonical."""
    digest = hashlib.sha256(parse_envelope(data.strip()).payload).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 64, 4))


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("ascii")).digest()).decode("ascii")


def _for_javascript(pattern: str) -> str:
    return re.sub(r"\\U([0-9a-f]{8})", lambda match: f"\\u{{{match[1].lstrip('0')}}}", pattern)
