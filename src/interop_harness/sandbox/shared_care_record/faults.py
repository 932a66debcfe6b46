"""Every way in which the reference supplier can be made to break a rule, by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from interop_harness.sandbox.fault import Fault
from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse

from .settings import Change, Settings
from .store import CLINICAL, NHS, Resource

CareFault = Fault[Settings]
Bundle = dict[str, Any]
When = Callable[[SandboxRequest, SandboxResponse], bool]
ELSEWHERE = "https://records.example.net"
FIRST, OTHER = "p-104117", "p-205001"
OTHERS_NUMBER = "9990001197"


# --- the small vocabulary in which faults are written ----------------------------------------------------


def setting(name: str, **values: Any) -> CareFault:
    def change(settings: Settings) -> None:
        for key, value in values.items():
            setattr(settings, key, value)

    return Fault(name, switch=change)


def without(name: str, member: str, *values: Any) -> CareFault:
    """Something is taken out of one of the settings."""
    return Fault(name, switch=lambda settings: getattr(settings, member).difference_update(values))


def adding(name: str, member: str, *values: Any) -> CareFault:
    return Fault(name, switch=lambda settings: getattr(settings, member).update(values))


def deaf(name: str, kind: str, parameter: str) -> CareFault:
    """A search parameter is accepted and does nothing."""
    return adding(name, "ignored", (kind, parameter))


def loses(name: str, kind: str, parameter: str) -> CareFault:
    """A search parameter loses the first record that should come."""
    return adding(name, "lost", (kind, parameter))


def edit(name: str, kind: str, change: Change, only: str = "") -> CareFault:
    """What is sent of a resource, of every one of its type or of the one with an id, is changed."""

    def changed(resource: Resource) -> Any:
        return change(resource) if not only or resource.get("id") == only else None

    return Fault(name, switch=lambda settings: settings.edits.setdefault(kind, []).append(changed))


def paging(name: str, change: Callable[[Bundle, str, int], None]) -> CareFault:
    return Fault(name, switch=lambda settings: settings.paging.append(change))


def answers(name: str, when: When, change: Callable[[SandboxResponse], SandboxResponse]) -> CareFault:
    """Some answers are changed on their way out."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            return change(answer) if when(request, answer) else answer

        return handle

    return Fault(name, wrap=wrapper)


def _renumbered(answer: SandboxResponse) -> SandboxResponse:
    """The person with the NHS number of another."""
    body = json.loads(answer.body)
    for identifier in body.get("identifier", ()):
        if identifier["system"] == NHS:
            identifier["value"] = OTHERS_NUMBER
    return replace(answer, body=json.dumps(body).encode())


def _stopped(answer: SandboxResponse) -> SandboxResponse:
    """The record as it will be one day."""
    return replace(answer, body=json.dumps({**json.loads(answer.body), "status": "entered-in-error"}).encode())


def _somebody(handler: Handler) -> Handler:
    """An id that nothing has gives the first patient there is."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        answer = handler(request)
        if answer.status == 404 and request.path.startswith("/Patient/"):
            return handler(replace(request, path=f"/Patient/{FIRST}"))
        return answer

    return handle


def _for_unknown(kind: str) -> Callable[[Handler], Handler]:
    """A patient whom the service does not know has the records of the first one."""

    def wrapped(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            answer = handler(request)
            if request.path != f"/{kind}" or answer.status != 200 or b'"mode":"match"' in answer.body:
                return answer
            query = tuple((name, FIRST if name == "patient" else value) for name, value in request.query)
            return handler(replace(request, query=query)) if len(query) == 1 else answer

        return handle

    return wrapped


def _another(handler: Handler) -> Handler:
    """The other patient's number finds the first one."""

    def handle(request: SandboxRequest) -> SandboxResponse:
        query = tuple((name, value.replace("NM-205001", "NM-104117")) for name, value in request.query)
        return handler(replace(request, query=query))

    return handle


def _bad_check_digit(bundle: Bundle, kind: str, number: int) -> None:
    for entry in bundle.get("entry", ()):
        if kind == "Patient" and entry["resource"]["id"] not in (FIRST, OTHER):
            _misread_number(entry["resource"])


def found(kind: str) -> When:
    return lambda request, answer: request.path == f"/{kind}" and answer.status == 200


def asking(kind: str, parameter: str, value: str = "") -> When:
    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        asked = [text for name, text in request.query if name == parameter]
        return request.path == f"/{kind}" and bool(asked) and value in ("", *asked)

    return when


def put(**members: Any) -> Change:
    def changed(value: Any) -> None:
        value.update(copy.deepcopy(members))

    return changed


def drop(*members: str) -> Change:
    def changed(value: Any) -> None:
        for member in members:
            value.pop(member, None)

    return changed


def refused(status: int, text: str = "No.") -> Callable[[SandboxResponse], SandboxResponse]:
    issue = [{"severity": "error", "code": "exception", "diagnostics": text}]
    body = json.dumps({"resourceType": "OperationOutcome", "issue": issue}).encode()
    return lambda answer: SandboxResponse(status, answer.headers, body)


def headed(name: str, value: str) -> Callable[[SandboxResponse], SandboxResponse]:
    return lambda answer: answer.with_header(name, value)


# --- the declaration -------------------------------------------------------------------------------------


def declared(name: str, kind: str, change: Change) -> CareFault:
    """What is declared of one resource type is changed."""

    def changed(statement: Resource) -> None:
        for entry in statement["rest"][0]["resource"]:
            if entry["type"] == kind:
                change(entry)

    return edit(name, "CapabilityStatement", changed)


def untold(name: str, kind: str, parameter: str) -> CareFault:
    def changed(entry: Resource) -> None:
        entry["searchParam"] = [one for one in entry["searchParam"] if one["name"] != parameter]

    return declared(name, kind, changed)


def interactions(*codes: str) -> Change:
    return put(interaction=[{"code": code} for code in codes])


def _mode(statement: Resource) -> None:
    statement["rest"][0]["mode"] = "client"


def _left_out(statement: Resource) -> None:
    rest = statement["rest"][0]
    rest["resource"] = [entry for entry in rest["resource"] if entry["type"] != "MedicationDispense"]


def _not_instantiated(actor: str) -> Change:
    def changed(statement: Resource) -> None:
        statement["instantiates"] = [text for text in statement["instantiates"] if actor not in text]

    return changed


# --- Bundles ---------------------------------------------------------------------------------------------


def _no_mode(bundle: Bundle, kind: str, number: int) -> None:
    for entry in bundle.get("entry", ()):
        if kind == "Patient":
            del entry["search"]


def _other_address(bundle: Bundle, kind: str, number: int) -> None:
    for entry in bundle.get("entry", ())[:1]:
        if kind == "AllergyIntolerance":
            entry["fullUrl"] += "0"


def _other_type(bundle: Bundle, kind: str, number: int) -> None:
    for entry in bundle.get("entry", ()):
        if kind == "MedicationRequest" and entry["resource"]["id"] == "mr-01":
            entry["resource"]["resourceType"] = "MedicationStatement"


def _page_total(bundle: Bundle, kind: str, number: int) -> None:
    bundle["total"] = sum(entry["search"]["mode"] == "match" for entry in bundle.get("entry", ()))


def _all_total(bundle: Bundle, kind: str, number: int) -> None:
    if kind == "Immunization":
        bundle["total"] = len(bundle.get("entry", ()))


def _address(bundle: Bundle, relation: str) -> str:
    return next((str(link["url"]) for link in bundle["link"] if link["relation"] == relation), "")


def _to_itself(bundle: Bundle, kind: str, number: int) -> None:
    if number > 1 and not _address(bundle, "next"):
        bundle["link"].append({"relation": "next", "url": _address(bundle, "self")})


def _to_the_first(bundle: Bundle, kind: str, number: int) -> None:
    if number > 1 and not _address(bundle, "next"):
        url = _address(bundle, "self").replace(f"page={number}", "page=2")
        bundle["link"].append({"relation": "next", "url": url})


def _next(change: Callable[[str], str]) -> Callable[[Bundle, str, int], None]:
    def changed(bundle: Bundle, kind: str, number: int) -> None:
        for link in bundle["link"]:
            if link["relation"] == "next":
                link["url"] = change(link["url"])

    return changed


def _elsewhere(url: str) -> str:
    return f"{ELSEWHERE}/{url.partition('://')[2].partition('/')[2]}"


def _no_self(bundle: Bundle, kind: str, number: int) -> None:
    bundle["link"] = [link for link in bundle["link"] if link["relation"] != "self"]
    if not bundle["link"]:
        del bundle["link"]


def _collection(bundle: Bundle, kind: str, number: int) -> None:
    if kind == "MedicationStatement":
        bundle["type"] = "collection"


def _twice(answer: SandboxResponse) -> SandboxResponse:
    bundle = json.loads(answer.body)
    bundle["entry"] += bundle["entry"]
    bundle["total"] += 1
    return replace(answer, body=json.dumps(bundle).encode())


# --- people ----------------------------------------------------------------------------------------------


def _merged(name: str) -> CareFault:
    """The first patient's records stand under another id than the one that is known, everywhere and both ways."""
    known, other = FIRST.encode(), b"p-104118"

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            back = (other.decode(), FIRST)
            query = tuple((key, value.replace(*back) if key == "_id" else value) for key, value in request.query)
            answer = handler(replace(request, path=request.path.replace(*back), query=query))
            if not request.path.startswith("/Patient"):
                return answer
            return replace(answer, body=answer.body.replace(known, other))

        return handle

    return Fault(name, wrap=wrapper)


def _too_wide(name: str) -> CareFault:
    """A search by NHS number brings everybody."""

    def wrapper(handler: Handler) -> Handler:
        def handle(request: SandboxRequest) -> SandboxResponse:
            if any(key == "identifier" and value.startswith(NHS) for key, value in request.query):
                request = replace(request, query=())
            return handler(request)

        return handle

    return Fault(name, wrap=wrapper)


def _misread_number(patient: Resource) -> None:
    for entry in patient["identifier"]:
        if entry["system"] == NHS:
            entry["value"] = f"{entry['value'][:-1]}{(int(entry['value'][-1]) + 1) % 10}"


def _bare_number(patient: Resource) -> None:
    patient["identifier"].append({"value": "4417"})


# --- records ---------------------------------------------------------------------------------------------


def _whose(member: str, reference: str) -> Change:
    def changed(resource: Resource) -> None:
        resource[member] = {"reference": reference}

    return changed


def _nobody(member: str) -> Change:
    def changed(resource: Resource) -> None:
        resource[member] = {"display": "Ms R. Larkfield"}

    return changed


def _code(code: str) -> Change:
    def changed(resource: Resource) -> None:
        resource["clinicalStatus"]["coding"][0]["code"] = code

    return changed


def _catalogue(faults: Iterable[CareFault]) -> dict[str, CareFault]:
    return {fault.name: fault for fault in faults}


STATUS = {kind: "clinical-status" if kind == "AllergyIntolerance" else "status" for kind in CLINICAL}
SHORT = {
    "AllergyIntolerance": "allergy",
    "Immunization": "immunization",
    "MedicationAdministration": "administration",
    "MedicationDispense": "dispense",
    "MedicationRequest": "request",
    "MedicationStatement": "statement",
}

CATALOGUE: dict[str, CareFault] = _catalogue(
    [
        # the declaration
        edit("metadata-kind-requirements", "CapabilityStatement", put(kind="requirements")),
        edit("metadata-fhir-version-three", "CapabilityStatement", put(fhirVersion="3.0.2")),
        edit("metadata-mode-client", "CapabilityStatement", _mode),
        edit("metadata-xml-only", "CapabilityStatement", put(format=["application/fhir+xml"])),
        edit("metadata-format-text", "CapabilityStatement", put(format="json")),
        edit("metadata-index-not-named", "CapabilityStatement", _not_instantiated("PatientIndex")),
        edit("metadata-clinical-not-named", "CapabilityStatement", _not_instantiated("ClinicalData")),
        edit("metadata-dispenses-left-out", "CapabilityStatement", _left_out),
        answers("metadata-as-plain-text", found("metadata"), headed("Content-Type", "text/plain; charset=utf-8")),
        untold("metadata-identifier-untold", "Patient", "identifier"),
        untold("metadata-name-untold", "Patient", "name"),
        untold("metadata-birthdate-untold", "Patient", "birthdate"),
        *(untold(f"metadata-{SHORT[kind]}-status-untold", kind, STATUS[kind]) for kind in CLINICAL),
        declared("metadata-statements-not-searchable", "MedicationStatement", interactions("read")),
        declared("metadata-read-untold", "Patient", interactions("search-type")),
        without("read-declared-not-served", "readable", "Immunization"),
        answers("read-with-another-number", lambda request, answer: request.path == f"/Patient/{FIRST}", _renumbered),
        answers("read-in-another-state", lambda request, answer: request.path.startswith("/Immunization/"), _stopped),
        Fault("read-unknown-gives-somebody", wrap=_somebody),
        answers(
            "read-unknown-is-success",
            lambda request, answer: answer.status == 404 and request.path.startswith("/Immunization/"),
            lambda answer: replace(answer, status=200),
        ),
        deaf("dispense-date-declared-not-heeded", "MedicationDispense", "whenprepared"),
        # Bundles
        paging("entry-without-mode", _no_mode),
        paging("entry-at-another-address", _other_address),
        paging("entry-of-another-type", _other_type),
        paging("total-of-the-page", _page_total),
        paging("total-counts-warnings", _all_total),
        paging("next-link-to-itself", _to_itself),
        paging("next-link-to-an-earlier-page", _to_the_first),
        paging("next-link-to-another-host", _next(_elsewhere)),
        paging("next-link-is-no-address", _next(lambda url: "javascript:void(0)")),
        setting("pages-overlap", overlap=-1),
        setting("pages-with-a-gap", overlap=1),
        paging("self-link-missing", _no_self),
        setting("count-not-heeded", counted=False),
        paging("searchset-called-collection", _collection),
        answers(
            "patient-listed-twice",
            lambda request, answer: (
                request.path == "/Patient"
                and [name for name, _ in request.query] == ["identifier"]
                and FIRST.encode() in answer.body
            ),
            _twice,
        ),
        # people by identifier
        setting("identifier-system-not-compared", systems=False),
        _merged("identifier-leads-to-another-id"),
        setting("identifier-unknown-guessed", guess=True),
        adding("identifier-unknown-is-404", "missing", "Patient"),
        Fault("identifier-of-another-leads-to-the-first", wrap=_another),
        deaf("patient-id-not-heeded", "Patient", "_id"),
        _too_wide("nhs-number-search-too-wide"),
        edit("nhs-number-check-digit-wrong", "Patient", _misread_number),
        paging("nhs-number-of-a-namesake-wrong", _bad_check_digit),
        # people by name, gender, date of birth
        without("name-given-not-searched", "names", "given"),
        deaf("name-not-heeded", "Patient", "name"),
        loses("gender-loses-one", "Patient", "gender"),
        deaf("gender-not-heeded", "Patient", "gender"),
        adding("family-whole-only", "whole", "family"),
        deaf("given-not-heeded", "Patient", "given"),
        without("birthdate-by-year", "dates", "days"),
        answers(
            "birthdate-part-refused",
            lambda request, answer: any(name == "birthdate" and len(value) < 8 for name, value in request.query),
            refused(400, "A whole date is needed."),
        ),
        answers(
            "birthdate-from-refused",
            lambda request, answer: [value[:2] for name, value in request.query if name == "birthdate"] == ["ge"],
            refused(400, "A date is needed."),
        ),
        answers(
            "birthdate-twice-refused",
            lambda request, answer: sum(name == "birthdate" for name, _ in request.query) > 1,
            refused(400, "One date is needed."),
        ),
        adding("birthdate-lost-beside-family", "beside", ("birthdate", "family")),
        adding("birthdate-lost-beside-name", "beside", ("birthdate", "name")),
        adding("gender-lost-beside-family", "beside", ("gender", "family")),
        adding("gender-lost-beside-name", "beside", ("gender", "name")),
        edit("patient-number-without-system", "Patient", _bare_number),
        edit("patient-without-name", "Patient", drop("name")),
        edit("patient-without-gender", "Patient", drop("gender")),
        answers("patient-gender-other-refused", asking("Patient", "gender", "other"), refused(400)),
        answers(
            "patient-bad-gender-crashes",
            lambda request, answer: any(
                name == "gender" and value not in ("male", "female", "other", "unknown")
                for name, value in request.query
            ),
            refused(500, "Something went wrong."),
        ),
        # records
        edit("allergy-of-another-patient", "AllergyIntolerance", _whose("patient", f"Patient/{OTHER}"), "ai-2"),
        Fault("allergies-of-somebody-for-a-stranger", wrap=_for_unknown("AllergyIntolerance")),
        edit("immunization-of-nobody", "Immunization", _nobody("patient"), "im-1"),
        deaf("administration-patient-not-heeded", "MedicationAdministration", "patient"),
        edit("dispense-of-another-patient", "MedicationDispense", _whose("subject", f"Patient/{OTHER}"), "md-3"),
        adding("request-next-page-of-everybody", "leaks", "MedicationRequest"),
        edit("statement-of-a-relative", "MedicationStatement", _whose("subject", f"RelatedPerson/{FIRST}"), "ms-1"),
        adding("request-shared-by-two", "shared", "MedicationRequest"),
        *(deaf(f"{SHORT[kind]}-status-not-heeded", kind, STATUS[kind]) for kind in CLINICAL),
        *(loses(f"{SHORT[kind]}-status-loses-one", kind, STATUS[kind]) for kind in CLINICAL[:3]),
        deaf("administration-time-not-heeded", "MedicationAdministration", "effective-time"),
        loses("allergy-date-loses-one", "AllergyIntolerance", "date"),
        deaf("allergy-last-date-not-heeded", "AllergyIntolerance", "last-date"),
        answers(
            "immunization-date-prefix-refused",
            lambda request, answer: (
                request.path == "/Immunization"
                and any(name == "date" and value[:2] == "le" for name, value in request.query)
            ),
            refused(400, "A date is needed."),
        ),
        deaf("request-id-not-heeded", "MedicationRequest", "_id"),
        adding("statement-unknown-patient-is-404", "missing", "MedicationStatement"),
        edit("allergy-status-of-our-own", "AllergyIntolerance", _code("historic"), "ai-2"),
        edit("immunization-status-of-our-own", "Immunization", put(status="given"), "im-2"),
        edit("request-time-without-zone", "MedicationRequest", put(authoredOn="2022-12-01T09:00:00"), "mr-02"),
        answers(
            "statement-search-accepted-only", found("MedicationStatement"), lambda answer: replace(answer, status=202)
        ),
        # errors and media types
        without("bad-date-passed-over", "dates", "checked"),
        edit("refusal-without-outcome", "OperationOutcome", lambda value: {"error": value["issue"][0]["diagnostics"]}),
        edit("outcome-without-severity", "OperationOutcome", lambda value: value["issue"][0].pop("severity") and None),
        setting("unknown-parameter-refused", strict=True),
        answers(
            "plain-json-not-acceptable",
            lambda request, answer: request.header("accept") == "application/json",
            refused(406, "Ask for application/fhir+json."),
        ),
        answers(
            "error-shows-a-stack-trace",
            lambda request, answer: answer.status == 404,
            refused(404, 'Traceback (most recent call last): File "/srv/app/search.py", line 41, in find'),
        ),
        # who may read
        setting("open-to-strangers", closed=False),
        answers(
            "no-cors", lambda request, answer: True, lambda answer: answer.without_header("Access-Control-Allow-Origin")
        ),
        answers(
            "shared-caches-may-keep-it", lambda request, answer: True, headed("Cache-Control", "public, max-age=600")
        ),
    ]
)
