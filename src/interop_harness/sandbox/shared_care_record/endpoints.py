"""The searches, the declaration of what can be searched, and a token endpoint.

What the guide leaves open is settled thus: a clinical search needs a patient; an unknown patient or code finds nothing;
unknown parameters are passed over unless strict handling is asked for; each type can be read by id; HL7's plain JSON
media type is accepted and FHIR's is sent; the declaration is open to everybody; a page holds ten matches or what _count
says; a search for immunisations always brings a warning with it, which stands beside the result.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .periods import BadDateError, Prefix, answers_date, read_date, year_of
from .settings import Settings
from .store import ACCESS, CLINICAL, DATES, STRINGS, UK_CORE, Resource, Store, codes, dated, names, owner, parameters

FHIR = "application/fhir+json; charset=utf-8"
METHODS = "GET, HEAD, OPTIONS"
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?\Z|\[[0-9A-Fa-f:.]+\](:\d+)?\Z", re.ASCII)
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - an address
LIFETIME = 300
KNOWN = {"_count", "page", "_format"}
MOST = 100
CORS = (("Access-Control-Allow-Origin", "*"),)


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    def __init__(self, status: int, code: str, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.headers = status, code, text, headers


def endpoints(store: Store, settings: Settings, now: datetime | None = None) -> Handler:
    """The handler of one supplier; every answer depends on the request and the clock alone."""
    return _Endpoints(store, settings, now).handle


def outcome(severity: str, code: str, text: str) -> Resource:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": text}],
    }


class _Endpoints:
    def __init__(self, store: Store, settings: Settings, now: datetime | None) -> None:
        self.store = store
        self.settings = settings
        self.fixed = now

    @property
    def now(self) -> datetime:
        return self.fixed or datetime.now(UTC)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        try:
            answered = self._token(request) if request.path == TOKEN_PATH else self._route(request)
        except Refusal as refusal:
            body = self._changed("OperationOutcome", outcome("error", refusal.code, refusal.text))
            answered = self._answer(refusal.status, body, *refusal.headers)
        return answered.with_header("Date", format_datetime(self.fixed, usegmt=True)) if self.fixed else answered

    def _answer(self, status: int, body: Any, *headers: tuple[str, str]) -> SandboxResponse:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        own = (("Content-Type", FHIR), ("Cache-Control", "no-store"), *CORS)
        return SandboxResponse(status, (*own, *headers), content)

    def _changed(self, kind: str, resource: Resource) -> Resource:
        made = copy.deepcopy(resource)
        for change in self.settings.edits.get(kind, ()):
            returned = change(made)
            made = made if returned is None else returned
        return made

    def _route(self, request: SandboxRequest) -> SandboxResponse:
        kind, _, identifier = request.path.removeprefix("/").partition("/")
        known = kind == "metadata" or kind in self.store.resources
        if not known or "/" in identifier or request.path.endswith("/") or (kind == "metadata" and identifier):
            raise Refusal(404, "not-found", "There is nothing at this address.")
        if request.method == "OPTIONS":
            allow = (("Access-Control-Allow-Headers", "Authorization, Accept, Prefer"), ("Allow", METHODS))
            return SandboxResponse(204, (*CORS, *allow), b"")
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "not-supported", "This address can only be read.", ("Allow", METHODS))
        if kind == "metadata":
            return self._answer(200, self._changed("CapabilityStatement", self._declaration(request)))
        if self.settings.closed and not self._let_in(request):
            raise Refusal(401, "login", "Say who you are.", ("WWW-Authenticate", 'Bearer realm="Northmere"'))
        if identifier:
            return self._read(kind, identifier)
        return self._search(kind, request)

    # --- who asks --------------------------------------------------------------------------------------------

    def _let_in(self, request: SandboxRequest) -> bool:
        scheme, _, token = request.header("authorization").partition(" ")
        if scheme.lower() != "bearer":
            return False
        expires, _, signature = token.partition(".")
        issued = expires.isdigit() and hmac.compare_digest(signature, self._sign(expires))
        return hmac.compare_digest(token.encode(), self.store.key.encode()) or (
            issued and int(expires) > self.now.timestamp()
        )

    def _sign(self, expires: str) -> str:
        secret = self.store.client[1].encode()
        return hmac.new(secret, expires.encode(), hashlib.sha256).hexdigest()

    def _token(self, request: SandboxRequest) -> SandboxResponse:
        """OAuth 2.0 client credentials (RFC 6749, 4.4), the client in the header or in the form."""
        if request.method != "POST":
            return self._json(405, {"error": "invalid_request"}, ("Allow", "POST"))
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        client = (form.get("client_id", ""), form.get("client_secret", ""))
        scheme, _, pair = request.header("authorization").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
            except ValueError:
                name = secret = ""
            client = (unquote_plus(name), unquote_plus(secret))
        if client != self.store.client:
            return self._json(401, {"error": "invalid_client"}, ("WWW-Authenticate", 'Basic realm="Northmere"'))
        if form.get("grant_type") != "client_credentials":
            return self._json(400, {"error": "unsupported_grant_type"})
        expires = str(int(self.now.timestamp()) + LIFETIME)
        token = f"{expires}.{self._sign(expires)}"
        return self._json(200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})

    @staticmethod
    def _json(status: int, body: Any, *headers: tuple[str, str]) -> SandboxResponse:
        own = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
        return SandboxResponse(status, (*own, *headers), json.dumps(body).encode())

    # --- what can be asked -----------------------------------------------------------------------------------

    def _declaration(self, request: SandboxRequest) -> Resource:
        system = "http://terminology.hl7.org/CodeSystem/restful-security-service"
        service = {"coding": [{"system": system, "code": "OAuth"}]}
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-01-05",
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "format": ["json", "application/fhir+json"],
            "instantiates": [
                f"{ACCESS}CapabilityStatement/UKCoreAccessPatientIndexProvider",
                f"{ACCESS}CapabilityStatement/UKCoreAccessClinicalDataProvider",
            ],
            "implementation": {"description": "The shared care record of Northmere", "url": self._base(request)},
            "rest": [
                {
                    "mode": "server",
                    "security": {"cors": True, "service": [service]},
                    "resource": [self._declared(kind) for kind in ("Patient", *CLINICAL)],
                }
            ],
        }

    @staticmethod
    def _declared(kind: str) -> Resource:
        return {
            "type": kind,
            "profile": f"{UK_CORE}{kind}",
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": name, "type": sort} for name, sort in parameters(kind).items()],
        }

    @staticmethod
    def _base(request: SandboxRequest) -> str:
        host = request.header("host")
        scheme = "https" if request.header("x-forwarded-proto") == "https" else "http"
        return f"{scheme}://{host if HOST.match(host) else 'localhost'}"

    # --- answering -------------------------------------------------------------------------------------------

    def _read(self, kind: str, identifier: str) -> SandboxResponse:
        if kind in self.settings.readable:
            for resource in self.store.resources[kind]:
                if resource["id"] == identifier:
                    return self._answer(200, self._changed(kind, resource))
        raise Refusal(404, "not-found", "There is no such record.")

    def _search(self, kind: str, request: SandboxRequest) -> SandboxResponse:
        strict = self.settings.strict or "handling=strict" in request.header("prefer").replace(" ", "")
        asked = [(name, value) for name, value in request.query if value]
        known = parameters(kind)
        unknown = [name for name, _ in asked if name not in known and name not in KNOWN]
        if unknown and strict:
            raise Refusal(400, "not-supported", f"The parameter {unknown[0][:40]} is not supported.")
        if kind != "Patient" and "patient" not in dict(asked):
            raise Refusal(400, "required", "A patient is needed.")
        tests = {pair: self._test(kind, *pair) for pair in asked if pair[0] in known}
        wanted = [tests[pair] for pair in self._heeded(kind, asked) if pair in tests]
        found = [resource for resource in self.store.resources[kind] if all(test(resource) for test in wanted)]
        found = self._mistaken(kind, asked, found)
        if not found and kind in self.settings.missing:
            raise Refusal(404, "not-found", "Nothing was found.")
        return self._bundle(kind, request, asked, found)

    def _heeded(self, kind: str, asked: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The parameters that are looked at."""
        settings, names = self.settings, {name for name, _ in asked}
        pairs = [pair for pair in asked if (kind, pair[0]) not in settings.ignored]
        pairs = [pair for pair in pairs if not any((pair[0], other) in settings.beside for other in names)]
        if "several" not in settings.dates:
            pairs = list({name: (name, value) for name, value in reversed(pairs)}.values())
        return pairs

    def _mistaken(self, kind: str, asked: Sequence[tuple[str, str]], found: list[Resource]) -> list[Resource]:
        """What a fault makes of a result."""
        if any((kind, name) in self.settings.lost for name, _ in asked):
            found = found[1:]
        if self.settings.guess and not found and any(name == "identifier" for name, _ in asked):
            found = self.store.resources[kind][:1]
        if kind in self.settings.shared and found and owner(found[0]) != owner(self.store.resources[kind][0]):
            first, member = (
                copy.deepcopy(self.store.resources[kind][0]),
                "patient" if "patient" in found[0] else "subject",
            )
            first[member] = found[0][member]
            found = [*found, first]
        return found

    def _test(self, kind: str, name: str, value: str) -> Callable[[Resource], bool]:
        if name in DATES[kind]:
            return self._date_test(kind, name, value)
        if name in STRINGS.get(kind, ()):
            texts = [_plain(part) for part in value.split(",")]
            whole, parts = name in self.settings.whole, self.settings.names
            return lambda resource: any(
                _plain(text) == part if whole else _plain(text).startswith(part)
                for text in names(resource, name, parts)
                for part in texts
            )
        if name == "patient":
            ids = {part.rpartition("/")[2] for part in value.split(",")}
            return lambda resource: owner(resource) in ids
        return lambda resource: any(self._token_matches(resource, name, part) for part in value.split(","))

    def _date_test(self, kind: str, name: str, value: str) -> Callable[[Resource], bool]:
        understood = self.settings.dates
        try:
            alternatives = [read_date(part) for part in value.split(",")]
        except BadDateError as bad:
            if "checked" not in understood:
                return lambda resource: True
            raise Refusal(400, "value", f"{name} must be a date such as 2023-04-28 or ge2023.") from bad
        if "parts" not in understood and any(first != last for _, (first, last) in alternatives):
            raise Refusal(400, "value", f"{name} must be a whole date.")
        if "prefixes" not in understood:
            alternatives = [("eq", days) for _, days in alternatives]
        if "days" not in understood and kind == "Patient":
            alternatives = [
                (prefix, year_of(days)) if prefix == "eq" else (prefix, days) for prefix, days in alternatives
            ]
        return lambda resource: _on(alternatives, dated(resource, kind, name))

    def _token_matches(self, resource: Resource, name: str, text: str) -> bool:
        system, bar, code = text.partition("|") if "|" in text else ("", "", text)
        looked_at = bool(bar) and (name != "identifier" or self.settings.systems)
        return any(value == code and (not looked_at or own == system) for own, value in codes(resource, name))

    def _bundle(
        self, kind: str, request: SandboxRequest, asked: Sequence[tuple[str, str]], found: list[Resource]
    ) -> SandboxResponse:
        values = dict(asked)
        size, number = (
            _number(values.get("_count") if self.settings.counted else None, self.settings.page),
            _number(values.get("page"), 1),
        )
        size = min(size, MOST)
        start = (number - 1) * size + (self.settings.overlap if number > 1 else 0)
        shown = found[start : start + size]
        if number > 1 and size != self.settings.page and kind in self.settings.leaks:
            shown = [*shown, next(one for one in self.store.resources[kind][::-1] if owner(one) != owner(found[0]))]
        base = self._base(request)
        links = [{"relation": "self", "url": f"{base}/{kind}{_query(asked)}"}]
        if number * size < len(found):
            rest = [(name, value) for name, value in asked if name not in ("_count", "page")]
            after = [*rest, ("_count", str(size)), ("page", str(number + 1))]
            links.append({"relation": "next", "url": f"{base}/{kind}{_query(after)}"})
        entries = [
            {
                "fullUrl": f"{base}/{kind}/{quote(one['id'])}",
                "resource": self._changed(one["resourceType"], one),
                "search": {"mode": "match"},
            }
            for one in shown
        ]
        if kind == "Immunization":
            warning = outcome("warning", "incomplete", "Immunisations given abroad may be missing.")
            entries.append(
                {
                    "fullUrl": "urn:uuid:0d9d1c0e-5c5b-4a57-9f0c-7a3f6a1f2b11",
                    "resource": warning,
                    "search": {"mode": "outcome"},
                }
            )
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links}
        if entries:
            bundle["entry"] = entries
        for change in self.settings.paging:
            change(bundle, kind, number)
        return self._answer(200, self._changed("Bundle", bundle))


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""


def _number(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise Refusal(400, "value", "A page and its size are numbers from 1.")
    return int(text)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _on(alternatives: Sequence[tuple[Prefix, tuple[date, date]]], value: Any) -> bool:
    return any(answers_date(prefix, asked, value) for prefix, asked in alternatives)
