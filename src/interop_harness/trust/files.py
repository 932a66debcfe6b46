"""Trust stores as files: a local one (plain, its owner's alone) and a distributed one (a signed envelope)."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interop_harness.errors import TrustError
from interop_harness.signing import (
    CanonicalError,
    Envelope,
    KeyId,
    PublicKey,
    Signer,
    canonical,
    parse_canonical,
    parse_envelope,
    sign_envelope,
)
from interop_harness.trust.seen import name_of, refuse_rollback
from interop_harness.trust.store import (
    Role,
    Status,
    TrustedKey,
    TrustedProfile,
    TrustStore,
    overlay,
    published,
    without_contradictions,
)

PAYLOAD_TYPE = "application/vnd.interop-harness.trust-store+json"
TYPE = "trust-store/v1"
PUBLISHING = frozenset({Role.PUBLISH_TRUST, Role.PUBLISH_PROFILE})
MAX_STORE = 4 * 1024**2
_GET_ANOTHER = (
    "Get the file again from whoever keeps it, or make one anew: interop trust add KEY --issuer NAME --trust FILE"
)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_STORE = {"type", "name", "version", "issued", "expires", "keys", "profiles", "revokedCertificates"}
_KEY = {
    "keyid", "alg", "public", "issuer", "roles", "profiles", "validFrom", "validUntil", "status", "revokedAt",
    "compromisedSince", "verifiedBy",
}  # fmt: skip


def load_stores(paths: Sequence[Path]) -> tuple[TrustStore, dict[str, int]]:
    """The trust of one or more files, and the versions of the signed ones, none older than the last one seen here.

    Signed files count only when a local file lists their signer with a role to publish. What they say of a profile
    that a local file lists as well counts only where it says the same.
    """
    local: TrustStore | None = None
    signed: list[tuple[Path, bytes]] = []
    for path in paths:
        data = read_store_file(path)
        if data.lstrip()[:11] == b'{"payload":':
            signed.append((path, data))
        else:
            store = read_local(data, str(path))
            local = store if local is None else overlay_equal(local, store)
    versions: dict[str, int] = {}
    merged = local
    for path, data in signed:
        store = read_signed(data, local, str(path))
        name = name_of(parse_envelope(data.rstrip(b"\n")).keyid, store.name)
        versions[name] = min(store.version, versions.get(name, store.version))
        store = store if local is None else without_contradictions(store, local)
        merged = overlay(store, merged) if merged is not None else store
    if merged is None:
        raise TrustError("trust-store-missing", "No trust store was given.", "Give one with --trust FILE.")
    refuse_rollback(versions)
    return merged, versions


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
        compact = canonical(json.loads(data.decode("utf-8"), object_pairs_hook=_unique))
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
    return _from_json(parse_canonical(compact), place)


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


def _from_json(value: Mapping[str, Any], place: str) -> TrustStore:
    try:
        if value["type"] != TYPE or set(value) != _STORE:
            raise ValueError("not a trust store of version 1")
        store = TrustStore(
            name=_text(value["name"]),
            version=_version(value["version"]),
            issued=_required(value["issued"]),
            expires=_moment(value["expires"]),
            keys=tuple(_key(entry) for entry in value["keys"]),
            profiles=tuple(
                TrustedProfile(
                    _text(entry["id"]), _text(entry["version"]), _text(entry["sha256"]), entry["requirementsSha256"]
                )
                for entry in value["profiles"]
            ),
            revoked_certificates=frozenset(_text(entry) for entry in value["revokedCertificates"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TrustError("trust-store-malformed", f"{place} is not a trust store: {error}.") from error
    if len({entry.keyid for entry in store.keys}) != len(store.keys):
        raise TrustError("key-listed-twice", f"{place} lists a key twice.")
    return store


def _key(value: Mapping[str, Any]) -> TrustedKey:
    if set(value) != _KEY:
        raise ValueError("a key has missing or unknown members")
    key = PublicKey.from_pem(value["public"].encode("ascii"))
    if KeyId(value["keyid"]) != key.keyid or value["alg"] != key.algorithm.value:
        raise TrustError("key-mislabelled", "A key in the trust store does not have the id or algorithm it says.")
    return TrustedKey(
        key=key,
        issuer=_text(value["issuer"]["name"]),
        company_number=_text(value["issuer"]["companyNumber"] or ""),
        roles=frozenset(Role(role) for role in value["roles"]),
        profiles=tuple(_text(pattern) for pattern in value["profiles"]),
        valid_from=_moment(value["validFrom"]),
        valid_until=_moment(value["validUntil"]),
        status=Status(value["status"]),
        revoked_at=_moment(value["revokedAt"]),
        compromised_since=_moment(value["compromisedSince"]),
        verified_by=_text(value["verifiedBy"]),
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


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    return value


def _version(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError("the version is not a whole number from 1")
    return value


def _required(value: Any) -> datetime:
    return datetime.strptime(_text(value), _TIME).replace(tzinfo=UTC)


def _moment(value: Any) -> datetime | None:
    return None if value is None else _required(value)


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime(_TIME)
