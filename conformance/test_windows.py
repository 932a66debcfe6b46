"""Lists that are cut by time or by identifier: the span asked for, the span when none is asked for, lists of ids.

Used by Open311 GeoReport; ``from`` and ``to`` of the Local Waste Service Standards and FHIR's ``_id`` are alike.
"""

from datetime import timedelta

from interop_harness.checks import windows
from interop_harness.checks.values import Value
from interop_harness.profile.openapi import find
from interop_harness.suite import Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import unclear, undecided
from interop_harness.suite.reading import only_claimed

UNCLEAR = {401, 403, 408, 502, 504}
"""Statuses that say nothing about the question."""


def test_default_span(case, supplier: Supplier):
    """Without dates the list holds what is not older than so many days."""
    page = the_list(supplier)
    found = dated(supplier, page)
    if not found:
        raise Inconclusive("No record that was listed has a moment to look at.", page.exchange.id)
    oldest = supplier.now - timedelta(days=int(case.arguments["days"])) - windows.GRACE
    supplier.expect(windows.outside(found, oldest, far(supplier), page.exchange.request.target))


def test_most(case, supplier: Supplier):
    """The list holds no more records than it may."""
    page = the_list(supplier)
    supplier.expect(windows.too_many(len(page.items), int(case.arguments["most"]), page.exchange))


def test_span(case, supplier: Supplier):
    """Asked for a span, the list holds only records of that span."""
    start, end, _ = middle(supplier)
    page = asked(supplier, start, end)
    supplier.expect(windows.outside(dated(supplier, page), start, end, page.exchange.request.target))
    # Long before the default span too: what comes from there must be from there.
    early, late = (supplier.now - timedelta(days=int(days)) for days in case.arguments.get("earlier", (180, 120)))
    before = asked(supplier, early, late)
    supplier.expect(windows.outside(dated(supplier, before), early, late, before.exchange.request.target))


def test_complete(case, supplier: Supplier):
    """Asked for a span, the list holds every record of that span that is known from the plain list."""
    start, end, known = middle(supplier)
    page = asked(supplier, start, end)
    came = {record.id: record for record in page.records()}
    most = int(case.arguments.get("most", 0))
    if most and len(came) >= most:
        raise Inconclusive(f"The answer holds {len(came)} records, the most it may, so some may be left out.")
    supplier.expect(windows.lost(known, came, start, end, page.exchange))


def test_ends(case, supplier: Supplier):
    """A record at the very start or end of a span belongs to it."""
    _, _, known = middle(supplier)
    ranked = sorted(known, key=lambda name: (known[name][0], name))
    whole = [name for name in ranked if not known[name][0].microsecond] or ranked
    names = whole[len(whole) // 4], whole[len(whole) * 3 // 4]
    first, last = (known[name][0] for name in names)
    day = timedelta(days=1)
    for start, stop in [(first, last)] if first < last else [(first, first + day), (first - day, first)]:
        page = asked(supplier, start, stop)
        came = {record.id for record in page.records()}
        for name in dict.fromkeys(names):
            if name not in came:
                end = "start" if known[name][0] == start else "end"
                supplier.expect([windows.not_included(name, known[name][0], end, page.exchange)])


def test_zone(case, supplier: Supplier):
    """The same span written in another time zone is the same span."""
    start, end, _ = middle(supplier)
    plain, other = asked(supplier, start, end), asked(supplier, start, end, offset=int(case.arguments["offset"]))
    before, came = ({record.id for record in page.records()} for page in (plain, other))
    if before != came:  # others may be at work meanwhile
        again = {record.id for record in asked(supplier, start, end, fresh=1).records()}
        supplier.expect(windows.between(before, came, again, other.exchange))


def test_one_end(case, supplier: Supplier):
    """Asked for one end of a span alone, the list holds nothing from beyond it, and what it is known to hold before.

    Where the other end then lies is left open; wherever it does, the default span on this side of the end is inside.
    """
    start, end, known = middle(supplier)
    answered = 0
    for name, which in case.arguments["one"].items():
        earliest, latest = (start, far(supplier)) if which == "earliest" else (ago(supplier), end)
        exchange = supplier.collection().ask(filters=((name, windows.written(start if which == "earliest" else end)),))
        if undecided(exchange) or exchange.status in UNCLEAR:
            raise unclear(exchange)
        if not exchange.ok:
            supplier.observe(f"{exchange.request.target} answers {exchange.describe()}.")
            continue
        answered += 1
        page = supplier.collection().read(exchange, 1)
        supplier.expect(windows.outside(dated(supplier, page), earliest, latest, exchange.request.target))
        # A day less than the default span: where it begins may be reckoned by whole days.
        default = supplier.now - timedelta(days=int(case.arguments["days"]) - 1)
        all_came(supplier, known, page, max(earliest, default), min(latest, supplier.now))
    if not answered:
        names = " and ".join(case.arguments["one"])
        raise NotApplicable(f"{names} are refused by themselves, and the standard does not say that they may not be.")


def test_narrowed(case, supplier: Supplier):
    """Asked for several things at once, the list holds what fits all of them, and only that.

    ``other``: parameters, each with the member that it is about. ``one``: the ends of a span that is asked for as well;
    without it nothing is said of dates, as in the plain list.
    """
    names = tuple(case.arguments.get("one", ()))
    start, end, known = middle(supplier) if names else (None, None, dated(supplier, the_list(supplier)))
    members = dict(case.arguments["other"])
    values = together(supplier, known, members, start, end)
    span = [(name, windows.written(when)) for name, when in zip(names, (start, end) if names else (), strict=True)]
    exchange = supplier.collection().ask(filters=(*span, *values.items()))
    readable(supplier, exchange)
    page = supplier.collection().read(exchange, 1)
    if names:
        supplier.expect(windows.outside(dated(supplier, page), start, end, exchange.request.target))
    wanted = {members[name]: value for name, value in values.items()}
    records = [(record.id, Value(exchange.id, record.pointer, record.value)) for record in page.records()]
    supplier.expect(windows.unlike(wanted, records, exchange))
    all_came(supplier, known, page, start, end, wanted)


def test_wide_span(case, supplier: Supplier):
    """A span that is wider than allowed: what comes is recorded."""
    start = supplier.now - timedelta(days=int(case.arguments["days"]))
    exchange = ask(supplier, start, supplier.now)
    told = exchange.describe()
    if exchange.ok:
        told += f" with {len(supplier.collection().read(exchange, 1).items)} records"
    supplier.observe(f"A span of {case.arguments['days']} days: {told}.")


def test_id_list(case, supplier: Supplier):
    """Asked for several identifiers, the list holds exactly those records, whatever else is asked."""
    page = the_list(supplier)
    names = sorted((record.id for record in page.records() if record.id), key=lambda name: supplier.rank(f"id {name}"))
    count = int(case.arguments.get("count", 3))
    if len(names) < count + 1:
        raise Inconclusive(f"{page.spec.operation.path} lists too few records to ask for some of them.")
    chosen = names[:count]
    others = [(name, str(value)) for name, value in case.arguments.get("beside", {}).items()]
    collection = supplier.collection()
    exchange = collection.ask(filters=((case.arguments["parameter"], ",".join(chosen)), *others))
    readable(supplier, exchange)
    came = [record.id for record in collection.read(exchange, 1).records()]
    supplier.expect(windows.exactly(chosen, came, exchange))


def test_any_of(case, supplier: Supplier):
    """Several values in one parameter, divided by commas, return what has any of them."""
    member, parameter = case.arguments["member"], case.arguments["parameter"]
    page = the_list(supplier)
    values = sorted({str(found) for record in page.records() if (found := find(record.value, member)) is not None})
    able = sorted((value for value in values if "," not in value), key=lambda value: supplier.rank(f"value {value}"))
    if len(able) < 2:
        raise NotApplicable(f"The records that were listed have fewer than two values at {member}.")
    collection = supplier.collection()
    exchange = collection.ask(filters=((parameter, ",".join(able[:2])),))
    readable(supplier, exchange)
    found = {record.id: str(find(record.value, member)) for record in collection.read(exchange, 1).records()}
    supplier.expect(windows.union(able[:2], found, exchange))


def test_empty_parameter(case, supplier: Supplier):
    """A parameter without a value is as if it were not there."""
    collection = supplier.collection()
    before = {record.id for record in the_list(supplier).records()}
    answers = [collection.ask(filters=((name, ""),)) for name in case.arguments["parameters"]]
    for exchange in answers:
        if not exchange.ok:
            supplier.expect(windows.refused_empty(exchange))
            continue
        came = {record.id for record in collection.read(exchange, 1).records()}
        if before != came:  # others may be at work meanwhile
            after = {record.id for record in collection.page(fresh=1).records()}
            supplier.expect(windows.between(before, came, after, exchange))


# --- asking ----------------------------------------------------------------------------------------------


def the_list(supplier: Supplier):
    """The plain list of the case's operation."""
    only_claimed(supplier, supplier.operation())
    return supplier.collection().page()


def dated(supplier: Supplier, page):
    records = [(record.id, Value(record.exchange.id, record.pointer, record.value)) for record in page.records()]
    return windows.moments(records, supplier.arguments["member"])


def middle(supplier: Supplier):
    """The span from the first to the third quarter of what the plain list holds, and the moments in that list."""
    page = the_list(supplier)
    known = dated(supplier, page)
    ranked = sorted(when for when, _ in known.values())
    if len(set(ranked)) < 4:
        raise Inconclusive(f"{page.spec.operation.path} lists too few moments to cut a span out.", page.exchange.id)
    second = timedelta(seconds=1)  # no record lies at an end: whether ends belong to a span is asked by itself
    start, end = (ranked[len(ranked) * part // 4].replace(microsecond=0) for part in (1, 3))
    return start - second, end + 2 * second, known


def together(supplier: Supplier, known, members, start, end):
    """Values that some record of the span has together, by parameter: those by which most could be told to be wrong.

    Without a span every record counts as one of it.
    """
    found = {}
    for record in the_list(supplier).records():
        texts = tuple(windows.text(record.value, pointer) for pointer in members.values())
        if record.id in known and all(texts) and not any("," in text for text in texts):
            when = known[record.id][0]
            found.setdefault(texts, []).append("inside" if start is None or start <= when <= end else "outside")
    counted = {texts: told(texts, found) for texts, places in found.items() if "inside" in places}
    best = sorted(counted, key=lambda texts: (-counted[texts], supplier.rank(f"together {texts}")))
    if not best or not counted[best[0]]:
        names = ", ".join(members) if start is None else f"a span and {', '.join(members)}"
        raise Inconclusive(f"No records were listed by which it could be told that {names} count together.")
    return dict(zip(members, best[0], strict=True))


def told(texts, found):
    """How many of the questions, the span among them, a record would show to be forgotten that fits all others."""
    count = int("outside" in found[texts])
    for place in range(len(texts)):
        others = [one for one in found if one != texts and without(one, place) == without(texts, place)]
        count += any("inside" in found[one] for one in others)
    return count


def without(texts, place):
    return *texts[:place], *texts[place + 1 :]


def all_came(supplier: Supplier, known, page, start, end, wanted=None):
    """What the plain list shows to fit came back; it is read once more before a record counts as lost."""
    came = {record.id: record for record in page.records()}
    most = int(supplier.arguments.get("most", 0))
    if most and len(came) >= most:
        raise Inconclusive(f"The answer holds {len(came)} records, the most it may, so some may be left out.")
    fitting = fit(the_list(supplier), known, wanted or {})
    if any(windows.lost(fitting, came, start, end, page.exchange)):
        again = fit(supplier.collection().page(fresh=1), known, wanted or {})
        fitting = {name: fitting[name] for name in fitting if name in again}
    supplier.expect(windows.lost(fitting, came, start, end, page.exchange))


def fit(page, known, wanted):
    """The moments of those records of a page that have the wanted values."""
    return {
        record.id: known[record.id]
        for record in page.records()
        if record.id in known and all(windows.text(record.value, pointer) == value for pointer, value in wanted.items())
    }


def ask(supplier: Supplier, start, end, offset=0, fresh=0):
    names = supplier.arguments.get("parameters", ("start_date", "end_date"))
    values = (windows.written(start, offset), windows.written(end, offset))
    return supplier.collection().ask(filters=tuple(zip(names, values, strict=True)), fresh=fresh)


def asked(supplier: Supplier, start, end, offset=0, fresh=0):
    exchange = ask(supplier, start, end, offset, fresh)
    readable(supplier, exchange)
    return supplier.collection().read(exchange, 1)


def readable(supplier: Supplier, exchange):
    """Stop when a question that the standard allows brought no list: a refusal or a breakdown is at fault by itself."""
    if exchange.ok:
        return
    if not undecided(exchange) and exchange.status not in UNCLEAR:
        supplier.expect([windows.refused_question(exchange)])
    raise unclear(exchange)


def ago(supplier: Supplier):
    """No bound, either."""
    return supplier.now - timedelta(days=36500)


def far(supplier: Supplier):
    """No bound: what lies in the future is judged elsewhere."""
    return supplier.now + timedelta(days=36500)
