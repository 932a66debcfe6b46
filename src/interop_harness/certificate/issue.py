"""Issuing: a report and its evidence in, a signed page out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from interop_harness.certificate import bundle, grammar, schema, statement, templates
from interop_harness.certificate.statement import Assurance
from interop_harness.errors import SigningError
from interop_harness.signing import Signer, sign_envelope


def issue(
    report: bytes,
    evidence: bytes,
    signer: Signer,
    *,
    now: datetime,
    issuer: str,
    assurance: Assurance = Assurance.FIRST_PARTY,
    days: int = statement.DEFAULT_DAYS,
    company_number: str | None = None,
    operator: str | None = None,
    signatory: Mapping[str, str] | None = None,
    waivers: Sequence[Mapping[str, Any]] = (),
    supersedes: Sequence[str] = (),
    identifier: str | None = None,
) -> bytes:
    """The bytes of ``certificate.html`` for a run that passed or failed.

    ``evidence`` is the uncompressed lines. **The caller must have replayed them first** in a process without
    the key (`interop sign` does): here only their digest is compared with the report's.
    """
    read = read_report(report)
    digest = hashlib.sha256(evidence).hexdigest()
    statement.refuse_unfit(read)
    if read["run"].get("evidence_sha256") != digest:
        raise SigningError(
            "evidence-does-not-match",
            "The evidence file is not the one this report was made from.",
            "Run again; a run directory whose files were changed cannot be signed.",
        )
    predicate = statement.build(
        read,
        keyid=signer.public.keyid,
        renderer={"id": templates.CURRENT, "sha256": str(templates.digest(templates.CURRENT))},
        now=now,
        issuer=issuer,
        evidence={"sha256": digest, "bytes": len(evidence), "records": evidence.count(b"\n")},
        assurance=assurance,
        company_number=company_number,
        operator=operator,
        signatory=signatory,
        days=days,
        waivers=waivers,
        supersedes=supersedes,
        identifier=identifier,
    )
    return seal(predicate, signer)


def seal(predicate: Mapping[str, Any], signer: Signer) -> bytes:
    """Render, bind, sign and assemble a predicate. What does not fit the published schema is never signed."""
    core = templates.render(predicate["renderer"]["id"], predicate)
    payload = statement.statement(predicate, core)
    problem = schema.problem(json.loads(payload))
    if problem:
        raise SigningError("report-malformed", f"The report does not fit the certificate's schema: {problem}")
    return grammar.assemble(core, bundle.wrap(sign_envelope(bundle.PAYLOAD_TYPE, payload, signer)))


def read_report(report: bytes) -> dict[str, Any]:
    try:
        value = json.loads(report)
    except (ValueError, RecursionError) as error:
        raise SigningError("report-malformed", "The report is not JSON.") from error
    if not isinstance(value, dict):
        raise SigningError("report-malformed", "The report is not a JSON object.")
    return value
