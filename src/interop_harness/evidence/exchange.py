"""The records of a run: one request with its answer, one preflight observation, one finding."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from interop_harness.errors import EvidenceError

COMPRESS_FROM = 8192
"""Bodies of fewer bytes are not worth packing."""
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.?)*+("?)', re.DOTALL)
"""With its end, or without: then it is found once, and not sought again from each quotation mark within it."""
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+")
LONGEST = 2000
"""Characters of what a finding expects and of what it observed that a report repeats."""


class Attribution(StrEnum):
    """Whose problem a finding is: the reader's next step depends on it."""

    SERVICE = "your service"
    CONFIGURATION = "your configuration"
    NETWORK = "the network"
    HARNESS = "our harness"
    PROFILE = "the profile is ambiguous"


class FailureKind(StrEnum):
    """Why there is no usable answer."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"
    DECODING = "decoding"
    REDIRECT = "redirect"
    PROXY = "proxy"
    CREDENTIALS = "credentials"
    STOPPED = "stopped"
    LIMIT = "limit"
    """Not sent, because the run had used what --max-requests or --max-time allowed."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, relative to the base URL, before credentials are added.

    ``auth`` is ``default`` (the target's credentials, if any) or ``none``. Two requests with the same ``key``
    are one exchange, sent once and shared; a case that needs its own copy raises ``fresh``.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    auth: str = "default"
    fresh: int = 0
    repeatable: bool = field(default=False, compare=False)
    """Sending it twice does no harm although its method does not say so. It is no part of what is recorded."""

    @cached_property
    def key(self) -> str:
        """A string that is the same exactly when the request is the same."""
        body = hashlib.sha256(self.body).hexdigest() if self.body else ""
        return json.dumps(
            [self.target, self.method, self.auth, self.fresh, sorted(self.headers), body],
            ensure_ascii=True,
            separators=(",", ":"),
        )

    @cached_property
    def id(self) -> str:
        """Twelve hexadecimal digits that name the exchange in findings and evidence."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]


class Response:
    """A status, headers and a body (decoded from any content encoding), as recorded."""

    __slots__ = ("_packed", "_plain", "headers", "http_version", "reason", "redirects", "size", "status")

    def __init__(
        self,
        status: int,
        headers: tuple[tuple[str, str], ...],
        body: bytes,
        *,
        http_version: str = "HTTP/1.1",
        reason: str = "",
        redirects: tuple[tuple[int, str], ...] = (),
    ) -> None:
        self.status = status
        self.headers = headers
        self.http_version = http_version
        self.reason = reason
        self.redirects = redirects
        """(status, Location) of each redirect followed on the same origin before this answer."""
        self._plain: bytes | None = body
        self._packed = b""
        self.size = len(body)
        """Bytes of the body."""

    @property
    def body(self) -> bytes:
        plain = self._plain
        return zlib.decompress(self._packed) if plain is None else plain

    @property
    def held(self) -> int:
        """How many bytes the body takes in memory."""
        return self.size if self._plain is not None else len(self._packed)

    def pack(self) -> None:
        """Hold the body compressed from now on, where that is worth it. Others may be reading it meanwhile."""
        plain = self._plain
        if plain is not None and self.size >= COMPRESS_FROM:
            self._packed = zlib.compress(plain, 1)
            self._plain = None

    def header(self, name: str) -> str | None:
        """The header's value, repeated lines joined by a comma; None when absent."""
        values = self.header_lines(name)
        return ", ".join(values) if values else None

    def header_lines(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]

    @property
    def media_type(self) -> str:
        """The Content-Type's type/subtype in lower case, empty when there is none; all, where several are said.

        RFC 9110, 8.3: there is one. Which of several a client takes is not known, so none of them is right.
        """
        said = (self.header("content-type") or "").lower()
        if "," not in said:
            return said.split(";")[0].strip()
        unquoted = _QUOTED.sub(lambda quoted: "" if quoted[1] else quoted[0], said)
        others = [part.split(";")[0].strip() for part in unquoted.split(",")[1:]]
        first = said.split(";")[0].split(",")[0].strip()
        return ", ".join(dict.fromkeys([first, *(other for other in others if _MEDIA_TYPE.fullmatch(other))]))

    @property
    def charset(self) -> str:
        """The charset parameter in lower case, empty when there is none."""
        for part in (self.header("content-type") or "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'").lower()
        return ""


@dataclass(frozen=True, slots=True)
class Failure:
    """There was no usable answer: what kind of trouble, and the sentence that says so."""

    kind: FailureKind
    message: str


_CONCERNS = {
    FailureKind.DNS: Attribution.CONFIGURATION,
    FailureKind.CREDENTIALS: Attribution.CONFIGURATION,
    FailureKind.LIMIT: Attribution.CONFIGURATION,
    FailureKind.STOPPED: Attribution.CONFIGURATION,
    FailureKind.CONNECT: Attribution.NETWORK,
    FailureKind.RESET: Attribution.NETWORK,
    FailureKind.PROXY: Attribution.NETWORK,
}
"""All other failures are of the service: it hangs, breaks the rules of HTTP or TLS, or sends what cannot be read."""

_STATED = "client certificate"
"""Of a handshake that failed: the cause lies in what the target file says, or leaves out, as with a wrong host."""

_BUSY = {
    429: "too many requests: the service limits how often it may be asked",
    503: "unavailable: the service is overloaded or down",
}
_GATEWAY = (502, 504)
"""What a gateway says that got no answer, or none in time, from the service behind it (RFC 9110, 15.6.3 and 15.6.5)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer, or with the failure that came instead of one."""

    request: Request
    response: Response | None = None
    failure: Failure | None = None
    attempts: int = 1
    sent_at: str = ""
    elapsed_ms: int = 0

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def status(self) -> int:
        """The answer's status, 0 when there was none."""
        return self.response.status if self.response is not None else 0

    @property
    def sent(self) -> bool:
        """Whether anything of it left: what was given up before that stands in the evidence too."""
        return bool(self.attempts) or self.response is not None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def busy(self) -> bool:
        """Whether the service, asked as often as it may be, still says to come back later: an answer to nothing."""
        return self.status in _BUSY

    @property
    def unheard(self) -> bool:
        """Whether the status says that the service never answered what was asked: too busy, or not reached."""
        return self.busy or self.status in _GATEWAY

    def describe(self) -> str:
        """What came back, in a few words: ``200 application/json`` or the failure's sentence."""
        if self.response is not None:
            kind = self.response.media_type or "no media type"
            why = f" ({_BUSY[self.status]})" if self.busy else ""
            return f"{self.response.status} {kind}{why}"
        return self.failure.message if self.failure else "no answer"

    @property
    def concern(self) -> Attribution:
        """Whose problem it is when this exchange leaves a question open."""
        if self.failure is not None:
            if self.failure.kind is FailureKind.TLS and _STATED in self.failure.message:
                return Attribution.CONFIGURATION
            return _CONCERNS.get(self.failure.kind, Attribution.SERVICE)
        if self.status in (401, 403):
            return Attribution.CONFIGURATION
        return Attribution.NETWORK if self.status in (407, *_GATEWAY) else Attribution.SERVICE

    def told(self) -> str:
        """The request and what came back, as a sentence."""
        asked = f"{self.request.method} {self.request.target or '/'}"
        if self.response is None:
            return f"{asked}: {self.describe()}"
        return f"{asked} answered {self.describe()}."

    def as_json(self) -> dict[str, Any]:
        request: dict[str, Any] = {"method": self.request.method, "target": self.request.target}
        if self.request.headers:
            request["headers"] = [list(pair) for pair in self.request.headers]
        if self.request.body:
            request["body"] = _body_as_json(self.request.body)
        if self.request.auth != "default":
            request["auth"] = self.request.auth
        if self.request.fresh:
            request["fresh"] = self.request.fresh
        record: dict[str, Any] = {
            "type": "exchange",
            "id": self.id,
            "request": request,
            "attempts": self.attempts,
            "sent_at": self.sent_at,
            "elapsed_ms": self.elapsed_ms,
        }
        if self.response is not None:
            answer = self.response
            record["response"] = {
                "status": answer.status,
                "reason": answer.reason,
                "http_version": answer.http_version,
                "headers": [list(pair) for pair in answer.headers],
                "body": _body_as_json(answer.body),
            }
            if answer.redirects:
                record["response"]["redirects"] = [list(pair) for pair in answer.redirects]
        if self.failure is not None:
            record["failure"] = {"kind": self.failure.kind.value, "message": self.failure.message}
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Exchange:
        """Rebuild an exchange. Raises EvidenceError when the record is not one."""
        try:
            asked = record["request"]
            request = Request(
                method=_text(asked["method"]),
                target=_text(asked["target"]),
                headers=_pairs(asked.get("headers", [])),
                body=_body_from_json(asked.get("body")),
                auth=_text(asked.get("auth", "default")),
                fresh=_integer(asked.get("fresh", 0)),
            )
            response = failure = None
            if "response" in record:
                came = record["response"]
                response = Response(
                    _integer(came["status"]),
                    _pairs(came["headers"]),
                    _body_from_json(came["body"]),
                    http_version=_text(came["http_version"]),
                    reason=_text(came["reason"]),
                    redirects=tuple((_integer(s), _text(u)) for s, u in came.get("redirects", [])),
                )
            if "failure" in record:
                failure = Failure(FailureKind(record["failure"]["kind"]), _text(record["failure"]["message"]))
            if (response is None) == (failure is None):
                raise ValueError("exactly one of response and failure")
            return cls(
                request,
                response,
                failure,
                _integer(record["attempts"]),
                _text(record["sent_at"]),
                _integer(record["elapsed_ms"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvidenceError("evidence-exchange", f"an exchange record is malformed: {error}") from error


@dataclass(frozen=True, slots=True)
class Probe:
    """A preflight observation that is not HTTP: name resolution, connection, TLS, clock, …

    ``ok`` is None when the observation could not be made; ``facts`` are strings, integers, booleans, lists.
    """

    name: str
    ok: bool | None
    summary: str
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "type": "probe",
            "name": self.name,
            "ok": self.ok,
            "summary": self.summary,
            "hint": self.hint,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Probe:
        try:
            ok = record["ok"]
            if ok is not None and not isinstance(ok, bool):
                raise TypeError("ok")
            return cls(
                _text(record["name"]),
                ok,
                _text(record["summary"]),
                _text(record["hint"]),
                dict(record["facts"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EvidenceError("evidence-probe", f"a probe record is malformed: {error}") from error


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: what the clause asks, what came, where in the answer, in which exchange.

    ``pointer`` is an RFC 6901 JSON Pointer into the body, or a header name, or empty.
    """

    expected: str
    observed: str
    exchange: str = ""
    pointer: str = ""
    attribution: Attribution = Attribution.SERVICE

    def as_json(self) -> dict[str, str]:
        return {
            "expected": _told(self.expected),
            "observed": _told(self.observed),
            "exchange": self.exchange,
            "pointer": self.pointer,
            "attribution": self.attribution.value,
        }


def _told(text: str) -> str:
    """A text for a report: what a service sends in a header alone may be sixty thousand characters long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _body_as_json(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _body_from_json(value: Any) -> bytes:
    if value is None:
        return b""
    if "text" in value:
        return _text(value["text"]).encode("utf-8")
    return base64.b64decode(value["base64"], validate=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("integer expected")
    return value


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(content)) for name, content in value)
