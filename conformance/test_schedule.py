"""Dates that move with the calendar: due, past, within a window, on the day that it is where people live."""

import dataclasses

from interop_harness.checks import schedule
from interop_harness.checks.values import Value, filled
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import for_id, known_ids, readable
from interop_harness.suite.collection import SAMPLE
from interop_harness.suite.facts import only_stated, stated_query
from interop_harness.suite.reading import only_claimed, records_of


def test_written(case, supplier: Supplier):
    """Dates are written in the form that the standard names."""
    supplier.expect(schedule.written(dates(supplier), case.arguments["form"]))


def test_some(case, supplier: Supplier):
    """Something is scheduled: at least one record that was asked for has a date."""
    records = dated_records(supplier)
    found = filled(records, case.arguments["member"])
    asked = supplier.used[records[0].exchange].request.target
    supplier.expect(schedule.some(found, case.arguments["member"], asked, records[0].exchange))


def test_due(case, supplier: Supplier):
    """What is announced as coming is today or later, on the local day of the run."""
    judged_by_day(supplier, schedule.due)


def test_past(case, supplier: Supplier):
    """What is reported as done is today or earlier, on the local day of the run."""
    judged_by_day(supplier, schedule.past)


def test_agree(case, supplier: Supplier):
    """The list and the record's own address, asked for the same thing, give the same nearest day."""
    today, item, member = the_day(supplier), supplier.operation(case.arguments["item"]), case.arguments["member"]
    only_stated(supplier, case.arguments.get("needs", []))
    query = stated_query(supplier, case.arguments.get("query", {}))
    stated = tuple((name, str(value)) for name, value in case.arguments.get("query", {}).items())
    spec = supplier.collection().spec
    collection = Collection(supplier, dataclasses.replace(spec, query=stated or spec.query))
    page = collection.page()
    listed = {
        record.id: days_at(record.value, member, today) for record in collection.sample(collection.records([page]))
    }
    requests = [supplier.request(item, for_id(supplier, item, name), query) for name in listed]
    compared = 0
    for (name, days), exchange in zip(listed.items(), supplier.send_all(requests), strict=True):
        there = days_at(supplier.json(exchange), member, today) if exchange.ok else []
        if days and there:
            compared += 1
            nearest = {"earliest": min, "latest": max}[case.arguments["nearest"]]
            supplier.expect(schedule.same(name, member, nearest(days), nearest(there), exchange.id))
    if not compared:
        raise NotApplicable(f"No record has dates at {member} in the list and at its own address.")


def test_window(case, supplier: Supplier):
    """Asked for the days from one to another, the list holds dates within them only, and those that it had before."""
    collection, today = supplier.collection(), the_day(supplier)
    plain = collection.page()
    known = days_of(plain, case.arguments["member"], today)
    window = schedule.window({day for days in known.values() for day in days})
    if window is None:
        raise Inconclusive(
            f"The dates at {case.arguments['member']} of {plain.exchange.request.target} lie too close to choose some.",
            plain.exchange.id,
        )
    first, last = window
    within = {name for name, days in known.items() if any(first < day < last for day in days)}
    pairs = ((case.arguments["from"], first.isoformat()), (case.arguments["to"], last.isoformat()))
    page = collection.page(filters=pairs)
    asked = "&".join(f"{name}={value}" for name, value in pairs)
    found = [value for _, record in within_page(page) for value in filled([record], case.arguments["member"])]
    supplier.expect(schedule.inside(found, today, first, last, asked))
    came = days_of(page, case.arguments["member"], today)
    lost = sorted(name for name in within if not any(first <= day <= last for day in came.get(name, ())))
    supplier.expect(schedule.lost(lost, asked, page.exchange.id))


# --- reading ---------------------------------------------------------------------------------------------


def the_day(supplier: Supplier):
    return schedule.Today.of(supplier.now, str(supplier.arguments["zone"]))


def judged_by_day(supplier: Supplier, judge):
    """Judge every date by the day of the run; what only the nearness of midnight leaves open is said."""
    today, found = the_day(supplier), dates(supplier)
    wrong = list(judge(found, today))
    supplier.expect(wrong)
    doubtful = [finding for finding in judge(found, today.exact()) if finding not in wrong]
    if doubtful:
        raise Inconclusive(
            f"{doubtful[0].observed}: the run began within minutes of midnight in {today.zone.key}, when the "
            "supplier's clock may have shown another day; run it again later.",
            doubtful[0].exchange,
        )


def dates(supplier: Supplier):
    """The values at ``member`` of every record that was read. Not applicable when no record has one."""
    found = filled(dated_records(supplier), supplier.arguments["member"])
    if not found:
        raise NotApplicable(f"No record that was read has a date at {supplier.arguments['member']}.")
    return found


def dated_records(supplier: Supplier):
    """The records of an operation; with ``query``, single records are asked for with that query too."""
    operation, query = supplier.operation(), stated_query(supplier, supplier.arguments.get("query", {}))
    if not operation.path_parameters or not query:
        return records_of(supplier, operation)
    only_claimed(supplier, operation)
    paths = [for_id(supplier, operation, name) for name in known_ids(supplier, operation)[:SAMPLE]]
    answers = supplier.send_all([supplier.request(operation, path, query) for path in paths])
    good = readable(answers)
    return [Value(exchange.id, "", supplier.json(exchange)) for exchange in good or answers[:1]]


def within_page(page):
    """The records of a page with their ids."""
    return [(record.id, Value(record.exchange.id, record.pointer, record.value)) for record in page.records()]


def days_of(page, member, today):
    """The local days of each record's dates, by the record's id."""
    return {name: days_at(record.value, member, today) for name, record in within_page(page)}


def days_at(record, member, today):
    found = filled([Value("", "", record)], member)
    return [day for value in found if (day := today.local_day(value.value)) is not None]
