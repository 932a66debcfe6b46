"""Open access: anonymous, readable from other sites, under one address."""

from __future__ import annotations

import pytest

from interop_harness.plan import Case
from interop_harness.sandbox.message import SandboxResponse
from tests.checks.miniature import BASE, directory, implementation, judged, outcome, reply, said, uuid

KEYED = implementation(key=True)
ORIGIN = "https://directory.example.org"


def cors(kind, origin=ORIGIN):
    return {"answer": kind, "origin": origin}


@pytest.mark.parametrize("target", [implementation(), KEYED], ids=["no credentials", "with a key"])
def test_an_open_supplier_passes(target):
    result = judged("openaccess.anonymous", None, {"operations": "all"}, target=target)
    assert outcome(result) == "pass"
    assert len(result.exchanges) >= 5


def closed(request, response, status=401):
    return response if request.header("x-key") else reply({}, status)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (closed, "401"),
        (lambda request, response: closed(request, response, 403), "403"),
        (lambda request, response: closed(request, response, 404), "404"),
        (lambda request, response: response if request.header("x-key") else login("html"), "text/html"),
        (lambda request, response: response if request.header("x-key") else login("redirect"), "another host"),
        (lambda request, response: response if request.header("x-key") else reply({"contents": []}), "no record"),
    ],
    ids=["401", "403", "404", "login page", "login elsewhere", "nothing to see"],
)
def test_what_needs_a_key_is_found(answer, words):
    result = judged("openaccess.anonymous", directory(answer=answer), target=KEYED)
    assert outcome(result) == "fail"
    assert words in said(result)


def login(kind):
    if kind == "html":
        return reply("<form>", 200, "text/html")
    return SandboxResponse(302, (("Location", "https://login.example/"),), b"")


def test_a_refusal_without_any_credentials_is_found():
    assert outcome(judged("openaccess.anonymous", directory(answer=closed))) == "fail"


def test_a_supplier_that_is_down_is_not_called_closed():
    down = directory(answer=lambda request, response: reply({}, 500))
    assert outcome(judged("openaccess.anonymous", down)) == "inconclusive"
    assert outcome(judged("openaccess.anonymous", down, target=KEYED)) == "inconclusive"


# --- open on every page, too ---


def asking(family="filters.witness", **arguments):
    """A case of the run that asks the list of things with values that they have."""
    stated = {"operation": "listThings", "parameter": "word", "from": "/name", "match": "contains"}
    return Case("MINI-2", "MINI-2", family, "A filter.", {**stated, **arguments})


def guarded(picks, status=401, *, times=1000, control=200, key="x-key"):
    """What ``picks`` picks is answered with ``status`` but for whoever has a key, ``times`` times each.

    ``control`` is what everything is answered with once that has happened.
    """
    asked = {}

    def answer(request, response):
        if request.header(key) or response.status != 200:
            return response
        if picks(request):
            asked[request.path, request.raw_query] = asked.get((request.path, request.raw_query), 0) + 1
            if asked[request.path, request.raw_query] <= times:
                elsewhere = SandboxResponse(302, (("Location", "https://login.example/"),), b"")
                return elsewhere if status == 302 else reply({"error": "who asks?"}, status)
        return reply({"error": "no more"}, control) if asked and control != 200 else response

    return directory(answer=answer)


def later(request):
    return dict(request.query).get("page", "1") != "1"


def narrowed(request):
    return "word" in dict(request.query)


def records_but(*kept):
    return lambda request: request.path.startswith("/things/") and request.path not in kept


TARGETS = pytest.mark.parametrize("target", [implementation(), KEYED], ids=["no credentials", "with a key"])


@TARGETS
@pytest.mark.parametrize("status", [401, 403, 302])
@pytest.mark.parametrize(
    ("picks", "where"),
    [(later, "page="), (narrowed, "word="), (lambda request: bool(request.query), "page=")],
    ids=["later pages", "filtered lists", "whatever has parameters"],
)
def test_a_key_that_is_asked_for_beyond_the_plain_answer_is_found(picks, where, status, target):
    more = [asking()]
    result = judged("openaccess.anonymous", guarded(picks, status), {"operations": "all"}, target=target, more=more)
    assert outcome(result) == "fail"
    assert where in said(result) and "without any credentials" in said(result)


def shown_less(picks, *, status=200):
    """Whoever has no key sees fewer records, and so nothing where ``picks`` says."""

    def answer(request, response):
        less = picks(request) and not request.header("x-key") and response.status == 200
        return (
            reply({"contents": [], "total_pages": 1} if status == 200 else {"error": "none"}, status)
            if less
            else response
        )

    return directory(answer=answer)


@pytest.mark.parametrize("picks", [later, narrowed], ids=["later pages", "filtered lists"])
def test_records_that_only_the_stated_credentials_show_are_nobody_elses(picks):
    assert outcome(judged("openaccess.anonymous", shown_less(picks), target=KEYED, more=[asking()])) == "pass"
    unknown = shown_less(picks, status=404)
    assert outcome(judged("openaccess.anonymous", unknown, target=KEYED, more=[asking()])) == "inconclusive"


def test_a_single_record_that_only_the_stated_credentials_show_accuses_nobody():
    first = f"/things/{uuid(1, 1)}"
    handler = guarded(records_but(first, *(f"/things/{uuid(1, n)}" for n in range(1, 60))), 401)
    assert outcome(judged("openaccess.anonymous", handler, {"operations": ["getThing"]}, target=KEYED)) == "pass"


@pytest.mark.parametrize("picks", [later, narrowed], ids=["later pages", "filtered lists"])
def test_a_login_page_instead_of_a_list_is_found(picks):
    def answer(request, response):
        return login("html") if picks(request) and not request.header("x-key") else response

    result = judged("openaccess.anonymous", directory(answer=answer), target=KEYED, more=[asking()])
    assert outcome(result) == "fail"
    assert "text/html" in said(result)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("picks", "where"), [(later, "page="), (narrowed, "word=")], ids=["later", "filtered"])
def test_a_key_that_is_asked_for_and_not_the_stated_one_is_found(picks, where, status):
    handler = guarded(picks, status, key="x-other-key")
    result = judged("openaccess.anonymous", handler, target=KEYED, more=[asking()])
    assert outcome(result) == "fail"
    assert where in said(result)


@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_key_that_is_asked_for_all_records_but_one_is_found(status):
    plain = judged("openaccess.anonymous", None, {"operations": ["getThing"]})
    assert outcome(plain) == "pass"
    first = f"/things/{uuid(1, 1)}"
    result = judged("openaccess.anonymous", guarded(records_but(first), status), {"operations": ["getThing"]})
    assert outcome(result) == "fail"
    assert "GET /things/" in said(result) and first not in said(result)


@TARGETS
def test_an_open_supplier_passes_whatever_else_is_asked(target):
    more = [asking(), asking("filters.excludes", impossible="qzxv")]
    assert outcome(judged("openaccess.anonymous", None, target=target, more=more)) == "pass"


def test_nothing_is_asked_for_the_sake_of_open_access_where_no_credentials_are_stated():
    alone = judged("openaccess.anonymous", None, {"operations": ["listThings"]}, more=[asking()])
    asked = set(judged("filters.witness", None, asking().arguments).exchanges)
    asked |= set(judged("responses.schema", None, {"operation": "listThings"}).exchanges)
    assert set(alone.exchanges) <= asked


def test_few_requests_are_repeated_without_the_stated_credentials():
    counted = []

    def answer(request, response):
        counted.append(request) if not request.header("x-key") else None
        return response

    more = [asking()]
    handler = directory(answer=answer)
    result = judged("openaccess.anonymous", handler, {"operations": ["listThings"]}, target=KEYED, more=more)
    assert outcome(result) == "pass"
    assert len(counted) == 3
    assert sum(later(request) for request in counted) >= 1 and sum(narrowed(request) for request in counted) == 1


@pytest.mark.parametrize(
    "handler",
    [
        guarded(later, times=1),
        guarded(narrowed, times=2),
        guarded(later, 403, control=403),
        guarded(narrowed, 403, control=429),
        guarded(lambda request: dict(request.query).get("word") == "Thing 17", 403),
    ],
    ids=["once", "twice", "banned by now", "limited by now", "one mistrusted text"],
)
def test_a_refusal_that_need_not_be_for_want_of_a_key_is_no_breach(handler):
    result = judged("openaccess.anonymous", handler, {"operations": ["listThings"]}, more=[asking()])
    assert outcome(result) == "inconclusive"


@pytest.mark.parametrize(
    "case",
    [
        asking("filters.excludes", impossible="Nobody's"),
        asking("filters.unknown_parameter", name="nonsense", value="1", expect="any"),
        Case("MINI-3", "MINI-3", "inputs.invalid", "Wrong.", {"operation": "listThings", "parameter": "page"}),
    ],
    ids=["nobody's value", "unknown parameter", "invalid value"],
)
def test_what_is_asked_wrongly_may_be_refused_by_whom_it_likes(case):
    def wrong(request):
        asked = dict(request.query)
        return asked.get("word") == "Nobody's" or "nonsense" in asked or not asked.get("page", "1").isdigit()

    assert outcome(judged("openaccess.anonymous", guarded(wrong), more=[case])) == "pass"


@pytest.mark.parametrize("picks", [later, narrowed], ids=["later pages", "filtered lists"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_not_called_closed(picks, status):
    result = judged("openaccess.anonymous", guarded(picks, status), target=KEYED, more=[asking()])
    assert outcome(result) == "inconclusive"


# --- closed to strangers -----------------------------------------------------------------------------------


def test_a_service_that_gives_nothing_without_a_key_passes():
    assert outcome(judged("openaccess.closed", directory(answer=closed), target=KEYED)) == "pass"


@pytest.mark.parametrize("target", [implementation(), KEYED], ids=["no credentials", "with a key"])
def test_what_is_given_without_a_key_is_found(target):
    result = judged("openaccess.closed", None, target=target)
    assert outcome(result) == "fail"
    assert "without credentials" in said(result)


def test_a_service_that_is_down_is_not_called_shut():
    down = directory(answer=lambda request, response: reply({}, 500))
    assert outcome(judged("openaccess.closed", down, target=KEYED)) == "inconclusive"


def head_only(status):
    """GET asks for a key; HEAD without one is answered with ``status``."""

    def answer(request, response):
        return (
            reply({}, status) if request.method == "HEAD" and not request.header("x-key") else closed(request, response)
        )

    return directory(answer=answer)


@pytest.mark.parametrize("expect", [(), (401,)], ids=["any refusal", "one refusal"])
def test_head_that_is_open_where_get_is_closed_is_found(expect):
    result = judged("openaccess.closed", head_only(200), {"expect": list(expect)}, target=KEYED)
    assert outcome(result) == "fail"
    assert "HEAD /things" in said(result)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 501])
def test_head_may_be_refused_in_any_way(status):
    assert outcome(judged("openaccess.closed", head_only(status), {"expect": [401]}, target=KEYED)) == "pass"


@pytest.mark.parametrize("status", [429, 503])
def test_head_that_a_busy_service_did_not_answer_is_inconclusive(status):
    assert outcome(judged("openaccess.closed", head_only(status), {"expect": [401]}, target=KEYED)) == "inconclusive"


# --- other sites -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["success", "detail", "error"])
@pytest.mark.parametrize("origin", [ORIGIN, None])
def test_answers_that_any_site_may_read_pass(kind, origin):
    assert outcome(judged("openaccess.cors", None, cors(kind, origin))) == "pass"


def only(*statuses_or_paths):
    def answer(request, response):
        hit = response.status in statuses_or_paths or request.path in statuses_or_paths
        return response.without_header("Access-Control-Allow-Origin") if hit else response

    return directory(answer=answer)


@pytest.mark.parametrize(
    ("kind", "handler", "words"),
    [
        ("success", only("/things"), "no such header"),
        ("success", only("/kinds"), "no such header"),
        ("error", only(404), "no such header"),
        ("detail", directory(answer=lambda request, r: r.without_header("Access-Control-Allow-Origin")), "no such"),
        (
            "success",
            directory(answer=lambda q, r: r.with_header("Access-Control-Allow-Origin", q.header("origin", "x"))),
            ORIGIN,
        ),
        (
            "success",
            directory(
                answer=lambda q, r: SandboxResponse(
                    r.status, (*r.headers, ("Access-Control-Allow-Origin", "*")), r.body
                )
            ),
            "'*' and '*'",
        ),
    ],
    ids=["one list", "another list", "errors", "records", "echo", "twice"],
)
def test_an_answer_that_other_sites_may_not_read_is_found(kind, handler, words):
    result = judged("openaccess.cors", handler, cors(kind))
    assert outcome(result) == "fail"
    assert words in said(result)


def test_a_header_that_comes_only_with_an_origin_is_found():
    def answer(request, response):
        return response if request.header("origin") else response.without_header("Access-Control-Allow-Origin")

    handler = directory(answer=answer)
    assert outcome(judged("openaccess.cors", handler, cors("success"))) == "pass"
    assert outcome(judged("openaccess.cors", handler, cors("success", None))) == "fail"


def with_origin(status, *, times=1000, control=200, path=None):
    """The first ``times`` of each request with an Origin get ``status``; repeats of those without get ``control``."""
    asked = {}

    def answer(request, response):
        if response.status != 200 or (path and request.path != path):
            return response
        origin = request.header("origin")
        asked[request.path, origin] = asked.get((request.path, origin), 0) + 1
        if origin:
            return reply({"error": "no"}, status) if asked[request.path, origin] <= times else response
        return reply({"error": "no"}, control) if asked[request.path, ""] > 1 and control != 200 else response

    return directory(answer=answer)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 500, 502])
@pytest.mark.parametrize(("kind", "where"), [("success", "/things"), ("detail", "/things/")])
def test_a_service_that_keeps_out_pages_of_other_sites_is_found(kind, where, status):
    # Of a plan that says that all is open: a 401 may be for the credentials where it does not.
    everybody = Case("MINI-2", "MINI-2", "openaccess.anonymous", "All is open.")
    result = judged("openaccess.cors", with_origin(status), cors(kind), more=[everybody])
    assert outcome(result) == "fail"
    assert f"{where}" in said(result) and str(status) in said(result) and ORIGIN in said(result)


def test_one_list_that_is_kept_from_other_sites_is_found():
    result = judged("openaccess.cors", with_origin(403, path="/kinds"), cors("success"))
    assert outcome(result) == "fail"
    assert "/kinds" in said(result) and "/things" not in said(result)


@pytest.mark.parametrize(
    "handler",
    [
        with_origin(429),
        with_origin(503),
        with_origin(403, times=1),
        with_origin(500, times=2),
        with_origin(403, control=403),
        with_origin(500, control=500),
        with_origin(403, control=429),
    ],
    ids=["rate limit", "overload", "once", "twice", "banned by now", "down by now", "limited by now"],
)
def test_a_refusal_that_need_not_be_for_the_origin_is_inconclusive(handler):
    assert outcome(judged("openaccess.cors", handler, cors("success"))) == "inconclusive"


def test_no_answer_of_the_kind_is_inconclusive():
    assert (
        outcome(judged("openaccess.cors", directory(answer=lambda *_: reply({}, 500)), cors("success")))
        == "inconclusive"
    )
    assert outcome(judged("openaccess.cors", directory(answer=lambda *_: reply({})), cors("error"))) == "inconclusive"


# --- one address -------------------------------------------------------------------------------------------


def test_one_base_address_passes():
    assert outcome(judged("openaccess.same_base")) == "pass"


def moved(path, to):
    def answer(request, response):
        return SandboxResponse(301, (("Location", to),), b"") if request.path == path else response

    return answer


def test_a_redirect_within_the_base_address_passes():
    def answer(request, response):
        if request.path == "/kinds":
            return SandboxResponse(301, (("Location", "/kinds/"),), b"")
        return reply({"contents": []}) if request.path == "/kinds/" else response

    assert outcome(judged("openaccess.same_base", directory(answer=answer))) == "pass"


def test_a_redirect_to_another_host_is_found():
    result = judged("openaccess.same_base", directory(answer=moved("/kinds", "https://other.example/kinds")))
    assert outcome(result) == "fail"
    assert "another host" in said(result)


def test_a_redirect_beside_the_base_path_is_found():
    def answer(request, response):
        if request.path == "/api/kinds":
            return SandboxResponse(301, (("Location", "/old/kinds"),), b"")
        return reply({"contents": []}) if request.path in ("/old/kinds", "/api/", "/api/things") else reply({}, 404)

    result = judged("openaccess.same_base", directory(answer=answer), target=implementation(f"{BASE}/api"))
    assert outcome(result) == "fail"
    assert "/old/kinds" in said(result)


def test_no_answer_at_all_says_nothing_of_the_address():
    assert outcome(judged("openaccess.same_base", directory(answer=lambda *_: reply({}, 500)))) == "inconclusive"
