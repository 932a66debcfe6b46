"""Attacks on real certificates: each is carried out here once, and used by the threat tests and the vectors.

Every attack says which row of the threat table it belongs to, the exit code and the stable reason that must
come back, and, where the attack needs them, another clock or what the reader expected.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from interop_harness.certificate import bundle, grammar
from interop_harness.signing import Envelope, canonical, pae
from tests.certificate import made

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Attack:
    row: int
    exit: int
    code: str
    make: Callable[[], bytes]
    hours: int = 0
    expect: dict[str, Any] = field(default_factory=dict)
    evidence: bytes | None = None
    page: str = "refused"
    """What the offline page must say: refused, or unchecked where only the tool can see it."""


ATTACKS: dict[str, Attack] = {}


def attack(name: str, row: int, exit: int, code: str, **more: Any) -> Callable[[Callable[[], bytes]], None]:
    def keep(make: Callable[[], bytes]) -> None:
        assert name not in ATTACKS
        ATTACKS[name] = Attack(row, exit, code, make, **more)

    return keep


@cache
def genuine() -> bytes:
    return made.issued()


@cache
def failed() -> bytes:
    return made.issued(made.failing())


@cache
def p256() -> bytes:
    return made.issued_p256()


def swap(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, old
    return data.replace(old, new, 1)


def edited(name: str, row: int, old: bytes, new: bytes, code: str = "page-changed", **more: Any) -> None:
    attack(name, row, more.pop("exit", 3), code, **more)(lambda: swap(genuine(), old, new))


def lied(name: str, row: int, code: str, change: Callable[[dict[str, Any]], Any], exit: int = 3, **more: Any) -> None:
    """A signer's own lie: the predicate changed, rendered and signed with a trusted key."""
    attack(name, row, exit, code, **more)(lambda: made.resigned(genuine(), change))


def bundled(data: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The same page with a changed container."""
    file = grammar.split(data)
    value = json.loads(file.block)
    changed = change(value) or value
    return grammar.assemble(file.core, canonical(changed))


def payload_of(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    """Genuine page, genuinely signed payload of another spelling."""
    return lambda: made.signed_bytes(genuine(), change(bundle.unwrap(grammar.split(genuine()).block).payload))


# 1 to 2: the page edited
attack("verdict-edited", 1, 3, "page-changed")(
    lambda: swap(failed(), b'<p class="result">Fail', b'<p class="result">Pass')
)
attack("verdict-word-edited", 1, 3, "page-changed")(lambda: swap(failed(), b"not conformant", b"conformant"))
edited("target-edited", 2, b"https://api.supplier.example/v1", b"https://api.supplier.example/v2")
edited("date-edited", 2, b"19 February 2027", b"19 February 2028")


# 3: the payload edited
@attack("payload-edited", 3, 3, "signature-invalid")
def _() -> bytes:
    def change(value: dict[str, Any]) -> None:
        payload = base64.b64decode(value["dsseEnvelope"]["payload"])
        payload = payload.replace(b'"NOT_CONFORMANT"', b'"CONFORMANT"')
        value["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()

    return bundled(failed(), change)


# 4: parts of two genuine certificates
attack("block-of-another", 4, 3, "page-changed")(
    lambda: grammar.assemble(grammar.split(failed()).core, grammar.split(genuine()).block)
)

# 5: overlay and hidden text
edited("style-added", 5, b"</head>", b"<style>.result{display:none}</style></head>")
edited("overlay-added", 5, b"</main>", b'<div style="position:fixed;inset:0">Pass</div></main>')
edited("comment-added", 5, b"</main>", b"<!-- --></main>")


# 6: the signer's own page lies
@attack("signer-lies-on-page", 6, 3, "page-does-not-match-data", page="unchecked")
def _() -> bytes:
    import hashlib

    core = swap(grammar.split(failed()).core, b'<p class="result">Fail', b'<p class="result">Pass')
    value = made.payload(failed())
    value["subject"][0]["digest"]["sha256"] = hashlib.sha256(core).hexdigest()
    body = canonical(value)
    sign = made.SUPPLIER.sign(pae(bundle.PAYLOAD_TYPE, body))
    envelope = Envelope(bundle.PAYLOAD_TYPE, body, made.SUPPLIER.public.keyid, sign)
    return grammar.assemble(core, bundle.wrap(envelope))


# 7: script
edited("script-added", 7, b"</main>", b"<script>alert(1)</script></main>")
edited("handler-added", 7, b"<main>", b'<main onclick="alert(1)">')

# 8: the head weakened
edited("csp-removed", 8, b"<meta http-equiv", b"<meta data-equiv")
edited("title-edited", 8, b"<title>Pass", b"<title>Approved")

# 9: two blocks
BLOCK = "signature-block-malformed"
attack("second-block-before", 9, 3, BLOCK)(
    lambda: swap(genuine(), b"<main>\n", b"<main>\n" + grammar.BEGIN + b"AAAA\n" + grammar.END)
)
attack("second-block-in-comment", 9, 3, BLOCK)(
    lambda: swap(genuine(), b"<main>\n", b"<main>\n<!--\n" + grammar.BEGIN + grammar.END + b"-->\n")
)
attack("second-block-other-version", 9, 3, BLOCK)(
    lambda: swap(genuine(), b"<main>\n", b"<main>\n-----BEGIN CONFORMANCE SIGNATURE V2-----\n")
)
attack("second-block-after", 9, 3, BLOCK)(lambda: genuine() + grammar.BEGIN + b"AAAA\n" + grammar.END)


# 10: the block moved, text after the end, text inside
@attack("block-moved", 10, 3, "signature-block-misplaced")
def _() -> bytes:
    data = genuine()
    start, stop = data.index(grammar.BEGIN), data.index(grammar.END) + len(grammar.END)
    return swap(data[:start] + data[stop:], b"<main>\n", b"<main>\n" + data[start:stop])


attack("text-after-end", 10, 3, "signature-block-misplaced")(lambda: genuine() + b"<p>Approved</p>\n")
attack("text-in-block", 10, 3, BLOCK)(lambda: swap(genuine(), grammar.BEGIN, grammar.BEGIN + b"Approved!\n"))
attack("block-rewrapped", 10, 3, BLOCK)(
    lambda: swap(genuine(), grammar.END, b"").replace(b"</pre>", b"\n" + grammar.END + b"</pre>")
)
attack("block-empty", 10, 3, BLOCK)(lambda: grammar.split(genuine()).core)
attack("markers-reversed", 10, 3, BLOCK)(
    lambda: genuine().replace(grammar.BEGIN, b"X\n").replace(grammar.END, grammar.BEGIN).replace(b"X\n", grammar.END)
)


@attack("base64-trailing-bits", 10, 3, BLOCK)
def _() -> bytes:
    # A block whose last character carries unused bits set: decoders ignore them.
    for note in range(12):
        data = made.issued(made.report(authorised_by="x" * (note + 1)))
        end = data.index(b"\n" + grammar.END)
        if data[end - 1 : end] == b"=":
            place = end - (2 if data[end - 2 : end] == b"==" else 1) - 1
            alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            other = alphabet[alphabet.index(data[place]) ^ 1]
            return data[:place] + bytes([other]) + data[place + 1 :]
    raise AssertionError("no certificate whose base64 is padded")


def _unused_bits(text: str) -> str:
    """The same bytes to a lenient decoder: a bit that base64 does not use is set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = len(text.rstrip("=")) - 1
    assert text.endswith("=")
    return text[:place] + alphabet[alphabet.index(text[place]) ^ 1] + text[place + 1 :]


@attack("signature-base64-trailing-bits", 10, 3, "bundle-malformed")
def _() -> bytes:
    def change(value: dict[str, Any]) -> None:
        entry = value["dsseEnvelope"]["signatures"][0]
        entry["sig"] = _unused_bits(entry["sig"])

    return bundled(genuine(), change)


# 11: encodings
edited("bom", 11, b"<!doctype", b"\xef\xbb\xbf<!doctype", "file-not-ascii")
attack("utf-16", 11, 3, "file-not-ascii")(lambda: genuine().decode("ascii").encode("utf-16"))
edited("escape-sequence", 11, b"<main>", b"<main>\x1b$B", "file-not-ascii")
edited("nul", 11, b"<main>", b"<main>\x00", "file-not-ascii")
edited("tab", 11, b"<main>", b"<main>\t", "file-not-ascii")
edited("utf-8", 11, b"<main>", "<main>é".encode(), "file-not-ascii")
edited("lone-cr", 11, b"<main>\n", b"<main>\r\n", "line-endings-mixed")

# 12: mixed line ends (uniform ones are honest, and accepted)
attack("crlf-mixed", 12, 3, "line-endings-mixed")(lambda: genuine().replace(b"\n", b"\r\n", 100))

# 13: hidden characters as references, from an edited page and from a dishonest signer
edited("bidi-reference-on-page", 13, b"Example Ltd", b"&#x202e;Example Ltd")
lied("bidi-in-payload", 13, "payload-hidden-text", lambda p: p["implementation"].update(supplier="\u202eLtd"))
lied("zero-width-in-payload", 13, "payload-hidden-text", lambda p: p["issuer"].update(name="Exam\u200bple"))
lied("tag-characters-in-payload", 13, "payload-hidden-text", lambda p: p["issuer"].update(name="A\U000e0041"))
lied("control-in-payload", 13, "file-not-ascii", lambda p: p["issuer"].update(name="Example\x1b[2JLtd"))
lied("line-feed-in-payload", 13, "payload-hidden-text", lambda p: p["implementation"].update(product="A\nPass"))
lied("marks-piled-in-payload", 13, "payload-hidden-text", lambda p: p["issuer"].update(name="A" + "\u0336" * 9))


# 14: the reading of a look-alike host hidden or lied about
def _lookalike(name: str | None) -> Callable[[dict[str, Any]], None]:
    def change(predicate: dict[str, Any]) -> None:
        predicate["target"] |= {
            "url": "https://xn--suppler-vog.example",
            "hostAscii": "xn--suppler-vog.example",
            "hostUnicode": name,
        }

    return change


lied("host-reading-hidden", 14, "target-malformed", _lookalike(None))
lied("host-reading-false", 14, "target-malformed", _lookalike("supplier.example"))

# 15: truncation (every prefix is tried in the threat tests)
attack("cut-in-page", 15, 3, "not-a-certificate")(lambda: genuine()[:4000])
attack("cut-in-block", 15, 3, BLOCK)(lambda: genuine()[:-2000])
attack("cut-last-byte", 15, 3, "signature-block-misplaced")(lambda: genuine()[:-1])

# 16 to 18: who signed
attack("unknown-key", 16, 4, "signer-unknown")(lambda: made.issued(key=made.STRANGER))


@attack("hint-forged", 17, 3, "signature-invalid")
def _() -> bytes:
    def change(value: dict[str, Any]) -> None:
        keyid = made.SUPPLIER.public.keyid
        value["verificationMaterial"]["publicKey"]["hint"] = keyid
        value["dsseEnvelope"]["signatures"][0]["keyid"] = keyid

    return bundled(made.issued(key=made.STRANGER), change)


@attack("hints-differ", 17, 3, "key-hint-mismatch")
def _() -> bytes:
    def change(value: dict[str, Any]) -> None:
        value["verificationMaterial"]["publicKey"]["hint"] = made.ASSESSOR.public.keyid

    return bundled(genuine(), change)


lied(
    "keyid-in-payload-forged", 17, "issuer-key-mismatch", lambda p: p["issuer"].update(keyid=made.ASSESSOR.public.keyid)
)
attack("payload-of-another-signer", 17, 3, "issuer-key-mismatch")(
    lambda: made.resigned(genuine(), lambda p: None, made.ASSESSOR)
)
lied("supplier-claims-third-party", 18, "signer-not-authorised", lambda p: p.update(assurance="third_party"), 4)
attack("assessor-signs-first-party", 18, 4, "signer-not-authorised")(lambda: made.issued(key=made.ASSESSOR))
attack("waiver-key-signs-certificate", 18, 4, "signer-not-authorised")(lambda: made.issued(key=made.COUNCIL))

# 19 to 20: dates
attack("expired", 19, 5, "expired", hours=24 * 91)(genuine)
attack("post-dated", 19, 5, "not-yet-valid", hours=-1)(genuine)
lied("valid-too-long", 19, "validity-malformed", lambda p: p.update(validUntil="2028-11-21T10:30:00Z"))
lied("valid-before-issue", 19, "validity-malformed", lambda p: p.update(notBefore="2026-01-01T00:00:00Z"))
for _number, _stamp in enumerate(("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")):
    _dates = dict.fromkeys(("issuedAt", "notBefore", "validUntil"), _stamp)
    lied(f"end-of-the-calendar-{_number}", 19, "payload-malformed", lambda p, dates=_dates: p.update(dates))
    lied(f"run-at-the-end-of-the-calendar-{_number}", 21, "payload-malformed", lambda p, stamp=_stamp: p["run"].update(
        startedAt=stamp, finishedAt=stamp))  # fmt: skip
lied("impossible-date", 19, "payload-malformed", lambda p: p.update(validUntil="2027-02-31T00:00:00Z"))
lied(
    "signed-before-tests-ended", 21, "dates-inconsistent",
    lambda p: p["run"].update(finishedAt="2026-11-21T11:30:00Z"), hours=2,
)  # fmt: skip

# 23 to 25, 35: a genuine certificate for something else
for _name, _row, _code, _expect in (
    ("older-profile-version", 23, "expected-min-version", {"min_version": "1.1"}),
    ("other-profile", 23, "expected-profile", {"profile": "open-referral-uk"}),
    ("other-profile-version", 23, "expected-profile-version", {"profile_version": "2.0"}),
    ("other-target-host", 24, "expected-target", {"target": "https://api.other.example/v1"}),
    ("other-target-path", 24, "expected-target", {"target": "https://api.supplier.example/v2"}),
    ("other-target-port", 24, "expected-target", {"target": "https://api.supplier.example:8443/v1"}),
    ("other-target-scheme", 24, "expected-target", {"target": "http://api.supplier.example/v1"}),
    ("no-challenge", 25, "expected-challenge", {"challenge": "council-tender-42"}),
    ("other-supplier", 24, "expected-supplier", {"supplier": "Other Ltd"}),
    ("other-product", 24, "expected-product", {"product": "Case management"}),
    ("class-not-claimed", 24, "expected-class", {"classes": ["extended"]}),
    ("sandbox-for-production", 35, "expected-environment", {"environment": "preproduction"}),
    ("first-party-for-third", 18, "expected-assurance", {"assurance": "third_party"}),
    ("tests-too-old", 19, "expected-max-age", {"max_age_days": 0}),
):
    attack(_name, _row, 6, _code, expect=_expect)(genuine)


@attack("development-not-expected", 35, 6, "expected-environment")
def _() -> bytes:
    implementation = {"environment": "development", "base_url": "http://127.0.0.1:8080"}
    return made.issued(made.report(implementation=implementation))


# 27: another profile under the same name
lied("profile-weakened", 27, "profile-unknown", lambda p: p["profile"].update(sha256="7" * 64), 7)


# 28 to 29: rows. A careful signer also recomputes what hangs on them.
def _consistent(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    from interop_harness.certificate import outcome, statement

    def both(predicate: dict[str, Any]) -> None:
        change(predicate)
        rows = predicate["results"]
        predicate["summary"] = outcome.summary_of(rows)
        profile = predicate["profile"]
        for entry in predicate["classes"]:
            entry["verdict"] = outcome.class_verdict(rows, entry["id"])
        profile["requirementsSha256"] = statement.catalogue_digest(
            profile, predicate["classes"], profile["layers"], rows
        )

    return both


lied("row-left-out", 28, "results-incomplete", _consistent(lambda p: p["results"].pop(0)))
lied("row-left-out-clumsily", 28, "results-incomplete", lambda p: p["results"].pop(0))
lied("row-made-optional", 28, "results-incomplete", _consistent(lambda p: p["results"][3].update(level="MAY")))
lied(
    "row-reworded", 28, "results-incomplete", _consistent(lambda p: p["results"][3].update(statement="Anything goes."))
)
lied("row-added", 28, "results-incomplete", _consistent(
    lambda p: p["results"].append({**p["results"][0], "id": "ZZ-EXTRA-01"})))  # fmt: skip
lied("class-made-optional", 28, "results-incomplete", _consistent(lambda p: p["classes"][0].update(mandatory=False)))
lied("status-made-adopted", 28, "results-incomplete", _consistent(lambda p: p["profile"].update(status="draft")))
lied("row-repeated", 29, "results-repeated", _consistent(lambda p: p["results"].insert(0, dict(p["results"][0]))))
lied("rows-out-of-order", 29, "results-repeated", _consistent(lambda p: p["results"].reverse()))


@attack("verdict-claimed", 28, 3, "verdict-does-not-follow")
def _() -> bytes:
    return made.resigned(failed(), lambda p: p.update(verdict="CONFORMANT"))


lied("counts-claimed", 28, "counts-do-not-follow", lambda p: p["summary"]["MUST"].update({"pass": 99}))
lied("class-verdict-claimed", 28, "verdict-does-not-follow", lambda p: p["classes"][1].update(verdict="conformant"))
lied("class-claim-changed", 28, "claims-inconsistent", lambda p: p["classes"][1].update(claim="claimed"))
lied("class-claim-invented", 28, "claims-inconsistent", lambda p: p["claims"]["claimed"].append("extra"))
lied("class-hidden-from-claims", 28, "claims-inconsistent", lambda p: p["claims"].update(notClaimed=[]))
lied("praise-on-a-pass", 28, "results-inconsistent", lambda p: p["results"][2].update(reason="Checked by others."))
lied("findings-on-a-pass", 28, "results-inconsistent", lambda p: p["results"][2].update(
    findings=[{"expected": "", "observed": "all is well", "pointer": ""}]))  # fmt: skip
lied("limit-reworded", 28, "payload-malformed", lambda p: p.update(limitations=["Everything was checked twice"]))
lied(
    "probe-failed-and-passed",
    33,
    "verdict-does-not-follow",
    lambda p: p["clientIdentity"].update(disguisedProbe="fail"),
)
lied("challenge-without-its-seed", 25, "seed-does-not-follow", lambda p: p.update(challenge="council-tender-42"))
lied("seed-chosen", 32, "seed-does-not-follow", lambda p: p.update(seed="0" * 64))
lied("seed-of-another-address", 32, "seed-does-not-follow", lambda p: p.update(
    seed=made.seed(None, p["profile"]["sha256"], "https://api.partner.example/v1")))  # fmt: skip
lied("seed-of-a-challenge-not-named", 32, "seed-does-not-follow", lambda p: p.update(
    seed=made.seed("council-tender-42", "", "")))  # fmt: skip
lied("words-for-a-suite", 28, "harness-malformed", lambda p: p["suite"].update(name="Checked by others"))
lied("words-for-a-version", 28, "harness-malformed", lambda p: p["suite"].update(version="1.0, checked by others"))
lied("words-for-an-address", 28, "target-malformed", lambda p: p["target"].update(addresses=["Checked by others"]))
lied("own-machine-called-production", 35, "target-malformed", lambda p: p["target"].update(
    url="http://127.0.0.1:8080", hostAscii="127.0.0.1"))  # fmt: skip
lied(
    "layer-verdict-claimed", 28, "verdict-does-not-follow",
    lambda p: p["profile"]["layers"][0].update(verdict="not-conformant"),
)  # fmt: skip
lied("inconclusive-row-passed-off", 28, "verdict-does-not-follow", _consistent(
    lambda p: p["results"][2].update(outcome="inconclusive")))  # fmt: skip
lied("modified-run", 30, "payload-malformed", lambda p: p["invocation"].update(modified=True))
lied("selected-run", 30, "payload-malformed", lambda p: p["invocation"].update(selection=["EX-PAGE-01"]))

# 36: evidence
attack("evidence-swapped", 36, 3, "evidence-does-not-match", evidence=made.evidence("another run"))(genuine)
attack("evidence-truncated", 36, 3, "evidence-does-not-match", evidence=made.EVIDENCE[:-10])(genuine)


@attack("evidence-digests-differ", 36, 3, "evidence-digest-inconsistent")
def _() -> bytes:
    value = made.payload(genuine())
    value["subject"][1]["digest"]["sha256"] = "8" * 64
    return made.signed_bytes(genuine(), canonical(value))


# 37 to 38: confusion of algorithm and type
@attack("alg-injected", 37, 3, "bundle-malformed")
def _() -> bytes:
    return bundled(genuine(), lambda v: v["dsseEnvelope"].update(alg="none"))


@attack("alg-injected-in-signature", 37, 3, "signature-count")
def _() -> bytes:
    return bundled(genuine(), lambda v: v["dsseEnvelope"]["signatures"][0].update(alg="none"))


@attack("signature-emptied", 37, 3, "signature-count")
def _() -> bytes:
    return bundled(genuine(), lambda v: v["dsseEnvelope"]["signatures"][0].update(sig=""))


@attack("other-type-signed", 38, 3, "payload-type-wrong")
def _() -> bytes:
    kind = "application/vnd.interop-harness.trust-store+json"
    return made.signed_bytes(genuine(), b'{"type":"trust-store/v1"}', kind=kind)


@attack("type-relabelled", 38, 3, "signature-invalid")
def _() -> bytes:
    body = bundle.unwrap(grammar.split(genuine()).block).payload
    signature = made.SUPPLIER.sign(pae("application/vnd.interop-harness.waiver+json", body))
    envelope = Envelope(bundle.PAYLOAD_TYPE, body, made.SUPPLIER.public.keyid, signature)
    return grammar.assemble(grammar.split(genuine()).core, bundle.wrap(envelope))


@attack("unsigned-body-without-pae", 38, 3, "signature-invalid")
def _() -> bytes:
    body = bundle.unwrap(grammar.split(genuine()).block).payload
    envelope = Envelope(bundle.PAYLOAD_TYPE, body, made.SUPPLIER.public.keyid, made.SUPPLIER.sign(body))
    return grammar.assemble(grammar.split(genuine()).core, bundle.wrap(envelope))


# 40: Ed25519 malleability
def _signature(change: Callable[[bytes], bytes], data: Callable[[], bytes] = genuine) -> Callable[[], bytes]:
    def build() -> bytes:
        def put(value: dict[str, Any]) -> None:
            entry = value["dsseEnvelope"]["signatures"][0]
            entry["sig"] = base64.b64encode(change(base64.b64decode(entry["sig"]))).decode()

        return bundled(data(), put)

    return build


ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
attack("ed25519-s-plus-l", 40, 3, "signature-invalid")(
    _signature(lambda s: s[:32] + (int.from_bytes(s[32:], "little") + ED25519_ORDER).to_bytes(32, "little"))
)
attack("ed25519-short", 40, 3, "signature-invalid")(_signature(lambda s: s[:63]))
attack("ed25519-long", 40, 3, "signature-invalid")(_signature(lambda s: s + b"\0"))
attack("ed25519-r-not-canonical", 40, 3, "signature-invalid")(_signature(lambda s: b"\xff" * 32 + s[32:]))
attack("p256-flipped", 40, 3, "signature-invalid")(_signature(lambda s: s[:-1] + bytes([s[-1] ^ 1]), p256))
attack("p256-zero", 40, 3, "signature-invalid")(_signature(lambda s: encode_dss_signature(0, 0), p256))


def other_s(data: bytes) -> bytes:
    """Row 42: the other valid ECDSA signature over the same message."""

    def change(signature: bytes) -> bytes:
        r, s = decode_dss_signature(signature)
        return encode_dss_signature(r, P256_ORDER - s)

    return _signature(change, lambda: data)()


# 43: none or many signatures
@attack("no-signature", 43, 3, "signature-count")
def _() -> bytes:
    return bundled(genuine(), lambda v: v["dsseEnvelope"].update(signatures=[]))


@attack("two-signatures", 43, 3, "signature-count")
def _() -> bytes:
    return bundled(genuine(), lambda v: v["dsseEnvelope"].update(signatures=v["dsseEnvelope"]["signatures"] * 2))


# 44 to 45: spellings and bombs inside a genuinely signed payload, and in the container
MALFORMED = "payload-malformed"
for _name, _spelling in {
    "payload-duplicate-key": lambda b: b[:-1] + b',"_type":"x"}',
    "payload-whitespace": lambda b: b.replace(b":", b": ", 1),
    "payload-escape": lambda b: b.replace(b"_type", b"\\u005ftype", 1),
    "payload-float": lambda b: b.replace(b'"schemaVersion":1', b'"schemaVersion":1.0', 1),
    "payload-exponent": lambda b: b.replace(b'"schemaVersion":1', b'"schemaVersion":1e0', 1),
    "payload-nan": lambda b: b.replace(b'"schemaVersion":1', b'"schemaVersion":NaN', 1),
    "payload-huge-integer": lambda b: b.replace(b'"cases":42', b'"cases":9007199254740993', 1),
    "payload-endless-integer": lambda b: b.replace(b'"cases":42', b'"cases":' + b"9" * 100_000, 1),
    "payload-negative-zero": lambda b: b.replace(b'"cases":42', b'"cases":-0', 1),
    "payload-bom": lambda b: b"\xef\xbb\xbf" + b,
    "payload-trailing": lambda b: b + b"\n",
    "payload-not-utf8": lambda b: b.replace(b"Example Ltd", b"Example \xff\xfe", 1),
    "payload-lone-surrogate": lambda b: b.replace(b"Example Ltd", b"Example \\ud800", 1),
    "payload-list": lambda b: b"[]",
    "payload-nested": lambda b: b"[" * 50_000 + b"]" * 50_000,
    "payload-many": lambda b: b"[" + b"[]," * 200_000 + b"[]]",
    "payload-keys-unsorted": lambda b: (
        b.replace(b'{"_type":"https://in-toto.io/Statement/v1",', b"{", 1)[:-1]
        + b',"_type":"https://in-toto.io/Statement/v1"}'
    ),
}.items():
    _bomb = _name in {"payload-nested", "payload-endless-integer", "payload-many"}
    attack(_name, 45 if _bomb else 44, 3, MALFORMED)(payload_of(_spelling))

lied("unknown-member", 44, MALFORMED, lambda p: p.update(approved=True))
lied("unknown-version", 44, MALFORMED, lambda p: p.update(schemaVersion=2))
lied("wrong-type", 44, MALFORMED, lambda p: p.update(seed=42))
lied("six-findings", 44, MALFORMED, lambda p: p["results"][0].update(
    findings=[{"expected": "", "observed": "", "pointer": ""}] * 6))  # fmt: skip
lied("timestamp-policy-unknown", 57, MALFORMED, lambda p: p.update(timestampPolicy="required"))
lied("profile-id-is-a-path", 27, MALFORMED, lambda p: p["profile"].update(id="../../evil"))


@attack("predicate-type-other", 38, 3, MALFORMED)
def _() -> bytes:
    value = made.payload(genuine())
    value["predicateType"] = "https://in-toto.io/attestation/test-result/v0.1"
    return made.signed_bytes(genuine(), canonical(value))


@attack("bundle-not-canonical", 44, 3, "bundle-malformed")
def _() -> bytes:
    file = grammar.split(genuine())
    return grammar.assemble(file.core, json.dumps(json.loads(file.block), indent=1).encode())


attack("bundle-nested", 45, 3, "bundle-malformed")(
    lambda: grammar.assemble(grammar.split(genuine()).core, b"[" * 1_000_000)
)
attack("bundle-unknown-member", 44, 3, "bundle-malformed")(lambda: bundled(genuine(), lambda v: v.update(extra=1)))
attack("bundle-timestamp-slot", 57, 3, "bundle-malformed")(
    lambda: bundled(genuine(), lambda v: v["verificationMaterial"].update(timestampVerificationData={}))
)
attack("file-huge", 45, 3, "file-too-large")(lambda: genuine() + b" " * (10 * 1024**2))

# What is given in place of a certificate
attack("empty-file", 15, 3, "file-empty")(lambda: b"")
attack("pdf", 11, 3, "file-not-ascii")(lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
attack("unsigned-page", 16, 4, "unsigned")(
    lambda: b"<!doctype html>\n<html><title>Unsigned test report</title></html>\n"
)
attack("plain-text", 11, 3, "not-a-certificate")(lambda: b"Pass\n")

# A renderer this version does not have
lied("renderer-unknown", 6, "renderer-unknown", lambda p: p["renderer"].update(sha256="9" * 64), 7, page="unchecked")


@cache
def data_of(name: str) -> bytes:
    return ATTACKS[name].make()
