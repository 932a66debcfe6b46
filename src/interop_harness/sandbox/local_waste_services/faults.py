"""Named faults of the reference supplier: what each one changes. Which requirement catches it stands in faults.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from interop_harness.sandbox.fault import Fault
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .endpoints import serialise
from .settings import Change, Edit, Settings
from .store import Record

WasteFault = Fault[Settings]
LISTED, DETAILED = ("listed",), ("detailed",)
BOTH = (*LISTED, *DETAILED)
Switch = Callable[[Settings], Any]
When = Callable[[Record], bool]


def always(record: Record) -> bool:
    return True


def named(start: str) -> When:
    """The records whose id begins so."""
    return lambda record: str(record.get("id", "")).startswith(start)


# --- what becomes of a record ----------------------------------------------------------------------------


def at(record: Any, path: str, change: Callable[[Record, str], object]) -> None:
    """Apply a change at a path of member names; ``*`` is every item. Where the path leads nowhere nothing happens."""
    head, _, rest = path.partition("/")
    if head == "*":
        for item in record if isinstance(record, list) else ():
            at(item, rest, change)
    elif isinstance(record, dict) and head in record:
        if rest:
            at(record[head], rest, change)
        else:
            change(record, head)


def put(path: str, value: Any) -> Change:
    return lambda record: at(record, path, lambda holder, name: holder.update({name: value}))


def alter(path: str, change: Callable[[Any], Any]) -> Change:
    return lambda record: at(record, path, lambda holder, name: holder.update({name: change(holder[name])}))


def drop(*paths: str) -> Change:
    def change(record: Record) -> None:
        for path in paths:
            at(record, path, lambda holder, name: holder.pop(name))

    return change


def rename(path: str, name: str) -> Change:
    return lambda record: at(record, path, lambda holder, old: holder.update({name: holder.pop(old)}))


def days(count: int) -> Callable[[str], str]:
    return lambda text: (datetime.fromisoformat(text) + timedelta(days=count)).isoformat()


def british(text: str) -> str:
    return f"{datetime.fromisoformat(text):%d/%m/%Y}"


def zoneless(text: str) -> str:
    return text[:16]


def swap(first: str, second: str) -> Change:
    def change(record: Record) -> None:
        geo = record["geo"]
        geo[first], geo[second] = geo[second], geo[first]

    return change


# --- faults ----------------------------------------------------------------------------------------------


def switch(name: str, change: Switch) -> WasteFault:
    return Fault(name, switch=change)


def edit(name: str, collection: str, change: Change, views: tuple[str, ...] = BOTH, when: When = always) -> WasteFault:
    return Fault(name, switch=lambda settings: settings.edits.append(Edit(collection, views, change, when)))


def ignores(name: str, collection: str, parameter: str) -> WasteFault:
    return switch(name, lambda settings: settings.ignored.add((collection, parameter)))


def loses(name: str, collection: str, parameter: str) -> WasteFault:
    return switch(name, lambda settings: settings.exclusive.add((collection, parameter)))


def unnamed(name: str, collection: str, then: Switch) -> WasteFault:
    """The records do not say of which street they are, and something else is wrong."""

    def change(settings: Settings) -> None:
        settings.edits.append(Edit(collection, BOTH, drop("usrn")))
        then(settings)

    return switch(name, change)


def swaps(name: str, collection: str) -> WasteFault:
    return switch(name, lambda settings: settings.swapped.add(collection))


def misses(name: str, collection: str, identifier: str) -> WasteFault:
    return switch(name, lambda settings: settings.missing.add((collection, identifier)))


def doubles(name: str, collection: str) -> WasteFault:
    return switch(name, lambda settings: settings.doubled.add(collection))


def answers(
    name: str,
    when: Callable[[SandboxRequest, SandboxResponse], bool],
    change: Callable[[SandboxResponse], SandboxResponse],
) -> WasteFault:
    """A fault that changes some answers on their way out."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(answer) if when(request, answer) else answer

        return handle

    return Fault(name, wrap=wrapper)


def setting(name: str, **values: Any) -> WasteFault:
    def change(settings: Settings) -> None:
        for key, value in values.items():
            setattr(settings, key, value)

    return switch(name, change)


def listing(path: str) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    return lambda request, answer: request.path == path and answer.status == 200


def single(path: str) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    return lambda request, answer: request.path.startswith(f"{path}/") and answer.status == 200


def asking(path: str, name: str, value: str) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    return lambda request, answer: request.path == path and (name, value) in request.query


def refused(path: str, name: str) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return request.path == path and answer.status == 400 and any(key == name for key, _ in request.query)

    return when


def broken(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path.endswith(("/not-an-id", "/0"))


def unknown_parameter(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return any(key == "colour" for key, _ in request.query)


def counted_list(answer: SandboxResponse) -> SandboxResponse:
    records = json.loads(answer.body)
    return SandboxResponse(answer.status, answer.headers, serialise([*records, {"total": len(records)}]))


def accepted_only(answer: SandboxResponse) -> SandboxResponse:
    return SandboxResponse(202, answer.headers, answer.body)


def refuse(answer: SandboxResponse) -> SandboxResponse:
    return SandboxResponse(400, answer.headers, b'{"userMessage":"The parameters were incorrect.","code":400}')


def crash(answer: SandboxResponse) -> SandboxResponse:
    return SandboxResponse(500, answer.headers, b'{"userMessage":"Something went wrong.","code":500}')


def as_html(answer: SandboxResponse) -> SandboxResponse:
    return answer.with_header("Content-Type", "text/html; charset=utf-8")


def _swapped(body: Record) -> None:
    if "next_collections" in body:
        body["next_collections"], body["last_collections"] = body["last_collections"], body["next_collections"]


def _own_parent(site: Record) -> None:
    if "parent_uprn" in site:
        site["parent_uprn"] = site["uprn"]


def _numbered_store(site: Record) -> None:
    if "uprn" not in site:
        site.update({"id": "4417", "@id": "/sites/4417"})


def whole_list(path: str) -> Callable[[SandboxRequest, SandboxResponse], bool]:
    return lambda request, answer: request.path == path and not request.query and answer.status == 200


def without_first(answer: SandboxResponse) -> SandboxResponse:
    return SandboxResponse(answer.status, answer.headers, serialise(json.loads(answer.body)[1:]))


def _catalogue(faults: Iterable[WasteFault]) -> dict[str, WasteFault]:
    return {fault.name: fault for fault in faults}


CATALOGUE: dict[str, WasteFault] = _catalogue(
    [
        # services and collections
        edit("service-name-missing", "services", drop("name")),
        edit("service-list-id-unknown", "services", put("id", "gardening"), LISTED, named("garden")),
        edit("service-name-differs", "services", alter("name", str.upper), DETAILED),
        doubles("service-listed-twice", "services"),
        swaps("service-of-another-id", "services"),
        loses("service-full-loses-one", "services", "full"),
        edit("service-esd-number-only", "services", alter("esd_url", lambda url: url.rpartition("/")[2])),
        edit("service-nested-name-number", "services", put("feature_types/*/name", 7)),
        answers("services-as-html", listing("/services"), as_html),
        answers("service-full-false-refused", asking("/services", "full", "false"), refuse),
        edit("collections-next-missing", "services", drop("next_collections"), LISTED),
        edit("collections-last-missing", "services", drop("last_collections"), LISTED),
        edit("collections-next-without-date", "services", drop("next_collections/*/start_date"), LISTED),
        setting("collections-calendar-stale", behind=4),
        edit("collections-next-in-the-past", "services", alter("next_collections/*/start_date", days(-40)), LISTED),
        edit("collections-last-in-the-future", "services", alter("last_collections/*/start_date", days(40)), LISTED),
        edit("collections-next-and-last-swapped", "services", _swapped, DETAILED),
        setting("collections-single-service-bare", property_collections=False),
        edit("collections-single-next-missing", "services", drop("next_collections"), DETAILED),
        edit("collections-single-last-missing", "services", drop("last_collections"), DETAILED),
        edit("collections-single-service-later", "services", alter("next_collections/*/start_date", days(2)), DETAILED),
        setting("collections-of-one-property", collections_of="990000104117"),
        edit("collections-later-than-the-tasks", "services", alter("next_collections/*/start_date", days(2))),
        edit("collections-last-of-one-property", "services", put("last_collections/*/id", "refuse-1"), LISTED),
        ignores("collections-window-start-ignored", "services", "start_date"),
        ignores("collections-window-end-ignored", "services", "end_date"),
        # tasks
        doubles("task-listed-twice", "tasks"),
        ignores("task-uprn-ignored", "tasks", "uprn"),
        ignores("task-window-start-ignored", "tasks", "start_date"),
        ignores("task-window-end-ignored", "tasks", "end_date"),
        loses("task-window-loses-one", "tasks", "start_date"),
        ignores("task-type-ignored", "tasks", "type"),
        ignores("task-related-ignored", "tasks", "include"),
        edit("task-at-a-neighbours", "tasks", put("location", "/sites/990000104118")),
        edit("task-ends-before-it-begins", "tasks", alter("end_date", days(-1))),
        edit("task-begun-in-two-months", "tasks", alter("actual_start_date", days(60))),
        edit("task-start-missing", "tasks", drop("start_date"), when=named("food-")),
        edit("task-list-id-unknown", "tasks", alter("id", lambda name: f"{name}-x"), LISTED, named("food-")),
        edit("task-status-differs", "tasks", put("status", "Abandoned"), DETAILED),
        swaps("task-of-another-id", "tasks"),
        edit("task-dates-british", "tasks", alter("start_date", british)),
        edit("task-dates-without-zone", "tasks", alter("start_date", zoneless)),
        # events and their types
        edit("event-of-a-neighbour", "events", put("uprn", "990000104118"), when=named("e-5001")),
        ignores("event-uprn-ignored", "events", "uprn"),
        ignores("event-usrn-ignored", "events", "usrn"),
        unnamed("event-usrn-unnamed-and-ignored", "events", lambda settings: settings.ignored.add(("events", "usrn"))),
        setting("event-of-street-left-out", street_events=False),
        edit("event-in-the-future", "events", alter("start_date", days(60))),
        edit("event-type-long", "events", put("type", "Contaminated with nappies and food"), when=named("e-5001")),
        edit("event-type-not-listed", "events", put("type", "Nappies"), when=named("e-5001")),
        edit("event-named-as-in-the-list-example", "events", rename("type", "event_type")),
        ignores("event-window-ignored", "events", "start_date"),
        answers("event-window-crashes", refused("/events", "start_date"), crash),
        edit("event-image-relative", "events", alter("image", lambda url: "/" + url.rpartition("/")[2])),
        doubles("event-listed-twice", "events"),
        edit("event-list-id-unknown", "events", put("id", "e-9999"), LISTED, named("e-5005")),
        edit("event-day-differs", "events", alter("start_date", days(-1)), DETAILED),
        swaps("event-of-another-id", "events"),
        edit("event-types-nameless", "event-types", drop("name")),
        doubles("event-type-listed-twice", "event-types"),
        edit("event-type-renamed-by-itself", "event-types", put("name", "Not presented"), DETAILED),
        misses("event-type-not-served", "event-types", "8"),
        # sites
        swaps("site-of-another-uprn", "sites"),
        edit("site-usrn-missing", "sites", drop("usrn"), DETAILED),
        edit("site-postcode-mangled", "sites", put("address/postcode", "HM14TQX"), DETAILED),
        ignores("site-usrn-ignored", "sites", "usrn"),
        unnamed("site-usrn-unnamed-and-ignored", "sites", lambda settings: settings.ignored.add(("sites", "usrn"))),
        ignores("site-postcode-ignored", "sites", "postcode"),
        loses("site-postcode-loses-one", "sites", "postcode"),
        edit("site-street-differs", "sites", put("usrn", "99100418"), DETAILED),
        edit("site-parent-unknown", "sites", put("parent_uprn", "990000999999")),
        edit("site-own-parent", "sites", _own_parent),
        edit("site-store-number-like-uprn", "sites", _numbered_store),
        edit("site-coordinates-in-metres", "sites", put("geo", {"latitude": 345120, "longitude": 289001})),
        edit("site-coordinates-text", "sites", alter("geo/latitude", str)),
        edit("site-longitude-sign-lost", "sites", alter("geo/longitude", lambda degrees: abs(degrees) + 5)),
        edit("site-coordinates-swapped", "sites", swap("latitude", "longitude")),
        # code lists
        edit("code-task-status-unknown", "tasks", put("status", "Done")),
        edit("code-task-status-underscored", "tasks", alter("status", lambda code: code.lower().replace(" ", "_"))),
        edit("code-container-status-in-service", "tasks", put("features/*/status", "in_service")),
        edit("code-container-status-capital", "features", alter("status", str.capitalize)),
        edit("code-frequency-fortnightly", "services", put("frequency", "fortnightly")),
        edit("code-shape-unknown", "feature-types", put("shape", "barrel")),
        edit("full-services-shape-unknown", "services", put("feature_types/*/shape", "barrel"), LISTED),
        edit(
            "full-services-shape-spaced",
            "services",
            alter("feature_types/*/shape", lambda code: code.replace("_", " ")),
            LISTED,
        ),
        edit("code-shape-spaced", "feature-types", alter("shape", lambda code: code.replace("_", " "))),
        edit("code-event-type-local", "event-types", alter("name", lambda name: f"{name} (HBC)")),
        edit("code-material-local", "feature-types", put("materials/*/name", "stuff")),
        edit("code-task-type-local", "tasks", put("@type", "BinTask")),
        edit("code-event-type-kind-local", "event-types", put("@type", "Reason")),
        edit("code-case-type-local", "cases", put("@type", "Complaint")),
        # containers
        misses("feature-not-served", "features", "990000104117-4"),
        edit("feature-status-differs", "features", put("status", "damaged"), DETAILED),
        doubles("feature-listed-twice", "features"),
        ignores("feature-uprn-ignored", "features", "uprn"),
        ignores("feature-usrn-ignored", "features", "usrn"),
        loses("feature-usrn-loses-one", "features", "usrn"),
        unnamed("feature-unnamed-lost", "features", lambda settings: settings.exclusive.add(("features", "usrn"))),
        swaps("feature-of-another-id", "features"),
        edit("feature-usrn-of-twelve-digits", "features", put("usrn", "123456789012")),
        edit("feature-type-name-differs", "feature-types", alter("name", str.upper), DETAILED),
        edit("feature-type-members-in-camel-case", "feature-types", rename("lid_color", "lidColor")),
        answers("feature-type-of-property-unlisted", whole_list("/feature-types"), without_first),
        # cases
        misses("case-not-served", "cases", "c-86"),
        swaps("case-of-another-id", "cases"),
        ignores("case-uprn-ignored", "cases", "uprn"),
        ignores("case-usrn-ignored", "cases", "usrn"),
        ignores("case-postcode-ignored", "cases", "postcode"),
        edit("case-created-in-the-future", "cases", alter("date_created", days(60))),
        answers("case-answered-202", single("/cases"), accepted_only),
        answers("case-list-ends-in-a-count", listing("/cases"), counted_list),
        # errors
        setting("error-wrong-uprn-unprocessable", refusal=422),
        setting("error-wrong-uprn-accepted", checked=False),
        setting("error-without-message", error=lambda body: body.pop("userMessage")),
        setting("error-code-as-text", error=lambda body: body.update(code=str(body["code"]))),
        setting("error-code-of-another-status", error=lambda body: body.update(code=500)),
        answers("error-malformed-id-crashes", broken, crash),
        answers("error-unknown-parameter-crashes", unknown_parameter, crash),
    ]
)
