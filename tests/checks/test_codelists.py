"""Codes from published lists: what counts as a code, and how a near miss is named."""

from __future__ import annotations

import pytest

from interop_harness.checks import codelists
from interop_harness.checks.values import Value
from interop_harness.errors import InternalError

STATUSES = ["Not started", "Closed / Complete", "Blocked"]


def values(*found: object) -> list[Value]:
    return [Value("x", f"/{number}", value) for number, value in enumerate(found)]


NEAR = [
    "not_started",
    "NOT STARTED",
    " Not  started ",
    "not-started",
    "closed/complete",
    "closed_complete",
    "CLOSED-COMPLETE",
]


@pytest.mark.parametrize("code", NEAR)
def test_a_near_miss_is_a_code_unless_every_letter_counts(code: str) -> None:
    assert not list(codelists.members(values(code), STATUSES, "statuses", exact=False))
    (finding,) = codelists.members(values(code), STATUSES, "statuses", exact=True)
    assert "differs from it in" in finding.observed


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("NOT STARTED", "capitals only"),
        ("Not started ", "spaces around it only"),
        ("Not_started", "spaces, hyphens or underscores only"),
        ("Not/started", "spaces, slashes, hyphens or underscores only"),
    ],
)
def test_a_near_miss_says_what_differs(code: str, how: str) -> None:
    (finding,) = codelists.members(values(code), STATUSES, "statuses", exact=True)
    assert finding.observed.endswith(how)
    assert finding.expected == "'Not started', as statuses writes it"


@pytest.mark.parametrize("code", ["Done", "in_service", 7, True, {"a": 1}, ["Blocked"]])
def test_anything_else_is_no_code(code: object) -> None:
    assert list(codelists.members(values(code), STATUSES, "statuses", exact=False))
    assert list(codelists.members(values(code), STATUSES, "statuses", exact=True))


def test_a_long_list_is_named_in_part() -> None:
    (finding,) = codelists.members(values("x"), [f"code {n}" for n in range(20)], "list", exact=True)
    assert finding.expected.endswith("and 12 more)")


def test_lists_are_joined_without_repetition_and_unknown_ones_are_our_trouble() -> None:
    assert codelists.codes_of({"a": ["1", "2"], "b": ["2", "3"]}, ["a", "b"]) == ["1", "2", "3"]
    with pytest.raises(InternalError):
        codelists.codes_of({"a": []}, ["c"])


def test_codes_of_the_supplier_itself() -> None:
    own = values("Contaminated", 7)
    assert not list(codelists.served(values("contaminated ", "7", 7), own, "/event-types"))
    assert len(list(codelists.served(values("Nappies", {"id": 1}), own, "/event-types"))) == 2


def test_codes_fit_their_screens() -> None:
    assert [finding.pointer for finding in codelists.short(values("x" * 20, "x" * 21, 3), 20)] == ["/1"]


def entries(*found: tuple[str, str]) -> list[Value]:
    return [Value("x", f"/data/{number}", {"code": code, "group": group}) for number, (group, code) in enumerate(found)]


def test_a_list_of_the_suppliers_own_is_complete_in_one_group() -> None:
    groups = codelists.by_group(entries(("G", "A"), ("G", "B"), ("H", "A"), ("H", "C")), "/code", "/group")
    place = ("x", "/data")
    assert not list(codelists.complete(groups, ["A", "B"], "G", place))
    assert not list(codelists.complete(groups, ["A", "C"], "", place))
    assert list(codelists.complete(groups, ["A", "B"], "H", place))
    (finding,) = codelists.complete(groups, ["A", "B", "C"], "", place)  # every code is there, but apart
    assert finding.observed in ("no 'C'", "no 'B'")
    assert list(codelists.complete({}, ["A"], "", place))
    assert list(codelists.complete({}, ["A"], "G", place))


def test_a_withdrawn_code_is_gone_from_its_group() -> None:
    groups = codelists.by_group(entries(("G", "A"), ("H", "OLD")), "/code", "/group")
    assert not list(codelists.absent(groups, ["OLD"], "G", ("x", "/data")))
    assert list(codelists.absent(groups, ["OLD"], "H", ("x", "/data")))


@pytest.mark.parametrize("spelt", ["OLD ", " OLD", "old", "Old"])
def test_a_withdrawn_code_with_blanks_or_in_small_letters_is_withdrawn_too(spelt: str) -> None:
    groups = codelists.by_group(entries(("H", spelt), ("H", "OLDER")), "/code", "/group")
    found = list(codelists.absent(groups, ["OLD"], "H", ("x", "/data")))
    assert [finding.observed for finding in found] == [repr(spelt)]


def test_entries_of_no_shape_are_passed_over() -> None:
    odd = [Value("x", "/0", each) for each in (None, 7, [], {"code": 1, "group": "G"}, {"code": "A"})]
    assert codelists.by_group(odd, "/code", "/group") == {}
