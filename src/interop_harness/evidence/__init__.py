"""What was asked and what came back: exchanges, probes, findings, and their JSON Lines form."""

from interop_harness.evidence.exchange import (
    Attribution,
    Exchange,
    Failure,
    FailureKind,
    Finding,
    Probe,
    Request,
    Response,
)
from interop_harness.evidence.lines import Evidence, read_evidence, write_evidence
from interop_harness.evidence.redaction import MASK, Redactor, Secret

__all__ = [
    "MASK",
    "Attribution",
    "Evidence",
    "Exchange",
    "Failure",
    "FailureKind",
    "Finding",
    "Probe",
    "Redactor",
    "Request",
    "Response",
    "Secret",
    "read_evidence",
    "write_evidence",
]
