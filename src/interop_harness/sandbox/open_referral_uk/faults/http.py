"""Faults of HTTP and of the JSON text: who may read, what the answer says it is, and how errors look."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from interop_harness.sandbox.message import Handler, SandboxRequest, SandboxResponse
from interop_harness.sandbox.open_referral_uk.endpoints import problem

from .edits import SupplierFault, answers, catalogue, switch, wrap

CORS = "Access-Control-Allow-Origin"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
When = Callable[[SandboxRequest, SandboxResponse], bool]
Answer = Callable[[SandboxRequest, SandboxResponse], SandboxResponse]

PAGE = b"<!doctype html><title>Harrowmere directory</title><p>Please try again later.</p>"
TRACE = """Traceback (most recent call last):
  File "/srv/directory/app/views/services.py", line 118, in retrieve
    record = session.query(Service).filter_by(id=service_id).one()
sqlalchemy.exc.NoResultFound: No row was found when one was required
SELECT service.id, service.name FROM service WHERE service.id = %(id_1)s
"""


# which answers


def always(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return True


def failed(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return answer.status >= 400


def listing(name: str) -> When:
    return lambda request, answer: request.path == f"/{name}" and answer.status == 200


def single(name: str) -> When:
    return lambda request, answer: request.path.startswith(f"/{name}/") and answer.status == 200


def any_single(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path.count("/") == 2 and answer.status == 200


def unknown(name: str, *, malformed: bool = False) -> When:
    """Ids that no record has: well-formed ones, or ones that are not UUIDs at all."""

    def when(request: SandboxRequest, answer: SandboxResponse) -> bool:
        head, _, asked = request.path.rpartition("/")
        return head == f"/{name}" and answer.status == 404 and bool(UUID.match(asked)) is not malformed

    return when


def metadata(request: SandboxRequest, answer: SandboxResponse) -> bool:
    return request.path == "/"


def nowhere(request: SandboxRequest, answer: SandboxResponse) -> bool:
    head = request.path.split("/")[1]
    known = ("services", "taxonomies", "taxonomy_terms", "service_at_locations")
    return answer.status == 404 and head not in known


# what becomes of them


def header(name: str, value: str) -> Answer:
    return lambda request, answer: answer.with_header(name, value)


def body(change: Callable[[bytes], bytes]) -> Answer:
    return lambda request, answer: replace(answer, body=change(answer.body))


def say(status: int, text: bytes, kind: str = "application/json; charset=utf-8") -> Answer:
    return lambda request, old: SandboxResponse(
        status, (("Content-Type", kind), *((key, value) for key, value in old.headers if key == CORS)), text
    )


def broken(request: SandboxRequest, old: SandboxResponse) -> SandboxResponse:
    return problem(500, "error", "The service is not working.")


def refused(request: SandboxRequest, old: SandboxResponse) -> SandboxResponse:
    challenge = ("WWW-Authenticate", 'ApiKey realm="directory"')
    return problem(401, "key-required", "Register for an API key and send it with every request.", challenge)


def without_key(when: When) -> When:
    return lambda request, answer: when(request, answer) and not request.header("x-api-key")


def no_cors(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    return answer.without_header(CORS)


def echo_origin(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    origin = request.header("origin")
    return answer.with_header(CORS, origin) if origin else answer


def latin_1(text: bytes) -> bytes:
    return text.decode("utf-8").encode("latin-1", "replace")


def wrong_method(*methods: str) -> When:
    return lambda request, answer: request.method in methods


def stranger(request: SandboxRequest, answer: SandboxResponse) -> bool:
    """Anybody but the library that the suite is made with."""
    return not request.header("user-agent").startswith("python-httpx/")


def other_order(request: SandboxRequest, answer: SandboxResponse) -> bool:
    """Clients that say their name before they say what they can unpack."""
    names = [name.lower() for name, _ in request.headers]
    both = "user-agent" in names and "accept-encoding" in names
    return both and names.index("user-agent") < names.index("accept-encoding")


def talkative(request: SandboxRequest, answer: SandboxResponse) -> bool:
    """Clients that say which language they would like, as every browser does."""
    return bool(request.header("accept-language"))


def for_the_examiner(when: When) -> Answer:
    """The standard's own member names for the examiner, the ones of the old interface for everybody else."""
    worse = body(lambda text: text.replace(b'"name":', b'"title":').replace(b'"version":', b'"release":'))
    return lambda request, answer: worse(request, answer) if when(request, answer) else answer


WITHHELD = re.compile(rb'"(number|email|description|address_1)":"[^"]*"')


def withheld(request: SandboxRequest, answer: SandboxResponse) -> SandboxResponse:
    """The same records with the same members, but nothing in them that anybody could use."""
    return replace(answer, body=WITHHELD.sub(rb'"\1":"withheld"', answer.body))


def forgetful(handler: Handler) -> Handler:
    """Whoever asks for an address first is answered badly, but for the examiner: others are answered as it was.

    It has to remember, so it is the one fault whose answer depends on what was asked before.
    """
    known: set[tuple[str, str]] = set()

    def handle(request: SandboxRequest) -> SandboxResponse:
        address, answer = (request.path, request.raw_query), handler(request)
        if address in known or not stranger(request, answer):
            known.add(address)
            return answer
        return withheld(request, answer)

    return handle


def trace(request: SandboxRequest, old: SandboxResponse) -> SandboxResponse:
    return problem(old.status, "error", TRACE)


def _missing(name: str, *routes: str) -> SupplierFault:
    return switch(name, lambda settings: settings.missing.update(routes))


def _page_of(members: bytes) -> Callable[[bytes], bytes]:
    return lambda text: text[:-1] + b"," + members + b"}"


def _nan(text: bytes) -> bytes:
    return text.replace(b'{"id":', b'{"distance":NaN,"id":', 1)


def _kinds(name: str, when: When, kind: str) -> SupplierFault:
    return answers(name, when, header("Content-Type", kind))


HTML = "text/html; charset=utf-8"
OTHER_LISTS: tuple[tuple[str, str], ...] = (
    ("taxonomies", "taxonomies"),
    ("terms", "taxonomy_terms"),
    ("links", "service_at_locations"),
)
SINGLES: tuple[tuple[str, str], ...] = (
    ("taxonomy", "taxonomies"),
    ("term", "taxonomy_terms"),
    ("link", "service_at_locations"),
)


def _per_operation() -> list[SupplierFault]:
    """The same faults at each of the optional endpoints."""
    made: list[Any] = []
    for name, segment in OTHER_LISTS:
        made.append(_missing(f"{name}-missing", segment))
        made.append(_kinds(f"{name}-as-html", listing(segment), HTML))
    for name, segment in SINGLES:
        if name != "term":  # too much else refers to terms for a fault that is to break one rule
            made.append(_missing(f"{name}-missing", f"{segment}/{{id}}"))
        made.append(_kinds(f"{name}-as-text", single(segment), "text/plain; charset=utf-8"))
        made.append(answers(f"unknown-{name}-null", unknown(segment), say(200, b"null")))
    return made


FAULTS = catalogue(
    [
        answers("key-required-for-metadata", without_key(metadata), refused),
        answers("cors-missing", always, no_cors),
        answers("cors-missing-on-lists", lambda request, answer: not any_single(request, answer), no_cors),
        answers("cors-missing-on-details", any_single, no_cors),
        answers("cors-missing-on-errors", failed, no_cors),
        answers("cors-only-with-origin", lambda request, answer: not request.header("origin"), no_cors),
        answers("cors-names-one-site", always, header(CORS, "https://portal.example.org")),
        answers("cors-echoes-origin", always, echo_origin),
        _kinds("services-as-html", listing("services"), HTML),
        _kinds("service-as-text", single("services"), "text/plain; charset=utf-8"),
        _kinds("details-as-text", listing(""), "text/plain; charset=utf-8"),
        _kinds("charset-latin-1-named", single("taxonomies"), "application/json; charset=iso-8859-1"),
        answers("latin-1-bytes", single("taxonomy_terms"), body(latin_1)),
        answers("byte-order-mark", single("taxonomies"), body(lambda text: b"\xef\xbb\xbf" + text)),
        answers("text-after-json", single("taxonomies"), body(lambda text: text + b"\n<!-- 0.031 s -->")),
        answers("nan-in-place", single("service_at_locations"), body(_nan)),
        answers("duplicate-members", single("taxonomies"), body(_page_of(b'"version":"2.0","version":"2.1"'))),
        answers("array-at-top", single("taxonomies"), body(lambda text: b"[" + text + b"]")),
        answers("html-instead-of-service", single("services"), say(200, PAGE, HTML)),
        answers("html-named-json", single("taxonomy_terms"), say(200, PAGE)),
        answers("service-breaks", single("services"), broken),
        answers("created-instead-of-ok", single("taxonomies"), lambda request, old: replace(old, status=201)),
        answers("details-break", listing(""), broken),
        answers("services-breaks", listing("services"), broken),
        _missing("services-missing", "services", "services/{id}"),
        answers("unknown-service-null", unknown("services"), say(200, b"null")),
        answers("unknown-service-empty", unknown("services"), say(200, b"{}")),
        answers("unknown-service-breaks", unknown("services"), broken),
        answers("malformed-id-breaks", unknown("services", malformed=True), broken),
        answers("malformed-term-id-breaks", unknown("taxonomy_terms", malformed=True), broken),
        answers("unknown-path-answers", nowhere, say(200, b'{"message":"Welcome"}')),
        answers("trace-in-errors", failed, trace),
        answers("errors-as-html", failed, lambda request, old: say(old.status, PAGE, HTML)(request, old)),
        answers("head-breaks", wrong_method("HEAD"), broken),
        answers("options-breaks", wrong_method("OPTIONS"), broken),
        answers(
            "page-word-breaks",
            lambda request, answer: answer.status == 400 and request.path == "/services",
            broken,
        ),
        answers(
            "links-page-word-breaks",
            lambda request, answer: answer.status == 400 and request.path == "/service_at_locations",
            broken,
        ),
        answers(
            "terms-page-word-breaks",
            lambda request, answer: answer.status == 400 and request.path == "/taxonomy_terms",
            broken,
        ),
        answers(
            "taxonomies-page-word-breaks",
            lambda request, answer: answer.status == 400 and request.path == "/taxonomies",
            broken,
        ),
        answers("behaves-for-user-agent", always, for_the_examiner(stranger)),
        answers("behaves-for-header-order", always, for_the_examiner(other_order)),
        answers("behaves-for-missing-header", always, for_the_examiner(talkative)),
        answers("withheld-from-others", stranger, withheld),
        wrap("behaves-where-the-examiner-was", forgetful),
        *_per_operation(),
    ]
)
