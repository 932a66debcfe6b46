"""Trust stores as files: a local one (plain, its owner's alone) and a distributed one (a signed envelope)."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from interop_harness.errors import TrustError
from interop_harness.signing import (
    CanonicalError,
    Envelope,
    PublicKey,
    Signer,
    canonical,
    parse_canonical,
    parse_envelope,
    sign_envelope,
)
from interop_harness.trust.merging import overlay, published, without_contradictions
from interop_harness.trust.seen import name_of, refuse_rollback
from interop_harness.trust.store import Role, Status, TrustedKey, TrustedProfile, TrustStore

PAYLOAD_TYPE = "application/vnd.interop-harness.trust-store+json"
TYPE = "trust-store/v1"
PUBLISHING = frozenset({Role.PUBLISH_TRUST, Role.PUBLISH_PROFILE})
MAX_STORE = 4 * 1024**2
_GET_ANOTHER = (
    "Get the file again from whoever keeps it, or make one anew: interop trust add KEY --issuer NAME --trust FILE"
)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STORE = {"type", "name", "version", "issued", "expires", "keys", "profiles", "revokedCertificates"}
_KEY = {
    "keyid", "alg", "public", "issuer", "roles", "profiles", "validFrom", "validUntil", "status", "revokedAt",
    "compromisedSince", "verifiedBy",
}  # fmt: skip
_ISSUER = {"name", "companyNumber"}
_PROFILE = {"id", "version", "sha256", "requirementsSha256"}
Kind = TypeVar("Kind", bound=StrEnum)


def load_stores(paths: Sequence[Path]) -> tuple[TrustStore, dict[str, int]]:
    """The trust of one or more files, and the versions of the signed ones, none older than the newest seen here.

    Signed files count only when a local file lists their signer with a role to publish. What they say of a profile
    that a local file lists as well counts only where it says the same.
    """
    local, signed = read_files(paths)
    versions: list[tuple[str, int]] = []
    merged = local
    for path, data in signed:
        store = read_signed(data, local, str(path))
        name = name_of(parse_envelope(data.rstrip(b"\n")).keyid, store.name)
        versions.append((name, store.version))
        store = store if local is None else without_contradictions(store, local)
        merged = overlay(store, merged) if merged is not None else store
    if merged is None:
        raise TrustError("trust-store-missing", "No trust store was given.", "Give one with --trust FILE.")
    note = refuse_rollback(versions)
    return replace(merged, notes=(*merged.notes, note)) if note else merged, dict(versions)


def read_files(paths: Sequence[Path]) -> tuple[TrustStore | None, list[tuple[Path, bytes]]]:
    """The reader's own files taken together, and the signed ones as they are, unchecked."""
    local: TrustStore | None = None
    signed: list[tuple[Path, bytes]] = []
    for path in paths:
        data = read_store_file(path)
        if data.lstrip()[:11] == b'{"payload":':
            signed.append((path, data))
        else:
            store = read_local(data, str(path))
            local = store if local is None else overlay_equal(local, store)
    return local, signed


def overlay_equal(first: TrustStore, second: TrustStore) -> TrustStore:
    """Two local files of the same owner: everything in either, and what is revoked in one is revoked."""
    keys = {entry.keyid: entry for entry in first.keys}
    for entry in second.keys:
        if entry.keyid in keys and keys[entry.keyid] != entry:
            raise TrustError("key-listed-twice", f"Two trust stores say different things of {entry.keyid}.")
        keys[entry.keyid] = entry
    return TrustStore(
        name=f"{first.name} and {second.name}",
        version=max(first.version, second.version),
        issued=max(first.issued, second.issued),
        expires=min(filter(None, (first.expires, second.expires)), default=None),
        keys=tuple(keys.values()),
        profiles=tuple(dict.fromkeys((*first.profiles, *second.profiles))),
        revoked_certificates=first.revoked_certificates | second.revoked_certificates,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def read_local(data: bytes, place: str = "the trust store") -> TrustStore:
    """A plain store. White space is free, for it is edited by hand; duplicate members are still refused."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
        if isinstance(value, dict):
            value = parse_canonical(canonical(value))
    except _TwiceError as error:
        raise TrustError(
            "trust-store-malformed",
            f"{place} is not a trust store: the member {str(error)!r} occurs twice in one object.",
            "Take one of the two out; readers differ on which of them counts.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise TrustError(
            "trust-store-unreadable", f"{place} is not a trust store or was cut short.", _GET_ANOTHER
        ) from error
    return _from_json(value, place)


def read_signed(data: bytes, publishers: TrustStore | None, place: str = "the trust store") -> TrustStore:
    """A distributed store, signed by a key that ``publishers`` lists with a role to publish.

    Its keys count with ``publish-trust`` alone, its profiles with ``publish-profile`` alone.
    """
    try:
        envelope = parse_envelope(data.rstrip(b"\n"))
    except CanonicalError as error:
        raise TrustError(
            "trust-store-unreadable", f"{place} is damaged or was cut short ({error}).", _GET_ANOTHER
        ) from error
    if envelope.payload_type != PAYLOAD_TYPE:
        raise TrustError("trust-store-wrong-type", f"{place} is a signed file of another kind.")
    publisher = publishers.find(envelope.keyid) if publishers else None
    if publisher is None or not publisher.roles & PUBLISHING or publisher.status is Status.REVOKED:
        raise TrustError(
            "trust-store-unknown-publisher",
            f"{place} is signed by {envelope.keyid}, which your own store does not trust to publish.",
            "After comparing the fingerprint by a second way: interop trust add KEY --role publish-trust",
        )
    if not envelope.verify(publisher.key):
        raise TrustError("trust-store-forged", f"{place} was changed after it was signed.")
    try:
        store = _from_json(parse_canonical(envelope.payload), place)
    except CanonicalError as error:
        raise TrustError("trust-store-unreadable", f"{place} is damaged ({error}).", _GET_ANOTHER) from error
    if store.expires is None:
        raise TrustError("trust-store-without-expiry", f"{place} is distributed and says no expiry date.")
    if (publisher.valid_from and store.issued < publisher.valid_from) or (
        publisher.valid_until and store.issued > publisher.valid_until
    ):
        raise TrustError(
            "trust-store-unknown-publisher",
            f"{place} was issued on {store.issued:%Y-%m-%d}, outside the dates you trust its publisher for.",
        )
    return published(store, publisher)


def sign_store(store: TrustStore, signer: Signer) -> Envelope:
    return sign_envelope(PAYLOAD_TYPE, canonical(to_json(store)), signer)


def write_local(path: Path, store: TrustStore) -> None:
    """Writes atomically, readable and writable by the owner alone."""
    text = json.dumps(to_json(store), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".trust-")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise TrustError("trust-store-unwritable", f"{path} cannot be written: {error.strerror}.") from error


def to_json(store: TrustStore) -> dict[str, Any]:
    return {
        "type": TYPE,
        "name": store.name,
        "version": store.version,
        "issued": _stamp(store.issued),
        "expires": _stamp(store.expires),
        "keys": [_key_json(entry) for entry in sorted(store.keys, key=lambda entry: entry.keyid)],
        "profiles": [
            {
                "id": entry.id,
                "version": entry.version,
                "sha256": entry.sha256,
                "requirementsSha256": entry.requirements_sha256,
            }
            for entry in store.profiles
        ],
        "revokedCertificates": sorted(store.revoked_certificates),
    }


def _key_json(entry: TrustedKey) -> dict[str, Any]:
    return {
        "keyid": entry.keyid,
        "alg": entry.key.algorithm.value,
        "public": entry.key.pem,
        "issuer": {"name": entry.issuer, "companyNumber": entry.company_number or None},
        "roles": sorted(role.value for role in entry.roles),
        "profiles": list(entry.profiles),
        "validFrom": _stamp(entry.valid_from),
        "validUntil": _stamp(entry.valid_until),
        "status": entry.status.value,
        "revokedAt": _stamp(entry.revoked_at),
        "compromisedSince": _stamp(entry.compromised_since),
        "verifiedBy": entry.verified_by,
    }


def _from_json(value: Any, place: str) -> TrustStore:
    """Everything is of exactly the kind that the tool writes: a text is a sequence too, read letter by letter."""
    try:
        if not isinstance(value, dict) or set(value) != _STORE or value["type"] != TYPE:
            raise ValueError("it is not one of version 1, or members are missing or unknown")
        store = TrustStore(
            name=_text(value["name"], "its name"),
            version=_version(value["version"]),
            issued=_required(value["issued"], "its issued"),
            expires=_moment(value["expires"], "its expires"),
            keys=tuple(_key(entry, f"key {at}") for at, entry in enumerate(_list(value["keys"], "its keys"), 1)),
            profiles=tuple(
                _profile(entry, f"profile {at}") for at, entry in enumerate(_list(value["profiles"], "its profiles"), 1)
            ),
            revoked_certificates=frozenset(_texts(value["revokedCertificates"], "its revokedCertificates")),
        )
    except (TypeError, ValueError) as error:
        raise TrustError("trust-store-malformed", f"{place} is not a trust store: {error}.", _GET_ANOTHER) from error
    if len({entry.keyid for entry in store.keys}) != len(store.keys):
        raise TrustError("key-listed-twice", f"{place} lists a key twice.")
    return store


def _key(value: Any, which: str) -> TrustedKey:
    _object(value, _KEY, which)
    try:
        pem = _text(value["public"], f"the public key of {which}").encode("ascii")
    except UnicodeEncodeError as error:
        raise ValueError(f"the public key of {which} is no public key") from error
    key = PublicKey.from_pem(pem)
    if _text(value["keyid"], f"the keyid of {which}") != key.keyid or value["alg"] != key.algorithm.value:
        raise TrustError("key-mislabelled", "A key in the trust store does not have the id or algorithm it says.")
    issuer = _object(value["issuer"], _ISSUER, f"the issuer of {which}")
    number = issuer["companyNumber"]
    return TrustedKey(
        key=key,
        issuer=_text(issuer["name"], f"the name of the issuer of {which}"),
        company_number="" if number is None else _text(number, f"the companyNumber of {which}"),
        roles=frozenset(
            _one_of(Role, role, f"a role of {which}") for role in _texts(value["roles"], f"the roles of {which}")
        ),
        profiles=_texts(value["profiles"], f"the profiles of {which}"),
        valid_from=_moment(value["validFrom"], f"the validFrom of {which}"),
        valid_until=_moment(value["validUntil"], f"the validUntil of {which}"),
        status=_one_of(Status, _text(value["status"], f"the status of {which}"), f"the status of {which}"),
        revoked_at=_moment(value["revokedAt"], f"the revokedAt of {which}"),
        compromised_since=_moment(value["compromisedSince"], f"the compromisedSince of {which}"),
        verified_by=_text(value["verifiedBy"], f"the verifiedBy of {which}"),
    )


def _profile(value: Any, which: str) -> TrustedProfile:
    _object(value, _PROFILE, which)
    asked = value["requirementsSha256"]
    return TrustedProfile(
        _text(value["id"], f"the id of {which}"),
        _text(value["version"], f"the version of {which}"),
        _digest(value["sha256"], f"the sha256 of {which}"),
        None if asked is None else _digest(asked, f"the requirementsSha256 of {which}"),
    )


def read_store_file(path: Path) -> bytes:
    try:
        # Asked before it is opened: opening a pipe waits for somebody who writes into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise TrustError(
                "trust-store-unreadable", f"{path} cannot be read: it is no ordinary file.", "Give the file itself."
            )
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(MAX_STORE + 1)
    except OSError as error:
        raise TrustError("trust-store-unreadable", f"{path} cannot be read: {error.strerror}.", _GET_ANOTHER) from error
    if len(data) > MAX_STORE:
        raise TrustError("trust-store-unreadable", f"{path} is too large to be a trust store.", _GET_ANOTHER)
    if os.name == "posix" and stat.S_IMODE(mode) & 0o022:
        raise TrustError(
            "trust-store-too-open",
            f"Other people on this machine can change {path}.",
            f"Run: chmod 600 {path}",
        )
    return data


class _TwiceError(ValueError):
    """A member that occurs twice in one object of a file; the message is its name."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(name[:80])
        found[name] = value
    return found


def _object(value: Any, members: set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{what} must be an object, in braces")
    if set(value) != members:
        raise ValueError(f"{what} has missing or unknown members; there must be {', '.join(sorted(members))}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{what} must be a list, in square brackets")
    return value


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TypeError(f'{what} must be a list of texts, in square brackets, like ["one", "another"]')
    return tuple(value)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a text, in quotes")
    return value


def _digest(value: Any, what: str) -> str:
    if not _SHA256.fullmatch(_text(value, what)):
        raise ValueError(f"{what} must be 64 digits 0-9 a-f")
    return str(value)


def _one_of(kinds: type[Kind], value: str, what: str) -> Kind:
    try:
        return kinds(value)
    except ValueError as error:
        raise ValueError(f"{what} is {value[:80]!r}; there are {', '.join(kinds)}") from error


def _version(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError("the version is not a whole number from 1")
    return value


def _required(value: Any, what: str) -> datetime:
    text = _text(value, what)
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{what} is {text[:80]!r} and must be a date like 2026-12-31T23:59:59Z") from error


def _moment(value: Any, what: str) -> datetime | None:
    return None if value is None else _required(value, what)


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime(_TIME)
