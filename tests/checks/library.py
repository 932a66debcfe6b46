"""A tiny library whose books can be searched, the profile that describes it, and one case judged over it.

The list gives a book's id, name and number of copies; the rest stands in the book's own record.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from interop_harness.evidence import Exchange, Failure, FailureKind, Request, Response
from interop_harness.generation.validation import Validators
from interop_harness.implementation import Implementation
from interop_harness.plan import Case, Options, Plan
from interop_harness.profile import Profile, load
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse, parse_query
from interop_harness.suite import Context
from interop_harness.suite.body import Bodies
from interop_harness.suite.functions import function_of
from interop_harness.suite.judgement import CaseResult, drive, judge

NOW = datetime(2030, 6, 15, 12, 0, tzinfo=UTC)
Record = dict[str, Any]
Predicate = Callable[[Record, str], bool]

TERM = {"from": "/tags/*/term/id", "detail": "getBook", "match": "exact", "absent": "mismatch"}
SEARCH = {"from": "/name", "match": "contains"}
COPIES = {"from": "/copies", "match": "at-least"}
OPENS = {"from": "/hours/*/opens", "detail": "getBook", "match": "at-least", "transform": "hh-mm"}
DAY = {"from": "/hours/*/days", "detail": "getBook", "match": "token", "transform": "ical-day"}
AROUND = {
    "detail": "getBook",
    "postcode": "postcode",
    "proximity": "within",
    "postcode_from": "/place/code",
    "latitude": "/place/north",
    "longitude": "/place/east",
}


def _operation(name: str, schema: Mapping[str, Any], path: bool = False, group: str = "core") -> dict[str, Any]:
    stated = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if path else []
    content = {"application/json": {"schema": schema}}
    answer = {"200": {"description": "ok", "content": content}}
    made = {"operationId": name, "parameters": stated, "responses": answer, "x-conformance-class": group}
    return {"get": made}


@cache
def profile() -> Profile:
    note = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    book = {
        "allOf": [{"$ref": "#/components/schemas/Named"}],
        "properties": {"notes": {"type": "array", "items": note}},
    }
    listed = {"type": "object", "properties": {"contents": {"type": "array", "items": book}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Library", "version": "1"},
        "paths": {
            "/books": _operation("listBooks", listed),
            "/books/{id}": _operation("getBook", book, path=True),
            "/terms": _operation("listTerms", {"type": "object"}),
            "/shelves": _operation("listShelves", {"type": "object"}, group="extra"),
        },
        "components": {"schemas": {"Named": {"type": "object", "required": ["id", "name"]}}},
    }
    members = {name: f"/{name}" for name in ("total_items", "total_pages")}
    paged = {"items": "/contents", "page_parameter": "page", "size_parameter": "per_page", "page": members}
    manifest = {
        "format": "interop-profile/1",
        "id": "library",
        "version": "1.0",
        "title": "Library",
        "publisher": "Nobody",
        "status": "project-defined",
        "prefix": "LIB",
        "default_class": "core",
        "classes": [{"id": name, "title": name.title(), "mandatory": name == "core"} for name in ("core", "extra")],
        "documents": {"openapi": {"title": "The document", "url": "https://example.org/"}},
        "generated": {"source": {"document": "openapi", "clause": "paths"}},
        "parameters": {
            "collections": {"listBooks": {**paged, "item": "getBook"}, "listTerms": {"items": "/contents"}},
            "filters": {"listBooks": {"search": SEARCH, "term": TERM, "copies": COPIES}},
        },
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "library" / "1.0"
        folder.mkdir(parents=True)
        parts = {"profile": manifest, "openapi": document, "requirements": {"requirements": []}}
        for part, content in parts.items():
            (folder / f"{part}.yaml").write_text(yaml.dump(content, Dumper=Plain), encoding="utf-8")
        return load(str(folder))


class Plain(yaml.SafeDumper):
    """Writes a mapping out each time it occurs: profiles know no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def uuid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


TERMS = {n: {"id": f"term-{n}", **({"parent_id": f"term-{n // 3}"} if n > 2 else {})} for n in range(1, 9)}


def books(count: int = 60) -> list[Record]:
    """Books of every kind: some without copies, tags, hours or a place."""
    made = []
    for n in range(1, count + 1):
        book: Record = {"id": uuid(n), "name": f"{('Quiet', 'Bright', 'Hollow')[n % 3]} Harbour {n:02}"}
        if n % 10:
            book["copies"] = 1 + n * 7 % 40
        if n % 7:
            book["tags"] = [{"term": dict(TERMS[1 + n % 8])}]
        if n % 6:
            opens = f"{8 + n % 9:02}:{n % 4 * 15:02}Z"
            book["hours"] = [{"opens": opens, "days": ("MO,TU", "2WE", "TH", "FR,SA")[n % 4]}]
        if n % 5:
            book["place"] = {"code": f"AB{n} {n % 10}CD", "north": 52 + n / 30, "east": -1.5}
        made.append(book)
    return made


def ancestors(book: Record) -> set[str]:
    found = {tag["term"]["id"] for tag in book.get("tags", ())}
    return found | {f"term-{int(name[5:]) // 3}" for name in found if int(name[5:]) > 2}


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:5])


def near(book: Record, metres: str, code: str, stock: Sequence[Record]) -> bool:
    here = next((other["place"] for other in stock if same(other.get("place", {}).get("code", ""), code)), None)
    return bool(here and "place" in book and abs(book["place"]["north"] - here["north"]) * 111_195 <= float(metres))


def same(one: str, other: str) -> bool:
    return one.replace(" ", "").casefold() == other.replace(" ", "").casefold()


def opening(book: Record) -> list[int]:
    return [minutes(each["opens"]) for each in book.get("hours", ())]


FILTERS: Mapping[str, Predicate] = {
    "search": lambda book, value: value.casefold() in book["name"].casefold(),
    "term": lambda book, value: value in {tag["term"]["id"] for tag in book.get("tags", ())},
    "copies": lambda book, value: book.get("copies", -1) >= float(value),
    "opens": lambda book, value: any(opens >= minutes(value) for opens in opening(book)),
    "day": lambda book, value: any(value in each["days"] for each in book.get("hours", ())),
}


def library(
    stock: Sequence[Record] | None = None,
    *,
    filters: Mapping[str, Predicate | None] | None = None,
    combine: Callable[..., bool] = all,
    circle: Callable[..., bool] = near,
    short: bool = True,
    window: Callable[[list[Record], int], list[Record]] | None = None,
    forget: bool = False,
    answer: Callable[[SandboxRequest], SandboxResponse | None] | None = None,
) -> Handler:
    """A supplier that keeps every rule, changed at the places given.

    ``filters`` replaces what a parameter asks (None ignores it), ``combine`` how several go together, ``circle`` what
    is near; ``short`` leaves all but three members out of the list; ``window`` changes what a page holds, ``forget``
    drops the filters from page 2 on, ``answer`` takes over where it answers at all.
    """
    kept = books() if stock is None else list(stock)
    asks = {**FILTERS, **(filters or {})}

    def handle(request: SandboxRequest) -> SandboxResponse:
        taken = answer(request) if answer else None
        if taken is not None:
            return taken
        if request.path == "/terms":
            return reply({"contents": list(TERMS.values())})
        if request.path.startswith("/books/"):
            found = [book for book in kept if request.path == f"/books/{book.get('id')}"]
            return reply(found[0]) if found else reply({"error": "none"}, 404)
        if request.path != "/books":
            return reply({"error": "none"}, 404)
        return listing(dict(request.query))

    def listing(query: Mapping[str, str]) -> SandboxResponse:
        number, size = int(query.get("page", 1)), min(int(query.get("per_page", 10)), 20)
        found = kept
        if not (forget and number > 1):
            asked = [(test, value) for name, value in query.items() if (test := asks.get(name))]
            found = [book for book in found if not asked or combine(test(book, value) for test, value in asked)]
            if "postcode" in query:
                found = [book for book in found if circle(book, query.get("within", "0"), query["postcode"], kept)]
        shown = found[(number - 1) * size : number * size]
        shown = window(list(shown), number) if window else shown
        if short:
            shown = [{key: book[key] for key in ("id", "name", "copies") if key in book} for book in shown]
        pages = -(-len(found) // size)
        return reply({"total_items": len(found), "total_pages": pages, "contents": shown})

    return handle


def reply(body: Any, status: int = 200) -> SandboxResponse:
    return SandboxResponse(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def judged(
    family: str,
    handler: Handler,
    arguments: Mapping[str, Any] | None = None,
    *,
    observe: bool = False,
    exhaustive: bool = False,
    lost: Callable[[Request], bool] = lambda request: False,
) -> CaseResult:
    """One case, driven live and judged over the record, which must hold what judging asks for and nothing else.

    A request that is ``lost`` gets no answer at all.
    """
    case = Case("LIB-1", "LIB-1", family, "A case.", arguments or {})
    options = Options(exhaustive=exhaustive)
    plan = Plan(profile(), Implementation("http://127.0.0.1:1"), options, "", "seed", (), (case,), ())
    sent: dict[str, Exchange] = {}

    def send(request: Request) -> Exchange:
        if request.key not in sent:
            if lost(request):
                sent[request.key] = Exchange(request, None, Failure(FailureKind.TIMEOUT, "no answer in time"))
            else:
                path, _, query = request.target.partition("?")
                asked = SandboxRequest(request.method, unquote(path), parse_query(query), (), b"", query)
                came = handler(asked)
                sent[request.key] = Exchange(request, Response(came.status, came.headers, came.body))
        return sent[request.key]

    shared = ({}, NOW, Validators(plan.profile.openapi))
    drive(function_of(family), case, Context(plan, send, *shared, Bodies(), judging=False))
    recorded, used = dict(sent), set()

    def recall(request: Request) -> Exchange:
        used.add(request.key)
        return recorded[request.key]

    result = judge(function_of(family), case, Context(plan, recall, *shared, Bodies(), judging=True), observe=observe)
    assert used == set(recorded), "the live pass asked for more than judging needed"
    return result


def outcome(result: CaseResult) -> str:
    """The outcome, with what a failing test needs to know."""
    return f"error: {result.reason}" if result.outcome.value == "error" else result.outcome.value


def said(result: CaseResult) -> str:
    """All findings in one text, each seen to name an exchange of the case."""
    for finding in result.findings:
        assert finding.expected
        assert finding.observed
        assert finding.exchange in result.exchanges
    return "\n".join(f"{each.expected} | {each.observed} | {each.pointer}" for each in result.findings)
