"""Dates due and past, on the local day of the run's clock: both clock changes, both sides of midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from interop_harness.checks import schedule
from interop_harness.checks.values import Value
from interop_harness.errors import InternalError

LONDON = "Europe/London"
CLOCKS = [
    # the clock (UTC), the day in London
    ("2026-03-28T23:30:00Z", "2026-03-28"),  # the evening before the clocks go forward
    ("2026-03-29T00:30:00Z", "2026-03-29"),  # after midnight, still winter time
    ("2026-03-29T22:30:00Z", "2026-03-29"),  # 23:30 summer time
    ("2026-03-29T23:30:00Z", "2026-03-30"),  # 00:30 summer time: UTC is a day behind
    ("2026-10-24T22:30:00Z", "2026-10-24"),  # 23:30 summer time
    ("2026-10-24T23:30:00Z", "2026-10-25"),  # 00:30 summer time, the night the clocks go back
    ("2026-10-25T23:30:00Z", "2026-10-25"),  # 23:30 winter time
    ("2026-10-26T00:30:00Z", "2026-10-26"),  # 00:30 winter time
]


def at(now: str) -> schedule.Today:
    return schedule.Today.of(datetime.fromisoformat(now), LONDON)


def values(*texts: object) -> list[Value]:
    return [Value("x", f"/{number}", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(("now", "day"), CLOCKS)
def test_the_day_is_the_one_in_london(now: str, day: str) -> None:
    today = at(now)
    assert today.day == date.fromisoformat(day)
    assert list(schedule.due(values(day), today)) == []
    assert list(schedule.past(values(day), today)) == []


@pytest.mark.parametrize(("now", "day"), CLOCKS)
def test_the_day_before_is_not_due_and_the_day_after_is_not_past(now: str, day: str) -> None:
    today = at(now)
    before = date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()
    after = date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()
    assert [finding.pointer for finding in schedule.due(values(before, day, after), today)] == ["/0"]
    assert [finding.pointer for finding in schedule.past(values(before, day, after), today)] == ["/2"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-29T23:15:00Z", "2026-03-30"),
        ("2026-03-30T00:15:00+01:00", "2026-03-30"),
        ("2026-03-29T00:15:00Z", "2026-03-29"),
        ("2026-10-24T23:15:00Z", "2026-10-25"),
        ("2026-10-25T23:15:00Z", "2026-10-25"),
        ("2026-10-25T01:30:00", "2026-10-25"),  # without a zone: local, and in that hour twice there
        ("2026-10-25", "2026-10-25"),
        ("2026-06-30T23:59:59.5-05:00", "2026-07-01"),
    ],
)
def test_a_moment_belongs_to_its_local_day(moment: str, day: str) -> None:
    assert at("2026-06-01T12:00:00Z").local_day(moment) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["23 July 2015", "2026-02-30", "", 20260330, None, "9999-12-31T23:59:59-12:00"])
def test_what_is_no_date_has_no_day(text: object) -> None:
    assert at("2026-06-01T12:00:00Z").local_day(text) is None


def test_within_minutes_of_midnight_a_neighbouring_day_proves_nothing() -> None:
    before, after = at("2026-07-01T22:55:00Z"), at("2026-07-01T23:05:00Z")
    assert list(schedule.past(values("2026-07-02"), before)) == []
    assert list(schedule.past(values("2026-07-02"), before.exact()))
    assert list(schedule.due(values("2026-07-01"), after)) == []
    assert list(schedule.due(values("2026-07-01"), after.exact()))
    assert list(schedule.due(values("2026-06-30"), after))


@pytest.mark.parametrize(
    ("text", "iso8601", "rfc3339"),
    [
        ("2030-01-31", True, True),
        ("2030-01-31T07:00:00Z", True, True),
        ("2030-01-31T07:00:00.250+01:00", True, True),
        ("2014-05-23T20:00Z", True, False),
        ("2015-09-27T21:04:00.743", True, False),
        ("2014-05-23T20:00", True, False),
        ("2030-02-30T07:00:00Z", False, False),
        ("23/05/2014", False, False),
        ("1 August 2014", False, False),
        (1400875200, False, False),
    ],
)
def test_forms_of_dates(text: object, iso8601: bool, rfc3339: bool) -> None:
    assert (not list(schedule.written(values(text), "iso8601"))) is iso8601
    assert (not list(schedule.written(values(text), "rfc3339"))) is rfc3339


def test_a_window_leaves_days_outside_on_both_sides_where_it_can() -> None:
    days = [date(2026, 11, day) for day in (5, 12, 19, 26)]
    assert schedule.window(days) == (date(2026, 11, 18), date(2026, 11, 20))
    assert schedule.window(days[:2]) == (date(2026, 11, 11), date(2026, 11, 13))
    assert schedule.window([*days, date.min, date.max]) == schedule.window(days)
    assert schedule.window(days[:1]) is None
    assert schedule.window([date(2026, 11, 5), date(2026, 11, 6)]) is None


def test_what_lies_outside_a_window_or_is_lost_is_named() -> None:
    today = at("2026-11-02T10:00:00Z")
    window = (date(2026, 11, 11), date(2026, 11, 13))
    found = list(schedule.inside(values("2026-11-11", "2026-11-13", "2026-11-14"), today, *window, "from to"))
    assert [finding.pointer for finding in found] == ["/2"]
    assert [finding.expected for finding in schedule.lost(["7"], "from to", "x")] == [
        "record 7 for from to: it has a date within"
    ]


def test_nothing_scheduled_is_a_finding() -> None:
    assert list(schedule.some(values("", None), "/next", "/services", "x"))
    assert not list(schedule.some(values("2030-01-01"), "/next", "/services", "x"))


def test_a_zone_that_does_not_exist_is_our_trouble() -> None:
    with pytest.raises(InternalError):
        schedule.Today.of(datetime.fromisoformat("2026-01-01T00:00:00Z"), "Europe/Camelot")


def test_one_day_in_two_places() -> None:
    day = date(2026, 11, 5)
    assert not list(schedule.same("refuse", "/next", day, day, "x"))
    (finding,) = schedule.same("refuse", "/next", day, date(2026, 11, 7), "x")
    assert finding.observed == "2026-11-07"


def two(one: dict[str, object], other: dict[str, object]) -> list[str]:
    here, there = (schedule.known([Value(name, "", each)]) for name, each in (("a", one), ("b", other)))
    found = schedule.two_days(here, there, "/start_date", at("2026-06-01T12:00:00Z"))
    return [finding.observed for finding in found]


def test_one_collection_has_one_day() -> None:
    task = {"@id": "/tasks/7", "name": "Empty refuse", "start_date": "2026-06-03"}
    later = {"start_date": "2026-06-04"}
    assert two({**task, **later}, task) == ["'2026-06-04'"]
    assert two({"@id": "https://host/api/tasks/7/", **later}, task)
    assert not two({**task, "start_date": "2026-06-02T23:30:00Z"}, task), "that is the third in London"
    assert not two({"@id": "/collections/7", **later}, task), "another kind of thing with the same number"
    assert not two({**task, **later, "name": "Christmas round"}, task)
    assert not two({"id": 7, **later}, {"id": "7", **task}), "an address and a number are not compared"


def test_a_number_may_be_a_list_s_own() -> None:
    assert not two({"id": "1", "start_date": "2026-06-04"}, {"id": "1", "start_date": "2026-06-03"})
    one, other = ({"id": "1", "name": "Refuse", "start_date": f"2026-06-0{day}"} for day in (3, 4))
    assert two(one, other) == ["'2026-06-03'"]


def test_what_lasts_until_today_is_still_due() -> None:
    def late(task: object) -> bool:
        return bool(list(schedule.due([Value("x", "/0", "2026-05-30", task)], at("2026-06-01T12:00:00Z"), "end_date")))

    assert not late({"end_date": "2026-06-01"})
    assert late({"end_date": "2026-05-31"})
    assert late({"end_date": None})
    assert late({})
    assert late(None)


@pytest.mark.parametrize("one", ["9" * 5000, "0" * 5000 + "17", "17"])
def test_a_number_of_thousands_of_digits_is_an_id_like_any_other(one: str) -> None:
    def task(number: str) -> dict[str, Any]:
        return {"id": number, "name": "Refuse", "start": "2030-01-07"}

    records = [Value("x", "/0", task(one)), Value("x", "/1", task("2"))]
    tasks = {number: Value("y", "", task(number)) for number in (one, "2")}
    today = schedule.Today.of(datetime(2030, 1, 1, 12, tzinfo=UTC), "Europe/London")
    assert schedule.numbered(records, tasks, "/start", today) == {one}
