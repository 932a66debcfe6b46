"""Keys, strict canonical JSON and DSSE envelopes. Knows nothing of conformance.

private = load_private_key(path, passphrase)
envelope = sign_envelope(PAYLOAD_TYPE, body, KeySigner(private))
envelope.verify(private.public)       # True or False; the caller decides what that means
"""

from interop_harness.signing.canonical import CanonicalError, canonical, parse_canonical
from interop_harness.signing.envelope import Envelope, pae, parse_envelope, sign_envelope
from interop_harness.signing.keys import (
    Algorithm,
    KeyId,
    PrivateKey,
    PublicKey,
    generate,
    load_private_key,
    load_public_key,
)
from interop_harness.signing.signer import CommandSigner, KeySigner, Signer

__all__ = [
    "Algorithm",
    "CanonicalError",
    "CommandSigner",
    "Envelope",
    "KeyId",
    "KeySigner",
    "PrivateKey",
    "PublicKey",
    "Signer",
    "canonical",
    "generate",
    "load_private_key",
    "load_public_key",
    "pae",
    "parse_canonical",
    "parse_envelope",
    "sign_envelope",
]
