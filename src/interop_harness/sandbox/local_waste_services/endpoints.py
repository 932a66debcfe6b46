"""The sixteen reads: routing, selection by property and street, single records, errors.

What the standard leaves open is settled thus: an unknown UPRN, USRN or postcode gives an empty list; an unknown id
answers 404; both ends of a window of days belong to it; a value that cannot be read is refused with 400 everywhere,
with the body that the standard documents for three operations; parameters that are not known are passed over.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .settings import Settings
from .store import Council, Day, Entry, Record, on

JSON = "application/json; charset=utf-8"
METHODS = "GET, HEAD, OPTIONS"
PATTERNS = {"uprn": re.compile(r"[0-9]{1,12}\Z"), "usrn": re.compile(r"[0-9]{1,8}\Z")}
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "services": ("uprn", "full", "start_date", "end_date"),
    "tasks": ("type", "uprn", "start_date", "end_date", "include"),
    "event-types": (),
    "events": ("uprn", "usrn", "start_date", "end_date"),
    "features": ("uprn", "usrn"),
    "feature-types": ("uprn",),
    "sites": ("usrn", "postcode"),
    "cases": ("uprn", "usrn", "postcode"),
}
BRIEF = ("@id", "@type", "id", "name", "description", "frequency", "esd_url")
SHOWN = {"next_collections": 2, "last_collections": 2}


class BadValueError(Exception):
    """A parameter whose value cannot be read."""


def serialise(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def answer(status: int, value: Any, *extra: tuple[str, str]) -> SandboxResponse:
    # What is collected where, and when nobody is at home, is nobody else's business: no shared cache keeps it.
    return SandboxResponse(status, (("Content-Type", JSON), ("Cache-Control", "no-store"), *extra), serialise(value))


def endpoints(council: Council, settings: Settings, now: datetime | None) -> Handler:
    """The handler of one supplier. Without ``now`` it lives on the real clock, and its data moves on at midnight."""
    return _Endpoints(council, settings, now).handle


class _Endpoints:
    def __init__(self, council: Council, settings: Settings, now: datetime | None) -> None:
        self.council = council
        self.settings = settings
        self.now = now
        self._day: Day | None = None

    def day(self) -> Day:
        now = self.now if self.now is not None else datetime.now(UTC)
        today = now.astimezone(self.settings.zone).date() - timedelta(days=self.settings.behind)
        if self._day is None or self._day.today != today:
            self._day = on(self.council, today)
        return self._day

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        answered = self._route(request)
        return answered if self.now is None else answered.with_header("Date", format_datetime(self.now, usegmt=True))

    def problem(self, status: int, message: str, *extra: tuple[str, str]) -> SandboxResponse:
        body: Record = {"userMessage": message, "code": status}
        if self.settings.error is not None and status < 500:
            self.settings.error(body)
        return answer(status, body, *extra)

    def _route(self, request: SandboxRequest) -> SandboxResponse:
        name, _, rest = request.path.removeprefix("/").partition("/")
        single = bool(rest) or request.path.endswith("/")
        if name not in PARAMETERS or "/" in rest or (name, rest) in self.settings.missing:
            return self.problem(404, "There is nothing at this address.")
        if request.method == "OPTIONS":
            return SandboxResponse(204, (("Allow", METHODS),), b"")
        if request.method not in ("GET", "HEAD"):
            return self.problem(405, "This address can only be read.", ("Allow", METHODS))
        try:
            values = self._values(name, request.query)
        except BadValueError as bad:
            return self.problem(self.settings.refusal, f"The parameter {bad} was incorrect.")
        return self._single(name, rest, values) if single else self._list(name, values)

    def _values(self, name: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, text in query:
            if key not in PARAMETERS[name]:
                continue
            try:
                found[key] = self._value(key, text)
            except ValueError as bad:
                if self.settings.checked:
                    raise BadValueError(key) from bad
        return {key: value for key, value in found.items() if (name, key) not in self.settings.ignored}

    @staticmethod
    def _value(key: str, text: str) -> Any:
        pattern = PATTERNS.get(key)
        if pattern is not None and not pattern.match(text):
            raise ValueError(key)
        if key in ("start_date", "end_date"):
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
                raise ValueError(key)
            return date.fromisoformat(text)
        if key == "full" and text not in ("true", "false"):
            raise ValueError(key)
        if key == "include" and text != "related":
            raise ValueError(key)
        return "".join(text.split()).upper() if key == "postcode" else text

    def _single(self, name: str, asked: str, values: Mapping[str, Any]) -> SandboxResponse:
        day = self.day()
        entries = {entry.id: entry for entry in day.collections[name]}
        if asked not in entries:
            return self.problem(404, "There is no record with this id.")
        if name in self.settings.swapped:
            others = list(entries)
            asked = others[(others.index(asked) + 1) % len(others)]
        body = copy.deepcopy(entries[asked].body)
        if name == "services" and "uprn" in values and self.settings.property_collections:
            body.update(self._collections(day, asked, values))
        return answer(200, self._edited(name, "detailed", [body])[0])

    def _list(self, name: str, values: Mapping[str, Any]) -> SandboxResponse:
        day = self.day()
        if name in self.settings.emptied:
            return answer(200, [])
        if name == "services":
            bodies = self._services(day, values)
        else:
            chosen = [entry for entry in day.collections[name] if self._chosen(day, name, entry, values)]
            bodies = [copy.deepcopy(entry.body) for entry in chosen]
        for key in values:
            if (name, key) in self.settings.exclusive:
                bodies = bodies[1:]
        if name in self.settings.doubled:
            bodies = [*copy.deepcopy(bodies[:1]), *bodies]
        return answer(200, self._edited(name, "listed", bodies))

    def _services(self, day: Day, values: Mapping[str, Any]) -> list[Record]:
        found = []
        for entry in day.collections["services"]:
            body = copy.deepcopy(entry.body)
            if values.get("full") != "true":
                body = {key: value for key, value in body.items() if key in BRIEF}
            if "uprn" in values:
                if not any(task.service == entry.id for task in self._work(day, values["uprn"])):
                    continue
                body.update(self._collections(day, entry.id, values))
            found.append(body)
        return found

    def _work(self, day: Day, uprn: str) -> list[Entry]:
        """The tasks of a property, those of its building among them."""
        whose = {uprn, day.parents.get(uprn) or uprn}
        return [task for task in day.collections["tasks"] if task.uprn in whose]

    def _collections(self, day: Day, service: str, values: Mapping[str, Any]) -> Record:
        uprn = self.settings.collections_of or values["uprn"]
        tasks = [task for task in self._work(day, uprn) if task.service == service and _within(task, values)]
        tasks.sort(key=lambda task: task.day or day.today)
        ahead = [copy.deepcopy(task.body) for task in tasks if task.upcoming]
        behind = [copy.deepcopy(task.body) for task in tasks if not task.upcoming]
        return {
            "next_collections": ahead[: SHOWN["next_collections"]],
            "last_collections": behind[-SHOWN["last_collections"] :],
        }

    def _chosen(self, day: Day, name: str, entry: Entry, values: Mapping[str, Any]) -> bool:
        uprn = values.get("uprn")
        if uprn is not None and not self._of_property(day, name, entry, uprn, values):
            return False
        if "usrn" in values and entry.usrn != values["usrn"]:
            return False
        if "postcode" in values and "".join(entry.postcode.split()).upper() != values["postcode"]:
            return False
        if "type" in values and entry.kind != values["type"]:
            return False
        return _within(entry, values)

    def _of_property(self, day: Day, name: str, entry: Entry, uprn: str, values: Mapping[str, Any]) -> bool:
        if name == "feature-types":
            return any(one.uprn == uprn and one.kind == entry.id for one in day.collections["features"])
        if name == "events" and not entry.uprn:
            return self.settings.street_events and entry.usrn == day.streets.get(uprn)
        if name == "tasks" and "include" in values:
            return entry.uprn in {uprn, day.parents.get(uprn) or uprn}
        return entry.uprn == uprn

    def _edited(self, name: str, view: str, bodies: list[Record]) -> list[Record]:
        for edit in self.settings.edits:
            if edit.collection == name and view in edit.views:
                for body in filter(edit.when, bodies):
                    edit.change(body)
        return bodies


def _within(entry: Entry, values: Mapping[str, Any]) -> bool:
    first, last = values.get("start_date"), values.get("end_date")
    if entry.day is None:
        return True
    return (first is None or entry.day >= first) and (last is None or entry.day <= last)
