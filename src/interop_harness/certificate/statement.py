"""The statement that is signed: an in-toto Statement v1 with a closed predicate of our own.

`content` is the part that a report alone decides; re-judging the evidence must reach the same. The rest
says who signs, when, for how long, and which renderer made the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from interop_harness import detection
from interop_harness.certificate import address, outcome
from interop_harness.certificate.text import sanitise
from interop_harness.errors import SigningError
from interop_harness.requirement import Outcome
from interop_harness.signing import KeyId, canonical

SEED_LABEL = "interop-harness seed v1"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:interop-harness:certificate:v1"
SCHEMA_VERSION = 1
DEFAULT_DAYS = 90
MAX_DAYS = 366
MAX_FINDINGS = 5
MAX_RESULTS = 5000
REPORT_FORMAT = "interop-report/1"
_NUMBER = "([0-9,]{1,13})"
_MEASURED = re.compile(
    rf"catches {_NUMBER} of {_NUMBER} known .*\({_NUMBER} excused\), (?:{_NUMBER} of {_NUMBER} |no )conforming"
)


class Assurance(StrEnum):
    """Who ran the tests, in ISO/IEC 17000's words."""

    FIRST_PARTY = "first_party"
    SECOND_PARTY = "second_party"
    THIRD_PARTY = "third_party"

    @property
    def rank(self) -> int:
        return list(Assurance).index(self)


def content(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the certificate takes from a report, sanitised. Raises SigningError for a report of another shape."""
    try:
        return _content(report)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SigningError(
            "report-malformed",
            f"The report is not of the form {REPORT_FORMAT} ({type(error).__name__}: {error}).",
        ) from error


def _content(report: Mapping[str, Any]) -> dict[str, Any]:
    profile, plan, run = report["profile"], report["plan"], report["run"]
    claims = report["claims"]
    results = [_result(row, profile["id"]) for row in report["requirements"]]
    results.sort(key=lambda row: row["id"])
    if len({row["id"] for row in results}) != len(results):
        raise SigningError("report-malformed", "The report holds a requirement twice.")
    if not 0 < len(results) <= MAX_RESULTS:
        raise SigningError("report-malformed", f"A certificate holds 1 to {MAX_RESULTS} requirements.")
    classes = [
        {
            "id": sanitise(entry["id"]),
            "title": sanitise(entry["title"]),
            "mandatory": bool(entry["mandatory"]),
            "claim": _claim(entry, claims),
            "verdict": outcome.class_verdict(results, entry["id"]),
        }
        for entry in sorted(report["classes"], key=lambda entry: str(entry["id"]))
    ]
    layers = [
        {
            **_layer(layer),
            "verdict": outcome.layer_verdict(results, layer["id"]),
        }
        for layer in sorted(profile.get("layers") or [], key=lambda layer: str(layer["id"]))
        if layer["id"] != profile["id"]
    ]
    return {
        "profile": {
            "id": sanitise(profile["id"]),
            "version": sanitise(profile["version"]),
            "title": sanitise(profile["title"]),
            "status": sanitise(profile["status"]),
            "sha256": profile["sha256"],
            "requirementsSha256": catalogue_digest(profile, classes, layers, results),
            "layers": layers,
            "detection": _detection(report),
        },
        "implementation": {
            name: sanitise(report["implementation"][name], 200) for name in ("supplier", "product", "version")
        },
        "target": {**_target(report["implementation"]), **_network(run.get("endpoint") or {})},
        "authorisedBy": _optional(report.get("authorised_by")),
        "claims": {
            "claimed": _names(claims["claimed"]),
            "disclaimed": _names(claims["disclaimed"]),
            "notClaimed": _names(claims["not_claimed"]),
        },
        "classes": classes,
        "planSha256": plan["sha256"],
        "cases": int(plan["cases"]),
        "seed": str(plan["seed"]),
        "challenge": _optional(plan["challenge"]),
        "suite": {name: sanitise(report["suite"][name]) for name in ("name", "version", "sha256")},
        "results": results,
        "summary": outcome.summary_of(results),
        "limitations": _sampling(report["requirements"]),
        "run": {
            "startedAt": _moment(run["started"]),
            "finishedAt": _moment(run["finished"]),
            "durationMs": int(run["duration_ms"]),
            "exchanges": int(run["answered"]),  # the page calls them requests answered
        },
        "preflight": _preflight(run.get("preflight") or []),
        "clientIdentity": {"disguisedProbe": str(run.get("disguised_probe") or "not-run")},
    }


def build(
    report: Mapping[str, Any],
    *,
    keyid: KeyId,
    renderer: Mapping[str, str],
    now: datetime,
    issuer: str,
    evidence: Mapping[str, Any],
    assurance: Assurance = Assurance.FIRST_PARTY,
    company_number: str | None = None,
    operator: str | None = None,
    signatory: Mapping[str, str] | None = None,
    days: int = DEFAULT_DAYS,
    waivers: Sequence[Mapping[str, Any]] = (),
    supersedes: Sequence[str] = (),
    identifier: str | None = None,
) -> dict[str, Any]:
    """The predicate for a report that may be certified; raises SigningError for one that may not."""
    refuse_unfit(report)
    if not 1 <= days <= MAX_DAYS:
        raise SigningError("validity-out-of-range", f"A certificate is valid for 1 to {MAX_DAYS} days, not {days}.")
    if not sanitise(issuer):
        raise SigningError("issuer-missing", "The name of the issuer is missing.", "Give it with --issuer NAME.")
    parts = content(report)
    waived = {waiver["requirementId"] for waiver in waivers if waiver["accepted"]}
    verdict = outcome.certified_verdict(
        parts["results"],
        parts["classes"],
        waived,
        binding=outcome.binding_layers(parts["profile"]["layers"]),
        probe=parts["clientIdentity"]["disguisedProbe"],
    )
    if verdict is None or (verdict == "CONFORMANT") != (report["verdict"] == "conformant"):
        raise SigningError("report-inconsistent", "The report's verdict does not follow from its requirements.")
    until = now + timedelta(days=days)
    used = [waiver for waiver in waivers if waiver["accepted"]]
    until = min([until, *(parse_time(waiver["expires"]) for waiver in used)])
    run = report["run"]
    return {
        **parts,
        "schemaVersion": SCHEMA_VERSION,
        "id": identifier or uuid7(now),
        "renderer": dict(renderer),
        "verdict": verdict,
        "harness": {"name": "interop-harness", "python": sanitise(str(run.get("python", "")), 60)},
        "invocation": {"modified": False, "selection": None},
        "issuer": {"name": sanitise(issuer, 200), "companyNumber": _optional(company_number), "keyid": keyid},
        "operator": _optional(operator),
        "signatory": None
        if signatory is None
        else {"name": sanitise(signatory["name"], 200), "role": sanitise(signatory["role"], 200)},
        "assurance": assurance.value,
        "evidence": dict(evidence),
        "waivers": [dict(waiver) for waiver in waivers],
        "issuedAt": format_time(now),
        "notBefore": format_time(now),
        "validUntil": format_time(until),
        "timestampPolicy": "none",
        "supersedes": list(supersedes),
    }


def refuse_unfit(report: Mapping[str, Any]) -> None:
    """Only a complete, unmodified, whole run with a clear verdict is ever signed."""
    try:
        run, plan, verdict = report["run"], report["plan"], report["verdict"]
        unfit = {
            "report-format-unknown": report["format"] != REPORT_FORMAT,
            "run-incomplete": run["complete"] is not True,
            "run-modified": plan["modified"] is not False,
            "run-selected": plan["selection"] is not None,
            "run-not-conclusive": verdict not in {"conformant", "not-conformant"},
        }
    except (KeyError, TypeError) as error:
        raise SigningError("report-malformed", f"The report is not of the form {REPORT_FORMAT}.") from error
    words = {
        "report-format-unknown": f"The report is not of the form {REPORT_FORMAT}.",
        "run-incomplete": "The run was interrupted before its end: it cannot be signed.",
        "run-modified": "The run was not made by the unchanged suite: it cannot be signed.",
        "run-selected": "Only a part of the profile was tested: it cannot be signed.",
        "run-not-conclusive": f"The run ended {verdict}: only pass or fail is ever signed. {_why(report)}".rstrip(),
    }
    for code, found in unfit.items():
        if found:
            raise SigningError(code, words[code], "Run the whole profile again: interop run PROFILE --target FILE")


def _why(report: Mapping[str, Any]) -> str:
    reasons = report.get("reasons")
    return sanitise(" ".join(str(reason) for reason in reasons[:2])) if isinstance(reasons, list) else ""


def statement(predicate: Mapping[str, Any], core: bytes) -> bytes:
    """The canonical bytes to sign: the predicate, bound to the page and to the evidence by their digests."""
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": "certificate-core.html", "digest": {"sha256": hashlib.sha256(core).hexdigest()}},
                {"name": "evidence.jsonl", "digest": {"sha256": predicate["evidence"]["sha256"]}},
            ],
            "predicateType": PREDICATE_TYPE,
            "predicate": dict(predicate),
        }
    )


def catalogue_digest(
    profile: Mapping[str, Any],
    classes: Iterable[Mapping[str, Any]],
    layers: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]],
) -> str:
    """One digest over all that a profile says of itself on the page: its name, classes and every requirement.

    A verifier that knows this digest sees at once a requirement left out, made weaker or worded otherwise.
    Takes the members as they stand in the predicate.
    """
    catalogue = {
        "id": sanitise(profile["id"]),
        "version": sanitise(profile["version"]),
        "title": sanitise(profile["title"]),
        "status": sanitise(profile["status"]),
        "classes": [[entry["id"], entry["title"], entry["mandatory"]] for entry in classes],
        "layers": [[layer[name] for name in ("id", "version", "title", "binding", "sha256")] for layer in layers],
        "requirements": [
            [row["id"], row["level"], row["class"], row.get("layer", ""), row["statement"], row["clause"]]
            for row in results
        ],
    }
    return hashlib.sha256(canonical(catalogue)).hexdigest()


def catalogue_of_profile(
    profile: Mapping[str, Any], classes: Iterable[Mapping[str, Any]], requirements: Iterable[Mapping[str, Any]]
) -> str:
    """`catalogue_digest` of a loaded profile, from the members its report would have (see CONTRACTS)."""
    rows = sorted((_identity(row, profile["id"]) for row in requirements), key=lambda row: row["id"])
    named = [
        {"id": sanitise(e["id"]), "title": sanitise(e["title"]), "mandatory": bool(e["mandatory"])} for e in classes
    ]
    layers = [_layer(layer) for layer in profile.get("layers") or [] if layer["id"] != profile["id"]]
    return catalogue_digest(
        profile,
        sorted(named, key=lambda entry: str(entry["id"])),
        sorted(layers, key=lambda layer: str(layer["id"])),
        rows,
    )


def format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def uuid7(now: datetime) -> str:
    """RFC 9562 version 7: the time in front, random behind. Never derived from signature bytes."""
    value = int(now.timestamp() * 1000) << 80 | uuid.uuid4().int & (2**80 - 1)
    value = value & ~(0xF << 76) | 0x7 << 76
    return f"urn:uuid:{uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)}"


def _layer(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": sanitise(layer["id"]),
        "version": sanitise(layer["version"]),
        "title": sanitise(layer["title"]),
        "binding": layer["binding"] is True,
        "sha256": layer["sha256"],
    }


def _identity(row: Mapping[str, Any], main: str) -> dict[str, Any]:
    source = row["source"]
    identity = {
        "id": str(row["id"]),
        "level": str(row["level"]),
        "class": sanitise(row["class"]),
        "statement": sanitise(row["statement"]),
        "clause": sanitise(f"{source['document']}: {source['clause']}"),
    }
    if row["layer"] != main:
        identity["layer"] = sanitise(row["layer"])
    return identity


def _result(row: Mapping[str, Any], main: str) -> dict[str, Any]:
    result = _identity(row, main)
    result["outcome"] = str(row["verdict"])
    result["attempts"] = int(row["attempts"])
    if row.get("reason") and result["outcome"] != Outcome.PASS:
        result["reason"] = sanitise(row["reason"])
    findings = [
        {name: _text(finding.get(name)) for name in ("expected", "observed", "pointer")}
        for finding in (row.get("findings") or [])[:MAX_FINDINGS]
    ]
    if findings:
        result["findings"] = findings
    hidden = len(row.get("findings") or []) - len(findings) + int(row.get("more_findings") or 0)
    if hidden > 0:
        result["moreFindings"] = hidden
    return result


def _claim(entry: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    if entry["mandatory"] or entry["id"] in claims["claimed"]:
        return "claimed"
    return "disclaimed" if entry["id"] in claims["disclaimed"] else "not-claimed"


def _target(implementation: Mapping[str, Any]) -> dict[str, Any]:
    url = address.normalise(implementation["base_url"])
    host = address.host_of(url)
    name = address.unicode_host(host)
    return {
        "url": url,
        "hostAscii": host,
        "hostUnicode": None if name is None else sanitise(name),
        "environment": str(implementation["environment"]),
    }


def _detection(report: Mapping[str, Any]) -> str | None:
    """How good the tests themselves were measured to be: of this suite and profile, else it is left out."""
    profile, suite = report["profile"], report["suite"]["sha256"]
    return measured(profile.get("detection"), suite=suite, profile=profile["sha256"], version=profile["version"])


def measured(figures: Any, *, suite: str, profile: str, version: str) -> str | None:
    """What a certificate over this suite and profile says of figures; None when they are of something else."""
    return detection.sentence(figures, suite=suite, profile=profile, version=sanitise(version)) or None


def is_measured(text: str, *, suite: str, profile: str, version: str) -> bool:
    """Whether a certificate's words on how good the tests are could be figures of its suite and profile: no others."""
    found = re.search(_MEASURED, text)
    numbers = [int(number.replace(",", "")) for number in found.groups("0")] if found else [0] * 5
    caught, total, excused, false_alarms, judged = numbers
    counts = {**dict.fromkeys(detection.COUNTS, 0), "caught": caught, "total": total, "excused": excused}
    variants = {"judged": judged, "false_alarms": false_alarms}
    figures = {**counts, "variants": variants, "suite": suite, "profile": profile}
    return detection.sentence(figures, suite=suite, profile=profile, version=version) == text


def _preflight(probes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``ok`` is null for what was not looked at or does not apply: that is no fault, and no good sign either."""
    return [
        {
            "name": sanitise(probe["name"], 100),
            "ok": probe["ok"] if isinstance(probe["ok"], bool) else None,
            "said": sanitise(probe["summary"]),
        }
        for probe in probes[:20]
    ]


def _network(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Where the service was found and which key it showed. Keys change every few months: to compare, not to rely on."""
    digest, key = seen.get("certificate_sha256"), seen.get("spki_sha256")
    return {
        "addresses": [sanitise(address, 60) for address in seen.get("addresses") or []][:20],
        "tls": None
        if not digest or not key
        else {
            "leafSha256": str(digest),
            "spkiSha256": str(key),
            "issuer": sanitise(str(seen.get("issuer") or ""), 300),
            "notAfter": sanitise(str(seen.get("not_after") or ""), 60),
        },
    }


def _sampling(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    said = {
        f"{sanitise(str(entry['what']), 100)}: {int(entry['checked']):,} of {int(entry['total']):,} checked"
        for row in rows
        for entry in row.get("sampled") or []
        if int(entry["checked"]) < int(entry["total"])
    }
    return sorted(said)[:50]


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _names(values: Iterable[str]) -> list[str]:
    return sorted(sanitise(value) for value in values)


def _optional(value: Any) -> str | None:
    return None if value is None else sanitise(str(value), 300)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return sanitise(value)
    return sanitise(json.dumps(value, ensure_ascii=False, sort_keys=True))
