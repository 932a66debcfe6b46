"""The named faults: each is described, each changes something, none touches the supplier without it."""

from __future__ import annotations

import re
from functools import cache

import pytest

from interop_harness.errors import UsageError
from interop_harness.sandbox import faults, handler, profile_folder
from interop_harness.sandbox.message import SandboxResponse
from interop_harness.sandbox.open_referral_uk.faults import CATALOGUE

from .supplier import PROFILE, ask, clean, details, get, ids, questions

NAMES = sorted(CATALOGUE)


@cache
def _expected() -> tuple[SandboxResponse, ...]:
    return tuple(ask(clean(), target, method, headers) for method, target, headers in questions())


def test_catalogue_and_file_name_the_same_faults() -> None:
    assert sorted(record.name for record in faults(PROFILE)) == NAMES
    assert len(NAMES) >= 60


def test_rows_are_complete() -> None:
    for record in faults(PROFILE):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", record.name)
        assert record.description.endswith(".")
        assert len(record.may_change) <= 3, record.name
        assert record.must_fail not in [change.requirement for change in record.may_change]
        assert all(change.reason.endswith(".") for change in record.may_change)


def test_must_fail_names_requirements_of_the_profile_or_its_base() -> None:
    written = (profile_folder(PROFILE) / "requirements.yaml").read_text("utf-8")
    base = (profile_folder(PROFILE).parents[1] / "gov-api-baseline" / "1.0" / "requirements.yaml").read_text("utf-8")
    known = set(re.findall(r"^\s*- id: (\S+)", written + base, re.MULTILINE))
    operations = re.findall(
        r"operationId: (\w+)", (profile_folder(PROFILE) / "openapi.yaml").read_text(encoding="utf-8")
    )
    aspects = ("status", "media-type", "schema", "parameters", "invalid", "unknown-id")
    known |= {f"ORUK-{operation}-{aspect}" for operation in operations for aspect in aspects}
    for record in faults(PROFILE):
        assert record.must_fail in known, record.name
        for change in record.may_change:
            pattern = re.compile(re.escape(change.requirement).replace(r"\*", ".*") + r"\Z")
            assert any(pattern.match(each) for each in known), (record.name, change.requirement)


@pytest.mark.parametrize("name", NAMES)
def test_each_fault_changes_an_answer(name: str) -> None:
    broken = handler(PROFILE, [name])
    for (method, target, headers), before in zip(questions(), _expected(), strict=True):
        if ask(broken, target, method, headers) != before:
            return
    pytest.fail(f"{name} changes nothing")


def test_faults_leave_the_supplier_without_them_alone() -> None:
    for name in NAMES:
        ask(handler(PROFILE, [name]), "/services")
    again = handler(PROFILE)
    for (method, target, headers), before in zip(questions(), _expected(), strict=True):
        assert ask(again, target, method, headers) == before, target


def test_faults_compose() -> None:
    both = handler(PROFILE, ["cors-missing", "search-ignored", "name-missing-on-last-page"])
    page = ask(both, "/services?search=qzxvkjwq&page=7&per_page=25")
    assert page.header("access-control-allow-origin") == ""
    contents = get(both, "/services", search="qzxvkjwq", page=7, per_page=25)["contents"]
    assert ["name" in record for record in contents] == [True] * 17 + [False]


def test_unknown_fault_is_a_usage_error_with_close_matches() -> None:
    with pytest.raises(UsageError) as caught:
        handler(PROFILE, ["cors-mising"])
    assert "cors-missing" in caught.value.hint


# what some faults are to do, exactly


def test_name_missing_on_last_page_only() -> None:
    broken = handler(PROFILE, ["name-missing-on-last-page"])
    pages = [get(broken, "/services", page=number)["contents"] for number in range(1, 8)]
    lacking = [
        (number, record["id"]) for number, page in enumerate(pages, 1) for record in page if "name" not in record
    ]
    assert lacking == [(7, list(details("services"))[-1])]


def test_repeated_record_loses_another() -> None:
    broken = handler(PROFILE, ["page-repeats-last-record"])
    seen = [record["id"] for number in range(1, 8) for record in get(broken, "/services", page=number)["contents"]]
    assert len(seen) == len(details("services"))
    assert sorted(set(seen)) == sorted(list(details("services"))[:-1])


def test_turned_order_keeps_the_records() -> None:
    broken = handler(PROFILE, ["page-order-turns"])
    first, second = (get(broken, "/services", page=3)["contents"] for _ in range(2))
    assert first == second[::-1] != second


def test_widened_filters_are_a_union() -> None:
    broken = handler(PROFILE, ["filters-widen"])
    either = set(ids(broken, "services", day="TU", minimum_age="60"))
    assert either == set(ids(clean(), "services", day="TU")) | set(ids(clean(), "services", minimum_age="60"))


def test_forgotten_filter_begins_on_page_two() -> None:
    broken = handler(PROFILE, ["filters-lost-on-small-pages"])
    few = {"day": "TU", "per_page": 5}
    assert get(broken, "/services", **few) == get(clean(), "/services", **few)
    assert get(broken, "/services", **few, page=2) == get(clean(), "/services", page=2, per_page=5)
    assert get(broken, "/services", day="TU", page=2) == get(clean(), "/services", day="TU", page=2)


def test_short_id_can_still_be_read() -> None:
    broken = handler(PROFILE, ["id-a-digit-short"])
    short = [record["id"] for record in get(broken, "/services", per_page=100)["contents"] if len(record["id"]) == 35]
    assert short
    assert all(get(broken, f"/services/{key}")["id"] == key for key in short)


def test_latin_1_bytes_are_not_utf_8() -> None:
    broken = handler(PROFILE, ["latin-1-bytes"])
    bodies = [ask(broken, f"/taxonomy_terms/{key}").body for key in details("taxonomy_terms")]
    with pytest.raises(UnicodeDecodeError):
        b"".join(bodies).decode("utf-8")


def test_key_lets_the_holder_in() -> None:
    broken = handler(PROFILE, ["key-required-for-metadata"])
    assert ask(broken, "/").status == 401
    assert ask(broken, "/", headers=(("X-API-Key", "demo"),)).status == 200
