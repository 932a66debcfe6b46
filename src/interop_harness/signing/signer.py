"""What signs: a key in memory, or a command that has the key (a key service, a smart card)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from interop_harness.errors import SigningError
from interop_harness.signing.keys import Algorithm, PrivateKey, PublicKey

MAX_SIGNATURE = 1024


class Signer(Protocol):
    """Signs a message; ``public`` verifies what it made."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a private key in this process."""

    key: PrivateKey

    @property
    def public(self) -> PublicKey:
        return self.key.public

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


@dataclass(frozen=True, slots=True)
class CommandSigner:
    """Hands the DSSE pre-authentication encoding to a command and takes a raw signature back.

    The command reads the message on standard input and writes the signature, binary, on standard output:
    64 bytes for Ed25519; DER, or the 64 bytes r and s, for P-256. No shell is involved.
    """

    command: Sequence[str]
    public: PublicKey
    timeout: float = 120.0

    def sign(self, message: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command, split without a shell
                list(self.command), input=message, capture_output=True, timeout=self.timeout, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = "took too long" if isinstance(error, subprocess.TimeoutExpired) else "could not be started"
            raise SigningError("signer-command-failed", f"The signing command {reason}.") from error
        if done.returncode != 0:
            tail = done.stderr.decode("utf-8", "replace").strip()[-200:]
            message_text = f"The signing command ended with status {done.returncode}."
            raise SigningError("signer-command-failed", message_text, tail)
        if not 0 < len(done.stdout) <= MAX_SIGNATURE:
            raise SigningError(
                "signer-command-failed",
                "The signing command did not write one raw signature.",
                "It must write the signature itself, not text: decode base64 first.",
            )
        return _as_der(done.stdout) if self.public.algorithm is Algorithm.P256 else done.stdout


def _as_der(signature: bytes) -> bytes:
    if len(signature) != 64:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
