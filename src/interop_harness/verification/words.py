"""What is said of a certificate that was read: our words, with the signer's set apart from them in quotation marks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from interop_harness.certificate import address
from interop_harness.certificate.statement import parse_time
from interop_harness.trust import TrustedKey, TrustStore
from interop_harness.verification import waivers
from interop_harness.verification.quoting import quoted

OLD = timedelta(days=366)
"""As long as a certificate may be valid."""
PARTIES = {
    "first_party": "the supplier's own declaration",
    "second_party": "a buyer's assessment",
    "third_party": "an independent assessment",
}


def day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def party(predicate: Mapping[str, Any], signer: TrustedKey | None) -> str:
    """What kind of statement this is; a supplier's *own* declaration only where your store calls the signer so."""
    if signer is not None and of_another_supplier(predicate, signer):
        return "a declaration about another supplier's product"
    return PARTIES[predicate["assurance"]]


def of_another_supplier(predicate: Mapping[str, Any], signer: TrustedKey) -> bool:
    supplier: str = predicate["implementation"]["supplier"]
    return predicate["assurance"] == "first_party" and supplier.casefold() != signer.issuer.casefold()


def warnings(predicate: Mapping[str, Any], signer: TrustedKey) -> list[str]:
    """Who signed, where the certificate gives another impression; said even by a quiet command."""
    said = []
    claimed = predicate["issuer"]["name"]
    if claimed != signer.issuer:
        said.append(
            f"The certificate calls its issuer {quoted(claimed)}, but the key that signed it is, in your trust store, "
            f"that of {quoted(signer.issuer)}. Only the second was checked."
        )
    if of_another_supplier(predicate, signer):
        supplier = quoted(predicate["implementation"]["supplier"])
        said.append(f"{quoted(signer.issuer)} (in your trust store) declares this of a product of {supplier}.")
    target = predicate["target"]
    own = [text for text in target["addresses"] if address.is_own(text)]
    if own and target["environment"] != "development":
        said.append(
            f"While the tests ran, {target['hostAscii']} was the tester's own machine ({', '.join(own)}), not a "
            "service that others reach. Look the name up yourself."
        )
    return said


def aged(predicate: Mapping[str, Any], now: datetime) -> str:
    """What it means that a certificate is of today and its tests are not; empty when they are of the last year."""
    ended = parse_time(predicate["run"]["finishedAt"])
    if now - ended <= OLD:
        return ""
    return (
        f"The tests ended on {day(ended)}, more than a year ago: the service may have changed since. Ask for new ones; "
        "to refuse what is too old for you, say the greatest age: --max-age."
    )


def challenge(predicate: Mapping[str, Any]) -> str:
    """The challenge that the signer names: its own words, unless there is none."""
    named = predicate["challenge"]
    return "none" if named is None else quoted(named)


def unsent(predicate: Mapping[str, Any], expected: str | None) -> str:
    """What it means that tests were drawn from a challenge of which the reader did not say that it is theirs."""
    if predicate["challenge"] is None or expected is not None:
        return ""
    return (
        f"The tests were drawn from the challenge {quoted(predicate['challenge'])}. If neither you nor another buyer "
        "sent it, the supplier chose it, and with it what was sampled. If it is yours, say so: --challenge."
    )


def stated(predicate: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the signer says of people and organisations, which no key and no evidence bears out."""
    signatory = predicate["signatory"]
    rows = (
        ("issuer", predicate["issuer"]["name"]),
        ("company number", predicate["issuer"]["companyNumber"]),
        ("person accountable", signatory and f"{signatory['name']}, {signatory['role']}"),
        ("tests run by", predicate["operator"]),
        ("tests allowed by", predicate["authorisedBy"]),
    )
    return [(label, quoted(text)) for label, text in rows if text]


def untested(predicate: Mapping[str, Any]) -> str:
    """The classes that count and of which nothing was tested, as a sentence; empty when there are none."""
    names = [
        f"{entry['title']} ({entry['id']}{', mandatory' if entry['mandatory'] else ''})"
        for entry in predicate["classes"]
        if entry["verdict"] == "not-tested" and (entry["mandatory"] or entry["claim"] == "claimed")
    ]
    return (
        f"Not tested, although {'it counts' if len(names) == 1 else 'they count'}: {', '.join(names)}." if names else ""
    )


def waiver_lines(predicate: Mapping[str, Any], trust: TrustStore, now: datetime) -> list[dict[str, str]]:
    """Every waiver under the reader's own trust: requirement, who granted it, until when, why, and what it is worth."""
    found = []
    for waiver in waivers.judged(predicate, trust, now):
        entry = waiver.entry
        key = trust.find(entry["grantedBy"] or "")
        found.append(
            {
                "requirement": waiver.requirement,
                "reason": entry["reason"],
                "granter": f"{quoted(key.issuer)} (in your trust store)" if key else "a key not in your trust store",
                "until": day(parse_time(entry["expires"]) - timedelta(seconds=1)),
                "refusal": waiver.refusal,
            }
        )
    return found
