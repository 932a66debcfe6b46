"""Open access: anonymous, readable from other sites, under one address."""

from __future__ import annotations

import pytest

from interop_harness.sandbox.message import SandboxResponse
from tests.checks.miniature import BASE, directory, implementation, judged, outcome, reply, said

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
    result = judged("openaccess.cors", with_origin(status), cors(kind))
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
