"""The report of a run: a versioned model as canonical JSON, the same bytes for the same evidence.

Everything that names a time or a machine stands under ``run`` and comes from the evidence, never from the
machine that writes the report, so that a replay reaches the identical bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from interop_harness.detection import figures
from interop_harness.evidence import Evidence, Exchange, FailureKind, Probe
from interop_harness.plan import Plan
from interop_harness.profile import Operation
from interop_harness.requirement import Level, Outcome, Verdict
from interop_harness.suite import clients
from interop_harness.suite.judgement import CaseResult
from interop_harness.verdict import (
    Decision,
    RequirementResult,
    class_verdict,
    decide,
    layer_verdict,
    requirement_results,
)

FORMAT = "interop-report/1"
MAX_FINDINGS = 20


def build_report(plan: Plan, evidence: Evidence, results: Sequence[CaseResult], *, unasked: int = 0) -> dict[str, Any]:
    """The report of judged evidence. Pure: the same plan, evidence and results give the same report.

    ``unasked`` counts recorded exchanges that no case asked for: evidence that holds more than its plan implies.
    """
    rows = requirement_results(plan, results)
    decision = run_decision(plan, evidence, results, rows, unasked)
    header = evidence.header
    claims = plan.implementation.claims
    profile = plan.profile
    return {
        "format": FORMAT,
        "verdict": decision.verdict.value,
        "exit": decision.verdict.exit_code,
        "reasons": list(decision.reasons[:30]),
        "profile": {
            "id": profile.id,
            "version": profile.version,
            "title": profile.title,
            "status": profile.status,
            "sha256": profile.sha256,
            "requirements_sha256": profile.requirements_sha256,
            "layers": [
                {
                    "id": layer.id,
                    "version": layer.version,
                    "title": layer.title,
                    "sha256": layer.sha256,
                    "binding": layer.binding,
                    "verdict": layer_verdict(rows, layer.id).value,
                }
                for layer in profile.layers
                if layer.id != profile.id
            ],
            "detection": figures(header.get("detection")),
        },
        "implementation": {
            "supplier": plan.implementation.supplier,
            "product": plan.implementation.product,
            "version": plan.implementation.version,
            "environment": plan.implementation.environment,
            "base_url": plan.implementation.base_url,
        },
        "authorised_by": plan.implementation.authorised_by or None,
        "claims": {
            "claimed": [entry.id for entry in profile.classes if plan.claimed(entry.id)],
            "disclaimed": [entry.id for entry in profile.classes if claims.get(entry.id) is False],
            "not_claimed": [
                entry.id for entry in profile.classes if not plan.claimed(entry.id) and entry.id not in claims
            ],
        },
        "classes": [
            {
                "id": entry.id,
                "title": entry.title,
                "layer": entry.layer,
                "mandatory": entry.mandatory,
                "claim": "claimed"
                if plan.claimed(entry.id)
                else "disclaimed"
                if claims.get(entry.id) is False
                else "not-claimed",
                "verdict": class_verdict(rows, entry.id).value if plan.claimed(entry.id) else None,
            }
            for entry in profile.classes
        ],
        "plan": {
            "sha256": plan.sha256,
            "cases": len(plan.cases),
            "seed": plan.seed,
            "challenge": plan.challenge or None,
            "selection": [*plan.options.only, *limits_reached(evidence.exchanges.values())] or None,
            "exhaustive": plan.options.exhaustive,
            "writes": plan.options.allow_writes,
            "modified": header.get("modified") is True or bool(plan.options.seed),
        },
        "suite": dict(header.get("suite", {})),
        "summary": summary(rows),
        "requirements": [_requirement(row) for row in rows],
        "run": {
            **dict(header.get("run", {})),
            "complete": evidence.complete,
            "evidence_sha256": evidence.sha256,
            "exchanges": sum(exchange.sent for exchange in evidence.exchanges.values()),
            "answered": sum(exchange.response is not None for exchange in evidence.exchanges.values()),
            "unsent": sum(not exchange.sent for exchange in evidence.exchanges.values()),
            "disguised_probe": clients.outcome(results),
            "endpoint": endpoint(plan, evidence.probes),
            "preflight": [
                {"name": probe.name, "ok": probe.ok, "summary": probe.summary, "hint": probe.hint}
                for probe in evidence.probes
            ],
        },
    }


def endpoint(plan: Plan, probes: Iterable[Probe]) -> dict[str, Any]:
    """Where the service was found and which key it showed, as the preflight saw it; a proxy's are not its own."""
    facts = {probe.name: probe.facts for probe in probes if probe.ok is not None}
    dns, tls = facts.get("dns", {}), facts.get("tls", {})
    own = dns.get("host") == plan.implementation.host
    addresses = dns.get("addresses") if own else None
    return {
        "addresses": [str(address)[:60] for address in addresses[:20]] if isinstance(addresses, list) else [],
        "certificate_sha256": _fact(tls, "sha256"),
        "spki_sha256": _fact(tls, "spki_sha256"),
        "issuer": _fact(tls, "issuer"),
        "not_after": _fact(tls, "not_after"),
    }


def _fact(facts: Mapping[str, Any], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None


def run_decision(
    plan: Plan,
    evidence: Evidence,
    results: Sequence[CaseResult],
    rows: Sequence[RequirementResult],
    unasked: int = 0,
) -> Decision:
    """Rule on the profile's own requirements; the layers below it have verdict lines of their own."""
    own = [row for row in rows if row.requirement.layer in plan.profile.binding]
    claimed = frozenset(entry.id for entry in plan.profile.classes if plan.claimed(entry.id))
    decision = decide(
        own,
        claimed=claimed,
        complete=evidence.complete,
        as_planned=[result.case.id for result in results] == [case.id for case in plan.cases],
        unasked=unasked,
        selection=plan.selection or bool(limits_reached(evidence.exchanges.values())),
        unanswered=unanswered(plan, evidence.exchanges.values()),
    )
    crashed = [row for row in rows if row.outcome is Outcome.ERROR and row not in own]
    if decision.verdict in (Verdict.CONFORMANT, Verdict.INCONCLUSIVE) and crashed:
        return Decision(Verdict.ERROR, tuple(f"{row.requirement.id}: {row.reason}" for row in crashed))
    if decision.verdict is Verdict.CONFORMANT and (doubt := clients.doubt(results)):
        return Decision(Verdict.INCONCLUSIVE, (doubt,))
    return decision


def limits_reached(exchanges: Iterable[Exchange]) -> list[str]:
    """``--max-requests 100`` where the run had to stop there: what was not sent makes it a selection."""
    told = {
        exchange.failure.message
        for exchange in exchanges
        if exchange.failure is not None and exchange.failure.kind is FailureKind.LIMIT
    }
    return sorted(message.removeprefix("Not sent: ").removesuffix(" was reached.") for message in told)


def unanswered(plan: Plan, exchanges: Iterable[Exchange]) -> list[str]:
    """The operations of mandatory classes that no exchange shows answering with success."""
    needed = [
        operation
        for operation in plan.profile.operations.values()
        if (entry := plan.profile.conformance_class(operation.conformance_class)) is not None
        and entry.mandatory
        and (operation.safe or plan.options.allow_writes)
    ]
    patterns = {operation.id: _pattern(operation) for operation in needed}
    open_operations = {operation.id: operation for operation in needed}
    for exchange in exchanges:
        if not open_operations:
            break
        if not exchange.ok:
            continue
        path = exchange.request.target.partition("?")[0]
        for identifier, operation in list(open_operations.items()):
            if exchange.request.method == operation.method and patterns[identifier].fullmatch(path):
                del open_operations[identifier]
    return [f"{operation.method} {operation.path}" for operation in open_operations.values()]


def _pattern(operation: Operation) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]+\}", operation.path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def summary(rows: Sequence[RequirementResult]) -> dict[str, dict[str, int]]:
    """How many requirements of each level have each verdict word; every word stands, zero or not."""
    return {
        level.value: {
            outcome.value: sum(row.requirement.level is level and row.outcome is outcome for row in rows)
            for outcome in Outcome
        }
        for level in Level
    }


def _requirement(row: RequirementResult) -> dict[str, Any]:
    findings = [{"case": case.case.id, **finding.as_json()} for case in row.cases for finding in case.findings]
    requirement = row.requirement
    return {
        "id": requirement.id,
        "level": requirement.level.value,
        "class": requirement.conformance_class,
        "layer": requirement.layer,
        "statement": requirement.statement,
        "source": requirement.source.as_json(),
        "basis": requirement.basis,
        "verdict": row.outcome.value,
        "reason": row.reason or None,
        "blocked_by": next((case.blocked_by for case in row.cases if case.blocked_by), None)
        if row.outcome is Outcome.INCONCLUSIVE
        else None,
        "attribution": next((case.attribution for case in row.cases if case.outcome is row.outcome), "") or None,
        "attempts": max((case.attempts for case in row.cases), default=0),
        "cases": len(row.cases),
        "sampled": [
            {"what": what, "checked": checked, "total": total}
            for what, checked, total in sorted({entry for case in row.cases for entry in case.sampled})
            if checked < total
        ],
        "findings": findings[:MAX_FINDINGS],
        "more_findings": max(0, len(findings) - MAX_FINDINGS) + sum(case.dropped for case in row.cases),
        "observations": sorted({text for case in row.cases for text in case.observations})[:MAX_FINDINGS],
    }


def case_records(results: Sequence[CaseResult]) -> list[dict[str, Any]]:
    """The cases as JUnit and machine output need them."""
    return [
        {
            "id": result.case.id,
            "requirement": result.case.requirement,
            "family": result.case.family,
            "title": result.case.title,
            "outcome": result.outcome.value,
            "reason": result.reason,
            "findings": [finding.as_json() for finding in result.findings],
            "exchanges": list(result.exchanges),
            "elapsed_ms": result.elapsed_ms,
            "attempts": result.attempts,
        }
        for result in results
    ]


def report_bytes(report: Mapping[str, Any]) -> bytes:
    """The report as the file holds it: sorted keys, two spaces, a line feed at the end."""
    text = json.dumps(report, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"
