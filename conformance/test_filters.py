"""Filters, by the witness method: take a record, ask for a value it has, and compare the records that come back."""

from collections.abc import Mapping
from itertools import islice, zip_longest

from interop_harness.checks import filters, geographic, inputs, pagination
from interop_harness.checks.values import Value, filled
from interop_harness.errors import InternalError
from interop_harness.suite import Inconclusive, Supplier
from interop_harness.suite.reading import first_answer, only_claimed, read_once, read_through

JUDGED_PAGES = 2
"""Pages of a filtered result that are searched for records that do not belong there."""
SEARCHED_PAGES = 120
"""Pages of a filtered result that are read for a record that must be there: of a directory of some thousand records."""
COUNTED = 3
"""Values of each filter that are tried until the whole result of one could be counted."""
PAIRS = 3
"""Pairs of values with which two filters are asked for at once."""
LOOKED_UP = 3
"""Returned records that are read in full when none of them was read before."""
UNCLEAR = {0, 401, 403, 408, 429, 502, 503, 504}
"""Statuses that say nothing about the filter; 0 is no answer at all."""


def test_witness(case, supplier: Supplier):
    """A record comes back when one of its own values is asked for."""
    collection = claimed_collection(supplier)
    question, known = filter_and_records(supplier, collection, case.arguments)
    reason = Inconclusive(f"No record that was read has a value at {question.path} to ask for.")
    decided = 0
    for witness in witnesses_of(supplier, known, question):
        why = f"its own {question.path} holds that value"
        outcome = look_for(supplier, collection, ((question.parameter, witness.asked),), witness.id, why)
        decided += outcome is None
        reason = outcome or reason
    if not decided:
        raise reason


def test_beyond(case, supplier: Supplier):
    """A record comes back when a value is asked for that its own lie beyond: later than the earliest, and so on."""
    collection = claimed_collection(supplier)
    question, known = filter_and_records(supplier, collection, case.arguments)
    reason = Inconclusive(f"No two records that were read lie far enough apart at {question.path}.")
    decided = 0
    for witness in filters.beyond(known, question, supplier.rank):
        why = f"what it has at {question.path} lies beyond that value"
        outcome = look_for(supplier, collection, ((question.parameter, witness.asked),), witness.id, why)
        decided += outcome is None
        reason = outcome or reason
    if not decided:
        raise reason


def test_excludes(case, supplier: Supplier):
    """What does not match does not come back: nothing for a value that no record has, no record known to differ."""
    collection = claimed_collection(supplier)
    parameter, reason, decided = case.arguments["parameter"], None, 0
    if "impossible" in case.arguments:
        exchange = first_answer(collection, ((parameter, case.arguments["impossible"]),))
        if exchange.ok:
            page = collection.read(exchange, 1)
            found = returned([page])
            supplier.expect(
                filters.something(parameter, case.arguments["impossible"], found, exchange.id, collection.spec.items)
            )
            decided += 1
        else:
            reason = unanswered(exchange)
    if "from" in case.arguments:
        question, known = filter_and_records(supplier, collection, case.arguments)
        witnesses = witnesses_of(supplier, known, question)
        values = filters.telling(known, question, witnesses)
        if not values:
            text = f"No two records that were read differ at {question.path} so that a wrong one could be told."
            reason = reason or Inconclusive(text)
        full = {record.id: record.value for record in known}
        narrow = [asked for asked in filters.tight(known, question) if values and asked not in values]
        own, told = {witness.asked for witness in witnesses} | set(narrow), 0
        for asked in [*narrow, *values]:
            if told and asked not in own:
                break
            exchange = first_answer(collection, ((parameter, asked),))
            if not exchange.ok:
                reason = unanswered(exchange)
                continue
            found = returned(read_through(collection, ((parameter, asked),), limit=JUDGED_PAGES).pages)
            details = {**full, **looked_up(supplier, case.arguments.get("detail"), found, full)}
            if filters.judged(question, found, details):
                decided, told = decided + 1, told + 1
            else:
                reason = Inconclusive(f"{parameter}={asked} returned no record that could be judged.", exchange.id)
            supplier.expect(filters.wrong(question, asked, found, details))
    if not decided:
        raise reason or InternalError("filter-arguments", f"{case.id} gives neither from nor impossible")


def test_no_match(case, supplier: Supplier):
    """A value that nothing has gives an empty list, not an error."""
    collection = claimed_collection(supplier)
    collection.page(1, collection.spec.walk_size)  # the list itself can be read
    parameter, asked = case.arguments["parameter"], case.arguments["impossible"]
    exchange = first_answer(collection, ((parameter, asked),))
    if exchange.status in UNCLEAR:
        raise unanswered(exchange)
    if not exchange.ok:
        supplier.expect(filters.refused(f"{parameter}={asked}", "an empty list", exchange.describe(), exchange.id))
        return
    found = returned([collection.read(exchange, 1)])
    supplier.expect(filters.something(parameter, asked, found, exchange.id, collection.spec.items))


def test_combined(case, supplier: Supplier):
    """Two filters at once return a record only where each alone returns it."""
    collection = claimed_collection(supplier)
    names = case.arguments["parameters"]
    (first, some), (second, others) = (filter_and_records(supplier, collection, stated(supplier, n)) for n in names)
    reason = Inconclusive(f"No records were found by which {first.parameter} and {second.parameter} could be told.")
    decided = 0
    for one, other, witness in told_apart(supplier, collection, (first, some), (second, others)):
        both = ((first.parameter, one), (second.parameter, other))
        query = "&".join(f"{name}={value}" for name, value in both)
        alone = [(f"{name}={value}", whole(collection, name, value)) for name, value in both]
        exchange = first_answer(collection, both)
        if exchange.status in UNCLEAR:
            reason = unanswered(exchange)
            continue
        if not exchange.ok:
            supplier.expect(filters.refused(query, "a list", exchange.describe(), exchange.id))
            decided += 1
            continue
        reading = read_through(collection, both, limit=SEARCHED_PAGES)
        supplier.expect(
            filters.beyond_both(query, returned(reading.pages), [(name, frozenset(r.ids())) for name, r in alone])
        )
        if witness and not reading.doubt and witness not in reading.ids():
            why = "each of the two alone returns it"
            supplier.expect(filters.missing(witness, query, why, came(reading), exchange.id))
        decided += 1
    if not decided:
        raise reason


def test_kept_across_pages(case, supplier: Supplier):
    """Page 2 of a filtered list is filtered too, and the total stays the same."""
    collection = claimed_collection(supplier)
    size = int(case.arguments["size"])
    for question, known, asked in long_results(supplier, collection, size):
        filtered = ((question.parameter, asked),)
        query = f"{question.parameter}={asked}"
        first, second = read_through(collection, filtered, size=size, limit=2).pages
        pointer = collection.spec.members.get("total_items", "")
        totals = (first.member("total_items"), second.member("total_items"))
        supplier.expect(filters.changed_totals(query, *totals, second.number, second.exchange.id, pointer))
        reading = read_through(collection, filtered)
        if not reading.doubt:
            supplier.expect(filters.strangers(query, returned([second]), frozenset(reading.ids())))
        full = {record.id: record.value for record in known}
        if not list(filters.wrong(question, asked, returned([first]), full)):
            supplier.expect(filters.wrong(question, asked, returned([second]), full))
        return
    names = " or ".join(case.arguments["parameters"])
    raise Inconclusive(f"No value of {names} was found that returns more than {size} records but not all of them.")


def test_counted(case, supplier: Supplier):
    """What a filtered list says of its length is said of what the filter leaves, not of everything there is."""
    collection = claimed_collection(supplier)
    pages = collection.pages()
    last = pagination.integer(pages[0], "total_pages") or len(pages)
    if any(pagination.total_items(pages, last)) or any(pagination.total_pages(pages[0])):
        raise Inconclusive(f"{collection.name} counts wrongly without a filter already.", pages[0].exchange.id)
    reason, decided = Inconclusive(f"No filtered result of {collection.name} was read to its end."), 0
    for parameter in case.arguments["parameters"]:
        question, known = filter_and_records(supplier, collection, stated(supplier, parameter))
        for witness in witnesses_of(supplier, known, question)[:COUNTED]:
            query = ((parameter, witness.asked),)
            reading = whole(collection, *query[0])
            if reading is None:
                reason = unanswered(first_answer(collection, query))
                continue
            first, ids = reading.pages[0], reading.ids()
            if not reading.ended or len(ids) < len(reading.records()):
                reason = Inconclusive(
                    f"{first.exchange.request.target} leaves doubt: {reading.doubt}.", first.exchange.id
                )
                continue
            total = first.member("total_items")
            place = (first.exchange.id, first.pointer("total_items"))
            found = list(filters.counted(f"{parameter}={witness.asked}", total, len(ids), *place))
            again = collection.page(1, collection.spec.walk_size, query, fresh=1) if found else first
            if again.member("total_items") != total or pagination.identity(again) != pagination.identity(first):
                reason = Inconclusive(
                    f"{first.exchange.request.target} answers differently each time.", first.exchange.id
                )
                continue
            decided += 1
            supplier.expect(found or pagination.total_pages(first))
            break
    if not decided:
        raise reason


def test_variant(case, supplier: Supplier):
    """Another way of writing a value (capitals, no space) gives the same records."""
    collection = claimed_collection(supplier)
    question, known = filter_and_records(supplier, collection, case.arguments)
    reason = Inconclusive(f"No record that was read has a value at {question.path} that can be written otherwise.")
    decided = 0
    for witness in witnesses_of(supplier, known, question)[:2]:
        name, asked = question.parameter, witness.asked
        plain = first_answer(collection, ((name, asked),))
        for spelt in filters.spellings(asked, case.arguments["variants"]):
            exchange = first_answer(collection, ((name, spelt),))
            if not plain.ok or exchange.status in UNCLEAR:
                reason = unanswered(exchange if plain.ok else plain)
                continue
            decided += 1
            if not exchange.ok:
                supplier.expect(filters.refused(f"{name}={spelt}", "a list", exchange.describe(), exchange.id))
                continue
            some, other = (
                frozenset(read_through(collection, ((name, text),), limit=1).ids()) for text in (asked, spelt)
            )
            if some == other:
                supplier.observe(f"{name}={spelt} returns the same as {name}={asked}.")
            supplier.expect(filters.variant(name, asked, spelt, some, other, exchange.id))
    if not decided:
        raise reason


def test_unknown_parameter(case, supplier: Supplier):
    """A query parameter that the standard does not define is dealt with in an orderly way."""
    collection = claimed_collection(supplier)
    plain = collection.ask()
    if not plain.ok:
        raise unanswered(plain)
    name, value = case.arguments["name"], case.arguments["value"]
    exchange = collection.ask(filters=((name, value),))
    if exchange.response is None and not inputs.broke(exchange):
        raise unanswered(exchange)
    what = {"parameter": name, "value": value, "description": "not a parameter of the standard"}
    supplier.expect(inputs.withstood({**case.arguments, **what}, exchange))


def test_geographic(case, supplier: Supplier):
    """Places near a postcode come back, places far from it do not, and a wider circle never holds fewer."""
    collection = claimed_collection(supplier)
    arguments = case.arguments
    known = full_records(supplier, collection, arguments["detail"])
    margin = float(arguments.get("margin", 5000))
    where = (arguments["latitude"], arguments["longitude"])
    able = geographic.places(known, arguments["postcode_from"], *where, margin)
    if not able:
        raise Inconclusive("No place that was read has both a postcode and coordinates.")
    question = {
        "witness": near_is_found,
        "neighbour": neighbour_is_found,
        "none-beyond": far_is_not,
        "widens": wider_is_more,
    }[arguments["expect"]]
    question(supplier, collection, able, known)


def near_is_found(supplier: Supplier, collection, able, known):
    """A place whose service is limited to certain areas may rightly stay away, so one witness coming back is enough."""
    arguments = supplier.arguments
    areas = arguments.get("areas")
    limited = {record.id for record in known if areas and filled([record.value], areas)}
    witnesses = geographic.choose([place for place in able if place.id not in limited], supplier.rank)
    reason = Inconclusive("Every place that was read is limited to certain areas.")
    absent = []
    for place in witnesses:
        pairs = around(arguments, place, int(arguments["metres"]))
        exchange = first_answer(collection, pairs)
        if exchange.status in UNCLEAR:
            reason = unanswered(exchange)
            continue
        if not exchange.ok:
            absent.append((place, exchange.describe(), exchange.id))
            continue
        reading = read_through(collection, pairs, until=lambda page, wanted=place.id: holds(page, wanted))
        if place.id in reading.ids():
            if not areas:
                return
            reason = None
        elif reading.doubt:
            reason = Inconclusive(f"{exchange.request.target} leaves doubt: {reading.doubt}.", exchange.id)
        else:
            absent.append((place, came(reading), exchange.id))
    for place, observed, exchange in absent:
        query = f"{arguments['postcode']}={place.postcode}&{arguments['proximity']}={arguments['metres']}"
        why = f"{arguments['postcode_from']} holds that postcode"
        supplier.expect(filters.missing(place.id, query, why, observed, exchange))
    if reason is not None and not absent:
        raise reason


def neighbour_is_found(supplier: Supplier, collection, able, known):
    """Places with another postcode, well inside the circle and not at its middle. One that comes back is enough."""
    arguments = supplier.arguments
    reach, margin = int(arguments["metres"]), float(arguments.get("margin", 5000))
    areas = arguments.get("areas")
    limited = {record.id for record in known if areas and filled([record.value], areas)}
    free = [place for place in able if place.id not in limited]
    reason, absent = Inconclusive(f"No two places that were read lie within {reach - margin:.0f} metres."), []
    for place in geographic.choose(free, supplier.rank):
        wanted = {other.id: other for other in geographic.neighbours(place, free, reach - margin)}
        if not wanted:
            continue
        pairs = around(arguments, place, reach)
        exchange = first_answer(collection, pairs)
        if exchange.status in UNCLEAR:
            reason = unanswered(exchange)
            continue
        if exchange.ok:
            reading = read_through(collection, pairs, until=lambda page, ids=wanted: any(holds(page, i) for i in ids))
            if reading.ids() & set(wanted):
                return
            if reading.doubt:
                reason = Inconclusive(f"{exchange.request.target} leaves doubt: {reading.doubt}.", exchange.id)
                continue
        observed = came(reading) if exchange.ok else exchange.describe()
        absent.append((place, min(wanted.values(), key=lambda o, p=place: (p.to(o), o.id)), observed, exchange.id))
    for place, nearest, observed, exchange in absent:
        query = f"{arguments['postcode']}={place.postcode}&{arguments['proximity']}={reach}"
        why = f"it lies about {place.to(nearest) / 1000:.1f} km from a place with that postcode"
        supplier.expect(filters.missing(nearest.id, query, why, observed, exchange))
    if not absent:
        raise reason


def far_is_not(supplier: Supplier, collection, able, known):
    arguments = supplier.arguments
    reach, margin = int(arguments["metres"]), float(arguments.get("margin", 5000))
    points = {}
    for record in known:
        found = geographic.point(record.value, arguments["latitude"], arguments["longitude"])
        if found:
            points[record.id] = found
    reason, decided = Inconclusive(f"No two places that were read are {reach + margin:.0f} metres apart."), 0
    for place in geographic.choose(able, supplier.rank):
        if not any(geographic.metres(place.point, other) > reach + margin for other in points.values()):
            continue
        pairs = around(arguments, place, reach)
        exchange = first_answer(collection, pairs)
        if not exchange.ok:
            reason = unanswered(exchange)
            continue
        found = returned(read_through(collection, pairs, limit=JUDGED_PAGES).pages)
        located = []
        for identifier, listed in found:
            here = geographic.point(listed, arguments["latitude"], arguments["longitude"]) or points.get(identifier)
            if here:
                located.append((identifier, listed, here))
        if not located:
            reason = Inconclusive(f"Nothing with coordinates came back around {place.postcode}.", exchange.id)
            continue
        decided += 1
        query = "&".join(f"{name}={value}" for name, value in pairs)
        supplier.expect(geographic.too_far(place, reach, margin, query, located))
    if not decided:
        raise reason


def wider_is_more(supplier: Supplier, collection, able, known):
    arguments = supplier.arguments
    reason, decided = Inconclusive("Nothing came back around any postcode, however wide the circle."), 0
    for place in geographic.choose(able, supplier.rank, 2):
        circles = {}
        for reach in arguments["metres"]:
            exchange = first_answer(collection, around(arguments, place, int(reach)))
            if not exchange.ok:
                reason = unanswered(exchange)
                continue
            reading = read_through(collection, around(arguments, place, int(reach)))
            ids = None if reading.doubt else frozenset(reading.ids())
            circles[int(reach)] = geographic.Circle(collection.total(reading.pages), ids, exchange.id)
        supplier.expect(geographic.fewer(arguments["proximity"], circles, place.postcode))
        if len(circles) > 1 and any(circle.count for circle in circles.values()):
            decided += 1
            break
    if not decided:
        raise reason


def around(arguments, place, reach: int):
    return ((arguments["postcode"], place.postcode), (arguments["proximity"], str(reach)))


def claimed_collection(supplier: Supplier):
    only_claimed(supplier, supplier.operation())
    return supplier.collection()


def stated(supplier: Supplier, parameter: str):
    """How the profile says that a parameter compares: ``parameters.filters`` by operation and name."""
    found = supplier.profile.parameters.get("filters", {}).get(supplier.operation().id, {}).get(parameter)
    if found is None:
        raise InternalError(
            "filter-unstated", f"{supplier.case.id}: the profile does not say what {parameter} compares"
        )
    return {"parameter": parameter, **found}


def filter_and_records(supplier: Supplier, collection, arguments):
    """The filter with what is known of its values, and the records to choose witnesses from."""
    memory = supplier.once("what filters read of each record", dict)
    question = filters.Filter.of(arguments["parameter"], arguments, memory)
    known = listed_records(collection)
    detail = arguments.get("detail")
    if detail or not any(question.values(record.value) for record in known):
        known = full_records(supplier, collection, detail or collection.spec.item_operation) or known
    if question.also:
        question = question.with_parents([record.value for record in known])
        for operation in supplier.operations():
            if not operation.path_parameters and operation.id != collection.spec.operation.id:
                question = question.with_terms(terms(supplier, operation))
    return question, known


def witnesses_of(supplier: Supplier, known, question):
    """The witnesses of a filter, drawn once for all cases that ask with their values."""
    read = known[0].value[:2] if known else ()  # records of a list, or the same ones read one by one
    key = ("witnesses", supplier.operation().id, question.parameter, question.path, question.match, question.transform)
    return supplier.once((*key, *read), lambda: filters.choose(known, question, supplier.rank))


def terms(supplier: Supplier, operation):
    """The records of another list, or none when it cannot be read: that is for other cases to say."""
    try:
        return [record.value for record in listed_records(supplier.collection(operation.id))]
    except Inconclusive:
        return []


def listed_records(collection):
    def read():
        return [
            filters.Known(record.id, Value(record.exchange.id, record.pointer, record.value))
            for record in collection.records()
            if record.id
        ]

    return collection.supplier.once(("listed", collection.spec.operation.id, collection.spec.query), read)


def full_records(supplier: Supplier, collection, detail: str):
    """The sampled records, each as read by itself. Raises Inconclusive when none of them can be read."""
    if not detail:
        return []
    only_claimed(supplier, supplier.operation(detail))
    key = ("in full", collection.spec.operation.id, detail)
    return read_once(supplier, key, lambda: read_in_full(supplier, collection, detail))


def read_in_full(supplier: Supplier, collection, detail: str):
    found, blame = [], None
    for record, exchange in collection.details(detail):
        full = body(supplier, exchange)
        if full is None:
            blame = blame or exchange
        else:
            found.append(filters.Known(record.id, full))
    if blame is not None and not found:
        raise unanswered(blame)
    return found


def looked_up(supplier: Supplier, detail, found, known):
    """A few returned records read in full, when nothing is known of any."""
    if not detail or any(identifier in known for identifier, _ in found):
        return {}
    operation = supplier.operation(detail)
    parameter = operation.path_parameters[-1]
    wanted = [identifier for identifier, _ in found if identifier][:LOOKED_UP]
    answers = supplier.send_all([supplier.request(operation, {parameter: identifier}) for identifier in wanted])
    read = {identifier: body(supplier, exchange) for identifier, exchange in zip(wanted, answers, strict=True)}
    return {identifier: value for identifier, value in read.items() if value is not None}


def body(supplier: Supplier, exchange):
    try:
        value = supplier.parse(exchange) if exchange.ok else None
    except ValueError:
        return None
    return Value(exchange.id, "", value) if isinstance(value, Mapping) else None


def look_for(supplier: Supplier, collection, query, wanted: str, why: str) -> Inconclusive | None:
    """Ask, and page until the wanted record comes. None when it came or its absence was found; else why not."""
    exchange = first_answer(collection, query)
    text = "&".join(f"{name}={value}" for name, value in query)
    if exchange.status in UNCLEAR:
        return unanswered(exchange)
    if not exchange.ok:
        supplier.expect(filters.missing(wanted, text, why, exchange.describe(), exchange.id))
        return None
    reading = read_through(collection, query, until=lambda page: holds(page, wanted), limit=SEARCHED_PAGES)
    if wanted in reading.ids():
        return None
    if reading.doubt:
        return Inconclusive(f"Record {wanted} is not in the result of {text}, but {reading.doubt}.", exchange.id)
    if gone(supplier, collection, wanted):
        return Inconclusive(f"Record {wanted} was removed while it was being asked for.", exchange.id)
    supplier.expect(filters.missing(wanted, text, why, came(reading), exchange.id))
    return None


def gone(supplier: Supplier, collection, wanted: str) -> bool:
    """Whether a record that was listed is there no longer."""
    name = collection.spec.item_operation
    if not name:
        return False
    operation = supplier.operation(name)
    before = supplier.call(operation, {operation.path_parameters[-1]: wanted})
    return before.ok and supplier.call(operation, {operation.path_parameters[-1]: wanted}, fresh=1).status in {404, 410}


def long_results(supplier: Supplier, collection, size: int):
    """Filters and values that return more than a page of ``size``, but not everything there is."""
    everything = collection.total(collection.pages())
    for parameter in supplier.arguments["parameters"]:
        question, known = filter_and_records(supplier, collection, stated(supplier, parameter))
        for asked in dict.fromkeys(witness.asked for witness in witnesses_of(supplier, known, question)):
            filtered = ((parameter, asked),)
            if not first_answer(collection, filtered).ok or not first_answer(collection, filtered, size).ok:
                continue
            pages = read_through(collection, filtered, size=size, limit=2).pages
            if len(pages) == 2 and pages[1].items and collection.total(pages[:1]) < everything:
                yield question, known, asked


def told_apart(supplier: Supplier, collection, one, other):
    """As many pairs of values as the case asks with: those by which it is told of either filter that it is dropped."""
    if "pairs" not in supplier.arguments:
        return islice(pairs(supplier, collection, one, other), PAIRS)
    count = int(supplier.arguments["pairs"])
    crossing = list(islice(pairs(supplier, collection, one, other, crossing=True), count))
    return crossing or islice(pairs(supplier, collection, one, other), count)


def pairs(supplier: Supplier, collection, one, other, *, crossing=False):
    """Values for two filters: of one record, which both must return, and of two records, which they must not.

    Only such as can tell: each filter alone was read to its end, and one returns something the other does not; where
    they are ``crossing``, the other too.
    """
    (first, some), (second, others) = one, other
    full = {record.id: record.value for record in others}
    values = {record.id: second.askable(full[record.id]) for record in some if record.id in full}
    witnesses = witnesses_of(supplier, some, first)
    shared = [witness for witness in witnesses if values.get(witness.id)]
    shared = shared or filters.choose([record for record in some if values.get(record.id)], first, supplier.rank)
    strangers = reversed(witnesses_of(supplier, others, second))
    own = [(witness.asked, min(values[witness.id], key=supplier.rank), witness.id) for witness in shared]
    crossed = [(mine.asked, theirs.asked, "") for mine, theirs in zip(witnesses, strangers, strict=False)]
    tried = [pair for both in zip_longest(own, crossed) for pair in both if pair is not None]
    for asked, value, witness in tried:
        alone = [whole(collection, first.parameter, asked), whole(collection, second.parameter, value)]
        ids = [reading.ids() for reading in alone if reading is not None and not reading.doubt]
        if len(ids) == 2 and (ids[0] - ids[1] and ids[1] - ids[0] if crossing else ids[0] != ids[1]):
            yield asked, value, witness if witness in ids[0] & ids[1] else ""


def whole(collection, parameter: str, asked: str):
    if not first_answer(collection, ((parameter, asked),)).ok:
        return None
    return read_through(collection, ((parameter, asked),), limit=SEARCHED_PAGES)


def returned(pages):
    """What came back, in order: each record's id and its entry in the list."""
    return [
        (record.id, Value(record.exchange.id, record.pointer, record.value))
        for page in pages
        for record in page.records()
    ]


def holds(page, wanted: str) -> bool:
    return any(record.id == wanted for record in page.records())


def came(reading) -> str:
    count = len(reading.records())
    return f"{count} record(s), that one not among them" if count else "an empty list"


def unanswered(exchange) -> Inconclusive:
    return Inconclusive(exchange.told(), exchange.id)
