"""What is declared against what is done."""

from __future__ import annotations

from typing import Any

from interop_harness.checks import capabilities
from interop_harness.checks.values import Value, at
from interop_harness.evidence import Exchange, Request, Response

SEARCH = {"/type": "Patient", "/interaction/*/code": "search-type"}
PATIENT = {
    "type": "Patient",
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "searchParam": [{"name": "identifier"}],
}
STATEMENT = Value("x", "", {"kind": "instance", "rest": [{"resource": [PATIENT, {"type": "Group"}]}]})
ENTRIES = list(at([STATEMENT], "/rest/*/resource/*"))


def answer(status: int) -> Exchange:
    return Exchange(Request("GET", "/Patient"), Response(status, (), b""))


def test_entries_are_found_by_all_their_values() -> None:
    assert [entry.pointer for entry in capabilities.matching(ENTRIES, SEARCH)] == ["/rest/0/resource/0"]
    assert not capabilities.matching(ENTRIES, {**SEARCH, "/type": "Group"})
    classes = [Value("x", "/conformsTo/0", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core")]
    assert capabilities.matching(classes, {"": classes[0].value}), "a list of plain names is declared alike"


def test_what_must_be_declared_is_looked_for() -> None:
    def wrong(where: dict[str, str], **holds: Any) -> list[str]:
        names = {"/searchParam/*/name": holds.get("names", [])}
        return [finding.observed for finding in capabilities.requires(ENTRIES, where, names, "x")]

    assert wrong(SEARCH, names=["identifier"]) == []
    assert wrong(SEARCH, names=["identifier", "name"]) == ["identifier"]
    assert wrong({"/type": "Immunization"}) == ["none"]


def test_what_the_declaration_says() -> None:
    assert not list(capabilities.states(STATEMENT, "/kind", "^instance$"))
    assert [finding.observed for finding in capabilities.states(STATEMENT, "/kind", "^capability$")] == ["'instance'"]
    assert [finding.observed for finding in capabilities.states(STATEMENT, "/format/*", "json")] == ["nothing"]


def test_declared_and_done_and_done_and_declared() -> None:
    assert not list(capabilities.works("Patient", ENTRIES[0], answer(200)))
    assert list(capabilities.works("Patient", ENTRIES[0], answer(404)))
    assert list(capabilities.declared("Patient", answer(200), "x"))
    assert not list(capabilities.declared("Patient", answer(404), "x"))


def test_a_parameter_that_is_heeded_changes_what_comes() -> None:
    assert list(capabilities.has_effect("status", "none", 3, answer(200)))
    assert not list(capabilities.has_effect("status", "none", 0, answer(200)))
    assert not list(capabilities.has_effect("status", "none", 0, answer(400))), "refusing the value is heeding it"
    assert list(capabilities.effect_untold("status", "none", 0, answer(200)))
    assert not list(capabilities.effect_untold("status", "none", 3, answer(200)))
    assert not list(capabilities.effect_untold("status", "none", 0, answer(400))), "it may be unknown to the service"


STATES = ("/status", "/kind/*/code")


def test_a_state_is_another_where_no_code_is_in_both() -> None:
    def wrong(shown: dict[str, Any], read: dict[str, Any]) -> list[str]:
        found = capabilities.stale("/x/1", Value("list", "", shown), Value("read", "", read), STATES)
        return [finding.observed for finding in found]

    assert wrong({"status": "active"}, {"status": "stopped"}) == ["stopped"]
    assert not wrong({"status": "active"}, {}), "what is not told is no other state"
    assert not wrong({"status": ["active"]}, {"status": "active"}), "a text in an array is another mistake"
    assert not wrong({"kind": [{"code": "a"}]}, {"kind": [{"code": "5"}, {"code": "a"}]})
    assert wrong({"kind": [{"code": "a"}]}, {"kind": [{"code": "5"}, {"code": "b"}]}) == ["5, b"]


def test_an_id_that_nothing_has_gives_nothing() -> None:
    def found(status: int, body: Any) -> int:
        return len(list(capabilities.no_record(answer(status), Value("x", "", body), "/resourceType", "Patient")))

    assert found(200, {"resourceType": "Patient", "id": "p"}) == 1
    assert not found(200, {"resourceType": "OperationOutcome"})
    assert not found(200, None)
    assert not found(404, {"resourceType": "Patient"})
    assert list(capabilities.refused(answer(200)))
    assert not list(capabilities.refused(answer(404)))
