"""Keys, canonical JSON and envelopes, against the texts of RFC 8032, RFC 8785 and DSSE."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from interop_harness.errors import SigningError
from interop_harness.signing import (
    Algorithm,
    CanonicalError,
    Envelope,
    KeyId,
    PublicKey,
    canonical,
    generate,
    load_private_key,
    pae,
    parse_canonical,
    parse_envelope,
)
from interop_harness.signing.canonical import _reencode
from interop_harness.signing.keys import parse_private_key
from tests.certificate import made

# RFC 8032 section 7.1, tests 1 to 3: secret key, public key, message, signature.
RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    read = parse_private_key(pem, None)
    assert read.public.spki[-32:].hex() == public
    assert read.sign(bytes.fromhex(message)).hex() == signature
    assert read.public.verify(bytes.fromhex(message), bytes.fromhex(signature))
    assert not read.public.verify(bytes.fromhex(message) + b"x", bytes.fromhex(signature))


def test_dsse_encoding() -> None:
    """DSSE protocol, the test vector's message and type."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("é", b"\xff") == b"DSSEv1 2 \xc3\xa9 1 \xff"


def test_rfc_8785_strings_and_order() -> None:
    """RFC 8785 section 3.2.2.2 (strings) and the members' order, for what this format allows."""
    value: dict[str, Any] = {"string": '€$\x0f\nA\'B"\\\\"/', "literals": [None, True, False], "b": 2, "a": 1, "B": -1}
    assert canonical(value).decode() == (
        '{"B":-1,"a":1,"b":2,"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("aZ_09~", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text("abcXYZ_-", max_size=4), values, max_size=5))
def test_the_quick_encoder_and_rfc_8785_agree(value: dict[str, Any]) -> None:
    assert _reencode(value) == canonical(value)
    assert parse_canonical(canonical(value)) == value


@pytest.mark.parametrize(
    "value", [{"a": 1.0}, {"a": (1,)}, {"a": 2**53}, {"é": 1}, {"a": "\ud800"}, {1: 1}, {"a": b""}]
)
def test_what_canonical_refuses(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    for parse in (parse_canonical, parse_envelope):
        try:
            parse(data)
        except CanonicalError:
            continue


def test_key_file_protected_by_a_passphrase(tmp_path: Path) -> None:
    key = generate(Algorithm.P256)
    path = tmp_path / "k.key"
    path.write_bytes(key.to_openssh(b"correct horse"))
    path.chmod(0o600)
    assert load_private_key(path, b"correct horse").public == key.public
    for passphrase, code in ((b"wrong horse", "key-passphrase-wrong"), (None, "key-passphrase-missing")):
        with pytest.raises(SigningError) as caught:
            load_private_key(path, passphrase)
        assert caught.value.code == code


def test_bcrypt_rounds_are_at_least_a_hundred() -> None:
    import base64

    text = generate().to_openssh(b"correct horse", rounds=1).decode()
    body = base64.b64decode("".join(text.splitlines()[1:-1]))
    place = body.index(b"bcrypt") + 6
    length = int.from_bytes(body[place : place + 4], "big")
    options = body[place + 4 : place + 4 + length]
    assert int.from_bytes(options[-4:], "big") >= 100


def test_key_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.key"
    path.write_bytes(generate().to_openssh(None))
    for mode in (0o640, 0o604, 0o620, 0o644):
        path.chmod(mode)
        with pytest.raises(SigningError) as caught:
            load_private_key(path, None)
        assert caught.value.code == "key-file-too-open"


def test_pkcs8_keys_are_accepted(tmp_path: Path) -> None:
    secret = ec.generate_private_key(ec.SECP256R1())
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"correct horse"),
    )
    assert parse_private_key(pem, b"correct horse").public.algorithm is Algorithm.P256
    with pytest.raises(SigningError, match="passphrase"):
        parse_private_key(pem, b"wrong")


@pytest.mark.parametrize(
    "data", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\0" * 99_999]
)
def test_damaged_key_files(data: bytes) -> None:
    with pytest.raises(SigningError):
        parse_private_key(data, None)


def test_key_text_never_shows_the_key() -> None:
    key = generate()
    assert repr(key) == f"PrivateKey({key.public.keyid})"


def test_key_id_is_the_digest_of_the_spki() -> None:
    import hashlib

    key = generate().public
    assert key.keyid == "SHA256:" + hashlib.sha256(key.spki).hexdigest()
    assert PublicKey.from_pem(key.pem.encode()) == key


def test_envelope_round_trip() -> None:
    envelope = Envelope("t", b"body", KeyId(made.SUPPLIER.public.keyid), made.SUPPLIER.sign(pae("t", b"body")))
    assert parse_envelope(envelope.as_bytes()) == envelope
    assert envelope.verify(made.SUPPLIER.public)
    assert not envelope.verify(made.STRANGER.public)
    value = envelope.as_json()
    value["signatures"] = value["signatures"] * 2
    with pytest.raises(CanonicalError):
        parse_envelope(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def interop(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_keys_new_and_show(tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    done = interop(
        "keys", "new", "--issuer", "Example Ltd", "--out", "issuer.key",
        cwd=tmp_path, INTEROP_SIGNING_PASSPHRASE_FILE=str(secret),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "issuer.key").stat().st_mode) == 0o600
    card = (tmp_path / "issuer.card.txt").read_text()
    shown = interop("keys", "show", "issuer.pub.pem", "--json", cwd=tmp_path)
    keyid = json.loads(shown.stdout)["keyid"]
    assert keyid.partition(":")[2][:4] in card and "Example Ltd" in card and "correct horse" not in done.stdout + card
    again = interop("keys", "new", "--issuer", "Example Ltd", "--out", "issuer.key", cwd=tmp_path)
    assert again.returncode == 2 and "never overwritten" in again.stderr


def test_keys_new_without_a_passphrase_is_refused_and_unencrypted_warns(tmp_path: Path) -> None:
    done = interop("keys", "new", "--issuer", "X", "--out", "a.key", cwd=tmp_path)
    assert done.returncode == 2 and "key-passphrase-missing" in done.stderr and not (tmp_path / "a.key").exists()
    done = interop("keys", "new", "--issuer", "X", "--out", "a.key", "--unencrypted", cwd=tmp_path)
    assert done.returncode == 0 and "not protected" in done.stderr
