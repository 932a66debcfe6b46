"""The seven operations in both formats.

What the standard leaves open is settled thus: a report is found as soon as it was made, but the plain list, which
everybody reads, is a minute old; a span of more than 90
days is refused, a span with one end given reaches 90 days from it; unknown identifiers in a list are passed over;
unknown services in a filter match nothing; unknown jurisdictions are ignored, since there is one; a value that cannot
be read is refused; a format other than xml and json does not exist; a definition is served for services that have
fields of their own; a token leads to its report at once; a blackbox service answers with a notice alone.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .settings import Settings
from .store import Record, Store, written
from .wire import answer

PATH = re.compile(r"/(discovery|services|requests|tokens)(?:/([^/]+))?\.(xml|json)\Z")
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?\Z|\[[0-9A-Fa-f:.]+\](:\d+)?\Z", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MOST = 1000
LONGEST = 4000
CREATED_NOTICE = "We look at new reports every working day."


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    def __init__(self, status: int, *descriptions: str) -> None:
        super().__init__(status)
        self.status = status
        self.descriptions = descriptions


def endpoints(store: Store, settings: Settings, now: datetime | None = None) -> Handler:
    """The handler of one supplier. It remembers what was submitted; everything else depends on the request alone."""
    return _Endpoints(store, settings, now).handle


class _Endpoints:
    def __init__(self, store: Store, settings: Settings, now: datetime | None) -> None:
        self.store = store
        self.settings = settings
        self.fixed = now

    @property
    def now(self) -> datetime:
        return self.fixed or datetime.now(UTC)

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        found = PATH.match(request.path)
        try:
            answered = self._route(request, found)
        except Refusal as refusal:
            errors = [{"code": str(refusal.status), "description": text} for text in refusal.descriptions]
            answered = self._answer(refusal.status, "errors", errors, found[3] if found else "xml")
        return answered.with_header("Date", format_datetime(self.fixed, usegmt=True)) if self.fixed else answered

    def _route(self, request: SandboxRequest, found: re.Match[str] | None) -> SandboxResponse:
        if found is None:
            raise Refusal(404, "There is nothing at this address.")
        name, identifier, fmt = found.groups()
        routes: dict[tuple[str, bool], Callable[[SandboxRequest, str], tuple[str, Any]]] = {
            ("discovery", False): self._discovery,
            ("services", False): self._services,
            ("services", True): self._definition,
            ("requests", False): self._requests,
            ("requests", True): self._request,
            ("tokens", True): self._token,
        }
        produce = routes.get((name, identifier is not None))
        if produce is None:
            raise Refusal(404, "There is nothing at this address.")
        postable = (name, identifier) == ("requests", None)
        allowed = "GET, HEAD, OPTIONS, POST" if postable else "GET, HEAD, OPTIONS"
        if request.method == "OPTIONS":
            return SandboxResponse(204, (("Allow", allowed),), b"")
        if request.method == "POST" and postable:
            return self._answer(200, "created", self._create(request), fmt)
        if request.method not in ("GET", "HEAD"):
            errors = [{"code": "405", "description": "This address can only be read."}]
            return answer(405, "errors", errors, fmt, ("Allow", allowed))
        kind, value = produce(request, identifier or "")
        return self._answer(200, kind, value, fmt)

    def _answer(self, status: int, kind: str, value: Any, fmt: str) -> SandboxResponse:
        for edit in self.settings.edits:
            if edit.kind == kind and edit.format in ("", fmt):
                value = copy.deepcopy(value)
                changed = edit.change(value)
                value = value if changed is None else changed
        return answer(status, kind, value, fmt)

    # --- reading ---------------------------------------------------------------------------------------------

    def _discovery(self, request: SandboxRequest, _: str) -> tuple[str, Any]:
        host = request.header("host")
        scheme = "https" if request.header("x-forwarded-proto") == "https" else "http"
        base = f"{scheme}://{host if HOST.match(host) else 'localhost'}"
        changeset = written(self.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30))
        formats = ["text/xml", "application/json"]
        return "discovery", {
            "changeset": changeset,
            "contact": "Write to open311@westerby.example.org, or telephone 0113 496 0311.",
            "key_service": "Ask for a key at https://westerby.example.org/open311/key.",
            "endpoints": [
                {
                    "specification": SPECIFICATION,
                    "url": "https://open311.westerby.example.org/v2",
                    "changeset": changeset,
                    "type": "production",
                    "formats": list(formats),
                },
                {
                    "specification": SPECIFICATION,
                    "url": base,
                    "changeset": changeset,
                    "type": "test",
                    "formats": list(formats),
                },
            ],
        }

    def _services(self, request: SandboxRequest, _: str) -> tuple[str, Any]:
        return "services", self.store.services

    def _definition(self, request: SandboxRequest, code: str) -> tuple[str, Any]:
        attributes = self.store.definitions.get(code)
        if attributes is None:
            raise Refusal(404, "No definition was found for this service_code.")
        empty: Record = {"datatype_description": None, "values": []}
        ordered = [{**empty, **attribute} for attribute in attributes]
        return "definition", {"service_code": code, "attributes": ordered}

    def _request(self, request: SandboxRequest, identifier: str) -> tuple[str, Any]:
        for _, record in self.store.requests(self.now):
            if record["service_request_id"] == identifier:
                return "request", [record]
        raise Refusal(404, "No request was found for this service_request_id.")

    def _token(self, request: SandboxRequest, token: str) -> tuple[str, Any]:
        for _, record in self.store.requests(self.now):
            batch = (self.store.service(record["service_code"]) or {}).get("type") == "batch"
            if (
                batch
                and record["service_request_id"] not in self._unseen("tokens")
                and f"T-{record['service_request_id']}" == token
            ):
                return "token", [{"service_request_id": record["service_request_id"], "token": token}]
        raise Refusal(404, "This token was not found.")

    def _requests(self, request: SandboxRequest, _: str) -> tuple[str, Any]:
        settings = self.settings
        asked = {name: value for name, value in request.query if value or not settings.empty_is_absent}
        every = self.store.requests(self.now)
        if not asked:
            every = [(when, record) for when, record in every if when <= self.now - timedelta(minutes=1)]
        wanted = asked.get("service_request_id") if "ids" in settings.filters else None
        if wanted is not None and settings.ids_override:
            names = self._values("service_request_id", wanted) - self._unseen("ids")
            return "requests", [record for _, record in every if record["service_request_id"] in names]
        start, end = self._span(asked)
        status = self._values("status", asked["status"]) if "status" in asked else set()
        if status - {"open", "closed"} and "bad-status" not in settings.passes:
            raise Refusal(400, "status must be open or closed.")
        if settings.swapped and len(status) == 1:
            status = {"open", "closed"} - status
        codes = self._values("service_code", asked["service_code"]) if "service_code" in asked else set()
        found = []
        unseen = self._unseen("lists")
        start += settings.late_by if "start_date" in asked else timedelta()
        for when, record in every:
            inside = start <= when <= end if settings.ends_included else start < when < end
            if not inside or (
                wanted is not None and record["service_request_id"] not in self._values("service_request_id", wanted)
            ):
                continue
            if "status" in settings.filters and status and record["status"] not in status:
                continue
            service = record["service_name" if settings.by_name else "service_code"]
            if "service_code" in settings.filters and codes and service not in codes:
                continue
            if record["service_request_id"] not in unseen:
                found.append(record)
        return "requests", found[:MOST]

    def _values(self, name: str, text: str) -> set[str]:
        several = name in self.settings.several
        return {part.strip() for part in text.split(",")} if several else {text.partition(",")[0]}

    def _unseen(self, where: str) -> set[str]:
        return set(self.store.created) if where in self.settings.unseen else set()

    def _span(self, asked: dict[str, str]) -> tuple[datetime, datetime]:
        start, end = (
            self._moment(name, asked[name]) if name in asked and name in self.settings.filters else None
            for name in ("start_date", "end_date")
        )
        days = timedelta(days=self.settings.window_days)
        if start is None and end is None:
            # Nothing is said about what was made since the clock was read.
            return self.now - days, self.now + timedelta(days=1)
        if start is not None and end is not None:
            if end - start > days:
                raise Refusal(400, "start_date and end_date may span no more than 90 days.")
            return start, end
        return (start, start + days) if start is not None else ((end or self.now) - days, end or self.now)

    def _moment(self, name: str, text: str) -> datetime:
        if not MOMENT.match(text):
            if "bad-date" in self.settings.passes:
                return self.now - timedelta(days=self.settings.window_days)
            raise Refusal(400, f"{name} must be a date and time with its zone, such as 2030-01-31T00:00:00Z.")
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Refusal(400, f"{name} is no date that there is.") from error
        return found.astimezone(UTC) if self.settings.zones else found.replace(tzinfo=UTC)

    # --- writing ---------------------------------------------------------------------------------------------

    def _create(self, request: SandboxRequest) -> Any:
        if not request.header("content-type").lower().startswith("application/x-www-form-urlencoded"):
            raise Refusal(400, "A form is expected: application/x-www-form-urlencoded.")
        try:
            pairs = parse_qsl(request.body.decode("utf-8"), keep_blank_values=True)
        except UnicodeDecodeError as error:
            raise Refusal(400, "The form must be UTF-8.") from error
        keys = [value for name, value in (*pairs, *request.query) if name == "api_key"]
        keeps = self.settings.keeps - (self.settings.careless if request.path.endswith(".json") else set())
        if ("key" if not keys else "wrong-key") in keeps and keys != [self.store.key]:
            raise Refusal(403, "The api_key is missing or not known.")
        form = {name: value for name, value in pairs if value and name != "api_key"}
        service = self._checked(form, keeps)
        digest = hashlib.sha256(repr(sorted(pair for pair in pairs if pair[0] != "api_key")).encode()).hexdigest()
        identifier = str(30_000_000 + int(digest[:12], 16) % 60_000_000)
        record = self._record(identifier, form, service)
        for change in self.settings.kept:
            change(record, form)
        self.store.keep(identifier, record, self.now)
        notice = {"service_notice": CREATED_NOTICE, "account_id": form.get("account_id")}
        kind = service.get("type")
        if kind == "batch":
            return [{"token": f"T-{identifier}", **notice}]
        return [notice] if kind == "blackbox" else [{"service_request_id": identifier, **notice}]

    def _checked(self, form: dict[str, str], keeps: set[str]) -> Record:
        code = form.get("service_code", "")
        if not code and "code" in keeps:
            raise Refusal(400, "service_code was not provided.")
        service = self.store.service(code)
        if service is None and "unknown" in keeps and code:
            raise Refusal(404, "This service_code was not found.")
        service = service or {"service_code": code, "type": "realtime"}
        heard = set(form) - self.settings.deaf
        placed = {"lat", "long"} <= heard or bool({"address_string", "address_id"} & heard)
        if "place" in keeps and not placed:
            raise Refusal(400, "A location is needed: lat and long, address_string or address_id.")
        if len(form.get("description", "")) > LONGEST:
            raise Refusal(400, f"description may have no more than {LONGEST} characters.")
        needed = [attribute for attribute in self.store.definitions.get(code, ()) if attribute["required"]]
        missing = [
            attribute["code"]
            for attribute in (needed if "every-attribute" in keeps else needed[:1])
            if not {f"attribute[{attribute['code']}]", f"attribute[{attribute['code']}][]"} & set(form)
        ]
        if "attributes" in keeps and missing:
            raise Refusal(400, *(f"attribute[{name}] is required." for name in missing))
        return service

    def _record(self, identifier: str, form: dict[str, str], service: Record) -> Record:
        lat, long = (_degrees(form.get(name)) for name in ("lat", "long"))
        return {
            "service_request_id": identifier,
            "status": "open",
            "status_notes": None,
            "service_name": service.get("service_name"),
            "service_code": service["service_code"],
            "description": form.get("description", "").replace("\r\n", "\n") or None,
            "agency_responsible": "Borough of Westerby",
            "service_notice": CREATED_NOTICE,
            "requested_datetime": written(self.now),
            "updated_datetime": written(self.now),
            "expected_datetime": None,
            "address": form.get("address_string"),
            "address_id": form.get("address_id"),
            "zipcode": None,
            "lat": lat,
            "long": long,
            "media_url": form.get("media_url"),
        }


def _degrees(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        found = float(text)
    except ValueError as error:
        raise Refusal(400, "lat and long must be decimal degrees.") from error
    if not -180 <= found <= 180:
        raise Refusal(400, "lat and long must be decimal degrees.")
    return found
