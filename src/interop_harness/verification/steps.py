"""Verification: one function, one path, numbered steps. Every one of them is needed; none trusts the page.

Nothing is read from a clock, the network, the environment or a file: the bytes, the trust store, the
expectations and the time are arguments. Whatever the bytes are, the answer is a `VerificationResult` or a
`VerificationError` with a stable code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from interop_harness.certificate import bundle, grammar, package, schema, statement, templates
from interop_harness.certificate.statement import parse_time
from interop_harness.certificate.text import is_safe, mixed_scripts
from interop_harness.errors import HarnessError
from interop_harness.signing import CanonicalError, parse_canonical
from interop_harness.trust import Role, Status, TrustedKey, TrustStore
from interop_harness.trust.store import STALE_GRACE
from interop_harness.verification import waivers, words
from interop_harness.verification.expectations import Expectations
from interop_harness.verification.quoting import quoted, shown
from interop_harness.verification.recomputing import (
    check_coverage,
    check_measured,
    check_recomputed,
    known_profile,
    seed_follows,
)
from interop_harness.verification.rejudging import check_evidence
from interop_harness.verification.result import Judge, ProfileLocator, Refuse, RefusedError, VerificationResult

PROBES = {
    "fail": "The service answered ordinary clients differently from the tests: its results hold for the tests alone.",
    "inconclusive": "Whether the service answers ordinary clients as it answered the tests could not be told.",
    "not-run": "Whether the service answers ordinary clients as it answered the tests was not checked.",
}
CLOCK_SKEW = timedelta(minutes=5)
FIRST_YEAR, LAST_YEAR = 1970, 9998
_RESEND = "It was changed on its way or edited. Ask the sender for the file again, as the zip package."


def verify(  # noqa: PLR0915 - one path, so that it can be read against its list
    data: bytes,
    *,
    trust: TrustStore,
    now: datetime,
    expect: Expectations | None = None,
    evidence: bytes | None = None,
    judge: Judge | None = None,
    profiles: ProfileLocator = lambda identifier, version, sha256: None,
    accept_waivers: bool = False,
) -> VerificationResult:
    """Check a certificate file, or the zip package that holds one.

     0  the trust store can be used now
     1  size, bytes, line ends, markers, base64
     2  container: closed shape, type of the payload, exactly one signature
     3  the key that the hint names is in the trust store
     4  its signature covers the type and the payload
     5  the very bytes that were verified: canonical, of the published schema, text without hidden characters
     6  the payload names the key that signed it
     7  that key may sign for this assurance and profile, and might at the time of issue
     8  the page is the one that was signed
     9  this installation has the renderer that the payload names
    10  the payload, rendered again, is that page
    11  the profile is known, by its digest
    12  the results are that profile's requirements, each once
    13  verdict, counts, classes and layers follow from the results
    14  timestamps: version 1 has none, and says so in the payload
    15  neither key nor certificate is revoked
    16  issued in the past, not expired
    17  the reader's expectations
    18  evidence, when given: its digest, and its judgement made again; without it, that the seed follows
    19  the verdict itself, with waivers under the reader's own trust

    ``judge`` re-runs the suite over the evidence. Without it, and without ``evidence``, the result says
    that the judgement was not made again.
    """
    expect = expect or Expectations()
    notes: list[str] = list(trust.notes)

    # 0: a wrong clock or an old store would make every later answer worthless.
    _check_store(trust, now, notes)

    # 1
    if data[:2] == package.MAGIC[:2]:
        parcel = package.read(data)
        data, evidence = parcel.certificate, parcel.evidence if evidence is None else evidence
    elif package.MAGIC in data:
        raise package.not_ours("There is something before the zip package in this file.")
    file = grammar.split(data)
    if file.line_endings_changed:
        notes.append("The line endings were changed in transit, and nothing else.")

    # 2
    envelope = bundle.unwrap(file.block)

    # 3: the hint only selects. The algorithm is the listed key's.
    signer = trust.find(envelope.keyid)
    if signer is None:
        raise RefusedError(
            "signer-unknown",
            "Nobody in your trust store signed this file.",
            f"It names the key {envelope.keyid}. Do not add that key because this file names it: ask its owner.",
            exit_code=4,
        )

    # 4
    if not envelope.verify(signer.key):
        raise RefusedError("signature-invalid", "The signature is not genuine.", _RESEND, signer=signer)

    # 5
    statement_read = _read_payload(envelope.payload, signer)
    predicate, subject = statement_read["predicate"], statement_read["subject"]

    def refuse(code: str, message: str, hint: str = "", exit_code: int = 3) -> NoReturn:
        raise RefusedError(code, message, hint, exit_code=exit_code, predicate=predicate, signer=signer, notes=notes)

    # 6: a payload lifted from another signer's certificate and signed anew ends here.
    if predicate["issuer"]["keyid"] != signer.keyid:
        refuse("issuer-key-mismatch", "The certificate names another key than the one that signed it.")

    # 7
    issued = parse_time(predicate["issuedAt"])
    not_allowed = signer.refusal(Role(f"sign:{predicate['assurance']}"), predicate["profile"]["id"], issued)
    if not_allowed:
        refuse("signer-not-authorised", f"The signer may not issue this: {not_allowed}.", exit_code=4)

    # 8
    if hashlib.sha256(file.core).hexdigest() != subject[0]["digest"]["sha256"]:
        refuse("page-changed", "The page is not the one that was signed.", _RESEND)
    if subject[1]["digest"]["sha256"] != predicate["evidence"]["sha256"]:
        refuse("evidence-digest-inconsistent", "The certificate names two different evidence files.")

    # 9: never "valid" without having compared the page with the data.
    renderer = predicate["renderer"]
    if templates.digest(renderer["id"]) != renderer["sha256"]:
        refuse(
            "renderer-unknown",
            "Signature and page digest are valid, but this tool cannot check that the page matches the data: "
            f"it does not have the page renderer {renderer['id']} that was used.",
            "Use a newer version of this tool. Until then rely on the summary, not on the page.",
            exit_code=7,
        )

    # 10
    try:
        page = templates.render(renderer["id"], predicate)
    except Exception:  # a predicate that fits the schema always renders; should one not, it is no page of ours
        page = b""
    if page != file.core:
        refuse("page-does-not-match-data", "The page says something else than the signed data.")

    # 11
    known = known_profile(predicate["profile"], trust, profiles, refuse)
    if known is None:
        refuse(
            "profile-unknown",
            f"The profile {predicate['profile']['id']} {predicate['profile']['version']} with this content is "
            "not known here: it may be a weakened copy.",
            "Install the profile, or add its digest to your trust store after checking where it comes from.",
            exit_code=7,
        )

    # 12
    covered = check_coverage(predicate, known, refuse, notes)

    # 13
    check_recomputed(predicate, refuse)
    unmeasured = check_measured(predicate, known, refuse)

    # 14: a policy this version does not know has been refused by the schema; "none" claims nothing.
    notes.append("The time of signing is the signer's own claim.")

    # 15: without a trusted timestamp a stolen key can back-date, so revocation spares nothing it signed.
    if signer.status is Status.REVOKED:
        refuse("key-revoked", f"The key of {signer.issuer} was revoked: nothing it signed counts.", exit_code=5)
    if predicate["id"] in trust.revoked_certificates:
        refuse("certificate-revoked", "This certificate was revoked.", exit_code=5)

    # 16
    _check_dates(predicate, signer, now, refuse)

    # 17
    try:
        unmet = list(expect.unmet(predicate, now))
    except HarnessError as error:
        refuse("expectation-unusable", f"An expectation cannot be used: {error.message}", error.hint, 2)
    if unmet:
        refuse(unmet[0][0], " ".join(sentence for _, sentence in unmet), exit_code=6)

    # 18
    judged = check_evidence(predicate, evidence, judge, refuse)
    if not judged and not seed_follows(predicate):  # evidence judged again has borne its seed out
        refuse(
            "seed-does-not-follow",
            "The tests were not drawn from the profile and the address on the certificate: the seed was chosen.",
            "Ask the supplier to run the tests again, without --seed. Send a challenge first: interop challenge new",
        )

    # 19
    code, exit_code, message = _verdict(predicate, trust, now, accept_waivers, notes)
    message = f"{message} {words.untested(predicate)}".rstrip()
    if exit_code == 0 and not covered and not judged:  # a fail is one whatever else there was; a pass is not
        refuse(
            "requirements-unknown",
            "The result signed is a pass, but which requirements the profile has is not known here: one that failed "
            "may have been left out.",
            "Install the profile, or have it listed with its requirements: interop trust profile ID --trust STORE",
            7,
        )
    _advise(predicate, signer, expect, now, notes)
    return VerificationResult(
        exit_code=exit_code,
        code=code,
        message=message,
        predicate=predicate,
        signer=signer,
        notes=tuple(notes),
        warnings=tuple(words.warnings(predicate, signer)),
        waivers=tuple(words.waiver_lines(predicate, trust, now)),
        proved=(f"{quoted(signer.issuer)} signed exactly this page and data", *judged),
        not_proved=(
            "what the signer states of people and organisations: "
            + ", ".join(label for label, _ in words.stated(predicate)),
            "that the answers recorded are those of the service named",
            *((unmeasured,) if unmeasured else ()),
            *(() if judged else ("that the evidence bears the result: it was not given or not judged again",)),
            *(
                ("that the tests were not chosen: whose the challenge is that they were drawn from",)
                if words.unsent(predicate, expect.challenge)
                else ()
            ),
            *(
                ()
                if judged or expect.challenge is None
                else ("that the tests were made with your challenge: without the evidence anybody can write it in",)
            ),
        ),
    )


def _check_store(trust: TrustStore, now: datetime, notes: list[str]) -> None:
    if now + CLOCK_SKEW < trust.issued:
        raise RefusedError(
            "clock-behind-trust-store",
            f"This machine says it is {now:%Y-%m-%d}, but the trust store was made on {trust.issued:%Y-%m-%d}.",
            "Set the clock right: with a wrong one no date can be checked.",
            exit_code=7,
        )
    if trust.expires and now - STALE_GRACE > trust.expires:
        raise RefusedError(
            "trust-store-expired",
            f"The trust store expired on {trust.expires:%Y-%m-%d}: it may lack revocations.",
            "Get the current one from its publisher.",
            exit_code=7,
        )
    if trust.expires and now > trust.expires:
        notes.append(f"The trust store expired on {trust.expires:%Y-%m-%d}. Get the current one.")


def _read_payload(payload: bytes, signer: TrustedKey) -> Mapping[str, Any]:
    try:
        value = parse_canonical(payload)
    except CanonicalError as error:
        raise RefusedError(
            "payload-malformed", f"The signed statement is malformed: {error}.", signer=signer
        ) from error
    problem = schema.problem(value)
    if problem:
        raise RefusedError(
            "payload-malformed", f"The signed statement is not of the form known: {problem}.", signer=signer
        )
    # What canonical JSON escapes, besides the quote and the backslash themselves, are control characters.
    escapes = payload.replace(rb"\\", b"").replace(rb"\"", b"").count(b"\\")
    if escapes or not is_safe(payload.decode("utf-8")):
        raise RefusedError("payload-hidden-text", "The signed statement holds invisible or reordering characters.")
    predicate: Mapping[str, Any] = value["predicate"]
    try:
        for stamp in (
            *(predicate[name] for name in ("issuedAt", "notBefore", "validUntil")),
            *(predicate["run"][name] for name in ("startedAt", "finishedAt")),
            *(entry["expires"] for entry in predicate["waivers"]),
        ):
            if not FIRST_YEAR <= parse_time(stamp).year <= LAST_YEAR:
                raise ValueError("a date that no certificate has, and too near the ends of the calendar to reckon with")
    except ValueError as error:
        raise RefusedError("payload-malformed", "The signed statement holds a date that does not exist.") from error
    return value


def _check_dates(predicate: Mapping[str, Any], signer: TrustedKey, now: datetime, refuse: Refuse) -> None:
    issued, begins, ends = (parse_time(predicate[name]) for name in ("issuedAt", "notBefore", "validUntil"))
    if ends - begins > timedelta(days=statement.MAX_DAYS) or begins < issued - CLOCK_SKEW:
        refuse("validity-malformed", "The certificate claims to be valid for longer than certificates may be.")
    if max(issued, begins) > now + CLOCK_SKEW:
        refuse("not-yet-valid", f"The certificate is dated {predicate['issuedAt']}, in the future.", exit_code=5)
    started, finished = (parse_time(predicate["run"][name]) for name in ("startedAt", "finishedAt"))
    if started > finished:
        refuse("dates-inconsistent", "The tests ended before they began.")
    if finished > issued + CLOCK_SKEW:
        refuse("dates-inconsistent", "The certificate was signed before its tests had ended.")
    key_ends = signer.ends(predicate["profile"]["id"])
    if key_ends:
        ends = min(ends, key_ends)
    if now > ends:
        refuse("expired", f"The certificate expired on {ends:%Y-%m-%d}.", "Ask the supplier for a new one.", 5)


def _verdict(
    predicate: Mapping[str, Any], trust: TrustStore, now: datetime, accept_waivers: bool, notes: list[str]
) -> tuple[str, int, str]:
    if predicate["verdict"] == "CONFORMANT":
        return "genuine-pass", 0, "Genuine and current. The result is a pass."
    if predicate["verdict"] == "NOT_CONFORMANT":
        return "genuine-fail", 1, "Genuine and current. The result is a fail."
    found = waivers.judged(predicate, trust, now)
    for waiver in found:
        entry = waiver.entry
        known = trust.find(entry["grantedBy"] or "")
        if entry["accepted"] and known is not None and known.issuer != entry["granter"]:
            notes.append(
                f"The certificate says that {quoted(entry['granter'])} granted a waiver; "
                f"your trust store calls that key {quoted(known.issuer)}."
            )
    # One waiver that counts is enough for a failure, whoever else waived it; of what did not fail none is needed.
    counts = {waiver.requirement for waiver in found if not waiver.refusal}
    missing = [name for name in sorted(waivers.failures(predicate)) if name not in counts]
    for name in missing:
        reasons = dict.fromkeys(
            waiver.refusal for waiver in found if waiver.requirement == name and waiver.entry["accepted"]
        )
        notes.append(f"{name} failed. Its waiver is not accepted by your trust store: {'; '.join(reasons)}.")
    if missing:
        return (
            "waiver-not-accepted",
            1,
            "Genuine and current. The result is a fail: a waiver is not accepted by your trust store.",
        )
    exit_code = 0 if accept_waivers else 1
    return "genuine-pass-with-waivers", exit_code, "Genuine and current. The result is a pass with waivers."


def _advise(
    predicate: Mapping[str, Any], signer: TrustedKey, expect: Expectations, now: datetime, notes: list[str]
) -> None:
    notes += words.warnings(predicate, signer)
    for label, text in (
        ("supplier", predicate["implementation"]["supplier"]),
        ("issuer", predicate["issuer"]["name"]),
        ("product", predicate["implementation"]["product"]),
    ):
        scripts = mixed_scripts(text)
        if scripts:
            notes.append(f"The name of the {label} mixes {' and '.join(scripts)} letters, as look-alike names do.")
    if predicate["target"]["hostUnicode"] is not None:
        notes.append(f"The host {predicate['target']['hostAscii']} reads {shown(predicate['target']['hostUnicode'])}.")
    notes += filter(None, (words.aged(predicate, now), words.unsent(predicate, expect.challenge)))
    if expect.target is None or expect.profile is None:
        notes.append("You did not say for which address and profile: compare them yourself.")
    probe = predicate["clientIdentity"]["disguisedProbe"]
    if probe != "pass":
        notes.append(PROBES[probe])
    if predicate["profile"]["status"] != "adopted":
        notes.append(f"The profile is {predicate['profile']['status']}.")
