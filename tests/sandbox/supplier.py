"""Asking the reference supplier, and everything it can be asked about."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from interop_harness.sandbox import handler
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse, parse_query

PROFILE = "open-referral-uk"
COLLECTIONS = ("services", "taxonomies", "taxonomy_terms", "service_at_locations")
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def ask(
    supplier: Handler, target: str, method: str = "GET", headers: tuple[tuple[str, str], ...] = ()
) -> SandboxResponse:
    path, _, raw_query = target.partition("?")
    named = (("Host", "directory.test"), *headers)
    return supplier(SandboxRequest(method, path, parse_query(raw_query), named, b"", raw_query))


def get(supplier: Handler, target: str, **query: Any) -> Any:
    answer = ask(supplier, f"{target}?{urlencode(query)}" if query else target)
    assert answer.status == 200, (target, query, answer.body)
    return json.loads(answer.body)


def listed(supplier: Handler, collection: str, **query: Any) -> list[Any]:
    """Every record of a list, page after page."""
    found: list[Any] = []
    number = 1
    while True:
        page = get(supplier, f"/{collection}", page=number, per_page=100, **query)
        found += page["contents"]
        if page["last_page"]:
            assert len(found) == page["total_items"]
            return found
        number += 1


def ids(supplier: Handler, collection: str, **query: Any) -> list[str]:
    return [record["id"] for record in listed(supplier, collection, **query)]


@cache
def clean() -> Handler:
    return handler(PROFILE)


@cache
def details(collection: str) -> dict[str, Any]:
    """Every record read by id, in the order it is listed."""
    return {key: get(clean(), f"/{collection}/{key}") for key in ids(clean(), collection)}


@cache
def questions() -> tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]:
    """Requests that between them touch everything a fault can change."""
    origin = (("Origin", "https://elsewhere.example.org"),)
    asked: list[tuple[str, str, tuple[tuple[str, str], ...]]] = [
        (method, target, headers)
        for target in ("/", "/openapi.json", "/nowhere", "/services", "/services?utm_source=x", "/services?page=a")
        for method, headers in (("GET", ()), ("GET", origin), ("HEAD", ()), ("OPTIONS", ()), ("DELETE", ()))
    ]
    # Other clients: their names, the order of their headers, the headers that browsers add.
    browser = (("User-Agent", "Mozilla/5.0"), ("Accept-Encoding", "gzip"), ("Accept-Language", "en-GB"))
    asked.append(("GET", "/services", browser))
    filters = {
        "search": "club",
        "taxonomy_term_id": next(
            attribute["taxonomy_term_id"]
            for service in details("services").values()
            for attribute in service.get("attributes", ())
        ),
        "taxonomy_id": next(iter(details("taxonomies"))),
        "minimum_age": "16",
        "maximum_age": "12",
        "start_time": "17:30",
        "end_time": "12:00",
        "day": "TU",
        "postcode": "HM1 1AA",
        "page": "2",
        "per_page": "5",
    }
    for collection in COLLECTIONS:
        asked += [("GET", f"/{collection}?page={number}&per_page=25", ()) for number in range(1, 13)]
        asked += [("GET", f"/{collection}?{urlencode({key: value})}", ()) for key, value in filters.items()]
        asked += [("GET", f"/{collection}?page=2&{urlencode({key: value})}", ()) for key, value in filters.items()]
        asked += [("GET", f"/{collection}/{key}", ()) for key in (UNKNOWN, "not-a-uuid")]
        asked += [("GET", f"/{collection}?{bad}", ()) for bad in ("page=0", "per_page=x", "search=qzxvkjwq")]
        asked += [("GET", f"/{collection}?minimum_age=16&search=club", ())] * 2
        asked += [("GET", f"/{collection}/{key}", ()) for key in details(collection)]
        asked += [("GET", f"/{collection}", ())] * 2
        asked.append(("GET", f"/{collection}?per_page=1", ()))
        asked.append(("GET", f"/{collection}?end_time=21:00", ()))  # later than some close, and the hour of few
        asked.append(("GET", f"/{collection}?page=2&per_page=2&taxonomy_id={filters['taxonomy_id']}", ()))
    for record in list(details("service_at_locations").values())[:40]:
        for address in record.get("location", {}).get("addresses", ()):
            near = urlencode({"postcode": address["postal_code"], "proximity": 1500})
            asked.append(("GET", f"/service_at_locations?{near}", ()))
    asked.append(("GET", "/services?taxonomy_id=" + list(details("taxonomies"))[1], ()))
    asked += [("GET", f"/service_at_locations?minimum_age={age}", ()) for age in (18, 65)]
    return tuple(asked)
