"""Checking a certificate offline, by somebody who does not trust whoever issued it.

result = verify(data, trust=store, now=now, expect=Expectations(target="https://api.example"))
result.exit_code         # 0 pass, 1 fail; everything else is a VerificationError with its own code
"""

from interop_harness.verification.expectations import Expectations
from interop_harness.verification.result import Judge, KnownProfile, ProfileLocator, RefusedError, VerificationResult
from interop_harness.verification.steps import verify

__all__ = [
    "Expectations",
    "Judge",
    "KnownProfile",
    "ProfileLocator",
    "RefusedError",
    "VerificationResult",
    "verify",
]
