"""What ``interop verify`` prints: its own words, from the signed data, safe for any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interop_harness.certificate.text import visible

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
PARTIES = {
    "first_party": "the supplier's own declaration",
    "second_party": "a buyer's assessment",
    "third_party": "an independent assessment",
}


def describe(outcome: VerificationResult | RefusedError) -> str:
    heading = "GENUINE" if outcome.exit_code == 0 else HEADINGS[outcome.exit_code]
    lines = [f"{heading}: {outcome.message}"]
    if outcome.hint:
        lines.append(outcome.hint)
    predicate = outcome.predicate
    if predicate is not None:
        lines += ["", *_summary(outcome)]
    lines += [f"Note: {note}" for note in outcome.notes]
    if outcome.proved:
        lines.append(f"Proved: {'; '.join(outcome.proved)}. Not proved: {'; '.join(outcome.not_proved)}.")
    lines.append(f"({outcome.code}, exit {outcome.exit_code})")
    return "\n".join(visible(line) for line in lines)


def _summary(outcome: VerificationResult | RefusedError) -> list[str]:
    predicate = outcome.predicate
    assert predicate is not None
    implementation, profile, target = predicate["implementation"], predicate["profile"], predicate["target"]
    said = [
        "The signed data says (rely on this, not on the page):",
        f"  result       {VERDICTS[predicate['verdict']]} in the {target['environment']} environment",
        f"  by           {PARTIES[predicate['assurance']]}, issued by {predicate['issuer']['name']}",
        f"  product      {implementation['product']} {implementation['version']} of {implementation['supplier']}",
        f"  address      {target['url']}",
        f"  profile      {profile['id']} {profile['version']} ({profile['status']})",
        f"  claimed      {', '.join(predicate['claims']['claimed']) or 'nothing'}",
        f"  not claimed  {', '.join(predicate['claims']['notClaimed']) or 'nothing left out'}",
        f"  tested       {predicate['run']['finishedAt']}, valid until {predicate['validUntil']}",
        f"  challenge    {predicate['challenge'] or 'none'}",
        f"  others       {CLIENTS[predicate['clientIdentity']['disguisedProbe']]}",
    ]
    if outcome.signer is not None:
        said.append(f"  signed by    {outcome.signer.issuer} (in your trust store), {outcome.signer.keyid}")
    for layer in profile["layers"]:
        said.append(f"  inherited    {layer['id']} {layer['version']}: {layer['verdict']}")
    failed = [row for row in predicate["results"] if row["outcome"] == "fail"]
    for row in failed[:20]:
        said.append(f"  failed       {row['id']} ({row['level']}) {row['statement']}")
    if len(failed) > 20:
        said.append(f"  failed       and {len(failed) - 20} more")
    return [*said, ""]
