"""Whose signatures count, for what, and until when: trust stores, roles, revocation. No trust on first use."""

from interop_harness.trust.files import PAYLOAD_TYPE, load_stores, read_local, read_signed, to_json, write_local
from interop_harness.trust.merging import overlay
from interop_harness.trust.store import Role, Status, TrustedKey, TrustedProfile, TrustStore

__all__ = [
    "PAYLOAD_TYPE",
    "Role",
    "Status",
    "TrustStore",
    "TrustedKey",
    "TrustedProfile",
    "load_stores",
    "overlay",
    "read_local",
    "read_signed",
    "to_json",
    "write_local",
]
