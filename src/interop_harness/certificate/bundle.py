"""The container of the signature: a Sigstore bundle v0.3, used only as a box with known labels.

Its shape is closed and its spelling canonical, so it is read with one expression instead of a parser: what
does not match is refused before anything in it has been looked at.
"""

from __future__ import annotations

import re

from interop_harness.errors import VerificationError
from interop_harness.signing import CanonicalError, Envelope, KeyId, canonical
from interop_harness.signing.envelope import decode64

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_PAYLOAD = 4 * 1024**2
_BUNDLE = re.compile(
    r'\{"dsseEnvelope":\{"payload":"(?P<payload>[A-Za-z0-9+/=]+)","payloadType":"(?P<type>[ !#-\[\]-~]*)",'
    r'"signatures":\[(?P<signatures>[^\]]*)\]\},"mediaType":"' + re.escape(MEDIA_TYPE) + r'",'
    r'"verificationMaterial":\{"publicKey":\{"hint":"(?P<hint>SHA256:[0-9a-f]{64})"\}\}\}\Z'
)
_SIGNATURE = re.compile(r'\{"keyid":"(?P<keyid>SHA256:[0-9a-f]{64})","sig":"(?P<sig>[A-Za-z0-9+/=]{1,1024})"\}\Z')


def wrap(envelope: Envelope) -> bytes:
    return canonical(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": envelope.keyid}},
            "dsseEnvelope": envelope.as_json(),
        }
    )


def unwrap(data: bytes) -> Envelope:
    """The envelope in a bundle. Slots this version does not fill (log entries, timestamps) are refused."""
    match = _BUNDLE.match(data.decode("latin-1"))
    if match is None:
        raise VerificationError("bundle-malformed", "The signature block is not of the shape this format has.")
    if match["type"] != PAYLOAD_TYPE:
        raise VerificationError("payload-type-wrong", "What was signed is something else than a certificate.")
    signature = _SIGNATURE.match(match["signatures"])
    if signature is None:
        raise VerificationError("signature-count", "There must be exactly one signature, well formed.")
    if signature["keyid"] != match["hint"]:
        raise VerificationError("key-hint-mismatch", "The signature block names two different keys.")
    try:
        payload, sig = decode64(match["payload"]), decode64(signature["sig"])
    except CanonicalError as error:
        raise VerificationError("bundle-malformed", "The signature block is damaged.") from error
    if len(payload) > MAX_PAYLOAD:
        raise VerificationError("payload-too-large", "The signed statement is larger than this tool reads.")
    return Envelope(PAYLOAD_TYPE, payload, KeyId(signature["keyid"]), sig)
