"""Keys, passphrases and documents as commands get them: from files, the environment or a terminal."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from interop_harness.errors import HarnessError, SigningError, UsageError
from interop_harness.regular import read_regular
from interop_harness.signing import (
    CommandSigner,
    KeySigner,
    PrivateKey,
    PublicKey,
    Signer,
    load_public_key,
)
from interop_harness.signing.keys import MAX_KEY_FILE, parse_private_key, read_private_key
from interop_harness.signing.signer import PREFIX, close_to_others

PASSPHRASE, PASSPHRASE_FILE = PREFIX + "PASSPHRASE", PREFIX + "PASSPHRASE_FILE"
KEY, KEY_FILE = PREFIX + "KEY", PREFIX + "KEY_FILE"
MAX_DOCUMENT = 1024**3
DATE = "%Y-%m-%d"
FIRST_YEAR = 1970
CERTIFICATE_ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def passphrase_for(data: bytes) -> bytes | None:
    """The passphrase for a key file, or None when the key is not protected."""
    protected = b"ENCRYPTED" in data
    if b"OPENSSH PRIVATE KEY" in data:
        try:
            parse_private_key(data, None)
        except SigningError as error:
            if error.code not in {"key-passphrase-missing", "key-passphrase-wrong"}:
                raise
            protected = True
    if not protected:
        return None
    return _configured() or _asked("Passphrase of the key: ")


def new_passphrase() -> bytes:
    found = _configured()
    if found is not None:
        return _long_enough(found)
    first = _asked("New passphrase: ")
    if first != _asked("The same again: "):
        raise SigningError("key-passphrase-differs", "The two passphrases differ.")
    return _long_enough(first)


def signer_from(key: Path | None, command: str | None, public: Path | None) -> Signer:
    """What will sign: a key file, a key in the environment (CI), or a command that holds the key."""
    if command is not None:
        if public is None or key is not None:
            hint = "Give --public-key FILE with --signer-command, and no --key."
            raise SigningError("signer-unclear", "A signing command needs the public key it signs with.", hint)
        return CommandSigner(_words(command), load_public_key(public))
    return KeySigner(_private_key(key))


def private_key_in(path: Path) -> PrivateKey:
    data = read_private_key(path)
    return parse_private_key(data, passphrase_for(data))


def _words(command: str) -> list[str]:
    hint = "Give the program and its arguments as one text: --signer-command 'kms-sign --key 7'."
    try:
        words = shlex.split(command)
    except ValueError as error:
        message = f"The signing command cannot be read: {str(error).lower()}."
        raise SigningError("signer-unclear", message, hint) from error
    if not words or not words[0]:
        raise SigningError("signer-unclear", "The signing command is empty.", hint)
    return words


def _private_key(key: Path | None) -> PrivateKey:
    text = _taken(KEY)
    if key is None and os.environ.get(KEY_FILE):
        key = Path(os.environ[KEY_FILE])
    if key is not None:
        return private_key_in(key)
    if text:
        data = text.replace("\\n", "\n").encode("utf-8")
        return parse_private_key(data, passphrase_for(data))
    raise SigningError(
        "key-missing",
        "No signing key was given, so nothing can be signed.",
        "Make one with `interop keys new`, then give it with --key FILE or INTEROP_SIGNING_KEY_FILE.",
    )


def _configured() -> bytes | None:
    value = _taken(PASSPHRASE)
    path = os.environ.get(PASSPHRASE_FILE)
    if path:
        found = _passphrase_in(Path(path)).rstrip(b"\r\n")
    elif value is not None:
        found = value.encode("utf-8")
    else:
        return None
    if not found:
        raise SigningError("key-passphrase-missing", "The passphrase configured is empty.")
    return found


def _taken(name: str) -> str | None:
    """A variable's value, removed so that nothing started later can read it, here or where the system shows it."""
    value = os.environ.pop(name, None)
    if value is not None:
        close_to_others()
    return value


def _passphrase_in(path: Path) -> bytes:
    """A pipe too: a passphrase may come straight out of a password safe."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_KEY_FILE + 1)
    except OSError as error:
        raise UsageError("file-unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_KEY_FILE:
        raise UsageError("file-too-large", f"{path} is larger than this command reads.")
    return data


def _asked(prompt: str) -> bytes:
    if not sys.stdin.isatty():
        raise SigningError(
            "key-passphrase-missing",
            "The key is protected by a passphrase and none was given.",
            f"Set {PASSPHRASE_FILE}, or run on a terminal to be asked.",
        )
    return str(typer.prompt(prompt, prompt_suffix="", hide_input=True, err=True)).encode("utf-8")


def _long_enough(passphrase: bytes) -> bytes:
    if len(passphrase) < 8:
        raise SigningError("key-passphrase-short", "A passphrase needs eight characters at least.")
    return passphrase


def write_private(path: Path, data: bytes) -> None:
    """A new file that only its owner can read, from its first byte on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError("file-unwritable", f"{path} cannot be written: {error.strerror}.") from error


def read_file(path: Path, limit: int = MAX_DOCUMENT, too_large: HarnessError | None = None) -> bytes:
    """The bytes of a regular file, read once, and not at all when there are too many of them."""
    try:
        return read_regular(path, limit)
    except OSError as error:
        if error.errno == errno.EFBIG:
            told = too_large or UsageError("file-too-large", f"{path} is larger than this command reads.")
            raise told from error
        raise UsageError("file-unreadable", f"{path} cannot be read: {error.strerror}.") from error


def fingerprint(public: PublicKey) -> str:
    digits = public.keyid.partition(":")[2]
    groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    return "SHA256:\n  " + "\n  ".join(" ".join(groups[start : start + 8]) for start in range(0, 16, 8))


def key_card(issuer: str, public: PublicKey, start: datetime, end: datetime) -> str:
    """One page to hand over: the council compares it with what the file says."""
    return (
        "KEY CARD for checking conformance certificates\n\n"
        f"Organisation   {issuer}\n"
        f"Algorithm      {public.algorithm.value}\n"
        f"In use         {start:%d %B %Y} to {end:%d %B %Y}\n"
        f"Fingerprint    {fingerprint(public)}\n\n"
        "Before trusting this key, telephone the organisation on a number you already had\n"
        "and compare the fingerprint. Then: interop trust add FILE.pub.pem --issuer NAME\n"
    )


def parse_day(text: str, option: str) -> datetime:
    try:
        found = datetime.strptime(text, DATE).replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError("date-unusable", f"{option} needs a date like 2027-03-31, not {text!r}.") from error
    if found.year < FIRST_YEAR:
        hint = f"Nothing here is older than {FIRST_YEAR}."
        raise UsageError("date-unusable", f"{option} needs a date like 2027-03-31, not {text!r}.", hint)
    return found


def parse_last_day(text: str, option: str) -> datetime:
    """The end of a last day: what lasts until a day lasts through it."""
    return parse_day(text, option).replace(hour=23, minute=59, second=59)


def certificate_id(text: str, option: str) -> str:
    """A certificate's id as certificates carry it: a mistyped one would name no certificate at all."""
    if not CERTIFICATE_ID.fullmatch(text.lower()):
        raise UsageError(
            "option-value",
            f"{option} must be the id of a certificate, not {text[:80]!r}.",
            "Copy it from the certificate: urn:uuid: and 32 digits 0-9 a-f, in groups of 8, 4, 4, 4 and 12.",
        )
    return text.lower()


def refuse_broken_text() -> None:
    """What was not typed as UTF-8 cannot be signed, stored or shown: said before anything is written."""
    for argument in sys.argv:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError as error:
            shown = os.fsencode(argument)[:80]
            hint = "Type it again; a file whose name is of another kind must be renamed first."
            raise UsageError("option-value", f"Every argument must be text in UTF-8, not {shown!r}.", hint) from error


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True))
