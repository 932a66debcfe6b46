"""Ed25519 and ECDSA P-256 keys: making, storing, reading, identifying.

A key id is ``SHA256:`` and the hexadecimal SHA-256 of the key's SubjectPublicKeyInfo, always compared in
full. Two kinds of key are refused although the library takes them: Ed25519 points of small order (one
signature under such a key verifies for every message) and points that are not encoded canonically.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NewType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from interop_harness.errors import SigningError, TrustError
from interop_harness.regular import read_regular, refuse_irregular

KeyId = NewType("KeyId", str)
BCRYPT_ROUNDS = 100
MAX_KEY_FILE = 64 * 1024
_PUBLIC_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----\s*\Z")


class Algorithm(StrEnum):
    """The two algorithms there are. A key has one; no message can choose another."""

    ED25519 = "ed25519"
    P256 = "ecdsa-p256-sha256"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A checked public key. Build it with `from_pem` or `from_spki`, which refuse unfit keys."""

    algorithm: Algorithm
    spki: bytes

    @classmethod
    def from_pem(cls, pem: bytes) -> PublicKey:
        if len(pem) > MAX_KEY_FILE or not _PUBLIC_PEM.match(pem):
            hint = "Give the .pub.pem file. A private key never goes into a trust store."
            raise TrustError("key-not-public-pem", "This is not one PEM public key.", hint)
        try:
            loaded = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise TrustError("key-unreadable", "The public key cannot be read.") from error
        return cls._checked(loaded)

    @classmethod
    def from_spki(cls, spki: bytes) -> PublicKey:
        try:
            loaded = serialization.load_der_public_key(spki)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise TrustError("key-unreadable", "The public key cannot be read.") from error
        key = cls._checked(loaded)
        if key.spki != spki:
            raise TrustError("key-not-canonical", "The public key is not encoded in its one canonical form.")
        return key

    @classmethod
    def _checked(cls, loaded: object) -> PublicKey:
        if isinstance(loaded, ed25519.Ed25519PublicKey):
            _check_point(loaded.public_bytes_raw())
            return cls(Algorithm.ED25519, _spki(loaded))
        if isinstance(loaded, ec.EllipticCurvePublicKey) and isinstance(loaded.curve, ec.SECP256R1):
            return cls(Algorithm.P256, _spki(loaded))
        raise TrustError(
            "key-algorithm-refused",
            "Only Ed25519 and ECDSA P-256 keys are accepted.",
            "Make one with: interop keys new --issuer NAME --out FILE",
        )

    @property
    def keyid(self) -> KeyId:
        return KeyId("SHA256:" + hashlib.sha256(self.spki).hexdigest())

    @property
    def pem(self) -> str:
        return (
            _loaded(self.spki)
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode("ascii")
        )

    def verify(self, message: bytes, signature: bytes) -> bool:
        """True when ``signature`` is this key's over ``message``. ECDSA signatures are DER (X9.62)."""
        loaded = _loaded(self.spki)
        try:
            if isinstance(loaded, ed25519.Ed25519PublicKey):
                loaded.verify(signature, message)
            else:
                loaded.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key in memory; its text form never shows the key."""

    secret: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    public: PublicKey

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.keyid})"

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.secret, ed25519.Ed25519PrivateKey):
            return self.secret.sign(message)
        return self.secret.sign(message, ec.ECDSA(hashes.SHA256()))

    def to_openssh(self, passphrase: bytes | None, *, rounds: int = BCRYPT_ROUNDS) -> bytes:
        """The OpenSSH container: its bcrypt is the strong key derivation that the library can write."""
        encryption: serialization.KeySerializationEncryption
        if passphrase is None:
            encryption = serialization.NoEncryption()
        else:
            builder = serialization.PrivateFormat.OpenSSH.encryption_builder()
            encryption = builder.kdf_rounds(max(rounds, BCRYPT_ROUNDS)).build(passphrase)
        return self.secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, encryption)


def generate(algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
    if algorithm is Algorithm.ED25519:
        return _private(ed25519.Ed25519PrivateKey.generate())
    return _private(ec.generate_private_key(ec.SECP256R1()))


def load_private_key(path: Path, passphrase: bytes | None) -> PrivateKey:
    """Reads an OpenSSH or PKCS#8 key file that nobody but its owner can read."""
    return parse_private_key(read_private_key(path), passphrase)


def read_private_key(path: Path) -> bytes:
    """The bytes of a private key file. What it is and who may read it is looked at before any of it is read."""
    try:
        refuse_irregular(path)
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise SigningError(
                    "key-file-too-open",
                    f"Other people on this machine can read or write the key file {path}.",
                    f"Run: chmod 600 {path}  (and if others had access, make a new key).",
                )
            return file.read(MAX_KEY_FILE + 1)
    except OSError as error:
        raise SigningError("key-unreadable", f"The key file {path} cannot be read: {error.strerror}.") from error


def parse_private_key(data: bytes, passphrase: bytes | None) -> PrivateKey:
    """A private key from the bytes of an OpenSSH or PKCS#8 PEM file."""
    if len(data) > MAX_KEY_FILE or b"-----BEGIN" not in data:
        raise SigningError("key-unreadable", "This is not a private key file.")
    openssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        try:
            secret = load(data, passphrase)
        except TypeError as error:
            if passphrase is not None:  # a passphrase for a key that has none
                secret = load(data, None)
            else:
                raise SigningError(
                    "key-passphrase-missing",
                    "The key is protected by a passphrase and none was given.",
                    "Set INTEROP_SIGNING_PASSPHRASE_FILE, or run on a terminal to be asked.",
                ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        # A wrong passphrase and a damaged file look alike to the decoder, and must not be told apart for long.
        if passphrase is not None or b"ENCRYPTED" in data:
            raise SigningError(
                "key-passphrase-wrong",
                "The passphrase does not open the key, or the key file is damaged.",
                "Try the passphrase that was given when the key was made, or a copy of the key file. Nobody can get "
                "a lost one back: make a new key with `interop keys new`, and hand its card to those who check.",
            ) from error
        raise SigningError("key-unreadable", "The key file is damaged or of an unknown kind.") from error
    if isinstance(secret, ed25519.Ed25519PrivateKey) or (
        isinstance(secret, ec.EllipticCurvePrivateKey) and isinstance(secret.curve, ec.SECP256R1)
    ):
        return _private(secret)
    raise SigningError("key-algorithm-refused", "Only Ed25519 and ECDSA P-256 keys can sign certificates.")


def load_public_key(path: Path) -> PublicKey:
    try:
        return PublicKey.from_pem(read_regular(path, MAX_KEY_FILE))
    except OSError as error:
        raise TrustError("key-unreadable", f"The key file {path} cannot be read: {error.strerror}.") from error


def _private(secret: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> PrivateKey:
    return PrivateKey(secret, PublicKey._checked(secret.public_key()))


def _spki(loaded: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return loaded.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _loaded(spki: bytes) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
    loaded = serialization.load_der_public_key(spki)
    assert isinstance(loaded, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
    return loaded


# Edwards curve of RFC 8032 section 5.1: -x^2 + y^2 = 1 + d x^2 y^2 modulo 2^255 - 19.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE = pow(2, (_P - 1) // 4, _P)


def _check_point(encoded: bytes) -> None:
    """Refuses a point that is not canonical, not on the curve, or of small order ([8]A is the identity)."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        raise TrustError("key-not-canonical", "The Ed25519 key is not encoded in its one canonical form.")
    # Decoding: RFC 8032 section 5.1.3.
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _SQRT_MINUS_ONE % _P
    if v * x * x % _P != u:
        raise TrustError("key-not-on-curve", "The Ed25519 key is not a point of the curve.")
    if x == 0 and sign:
        raise TrustError("key-not-canonical", "The Ed25519 key is not encoded in its one canonical form.")
    if x & 1 != sign:
        x = _P - x
    for _ in range(3):
        x, y = _double(x, y)
    if (x, y) == (0, 1):
        raise TrustError("key-small-order", "The Ed25519 key is of small order: anybody can sign with it.")


def _double(x: int, y: int) -> tuple[int, int]:
    # Affine doubling, RFC 8032 section 5.1.4 with P = Q; three of them once a key are cheap enough.
    product = _D * x * x * y * y % _P
    new_x = 2 * x * y * pow(1 + product, -1, _P) % _P
    new_y = (y * y + x * x) * pow(1 - product, -1, _P) % _P
    return new_x, new_y
