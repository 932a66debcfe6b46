"""Whose a record is: asked for one subject, every record that comes, on every page, is that subject's.

Used by FHIR profiles for patients; Open311 accounts and the documents of a planning application (BOPS) would use it.
"""

import dataclasses
from collections import Counter
from contextlib import suppress

from interop_harness.checks import belonging, fields
from interop_harness.checks.persons import Person
from interop_harness.checks.values import Value, at, filled
from interop_harness.errors import InternalError
from interop_harness.suite import Collection, Inconclusive, NotApplicable, Supplier
from interop_harness.suite.answers import unclear, undecided
from interop_harness.suite.beside import asked_by, beside
from interop_harness.suite.collection import last_segment, specification
from interop_harness.suite.facts import MARK, only_stated, stated, stated_query
from interop_harness.suite.linked import in_small_pages
from interop_harness.suite.reading import first_answer, only_claimed, read_through

WITNESSES = 2
JUDGED_PAGES = 3
CUT = 1
"""So many lists are asked for an id that is cut short: the others are narrowed by the same code."""
PAGED = 2
"""So many pages of a narrowed list are read, one record at a time."""
SERVER_ERROR = 500
SHORTENED = "SUBSETTED"


def test_subject(case, supplier: Supplier):
    """Every record says that it belongs to the subject asked for: on every page, and whatever else is asked with it.

    With ``person`` (``operation``, ``fact``) a reference without an address is judged by that person's identifiers.
    """
    collection = the_list(supplier)
    wanted, arguments = stated(supplier, case.arguments["subject"]), case.arguments
    member, kind = arguments["member"], arguments.get("kind", "")
    found = read_through(collection)
    first = found.pages[0].exchange
    if not found.records():
        raise Inconclusive(f"{first.request.target} lists no record; state a subject that has some.", first.id)
    readings = [found]
    with suppress(NotApplicable, Inconclusive):
        readings.append(in_small_pages(collection))
    asked = [(each.pages[0].exchange.request.target, [value for _, value in records_in(each)]) for each in readings]
    pairs = [pair for pair in collection.fixed() if pair[1] == wanted]
    # Asked for more, an answer may leave members out; what it does say is judged.
    more = [
        (target, [value for value in values if belonging.refers(value, member)])
        for target, values in answers_beside(collection, pairs)
    ]
    person = the_person(supplier, wanted, [value for _, values in (*asked, *more) for value in values])
    for target, values in (*asked, *more):
        supplier.expect(belonging.belongs(values, member, kind, wanted, target, person))
    left = belonging.untold([value for _, values in asked for value in values], member, person) if person else []
    if left:
        raise Inconclusive(
            f"Whose the record at {left[0].pointer} is cannot be told: it is referred to by no address, and by no "
            f"identifier of a system in which those of {kind}/{wanted} are known.",
            left[0].exchange,
        )


def test_kept(case, supplier: Supplier):
    """What is read by its id (``reads``: the family that does) belongs to whom the list said, without an address too.

    Two addresses are compared where the records are (``capabilities.works``); here whatever else says whose they are.
    ``other``: somebody who is known to be another.
    """
    collection, arguments = the_list(supplier), case.arguments
    whose = stated(supplier, arguments["subject"]), str(supplier.facts.get(arguments["other"], ""))
    families = [other for other in supplier.plan.cases if other.family == arguments["reads"]]
    asked = [answer for other in families for answer in asked_by(supplier, other)]
    pairs = pairs_of(collection, dict(records_in(read_through(collection))), asked)
    person = the_person(supplier, whose[0], [record for _, shown, read in pairs for record in (shown, read)])
    if person is None:
        raise NotApplicable(
            "Every record that was read by its id refers to its patient by an address, as the list does."
        )

    def unlike(shown, read):
        short = says(read, "/meta/tag/*/code", SHORTENED)
        return list(belonging.kept(shown, read, arguments["member"], person, *whose, short=short))

    for answer, shown, read in pairs:
        if unlike(shown, read):
            listed = dict(values_of(collection.records(collection.pages(fresh=1))))
            again = supplier.send(dataclasses.replace(answer.request, fresh=1))
            found = [finding for _, *both in pairs_of(collection, listed, [again]) for finding in unlike(*both)]
            if not found:
                raise Inconclusive(f"The record at {answer.request.target} changed while it was read.", answer.id)
            supplier.expect(found)


def test_cut(case, supplier: Supplier):
    """An id without its last character brings no record that says it belongs to whom it was cut from.

    Of the lists that the plan asks so, the seed draws one.
    """
    arguments, usual = case.arguments, the_list(supplier)
    every = {str(other.arguments["operation"]) for other in supplier.plan.cases if other.family == case.family}
    claimed = [name for name in every if supplier.plan.claimed(supplier.operation(name).conformance_class)]
    if usual.spec.operation.id not in sorted(claimed, key=lambda name: supplier.rank(f"cut {name}"))[:CUT]:
        raise NotApplicable("Another of the lists that could be asked for an id that is cut short was drawn.")
    wanted = stated(supplier, arguments["subject"])
    text = belonging.shortened(wanted, ())
    if not text:
        raise NotApplicable(f"{wanted} is too short to be cut.")
    usual.page()  # what somebody has was seen to be answered
    pairs = tuple((name, text if value == wanted else value) for name, value in usual.fixed())
    collection = Collection(supplier, dataclasses.replace(usual.spec, query=pairs))
    exchange = collection.ask()
    if undecided(exchange) or exchange.status >= SERVER_ERROR:
        raise unclear(exchange)
    if exchange.ok:  # a refusal brings nothing, either
        came = [record for _, record in records_in(read_through(collection, limit=JUDGED_PAGES))]
        place = arguments["member"], arguments["kind"]
        supplier.expect(belonging.cut(came, *place, wanted, exchange.request.target))


def test_carries(case, supplier: Supplier):
    """Every record has exactly the values asked for, together in one place: ``value`` is split at ``divider``."""
    only_stated(supplier, case.arguments.get("needs", []))
    collection = the_list(supplier)
    value = stated(supplier, case.arguments["value"])
    parts = value.split(case.arguments.get("divider", "|"), len(case.arguments["members"]) - 1)
    if len(parts) != len(case.arguments["members"]):
        raise Inconclusive(f"The fact {case.arguments['value']} should have {len(case.arguments['members'])} parts.")
    reading = read_through(collection)
    first = reading.pages[0].exchange
    if not reading.records():
        raise Inconclusive(f"{first.request.target} lists no record.", first.id)
    wanted = dict(zip(case.arguments["members"], parts, strict=True))
    values = [each for _, each in records_in(reading)]
    supplier.expect(belonging.carries(values, case.arguments["each"], wanted, first.request.target))
    for asked, others in answers_beside(collection, [pair for pair in collection.fixed() if pair[1] == value]):
        saying = [each for each in others if filled([each], case.arguments["each"])]
        supplier.expect(belonging.carries(saying, case.arguments["each"], wanted, asked))


def test_together(case, supplier: Supplier):
    """A value that is known, asked for under another first part, brings nobody who has not just that.

    Asked are first parts that nobody has, and one that the same record has with another value.
    """
    arguments, usual = case.arguments, supplier.collection()
    only_claimed(supplier, supplier.operation())
    divider, parameter = arguments.get("divider", "|"), arguments["parameter"]
    first, found, value = stated(supplier, arguments["value"]).partition(divider)
    if not found:
        raise Inconclusive(f"The fact {arguments['value']} should have two parts.")
    reading = read_through(usual)
    if not reading.records():
        raise Inconclusive(f"{reading.pages[0].exchange.request.target} lists no record.", reading.pages[0].exchange.id)
    records = [record for _, record in records_in(reading)]
    parts = [str(each.value) for each in filled(records, f"{arguments['each']}{arguments['members'][0]}")]
    decided, reason = 0, None
    for other in [*arguments["others"], *sorted({part for part in parts if part != first and divider not in part})[:1]]:
        spec = dataclasses.replace(usual.spec, query=((parameter, f"{other}{divider}{value}"),))
        collection = Collection(supplier, spec)
        exchange = collection.ask()
        if undecided(exchange) or exchange.status >= SERVER_ERROR:
            reason = unclear(exchange)
            continue
        decided += 1
        if exchange.ok:  # to refuse a system that is not known brings nobody, either
            came = [each for _, each in records_in(read_through(collection, limit=JUDGED_PAGES))]
            wanted = dict(zip(arguments["members"], (other, value), strict=True))
            supplier.expect(belonging.carries(came, arguments["each"], wanted, exchange.request.target))
    if not decided:
        raise reason or InternalError("belonging-others", f"{case.id} names nothing to ask for instead")


def test_shortened(case, supplier: Supplier):
    """A known value without its last character brings nobody who has not just that."""
    arguments, usual = case.arguments, supplier.collection()
    divider, each, members = arguments.get("divider", "|"), arguments["each"], arguments["members"]
    only_claimed(supplier, supplier.operation())
    known = [record for _, record in records_in(read_through(usual))]
    with suppress(NotApplicable, Inconclusive):  # where no other is stated, the first one decides
        known += [record for _, record in records_in(read_through(the_list(supplier, "others")))]
    taken = [str(found.value) for found in filled(known, f"{each}{members[1]}")]
    facts = [str(supplier.facts.get(str(value).removeprefix(MARK), "")) for value in arguments["values"]]
    parts = [
        (first, belonging.shortened(value, taken)) for first, _, value in (fact.partition(divider) for fact in facts)
    ]
    first, value = next((pair for pair in parts if all(pair)), ("", ""))
    if not value:
        raise NotApplicable(
            "No value that the target file states can be shortened to one that nobody is known to have."
        )
    spec = dataclasses.replace(usual.spec, query=((arguments["parameter"], f"{first}{divider}{value}"),))
    collection = Collection(supplier, spec)
    exchange = collection.ask()
    if undecided(exchange) or exchange.status >= SERVER_ERROR:
        raise unclear(exchange)
    if exchange.ok:  # a refusal brings nobody, either
        came = [record for _, record in records_in(read_through(collection, limit=JUDGED_PAGES))]
        wanted = dict(zip(members, (first, value), strict=True))
        supplier.expect(belonging.carries(came, each, wanted, exchange.request.target))


def test_inner(case, supplier: Supplier):
    """Letters from within a known name bring nobody of whom no part of the name begins so (R4 search.html#string)."""
    (question,) = questions_of(supplier)
    known = [record for _, record in known_records(supplier)]
    piece = belonging.inner(question, known, lambda text: supplier.rank(f"{case.id} {text}"))
    if not piece:
        raise NotApplicable("No name that is known has letters within it with which no known name begins.")
    collection, pairs = the_list(supplier), as_query([question], [piece])
    exchange = first_answer(collection, pairs)
    if undecided(exchange) or exchange.status >= SERVER_ERROR:
        raise unclear(exchange)
    if exchange.ok:  # a refusal brings nobody, either
        came = records_in(read_through(collection, pairs, limit=JUDGED_PAGES))
        supplier.expect(belonging.strangers([(question, piece)], came, told(pairs)))


def test_present(case, supplier: Supplier):
    """Every record that the run reads has the members, whatever it was found by."""
    found = every_record(supplier)
    for member in case.arguments["members"]:
        supplier.expect(belonging.present(found, member))


def test_written(case, supplier: Supplier):
    """In every record that the run reads, whatever it was found by, values are written as the format says."""
    found = filled(every_record(supplier), case.arguments["member"])
    for name, allowed in case.arguments.get("when", {}).items():
        found = [each for each in found if isinstance(each.parent, dict) and each.parent.get(name) in allowed]
    if not found:
        raise NotApplicable(f"No record that was read has a value at {case.arguments['member']}.")
    supplier.expect(fields.formatted(found, case.arguments["format"]))


def test_nothing(case, supplier: Supplier):
    """What nobody has finds nothing, and finding nothing is no error; what somebody has was seen to be answered."""
    usual = supplier.collection()
    only_claimed(supplier, supplier.operation())
    usual.page()
    collection = the_list(supplier)
    exchange = collection.ask()
    if undecided(exchange):
        raise unclear(exchange)
    asked = exchange.request.target
    supplier.expect(belonging.answered(asked, exchange.ok, exchange.describe(), exchange.id))
    if exchange.ok:
        page = collection.read(exchange, 1)
        supplier.expect(belonging.nothing([value for _, value in values_of(page.records())], asked))


def test_unknown(case, supplier: Supplier):
    """Asked for one whom nobody knows, nothing of anybody else comes: an error, a refusal or an empty list is right."""
    arguments, collection = case.arguments, the_list(supplier)
    supplier.collection().page()  # what somebody has was seen to be answered
    exchange = collection.ask()
    if undecided(exchange):
        raise unclear(exchange)
    if exchange.ok:
        came = [value for _, value in values_of(collection.read(exchange, 1).records())]
        wanted = stated(supplier, arguments["subject"])
        supplier.expect(
            belonging.belongs(came, arguments["member"], arguments.get("kind", ""), wanted, exchange.request.target)
        )


def test_comes_back(case, supplier: Supplier):
    """A record comes when its own values are asked for."""
    decided, reason = 0, None
    only_claimed(supplier, supplier.operation())
    questions, collection = questions_of(supplier), the_list(supplier)
    usual = records_in(read_through(supplier.collection()))
    count = int(case.arguments.get("witnesses", WITNESSES))
    for witness, texts in list(witnesses_of(supplier, questions, usual))[:count]:
        pairs = as_query(questions, texts)
        exchange, asked = first_answer(collection, pairs), told(pairs)
        if undecided(exchange):
            reason = unclear(exchange)
            continue
        if not exchange.ok:
            decided += 1
            supplier.expect(belonging.not_found(witness, asked, exchange.describe(), exchange.id))
            continue
        reading = read_through(collection, pairs, until=lambda page, name=witness: name in ids(page))
        if witness not in reading.ids() and reading.doubt:
            reason = Inconclusive(f"{exchange.request.target} leaves doubt: {reading.doubt}.", exchange.id)
            continue
        decided += 1
        if witness not in reading.ids():
            came = f"{len(reading.records())} record(s), that one not among them"
            supplier.expect(belonging.not_found(witness, asked, came, exchange.id))
    if not decided:
        raise reason or no_witness(questions)


def test_matching(case, supplier: Supplier):
    """Asked for a value, nothing comes that has another: judged where some known record has another.

    One value is that of a record in the list ``foreign``, where the row has one: somebody else's, asked for beside the
    usual query, is judged by who looks at all that is asked with it.
    """
    decided, reason = 0, None
    questions = questions_of(supplier)
    known = known_records(supplier)

    def tells(texts):
        pairs = list(zip(questions, texts, strict=True))
        return any(question.wrong(record, text) for _, record in known for question, text in pairs)

    others = list(witnesses_of(supplier, questions, foreign_records(supplier)))[:1]
    witnesses = [*others, *witnesses_of(supplier, questions, known)]
    telling = [texts for _, texts in witnesses if tells(texts)]
    for texts in telling[:WITNESSES] or [texts for _, texts in witnesses[:1]]:
        collection, pairs = the_list(supplier), as_query(questions, texts)
        exchange, asked = first_answer(collection, pairs), told(pairs)
        if not exchange.ok:
            reason = unclear(exchange)
            continue
        came = records_in(read_through(collection, pairs, limit=JUDGED_PAGES))
        found = list(belonging.strangers(list(zip(questions, texts, strict=True)), came, asked))
        supplier.expect(found)
        decided += bool(found) or bool(telling)
        if not decided:
            reason = Inconclusive(f"No record is known that should stay away from {asked}.", exchange.id)
    if not decided:
        raise reason or no_witness(questions)


def test_paged(case, supplier: Supplier):
    """The next page of a narrowed list is narrowed as the first one is, a page holding no more than one record.

    Of the lists that the plan asks so, the seed draws one in which two records share a value that the second lacks.
    """
    drawn = sorted(
        (other for other in supplier.plan.cases if other.family == case.family),
        key=lambda other: supplier.rank(f"paged {other.arguments['operation']}"),
    )
    shared = next(((other, text) for other in drawn if (text := shared_value(supplier, other))), None)
    if shared is None or shared[0].id != case.id:
        raise NotApplicable("Another list was drawn." if shared else "No list has a value that would tell.")
    (question,), collection = questions_of(supplier), the_list(supplier)
    pairs = as_query([question], [shared[1]])
    exchange = first_answer(collection, pairs, size=1)
    if not exchange.ok:
        raise unclear(exchange)
    came = records_in(read_through(collection, pairs, size=1, limit=PAGED))
    supplier.expect(belonging.strangers([(question, shared[1])], came, f"{told(pairs)}, page by page"))


# --- asking ----------------------------------------------------------------------------------------------


def the_list(supplier: Supplier, name: str = "query"):
    """The case's list, asked with the row's query instead of the usual one where the row has one."""
    operation = supplier.operation()
    only_claimed(supplier, operation)
    spec = specification(supplier.profile, operation)
    if name in supplier.arguments:
        spec = dataclasses.replace(spec, query=stated_query(supplier, supplier.arguments[name]))
    return Collection(supplier, spec)


def every_record(supplier: Supplier):
    """The records of the usual list and of what else the run asks of it, each place once.

    Where the row names a family under ``reads``, those that it reads by their ids too. An answer that says that it is
    shortened (FHIR's SUBSETTED) may leave anything out.
    """
    collection = the_list(supplier)
    reading = read_through(collection)
    found = [value for _, value in records_in(reading)]
    if not found:
        first = reading.pages[0].exchange
        raise Inconclusive(f"{first.request.target} lists no record.", first.id)
    for exchange in beside(supplier, collection.spec.operation, ()):
        with suppress(Inconclusive):  # for other cases to say
            found += [value for _, value in values_of(collection.read(exchange, 1).records())]
    for case in supplier.plan.cases:
        if case.family == supplier.arguments.get("reads"):
            found += [value for exchange in asked_by(supplier, case) for value in single(collection, exchange)]
    only = supplier.arguments.get("only", {}).items()
    every = {(value.exchange, value.pointer): value for value in found}.values()
    kept = [value for value in every if all(says(value, path, text) for path, text in only)]
    return [value for value in kept if not says(value, "/meta/tag/*/code", SHORTENED)]


def the_person(supplier: Supplier, wanted, records):
    """What is known of the person whose records are asked for; nothing where every record has an address."""
    described, arguments = supplier.arguments.get("person"), supplier.arguments
    if not described or all(belonging.by_address(record, arguments["member"]) for record in records):
        return None
    own = []
    with suppress(NotApplicable, Inconclusive):
        found = records_in(read_through(supplier.collection(described["operation"])))
        mine = [record for identifier, record in found if identifier == wanted]
        # A shortened record need not list every number of its person.
        own = [record for record in mine if not says(record, "/meta/tag/*/code", SHORTENED)]
    system, _, value = str(supplier.facts.get(described["fact"], "")).partition("|")
    return Person.of(arguments["kind"], [(system, value)], own)


def single(collection, exchange):
    """The record that was read at its own address below a list, where it was."""
    supplier, path = collection.supplier, exchange.request.target.partition("?")[0]
    above, _, name = path.rpartition("/")
    if not exchange.ok or above != collection.spec.operation.path or not name:
        return []
    supplier.used[exchange.id] = exchange
    try:
        return [Value(exchange.id, "", supplier.parse(exchange))]
    except ValueError:
        return []


def pairs_of(collection, shown, answers):
    """Each answer that gives a record of the list at its own address, with the record as listed and as it was read."""
    found = []
    for answer in answers:
        name = last_segment(answer.request.target)
        found += [(answer, shown[name], record) for record in single(collection, answer) if name in shown]
    return found


def says(record: Value, path: str, text: str):
    return any(found.value == text for found in at([record], path))


def answers_beside(collection, pairs):
    """What the list holds when other parameters stand beside these: each target with its records."""
    if not pairs:
        return
    for exchange in beside(collection.supplier, collection.spec.operation, pairs):
        with suppress(Inconclusive):  # for other cases to say
            records = collection.read(exchange, 1).records()
            yield exchange.request.target, [value for _, value in values_of(records)]


def questions_of(supplier: Supplier):
    questions = [belonging.Question.of(entry) for entry in supplier.arguments["by"]]
    if not questions:
        raise InternalError("belonging-by", f"{supplier.case.id} names no parameter to ask by")
    return questions


def known_records(supplier: Supplier):
    """The records of the usual list, and those of the row's ``others``."""
    only_claimed(supplier, supplier.operation())
    found = records_in(read_through(supplier.collection()))
    if "others" in supplier.arguments:
        found += records_in(read_through(the_list(supplier, "others")))
    return found


def foreign_records(supplier: Supplier):
    """The records of the row's list ``foreign``, where it has one and that can be read."""
    with suppress(NotApplicable, Inconclusive):
        return records_in(read_through(the_list(supplier, "foreign"))) if "foreign" in supplier.arguments else []
    return []


def witnesses_of(supplier: Supplier, questions, records):
    """Records with the values by which each is asked for, each values once, in an order drawn by the seed."""
    seen = set()
    for identifier, record in sorted(records, key=lambda pair: supplier.rank(f"{supplier.case.id} {pair[0]}")):
        texts = tuple(question.asked(record) for question in questions)
        if identifier and all(texts) and texts not in seen:
            seen.add(texts)
            yield identifier, texts


def shared_value(supplier: Supplier, case):
    """A value of a case's one question that two known records have, and the second of the list lacks; or nothing.

    So a second page shows it that is no longer narrowed.
    """
    operation = supplier.operation(case.arguments["operation"])
    question = belonging.Question.of(case.arguments["by"][0])
    with suppress(NotApplicable, Inconclusive):
        only_claimed(supplier, operation)
        known = [record for _, record in records_in(read_through(supplier.collection(operation.id)))]
        counts = Counter(text for record in known if (text := question.asked(record)))
        second = known[PAGED - 1 : PAGED]
        texts = [text for text in sorted(counts) if counts[text] > 1]
        return next((text for text in texts if any(question.wrong(record, text) for record in second)), "")
    return ""


def as_query(questions, texts):
    return tuple((question.parameter, text) for question, text in zip(questions, texts, strict=True))


def told(pairs):
    return "&".join(f"{name}={text}" for name, text in pairs)


def no_witness(questions):
    paths = " and ".join(" or ".join(question.paths) for question in questions)
    return Inconclusive(f"No record that was read has a value at {paths} to ask for.")


def records_in(reading):
    return values_of(reading.records())


def values_of(records):
    return [(record.id, Value(record.exchange.id, record.pointer, record.value)) for record in records]


def ids(page):
    return {record.id for record in page.records()}
