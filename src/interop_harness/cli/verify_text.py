"""What ``interop verify`` prints: its own words, from the signed data, safe for any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interop_harness.certificate.text import visible
from interop_harness.verification import waivers, words
from interop_harness.verification.quoting import quoted

if TYPE_CHECKING:
    from interop_harness.verification import RefusedError, VerificationResult

HEADINGS = {
    1: "GENUINE, NOT A PASS",
    2: "NOT CHECKED",
    3: "NOT GENUINE",
    4: "NOT TRUSTED",
    5: "NOT VALID NOW",
    6: "NOT WHAT YOU EXPECTED",
    7: "CANNOT BE TOLD",
}
VERDICTS = {
    "CONFORMANT": "pass",
    "CONFORMANT_WITH_WAIVERS": "pass with waivers",
    "NOT_CONFORMANT": "FAIL",
}
CLIENTS = {
    "pass": "ordinary clients were answered as the tests were",
    "fail": "ordinary clients were answered OTHERWISE than the tests",
    "inconclusive": "whether ordinary clients are answered alike could not be told",
    "not-run": "ordinary clients were not compared",
}


def describe(outcome: VerificationResult | RefusedError) -> str:
    heading = "GENUINE" if outcome.exit_code == 0 else HEADINGS[outcome.exit_code]
    lines = [f"{heading}: {outcome.message}"]
    if outcome.next_step and not (outcome.exit_code == 0 and outcome.code == "genuine-pass-with-waivers"):
        lines.append(f"What to do now: {outcome.next_step}")
    predicate = outcome.predicate
    if predicate is not None:
        lines += ["", *_summary(outcome)]
    warnings = getattr(outcome, "warnings", ())
    lines[1:1] = [f"TAKE CARE: {warning}" for warning in warnings]
    lines += [f"Note: {note}" for note in outcome.notes if note not in warnings]
    if outcome.proved:
        lines.append(f"Proved: {'; '.join(outcome.proved)}. Not proved: {'; '.join(outcome.not_proved)}.")
    lines.append(f"({outcome.code}, exit {outcome.exit_code})")
    return "\n".join(visible(line) for line in lines)


def _summary(outcome: VerificationResult | RefusedError) -> list[str]:
    predicate = outcome.predicate
    assert predicate is not None
    implementation, profile, target = predicate["implementation"], predicate["profile"], predicate["target"]
    counted = VERDICTS[predicate["verdict"]]
    if outcome.code == "waiver-not-accepted":
        counted = f"FAIL (the signer counts it as a {counted}; your trust store does not accept them)"
    said = ["The signed data says (rely on this, not on the page; words in quotation marks are the signer's own):"]
    if outcome.signer is not None:
        said.append(f"  signed by    {quoted(outcome.signer.issuer)} (in your trust store), {outcome.signer.keyid}")
    said += [
        f"  kind         {words.party(predicate, outcome.signer)}",
        f"  result       {counted} in the {target['environment']} environment",
        *(f"  not tested   {text.partition(': ')[2]}" for text in [words.untested(predicate)] if text),
        f"  product      {quoted(implementation['product'])}, version {quoted(implementation['version'])}",
        f"  supplier     {quoted(implementation['supplier'])}",
        f"  address      {target['url']}",
        f"  profile      {profile['id']} {profile['version']} ({profile['status']})",
        f"  claimed      {', '.join(predicate['claims']['claimed']) or 'nothing'}",
        f"  not claimed  {', '.join(predicate['claims']['notClaimed']) or 'nothing left out'}",
        f"  tested       {predicate['run']['finishedAt']}, valid until {predicate['validUntil']}",
        f"  challenge    {words.challenge(predicate)}",
        f"  others       {CLIENTS[predicate['clientIdentity']['disguisedProbe']]}",
    ]
    for layer in profile["layers"]:
        said.append(f"  inherited    {layer['id']} {layer['version']}: {layer['verdict']}")
    failed = [row for row in predicate["results"] if row["outcome"] == "fail"]
    for row in failed[:20]:
        said.append(f"  failed       {row['id']} ({row['level']}) {row['statement']}")
    if len(failed) > 20:
        said.append(f"  failed       and {len(failed) - 20} more")
    for entry in getattr(outcome, "waivers", ()):
        said += [
            f"  waiver       {entry['requirement']}: {_worth(entry['refusal'])}",
            f"               granted by {entry['granter']} until {entry['until']}",
            f"               for the reason {quoted(entry['reason'])}",
        ]
    said.append("Stated by the signer, not checked:")
    said += [f"  {label:18} {text}" for label, text in words.stated(predicate)]
    return [*said, ""]


def _worth(refusal: str) -> str:
    if refusal == waivers.NOT_NEEDED:  # for which no trust store is the reason
        return f"NOT ACCEPTED: {refusal}"
    return f"NOT ACCEPTED by your trust store: {refusal}" if refusal else "accepted by your trust store"
