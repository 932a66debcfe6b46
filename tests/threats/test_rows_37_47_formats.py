"""Rows 37 to 47: confusion of algorithms and types, odd keys and signatures, odd spellings, bombs."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from interop_harness.certificate import package
from interop_harness.errors import TrustError
from interop_harness.signing import PublicKey
from tests.certificate import made
from tests.certificate.attacks import ATTACKS, genuine, other_s, p256
from tests.certificate.check import assert_refused, check, refusal

PREFIX = bytes.fromhex("302a300506032b6570032100")
ORDER_8 = (
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
)
SMALL_ORDER = {
    "order 1": "01" + "00" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 4": "00" * 32,
    "order 4, other sign": "00" * 31 + "80",
    **{f"order 8, {number}": text for number, text in enumerate(ORDER_8)},
}
NOT_CANONICAL = {
    "order 1, sign bit": "01" + "00" * 30 + "80",
    "order 2, sign bit": "ec" + "ff" * 31,
    "y = p": "ed" + "ff" * 30 + "7f",
    "y = p + 1": "ee" + "ff" * 30 + "7f",
    "y = 2^255 - 1": "ff" * 31 + "7f",
}


def of_row(number: int) -> Any:
    return pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.row == number])


def pem(spki: bytes) -> bytes:
    import base64

    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(spki) + b"-----END PUBLIC KEY-----\n"


@of_row(37)
def test_row_37_algorithm_confusion(name: str) -> None:
    assert_refused(name)


@of_row(38)
def test_row_38_type_confusion(name: str) -> None:
    assert_refused(name)


def test_row_38_a_store_or_a_waiver_signed_as_something_else() -> None:
    """The right key over the right bytes, signed as another kind of file."""
    from interop_harness.certificate import waiver
    from interop_harness.signing import CanonicalError, KeySigner, parse_envelope, sign_envelope
    from interop_harness.trust import PAYLOAD_TYPE, read_signed
    from tests.threats.test_rows_48_57_around import granted, published, publishers

    store, document = parse_envelope(published(1).rstrip()), parse_envelope(granted().rstrip())
    relabelled = sign_envelope(waiver.PAYLOAD_TYPE, store.payload, KeySigner(made.PUBLISHER)).as_bytes()
    with pytest.raises(TrustError) as caught:
        read_signed(relabelled, publishers())
    assert caught.value.code == "trust-store-wrong-type"
    with pytest.raises(CanonicalError, match="another kind"):
        waiver.read(sign_envelope(PAYLOAD_TYPE, document.payload, KeySigner(made.COUNCIL)).as_bytes())


def test_row_39_key_of_another_type_is_refused() -> None:
    for secret in (rsa.generate_private_key(65537, 2048), ed448.Ed448PrivateKey.generate()):
        spki = secret.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        with pytest.raises(TrustError) as caught:
            PublicKey.from_pem(pem(spki))
        assert caught.value.code == "key-algorithm-refused"
    other_curve = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(TrustError):
        PublicKey.from_pem(
            other_curve.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )


def test_row_39_one_key_has_one_purpose() -> None:
    with pytest.raises(TrustError) as caught:
        made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party", "grant-waiver")
    assert caught.value.code == "key-two-purposes"


def test_row_39_private_key_is_no_public_key() -> None:
    secret = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(TrustError) as caught:
        PublicKey.from_pem(secret)
    assert caught.value.code == "key-not-public-pem"


@of_row(40)
def test_row_40_malleable_signatures(name: str) -> None:
    assert_refused(name)


@pytest.mark.parametrize("encoding", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_row_41_small_order_key(encoding: str) -> None:
    with pytest.raises(TrustError) as caught:
        PublicKey.from_pem(pem(PREFIX + bytes.fromhex(encoding)))
    assert caught.value.code == "key-small-order"


@pytest.mark.parametrize("encoding", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_row_41_key_not_canonical(encoding: str) -> None:
    with pytest.raises(TrustError) as caught:
        PublicKey.from_pem(pem(PREFIX + bytes.fromhex(encoding)))
    assert caught.value.code in {"key-not-canonical", "key-small-order", "key-unreadable"}


def test_row_41_point_off_the_curve() -> None:
    with pytest.raises(TrustError) as caught:
        PublicKey.from_pem(pem(PREFIX + b"\x02" + b"\x00" * 31))
    assert caught.value.code in {"key-not-on-curve", "key-unreadable"}


def test_row_41_ordinary_keys_pass() -> None:
    for _ in range(50):
        spki = (
            ed25519.Ed25519PrivateKey.generate()
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        assert PublicKey.from_spki(spki).spki == spki


def test_row_42_the_other_ecdsa_signature_has_the_same_identity() -> None:
    twin = other_s(p256())
    assert twin != p256()
    assert check(twin).predicate["id"] == check(p256()).predicate["id"]
    assert check(twin, trust=made.store()).exit_code == 0
    revoked = made.store(revoked_certificates=frozenset({made.IDENTIFIER}))
    assert refusal(twin, trust=revoked).code == refusal(p256(), trust=revoked).code == "certificate-revoked"


@of_row(43)
def test_row_43_no_or_many_signatures(name: str) -> None:
    assert_refused(name)


@of_row(44)
def test_row_44_other_spellings(name: str) -> None:
    assert_refused(name)


@of_row(45)
def test_row_45_bombs(name: str) -> None:
    ATTACKS[name].make()
    started = time.process_time()
    tracemalloc.start()
    assert_refused(name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * 1024**2
    assert time.process_time() - started < 2 + 8  # tracing makes allocation several times slower


def test_row_46_gzip_bomb() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1024**2) for _ in range(200)) + packer.flush()
    started = time.process_time()
    error = refusal(genuine(), evidence=bomb)
    assert (error.exit_code, error.code) == (3, "evidence-unreadable")
    assert time.process_time() - started < 2


def test_row_46_gzip_concatenated_or_cut() -> None:
    packed = gzip.compress(made.EVIDENCE)
    assert check(genuine(), evidence=packed).exit_code == 0
    for strange in (packed + packed, packed[:-4], packed + b"\0", packed[:20]):
        error = refusal(genuine(), evidence=strange)
        assert (error.exit_code, error.code) == (3, "evidence-unreadable")


def test_row_47_package_made_by_sign() -> None:
    packed = gzip.compress(made.EVIDENCE, mtime=0)
    data = package.write(genuine(), packed)
    assert check(data).exit_code == 0
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["certificate.html", "certificate.sigstore.json", "evidence.jsonl.gz"]
        assert archive.read("certificate.html") == genuine()


def test_row_47_zip_with_two_entries_of_one_name() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("certificate.html", genuine())
        archive.writestr("certificate.html", genuine())
    error = refusal(out.getvalue())
    assert (error.exit_code, error.code) == (3, "package-not-ours")


def test_row_47_every_change_of_a_package_is_refused() -> None:
    data = package.write(genuine(), gzip.compress(made.EVIDENCE, mtime=0))
    places = [*range(40), *range(len(data) - 300, len(data)), *range(40, len(data), 997)]
    for place in places:
        assert refusal(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]).exit_code in {3, 4}
    for strange in (data + b"x", data[:-1], b"PK\x03\x04", data[: len(data) // 2]):
        error = refusal(strange)
        assert (error.exit_code, error.code) == (3, "package-not-ours")
    assert refusal(b"x" + data).code == "package-not-ours"


def test_row_47_package_with_a_foreign_bundle() -> None:
    from interop_harness.certificate import grammar
    from interop_harness.certificate.package import _zip

    strange = _zip((genuine(), grammar.split(p256()).block, gzip.compress(made.EVIDENCE)))
    assert refusal(strange).code == "package-inconsistent"
