"""Every way in which the reference supplier can be made to break a rule, by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from interop_harness.sandbox.fault import Fault
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .settings import Change, Edit, Settings
from .store import written
from .wire import DECLARATION

Record = dict[str, Any]
When = Callable[[SandboxRequest, SandboxResponse], bool]
NOWHERE = "no-such-thing-0"
LAST = "20617"
"""The oldest report of the plain list."""
LAUGHS = (
    '<!DOCTYPE errors [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


# --- the small vocabulary in which faults are written ----------------------------------------------------


def switch(name: str, change: Callable[[Settings], Any]) -> Fault[Settings]:
    return Fault(name, switch=change)


def edit(name: str, kinds: str | Iterable[str], change: Change, fmt: str = "") -> Fault[Settings]:
    """What some kinds of answer say is changed, in one format or in both."""
    edits = [Edit(kind, fmt, change) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return switch(name, lambda settings: settings.edits.extend(edits))


def answers(name: str, when: When, change: Callable[[SandboxResponse], SandboxResponse]) -> Fault[Settings]:
    """Some answers are changed on their way out."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(answer) if when(request, answer) else answer

        return handle

    return Fault(name, wrap=wrapper)


def deaf(name: str, path: str, *parameters: str) -> Fault[Settings]:
    """One address does not hear some of its parameters."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            if request.path != path or request.method != "GET":
                return handler(request)
            kept = tuple(pair for pair in request.query if pair[0] not in parameters)
            return handler(replace(request, query=kept))

        return handle

    return Fault(name, wrap=wrapper)


def heard_as(
    name: str, path: str, change: Callable[[dict[str, str]], dict[str, str]], when: Callable[[dict[str, str]], Any]
) -> Fault[Settings]:
    """One address takes some questions for others."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            asked = dict(request.query)
            if request.path != path or request.method != "GET" or not when(asked):
                return handler(request)
            return handler(replace(request, query=tuple(change(asked).items())))

        return handle

    return Fault(name, wrap=wrapper)


def at(path: str) -> When:
    return lambda request, answer: request.path == path and request.method in {"GET", "HEAD"}


def record(identifier: str, change: Change) -> Change:
    """A change of one report, wherever it stands; by default the oldest of the plain list."""

    def changed(value: Any) -> None:
        for each in value:
            if each.get("service_request_id") == identifier:
                change(each)

    return changed


def but(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """A question without some of its parameters."""
    return lambda asked: {name: value for name, value in asked.items() if name not in names}


def first_of(parameter: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda asked: {**asked, parameter: asked[parameter].partition(",")[0]}


def finding_nothing(asked: dict[str, str]) -> dict[str, str]:
    return {"service_request_id": NOWHERE}


def dated(asked: dict[str, str]) -> bool:
    return bool({"start_date", "end_date"} & set(asked)) and "service_request_id" not in asked


def service(code: str, change: Change) -> Change:
    def changed(value: Any) -> None:
        for each in value:
            if each["service_code"] == code:
                change(each)

    return changed


def definition(code: str, change: Change) -> Change:
    def changed(value: Any) -> Any:
        return change(value) if value["service_code"] == code else None

    return changed


def put(**members: Any) -> Change:
    def changed(value: Any) -> None:
        value.update(members)

    return changed


def drop(name: str) -> Change:
    def changed(value: Any) -> None:
        value.pop(name)

    return changed


def body(content: str) -> Callable[[SandboxResponse], SandboxResponse]:
    return lambda answer: replace(answer, body=content.encode())


def header(name: str, value: str) -> Callable[[SandboxResponse], SandboxResponse]:
    return lambda answer: answer.with_header(name, value)


def status(code: int) -> Callable[[SandboxResponse], SandboxResponse]:
    return lambda answer: replace(answer, status=code)


def kept(name: str, change: Callable[[Record, dict[str, str]], None]) -> Fault[Settings]:
    """What is kept of a new report is changed."""
    return switch(name, lambda settings: settings.kept.append(change))


# --- what becomes of things ------------------------------------------------------------------------------


def endpoint(**members: Any) -> Change:
    """The endpoint under test, the second one, is described otherwise."""
    return lambda value: value["endpoints"][1].update(members)


def every_endpoint(**members: Any) -> Change:
    def changed(value: Any) -> None:
        for each in value["endpoints"]:
            each.update(members)

    return changed


def moved(days: int, *names: str) -> Change:
    def changed(value: Any) -> None:
        for name in names:
            value[name] = written(datetime.fromisoformat(value[name]) + timedelta(days=days))

    return changed


def attributes(service_code: str, number: int, **members: Any) -> Change:
    return definition(service_code, lambda value: value["attributes"][number].update(members))


def same_keys(value: Any) -> None:
    for option in value["attributes"][0]["values"]:
        option["key"] = "bin"


def twice(value: list[Any]) -> None:
    value.append(value[-1])


def very_many(value: list[Any]) -> list[Any]:
    return value + value[-1:] * 1001 if len(value) > 20 else value


def latin(answer: SandboxResponse) -> SandboxResponse:
    return replace(answer, body=answer.body.replace(b'"}', ' caf\u00e9"}'.encode("latin-1"), 1))


def bad_status(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path == "/requests.xml" and "status" in dict(request.query) and answer.status == 400


def unknown_accepted(path: str, content: str) -> Callable[[Handler], Handler]:
    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            is_it = request.path.startswith(path) and request.path.endswith(".xml") and answer.status == 404
            return replace(answer, status=200, body=content.encode()) if is_it else answer

        return handle

    return wrapper


def removing(name: str, *, keeps: str = "", filters: str = "", several: str = "") -> Fault[Settings]:
    def change(settings: Settings) -> None:
        settings.keeps.discard(keeps)
        settings.filters.discard(filters)
        settings.several.discard(several)

    return switch(name, change)


def setting(name: str, **values: Any) -> Fault[Settings]:
    def change(settings: Settings) -> None:
        for key, value in values.items():
            setattr(settings, key, value)

    return switch(name, change)


def dates_ignored(settings: Settings) -> None:
    settings.filters -= {"start_date", "end_date"}


def doctype(declaration: str, words: str = "") -> Callable[[SandboxResponse], SandboxResponse]:
    def change(answer: SandboxResponse) -> SandboxResponse:
        text = answer.body.decode().replace("<errors>", f"{declaration}<errors>", 1)
        return replace(answer, body=text.replace("<description>", f"<description>{words}", 1).encode())

    return change


def unknown(path: str, fmt: str = "xml") -> When:
    return lambda request, answer: request.path == f"{path}/{NOWHERE}.{fmt}" and answer.status == 404


def html(answer: SandboxResponse) -> SandboxResponse:
    page = replace(answer, body=b"<html><body>Sorry!</body></html>")
    return page.with_header("Content-Type", "text/html; charset=utf-8")


def as_object(answer: SandboxResponse) -> SandboxResponse:
    return replace(answer, body=json.dumps(json.loads(answer.body)[0]).encode())


NAMES = [
    # discovery
    edit("discovery-json-differs", "discovery", put(contact="Telephone 0113 496 0999."), "json"),
    answers("token-json-as-203", at("/tokens/T-20456.json"), status(203)),
    edit("discovery-specification-abridged", "discovery", every_endpoint(specification="GeoReport_v2"), "xml"),
    edit("discovery-names-other-endpoint", "discovery", endpoint(url="https://open311.example.org/test"), "xml"),
    edit("discovery-lacks-xml", "discovery", every_endpoint(formats=["application/json"]), "xml"),
    edit("discovery-lacks-json", "discovery", every_endpoint(formats=["text/xml"]), "json"),
    edit("discovery-contact-empty", "discovery", put(contact=""), "xml"),
    # XML and text
    answers(
        "xml-document-type", unknown("/tokens"), doctype('<!DOCTYPE errors SYSTEM "http://127.0.0.1:9/errors.dtd">')
    ),
    answers("xml-billion-laughs", unknown("/services"), doctype(LAUGHS, "&j;")),
    answers(
        "xml-external-entity",
        unknown("/requests"),
        doctype('<!DOCTYPE errors [<!ENTITY file SYSTEM "file:///etc/hostname">]>', "&file;"),
    ),
    answers(
        "xml-too-deep", unknown("/tokens"), body(f"{DECLARATION}<errors>{'<error>' * 900}{'</error>' * 900}</errors>")
    ),
    answers("xml-declaration-missing", unknown("/tokens"), lambda old: replace(old, body=old.body[len(DECLARATION) :])),
    answers(
        "xml-declares-latin",
        at("/services.xml"),
        lambda old: replace(old, body=old.body.replace(b"UTF-8", b"ISO-8859-1", 1)),
    ),
    answers(
        "xml-foreign-namespace",
        at("/services.xml"),
        lambda old: replace(old, body=old.body.replace(b"<services>", b'<services xmlns="urn:example:services">', 1)),
    ),
    answers("text-in-latin", at("/tokens/T-20456.json"), latin),
    answers("charset-missing", at("/services.json"), header("Content-Type", "application/json")),
    answers("services-named-html", at("/services.xml"), header("Content-Type", "text/html; charset=utf-8")),
    answers("requests-json-named-plain", at("/requests.json"), header("Content-Type", "text/plain; charset=utf-8")),
    # the same in both formats
    edit("services-json-lacks-one", "services", lambda value: value[:-1], "json"),
    edit("services-json-other-name", "services", service("005", put(service_name="Graffiti")), "json"),
    edit(
        "definition-json-lacks-attribute",
        "definition",
        definition("003", lambda value: {**value, "attributes": value["attributes"][:-1]}),
        "json",
    ),
    edit("requests-json-lack-one", "requests", lambda value: value[:-1] if len(value) > 20 else value, "json"),
    edit("requests-json-other-text", "requests", record(LAST, put(description="A report.")), "json"),
    edit("request-json-elsewhere", "request", record(LAST, put(zipcode="XX9 9ZZ")), "json"),
    edit("token-json-elsewhere", "token", lambda value: value[0].update(service_request_id="20400"), "json"),
    # services and their definitions
    edit("service-code-twice", "services", twice),
    edit("metadata-missing", "services", service("005", drop("metadata"))),
    edit("service-type-unknown", "services", service("005", put(type="instant"))),
    answers("definition-missing", lambda request, answer: request.path.startswith("/services/003."), status(404)),
    edit("definition-empty", "definition", definition("003", put(attributes=[]))),
    edit("definition-of-another", "definition", definition("003", put(service_code="002"))),
    edit("attribute-code-twice", "definition", attributes("003", 1, code="BIN")),
    edit("attribute-order-twice", "definition", attributes("003", 1, order=1)),
    edit("list-without-values", "definition", attributes("002", 1, values=[])),
    edit("value-keys-repeat", "definition", definition("003", same_keys)),
    edit("datatype-unknown", "definition", attributes("003", 1, datatype="date")),
    edit("attribute-order-from-zero", "definition", attributes("003", 1, order=0)),
    # requests
    edit("request-listed-twice", "requests", lambda value: value + value[-1:] if len(value) > 20 else value),
    answers("request-not-found", at(f"/requests/{LAST}.xml"), status(404)),
    answers("request-json-not-found", at(f"/requests/{LAST}.json"), status(404)),
    edit("request-of-another", "request", record(LAST, put(service_request_id="20400"))),
    edit("request-other-text", "request", record(LAST, put(description="A report."))),
    edit(
        "request-of-unknown-service", ("requests", "request"), record(LAST, put(service_code="999", service_name="Old"))
    ),
    edit("request-long-missing", ("requests", "request"), record(LAST, put(long=None))),
    edit("request-lat-impossible", ("requests", "request"), record(LAST, put(lat=153.79))),
    edit("request-place-swapped", ("requests", "request"), record(LAST, put(lat=-1.54, long=53.79))),
    edit("request-updated-too-early", ("requests", "request"), record(LAST, moved(-9, "updated_datetime"))),
    edit(
        "request-from-the-future",
        ("requests", "request"),
        record(LAST, moved(200, "requested_datetime", "updated_datetime")),
    ),
    edit("media-without-address", ("requests", "request"), record(LAST, put(media_url="photo 12.jpg"))),
    edit("moment-without-zone", "requests", record(LAST, put(expected_datetime="2026-11-20T09:00:00"))),
    # windows, lists and filters
    setting("window-of-a-year", window_days=365),
    edit("list-of-thousands", "requests", very_many),
    switch("dates-ignored", dates_ignored),
    deaf("dates-ignored-in-json", "/requests.json", "start_date", "end_date"),
    setting("span-begins-late", late_by=timedelta(days=4)),
    setting("ends-left-out", ends_included=False),
    setting("zones-ignored", zones=False),
    removing("ids-first-only", several="service_request_id"),
    setting("ids-do-not-override", ids_override=False),
    removing("ids-ignored", filters="ids"),
    deaf("ids-ignored-in-json", "/requests.json", "service_request_id"),
    removing("codes-first-only", several="service_code"),
    removing("statuses-first-only", several="status"),
    setting("empty-parameter-refused", empty_is_absent=False),
    setting("status-swapped", swapped=True),
    removing("status-ignored", filters="status"),
    deaf("status-ignored-in-json", "/requests.json", "status"),
    setting("service-compared-by-name", by_name=True),
    removing("service-ignored", filters="service_code"),
    answers(
        "service-refused-in-json",
        lambda request, answer: request.path == "/requests.json" and "service_code" in dict(request.query),
        status(400),
    ),
    deaf("service-ignored-in-json", "/requests.json", "service_code"),
    answers(
        "closed-refused-in-json",
        lambda request, answer: request.path == "/requests.json" and ("status", "closed") in request.query,
        status(400),
    ),
    answers("bad-status-breaks", bad_status, status(500)),
    # errors
    Fault(
        "unknown-service-answered",
        wrap=unknown_accepted(
            "/services/",
            f"{DECLARATION}<service_definition><service_code>x</service_code><attributes/></service_definition>",
        ),
    ),
    answers("error-page-in-html", unknown("/services"), html),
    answers("error-json-is-object", unknown("/services", "json"), as_object),
    Fault("unknown-token-answered", wrap=unknown_accepted("/tokens/", f"{DECLARATION}<service_requests/>")),
    answers("error-without-body", unknown("/requests"), body("")),
    switch("bad-date-accepted", lambda settings: settings.passes.add("bad-date")),
    switch("bad-status-accepted", lambda settings: settings.passes.add("bad-status")),
    answers(
        "unknown-request-refused",
        lambda request, answer: (
            request.path.startswith("/requests/") and request.path.endswith("xml") and answer.status == 404
        ),
        status(400),
    ),
    # tokens
    edit("token-not-repeated", "token", lambda value: value[0].update({"token": "T-1"})),
    edit("token-leads-nowhere", "token", lambda value: value[0].update(service_request_id="99999999")),
    # submitting
    edit(
        "token-beside-id",
        "created",
        lambda value: value[0].update({"token": "T-1"}) if "service_request_id" in value[0] else None,
        "xml",
    ),
    kept("description-cut", lambda made, form: made.update(description=made["description"][:40])),
    kept(
        "description-in-ascii",
        lambda made, form: made.update(description=made["description"].encode("ascii", "replace").decode()),
    ),
    kept("place-rounded", lambda made, form: made.update(lat=made["lat"] and round(made["lat"], 1))),
    kept("picture-lost", lambda made, form: made.update(media_url=None)),
    kept("new-request-closed", lambda made, form: made.update(status="closed")),
    kept("new-request-dated-wrong", lambda made, form: moved(-1, "requested_datetime")(made)),
    switch("new-request-not-by-id", lambda settings: settings.unseen.add("ids")),
    switch("new-request-not-listed", lambda settings: settings.unseen.add("lists")),
    kept("reporter-published", lambda made, form: made.update(status_notes=f"Reported by {form.get('email')}")),
    switch("address-not-enough", lambda settings: settings.deaf.add("address_string")),
    removing("key-not-needed", keeps="key"),
    removing("any-key-will-do", keeps="wrong-key"),
    removing("service-code-not-needed", keeps="code"),
    removing("any-service-code-will-do", keeps="unknown"),
    removing("place-not-needed", keeps="place"),
    removing("attributes-not-needed", keeps="attributes"),
    edit(
        "batch-with-number",
        "created",
        lambda value: value[0].update(service_request_id=value[0].pop("token")[2:]) if "token" in value[0] else None,
    ),
    switch("token-forgotten", lambda settings: settings.unseen.add("tokens")),
    edit(
        "blackbox-with-number",
        "created",
        lambda value: (
            value[0].update(service_request_id="1") if not {"token", "service_request_id"} & set(value[0]) else None
        ),
    ),
    edit("token-beside-id-in-json", "created", lambda value: value[0].update({"token": "T-1"}), "json"),
    edit(
        "new-request-json-cut",
        "request",
        lambda value: (
            value[0].update(description=(value[0]["description"] or "")[:40])
            if len(value[0]["service_request_id"]) > 5
            else None
        ),
        "json",
    ),
    heard_as(
        "dates-forgotten-beside-status",
        "/requests.xml",
        but("start_date", "end_date"),
        lambda asked: asked.get("status"),
    ),
    heard_as(
        "dates-forgotten-beside-a-service-alone",
        "/requests.xml",
        but("start_date", "end_date"),
        lambda asked: set(asked) == {"start_date", "end_date", "service_code"},
    ),
    heard_as(
        "status-counts-alone-in-json",
        "/requests.json",
        but("start_date", "end_date", "service_code"),
        lambda asked: "status" in asked,
    ),
    heard_as(
        "service-forgotten-beside-status",
        "/requests.xml",
        but("service_code"),
        lambda asked: set(asked) == {"status", "service_code"},
    ),
    heard_as(
        "status-forgotten-beside-service-in-json",
        "/requests.json",
        but("status"),
        lambda asked: set(asked) == {"status", "service_code"},
    ),
    heard_as(
        "date-alone-ignored",
        "/requests.xml",
        but("start_date", "end_date"),
        lambda asked: len({"start_date", "end_date"} & set(asked)) == 1 and "last-tuesday" not in asked.values(),
    ),
    heard_as("dates-find-nothing-in-json", "/requests.json", finding_nothing, dated),
    heard_as(
        "ends-left-out-in-json",
        "/requests.json",
        lambda asked: {**asked, "start_date": asked["start_date"].replace("Z", ".5Z")},
        lambda asked: dated(asked) and "start_date" in asked and "." not in asked["start_date"],
    ),
    heard_as(
        "zones-ignored-in-json",
        "/requests.json",
        lambda asked: {name: f"{text[:19]}Z" if name.endswith("_date") else text for name, text in asked.items()},
        dated,
    ),
    heard_as(
        "ids-beside-dates-in-json",
        "/requests.json",
        finding_nothing,
        lambda asked: {"start_date", "service_request_id"} <= set(asked),
    ),
    heard_as(
        "codes-first-only-in-json", "/requests.json", first_of("service_code"), lambda asked: "service_code" in asked
    ),
    heard_as("statuses-first-only-in-json", "/requests.json", first_of("status"), lambda asked: "status" in asked),
    heard_as(
        "closed-finds-nothing-in-json", "/requests.json", finding_nothing, lambda asked: asked.get("status") == "closed"
    ),
    edit(
        "request-other-notes",
        "request",
        record(
            LAST, lambda value: (put(status_notes="Repaired last week.")(value), moved(1, "updated_datetime")(value))
        ),
    ),
    switch("address-id-not-enough", lambda settings: settings.deaf.add("address_id")),
    switch("lat-and-long-not-enough", lambda settings: settings.deaf.update(("lat", "long"))),
    removing("first-attribute-is-enough", keeps="every-attribute"),
    switch("key-not-needed-in-json", lambda settings: settings.careless.add("key")),
    switch("any-key-will-do-in-json", lambda settings: settings.careless.add("wrong-key")),
    switch("service-code-not-needed-in-json", lambda settings: settings.careless.add("code")),
    switch("place-not-needed-in-json", lambda settings: settings.careless.add("place")),
    switch("any-service-code-will-do-in-json", lambda settings: settings.careless.add("unknown")),
    switch("attributes-not-needed-in-json", lambda settings: settings.careless.add("attributes")),
    switch("first-attribute-is-enough-in-json", lambda settings: settings.careless.add("every-attribute")),
]

CATALOGUE: dict[str, Fault[Settings]] = {fault.name: fault for fault in NAMES}
"""What each one is for, and which requirement must catch it, stands in the profile's ``faults.yaml``."""
