"""What an officer does now, for each ending that asks something of them; tool and verifier page say the same."""

from __future__ import annotations

_RESEND = (
    "Ask the supplier for certificate.zip again, as `interop sign --zip` wrote it, neither opened nor packed anew."
)
_FAIL = (
    "By its own test the product does not meet the profile. Send the supplier the failed requirements named below, ask "
    "when each will be met, and ask for a new certificate then. Accepting one of them until a date is a waiver, which "
    "your organisation signs itself."
)
_WAIVED = (
    "Read each waiver below: what was accepted, by whom, until when. If your organisation accepts the same, note the "
    "dates and check with --accept-waivers; if not, treat the result as a fail."
)
NEXT = {
    "bundle-malformed": f"Do not rely on this file. {_RESEND} "
    "If that is refused too, ask for the product to be signed anew.",
    "unsigned": "Treat it as a report that anybody could have written. "
    "Ask the supplier for the signed certificate, best as certificate.zip.",
    "package-not-ours": f"{_RESEND} "
    "If you trust whoever packed this one, take certificate.html out and check that file.",
    "trust-store-expired": "Get the current trust store from whoever hands it out, and check again. "
    "Accept nothing on the old one: it may not say that a key was revoked.",
    "profile-unknown": "Do not accept the certificate yet. Ask whoever keeps your trust store to compare the profile's "
    "digest with that of its publisher and to list it (interop trust profile ID --trust STORE); then check again.",
    "signer-not-authorised": "Do not accept the certificate. Somebody you know signed it, but your store does not "
    "trust that key to say this, or not for this profile or this date. Ask whoever keeps your trust store; do not have "
    "it widened only because the sender asks.",
    "genuine-fail": _FAIL,
    "genuine-pass-with-waivers": _WAIVED,
    "waiver-not-accepted": "Treat the result as a fail. A waiver counts only if its key is listed in your trust store "
    "to grant waivers: ask the organisation named whether it granted this one before listing its key.",
}
