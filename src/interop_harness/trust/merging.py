"""Stores taken together: a handed-out one no further than its publisher's power, the reader's own over it.

What a handed-out store says of a key counts for the profiles that its publisher is trusted for, never beyond. Only
what it revokes is revoked everywhere: that can only take trust away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from interop_harness.trust.store import (
    OVERLAY_ROLES,
    Role,
    Status,
    TrustedKey,
    TrustedProfile,
    TrustStore,
    matches,
)

EVERYWHERE = ("*",)


def overlay(base: TrustStore, local: TrustStore) -> TrustStore:
    """A council's own store laid over a distributed one: it adds within its power, or restricts.

    A key in both gets what both allow, for the profiles that the publisher of ``base`` is trusted for: the common
    roles and profiles, the narrower dates, the worse status. A key of the overlay alone cannot publish.
    """
    merged = []
    for entry in base.keys:
        own = local.find(entry.keyid)
        merged.append(entry if own is None else _together(entry, own))
    for own in local.keys:
        if base.find(own.keyid) is None:
            merged.append(replace(own, roles=own.roles & OVERLAY_ROLES))
    gone = base.revoked_keys | local.revoked_keys
    return TrustStore(
        name=f"{base.name} and {local.name}",
        version=base.version,
        issued=max(base.issued, local.issued),
        expires=min(filter(None, (base.expires, local.expires)), default=None),
        keys=tuple(replace(entry, status=Status.REVOKED) if entry.keyid in gone else entry for entry in merged),
        profiles=tuple(dict.fromkeys((*base.profiles, *local.profiles))),
        revoked_certificates=base.revoked_certificates | local.revoked_certificates,
        notes=tuple(dict.fromkeys((*base.notes, *local.notes))),
        revoked_keys=gone,
    )


def published(store: TrustStore, publisher: TrustedKey) -> TrustStore:
    """What of a distributed store counts, given what its signer may publish: keys, profiles, or both.

    A key counts for the profiles of its publisher only, and can never publish itself. Revocations of keys and
    certificates count whoever publishes them: they can only take trust away.
    """
    notes = []
    profiles = store.profiles
    revoked = frozenset(entry.keyid for entry in store.keys if entry.status is Status.REVOKED)
    still = "; those that it revokes are revoked" if revoked else ""
    keys = tuple(entry for entry in (_within(entry, publisher) for entry in store.keys) if entry.profiles)
    left_out = sum(1 for entry in store.keys if entry.keyid not in revoked) - sum(
        1 for entry in keys if entry.keyid not in revoked
    )
    if Role.PUBLISH_TRUST not in publisher.roles:
        if store.keys:
            notes.append(f"The keys in {store.name} do not count: {publisher.issuer} may publish profiles only{still}.")
        keys, left_out = (), 0
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
    return replace(store, keys=keys, profiles=profiles, notes=(*store.notes, *notes), revoked_keys=revoked)


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
    scope = EVERYWHERE if "*" in publisher.profiles else publisher.profiles
    return replace(entry, profiles=profiles, roles=entry.roles & OVERLAY_ROLES, scope=scope)


def _together(entry: TrustedKey, own: TrustedKey) -> TrustedKey:
    """A key in both stores, under the name that the overlay gives it."""
    if Status.REVOKED in (entry.status, own.status):  # nothing it signed counts: the rest only says what it was
        return replace(
            own,
            roles=own.roles & OVERLAY_ROLES,
            status=Status.REVOKED,
            revoked_at=entry.revoked_at or own.revoked_at,
            compromised_since=entry.compromised_since or own.compromised_since,
        )
    if (entry.scope, own.scope, own.also) != (EVERYWHERE, EVERYWHERE, ()):
        return replace(own, roles=own.roles & OVERLAY_ROLES, also=(*own.also, entry))
    return replace(
        own,
        roles=entry.roles & own.roles,
        profiles=tuple(_common(entry.profiles, own.profiles)),
        valid_from=max(filter(None, (entry.valid_from, own.valid_from)), default=None),
        valid_until=min(filter(None, (entry.valid_until, own.valid_until)), default=None),
        status=max(entry.status, own.status, key=lambda status: status.rank),
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
    return matches(wide, narrow)
