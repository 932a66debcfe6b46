"""Mutants of days and times: too old, not yet, on the wrong side of today, written otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from interop_harness.assurance.assay import bodies, near, shape
from interop_harness.assurance.assay.ground import EVERY, Ground, edit, mutant
from interop_harness.assurance.assay.members import spoil
from interop_harness.assurance.assay.mutant import Mutant
from interop_harness.assurance.assay.near import Near
from interop_harness.assurance.assay.rules import rule
from interop_harness.plan import Case


@rule("fields.recent")
def long_ago(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield from spoil(ground, case, str(case.arguments["member"]), [near.always("long-ago", "long ago", "2001-01-01")])


@rule("fields.not_future")
def not_yet(ground: Ground, case: Case) -> Iterator[Mutant]:
    change = Near("not-yet", "in the far future", lambda old: f"2999-01-01{str(old)[10:]}")
    yield from spoil(ground, case, str(case.arguments["member"]), [change])


@rule("schedule.some")
def unscheduled(ground: Ground, case: Case) -> Iterator[Mutant]:
    yield from spoil(ground, case, str(case.arguments["member"]), [near.MISSING], [EVERY])


@rule("schedule.due", "schedule.past")
def wrong_side(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Dates lie on the wrong side of today: far away, and by a few days only."""
    from interop_harness.assurance.selftest import CLOCK

    sign = -1 if case.family == "schedule.due" else 1
    close = (CLOCK + timedelta(days=2 * sign)).date().isoformat()
    far = (CLOCK + timedelta(days=400 * sign)).date().isoformat()
    changes = [
        Near(f"two-days-{'late' if sign < 0 else 'early'}", close, lambda old: f"{close}{str(old)[10:]}"),
        Near("other-year", far, lambda old: f"{far}{str(old)[10:]}"),
    ]
    yield from spoil(ground, case, str(case.arguments["member"]), changes)


@rule("schedule.written")
def written(ground: Ground, case: Case) -> Iterator[Mutant]:
    changes = [
        Near("slashes", "a date the British way", lambda o: f"{str(o)[8:10]}/{str(o)[5:7]}/{str(o)[:4]}"),
        Near("day-31-feb", "the 31st of February", lambda old: f"2026-02-31{str(old)[10:]}"),
        near.always("epoch", "seconds since 1970 as text", "1793606400"),
    ]
    if case.arguments["form"] == "rfc3339":
        changes.append(Near("no-zone", "a moment without its zone", lambda o: f"{str(o)[:10]}T07:00:00"))
    yield from spoil(ground, case, str(case.arguments["member"]), changes)


@rule("dates.rfc3339")
def dates(ground: Ground, case: Case) -> Iterator[Mutant]:
    """Every member that holds a date, in a form that is none, or without its zone."""
    from interop_harness.checks import formats

    for operation in ground.operations:
        for site in shape.sites(ground, operation):
            if not isinstance(site.value, str) or ground.in_xml(operation):
                continue
            moment = formats.moment(site.value) is not None
            if case.arguments["rule"] == "zone" and moment:
                yield from shape.scoped(ground, site, near.FORMATS["date-time"][0], (case.requirement,), [EVERY])
            elif case.arguments["rule"] != "zone" and (moment or formats.real_date(site.value)):
                change = Near(
                    "slashes", "a date the British way", lambda o: f"{str(o)[8:10]}/{str(o)[5:7]}/{str(o)[:4]}"
                )
                yield from shape.scoped(ground, site, change, (case.requirement,), [EVERY])


@rule("schedule.agree")
def apart(ground: Ground, case: Case) -> Iterator[Mutant]:
    """A record's own address gives other days than the list."""
    item = ground.operation(str(case.arguments["item"]))
    if item is None:
        return
    path = bodies.steps(str(case.arguments["member"]))
    by = 7 if case.arguments["nearest"] == "earliest" else -7
    rows = ground.order((case.requirement, *ground.families("schedule")))
    for kind, told, days in (("week-apart", "a week", by), ("day-apart", "a day", by // 7)):

        def moved(old: Any, days: int = days) -> Any:
            found = re.match(r"\d{4}-\d\d-\d\d", str(old))
            if found is None:
                return old
            return f"{date.fromisoformat(found[0]) + timedelta(days=days)}{str(old)[10:]}"

        yield mutant(
            item.id,
            kind,
            "/".join(path),
            EVERY,
            f"{item.path}: {'/'.join(path)} lies {told} from what the list says",
            rows,
            edit(ground, item, path, moved),
        )
