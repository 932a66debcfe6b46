"""Whether a waiver counts: for this product, this requirement, today, and by whose key in whose store."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interop_harness.certificate import outcome
from interop_harness.certificate import waiver as documents
from interop_harness.certificate.statement import format_time
from interop_harness.errors import SigningError
from interop_harness.signing import CanonicalError
from interop_harness.trust import Role, Status, TrustStore
from interop_harness.verification.quoting import quoted

NOT_SIGNED = "it is not signed"
NOT_COUNTED = "the certificate does not count it"
NOT_NEEDED = "it changes nothing: the requirement did not fail, or does not decide the verdict"


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry of a predicate under the reader's own trust. ``refusal`` is empty when it counts."""

    entry: Mapping[str, Any]
    refusal: str
    needed: bool

    @property
    def requirement(self) -> str:
        return str(self.entry["requirementId"])


def judged(predicate: Mapping[str, Any], trust: TrustStore, now: datetime) -> list[Judged]:
    """Every waiver of a certificate. One of a requirement that did not fail is not needed, whoever granted it."""
    failed = failures(predicate)
    found = []
    for claimed in predicate["waivers"]:
        reason = refusal(documents.read(base64.b64decode(claimed["document"])), predicate, trust, now)
        needed = claimed["requirementId"] in failed
        said = f"{NOT_COUNTED}: {quoted(claimed['refusal'])}" if claimed["refusal"] else NOT_COUNTED
        worth = reason or ("" if claimed["accepted"] else said)
        found.append(Judged(claimed, worth if needed else NOT_NEEDED, needed))
    return found


def failures(content: Mapping[str, Any]) -> frozenset[str]:
    """The requirements that there is something to waive of."""
    return outcome.failures(
        content["results"], content["classes"], outcome.binding_layers(content["profile"]["layers"])
    )


def refuse_unneeded(document: bytes, content: Mapping[str, Any]) -> None:
    """A waiver of what did not fail would be printed as if it had, and end the certificate with itself."""
    requirement = _read(document).requirement
    if requirement in failures(content):
        return
    ended = next(
        (f"ended {row['outcome']}" for row in content["results"] if row["id"] == requirement), "was not tested"
    )
    if ended == "ended fail":
        ended = "failed, but does not decide the verdict"
    raise SigningError(
        "waiver-not-needed",
        f"There is nothing to waive: {requirement} {ended}.",
        "Leave the waiver out: only a failed MUST of the classes claimed can be waived.",
    )


def entry(document: bytes, content: Mapping[str, Any], trust: TrustStore, now: datetime) -> dict[str, Any]:
    """The member of a predicate for a waiver document, accepted or not; see ``statement.content``."""
    waiver = _read(document)
    reason = refusal(waiver, content, trust, now)
    known = trust.find(waiver.envelope.keyid) if waiver.envelope else None
    return {
        "id": waiver.id,
        "requirementId": waiver.requirement,
        "grantedBy": waiver.envelope.keyid if waiver.envelope else None,
        "granter": known.issuer if known else "nobody the issuer knows",
        "expires": format_time(waiver.expires),
        "reason": waiver.reason,
        "accepted": reason is None,
        "refusal": reason or "",
        "document": base64.b64encode(document.rstrip(b"\n")).decode("ascii"),
    }


def refusal(waiver: documents.Waiver, content: Mapping[str, Any], trust: TrustStore, now: datetime) -> str | None:
    """Why a waiver changes nothing; None when it counts."""
    if waiver.envelope is None:
        return NOT_SIGNED
    key = trust.find(waiver.envelope.keyid)
    if key is None:
        return "its signer is not in the trust store"
    if not waiver.envelope.verify(key.key):
        return "its signature is not genuine"
    if key.status is Status.REVOKED:
        return f"the key of {key.issuer} was revoked"
    not_allowed = key.refusal(Role.GRANT_WAIVER, content["profile"]["id"], waiver.issued)
    if not_allowed:
        return not_allowed
    if not waiver.issued <= now <= waiver.expires:
        return f"it is not in force on {now:%Y-%m-%d}"
    implementation = content["implementation"]
    same = (waiver.profile, waiver.supplier, waiver.product) == (
        content["profile"]["id"],
        implementation["supplier"],
        implementation["product"],
    )
    return None if same else "it was granted for another product or profile"


def contradiction(claimed: Mapping[str, Any]) -> str | None:
    """Where an entry of a predicate says something else than the document it carries."""
    try:
        waiver = documents.read(base64.b64decode(claimed["document"], validate=True))
    except (CanonicalError, ValueError):
        return "its document cannot be read"
    said = {
        "id": waiver.id,
        "requirementId": waiver.requirement,
        "grantedBy": waiver.envelope.keyid if waiver.envelope else None,
        "expires": format_time(waiver.expires),
        "reason": waiver.reason,
    }
    for name, value in said.items():
        if claimed[name] != value:
            return f"its {name} is not the document's"
    if claimed["accepted"] and waiver.envelope is None:
        return NOT_SIGNED
    return None


def _read(document: bytes) -> documents.Waiver:
    try:
        return documents.read(document)
    except CanonicalError as error:
        raise SigningError("waiver-unreadable", f"A waiver file cannot be read: {error}.") from error
