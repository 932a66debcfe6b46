"""DSSE 1.0.2: what is signed is the pre-authentication encoding of a type and a body.

The envelope carried here has exactly one signature and no header that could choose an algorithm: the
algorithm is a property of the key, and the key comes from a trust store.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from interop_harness.errors import SigningError
from interop_harness.signing.canonical import CanonicalError, canonical, parse_canonical
from interop_harness.signing.keys import KeyId, PublicKey
from interop_harness.signing.signer import Signer

KEYID = re.compile(r"SHA256:[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A typed body and one signature. ``keyid`` is a hint for finding the key and proves nothing."""

    payload_type: str
    payload: bytes
    keyid: KeyId
    signature: bytes

    def verify(self, key: PublicKey) -> bool:
        return key.verify(pae(self.payload_type, self.payload), self.signature)

    def as_json(self) -> dict[str, Any]:
        return {
            "payload": encode64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.keyid, "sig": encode64(self.signature)}],
        }

    def as_bytes(self) -> bytes:
        return canonical(self.as_json())


def pae(payload_type: str, body: bytes) -> bytes:
    """``DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`` (DSSE protocol, "Signature Definition")."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def sign_envelope(payload_type: str, body: bytes, signer: Signer) -> Envelope:
    """Signs, then verifies before returning: a key command that signed something else is refused here."""
    message = pae(payload_type, body)
    signature = signer.sign(message)
    if not signer.public.verify(message, signature):
        raise SigningError(
            "signature-does-not-verify",
            "The signature made does not verify with the public key given.",
            "Check that the key command uses the private half of that public key.",
        )
    return Envelope(payload_type, body, signer.public.keyid, signature)


def parse_envelope(data: bytes) -> Envelope:
    """The envelope whose canonical JSON is ``data``; raises `CanonicalError` for anything else."""
    value = parse_canonical(data)
    match value:
        case {
            "payload": str(payload),
            "payloadType": str(kind),
            "signatures": [{"keyid": str(keyid), "sig": str(sig)}],
        }:
            if len(value) != 3 or len(value["signatures"][0]) != 2 or not KEYID.match(keyid):
                raise CanonicalError("not an envelope with exactly one signature")
            return Envelope(kind, decode64(payload), KeyId(keyid), decode64(sig))
    raise CanonicalError("not an envelope with exactly one signature")


def encode64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode64(text: str) -> bytes:
    """Strict base64: decoders ignore stray trailing bits, so the result must encode to the same text."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CanonicalError("not base64") from error
    if encode64(data) != text:
        raise CanonicalError("base64 that does not encode back to itself")
    return data
