"""The front door: its members, its version, its links."""

from __future__ import annotations

import pytest

from interop_harness.checks.discovery import below
from tests.checks.miniature import BASE, directory, implementation, judged, outcome, reply, said

ROOT = {"operation": "getRoot"}
MEMBERS = {**ROOT, "members": ["version", "home", "spec"]}
VERSION = {**ROOT, "pointer": "/version", "accepts": r"^v?1(\.0)?$"}
HOME = {**ROOT, "pointer": "/home"}
SPEC = {**ROOT, "pointer": "/spec", "paths": ["/", "/things", "/things/{id}"]}
FAMILIES = [
    ("members", MEMBERS),
    ("version", VERSION),
    ("absolute_uri", HOME),
    ("link_resolves", HOME),
    ("openapi_document", SPEC),
]


def document(content, kind="application/json"):
    return directory(
        answer=lambda request, response: reply(content, 200, kind) if request.path == "/openapi.json" else response
    )


@pytest.mark.parametrize(("family", "arguments"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_a_supplier_that_keeps_the_rule_passes(family, arguments):
    assert outcome(judged(f"discovery.{family}", None, arguments)) == "pass"


DEFECTS = [
    ("members", MEMBERS, directory(front={"home": ...}), "missing | /home"),
    ("members", MEMBERS, directory(front={"home": None}), "null | /home"),
    ("members", MEMBERS, directory(answer=lambda *_: reply([])), "a JSON object"),
    ("version", VERSION, directory(front={"version": "2.0"}), "'2.0'"),
    ("version", VERSION, directory(front={"version": ["1.0"]}), "/version"),
    ("absolute_uri", HOME, directory(front={"home": "/about"}), "'/about'"),
    ("absolute_uri", HOME, directory(front={"home": "urn:about"}), "'urn:about'"),
    ("absolute_uri", HOME, directory(front={"home": "https://"}), "'https://'"),
    ("absolute_uri", HOME, directory(front={"home": "http://[x"}), "an absolute web address"),
    ("link_resolves", HOME, directory(front={"home": f"{BASE}/gone"}), "404"),
    ("openapi_document", SPEC, document("openapi: 3.0.3", "application/yaml"), "not JSON"),
    ("openapi_document", SPEC, document({"swagger": "2.0", "paths": {"/": {}}}), "a description of /things/{id}"),
    ("openapi_document", SPEC, document({"hello": "there"}), "an OpenAPI document"),
    ("openapi_document", SPEC, document({"openapi": "3.1.0", "paths": {"/api/things": {}}}), "of /things/{id}"),
]


@pytest.mark.parametrize(
    ("family", "arguments", "handler", "words"), DEFECTS, ids=[f"{row[0]}-{n}" for n, row in enumerate(DEFECTS)]
)
def test_one_defect_is_found(family, arguments, handler, words):
    result = judged(f"discovery.{family}", handler, arguments)
    assert outcome(result) == "fail"
    assert words in said(result)


def test_a_document_may_put_every_path_below_a_prefix():
    paths = {"/v1": {}, "/v1/things": {}, "/v1/things/{thing_id}": {}, "/health": {}}
    assert outcome(judged("discovery.openapi_document", document({"openapi": "3.1.0", "paths": paths}), SPEC)) == "pass"


@pytest.mark.parametrize("family", ["version", "absolute_uri", "link_resolves", "openapi_document"])
def test_what_is_not_there_is_the_members_case_to_find(family):
    arguments = {**dict(FAMILIES)[family], "pointer": "/nothing"}
    assert outcome(judged(f"discovery.{family}", None, arguments)) == "inconclusive"


def test_a_front_door_that_does_not_answer_is_inconclusive():
    result = judged("discovery.members", directory(answer=lambda *_: reply({}, 500)), MEMBERS)
    assert (outcome(result), bool(result.blocked_by)) == ("inconclusive", True)


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "http://127.0.0.1:9090/about", "https://127.0.0.1:8080/"]
)
@pytest.mark.parametrize("family", ["link_resolves", "openapi_document"])
def test_another_host_is_not_contacted(family, link):
    result = judged(f"discovery.{family}", directory(front={"home": link, "spec": link}), dict(FAMILIES)[family])
    assert outcome(result) == "not-applicable"
    assert len(result.exchanges) == 1


def test_a_link_beside_the_base_path_is_not_contacted():
    target = implementation(f"{BASE}/api")

    def answer(request, response):
        return reply({"home": f"{BASE}/about"}) if request.path == "/api/" else reply({}, 500)

    assert outcome(judged("discovery.link_resolves", directory(answer=answer), HOME, target=target)) == "not-applicable"


@pytest.mark.parametrize(
    ("base", "link", "target"),
    [
        ("https://a.example", "https://a.example:443/x?y=1", "/x?y=1"),
        ("https://a.example/api", "https://A.example/api/x", "/x"),
        ("https://a.example/api", "https://a.example/api", "/"),
        ("https://a.example/api", "https://a.example/apis", None),
        ("https://a.example", "https://a.example.evil/x", None),
        ("https://a.example", "http://a.example/x", None),
    ],
)
def test_a_link_is_followed_only_below_the_base_address(base, link, target):
    assert below(base, link) == target


def test_what_stands_there_is_recorded():
    result = judged("discovery.record", None, HOME, observe=True)
    assert (outcome(result), result.observations) == ("observed", (f"/home is '{BASE}/about'.",))
