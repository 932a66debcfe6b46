"""The nine operations: routing, pages, records and errors.

What the standard leaves open is settled thus: 25 records a page unless asked, at most 100; page 1 is the first;
a page beyond the last answers 200 with empty contents; an id that is not known, whatever its form, answers 404;
a value that cannot be read answers 400; a method other than GET, HEAD and OPTIONS answers 405.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .query import BadParameterError, locate, read
from .settings import PageContext, Settings, edited
from .store import Collection, Store, serialise

JSON = "application/json; charset=utf-8"
METHODS = "GET, HEAD, OPTIONS"
CORS = ("Access-Control-Allow-Origin", "*")
HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?\Z|\[[0-9A-Fa-f:.]+\](:\d+)?\Z", re.ASCII)
DISCOVERY = {"version": "HSDS-UK-3.0", "profile": "https://open-referral-uk-profile.readthedocs.io/en/latest/"}


def answer(status: int, body: bytes, *extra: tuple[str, str]) -> SandboxResponse:
    headers = (("Content-Type", JSON), CORS, ("Cache-Control", "public, max-age=300"), *extra)
    return SandboxResponse(status, headers, body)


def problem(status: int, code: str, message: str, *extra: tuple[str, str]) -> SandboxResponse:
    """An error: a stable code and a sentence, and nothing of how the supplier is built."""
    return answer(status, serialise({"error": {"status": status, "code": code, "message": message}}), *extra)


NOT_FOUND = problem(404, "not-found", "There is nothing at this address.")


def endpoints(store: Store, settings: Settings, openapi: Path, now: datetime | None = None) -> Handler:
    """The handler of one supplier, its records edited and serialised before the first request."""
    return _Endpoints(store, settings, openapi, now).handle


class _Endpoints:
    def __init__(self, store: Store, settings: Settings, openapi: Path, now: datetime | None) -> None:
        self.store = store
        self.settings = settings
        self.openapi = openapi
        self.now = now
        self.collections = {name: edited(collection, settings.edits) for name, collection in store.collections.items()}
        self.everything = {name: tuple(each.listed) for name, each in self.collections.items()}
        self.aliases = {name: self._aliases(each) for name, each in self.collections.items()}

    @staticmethod
    def _aliases(collection: Collection) -> dict[str, str]:
        """Where each served id leads; a record that an edit renamed is found under its new id."""
        return {str(record.get("id", key)): key for key, record in collection.detailed.items()}

    def handle(self, request: SandboxRequest) -> SandboxResponse:
        answered = self._route(request)
        if self.now is not None:
            answered = answered.with_header("Date", format_datetime(self.now, usegmt=True))
        return answered

    def _route(self, request: SandboxRequest) -> SandboxResponse:
        name, _, rest = request.path.removeprefix("/").partition("/")
        if name in ("", "openapi.json") and not rest:
            produce = self._discovery if not name else self._openapi
        elif name in self.collections and not rest and request.path.count("/") == 1:
            if name in self.settings.missing:
                return NOT_FOUND
            produce = self._list
        elif name in self.collections and rest and "/" not in rest:
            if f"{name}/{{id}}" in self.settings.missing:
                return NOT_FOUND
            produce = self._detail
        else:
            return NOT_FOUND
        if request.method == "OPTIONS":
            return self._options()
        if request.method not in ("GET", "HEAD"):
            return problem(405, "method-not-allowed", "This address can only be read.", ("Allow", METHODS))
        return produce(request)

    def _options(self) -> SandboxResponse:
        allowed = (("Access-Control-Allow-Methods", METHODS), ("Access-Control-Allow-Headers", "*"))
        return SandboxResponse(204, (CORS, ("Allow", METHODS), *allowed), b"")

    def _discovery(self, request: SandboxRequest) -> SandboxResponse:
        host = request.header("host")
        scheme = "https" if request.header("x-forwarded-proto") == "https" else "http"
        base = f"{scheme}://{host if HOST.match(host) else 'localhost'}"
        members = {**DISCOVERY, "openapi_url": "{base}/openapi.json", **self.settings.discovery}
        given = {
            key: value.replace("{base}", base) if isinstance(value, str) else value
            for key, value in members.items()
            if value is not None
        }
        return answer(200, serialise(given))

    def _openapi(self, request: SandboxRequest) -> SandboxResponse:
        if not self.openapi.is_file():
            return NOT_FOUND
        return answer(200, _document(self.openapi))

    def _detail(self, request: SandboxRequest) -> SandboxResponse:
        name, _, asked = request.path.removeprefix("/").partition("/")
        collection = self.collections[name]
        key = self.aliases[name].get(asked) or self.aliases[name].get(asked.lower())
        if key is None:
            return NOT_FOUND
        if name in self.settings.instead:
            key = self.settings.instead[name](collection.detailed, key)
        return answer(200, collection.detailed_json[key])

    def _list(self, request: SandboxRequest) -> SandboxResponse:
        collection = self.collections[request.path.removeprefix("/")]
        try:
            values = read(collection.name, request.query)
        except BadParameterError as bad:
            return problem(400, "invalid-parameter", f"The parameter {bad.name} must be {bad.expected}.")
        number = values.pop("page", self.settings.default_page)
        per_page = min(values.pop("per_page", self.settings.default_per_page), self.settings.most_per_page)
        if collection.name in self.settings.sizes:
            per_page = self.settings.sizes[collection.name](per_page)
        ids = self._select(collection, locate(self.store, values), number, per_page)
        return answer(
            200,
            self._page(
                collection, PageContext(collection.name, number, per_page, ids, len(self.everything[collection.name]))
            ),
        )

    def _select(self, collection: Collection, values: dict[str, Any], number: int, per_page: int) -> Sequence[str]:
        settings, name = self.settings, collection.name
        if name in settings.emptied:
            return ()
        predicates = settings.predicates[name]
        asked = [(predicate, value) for key, value in values.items() if (predicate := predicates[key])]
        if not asked or (number > 1 and per_page < 10 and name in settings.filters_lost_on_small_pages):
            return self.everything[name]
        enough = any if name in settings.any_filter_is_enough else all
        facts = collection.facts
        return [key for key in facts if enough(test(facts[key], value) for test, value in asked)]

    def _page(self, collection: Collection, context: PageContext) -> bytes:
        start = (context.number - 1) * context.per_page
        shown = context.ids[start : start + context.per_page]
        for window in self.settings.windows:
            shown = window(shown, context)
        pages = -(-len(context.ids) // context.per_page)
        members = {
            "total_items": len(context.ids),
            "total_pages": pages,
            "page_number": context.number,
            "size": len(shown),
            "first_page": context.number == 1,
            "last_page": context.number >= pages,
            "empty": not shown,
        }
        for change in self.settings.members:
            change(members, context)
        head = serialise(members)[:-1]
        contents = b",".join([collection.listed_json[key] for key in shown])
        return b"".join((head, b"," if len(head) > 1 else b"", b'"contents":[', contents, b"]}"))


@lru_cache(maxsize=4)
def _document(path: Path) -> bytes:
    """The interface description as JSON, read when it is first asked for."""
    return json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str).encode("utf-8")
