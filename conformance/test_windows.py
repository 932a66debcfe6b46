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
    name = whole[len(whole) // 2]
    when = known[name][0]
    day = timedelta(days=1)
    for end, (start, stop) in {"start": (when, when + day), "end": (when - day, when)}.items():
        page = asked(supplier, start, stop)
        if name not in {record.id for record in page.records()}:
            supplier.expect([windows.not_included(name, when, end, page.exchange)])


def test_zone(case, supplier: Supplier):
    """The same span written in another time zone is the same span."""
    start, end, _ = middle(supplier)
    plain, other = asked(supplier, start, end), asked(supplier, start, end, offset=int(case.arguments["offset"]))
    before = {record.id for record in plain.records()}
    again = {record.id for record in asked(supplier, start, end, fresh=1).records()}
    supplier.expect(windows.between(before, {record.id for record in other.records()}, again, other.exchange))


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
    after = {record.id for record in collection.page(fresh=1).records()}
    for exchange in answers:
        if not exchange.ok:
            supplier.expect(windows.refused_empty(exchange))
            continue
        came = {record.id for record in collection.read(exchange, 1).records()}
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


def far(supplier: Supplier):
    """No bound: what lies in the future is judged elsewhere."""
    return supplier.now + timedelta(days=36500)
