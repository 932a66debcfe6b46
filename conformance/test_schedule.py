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
    first = next(iter(records))
    asked = supplier.used[first.exchange].request.target
    supplier.expect(schedule.some(found, case.arguments["member"], asked, first.exchange))


def test_due(case, supplier: Supplier):
    """What is announced as coming is today or later, on the local day of the run; what lasts until then counts."""
    judged_by_day(supplier, lambda found, today: schedule.due(found, today, case.arguments.get("until", "")))


def test_past(case, supplier: Supplier):
    """What is reported as done is today or earlier, on the local day of the run."""
    judged_by_day(supplier, schedule.past)


def test_agree(case, supplier: Supplier):
    """The list and the record's own address, asked for the same thing, give the same nearest day."""
    today, item, member = the_day(supplier), supplier.operation(case.arguments["item"]), case.arguments["member"]
    only_stated(supplier, case.arguments.get("needs", []))
    only_whole(supplier)
    query = stated_query(supplier, case.arguments.get("query", {}))
    nearest = {"earliest": min, "latest": max}[case.arguments["nearest"]]
    listed = asked_list(supplier)
    paths = [for_id(supplier, item, name) for name in listed]
    answers = supplier.send_all([supplier.request(item, path, query) for path in paths])
    compared, again = 0, None
    for (name, days), path, exchange in zip(listed.items(), paths, answers, strict=True):
        there = days_at(supplier.json(exchange), member, today) if exchange.ok else []
        if not days or not there:
            continue
        compared += 1
        if nearest(days) == nearest(there):
            continue
        # A round that was done in between has another next day: both are read once more before they count.
        again = asked_list(supplier, fresh=1) if again is None else again
        second = supplier.send(supplier.request(item, path, query, fresh=1))
        then = days_at(supplier.json(second), member, today) if second.ok else []
        if not again.get(name) or not then or nearest(again[name]) == nearest(then):
            told = f"Record {name} changed at {member} between the list and its own address."
            raise Inconclusive(told, exchange.id)
        supplier.expect(schedule.same(name, member, nearest(days), nearest(there), exchange.id))
    if not compared:
        raise NotApplicable(f"No record has dates at {member} in the list and at its own address.")


def test_one_day(case, supplier: Supplier):
    """What two lists show under one id has one day in both: nested at ``each`` in the one, a record of the other."""
    only_stated(supplier, case.arguments.get("needs", []))
    today, member, each = the_day(supplier), case.arguments["member"], case.arguments["each"]

    def sides(fresh=0):
        listed, other = (
            Collection(supplier, dataclasses.replace(supplier.collection(name).spec, query=stated))
            for name in ("", case.arguments["other"])
            for stated in [tuple((key, str(value)) for key, value in case.arguments["query"].items())]
        )
        here, there = listed.page(fresh=fresh), other.page(fresh=fresh)
        return schedule.known(filled([r for _, r in within_page(here)], each)), schedule.known(
            [record for _, record in within_page(there)]
        )

    here, there = sides()
    if not here.keys() & there.keys():
        raise NotApplicable(f"Nothing at {each} has the id or the address of a record in the other list.")
    found = list(schedule.two_days(here, there, member, today))
    if found and not list(schedule.two_days(*sides(fresh=1), member, today)):
        raise Inconclusive("The days were changed while they were read.", found[0].exchange)
    supplier.expect(found)


def test_anothers(case, supplier: Supplier):
    """What is nested in the answer for one thing is no task of another's, by the number that the task has.

    For numbers too small to tell by themselves: those of the second thing count where they are tasks in its own list.
    """
    only_stated(supplier, case.arguments.get("needs", []))
    today, member, each = the_day(supplier), case.arguments["member"], case.arguments["each"]
    one, other = (stated_query(supplier, case.arguments[side]) for side in ("one", "other"))
    if one == other:
        raise NotApplicable(f"The target file states {one[0][1]!r} for both of two things.")

    def page(query, operation=""):
        return Collection(supplier, dataclasses.replace(supplier.collection(operation).spec, query=query)).page()

    def nested(query):
        return filled([record for _, record in within_page(page(query))], each)

    mine, theirs = (dict(within_page(page(query, case.arguments["tasks"]))) for query in (one, other))
    own = schedule.numbered(nested(one), mine, member, today)
    if not own or not theirs:
        raise NotApplicable(f"What stands at {each} is not known by a number that is a task's.")
    supplier.expect(schedule.anothers(nested(other), own, mine, theirs.keys(), member, today))


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


def only_whole(supplier: Supplier):
    """Not applicable to what says that it is a part of something: one list may count in the days of the whole."""
    if "part" not in supplier.arguments:
        return
    part = supplier.arguments["part"]
    item = supplier.operation(part["operation"])
    name = stated_query(supplier, supplier.arguments["query"])[0][1]
    answer = supplier.call(item, for_id(supplier, item, name))
    try:
        found = filled([Value(answer.id, "", supplier.parse(answer) if answer.ok else None)], part["member"])
    except ValueError:  # for other cases to say
        found = []
    if found:
        raise NotApplicable(
            f"{answer.request.target} is a part of {found[0].value}, whose days may be added in a list."
        )


def asked_list(supplier: Supplier, fresh=0):
    """The days of each record in the list that is asked with the row's query."""
    today, member = the_day(supplier), supplier.arguments["member"]
    stated = tuple((name, str(value)) for name, value in supplier.arguments.get("query", {}).items())
    spec = supplier.collection().spec
    collection = Collection(supplier, dataclasses.replace(spec, query=stated or spec.query))
    records = collection.sample(collection.records([collection.page(fresh=fresh)]))
    return {record.id: days_at(record.value, member, today) for record in records}


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
