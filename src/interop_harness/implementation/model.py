"""One supplier's product at one address: what it claims, how to be let in, within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from interop_harness.errors import EvidenceError, TargetError
from interop_harness.implementation.address import check_base_url, is_loopback

ENVIRONMENTS = ("production", "preproduction", "test", "development")

AUTH_KINDS = ("none", "api-key", "bearer", "basic", "oauth2-client-credentials", "client-certificate")

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret is found: exactly one of an environment variable and a file, or a plain public value."""

    env: str = ""
    file: Path | None = None
    value: str = ""

    def describe(self) -> str:
        return self.env or (f"the file {self.file}" if self.file else "the target file")


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are let in. Holds references to secrets, never a secret."""

    kind: str = "none"
    location: str = ""
    name: str = ""
    token_url: str = ""
    scope: str = ""
    client_authentication: str = "header"
    references: Mapping[str, Reference] = field(default_factory=dict)
    certificate_file: Path | None = None
    key_file: Path | None = None

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"kind": self.kind}
        if self.kind == "api-key":
            shown |= {"in": self.location, "name": self.name}
        if self.certificate_file is not None and self.kind != "client-certificate":
            shown["client_certificate"] = True
        return shown

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Auth:
        return cls(kind=str(value["kind"]), location=str(value.get("in", "")), name=str(value.get("name", "")))


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much, how often. Seconds and bytes; every one has a bound."""

    timeout: float = 30.0
    """One attempt at one exchange, from the first byte sent to the last received, redirects included."""
    connect_timeout: float = 10.0
    max_body_bytes: int = 32 * 1024 * 1024
    """After decoding; what comes over the wire has the same bound, headers and framing on top."""
    max_redirects: int = 5
    max_attempts: int = 3
    """Sends of one request answered 429 or 503, the first included."""
    max_wait: float = 30.0
    """The longest Retry-After that is waited for."""
    wait_budget: float = 120.0
    """All such waits of a run together."""
    give_up_after: int = 10
    """Exchanges in a row without any answer after which the rest are not sent, but for a trial now and then."""
    rate: float | None = None
    workers: int | None = None

    def as_json(self) -> dict[str, int]:
        return {
            "timeout_ms": round(self.timeout * 1000),
            "connect_timeout_ms": round(self.connect_timeout * 1000),
            "max_body_bytes": self.max_body_bytes,
            "max_redirects": self.max_redirects,
            "max_attempts": self.max_attempts,
            "max_wait_ms": round(self.max_wait * 1000),
            "wait_budget_ms": round(self.wait_budget * 1000),
            "give_up_after": self.give_up_after,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Limits:
        return cls(
            timeout=int(value["timeout_ms"]) / 1000,
            connect_timeout=int(value["connect_timeout_ms"]) / 1000,
            max_body_bytes=int(value["max_body_bytes"]),
            max_redirects=int(value["max_redirects"]),
            max_attempts=int(value["max_attempts"]),
            max_wait=int(value["max_wait_ms"]) / 1000,
            wait_budget=int(value["wait_budget_ms"]) / 1000,
            give_up_after=int(value["give_up_after"]),
        )


@dataclass(frozen=True, slots=True)
class Implementation:
    """One supplier's product at one address, and what it claims."""

    base_url: str
    supplier: str = NOT_STATED
    product: str = NOT_STATED
    version: str = NOT_STATED
    environment: str = "test"
    auth: Auth = Auth()
    claims: Mapping[str, bool] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    ca_file: Path | None = None
    proxy: str | None = None
    authorised_by: str = ""
    declarations: Mapping[str, bool] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        return self.base_url.partition(":")[0]

    @property
    def host(self) -> str:
        """The host in its ASCII form, an IPv6 address without brackets."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.base_url).port or (443 if self.scheme == "https" else 80)

    @property
    def path(self) -> str:
        """The base path, empty when there is none; no trailing slash."""
        return urlsplit(self.base_url).path

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def development_endpoint(self) -> bool:
        """Loopback over plain HTTP: HTTPS cannot be asked of it, and the certificate says so."""
        return self.scheme == "http" and self.loopback

    @property
    def unsignable(self) -> str:
        """Why no run of this target can be certified, in a sentence; empty when it can be."""
        if not self.loopback or self.environment == "development":
            return ""
        return (
            f"{self.host} is this machine, and the target file calls it {self.environment}: no certificate says that, "
            "so the run cannot be signed. Set environment: development, or test the real address."
        )

    def as_json(self) -> dict[str, Any]:
        """For the evidence header and the plan: no secret, no path of this machine, no proxy."""
        return {
            "supplier": self.supplier,
            "product": self.product,
            "version": self.version,
            "environment": self.environment,
            "base_url": self.base_url,
            "auth": self.auth.as_json(),
            "claims": dict(sorted(self.claims.items())),
            "declarations": dict(sorted(self.declarations.items())),
            "facts": dict(sorted(self.facts.items())),
            "limits": self.limits.as_json(),
            "authorised_by": self.authorised_by,
        }

    @classmethod
    def from_json(cls, value: Any) -> Implementation:
        """Rebuild what :meth:`as_json` gave. Raises EvidenceError when it did not."""
        try:
            return cls(
                base_url=check_base_url(_str(value["base_url"])),
                supplier=_str(value["supplier"]),
                product=_str(value["product"]),
                version=_str(value["version"]),
                environment=_str(value["environment"]),
                auth=Auth.from_json(value["auth"]),
                claims={_str(name): _bool(said) for name, said in value["claims"].items()},
                facts=dict(value["facts"]),
                limits=Limits.from_json(value["limits"]),
                authorised_by=_str(value["authorised_by"]),
                declarations={_str(name): _bool(said) for name, said in value["declarations"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, TargetError) as error:
            raise EvidenceError("evidence-target", f"the evidence does not describe its target: {error}") from error


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false expected")
    return value
