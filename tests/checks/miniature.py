"""A tiny directory of things and kinds, the profile that describes it, and one case judged over it.

Every case is driven live over a handler in this process and then judged over what was recorded, as in a run.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from interop_harness.evidence import Probe
from interop_harness.generation.validation import Validators
from interop_harness.implementation import Auth, Implementation, Reference
from interop_harness.plan import Case, Options, Plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox.inprocess import InProcessTransport
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.suite import Context
from interop_harness.suite.body import Bodies
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import CaseResult, drive, judge
from interop_harness.transport import LiveTransport, RecordedTransport, load_credentials

BASE = "http://127.0.0.1:8080"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
PAGE = ("total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty")

# --- the profile -------------------------------------------------------------------------------------------


def _operation(name: str, *parameters: tuple[str, str]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "parameters": [
                {"name": key, "in": place, "required": place == "path", "schema": {"type": "string"}}
                for place, key in parameters
            ],
            "responses": {
                "200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}
            },
        }
    }


@cache
def profile() -> Profile:
    paged = {"items": "/contents", "page_parameter": "page", "size_parameter": "per_page"}
    members = {name: f"/{name}" for name in PAGE}
    documents = {
        "profile": {
            "format": "interop-profile/1",
            "id": "miniature",
            "version": "1.0",
            "title": "Miniature",
            "publisher": "Nobody",
            "status": "project-defined",
            "prefix": "MINI",
            "classes": [{"id": "core", "title": "Core", "mandatory": True}],
            "default_class": "core",
            "documents": {"openapi": {"title": "The document", "url": "https://example.org/"}},
            "generated": {"source": {"document": "openapi", "clause": "paths"}},
            "parameters": {
                "collections": {
                    "listThings": {**paged, "item": "getThing", "page": members},
                    "listKinds": {"items": "/contents", "item": "getKind"},
                },
                "filters": {"listThings": {"word": {"from": "/name", "match": "contains"}}},
            },
        },
        "openapi": {
            "openapi": "3.0.3",
            "info": {"title": "Miniature", "version": "1"},
            "paths": {
                "/": _operation("getRoot"),
                "/things": _operation("listThings", ("query", "page"), ("query", "per_page"), ("query", "word")),
                "/things/{id}": _operation("getThing", ("path", "id")),
                "/kinds": _operation("listKinds"),
                "/kinds/{id}": _operation("getKind", ("path", "id")),
            },
        },
        "requirements": {"requirements": []},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "miniature" / "1.0"
        folder.mkdir(parents=True)
        for part, content in documents.items():
            (folder / f"{part}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return load(str(folder))


# --- the supplier ------------------------------------------------------------------------------------------


def uuid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


KINDS = tuple({"id": uuid(2, n), "name": f"Kind {n}"} for n in range(1, 4))


def things(count: int = 120) -> list[dict[str, Any]]:
    found = []
    for n in range(1, count + 1):
        kind = KINDS[n % len(KINDS)]
        thing = {"id": uuid(1, n), "name": f"Thing {n}", "open": True, "kind_id": kind["id"], "kind": dict(kind)}
        if n > 1:
            thing["parent_id"] = uuid(1, n // 2)
        found.append(thing)
    return found


Change = Callable[..., Any]


def directory(
    records: Sequence[Mapping[str, Any]] | None = None,
    *,
    page: Change | None = None,
    window: Change | None = None,
    detail: Change | None = None,
    front: Mapping[str, Any] | None = None,
    answer: Change | None = None,
) -> Handler:
    """A supplier that keeps every rule, changed at the places given.

    ``page(members, number, size)`` changes a page's own members, ``window(records, number, size)`` the records on it,
    ``detail(record)`` a record at its own address, ``front`` the front door, ``answer(request, response)`` anything.
    """
    listed = things() if records is None else list(records)

    def route(request: SandboxRequest) -> SandboxResponse:
        asked = dict(request.query)
        parts = request.path.strip("/").split("/")
        if request.method == "OPTIONS":
            return reply({}, 204)
        if request.method not in ("GET", "HEAD"):
            return reply({"error": "only reading"}, 405)
        if request.path == "/":
            door = {"version": "1.0", "home": f"{BASE}/about", "spec": f"{BASE}/openapi.json", **(front or {})}
            return reply({key: value for key, value in door.items() if value is not ...})
        if request.path == "/about":
            return reply({"about": "this"})
        if request.path == "/openapi.json":
            return reply({"openapi": "3.0.3", "paths": {"/": {}, "/things": {}, "/things/{thing}": {}}})
        if parts == ["things"]:
            return paged(asked)
        if parts == ["kinds"]:
            return reply({"contents": list(KINDS)})
        for name, store in (("things", listed), ("kinds", KINDS)):
            found = next((record for record in store if parts == [name, str(record.get("id"))]), None)
            if found is not None:
                return reply(detail(dict(found)) if detail and name == "things" else found)
        return reply({"error": "nothing here"}, 404)

    def paged(asked: Mapping[str, str]) -> SandboxResponse:
        try:
            number, size = int(asked.get("page", 1)), min(int(asked.get("per_page", 25)), 100)
        except ValueError:
            number = size = 0
        if number < 1 or size < 1:
            return reply({"error": "page and per_page are numbers from 1"}, 400)
        matching = [record for record in listed if asked.get("word", "") in str(record.get("name"))]
        pages = -(-len(matching) // size)
        shown: list[Any] = list(matching[(number - 1) * size : number * size])
        if window:
            shown = window(shown, number, size)
        members = {
            "total_items": len(matching),
            "total_pages": pages,
            "page_number": number,
            "size": len(shown),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not shown,
        }
        changed = page(members, number, size) if page else None
        return reply({**(changed if changed is not None else members), "contents": shown})

    def handle(request: SandboxRequest) -> SandboxResponse:
        response = route(request)
        return answer(request, response) if answer else response

    return handle


def reply(body: Any, status: int = 200, kind: str = "application/json") -> SandboxResponse:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = (("Content-Type", kind), ("Access-Control-Allow-Origin", "*"))
    return SandboxResponse(status, headers, b"" if status == 204 else content)


# --- judging -----------------------------------------------------------------------------------------------


def implementation(base_url: str = BASE, environment: str = "test", key: bool = False) -> Implementation:
    auth = Auth("api-key", "header", "X-Key", references={"value": Reference(env="INTEROP_KEY")}) if key else Auth()
    return Implementation(base_url, environment=environment, auth=auth)


def judged(
    family: str,
    handler: Handler | None = None,
    arguments: Mapping[str, Any] | None = None,
    *,
    target: Implementation | None = None,
    probes: Sequence[Probe] = (),
    observe: bool = False,
    options: Options | None = None,
    more: Sequence[Case] = (),
) -> CaseResult:
    """One case, driven live and judged over the record."""
    case = Case("MINI-1", "MINI-1", family, "A case.", arguments or {})
    stated = target or implementation()
    plan = Plan(profile(), stated, options or Options(), "", "seed", (), (case, *more), ())
    transport = LiveTransport(
        stated,
        load_credentials(stated, {"INTEROP_KEY": "a-secret-of-some-length"}),
        inner=InProcessTransport(handler or directory()),
        sleep=lambda _: None,
    )
    shared = ({probe.name: probe for probe in probes}, NOW, Validators(plan.profile.openapi))
    with transport:
        drive(function_of(family), case, Context(plan, transport.send, *shared, Bodies(), judging=False))
        recorded = RecordedTransport(transport.exchanges)
        result = judge(
            function_of(family), case, Context(plan, recorded.send, *shared, Bodies(), judging=True), observe=observe
        )
    assert not recorded.unused, "the live pass asked for more than judging needed"
    return result


def outcome(result: CaseResult) -> str:
    """The outcome, with what a failing test needs to know."""
    if result.outcome.value == "error":
        return f"error: {result.reason}"
    return result.outcome.value


def said(result: CaseResult) -> str:
    """All findings in one text."""
    for finding in result.findings:
        assert finding.expected and finding.observed
        assert finding.exchange in (*result.exchanges, "")
    return "\n".join(f"{f.expected} | {f.observed} | {f.pointer}" for f in result.findings)
