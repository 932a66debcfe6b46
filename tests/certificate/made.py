"""Made-up reports and evidence, keys whose secrets are published, and certificates made from them.

Nothing here is random: the same call gives the same bytes, so that vectors and golden pages can be compared.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from interop_harness import certificate
from interop_harness.certificate import bundle, grammar
from interop_harness.errors import TargetError
from interop_harness.implementation import check_base_url
from interop_harness.signing import Envelope, KeySigner, PrivateKey, PublicKey, parse_canonical
from interop_harness.signing.keys import _private

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
IDENTIFIER = "urn:uuid:019aa5f0-0000-7000-8000-000000000001"
OUTCOMES = ("pass", "fail", "inconclusive", "error", "not-applicable", "observed", "not-tested", "declared")


def ed25519_key(name: str) -> PrivateKey:
    """A test-only key: its secret is the SHA-256 of its published name."""
    seed = hashlib.sha256(f"interop-harness test key {name}".encode()).digest()
    return _private(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def p256_key(name: str) -> PrivateKey:
    number = int.from_bytes(hashlib.sha256(f"interop-harness test key {name}".encode()).digest(), "big")
    return _private(ec.derive_private_key(number % 2**255 + 1, ec.SECP256R1()))


SUPPLIER = ed25519_key("supplier")
SUPPLIER_P256 = p256_key("supplier-p256")
ASSESSOR = ed25519_key("assessor")
COUNCIL = ed25519_key("council")
PUBLISHER = ed25519_key("publisher")
STRANGER = ed25519_key("stranger")


def row(identifier: str, verdict: str = "pass", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": identifier,
        "level": "MUST",
        "class": "basic",
        "layer": "example-directory",
        "statement": "Every page says how many items it holds.",
        "source": {"document": "standard", "clause": "section 4.2", "url": "https://standards.example/4.2"},
        "basis": "stated",
        "verdict": verdict,
        "reason": None,
        "attempts": 1,
        "cases": 1,
        "sampled": [],
        "findings": [],
        "observations": [],
    }
    if verdict == "fail":
        made["findings"] = [
            {
                "case": "c1",
                "expected": "size equals the number of items in contents",
                "observed": "size is 10 and contents holds 9 items",
                "pointer": "/size",
                "exchange": "GET /services",
                "attribution": "your service",
            }
        ]
    return {**made, **more}


def evidence(note: str = "made up") -> bytes:
    lines = [
        {"type": "header", "format": "interop-evidence/1", "note": note},
        {"type": "exchange", "key": "0001"},
        {"type": "end", "exchanges": 1, "complete": True},
    ]
    return b"".join(json.dumps(line, sort_keys=True).encode() + b"\n" for line in lines)


EVIDENCE = evidence()


PREFLIGHT = [
    {"name": name, "ok": ok, "summary": summary, "hint": ""}
    for name, ok, summary in (
        ("clock", True, "The server's clock agrees."),
        ("connect", True, "The service accepts connections on port 443."),
        ("credentials", True, "No credentials are used, and none were asked for."),
        ("dns", True, "api.supplier.example is 192.0.2.17."),
        ("http", True, "GET / answers 200."),
        ("http-plain", None, "Not looked at through a proxy."),
        ("proxy", None, "No proxy is used."),
        ("tls", True, "TLSv1.3; the certificate is valid until 2027-01-31T00:00:00+00:00."),
        ("tls-legacy", None, "Not looked at through a proxy."),
    )
]


def report(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A report of a run that passed, unless a row says otherwise; ``more`` replaces members, one level deep."""
    rows = rows or (
        row("EX-LIST-01", statement="Every list can be read to its end."),
        row("EX-PAGE-01"),
        row("EX-PAGE-02", level="SHOULD", statement="Pages hold at most 100 items."),
        row("EX-FILTER-01", "not-applicable", **{"class": "extended", "reason": "the class is not claimed"}),
        row("EX-DATA-01", "not-tested", reason="no machine can tell whether a description is true"),
        row("GOV-HTTPS-01", layer="gov-base", **{"class": "baseline"}),
    )
    failed = any(
        r["verdict"] == "fail" and r["level"] == "MUST" and r["class"] == "basic" and r["layer"] == "example-directory"
        for r in rows
    )
    summary = {level: dict.fromkeys(OUTCOMES, 0) for level in ("MUST", "SHOULD", "MAY")}
    for each in rows:
        summary[each["level"]][each["verdict"]] += 1
    made: dict[str, Any] = {
        "format": "interop-report/1",
        "verdict": "not-conformant" if failed else "conformant",
        "exit": 1 if failed else 0,
        "profile": {
            "id": "example-directory",
            "version": "1.0",
            "title": "Example directory",
            "status": "adopted",
            "sha256": "1" * 64,
            "requirements_sha256": "2" * 64,
            "layers": [
                {
                    "id": "gov-base",
                    "version": "1.0",
                    "title": "Public-sector baseline",
                    "binding": False,
                    "sha256": "3" * 64,
                    "verdict": "conformant",
                }
            ],
            "detection": None,
        },
        "implementation": {
            "supplier": "Example Ltd",
            "product": "Directory",
            "version": "4.2",
            "environment": "production",
            "base_url": "https://api.supplier.example/v1",
        },
        "authorised_by": "J Smith, Example Ltd",
        "claims": {"claimed": ["basic"], "disclaimed": [], "not_claimed": ["extended"]},
        "plan": {
            "sha256": "4" * 64,
            "cases": 42,
            "seed": "",
            "challenge": None,
            "selection": None,
            "modified": False,
        },
        "suite": {"name": "interop-harness", "version": "0.1.0", "sha256": "6" * 64},
        "classes": [
            {"id": "basic", "title": "Basic", "mandatory": True, "claim": "claimed", "verdict": "conformant"},
            {
                "id": "extended",
                "title": "Extended",
                "mandatory": False,
                "claim": "not_claimed",
                "verdict": "not-tested",
            },
        ],
        "summary": summary,
        "reasons": [],
        "requirements": sorted(rows, key=lambda each: str(each["id"])),
        "run": {
            "started": "2026-11-21T10:00:00Z",
            "finished": "2026-11-21T10:00:03Z",
            "evidence_sha256": hashlib.sha256(EVIDENCE).hexdigest(),
            "exchanges": 1,
            "answered": 1,
            "unsent": 0,
            "records": 3,
            "duration_ms": 3000,
            "python": "3.11.7",
            "platform": "Linux",
            "workers": 8,
            "complete": True,
            "preflight": PREFLIGHT,
            "disguised_probe": "pass",
            "endpoint": {
                "addresses": ["192.0.2.17"],
                "certificate_sha256": "a" * 64,
                "spki_sha256": "b" * 64,
                "issuer": "CN=Example CA",
                "not_after": "2027-01-31T00:00:00+00:00",
            },
        },
    }
    for name, value in more.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    if "seed" not in more.get("plan", {}):
        place = made["implementation"]["base_url"]
        if "[" not in place:  # a liar's report spells these as it likes
            with contextlib.suppress(TargetError):
                place = check_base_url(place)
        made["plan"] = {**made["plan"], "seed": seed(made["plan"]["challenge"], made["profile"]["sha256"], place)}
    return made


def seed(challenge: str | None, profile: str, address: str) -> str:
    """What the rule draws the tests from, written down a second time."""
    drawn_from = challenge or f"{profile}\n{address}"
    return hashlib.sha256(f"interop-harness seed v1\n{drawn_from}".encode()).hexdigest()


def encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def issued(read: dict[str, Any] | None = None, key: PrivateKey = SUPPLIER, **options: Any) -> bytes:
    """A genuine certificate."""
    settings = {"now": NOW, "issuer": "Example Ltd", "identifier": IDENTIFIER, **options}
    return certificate.issue(encoded(read or report()), EVIDENCE, KeySigner(key), **settings)


class Deterministic:
    """ECDSA with RFC 6979 nonces, so that what is made with it does not change."""

    def __init__(self, key: PrivateKey) -> None:
        self.key = key

    @property
    def public(self) -> PublicKey:
        return self.key.public

    def sign(self, message: bytes) -> bytes:
        assert isinstance(self.key.secret, ec.EllipticCurvePrivateKey)
        return self.key.secret.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def issued_p256() -> bytes:
    signer = Deterministic(SUPPLIER_P256)
    return certificate.issue(encoded(report()), EVIDENCE, signer, now=NOW, issuer="Example Ltd", identifier=IDENTIFIER)


def failing() -> dict[str, Any]:
    """The same run, with one MUST and one SHOULD failed."""
    rows = report()["requirements"]
    found = [row(r["id"], "fail")["findings"] if r["id"].startswith("EX-PAGE") else [] for r in rows]
    return report(*({**r, "verdict": "fail", "findings": f} if f else r for r, f in zip(rows, found, strict=True)))


def payload(data: bytes) -> dict[str, Any]:
    return parse_canonical(bundle.unwrap(grammar.split(data).block).payload)


def resigned(
    data: bytes, change: Callable[[dict[str, Any]], Any], key: PrivateKey = SUPPLIER, *, render: bool = True
) -> bytes:
    """The certificate a dishonest signer makes: a changed predicate, rendered and signed as if it were genuine."""
    from interop_harness.certificate import statement, templates
    from interop_harness.signing import sign_envelope

    before = payload(data)["predicate"]
    predicate = copy.deepcopy(before)
    change(predicate)
    moved = [value["profile"]["sha256"] + value["target"]["url"] for value in (before, predicate)]
    if predicate["challenge"] is None and predicate["seed"] == before["seed"] and len(set(moved)) > 1:
        # Whoever lies about the address or the profile takes care that the seed fits it.
        predicate["seed"] = seed(None, predicate["profile"]["sha256"], predicate["target"]["url"])
    core = templates.render("v1", predicate) if render else grammar.split(data).core
    body = statement.statement(predicate, core)
    return grammar.assemble(core, bundle.wrap(sign_envelope(bundle.PAYLOAD_TYPE, body, KeySigner(key))))


def signed_bytes(data: bytes, body: bytes, key: PrivateKey = SUPPLIER, kind: str = bundle.PAYLOAD_TYPE) -> bytes:
    """The page of ``data`` with a signature over any bytes at all."""
    from interop_harness.signing import pae

    envelope = Envelope(kind, body, key.public.keyid, key.sign(pae(kind, body)))
    return grammar.assemble(grammar.split(data).core, bundle.wrap(envelope))


def public_of(key: PrivateKey) -> PublicKey:
    return key.public


def trusted(key: PrivateKey, issuer: str, *roles: str, **more: Any) -> Any:
    from interop_harness.trust import Role, TrustedKey

    return TrustedKey(key.public, issuer, frozenset(Role(role) for role in roles), **more)


def known(read: dict[str, Any] | None = None) -> Any:
    """The profile of a report as a trust store lists it."""
    from interop_harness.certificate import catalogue_of_profile
    from interop_harness.trust import TrustedProfile

    read = read or report()
    profile = read["profile"]
    digest = catalogue_of_profile(profile, read["classes"], read["requirements"])
    return TrustedProfile(profile["id"], profile["version"], profile["sha256"], digest)


def store(*extra: Any, **more: Any) -> Any:
    """What a council trusts: a supplier for itself, an assessor, itself for waivers, two versions of a profile."""
    from interop_harness.trust import TrustStore

    settings: dict[str, Any] = {
        "name": "Example council",
        "version": 3,
        "issued": datetime(2026, 11, 1, tzinfo=UTC),
        "keys": (
            trusted(SUPPLIER, "Example Ltd", "sign:first_party", profiles=("example-*",)),
            trusted(SUPPLIER_P256, "Example Ltd", "sign:first_party"),
            trusted(ASSESSOR, "Independent Testing CIC", "sign:third_party"),
            trusted(COUNCIL, "Example council", "grant-waiver"),
            *extra,
        ),
        "profiles": (known(),),
    }
    return TrustStore(**{**settings, **more})
