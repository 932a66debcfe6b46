"""Faults of ``GET /`` and of paging."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.open_referral_uk.settings import PageContext, Settings
from interop_harness.sandbox.open_referral_uk.store import serialise

from .edits import SupplierFault, catalogue, switch, wrap

Members = Callable[[dict[str, Any], PageContext], Any]
Window = Callable[[Sequence[str], PageContext], Sequence[str]]


def _discovery(name: str, **members: Any) -> SupplierFault:
    return switch(name, lambda settings: settings.discovery.update(members))


def _members(name: str, collection: str, change: Members) -> SupplierFault:
    def only(members: dict[str, Any], page: PageContext) -> None:
        if page.collection == collection:
            change(members, page)

    return switch(name, lambda settings: settings.members.append(only))


def _window(name: str, collection: str, change: Window) -> SupplierFault:
    def only(ids: Sequence[str], page: PageContext) -> Sequence[str]:
        return change(ids, page) if page.collection == collection else ids

    return switch(name, lambda settings: settings.windows.append(only))


def _set(**values: Any) -> Members:
    return lambda members, page: members.update(values)


def _sizes(name: str, collection: str, size: Callable[[int], int]) -> SupplierFault:
    return switch(name, lambda settings: settings.sizes.update({collection: size}))


def _repeat_last(ids: Sequence[str], page: PageContext) -> Sequence[str]:
    """From page 2 on the offset is one short: one record comes twice and the last one never."""
    start = (page.number - 1) * page.per_page
    return page.ids[start - 1 : start - 1 + len(ids)] if page.number > 1 and ids else ids


def _other_order(ids: Sequence[str], page: PageContext) -> Sequence[str]:
    """Every second page is cut from the list in another order, as a sort without a tie-breaker does."""
    if page.number % 2:
        return ids
    start = (page.number - 1) * page.per_page
    return sorted(page.ids)[start : start + page.per_page]


def _same_twice(ids: Sequence[str], page: PageContext) -> Sequence[str]:
    return [ids[0], ids[0], *ids[2:]] if page.number == 1 and 1 < len(ids) < len(page.ids) else ids


def _lose_one(ids: Sequence[str], page: PageContext) -> Sequence[str]:
    return ids[1:] if page.number == 2 else ids


def _turning(name: str, path: str) -> SupplierFault:
    """Every second answer to the same question holds the same records the other way round."""

    def wrapper(handler: Handler) -> Handler:
        asked: Counter[str] = Counter()
        guard = threading.Lock()

        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            if request.path != path or answer.status != 200:
                return answer
            with guard:
                asked[request.raw_query] += 1
                turned = asked[request.raw_query] % 2 == 0
            return _reversed(answer) if turned else answer

        return handle

    return wrap(name, wrapper)


def _reversed(answer: SandboxResponse) -> SandboxResponse:
    page = json.loads(answer.body)
    page["contents"].reverse()
    return SandboxResponse(answer.status, answer.headers, serialise(page))


def _spring(members: dict[str, Any], page: PageContext) -> None:
    """The page of version 1.0, as suppliers kept it when they moved to 3.0."""
    names = {
        "totalElements": "total_items",
        "totalPages": "total_pages",
        "number": "page_number",
        "first": "first_page",
        "last": "last_page",
    }
    for new, old in names.items():
        members[new] = members.pop(old)


def _start_page(settings: Settings) -> None:
    settings.default_page = 2


S, T, L = "services", "taxonomy_terms", "service_at_locations"

FAULTS = catalogue(
    [
        _discovery("discovery-version-missing", version=None),
        _discovery("discovery-version-one", version="HSDS-UK-1.0"),
        _discovery("discovery-profile-not-address", profile="open-referral-uk"),
        _discovery("discovery-profile-dangling", profile="{base}/about/profile"),
        _discovery("discovery-openapi-relative", openapi_url="/openapi.json"),
        _discovery("discovery-openapi-dangling", openapi_url="{base}/swagger/v1.json"),
        _discovery("discovery-openapi-other-document", openapi_url="{base}/taxonomies"),
        _discovery("discovery-version-number", version=3.0),
        _members("page-total-pages-missing", S, lambda members, page: members.pop("total_pages")),
        _members("page-names-of-version-one", S, _spring),
        _members("page-size-is-per-page", S, lambda members, page: members.update(size=page.per_page)),
        _members("page-empty-always-true", S, _set(empty=True)),
        _members("page-empty-never-true", S, _set(empty=False)),
        _members("page-first-always-true", S, _set(first_page=True)),
        _members("page-first-never-true", S, _set(first_page=False)),
        _members("page-last-always-false", S, _set(last_page=False)),
        _members(
            "page-last-one-early",
            S,
            lambda members, page: members.update(last_page=page.number >= members["total_pages"] - 1),
        ),
        _members(
            "page-total-pages-rounded-down",
            S,
            lambda members, page: members.update(total_pages=len(page.ids) // page.per_page),
        ),
        _members(
            "page-total-pages-one-more",
            S,
            lambda members, page: members.update(total_pages=len(page.ids) // page.per_page + 2),
        ),
        _members("page-number-from-zero", S, lambda members, page: members.update(page_number=page.number - 1)),
        _members("page-number-always-one", S, _set(page_number=1)),
        _members("page-total-items-one-less", S, lambda members, page: members.update(total_items=len(page.ids) - 1)),
        _members("page-total-items-of-page", S, lambda members, page: members.update(total_items=members["size"])),
        _window("page-repeats-last-record", S, _repeat_last),
        _window("page-order-changes", S, _other_order),
        _window("page-holds-record-twice", S, _same_twice),
        _window("page-loses-record", S, _lose_one),
        _sizes("per-page-ignored", S, lambda asked: 25),
        _sizes("per-page-one-too-many", S, lambda asked: asked + 1),
        _sizes("per-page-one-too-few", S, lambda asked: max(1, asked - 1)),
        switch("page-two-unless-asked", _start_page),
        _turning("page-order-turns", "/services"),
        _members("terms-page-total-missing", T, lambda members, page: members.pop("total_items")),
        _members("links-page-size-is-per-page", L, lambda members, page: members.update(size=page.per_page)),
        _members("terms-page-empty-always-true", T, _set(empty=True)),
        _members("terms-page-first-always-true", T, _set(first_page=True)),
        _members("terms-page-last-always-false", T, _set(last_page=False)),
        _members(
            "links-page-total-pages-rounded-down",
            L,
            lambda members, page: members.update(total_pages=len(page.ids) // page.per_page),
        ),
        _members("terms-page-number-from-zero", T, lambda members, page: members.update(page_number=page.number - 1)),
        _members(
            "links-page-total-items-one-less",
            L,
            lambda members, page: members.update(total_items=len(page.ids) - 1),
        ),
        _window("terms-page-repeats-last-record", T, _repeat_last),
        _window("links-page-holds-record-twice", L, _same_twice),
        _sizes("taxonomies-per-page-ignored", "taxonomies", lambda asked: 25),
        _sizes("terms-per-page-one-too-few", T, lambda asked: max(1, asked - 1)),
        _turning("links-page-order-turns", "/service_at_locations"),
        switch("feed-empty", lambda settings: settings.emptied.add(S)),
    ]
)
