"""The trust store: keys with roles, profiles by digest, revoked certificates.

A signature proves who spoke. What that is worth is decided here and nowhere else: nothing in a certificate
can give its own key a role.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from interop_harness.errors import TrustError
from interop_harness.signing import KeyId, PublicKey

STALE_GRACE = timedelta(days=30)


class Role(StrEnum):
    """What a key may be used for."""

    FIRST_PARTY = "sign:first_party"
    SECOND_PARTY = "sign:second_party"
    THIRD_PARTY = "sign:third_party"
    GRANT_WAIVER = "grant-waiver"
    PUBLISH_PROFILE = "publish-profile"
    PUBLISH_TRUST = "publish-trust"

    @property
    def words(self) -> str:
        return ROLE_WORDS[self]

    @property
    def purpose(self) -> str:
        """Signing certificates, granting waivers or publishing: a key does one of them."""
        return "publish" if self.value.startswith("publish-") else self.value.partition(":")[0]


ROLE_WORDS = {
    Role.FIRST_PARTY: "to declare its own product's results",
    Role.SECOND_PARTY: "to sign a buyer's assessment",
    Role.THIRD_PARTY: "to sign an independent assessment",
    Role.GRANT_WAIVER: "to waive a requirement",
    Role.PUBLISH_PROFILE: "to hand out profiles",
    Role.PUBLISH_TRUST: "to hand out trust stores",
}

OVERLAY_ROLES = frozenset({Role.FIRST_PARTY, Role.SECOND_PARTY, Role.THIRD_PARTY, Role.GRANT_WAIVER})
"""What a council may give to keys of its own on top of a distributed store."""


class Status(StrEnum):
    """``retired``: what is dated after its ``valid_until`` is refused, what it signed before stays good.
    ``revoked``: nothing it signed is good.
    """

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"

    @property
    def rank(self) -> int:
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key, who holds it, and what it may sign."""

    key: PublicKey
    issuer: str
    roles: frozenset[Role]
    profiles: tuple[str, ...] = ("*",)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    status: Status = Status.ACTIVE
    revoked_at: datetime | None = None
    compromised_since: datetime | None = None
    company_number: str = ""
    verified_by: str = ""

    def __post_init__(self) -> None:
        if len({role.purpose for role in self.roles}) > 1:
            raise TrustError(
                "key-two-purposes",
                f"The key of {self.issuer} is given roles of two kinds. A key has one purpose.",
                "Use another key for granting waivers or publishing than for signing certificates.",
            )

    @property
    def keyid(self) -> KeyId:
        return self.key.keyid

    def covers(self, profile: str) -> bool:
        """Whether this key's trust extends to a profile."""
        return any(_matches(pattern, profile) for pattern in self.profiles)

    def refusal(self, role: Role, profile: str, moment: datetime) -> str | None:
        """Why this key may not act in ``role`` for ``profile`` at ``moment``; None when it may."""
        if role not in self.roles:
            held = ", ".join(sorted(self.roles)) or "none"
            return f"the key of {self.issuer} is not trusted for {role}, {role.words} (its roles: {held})"
        if not self.covers(profile):
            return f"the key of {self.issuer} is not trusted for the profile {profile}"
        if self.status is Status.RETIRED and self.valid_until is None:
            return f"the key of {self.issuer} is retired, and the trust store does not say since when"
        if self.valid_from and moment < self.valid_from:
            return f"the key of {self.issuer} was not valid yet on {moment:%Y-%m-%d}"
        if self.valid_until and moment > self.valid_until:
            if self.status is Status.RETIRED:
                return (
                    f"the key of {self.issuer} was retired on {self.valid_until:%Y-%m-%d} at "
                    f"{self.valid_until:%H:%M:%S} UTC, and this is dated {moment:%Y-%m-%d} at {moment:%H:%M:%S} UTC"
                )
            return f"the key of {self.issuer} was no longer valid on {moment:%Y-%m-%d}"
        return None


@dataclass(frozen=True, slots=True)
class TrustedProfile:
    """A profile known by its digest; ``requirements_sha256`` also binds its rows, as certificates carry it."""

    id: str
    version: str
    sha256: str
    requirements_sha256: str | None = None

    def says_as(self, other: TrustedProfile) -> bool:
        """Whether two listings of one name agree; one that does not say the requirements contradicts no other."""
        asked = (self.requirements_sha256, other.requirements_sha256)
        return self.sha256 == other.sha256 and (None in asked or asked[0] == asked[1])


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Everything a verifier takes on trust. ``expires`` is None only for a local file."""

    name: str
    version: int
    issued: datetime
    expires: datetime | None = None
    keys: tuple[TrustedKey, ...] = ()
    profiles: tuple[TrustedProfile, ...] = ()
    revoked_certificates: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    """What was left out while reading, and why; no part of the file."""

    def find(self, keyid: str) -> TrustedKey | None:
        return next((entry for entry in self.keys if entry.keyid == keyid), None)

    def with_key(self, entry: TrustedKey, now: datetime) -> TrustStore:
        if self.find(entry.keyid):
            raise TrustError("key-already-listed", f"The key {entry.keyid} is already in the trust store.")
        return self._next(now, keys=(*self.keys, entry))

    def with_status(
        self,
        keyid: str,
        status: Status,
        now: datetime,
        compromised_since: datetime | None = None,
        *,
        ends: datetime | None = None,
    ) -> TrustStore:
        """Revoke or retire a key. A retired one is valid until ``ends`` (now, when not given) and never longer."""
        found = self.find(keyid)
        if found is None:
            raise TrustError("key-not-listed", f"The key {keyid} is not in the trust store.")
        if status.rank < found.status.rank:
            raise TrustError("key-stays-revoked", f"A {found.status} key cannot become {status} again.")
        until = found.valid_until
        if status is Status.RETIRED:
            until = min(filter(None, (found.valid_until, ends or now)))
        changed = replace(
            found,
            status=status,
            valid_until=until,
            revoked_at=now if status is Status.REVOKED else None,
            compromised_since=compromised_since,
        )
        return self._next(now, keys=tuple(changed if entry is found else entry for entry in self.keys))

    def with_revoked_certificate(self, identifier: str, now: datetime) -> TrustStore:
        return self._next(now, revoked_certificates=self.revoked_certificates | {identifier})

    def with_profile(self, profile: TrustedProfile, now: datetime) -> TrustStore:
        others = tuple(entry for entry in self.profiles if entry != profile)
        return self._next(now, profiles=(*others, profile))

    def _next(self, now: datetime, **changes: object) -> TrustStore:
        return replace(self, version=self.version + 1, issued=now, **changes)  # type: ignore[arg-type]


def overlay(base: TrustStore, local: TrustStore) -> TrustStore:
    """A council's own store laid over a distributed one: it adds within its power, or restricts.

    A key in both gets what both allow: the common roles and profiles, the narrower dates, the worse status.
    A key of the overlay alone cannot publish.
    """
    merged = []
    for entry in base.keys:
        own = local.find(entry.keyid)
        merged.append(entry if own is None else _restrict(entry, own))
    for own in local.keys:
        if base.find(own.keyid) is None:
            merged.append(replace(own, roles=own.roles & OVERLAY_ROLES))
    return TrustStore(
        name=f"{base.name} and {local.name}",
        version=base.version,
        issued=max(base.issued, local.issued),
        expires=min(filter(None, (base.expires, local.expires)), default=None),
        keys=tuple(merged),
        profiles=tuple(dict.fromkeys((*base.profiles, *local.profiles))),
        revoked_certificates=base.revoked_certificates | local.revoked_certificates,
        notes=tuple(dict.fromkeys((*base.notes, *local.notes))),
    )


def published(store: TrustStore, publisher: TrustedKey) -> TrustStore:
    """What of a distributed store counts, given what its signer may publish: keys, profiles, or both.

    A key counts for the profiles of its publisher only, and can never publish itself. Revocations count whoever
    publishes them: they can only take trust away.
    """
    notes = []
    keys, profiles = store.keys, store.profiles
    if Role.PUBLISH_TRUST not in publisher.roles and keys:
        keys = ()
        notes.append(f"The keys in {store.name} do not count: {publisher.issuer} may publish profiles only.")
    within = tuple(_within(entry, publisher) for entry in keys)
    # A key without any profile signs nothing; it is kept where it says that somebody's key was revoked.
    keys = tuple(entry for entry in within if entry.profiles or entry.status is Status.REVOKED)
    left_out = len(within) - sum(1 for entry in keys if entry.profiles)
    if left_out:
        notes.append(
            f"{left_out} of the keys in {store.name} {'does' if left_out == 1 else 'do'} not count: {publisher.issuer} "
            f"is trusted for the profiles {', '.join(publisher.profiles)} only."
        )
    if Role.PUBLISH_PROFILE not in publisher.roles:
        profiles = ()
    profiles = tuple(entry for entry in profiles if publisher.covers(entry.id))
    if profiles != store.profiles:
        notes.append(
            f"Profiles listed in {store.name} do not count: {publisher.issuer} is not trusted to publish them "
            f"({Role.PUBLISH_PROFILE})."
        )
    return replace(store, keys=keys, profiles=profiles, notes=(*store.notes, *notes))


def without_contradictions(store: TrustStore, local: TrustStore) -> TrustStore:
    """A distributed store without what it says of a profile otherwise than the reader's own store does."""
    own: dict[tuple[str, str], list[TrustedProfile]] = {}
    for entry in local.profiles:
        own.setdefault((entry.id, entry.version), []).append(entry)
    kept: list[TrustedProfile] = []
    left_out: list[TrustedProfile] = []
    for entry in store.profiles:
        listed = own.get((entry.id, entry.version))
        same = listed is None or any(entry.says_as(one) for one in listed)
        (kept if same else left_out).append(entry)
    if not left_out:
        return store
    names = ", ".join(sorted({f"{entry.id} {entry.version}" for entry in left_out}))
    note = f"What {store.name} lists as {names} does not count: your own store lists another content under that name."
    return replace(store, profiles=tuple(kept), notes=(*store.notes, note))


def _within(entry: TrustedKey, publisher: TrustedKey) -> TrustedKey:
    """A key of a distributed store, no further than its publisher's own power reaches."""
    profiles = tuple(dict.fromkeys(_common(entry.profiles, publisher.profiles)))
    if profiles == entry.profiles and entry.roles <= OVERLAY_ROLES:
        return entry
    return replace(entry, profiles=profiles, roles=entry.roles & OVERLAY_ROLES)


def _restrict(entry: TrustedKey, own: TrustedKey) -> TrustedKey:
    return replace(
        entry,
        roles=entry.roles & own.roles,
        profiles=tuple(_common(entry.profiles, own.profiles)),
        valid_from=max(filter(None, (entry.valid_from, own.valid_from)), default=None),
        valid_until=min(filter(None, (entry.valid_until, own.valid_until)), default=None),
        status=max(entry.status, own.status, key=lambda status: status.rank),
        revoked_at=entry.revoked_at or own.revoked_at,
        compromised_since=entry.compromised_since or own.compromised_since,
    )


def _common(first: Iterable[str], second: Iterable[str]) -> Iterable[str]:
    for one in first:
        for other in second:
            if _covers(one, other):
                yield other
            elif _covers(other, one):
                yield one


def _covers(wide: str, narrow: str) -> bool:
    if narrow.endswith("*"):
        return wide.endswith("*") and narrow[:-1].startswith(wide[:-1])
    return _matches(wide, narrow)


def _matches(pattern: str, profile: str) -> bool:
    return profile.startswith(pattern[:-1]) if pattern.endswith("*") else profile == pattern
