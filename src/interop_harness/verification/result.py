"""What verification needs to be told, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from interop_harness.errors import VerificationError
from interop_harness.trust import TrustedKey
from interop_harness.verification.next_steps import NEXT

Judge = Callable[[bytes], bytes]
"""Uncompressed evidence in, canonical report out; raises EvidenceError."""


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """A profile of this installation: its digest, the digest over its rows as certificates carry them, and how good
    a suite was measured to be at it."""

    sha256: str
    requirements_sha256: str | None = None
    figures: Any = None


ProfileLocator = Callable[[str, str, str], KnownProfile | None]
"""Id, version and the digest looked for; what it finds may have another digest, and then it is another profile."""


class Refuse(Protocol):
    """Ends the verification with what is known so far."""

    def __call__(self, code: str, message: str, hint: str = "", exit_code: int = 3) -> NoReturn: ...


class RefusedError(VerificationError):
    """A certificate that was not accepted. ``predicate`` is set once the signature was found genuine."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        exit_code: int = 3,
        predicate: Mapping[str, Any] | None = None,
        signer: TrustedKey | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(code, message, hint, exit_code=exit_code)
        self.predicate = predicate
        self.signer = signer
        self.notes = tuple(notes)
        self.proved: tuple[str, ...] = ()
        self.not_proved: tuple[str, ...] = ()

    @property
    def next_step(self) -> str:
        """What the reader does now."""
        return NEXT.get(self.code, self.hint)

    def as_json(self) -> dict[str, Any]:
        return {
            "genuine": self.exit_code in {5, 6} and self.predicate is not None,
            "exit": self.exit_code,
            "code": self.code,
            "message": self.message,
            "hint": self.next_step,
            "notes": list(self.notes),
            "signer": _signer(self.signer),
            "certificate": summary(self.predicate) if self.predicate else None,
        }


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """A genuine and current certificate that meets the expectations; its own verdict may still be a fail."""

    exit_code: int
    code: str
    message: str
    predicate: Mapping[str, Any]
    signer: TrustedKey
    notes: tuple[str, ...]
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]
    hint: str = ""
    warnings: tuple[str, ...] = ()
    """Those of the notes that say who signed, where the certificate gives another impression."""
    waivers: tuple[Mapping[str, str], ...] = ()
    """Every waiver under the reader's own trust."""

    @property
    def next_step(self) -> str:
        """What the reader does now."""
        return NEXT.get(self.code, self.hint)

    def as_json(self) -> dict[str, Any]:
        return {
            "genuine": True,
            "exit": self.exit_code,
            "code": self.code,
            "message": self.message,
            "hint": self.next_step,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "waivers": [dict(entry) for entry in self.waivers],
            "proved": list(self.proved),
            "notProved": list(self.not_proved),
            "signer": _signer(self.signer),
            "certificate": summary(self.predicate),
        }


def summary(predicate: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader should rely on instead of the page: taken from the signed statement."""
    failed = [row for row in predicate["results"] if row["outcome"] == "fail"]
    return {
        "id": predicate["id"],
        "verdict": predicate["verdict"],
        "assurance": predicate["assurance"],
        "issuer": predicate["issuer"]["name"],
        "supplier": predicate["implementation"]["supplier"],
        "product": predicate["implementation"]["product"],
        "productVersion": predicate["implementation"]["version"],
        "target": predicate["target"]["url"],
        "hostUnicode": predicate["target"]["hostUnicode"],
        "environment": predicate["target"]["environment"],
        "profile": predicate["profile"]["id"],
        "profileVersion": predicate["profile"]["version"],
        "profileStatus": predicate["profile"]["status"],
        "claims": predicate["claims"],
        "layers": predicate["profile"]["layers"],
        "summary": predicate["summary"],
        "failed": [{"id": row["id"], "level": row["level"], "statement": row["statement"]} for row in failed],
        "challenge": predicate["challenge"],
        "disguisedProbe": predicate["clientIdentity"]["disguisedProbe"],
        "addresses": predicate["target"]["addresses"],
        "issuedAt": predicate["issuedAt"],
        "validUntil": predicate["validUntil"],
        "keyid": predicate["issuer"]["keyid"],
        "evidenceSha256": predicate["evidence"]["sha256"],
        "waivers": [
            {"requirement": waiver["requirementId"], "accepted": waiver["accepted"], "expires": waiver["expires"]}
            for waiver in predicate["waivers"]
        ],
    }


def _signer(signer: TrustedKey | None) -> dict[str, Any] | None:
    if signer is None:
        return None
    return {"name": signer.issuer, "keyid": signer.keyid, "status": signer.status.value}
