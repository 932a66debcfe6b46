"""The certificate: what is signed, the file it is carried in, and the page people read.

issue(report, evidence, KeySigner(key), now=now, issuer="Example Ltd")  -> the bytes of certificate.html
"""

from interop_harness.certificate.issue import issue
from interop_harness.certificate.statement import Assurance, catalogue_of_profile
from interop_harness.certificate.text import sanitise

__all__ = ["Assurance", "catalogue_of_profile", "issue", "sanitise"]
