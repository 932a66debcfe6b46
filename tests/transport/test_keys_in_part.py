"""A private key that a service repeats in pieces: what the run keeps does not give it back."""

from __future__ import annotations

import base64
import json
import random
import textwrap
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from interop_harness.errors import InternalError
from interop_harness.evidence import Redactor, Secret
from interop_harness.transport.credentials import _key_secrets

PKCS1, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8
KEYS = ("rsa-1", "rsa-8", "rsa-locked", "ec-1", "ec-8", "ed25519")


@lru_cache
def _key(kind: str) -> object:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())


def pem(name: str) -> str:
    kind, _, form = name.partition("-")
    lock = serialization.BestAvailableEncryption(b"correct horse") if form == "locked" else serialization.NoEncryption()
    made = _key(kind).private_bytes(serialization.Encoding.PEM, PKCS1 if form == "1" else PKCS8, lock)  # type: ignore[attr-defined]
    return str(made.decode())


def redactor(text: str, folder: Path) -> Redactor:
    path = folder / "key.pem"
    path.write_text(text)
    return Redactor(_key_secrets(path))


def _wrapped(width: int, end: str) -> Callable[[str], str]:
    return lambda text: json.dumps({"key": end.join(textwrap.wrap("".join(text.split("\n")[1:-2]), width))})


ECHOES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in JSON": lambda text: json.dumps({"pem": text}),
    "in JSON within JSON": lambda text: json.dumps(json.dumps({"pem": text})),
    "Windows lines": lambda text: json.dumps(text.replace("\n", "\r\n")),
    "list of lines": lambda text: json.dumps(text.split("\n")),
    "each line alone": lambda text: "<br>".join(text.split("\n")),
    "URL-encoded": lambda text: "key=" + quote(text, safe=""),
    "lines of 76": _wrapped(76, "\n"),
    "lines of 48": _wrapped(48, "\r\n"),
    "lines of 20": _wrapped(20, "\n"),
    "one line": _wrapped(10_000, ""),
    "slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
}


def windows(text: str, length: int = 24) -> set[str]:
    """Of the key's body without its beginning, which is the same in all keys."""
    body = "".join(text.split("\n")[1:-2])[52:]
    return {body[at : at + length] for at in range(len(body) - length + 1)}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("name", KEYS)
def test_no_line_of_a_key_is_kept_however_it_is_broken(name: str, echo: str, tmp_path: Path) -> None:
    text = pem(name)
    known = redactor(text, tmp_path)
    kept = known.data(b'{"a": 1} ' + ECHOES[echo](text).encode() + b" and more").decode()
    plain = kept.replace("\\", "").replace("%2F", "/").replace("%2B", "+")
    assert "[redacted]" in kept
    assert not [window for window in windows(text) if window in plain]
    assert kept.startswith('{"a": 1} ')
    assert kept.endswith(" and more")
    assert known.data(kept.encode()).decode() == kept
    known.refuse_leak(kept.encode(), "evidence")


@pytest.mark.parametrize("name", KEYS)
def test_the_lines_of_a_key_are_found_one_by_one(name: str, tmp_path: Path) -> None:
    text = pem(name)
    known = redactor(text, tmp_path)
    for number, line in enumerate(text.split("\n")[1:-2]):
        if len(line) >= 32 and (number or name == "ed25519"):
            kept = known.text(f'{{"line": "{line}"}}')
            assert line[16:-16] not in kept or len(line) == 32, number
            assert line not in kept, number


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
@pytest.mark.parametrize("form", ["base64", "base64url", "hex", "text in base64"])
def test_the_bytes_of_a_key_within_others(form: str, shift: int, tmp_path: Path) -> None:
    numbers = _key("rsa").private_numbers()  # type: ignore[attr-defined]
    clear = b"x" * shift + numbers.d.to_bytes(256, "big") + b"yyy"
    text = pem("rsa-8")
    shown = {
        "base64": lambda: base64.b64encode(clear).decode(),
        "base64url": lambda: base64.urlsafe_b64encode(clear).decode(),
        "hex": clear.hex,
        "text in base64": lambda: base64.b64encode(b"x" * shift + text.encode()).decode(),
    }[form]()
    kept = redactor(text, tmp_path).text(json.dumps({"d": shown}))
    assert len(kept.replace("[redacted]", "")) < (0.3 if form == "text in base64" else 0.1) * len(shown)


def test_a_file_with_a_long_piece_of_a_key_is_refused_and_one_with_a_short_one_is_not(tmp_path: Path) -> None:
    text = pem("rsa-8")
    known = redactor(text, tmp_path)
    line = text.split("\n")[9]
    for before in range(20):
        with pytest.raises(InternalError) as caught:
            known.refuse_leak(b"." * before + line.encode(), "evidence")
        assert caught.value.code == "secret-leak"
        # Whatever was too short to be masked where it came refuses no file, wherever it stands there.
        for length in range(8, 40):
            known.refuse_leak(b"." * before + known.text(f'"{line[:length]}"').encode(), "evidence")


def test_other_keys_certificates_and_ordinary_text_are_left(tmp_path: Path) -> None:
    known = redactor(pem("ec-8"), tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    texts = [
        other.private_bytes(serialization.Encoding.PEM, PKCS8, serialization.NoEncryption()).decode(),
        pem("ed25519"),
        (Path(__file__).parents[2] / "README.md").read_text("utf-8"),
    ]
    for text in texts:
        assert known.text(text) == text
        assert known.text(json.dumps(text)) == json.dumps(text)


def test_a_longer_key_takes_no_longer(tmp_path: Path) -> None:
    """What is looked up does not depend on how many lines the key has."""
    drawn = random.Random(1)
    data = json.dumps([{"id": f"{drawn.getrandbits(128):x}", "name": "A service of a place"} for _ in range(4000)])

    def least(known: Redactor) -> float:
        taken = []
        for _ in range(5):
            start = time.process_time()
            known.data(data.encode())
            taken.append(time.process_time() - start)
        return min(taken)

    text = base64.b64encode(drawn.randbytes(2400)).decode()
    in_part, whole = (Redactor([Secret(text, "key", in_part=part)]) for part in (True, False))
    assert least(in_part) < 4 * least(whole) + 0.05
