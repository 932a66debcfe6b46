"""The trust store: keys with roles, profiles by digest, revoked certificates.

A signature proves who spoke. What that is worth is decided here and nowhere else: nothing in a certificate
can give its own key a role.
"""

from __future__ import annotations

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
    scope: tuple[str, ...] = ("*",)
    """The profiles for which this is said at all: those that its publisher is trusted for. No part of the file."""
    also: tuple[TrustedKey, ...] = ()
    """What others say of the same key, each within its own scope; it restricts there, and nowhere else."""

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
        return any(matches(pattern, profile) for pattern in self.profiles)

    def said_of(self, profile: str) -> list[TrustedKey]:
        """The listings of this key that reach a profile."""
        return [one for one in (self, *self.also) if any(matches(pattern, profile) for pattern in one.scope)]

    def refusal(self, role: Role, profile: str, moment: datetime) -> str | None:
        """Why this key may not act in ``role`` for ``profile`` at ``moment``; None when it may."""
        for one in self.said_of(profile) or [self]:
            reason = replace(one, issuer=self.issuer)._refusal(role, profile, moment)
            if reason:
                return reason
        return None

    def ends(self, profile: str) -> datetime | None:
        """Beyond which nothing that it signed for a profile counts, however it is dated; retired keys have none."""
        said = self.said_of(profile)
        return min((one.valid_until for one in said if one.status is Status.ACTIVE and one.valid_until), default=None)

    def _refusal(self, role: Role, profile: str, moment: datetime) -> str | None:
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
    revoked_keys: frozenset[str] = frozenset()
    """Keys that a handed-out store revokes, in whatever other store they are listed; no part of the file."""

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


def matches(pattern: str, profile: str) -> bool:
    return profile.startswith(pattern[:-1]) if pattern.endswith("*") else profile == pattern
