"""Mutants of how answers travel: status, headers, media type, character set, text, errors, CORS, credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interop_harness.assurance.assay import bodies
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.mutant import Mutant, answered, answering
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case
from interop_harness.profile import Operation

if TYPE_CHECKING:
    from interop_harness.sandbox.message import SandboxRequest, SandboxResponse

TRACE = (
    b"Traceback (most recent call last):\n"
    b'  File "/srv/app/views.py", line 118, in show\n'
    b"    row = cursor.fetchone()[0]\nTypeError: 'NoneType' object is not subscriptable\n"
)
PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
When = Callable[["SandboxRequest", "SandboxResponse"], bool]


def succeeded(ground: Ground, operation: Operation) -> When:
    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request) if 200 <= answer.status < 300 and request.method != "OPTIONS" else None
        return found is not None and found.id == operation.id

    return when


def failed(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return answer.status >= 400


def mutants(ground: Ground) -> Iterator[Mutant]:
    """What every operation can get wrong."""
    for operation in ground.operations:
        yield from _statuses(ground, operation)
        yield from _media_types(ground, operation)
        yield from _texts(ground, operation)
        yield from _unknown(ground, operation)
    yield from _errors(ground)


def _statuses(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    rows = ground.order(
        (*ground.generated(operation.id, "status"), *ground.rows(lambda case: _asks(case, operation.id)))
    )
    if not operation.safe:
        rows = ground.order((*rows, *ground.families("roundtrip")))
    if not ground.generated(operation.id, "status"):
        return
    for status in (201, 202, 203, 206, 300, 304, 400, 401, 403, 404, 405, 500, 501, 502):
        if status in operation.success or (status in (401, 403) and ground.plan.implementation.auth.kind != "none"):
            continue  # credentials that are refused are a matter of the target file, and no finding
        empty = status in (300, 304) or status >= 400
        yield mutant(
            operation.id,
            f"status-{status}",
            "",
            EVERY,
            f"{operation.method} {operation.path} answers {status} where it should succeed",
            ground.order((*rows, *ground.families("openaccess.anonymous")) if status in (401, 403) else rows),
            answering(
                succeeded(ground, operation),
                lambda request, answer, status=status, empty=empty: replace(  # type: ignore[misc]
                    answer, status=status, body=b'{"error":"no"}' if empty else answer.body
                ),
            ),
        )


def _asks(case: Case, operation: str) -> bool:
    return operation in {str(case.arguments.get(name)) for name in ("operation", "item", "target", "detail")}


def _media_types(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    rows = ground.order(
        (
            *ground.generated(operation.id, "media-type"),
            *ground.families("responses.media_type", "responses.asked_media_type"),
            *ground.generated(operation.id, "schema"),
            *ground.families("formats.same"),
        )
    )
    if not ground.generated(operation.id, "media-type"):
        return
    here = next(iter(operation.media_types((*operation.success, 200)[0])), "")
    for kind, value in (
        ("text", "text/plain; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("octets", "application/octet-stream"),
        ("other", "application/xml" if "json" in here else "application/json"),
        ("misspelt", here.replace("/", "/x-", 1)),
        ("none", ""),
    ):
        change = _header("Content-Type", value)
        yield mutant(
            operation.id,
            f"media-type-{kind}",
            "",
            EVERY,
            f"{operation.method} {operation.path} says it answers {value or 'nothing'} (Content-Type)",
            rows,
            answering(succeeded(ground, operation), change),
        )
    charsets = ground.order(ground.families("responses.charset", "responses.utf8"))
    if charsets:
        for name in ("iso-8859-1", "utf-16", "windows-1252"):
            yield mutant(
                operation.id,
                f"charset-{name}",
                "",
                EVERY,
                f"{operation.method} {operation.path} says that its text is {name}",
                charsets,
                answering(succeeded(ground, operation), _header("Content-Type", f"{here}; charset={name}")),
            )
    named = ground.rows(lambda case: case.family == "responses.charset" and case.arguments.get("named") is True)
    if named:
        yield mutant(
            operation.id,
            "charset-unnamed",
            "",
            EVERY,
            f"{operation.method} {operation.path} names no character set",
            ground.order(named),
            answering(succeeded(ground, operation), _header("Content-Type", here)),
        )


def _header(name: str, value: str) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return answer.with_header(name, value) if value else answer.without_header(name)

    return change


def _body(make: Callable[[bytes], bytes]) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def change(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        return replace(answer.without_header("content-length"), body=make(answer.body))

    return change


def _texts(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    """The bytes of a body: no longer JSON or XML, no longer UTF-8, or readable in two ways."""
    schema = ground.generated(operation.id, "schema")
    strict = _rules(ground)
    utf8 = ground.families("responses.utf8")
    xml = ground.in_xml(operation)
    changes: list[tuple[str, str, Sequence[str], Callable[[bytes], bytes]]] = [
        ("body-empty", "nothing", schema, lambda body: b""),
        ("body-html", "an HTML page", schema, lambda body: PAGE),
        ("body-cut", "a body that breaks off", schema, lambda body: body[: len(body) * 2 // 3]),
        ("body-latin-1", "text in Latin-1", (*utf8, *schema), _latin_1),
        ("body-utf-16", "text in UTF-16", (*utf8, *schema), lambda body: body.decode().encode("utf-16")),
    ]
    if xml:
        safe = ground.families("formats.safe_xml", "formats.declaration", "formats.plain_names")
        doctype = b'<!DOCTYPE d [<!ENTITY e "x">]>'
        changes += [
            ("xml-doctype", "a document type", (*safe, *schema), lambda body: body.replace(b"?>", b"?>" + doctype, 1)),
            ("xml-no-declaration", "no XML declaration", safe, lambda body: re.sub(rb"^<\?xml.*?\?>\s*", b"", body)),
            ("xml-latin-1", "a declaration of Latin-1", safe, lambda body: body.replace(b"utf-8", b"iso-8859-1", 1)),
            ("xml-namespace", "a foreign namespace", (*safe, *schema), _namespace),
            ("xml-root-renamed", "another root element", schema, _root_renamed),
        ]
    else:
        changes += [
            ("json-bom", "a byte order mark", strict.get("bom", ()), lambda body: b"\xef\xbb\xbf" + body),
            ("json-nan", "NaN", (*strict.get("constants", ()), *schema), _nan),
            ("json-trailing", "two JSON texts", (*strict.get("trailing", ()), *schema), lambda body: body + b" {}"),
            ("json-comma", "a comma too many", (*strict.get("trailing", ()), *schema), _comma),
            ("json-single-quotes", "JSON in single quotes", (*strict.get("trailing", ()), *schema), _quotes),
            ("json-twice", "a name twice in an object", strict.get("duplicates", ()), _twice),
        ]
        objects = ground.families("responses.top_level_object")
        changes.append(("json-in-array", "its body in an array", (*schema, *objects), lambda body: b"[" + body + b"]"))
        changes.append(
            ("json-in-text", "its JSON as text", (*schema, *objects), lambda b: json.dumps(b.decode()).encode())
        )
    for kind, told, rows, change in changes:
        if ground.order(rows):
            yield mutant(
                operation.id,
                kind,
                "",
                EVERY,
                f"{operation.method} {operation.path} answers with {told}",
                ground.order(rows),
                answering(succeeded(ground, operation), _body(change)),
            )


def _rules(ground: Ground) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in ("bom", "constants", "trailing", "duplicates"):
        found[name] = ground.rows(
            lambda case, name=name: (  # type: ignore[misc]
                case.family == "responses.strict_json"
                and name in case.arguments.get("rules", ("bom", "constants", "trailing", "duplicates"))
            )
        )
    return found


def _latin_1(body: bytes) -> bytes:
    """Accents as single bytes; a word with one is put in where the text has none to tell the two apart."""
    made = body.decode("utf-8").encode("latin-1", "replace")
    try:
        made.decode("utf-8")
    except UnicodeDecodeError:
        return made
    return re.sub(rb"(\"|>)([A-Za-z][A-Za-z .,]{2,})(\"|<)", b"\\1\\2 caf\xe9\\3", made)


def _quoted(body: bytes) -> bytes:
    return json.dumps(body.decode("utf-8")).encode()


def _nan(body: bytes) -> bytes:
    return re.sub(rb":\s*(-?\d+(\.\d+)?|true|false|null|\"[^\"]*\")", b":NaN", body, count=1)


def _comma(body: bytes) -> bytes:
    return re.sub(rb"([}\]])\s*$", b",\\1", body)


def _quotes(body: bytes) -> bytes:
    return body.replace(b'"', b"'")


def _twice(body: bytes) -> bytes:
    found = re.search(rb'"(\w+)"\s*:\s*("[^"\\]*"|\d+|true|false|null)(?=\s*[,}])', body)
    return body[: found.start()] + found[0] + b"," + body[found.start() :] if found else body


def _namespace(body: bytes) -> bytes:
    return re.sub(rb"<([a-z_]+)>", b'<\\1 xmlns="urn:example:other">', body, count=1)


def _root_renamed(body: bytes) -> bytes:
    found = re.search(rb"<([a-z_]+)", body)
    return body.replace(found[1] + b">", b"answer>") if found else body


def _unknown(ground: Ground, operation: Operation) -> Iterator[Mutant]:
    """An id that no record has is answered as if it had one, or breaks the service."""
    rows = ground.generated(operation.id, "unknown-id")
    named = ground.order(
        (
            *rows,
            *ground.rows(
                lambda case: case.family in {"errors.malformed_id", "formats.refusal"} and _asks(case, operation.id)
            ),
        )
    )
    if not named:
        return
    good = ground.good(operation.id)

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return answer.status >= 400 and found is not None and found.id == operation.id

    known = ground.get(good[0].target) if good and operation.method == "GET" else None
    for status in (400, 403, 500) if rows else (500,):
        yield mutant(
            operation.id,
            f"unknown-id-{status}",
            "",
            EVERY,
            f"{operation.path} answers {status} for an id that no record has",
            named,
            answering(when, answered(status)),
        )
    if not rows:
        return
    if known is not None and known.status == 200:
        yield mutant(
            operation.id,
            "unknown-id-200",
            "",
            EVERY,
            f"{operation.path} answers an id that no record has with another record",
            named,
            answering(when, lambda request, answer: known),
        )
    yield mutant(
        operation.id,
        "unknown-id-200-empty",
        "",
        EVERY,
        f"{operation.path} answers 200 and an empty object for an id that no record has",
        named,
        answering(when, lambda request, answer: replace(answer, status=200, body=b"{}")),
    )


def _errors(ground: Ground) -> Iterator[Mutant]:
    shown = ground.order(ground.families("errors.no_internals"))
    body = ground.order((*ground.families("errors.body_json"), *shown))
    document = ground.order((*ground.families("formats.refusal", "refusals.body", "decisions.bodies"), *body))
    changes: list[tuple[str, str, Sequence[str], Callable[[bytes], bytes]]] = [
        ("error-trace", "a stack trace", (*shown, *document), lambda old: TRACE),
        (
            "error-path",
            "a source path",
            (*shown, *document),
            _worded("in C:\\inetpub\\app\\Show.cs:line 41"),
        ),
        (
            "error-query",
            "a database query",
            (*shown, *document),
            _worded("near 'SELECT * FROM people WHERE id='"),
        ),
        ("error-html", "an HTML page", document, lambda old: PAGE),
        ("error-empty", "no body", document, lambda old: b""),
    ]
    for kind, told, rows, change in changes:
        if ground.order(rows):
            yield mutant(
                "errors",
                kind,
                "",
                EVERY,
                f"errors come with {told}",
                ground.order(rows),
                answering(failed, _error(change, kind)),
            )


def _worded(words: str) -> Callable[[bytes], bytes]:
    """A body that says something it should not, in the format of the body it replaces."""
    xml = f"<errors><error><code>500</code><description>{words}</description></error></errors>"

    def made(old: bytes) -> bytes:
        if old.lstrip().startswith(b"<"):
            return f'<?xml version="1.0" encoding="utf-8"?>{xml}'.encode()
        return json.dumps({"error": words}).encode()

    return made


def _error(change: Callable[[bytes], bytes], kind: str) -> Callable[[SandboxRequest, SandboxResponse], SandboxResponse]:
    def made(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
        new = _body(change)(request, answer)
        if kind == "error-html":
            return new.with_header("Content-Type", "text/html; charset=utf-8")
        return new.with_header("Content-Type", "text/plain") if kind == "error-trace" else new

    return made


@rule("errors.unknown_path")
def unknown_path(ground: Ground, case: Case) -> Iterator[Mutant]:
    def nowhere(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return answer.status == 404 and ground.of(request) is None

    for status in (200, 302, 400, 403, 500):
        yield mutant(
            "errors",
            f"unknown-path-{status}",
            "",
            EVERY,
            f"a path that does not exist is answered with {status}",
            ground.order((case.requirement,)),
            answering(nowhere, answered(status)),
        )


@rule("errors.wrong_method")
def methods(ground: Ground, case: Case) -> Iterator[Mutant]:
    for method, status in (("HEAD", 404), ("HEAD", 405), ("HEAD", 500), ("OPTIONS", 500)):
        if method in case.arguments.get("methods", ("HEAD", "OPTIONS")):
            yield mutant(
                "methods",
                f"{method.lower()}-{status}",
                "",
                EVERY,
                f"{method} is answered with {status}",
                ground.order((case.requirement,)),
                answering(
                    lambda request, answer, method=method: request.method == method,  # type: ignore[misc]
                    answered(status),
                ),
            )


@rule("errors.malformed_id")
def malformed(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None or case.arguments.get("expect") == "record":
        return
    values = {str(value) for value in case.arguments.get("values", ("not-a-uuid", "0"))}

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and request.path.rpartition("/")[2] in values

    yield mutant(
        operation.id,
        "malformed-id-500",
        "",
        EVERY,
        f"{operation.path} breaks over an id of no form",
        ground.order((case.requirement,)),
        answering(when, lambda request, answer: replace(answer, status=500)),
    )


@rule("openaccess.cors")
def cors(ground: Ground, case: Case) -> Iterator[Mutant]:
    """The header that lets pages of other sites read is missing, narrow, or there twice."""
    kind = str(case.arguments.get("answer", "success"))
    name = "Access-Control-Allow-Origin"
    origin = case.arguments.get("origin")

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        if (kind == "error") != (answer.status >= 400) or bool(request.header("origin")) != bool(origin):
            return False
        found = ground.of(request)
        return kind == "error" or (found is not None and bool(found.path_parameters) == (kind == "detail"))

    asked = "with-origin" if origin else "without-origin"
    for how, told, change in (
        ("missing", "is missing", lambda q, a: a.without_header(name)),
        ("twice", "is there twice", lambda q, a: replace(a, headers=(*a.headers, (name, "*")))),
        ("one-site", "names one site", lambda q, a: a.with_header(name, "https://www.example.org")),
        ("list", "names two values in one line", lambda q, a: a.with_header(name, "*, https://www.example.org")),
        ("null", "says null", lambda q, a: a.with_header(name, "null")),
    ):
        yield mutant(
            "cors",
            f"cors-{how}",
            f"{kind}/{asked}",
            EVERY,
            f"{name} {told} on {kind} answers to requests {'with' if origin else 'without'} an Origin",
            ground.order((case.requirement, *ground.families("openaccess.cors"))),
            answering(when, change),
        )


@rule("openaccess.anonymous")
def keys_asked_for(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        if not operation.safe:
            continue
        for status in (401, 403):
            yield mutant(
                operation.id,
                f"key-asked-for-{status}",
                "",
                EVERY,
                f"{operation.path} asks for a key ({status})",
                ground.order((case.requirement, *ground.generated(operation.id, "status"))),
                answering(
                    succeeded(ground, operation),
                    lambda request, answer, status=status: replace(  # type: ignore[misc]
                        answer.with_header("WWW-Authenticate", "Bearer"), status=status, body=b'{"error":"key"}'
                    ),
                ),
            )


@rule("openaccess.same_base")
def elsewhere(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations[:6]:
        yield mutant(
            operation.id,
            "moved-to-another-host",
            "",
            EVERY,
            f"{operation.path} redirects to another host",
            ground.order(
                (case.requirement, *ground.generated(operation.id, "status"), *ground.families("openaccess.anonymous"))
            ),
            answering(
                succeeded(ground, operation),
                lambda request, answer: replace(
                    answer.with_header("Location", f"https://elsewhere.example.org{request.path}"), status=302, body=b""
                ),
            ),
        )


@rule("openaccess.closed", "access.closed")
def open_to_all(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Requests without credentials are answered as if they had some: on one operation, or refused wrongly."""
    rows = ground.order((case.requirement, *ground.families("access", "openaccess.closed")))
    for operation in ground.operations:
        answer = next(iter(ground.clean_answers(operation.id)), None)
        if answer is None:
            continue

        def refused(request: SandboxRequest, found: SandboxResponse, name: str = operation.id) -> bool:
            one = ground.of(request)
            return found.status in (401, 403) and one is not None and one.id == name

        yield mutant(
            operation.id,
            "open-to-all",
            "",
            EVERY,
            f"{operation.path} answers without credentials",
            rows,
            answering(refused, lambda request, found, answer=answer: answer),  # type: ignore[misc]
        )
        if 404 in case.arguments.get("expect", [404]):
            continue  # whoever hides what he guards has closed it too
        yield mutant(
            operation.id,
            "closed-with-404",
            "",
            EVERY,
            f"{operation.path} answers 404 for want of credentials",
            rows,
            answering(refused, lambda request, found: replace(found, status=404)),
        )


@rule("access.challenge")
def no_challenge(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield mutant(
        "access",
        "no-challenge",
        "",
        EVERY,
        "a refusal for want of credentials does not say how to be let in",
        ground.order((case.requirement,)),
        answering(lambda request, answer: answer.status == 401, _header("WWW-Authenticate", "")),
    )


@rule("access.accept")
def accept(ground: Ground, case: Case) -> Iterator[Mutant]:
    expect = case.arguments.get("expect")
    values = {str(value) for value in case.arguments.get("accept", ())}
    if not expect:
        return

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        return request.header("accept") in values and answer.status in expect

    other = 406 if 200 in expect else 200
    yield mutant(
        "access",
        f"accept-{other}",
        "/".join(sorted(values)),
        EVERY,
        f"Accept {', '.join(sorted(values))[:60]} is answered with {other}",
        ground.order((case.requirement, *ground.families("access"))),
        answering(when, lambda request, answer: replace(answer, status=other)),
    )


@rule("responses.cache_control")
def cached(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        for kind, value in (("missing", ""), ("public", "public, max-age=3600")):
            yield mutant(
                operation.id,
                f"cache-{kind}",
                "",
                EVERY,
                f"{operation.path}: Cache-Control is {value or 'missing'}",
                ground.order((case.requirement,)),
                answering(succeeded(ground, operation), _header("Cache-Control", value)),
            )


@rule("responses.key_case", "responses.data_keys", "responses.top_level_object")
def names(ground: Ground, case: Case) -> Iterator[Mutant]:
    for operation in ground.operations:
        if ground.in_xml(operation) or not isinstance(ground.good(operation.id)[0].value, (dict, list)):
            continue
        record = ground.record_path(operation)
        if case.family.endswith("data_keys"):
            kind, made = "data-as-name", {"10001234567": "a value", "2026-01-31": "another"}
        elif case.family.endswith("key_case"):
            kind, made = "names-mixed", {"campaignCode": "a", "campaign_name": "b", "campaign-kind": "c"}
        else:
            continue

        def added(value: Any, made: dict[str, str] = made) -> Any:
            return {**value, **made} if isinstance(value, dict) else value

        yield mutant(
            operation.id,
            kind,
            "",
            EVERY,
            f"{operation.path}: members named {', '.join(made)} are added to each record",
            ground.order((case.requirement, *ground.families("responses.key_case", "responses.data_keys"))),
            edit(ground, operation, record, added),
        )


@rule("refusals.status", "refusals.body", "refusals.repeats_status")
def refusals(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A wrong value is accepted, refused with another status, or refused in another shape."""
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return
    wrong = {(str(name), str(value)) for name, value in case.arguments["wrong"].items()}

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return found is not None and found.id == operation.id and bool(wrong & set(request.query))

    rows = ground.order((case.requirement, *ground.families("refusals")))
    if case.family.endswith("status"):
        for status in (200, 403, 404, 422, 500):
            if status not in case.arguments.get("expect", [400]):
                yield mutant(
                    operation.id,
                    f"wrong-value-{status}",
                    "/".join(sorted(name for name, _ in wrong)),
                    EVERY,
                    f"{operation.path} answers {status} to a value that cannot be right",
                    rows,
                    answering(when, answered(status)),
                )
        return
    members = case.arguments.get("members") or [str(case.arguments.get("member", ""))]
    for member in members:
        path = bodies.steps(str(member))
        said = ("other-number", lambda old: 999 if isinstance(old, int) else old)
        shape: tuple[tuple[str, Callable[[Any], Any]], ...] = (
            ("missing", lambda old: bodies.DROP),
            ("other-type", lambda old: {"text": old}),
        )
        for kind, change in (said,) if case.family.endswith("repeats_status") else shape:
            yield mutant(
                operation.id,
                f"refusal-{kind}",
                "/".join(path),
                EVERY,
                f"{operation.path}: {'/'.join(path)} of a refusal: {kind}",
                ground.order((*rows, *ground.generated(operation.id, "schema"))),
                edit(
                    ground,
                    operation,
                    path,
                    change,
                    status=400,
                    when=lambda request: bool(wrong & set(request.query)),
                ),
            )


@rule("formats.refusal")
def refused_in_format(ground: Ground, case: Case) -> Iterator[Mutant]:
    operation = ground.operation(str(case.arguments["operation"]))
    if operation is None:
        return

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        found = ground.of(request)
        return answer.status >= 400 and found is not None and found.id == operation.id

    rows = ground.order((case.requirement, *ground.rows(lambda c: _asks(c, operation.id)), *ground.families("errors")))
    rows = ground.order(
        (*rows, *ground.generated(operation.id, "unknown-id"), *ground.generated(operation.id, "invalid"))
    )
    for kind, change in (
        ("refusal-200", lambda q, a: replace(a, status=200)),
        ("refusal-500", lambda q, a: replace(a, status=500)),
        ("refusal-empty", lambda q, a: replace(a, body=b"")),
        ("refusal-html", lambda q, a: replace(a, body=PAGE).with_header("Content-Type", "text/html")),
        ("refusal-other-format", _other_format),
    ):
        yield mutant(
            operation.id,
            kind,
            "",
            EVERY,
            f"{operation.path}: a refusal is answered as {kind.removeprefix('refusal-').replace('-', ' ')}",
            rows,
            answering(when, change),
        )


def _other_format(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    if answer.header("content-type").partition(";")[0].endswith("xml"):
        return replace(answer, body=b'[{"code":404,"description":"Not found"}]').with_header(
            "Content-Type", "application/json; charset=utf-8"
        )
    made = b'<?xml version="1.0" encoding="utf-8"?><errors><error><code>404</code></error></errors>'
    return replace(answer, body=made).with_header("Content-Type", "text/xml; charset=utf-8")


@rule("formats.same")
def disagree(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Each member of the second format says something else than in the first."""
    from interop_harness.assurance.assay import near, shape

    second = ground.operation(str(case.arguments["operations"][1]))
    if second is None:
        return
    for site in shape.sites(ground, second):
        if isinstance(site.value, (dict, list)) or site.value in (None, ""):
            continue
        change = near.Near("other-in-this-format", "another value", _another)
        if shape.breaks(ground, site, change):
            continue
        yield from shape.scoped(ground, site, change, (case.requirement,), [EVERY])
        if not shape.breaks(ground, site, near.MISSING):
            gone = near.Near("missing-in-this-format", "left out", lambda _: bodies.DROP)
            yield from shape.scoped(ground, site, gone, (case.requirement,), [EVERY])


def _another(old: Any) -> Any:
    if isinstance(old, bool):
        return not old
    if isinstance(old, (int, float)):
        return old + 3
    text = str(old)
    if text[:2] == "20" and text[4:5] == "-":
        return text.replace(text[:4], str(int(text[:4]) - 1), 1)
    return f"{text} x" if text else "x"
