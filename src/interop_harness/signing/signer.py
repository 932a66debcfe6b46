"""What signs: a key in memory, or a command that has the key (a key service, a smart card)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from interop_harness.errors import SigningError
from interop_harness.signing.keys import Algorithm, PrivateKey, PublicKey

MAX_SIGNATURE = 1024
MAX_OUTPUT = 64 * 1024
PR_SET_DUMPABLE = 4
"""Of Linux's prctl(2): 0 makes /proc/PID root's."""
PREFIX = "INTEROP_SIGNING_"
"""What the environment holds of keys and passphrases begins so."""


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
    64 bytes for Ed25519; DER, or the 64 bytes r and s, for P-256. No shell is involved. Its environment
    holds nothing of a key or passphrase that was meant for this program.
    """

    command: Sequence[str]
    public: PublicKey
    timeout: float = 120.0

    def sign(self, message: bytes) -> bytes:
        status, out, said = _run(self.command, message, self.timeout)
        if status != 0:
            tail = said.decode("utf-8", "replace").strip()[-200:]
            message_text = f"The signing command ended with status {status}."
            raise SigningError("signer-command-failed", message_text, tail)
        if not 0 < len(out) <= MAX_SIGNATURE:
            raise SigningError(
                "signer-command-failed",
                "The signing command did not write one raw signature.",
                "It must write the signature itself, not text: decode base64 first.",
            )
        return _as_der(out) if self.public.algorithm is Algorithm.P256 else out


def close_to_others() -> None:
    """Let no process of the same user look into this one: what was set when it began stays visible, even once removed.

    On Linux. Elsewhere an environment is shown to its user, or to nobody, and nothing here changes that.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def environment_without_secrets() -> dict[str, str]:
    """The environment for a process that needs no key of ours and no passphrase, which is every process."""
    if any(name.startswith(PREFIX) for name in os.environ):
        close_to_others()
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def _run(command: Sequence[str], message: bytes, timeout: float) -> tuple[int, bytes, bytes]:
    """Exit status, output and the end of what was said. Nobody's output is kept without end.

    In this session still, for a command may ask for a PIN on the terminal.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, split without a shell
            list(command), stdin=pipe, stdout=pipe, stderr=pipe, env=environment_without_secrets(), bufsize=0
        )
    except OSError as error:
        reason = f"could not be started: {error.strerror}"
        raise SigningError("signer-command-failed", f"The signing command {reason}.") from error
    assert process.stdin and process.stdout and process.stderr
    out, said = bytearray(), bytearray()
    threads = [
        threading.Thread(target=_give, args=(process.stdin, message), daemon=True),
        threading.Thread(target=_take, args=(process.stdout, out, process.kill), daemon=True),
        threading.Thread(target=_take, args=(process.stderr, said, None), daemon=True),
    ]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + timeout
    try:
        process.wait(timeout)
        for thread in threads[1:]:
            thread.join(max(0.0, ends - time.monotonic()))
            if thread.is_alive():  # a child of its own holds the output open
                raise subprocess.TimeoutExpired(list(command), timeout)
    except BaseException as error:
        process.kill()
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise SigningError("signer-command-failed", "The signing command took too long.") from error
        raise
    if len(out) > MAX_OUTPUT:
        raise SigningError(
            "signer-command-failed",
            "The signing command was stopped: it wrote far more than a signature.",
            "It must write one raw signature and nothing else on its output.",
        )
    return process.returncode, bytes(out), bytes(said)


def _give(stream: IO[bytes], message: bytes) -> None:
    rest = memoryview(message)
    with contextlib.suppress(OSError), stream:  # it may end without having read everything
        while rest:
            rest = rest[stream.write(rest) :]


def _take(stream: IO[bytes], kept: bytearray, stop: Callable[[], None] | None) -> None:
    """Read to the end. Beyond the limit: call ``stop`` and leave, or keep the end alone."""
    with contextlib.suppress(OSError), stream:
        while piece := stream.read(MAX_OUTPUT):
            kept += piece
            if len(kept) > MAX_OUTPUT:
                if stop is not None:
                    stop()
                    return
                del kept[:-MAX_OUTPUT]


def _as_der(signature: bytes) -> bytes:
    if len(signature) != 64:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
