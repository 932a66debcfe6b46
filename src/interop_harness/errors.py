"""The error families: each says what, where and what to do, and carries a stable code.

HarnessError
├── UsageError            exit 2   the command line or a file given to it is wrong
│   ├── ProfileError      exit 2   a profile does not load or does not validate
│   ├── TargetError       exit 2   a target file or conformance statement is wrong
│   ├── SigningError      exit 2   a key, or what was to be signed, is not fit for it
│   └── TrustError        exit 2   a trust store cannot be used
├── SurroundingsError     exit 4   the endpoint could not be reached or tested at all
├── EvidenceError         exit 3   evidence is damaged, incomplete or not what the plan implies
├── InternalError         exit 3   the harness itself is wrong
└── VerificationError     exit 3-7 a certificate was not accepted; carries its own exit code

A supplier's breach is never one of these: it is a finding.
"""

from __future__ import annotations


class HarnessError(Exception):
    """Something that stops a command. ``code`` is stable, ``hint`` says what to do next."""

    exit_code: int = 3

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        tail = f" {self.hint}" if self.hint else ""
        return f"{self.message}{tail} ({self.code})"


class UsageError(HarnessError):
    """The command line, or a file it names, is wrong (exit 2)."""

    exit_code = 2


class ProfileError(UsageError):
    """A profile does not load or does not validate (exit 2)."""


class TargetError(UsageError):
    """A target file or conformance statement is wrong (exit 2)."""


class SigningError(UsageError):
    """A key, or the thing to be signed, is not fit for signing (exit 2)."""


class TrustError(UsageError):
    """A trust store cannot be read or used (exit 2)."""


class SurroundingsError(HarnessError):
    """The endpoint could not be tested at all: nothing can be concluded (exit 4)."""

    exit_code = 4


class EvidenceError(HarnessError):
    """Evidence is damaged, incomplete, or not what its plan implies (exit 3)."""

    exit_code = 3


class InternalError(HarnessError):
    """The harness is wrong, never the supplier (exit 3)."""

    exit_code = 3


class VerificationError(HarnessError):
    """A certificate was not accepted. ``exit_code`` is documented in docs/certificate.md."""

    def __init__(self, code: str, message: str, hint: str = "", *, exit_code: int = 3) -> None:
        super().__init__(code, message, hint)
        self.exit_code = exit_code
