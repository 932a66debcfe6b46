"""Errors: the right status for the right reason, JSON, and nothing internal."""

from __future__ import annotations

import re

import pytest

from interop_harness.checks.errors import unknown_like, unknown_path
from interop_harness.checks.internals import internals
from interop_harness.plan import Case, Options
from interop_harness.sandbox.message import SandboxResponse
from tests.checks.miniature import directory, judged, outcome, reply, said, uuid

THING = {"operation": "getThing"}
MALFORMED = {**THING, "values": ["not-a-uuid", "0"], "expect": "no-server-error"}
FAMILIES = [
    ("unknown_path", {"expect": [404]}),
    ("unknown_id", {**THING, "expect": [404]}),
    ("malformed_id", MALFORMED),
    ("malformed_id", {**MALFORMED, "expect": "refused"}),
    ("malformed_id", {**MALFORMED, "expect": [400, 404]}),
    ("wrong_method", {"methods": ["HEAD", "OPTIONS"]}),
    ("body_json", {}),
    ("no_internals", {}),
]


def errors_as(status=None, body=None, kind="application/json"):
    """Every 404 is answered in another way."""

    def answer(request, response):
        if response.status != 404:
            return response
        return reply({"error": "nothing here"} if body is None else body, status or 404, kind)

    return directory(answer=answer)


def on_method(method, status):
    return directory(answer=lambda request, response: reply({}, status) if request.method == method else response)


@pytest.mark.parametrize(("family", "arguments"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_a_supplier_that_keeps_the_rule_passes(family, arguments):
    assert outcome(judged(f"errors.{family}", None, arguments)) == "pass"


DEFECTS = [
    ("unknown_path", {}, errors_as(200), "which does not exist"),
    ("unknown_path", {"expect": [404]}, errors_as(500), "500"),
    ("unknown_id", {**THING, "expect": [404]}, errors_as(200, "null"), "200 application/json"),
    ("unknown_id", {**THING, "expect": [404, 410]}, errors_as(500), "status 404 or 410"),
    ("malformed_id", MALFORMED, errors_as(500), "no server error for the id 'not-a-uuid'"),
    ("malformed_id", {**MALFORMED, "expect": "refused"}, errors_as(200), "a refusal (4xx)"),
    ("malformed_id", {**MALFORMED, "expect": [400]}, errors_as(404), "status 400"),
    ("wrong_method", {"methods": ["HEAD"]}, on_method("HEAD", 405), "status 200 for HEAD /, as for GET"),
    ("wrong_method", {"methods": ["OPTIONS"]}, on_method("OPTIONS", 500), "no server error for OPTIONS"),
    ("body_json", {}, errors_as(404, "<h1>Not found</h1>", "text/html"), "404 text/html"),
    ("body_json", {}, errors_as(404, "Not found"), "not JSON"),
    ("body_json", {}, errors_as(404, ""), "no body"),
    ("no_internals", {}, errors_as(404, 'Traceback (most recent call last):\n  File "x.py", line 1'), "Python stack"),
]


@pytest.mark.parametrize(
    ("family", "arguments", "handler", "words"), DEFECTS, ids=[f"{row[0]}-{n}" for n, row in enumerate(DEFECTS)]
)
def test_one_defect_is_found(family, arguments, handler, words):
    result = judged(f"errors.{family}", handler, arguments)
    assert outcome(result) == "fail"
    assert words in said(result)


@pytest.mark.parametrize(
    ("family", "arguments"),
    [row for row in FAMILIES if row[0] in ("unknown_path", "unknown_id", "malformed_id", "wrong_method")],
)
def test_a_refusal_counts_only_after_a_valid_request_was_accepted(family, arguments):
    everything_is_404 = directory(answer=lambda *_: reply({}, 404))
    assert outcome(judged(f"errors.{family}", everything_is_404, arguments)) == "inconclusive"


def test_a_throttled_answer_is_inconclusive():
    busy = errors_as(429)
    for family in ("unknown_path", "unknown_id", "malformed_id", "body_json", "no_internals"):
        assert outcome(judged(f"errors.{family}", busy, THING if "id" in family else {})) == "inconclusive", family


def test_what_comes_for_a_malformed_id_is_recorded():
    result = judged("errors.malformed_id", None, {**MALFORMED, "expect": "record"}, observe=True)
    assert outcome(result) == "observed"
    assert result.observations[0] == "/things/not-a-uuid answers 404 application/json."


def test_methods_that_write_need_to_be_allowed():
    arguments = {"methods": ["DELETE"], "expect": [405]}
    assert outcome(judged("errors.wrong_method", None, arguments)) == "not-applicable"
    allowed = Options(allow_writes=True)
    assert outcome(judged("errors.wrong_method", None, arguments, options=allowed)) == "pass"
    lenient = on_method("DELETE", 200)
    assert outcome(judged("errors.wrong_method", lenient, arguments, options=allowed)) == "fail"


def test_errors_of_the_planned_invalid_values_are_looked_at_too():
    leaky = directory(
        answer=lambda request, response: reply("ORA-00942: table", 400) if "page=x" in request.raw_query else response
    )
    invalid = {"operation": "listThings", "parameter": "page", "value": "x", "description": "letters"}
    case = Case("MINI-2", "MINI-2", "inputs.invalid", "Invalid.", invalid)
    assert outcome(judged("errors.no_internals", leaky)) == "pass"
    result = judged("errors.no_internals", leaky, more=[case])
    assert outcome(result) == "fail"
    assert "a database error" in said(result)


def test_an_empty_error_of_a_gateway_is_no_json():
    bare = directory(answer=lambda q, r: SandboxResponse(404, (), b"") if r.status == 404 else r)
    assert outcome(judged("errors.body_json", bare)) == "fail"


# --- ids that no record has --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "form"),
    [
        ([uuid(1, 1), uuid(1, 2)], r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ([uuid(0xAB, 1).upper()], r"[0-9A-F]{8}-[0-9A-F-]+"),
        (["1", "2", "33"], r"9\d\d"),
        (["1000000"], r"9\d{6}"),
        (["AB-12/x"], r"[A-Z]{2}-\d\d/[a-z]"),
        (["---"], r"---[a-z]{6}"),
    ],
)
def test_an_unknown_id_has_the_form_of_known_ones(known, form):
    made = unknown_like(known, "draw")
    assert re.fullmatch(form, made)
    assert made not in known
    assert made == unknown_like(known, "draw") != unknown_like(known, "another draw") or set(known) == {"---"}


def test_an_unknown_id_is_never_a_known_one():
    known = [str(n) for n in range(900, 1000)]
    assert unknown_like(known, "draw") not in known


def test_an_unknown_path_is_plain_letters():
    assert re.fullmatch(r"/[a-z]{12}", unknown_path("draw"))


# --- what errors must not show -----------------------------------------------------------------------------

LEAKS = [
    'Traceback (most recent call last):\n  File "/srv/app/views.py", line 10, in get',
    '{"detail": "Traceback (most recent call last):\\n  File \\"/srv/a.py\\", line 3"}',
    "java.lang.NullPointerException: Cannot invoke\n\tat uk.gov.Api.get(Api.java:42)",
    "org.springframework.web.HttpRequestMethodNotSupportedException",
    "System.NullReferenceException: Object reference not set",
    "   at Api.Controllers.Things.Get(String id) in C:\\src\\Things.cs:line 31",
    "TypeError: x is undefined\n    at Object.get (/home/node/server.js:10:5)",
    "<b>Fatal error</b>:  Uncaught Error: Call to undefined in /var/www/html/index.php on line <b>3</b>",
    "#0 /var/www/html/index.php(12): main()",
    "app/models/thing.rb:12:in `find'",
    "panic: runtime error\n\ngoroutine 1 [running]:\nmain.main()",
    'SQLSTATE[42P01]: relation "things" does not exist',
    "ORA-00942: table or view does not exist",
    'psycopg2.errors.InvalidTextRepresentation: invalid input syntax for type uuid: "x"',
    "SELECT id, name FROM things WHERE id = 'x' ",
    '{"path": "/var/www/html/src/Controller.php"}',
    '{"path": "\\/var\\/www\\/html\\/src\\/Controller.php"}',
    '{"path": "C:\\\\inetpub\\\\wwwroot\\\\Api\\\\Web.config"}',
    "<title>Werkzeug Debugger</title>",
]
HARMLESS = [
    '{"error": "There is no service with this id."}',
    '{"error": "Please select a date from the list where the service is open."}',
    '{"type": "https://example.org/errors/not-found", "title": "Not Found", "status": 404, "traceId": "00-ab-01"}',
    "Warning: the service may be closed. Notice: see https://example.org/help.php",
    '<script src="/app/static/main.js"></script><link href="/srv/site/style.js">',
    "The exception to this rule is System maintenance at night (02:00:00).",
    '{"error": "Unexpected error at line 3 of your request"}',
    "See https://example.org/usr/share/page.py for help",
    '{"error": "invalid input", "stack": null, "exception": "NotFound"}',
    "Requested at 12:30:45 at example.org (10:20:30)",
]


@pytest.mark.parametrize("text", LEAKS)
def test_the_inside_of_the_software_is_recognised(text):
    assert internals(text.encode(), "/things/1") is not None


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_messages_are_no_inside(text):
    assert internals(text.encode(), "/things/1") is None


def test_what_the_request_said_itself_is_no_inside():
    body = b'{"error": "No thing is called SELECT a FROM b WHERE c"}'
    assert internals(body, "/things?word=SELECT%20a%20FROM%20b%20WHERE%20c") is None


@pytest.mark.parametrize(
    "piece", [b"\n", b" at ", b"at a.", b"SELECT FROM ", b"Warning: in ", b"/srv/a", b"C:\\a\\", b"a.b."]
)
def test_a_hostile_body_is_searched_in_bounded_time(piece):
    import time

    started = time.process_time()
    internals(piece * (1_000_000 // len(piece)), "/x")
    assert time.process_time() - started < 2
