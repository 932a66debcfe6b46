"""A waiver: a buyer's signed decision to live with one failed requirement of one product until a date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interop_harness.certificate import schema, statement
from interop_harness.certificate.text import sanitise
from interop_harness.errors import SigningError
from interop_harness.signing import (
    CanonicalError,
    Envelope,
    Signer,
    canonical,
    parse_canonical,
    parse_envelope,
    sign_envelope,
)

PAYLOAD_TYPE = "application/vnd.interop-harness.waiver+json"
TYPE = "waiver/v1"
MAX_WAIVER = 12_000


@dataclass(frozen=True, slots=True)
class Waiver:
    """What a waiver says. ``envelope`` is None when the document carries no signature at all."""

    id: str
    profile: str
    requirement: str
    supplier: str
    product: str
    reason: str
    issued: datetime
    expires: datetime
    envelope: Envelope | None


def grant(
    *,
    signer: Signer,
    now: datetime,
    expires: datetime,
    profile: str,
    requirement: str,
    supplier: str,
    product: str,
    reason: str,
    identifier: str | None = None,
) -> bytes:
    """A signed waiver document."""
    if expires <= now or not reason.strip():
        raise SigningError("waiver-unusable", "A waiver needs a reason and an expiry date in the future.")
    body: dict[str, Any] = {
        "type": TYPE,
        "id": identifier or statement.uuid7(now),
        "profile": profile,
        "requirement": requirement,
        "supplier": sanitise(supplier, 200),
        "product": sanitise(product, 200),
        "reason": sanitise(reason),
        "issued": statement.format_time(now),
        "expires": statement.format_time(expires),
    }
    problem = schema.problem(body, "waiver")
    if problem:
        raise SigningError("waiver-unusable", f"The waiver cannot be written: {problem}.")
    return sign_envelope(PAYLOAD_TYPE, canonical(body), signer).as_bytes()


def read(document: bytes) -> Waiver:
    """The waiver in ``document``, signed or not; raises `CanonicalError` for anything else."""
    if len(document) > MAX_WAIVER:
        raise CanonicalError("larger than any waiver")
    document = document.rstrip(b"\n")
    envelope: Envelope | None = None
    try:
        envelope = parse_envelope(document)
        body: Mapping[str, Any] = parse_canonical(envelope.payload)
    except CanonicalError:
        if envelope is not None or b'"payload":' in document:
            raise
        body = parse_canonical(document)
    if envelope is not None and envelope.payload_type != PAYLOAD_TYPE:
        raise CanonicalError("a signed file of another kind")
    problem = schema.problem(json.loads(canonical(dict(body))), "waiver")
    if problem:
        raise CanonicalError(f"not a waiver ({problem})")
    try:
        return Waiver(
            id=body["id"],
            profile=body["profile"],
            requirement=body["requirement"],
            supplier=body["supplier"],
            product=body["product"],
            reason=body["reason"],
            issued=statement.parse_time(body["issued"]),
            expires=statement.parse_time(body["expires"]),
            envelope=envelope,
        )
    except ValueError as error:
        raise CanonicalError("a date that does not exist") from error
