"""The two operations: a check, and the codes that it accepts.

What no source settles is settled thus: an Accept that holds ``*/*`` counts as asking for the version offered, and
``application/json`` alone does too; a path that is not known answers 403, as the Department's services do.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .rules import problems
from .settings import Settings
from .table import outcome

LONDON = ZoneInfo("Europe/London")
VERSIONED = "application/vnd.bluebadge-api.v1+json"
OFFERED = (VERSIONED, "application/json", "*/*")
MESSAGES = {
    "missing": "This is needed.",
    "needed": "This is needed for what the other answers say.",
    "forbidden": "This does not go with what the other answers say.",
    "unknown-code": "This is none of the codes that are accepted.",
}


def endpoints(dataset: Path, settings: Settings, now: datetime | None) -> Handler:
    """The handler of one supplier, its codes read before the first request."""
    return _Endpoints(dataset, settings, now).handle


class _Endpoints:
    def __init__(self, dataset: Path, settings: Settings, now: datetime | None) -> None:
        stated = yaml.safe_load((dataset / "target.yaml").read_text(encoding="utf-8"))
        self.token = f"Bearer {stated['auth']['value']}"
        self.settings = settings
        self.now = now
        domains = yaml.safe_load((dataset / "reference-data.yaml").read_text(encoding="utf-8"))
        self.domains = {name: self._entries(groups) for name, groups in domains.items()}

    def _entries(self, groups: Any) -> list[dict[str, Any]]:
        made = []
        for group in groups:
            for order, (code, description) in enumerate(group["codes"].items(), 1):
                entry = {
                    "shortCode": code,
                    "description": description,
                    "groupShortCode": group["group"]["code"],
                    "groupDescription": group["group"]["description"],
                    "displayOrder": order,
                }
                subgroup = group.get("subgroups", {}).get(code)
                made.append(entry | ({"subgroupShortCode": subgroup} if subgroup else {}))
        for change in self.settings.listed:
            made = [kept for kept in map(change, made) if kept is not None]
        return made + self.settings.added

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        answered = self._route(request)
        if self.now is not None:
            answered = answered.with_header("Date", format_datetime(self.now, usegmt=True))
        return answered

    def _route(self, request: SandboxRequest) -> SandboxResponse:
        known = request.path == "/eligibility-checks" or (
            request.path.startswith("/reference-data/") and request.path.count("/") == 2
        )
        allowed = "POST, OPTIONS" if request.path == "/eligibility-checks" else "GET, HEAD, OPTIONS"
        if request.header("authorization") != self.token:
            return self.error(401, "No credentials, or none that count.", ("WWW-Authenticate", 'Bearer realm="badges"'))
        if not known:
            return self.error(403, "These credentials do not reach this address.")
        if request.method == "OPTIONS":
            return SandboxResponse(204, (("Allow", allowed),), b"")
        wanted = [part.split(";")[0].strip().lower() for part in request.header("accept").split(",")]
        if not any(kind in OFFERED for kind in wanted):
            return self.error(406, f"Ask for {VERSIONED}.")
        if request.method not in allowed.replace(" ", "").split(","):
            return self.error(405, "This address cannot be asked so.", ("Allow", allowed))
        return self._check(request) if request.method == "POST" else self._codes(request)

    def _today(self) -> date:
        here = (self.now or datetime.now(UTC)).astimezone(LONDON).date()
        return here + timedelta(days=self.settings.days)

    def _check(self, request: SandboxRequest) -> SandboxResponse:
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return self.error(400, "The body is no JSON.")
        if not isinstance(body, dict):
            return self.error(400, "The body is no object.")
        today = self._today()
        found = problems(body, self.settings, today)
        if found:
            return self._refused(found)
        result = outcome(body, today)
        for change in self.settings.decide:
            result = change(body, result, today)
        return self.answer(200, {"data": {"outcome": result}})

    def _refused(self, found: list[tuple[str, str]]) -> SandboxResponse:
        errors = [
            {
                "field": self.settings.renamed.get(path, path),
                "reason": reason,
                "message": MESSAGES.get(reason, "This cannot be right."),
            }
            for path, reason in found
        ]
        said = {"code": 400, "message": "The request cannot be checked as it stands.", "errors": errors}
        return self.answer(400, {"error": said})

    def _codes(self, request: SandboxRequest) -> SandboxResponse:
        entries = self.domains.get(request.path.rpartition("/")[2])
        return self.error(404, "There is no such domain.") if entries is None else self.answer(200, {"data": entries})

    def answer(self, status: int, content: dict[str, Any], *extra: tuple[str, str]) -> SandboxResponse:
        body: dict[str, Any] = {"apiVersion": "1.0", "context": "eligibility", **content}
        for change in self.settings.envelope:
            change(body)
        headers = (("Content-Type", VERSIONED), ("Cache-Control", "no-store"), *extra)
        return SandboxResponse(status, headers, json.dumps(body, ensure_ascii=False).encode())

    def error(self, status: int, message: str, *extra: tuple[str, str]) -> SandboxResponse:
        return self.answer(status, {"error": {"code": status, "message": message, "errors": []}}, *extra)
