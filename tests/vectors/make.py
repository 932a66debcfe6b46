"""Writes the published test vectors: ``python -m tests.vectors.make``. The same bytes every time.

``index.json`` is all that another implementation needs: for each file the clock, what the reader expects, the
exit code and the reason of the command line, and those of the offline page (null where a page cannot tell).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from interop_harness import certificate
from interop_harness.certificate import bundle, grammar, package
from interop_harness.certificate.statement import content, format_time
from interop_harness.signing import pae
from interop_harness.trust import to_json
from interop_harness.verification import waivers
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, data_of, failed, genuine, p256

FOLDER = Path(__file__).parent
MAX_FILE = 256 * 1024
PAGE_EXPECTATIONS = {"target", "profile", "environment", "supplier", "product", "challenge", "assurance"}


def waived_certificate() -> bytes:
    from tests.threats.test_rows_48_57_around import granted

    read = made.failing()
    entry = waivers.entry(granted(), content(read), made.store(), made.NOW)
    return made.issued(read, waivers=[entry])


def third_party() -> bytes:
    return made.issued(key=made.ASSESSOR, assurance=certificate.Assurance.THIRD_PARTY, issuer="Independent Testing CIC")


def valid() -> dict[str, tuple[bytes, int, str, str]]:
    """Name, bytes, exit, reason of the command line, reason of the page."""
    return {
        "pass-ed25519": (genuine(), 0, "genuine-pass", "checked-pass"),
        "fail-ed25519": (failed(), 1, "genuine-fail", "checked-fail"),
        "pass-p256": (p256(), 0, "genuine-pass", "checked-pass"),
        "pass-third-party": (third_party(), 0, "genuine-pass", "checked-pass"),
        "pass-with-waivers": (waived_certificate(), 1, "genuine-pass-with-waivers", "checked-waivers"),
        "pass-crlf": (genuine().replace(b"\n", b"\r\n"), 0, "genuine-pass", "checked-pass"),
        "pass-package": (
            package.write(genuine(), gzip.compress(made.EVIDENCE, mtime=0)), 0, "genuine-pass", "checked-pass"
        ),
    }  # fmt: skip


def files() -> dict[str, bytes]:
    """Every file of the folder that is made, by its path in it."""
    out: dict[str, bytes] = {}
    entries: list[dict[str, Any]] = []
    names: dict[bytes, str] = {}

    def keep(name: str, data: bytes, folder: str) -> str:
        if data not in names:
            kind = "zip" if data[:2] == b"PK" else "html"
            names[data] = f"{folder}/{name}.{kind}"
            out[names[data]] = data
        return names[data]

    for name, (data, exit_code, reason, page) in valid().items():
        entry = {
            "name": name,
            "file": keep(name, data, "valid"),
            "clock": format_time(made.NOW),
            "expectations": {},
            "exit": exit_code,
            "reason": reason,
            "page": {"exit": exit_code, "reason": page},
        }
        if data[:2] != b"PK" and b"\r" not in data:
            file = grammar.split(data)
            envelope = bundle.unwrap(file.block)
            entry["values"] = {
                "coreSha256": hashlib.sha256(file.core).hexdigest(),
                "payloadSha256": hashlib.sha256(envelope.payload).hexdigest(),
                "paeSha256": hashlib.sha256(pae(envelope.payload_type, envelope.payload)).hexdigest(),
                "paeStartHex": pae(envelope.payload_type, envelope.payload)[:48].hex(),
                "keyid": envelope.keyid,
            }
        entries.append(entry)
    for name, attack in ATTACKS.items():
        data = data_of(name)
        if len(data) > MAX_FILE:
            continue
        entry = {
            "name": name,
            "row": attack.row,
            "file": keep(name, data, "invalid"),
            "clock": format_time(made.NOW + timedelta(hours=attack.hours)),
            "expectations": attack.expect,
            "exit": attack.exit,
            "reason": attack.code,
            "page": page_of(attack),
        }
        if attack.evidence is not None:
            entry["evidenceText"] = attack.evidence.decode("ascii")
        entries.append(entry)
    out["index.json"] = pretty({"format": "interop-certificate-vectors/1", "trust": "trust.json", "vectors": entries})
    out["trust.json"] = pretty(to_json(made.store()))
    out["keys.json"] = pretty(
        {
            "warning": "Test keys. Their secrets are published: never trust them.",
            "secretOf": "Ed25519 seed = SHA-256 of 'interop-harness test key ' and the name",
            "keys": [
                {"name": name, "keyid": key.public.keyid, "public": key.public.pem}
                for name, key in (
                    ("supplier", made.SUPPLIER), ("supplier-p256", made.SUPPLIER_P256), ("assessor", made.ASSESSOR),
                    ("council", made.COUNCIL), ("stranger", made.STRANGER),
                )
            ],
        }
    )  # fmt: skip
    return out


def page_of(attack: Any) -> dict[str, Any] | None:
    if attack.evidence is not None or not set(attack.expect) <= PAGE_EXPECTATIONS:
        return None
    if attack.page == "unchecked":
        reason = "checked-fail" if attack.code == "page-does-not-match-data" else "checked-pass"
        return {"exit": 1 if reason == "checked-fail" else 0, "reason": reason}
    return {"exit": attack.exit, "reason": attack.code}


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode("ascii") + b"\n"


def main() -> None:
    made_files = files()
    for folder in ("valid", "invalid"):
        (FOLDER / folder).mkdir(exist_ok=True)
        for path in (FOLDER / folder).iterdir():
            if f"{folder}/{path.name}" not in made_files:
                path.unlink()
    for name, data in made_files.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
